"""What cilium/ebpf 0.22.0 looks up of an object beside its records (``newProgramWithOptions``, prog.go)."""

from __future__ import annotations

from btfview.btf.kinds import BtfKind
from btfview.btf.types import Func
from btfview.core_relo.access_spec import RefusedError
from btfview.core_relo.loaders.cilium.types import why_types_differ
from btfview.demands import demand as d
from btfview.demands.object.externs import CONFIG, FUNCTION, UNTYPED, VARIABLE
from btfview.demands.reasons import FAILS, UNKNOWN, Reason
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING

from .cilium_struct_ops import struct_ops_reasons
from .externs_used import externs_used

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.demands.kernel.kernel import Found, Kernel
    from btfview.demands.object.code import Place
    from btfview.demands.object.externs import Extern
    from btfview.demands.object.facts import ObjectFacts, Program

_TARGET = "cilium/ebpf findProgramTargetInKernel"
_KFUNC = "cilium/ebpf fixupKfuncs"
_KSYM = "cilium/ebpf resolveKsymReferences"
_KCONFIG = "cilium/ebpf resolveKconfig"
_PREFIXES = {
    "LSM_MAC": ("bpf_lsm_", BtfKind.FUNC, "{} LSM hook"),
    "TRACE_ITER": ("bpf_iter_", BtfKind.FUNC, "{} iterator"),
    "TRACE_FENTRY": ("", BtfKind.FUNC, "fentry {}"),
    "TRACE_FEXIT": ("", BtfKind.FUNC, "fexit {}"),
    "MODIFY_RETURN": ("", BtfKind.FUNC, "fmod_ret {}"),
    "TRACE_RAW_TP": ("btf_trace_", BtfKind.TYPEDEF, "raw_tp {}"),
}
"""What stands before a target's name in BTF, its kind, and how an error calls it."""
_ITSELF = frozenset(("LINUX_KERNEL_VERSION", "LINUX_HAS_SYSCALL_WRAPPER"))
"""Values of ``.kconfig`` that are in no configuration file."""


def cilium_reasons(facts: ObjectFacts, kernel: Kernel) -> Iterator[Reason]:
    """Yield why the object does not load, or may not."""
    for program in facts.programs:
        yield from _program_reasons(program, kernel)
    for extern, place in externs_used(facts).values():
        if extern.what == FUNCTION:
            yield from _kfunc_reasons(facts, extern, place, kernel)
        elif extern.what in (VARIABLE, UNTYPED):
            yield from _ksym_reasons(extern, place)
        elif extern.what == CONFIG:
            yield from _kconfig_reasons(extern, place, kernel)
    yield from struct_ops_reasons(facts, kernel)


def _program_reasons(program: Program, kernel: Kernel) -> Iterator[Reason]:
    place, section = program.function.place, program.section
    if section is None:
        why = "cilium/ebpf leaves such programs out: their type is unspecified (ProgramSpec.Type gives one)"
        yield Reason(
            d.SECTION, program.function.section, UNKNOWN, why, "cilium/ebpf NewCollection", "", place
        )
        return
    if not section.kind.needs_btf:
        return
    if section.kind.prog_type == "EXT":
        why = "freplace needs the program that it replaces (ProgramSpec.AttachTarget)"
        yield Reason(d.ATTACH_TARGET, "freplace", UNKNOWN, why, _TARGET, "", place)
        return
    name = section.target
    if not name:
        why = "no attach target in the section's name (ProgramSpec.AttachTo gives one later)"
        yield Reason(d.ATTACH_TARGET, section.kind.name, FAILS, why, _TARGET, "", place)
        return
    known = _PREFIXES.get(section.kind.attach_type)
    if known is None:
        why = f"cilium/ebpf looks up no target for {section.kind.name}, and the kernel wants one"
        yield Reason(d.ATTACH_TARGET, name, FAILS, why, _TARGET, "", place)
        return
    prefix, kind, words = known
    if problem := _why_not_one(kernel, prefix + name, kind, words.format(name)):
        instead = ""
        if ":" in name:
            instead = "cilium/ebpf searches all modules: leave out what stands before the colon"
        yield _told(d.ATTACH_TARGET, prefix + name, problem, _TARGET, place, kernel, instead)


