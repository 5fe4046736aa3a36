"""A module's BTF on top of a kernel's.

A module's BTF is split: its type ids and string offsets continue those of the very kernel that it was
built with. One that carries a distilled base (``.BTF.base``, kernel 6.11, made by ``pahole
--btf_features=distilled_base``) is fitted to any kernel that has the types it needs, by their names.
"""

from __future__ import annotations

from itertools import islice
from struct import unpack_from

from btfview.btf import types as t
from btfview.btf.kinds import HEADER_SIZE, BtfKind, byte_order_of
from btfview.btf.reader import Btf
from btfview.btf.writer import write_btf
from btfview.errors import BtfFormatError, TargetError
from btfview.frozen import TYPE_CHECKING, replace
from btfview.inputs import open_input

if TYPE_CHECKING:
    from collections.abc import Callable

    from .sections import BtfSections

_SAMPLE = 1000
"""Types of a module whose names are looked at."""
_MAX_MISFITS = 0.25
"""Part of the names that may begin inside another string: one that shares tails would be a few."""
_COMPOSITE = (BtfKind.STRUCT, BtfKind.UNION)
_MAX_CHAIN = 64


def open_module(sections: BtfSections, kernel: Btf, path: str) -> Btf:
    """Return a module's BTF on top of *kernel*, which may have other modules on it already: the types of this
    one then have other ids than in the kernel, where each module's continue those of the kernel alone.

    Raises:
        TargetError: it is no module's, or does not fit the kernel.
        BtfFormatError: it is damaged.
    """
    if (byte_order_of(sections.btf) == "<") != kernel.is_little_endian:
        raise TargetError(f"of another byte order than {kernel.path}", path=path)
    if kernel.base is not None:
        return _stack(open_module(sections, kernel.root, path), kernel, path)
    if sections.distilled_base is not None:
        fitted = fit_to_kernel(sections.btf, sections.distilled_base, kernel, path)
        return Btf(fitted, base=kernel, path=path)
    module = Btf(sections.btf, base=kernel, path=path)
    if module.string_end > module.string_start and not is_split(sections.btf):
        raise TargetError(
            "a kernel's own BTF, not a module's", path=path, hint="give it as a target by itself, without +"
        )
    _check_fit(module, kernel, path)
    return module


def _stack(module: Btf, below: Btf, path: str) -> Btf:
    """Return *module*, whose ids continue its kernel's, so that they continue those of *below*, which is the
    same kernel with other modules."""
    first = module.start_id
    shift = below.type_count - first

    def new_id(type_id: int) -> int:
        return type_id + shift if type_id >= first else type_id

    moved = [with_ids(module.type(type_id), new_id) for type_id in range(first, module.type_count)]
    data = write_btf(moved, is_little_endian=module.is_little_endian, base=below)
    return Btf(data, base=below, path=path)


def is_split(data: bytes) -> bool:
    """Tell whether BTF continues that of a kernel: then its strings do not begin with the empty one
    (libbpf: ``btf_new_empty``, ``btf_parse_str_sec``)."""
    at = _first_string_at(data)
    return at is not None and at < len(data) and data[at] != 0


def is_split_file(path: str) -> bool:
    """Tell the same of a file of raw BTF without reading it all: a folder may hold a hundred kernels.

    Raises:
        InputError: it cannot be read.
    """
    with open_input(path) as file:
        at = _first_string_at(file.read_at(0, HEADER_SIZE))
        return at is not None and file.read_at(at, 1) not in (b"", b"\0")


def _first_string_at(head: bytes) -> int | None:
    """Return where the strings of the BTF begin that has the header *head*; None if it has none."""
    order = byte_order_of(head)
    if order is None or len(head) < HEADER_SIZE:
        return None
    header, _, _, offset, length = unpack_from(order + "5I", head, 4)
    return header + offset if length else None


def _check_fit(module: Btf, kernel: Btf, path: str) -> None:
    """Refuse a module of another kernel, which would give wrong answers without a word.

    A name that the module shares with its kernel is an offset into the kernel's strings. In those of
    another kernel it falls into the middle of a string. (libbpf does not check.)
    """
    offsets: list[int] = []
    for type_id in islice(range(kernel.type_count, module.type_count), _SAMPLE):
        offsets += [at for at in module.name_offsets(type_id) if 0 < at < module.string_start]
    misfits = sum(not kernel.is_string_start(offset) for offset in offsets)
    if misfits > _MAX_MISFITS * len(offsets):
        raise TargetError(
            f"made for another kernel than {kernel.path}: {misfits} of {len(offsets)} names that it takes "
            "from the kernel are none there",
            path=path,
            hint="a module's BTF fits the very build of the kernel that it comes with",
        )


def fit_to_kernel(split: bytes, distilled: bytes, kernel: Btf, path: str) -> bytes:
    """Return the BTF of a module, built on a distilled base, as split BTF on top of *kernel*
    (libbpf: ``btf__relocate``, btf_relocate.c).

    Raises:
        TargetError: the kernel lacks a type that the module needs, has another size for it, or has
            several that could be meant.
        BtfFormatError: the BTF is damaged.
    """
    base = Btf(distilled, path=path)
    module = Btf(split, base=base, path=path)
    own_ids = range(base.type_count, module.type_count)
    shift = kernel.type_count - base.type_count
    ids = {0: 0} | _map_base(base, kernel, _embedded(module, own_ids), path)

    def new_id(type_id: int) -> int:
        if type_id >= base.type_count:
            return type_id + shift
        return ids[type_id]

    moved = [with_ids(module.type(type_id), new_id) for type_id in own_ids]
    try:
        return write_btf(moved, is_little_endian=module.is_little_endian, base=kernel)
    except ValueError as error:
        raise TargetError(f"can not be fitted to {kernel.path}: {error}", path=path) from error


