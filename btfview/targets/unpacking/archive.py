"""BTF in a tar archive, as BTFHub publishes it: one ``KERNEL.btf`` in ``KERNEL.btf.tar.xz``."""

from __future__ import annotations

from btfview.errors import TargetError
from btfview.frozen import frozen

_BLOCK = 512
_MAX_MEMBERS = 10_000
_REGULAR = (b"0", b"\0", b"7")


@frozen
class Member:
    """A regular file in an archive."""

    name: str
    """The last part of its path; of a very long one the first 100 bytes."""
    offset: int
    """Bytes from the start of the archive."""
    size: int


def is_tar(head: bytes) -> bool:
    """Tell whether *head* (512 bytes) begins a tar archive of the ustar, pax or GNU form."""
    return head[257:262] == b"ustar"


def tar_members(data: bytes, path: str) -> list[Member]:
    """Return the regular files of a tar archive, in order (POSIX: ustar interchange format).

    Raises:
        TargetError: it is damaged or cut short.
    """
    members: list[Member] = []
    at = 0
    while at + _BLOCK <= len(data) and data[at : at + _BLOCK].count(0) != _BLOCK:
        header = data[at : at + _BLOCK]
        if not is_tar(header) or len(members) >= _MAX_MEMBERS:
            raise TargetError(f"damaged: no tar header at byte {at}", path=path)
        try:
            size = _number(header[124:136])
        except ValueError as error:
            raise TargetError(f"damaged: no size in the tar header at byte {at}", path=path) from error
        at += _BLOCK
        if not 0 <= size <= len(data) - at:
            raise TargetError("cut short: the tar archive ends inside a file", path=path)
        if header[156:157] in _REGULAR:
            name = header[:100].split(b"\0", 1)[0].decode("utf-8", "replace")
            members.append(Member(name.rpartition("/")[2], at, size))
        at += -(-size // _BLOCK) * _BLOCK
    return members


def _number(field: bytes) -> int:
    if field[0] & 0x80:  # GNU: base 256
        return int.from_bytes(field[1:], "big")
    return int(field.strip(b" \0") or b"0", 8)
