"""What aya 0.14 (aya-obj 0.3.0) looks up of an object beside its records.

It knows no kfuncs and no externs: a call of a kfunc ends the load, which
:mod:`btfview.core_relo.loaders.aya.link` finds as well; the address of an extern stays 0. What a program is
attached to is an argument of its ``load``; that is taken to be what the section's name says.
"""

from __future__ import annotations

from btfview.btf.kinds import BtfKind
from btfview.demands import demand as d
from btfview.demands.object.externs import CONFIG, UNTYPED, VARIABLE
from btfview.demands.reasons import FAILS, UNKNOWN, Reason
from btfview.frozen import TYPE_CHECKING

from .externs_used import externs_used, kfuncs_called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.demands.kernel.kernel import Kernel
    from btfview.demands.object.externs import Extern
    from btfview.demands.object.facts import ObjectFacts, Program

_TARGET = "aya Btf::id_by_type_name_kind"
_NO_CALLS = "aya knows no functions of the kernel: a call of one ends the load, also where it is guarded"
_CALL = "aya Object::relocate_calls"
_EXTERN = "aya Object::relocate_maps"
_PREFIXES = {
    "LSM_MAC": ("bpf_lsm_", BtfKind.FUNC),
    "LSM_CGROUP": ("bpf_lsm_", BtfKind.FUNC),
    "TRACE_ITER": ("bpf_iter_", BtfKind.FUNC),
    "TRACE_FENTRY": ("", BtfKind.FUNC),
    "TRACE_FEXIT": ("", BtfKind.FUNC),
    "TRACE_RAW_TP": ("btf_trace_", BtfKind.TYPEDEF),
}


def aya_reasons(facts: ObjectFacts, kernel: Kernel) -> Iterator[Reason]:
    """Yield why the object does not load, or may not."""
    for program in facts.programs:
        yield from _target_reasons(program, kernel)
    for name, place in kfuncs_called(facts).items():
        yield Reason(d.KFUNC, name, FAILS, _NO_CALLS, _CALL, "", place)
    for extern, place in externs_used(facts).values():
        if (why := _why_zero(extern)) is not None:
            kind = d.KCONFIG if extern.what == CONFIG else d.KSYM
            verdict = UNKNOWN if extern.what == UNTYPED else FAILS
            yield Reason(kind, extern.name, verdict, why, _EXTERN, "", place)


def _target_reasons(program: Program, kernel: Kernel) -> Iterator[Reason]:
    """The kernel's own BTF is searched, that of no module, and the first of the name is taken."""
    section = program.section
    known = _PREFIXES.get(section.kind.attach_type) if section else None
    if section is None or known is None or not section.target:
        return
    prefix, kind = known
    name, place = prefix + section.target, program.function.place
    found = kernel.find(name, kind)
    if found is not None and not found.module:
        return
    if found is None and kernel.is_trimmed:
        why = f"this BTF was trimmed: whether the kernel has {name} it does not tell"
        yield Reason(d.ATTACH_TARGET, name, UNKNOWN, why, _TARGET, "", place, is_trimmed=True)
        return
    why = f"unknown BTF type `{name}`"
    if found is not None:
        why += f": it is in module {found.module}, and aya searches no modules"
    yield Reason(d.ATTACH_TARGET, name, FAILS, why, _TARGET, "", place)


def _why_zero(extern: Extern) -> str | None:
    """Return what comes of an extern of which only the address is used; None where that is as it should."""
    zero = "aya knows no externs: it leaves the address 0"
    if extern.what == CONFIG or (extern.what == VARIABLE and not extern.is_weak):
        return f"{zero}, and the verifier refuses to read there"
    if extern.what == UNTYPED and not extern.is_weak:
        return zero
    return None