def _why_not_one(kernel: Kernel, name: str, kind: BtfKind, words: str) -> str | None:
    """Return why the kernel, or else its first module that has the name, does not have just one such type
    (cilium/ebpf: ``findTargetInKernel``)."""
    found = list(kernel.find_all(name, kind))
    if not found:
        return f"{words}: not supported: neither the kernel nor a module has {name}"
    same = [one for one in found if one.module == found[0].module]
    if len(same) > 1:
        where = f" of module {found[0].module}" if found[0].module else ""
        ids = " and ".join(f"[{one.type_id}]" for one in same[:2])
        why = "attaching to ambiguous kernel symbol is not supported: multiple matching types"
        return f"{why}: {name} is {ids} in the BTF{where}"
    return None


def _told(
    kind: str, subject: str, why: str, rule: str, place: Place, kernel: Kernel, instead: str = ""
) -> Reason:
    """Return a failure, or where the BTF was trimmed that it cannot be told."""
    if kernel.is_trimmed:
        why = f"this BTF was trimmed: whether the kernel has {subject} it does not tell"
        return Reason(kind, subject, UNKNOWN, why, rule, "", place, is_trimmed=True)
    return Reason(kind, subject, FAILS, why, rule, instead, place)


def _kfunc_reasons(facts: ObjectFacts, extern: Extern, place: Place, kernel: Kernel) -> Iterator[Reason]:
    found = kernel.find(extern.name, BtfKind.FUNC)
    if found is None:
        # The call of a weak one becomes poison of its own, which a guard keeps from being reached.
        if not extern.is_weak:
            why = f'kfunc "{extern.name}": not supported: neither the kernel nor a module has it'
            instead = ""
            if extern.essential_name != extern.name:
                instead = f"cilium/ebpf takes no flavors of kfuncs: call it {extern.essential_name}"
            yield _told(d.KFUNC, extern.name, why, _KFUNC, place, kernel, instead)
        return
    if len([one for one in kernel.find_all(extern.name, BtfKind.FUNC) if one.module == found.module]) > 1:
        why = "finding kfunc in kernel: multiple matching types"
        yield Reason(d.KFUNC, extern.name, FAILS, why, _KFUNC, "", place)
    elif why_not := _why_other_proto(facts, extern, found):
        why = f'kfunc "{extern.name}": {why_not}'
        why += ", and that it is weak does not help" if extern.is_weak else ""
        yield Reason(d.KFUNC, extern.name, FAILS, why, _KFUNC, "", place)


def _why_other_proto(facts: ObjectFacts, extern: Extern, found: Found) -> str | None:
    item = found.btf.type(found.type_id)
    assert isinstance(item, Func)
    try:
        return why_types_differ(facts.object.btf, extern.type_id, found.btf, item.type_id)
    except RefusedError as error:
        return str(error)
    except BtfFormatError as error:
        return error.problem


def _ksym_reasons(extern: Extern, place: Place) -> Iterator[Reason]:
    """Only ``extern void NAME __ksym`` is taken; its address is in kallsyms."""
    if not extern.is_weak:
        why = f"whether the kernel has the symbol {extern.name} is in kallsyms, not in BTF"
        yield Reason(d.KSYM, extern.name, UNKNOWN, why, _KSYM, "", place)


def _kconfig_reasons(extern: Extern, place: Place, kernel: Kernel) -> Iterator[Reason]:
    name = extern.name
    if name in _ITSELF:
        return
    if kernel.config is None and name.startswith("CONFIG_"):
        why = f"whether the kernel has {name} is in its configuration, not in BTF"
        yield Reason(d.KCONFIG, name, UNKNOWN, why, _KCONFIG, "give it: --kconfig FILE", place)
    elif kernel.config is None or name not in kernel.config:
        why = f'config option "{name}" does not exist on this kernel'
        yield Reason(d.KCONFIG, name, FAILS, why, _KCONFIG, "", place)
