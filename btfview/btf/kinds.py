"""Numbers of the BTF format: type kinds, relocation kinds, header constants.

Source: ``include/uapi/linux/btf.h`` and ``enum bpf_core_relo_kind`` in ``include/uapi/linux/bpf.h``.
"""

from __future__ import annotations

from enum import IntEnum

BTF_MAGIC = 0xEB9F
BYTE_ORDERS = {BTF_MAGIC.to_bytes(2, "little"): "<", BTF_MAGIC.to_bytes(2, "big"): ">"}
"""By the first two bytes of ``.BTF`` and ``.BTF.ext``, as :mod:`struct` writes it."""
BTF_VERSION = 1
HEADER_SIZE = 24
"""Bytes of the classic header; kernel 7.1 writes 32 (with a layout section)."""


def byte_order_of(head: bytes) -> str | None:
    """Return the byte order of the ``.BTF`` or ``.BTF.ext`` that begins with *head*, as :mod:`struct`
    writes it; None for what is neither.

    >>> byte_order_of(b"\\x9f\\xeb\\x01"), byte_order_of(b"\\x7fELF")
    ('<', None)
    """
    return BYTE_ORDERS.get(bytes(head[:2]))


class BtfKind(IntEnum):
    """``BTF_KIND_*``; VOID stands for type id 0, which has no record."""

    VOID = 0
    INT = 1
    PTR = 2
    ARRAY = 3
    STRUCT = 4
    UNION = 5
    ENUM = 6
    FWD = 7
    TYPEDEF = 8
    VOLATILE = 9
    CONST = 10
    RESTRICT = 11
    FUNC = 12
    FUNC_PROTO = 13
    VAR = 14
    DATASEC = 15
    FLOAT = 16
    DECL_TAG = 17
    TYPE_TAG = 18
    ENUM64 = 19

    @property
    def label(self) -> str:
        """The word people and bpftool use: ``struct``, ``func_proto``."""
        return self.name.lower()


class CoreReloKind(IntEnum):
    """``enum bpf_core_relo_kind``, under the names that btfview prints (lower case)."""

    FIELD_BYTE_OFFSET = 0
    FIELD_BYTE_SIZE = 1
    FIELD_EXISTS = 2
    FIELD_SIGNED = 3
    FIELD_LSHIFT_U64 = 4
    FIELD_RSHIFT_U64 = 5
    TYPE_ID_LOCAL = 6
    TYPE_ID_TARGET = 7
    TYPE_EXISTS = 8
    TYPE_SIZE = 9
    ENUMVAL_EXISTS = 10
    ENUMVAL_VALUE = 11
    TYPE_MATCHES = 12

    @property
    def label(self) -> str:
        return self.name.lower()

    @property
    def is_field(self) -> bool:
        return self <= CoreReloKind.FIELD_RSHIFT_U64

    @property
    def is_type(self) -> bool:
        return (
            CoreReloKind.TYPE_ID_LOCAL <= self <= CoreReloKind.TYPE_SIZE or self == CoreReloKind.TYPE_MATCHES
        )

    @property
    def is_enumval(self) -> bool:
        return self in (CoreReloKind.ENUMVAL_EXISTS, CoreReloKind.ENUMVAL_VALUE)

    @property
    def is_existence(self) -> bool:
        """Whether a missing target is an answer (0) and not a failure."""
        return self in (
            CoreReloKind.FIELD_EXISTS,
            CoreReloKind.TYPE_EXISTS,
            CoreReloKind.ENUMVAL_EXISTS,
            CoreReloKind.TYPE_MATCHES,
        )
