"""Keep what an object asks of BTF beside its records: kfuncs, variables, struct_ops, attach targets.

libbpf asks that of the kernel's own BTF, never of one that it is given for the records (``btf_custom_path``);
so nothing of it is kept unless it is asked for. The kernel's lists of its BPF (``enum bpf_func_id`` and such)
are never kept: a BTF that has them is taken for whole.
"""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.demands.kernel.kernel import ENUMS
from btfview.demands.kinds.attach_targets import AttachTarget
from btfview.demands.kinds.ksyms import Ksym
from btfview.demands.kinds.struct_ops import HAS_LINK, OpsType
from btfview.demands.object.externs import FUNCTION, VARIABLE
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.demands.asked import Asked
    from btfview.demands.kernel.kernel import Found, Kernel

    from .kept import Kept

_ENUMS = (BtfKind.ENUM, BtfKind.ENUM64)
_NAMED = (BtfKind.FUNC, BtfKind.STRUCT, BtfKind.UNION)


def demanded_modules(asked: Asked, kernel: Kernel) -> set[str]:
    """Return the names of the modules in which *kernel* has what the object asks for."""
    return {found.module for demand in asked.demands if (found := _find(demand.ask, kernel)) and found.module}


def keep_demands(kept: Kept, asked: Asked, kernel: Kernel) -> None:
    """Keep what *kernel* has of what the object asks for."""
    for demand in asked.demands:
        ask = demand.ask
        found = _find(ask, kernel)
        if found is None or not _is_part_of(kept, found):
            continue
        kept.keep_with_pointers(found.type_id)
        match ask:
            case OpsType():
                _keep_struct(kept, ask, kernel)
                if ask.map.has_link:
                    _keep_enumerator(kept, HAS_LINK)
            case Ksym() | AttachTarget():
                own = kernel.btf.name(found.type_id)
                _keep_named(kept, kernel, set(ask.names()) - {own, *ENUMS}, ask)
            case _:
                pass


def _find(ask: object, kernel: Kernel) -> Found | None:
    match ask:
        case Ksym() if ask.extern.what in (FUNCTION, VARIABLE):
            return ask.find(kernel)
        case AttachTarget() if ask.section.target:
            return ask.find(kernel)
        case OpsType():
            found = ask.find(kernel)
            return found[0] if found else None
        case _:
            return None


def _is_part_of(kept: Kept, found: Found) -> bool:
    """Tell whether a type has the same id in the BTF that is made smaller: it, or one below, is its own."""
    btf = kept.btf
    while btf is not found.btf and btf.base is not None:
        btf = btf.base
    return btf is found.btf


def _keep_struct(kept: Kept, ask: OpsType, kernel: Kernel) -> None:
    """Keep the struct that a program implements, with the members that it sets."""
    found = ask.find(kernel)
    assert found is not None
    _, struct = found
    wanted = {member.name for member in ask.map.members}
    kept.keep(struct.id)
    for index, member in enumerate(struct.members):
        if member.name in wanted:
            kept.keep_part(struct.id, index)
            kept.keep_with_pointers(kept.behind(member.type_id).id)


def _keep_enumerator(kept: Kept, name: str) -> None:
    """Keep the enum, mostly one without a name, that has an enumerator called *name*."""
    btf = kept.btf.root
    if not btf.string_offsets(name):
        return
    words, starts = btf.records()
    for type_id, at in enumerate(starts, btf.start_id):
        if words[at] >> 24 & 0x7F in _ENUMS:
            enum = btf.type(type_id)
            assert isinstance(enum, t.Enum)
            for index, one in enumerate(enum.enumerators):
                if one.name == name:
                    kept.keep_part(type_id, index)
                    return


def _keep_named(kept: Kept, kernel: Kernel, names: Iterable[str], ask: Ksym | AttachTarget) -> None:
    """Keep what else an answer looks up: a function by its name, of a struct the members it knows."""
    for name in sorted(names):
        for type_id in kernel.btf.ids_named(name):
            if kernel.btf.kind(type_id) not in _NAMED:
                continue
            kept.keep(type_id)
            item = kernel.btf.type(type_id)
            if isinstance(item, t.Struct):
                for index, member in enumerate(item.members):
                    if member.name in _members_asked(ask):
                        kept.keep_part(type_id, index)


def _members_asked(ask: Ksym | AttachTarget) -> tuple[str, ...]:
    return ("arg_size", "arg_flags", ask.section.target) if isinstance(ask, AttachTarget) else ()