def with_ids(item: t.BtfType, new_id: Callable[[int], int]) -> t.BtfType:
    """Return *item* with its own id and every id that it refers to changed by *new_id*."""
    own = new_id(item.id)
    match item:
        case t.Ptr() | t.Typedef() | t.Modifier() | t.Func() | t.Var() | t.DeclTag():
            return replace(item, id=own, type_id=new_id(item.type_id))
        case t.Array():
            return replace(
                item, id=own, type_id=new_id(item.type_id), index_type_id=new_id(item.index_type_id)
            )
        case t.Struct():
            members = tuple(replace(member, type_id=new_id(member.type_id)) for member in item.members)
            return replace(item, id=own, members=members)
        case t.FuncProto():
            params = tuple(replace(param, type_id=new_id(param.type_id)) for param in item.params)
            return replace(item, id=own, type_id=new_id(item.type_id), params=params)
        case t.Datasec():
            variables = tuple(replace(one, type_id=new_id(one.type_id)) for one in item.variables)
            return replace(item, id=own, variables=variables)
        case _:
            return replace(item, id=own)


def _embedded(module: Btf, own_ids: range) -> set[int]:
    """Return the structs and unions of the base that the module's own contain by value: there the size
    must be the same, or the module's own layout would be wrong (``btf_mark_embedded_composite_type_ids``)."""
    found: set[int] = set()
    for type_id in own_ids:
        item = module.type(type_id)
        if not isinstance(item, t.Struct):
            continue
        for member in item.members:
            inner = module.type(member.type_id)
            for _ in range(_MAX_CHAIN):
                if not isinstance(inner, t.Modifier | t.Typedef | t.Array):
                    break
                inner = module.type(inner.type_id)
            if isinstance(inner, t.Struct) and inner.id < own_ids.start:
                found.add(inner.id)
    return found


def _map_base(base: Btf, kernel: Btf, embedded: set[int], path: str) -> dict[int, int]:
    """Return the kernel's id of each type of the distilled base (``btf_relocate_map_distilled_base``)."""
    ids: dict[int, int] = {}
    kernel.index_names([base.name(type_id) for type_id in range(1, base.type_count)])
    for type_id in range(1, base.type_count):
        wanted = base.type(type_id)
        if not wanted.name or not isinstance(wanted, t.Int | t.Float | t.Enum | t.Struct | t.Fwd):
            raise BtfFormatError(
                f"type [{type_id}] is a{' nameless' if not wanted.name else ''} {wanted.kind.label}, "
                "which a distilled base does not hold",
                section=".BTF.base",
                path=path,
            )
        same_name = [kernel.type(found) for found in kernel.ids_named(wanted.name)]
        composites = sum(one.kind in _COMPOSITE for one in same_name)
        found = [
            one.id
            for one in same_name
            if _is_same(wanted, one, needs_size=type_id in embedded or composites > 1)
        ]
        if len(found) != 1:
            has = ", ".join(_words(one) for one in same_name) or "nothing of that name"
            raise TargetError(
                f"does not fit {kernel.path}: the module needs {_words(wanted)}, the kernel has {has}",
                path=path,
                hint="several could be meant" if found else "it was built for a kernel that differs in this",
            )
        ids[type_id] = found[0]
    return ids


def _words(item: t.BtfType) -> str:
    """Return what must be the same in words: ``int char (1 bytes, signed)``."""
    match item:
        case t.Int():
            sign = "signed" if item.is_signed else "unsigned"
            return f"int {item.name} ({item.byte_size} bytes, {sign})"
        case t.Float() | t.Enum() | t.Struct():
            return f"{item.kind.label} {item.name} ({item.byte_size} bytes)"
        case t.Fwd():
            return f"{'union' if item.is_union else 'struct'} {item.name} (declared)"
        case _:
            return f"{item.kind.label} {item.name}"


def _is_same(wanted: t.BtfType, found: t.BtfType, *, needs_size: bool) -> bool:
    """Tell whether the kernel's *found*, of the same name, is what the distilled *wanted* stands for."""
    match wanted, found:
        case t.Fwd(), t.Fwd():
            return wanted.is_union == found.is_union
        case t.Fwd(), t.Struct():
            return wanted.is_union == (found.kind == BtfKind.UNION)
        case t.Int(), t.Int():
            return (wanted.byte_size, wanted.encoding) == (found.byte_size, found.encoding)
        case t.Float(), t.Float():
            return wanted.byte_size == found.byte_size
        case t.Enum(), t.Enum():  # a distilled base writes an enum64 as an enum of its size
            return wanted.byte_size == found.byte_size
        case t.Struct(), t.Struct():
            return wanted.kind == found.kind and (not needs_size or wanted.byte_size == found.byte_size)
        case _:
            return False
