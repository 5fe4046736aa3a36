"""Sentences: what a complaint of a loader's log means, and what to do."""

from __future__ import annotations

from typing import assert_never

from btfview.bpf_helpers import HELPER_NAMES
from btfview.frozen import TYPE_CHECKING
from btfview.loader_log.complaint_kinds import (
    BadExtern,
    BtfRefused,
    KfuncRefused,
    NoAttachTarget,
    ObjectRefused,
    PermissionRefused,
    PoisonReached,
    RecordRefused,
    TypeRefused,
    UnguardedKfunc,
    UnknownHelper,
)
from btfview.loader_log.match import Programs

if TYPE_CHECKING:
    from btfview.analysis.result import Analysis
    from btfview.loader_log.match import LogFinding

_MAX_CANDIDATES = 8


def finding_sentences(finding: LogFinding, analysis: Analysis) -> tuple[str, ...]:
    """Return what there is to say of a finding beside its record, which is explained where it is certain."""
    match finding.complaint:
        case PoisonReached() | RecordRefused() | TypeRefused():
            return _of_records(finding.relos, analysis)
        case ObjectRefused(loader=loader, reason=reason, advice=advice):
            return (f"{loader} gives up the object: {reason}", f"what to do: {advice}")
        case NoAttachTarget(name=name, program=program, is_module_missing=is_module_missing):
            who = f"program {program}" if program else "the program"
            module = "its module is not loaded, or " if is_module_missing else ""
            return (
                f"{who} attaches to {name}: {module}this kernel has no such function, hook or tracepoint",
                'what to do: attach to a name that the kernel has, or let the loader decide: SEC("?...") and'
                " bpf_program__set_autoload()",
            )
        case UnknownHelper(number=number, is_wrong_type=is_wrong_type):
            return _of_helper(number, is_wrong_type=is_wrong_type)
        case BadExtern(name=name, what=what, is_mismatch=is_mismatch):
            return _of_extern(name, what, is_mismatch=is_mismatch)
        case KfuncRefused(name=name):
            return (
                f"{name} is in the kernel, but not for programs of this type to call (no kfunc, or"
                " not registered for it)",
            )
        case PermissionRefused(program=program):
            whom = f" to {program}" if program else ""
            return (
                f"the kernel answers EPERM{whom}, to root too: by a limit of locked memory (before 5.11) or"
                " by its policy: lockdown, an LSM, or one by which nobody loads such programs",
                "what to do: btfview verify shows which programs of an object it lets nobody load here",
            )
        case UnguardedKfunc() as unguarded:
            name = Programs(analysis).kfunc_at(unguarded)
            return (
                f"{name or 'a kfunc'} is declared weak, is not in this kernel, and its call can be reached",
                f"what to do: ask first: if (bpf_ksym_exists({name or 'NAME'})) ...",
            )
        case BtfRefused() as refused:
            return _of_btf(refused)
        case _:
            assert_never(finding.complaint)


def _of_records(relos: tuple[int, ...], analysis: Analysis) -> tuple[str, ...]:
    if len(relos) == 1:
        return ()
    if not relos:
        return ("no record of this object fits: was the log made with it?",)
    shown = [
        f"  #{index} {analysis.relos[index].relo.kind_label} {analysis.relos[index].path}"
        for index in relos[:_MAX_CANDIDATES]
    ]
    more = len(relos) - len(shown)
    if more:
        shown.append(f"  and {more} more")
    hint = "" if analysis.targets else "; -t KERNEL leaves only those that fail there"
    return (f"the log does not tell which of {len(relos)} records is meant{hint}:", *shown)


def _of_helper(number: int, *, is_wrong_type: bool) -> tuple[str, ...]:
    if number >= len(HELPER_NAMES):
        return (
            f"no kernel has a helper with number {number}; the list ends at {len(HELPER_NAMES) - 1}",
            "what to do: if the number is poison of a loader, give the whole log, from libbpf's first line",
        )
    name = HELPER_NAMES[number]
    if is_wrong_type:
        return (f"helper {number} is {name}: it may not be called by programs of this type on this kernel",)
    return (
        f"helper {number} is {name}: the kernel that wrote this log does not have it",
        f"what to do: ask first: if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_{name[4:]})) ...",
    )


def _of_extern(name: str, what: str, *, is_mismatch: bool) -> tuple[str, ...]:
    if is_mismatch:
        return (
            f"the kernel has {name}, with another type than the program declares",
            "what to do: declare it as the kernel's BTF has it: as many parameters, and structs whole, as a"
            " forward declaration is another kind",
        )
    match what:
        case "kfunc":
            return (
                f"this kernel and its loaded modules have no kfunc {name}",
                f"what to do: declare it __weak, and ask first: if (bpf_ksym_exists({name})) ...",
            )
        case "config":
            return (
                f"the kernel's configuration has no {name}, or libbpf did not find it (/proc/config.gz,"
                " /boot/config-*)",
                "what to do: declare it __weak, and it is 0 there",
            )
        case _:
            return (
                f"this kernel has no {what} {name} that BTF or kallsyms tell of",
                "what to do: declare it __weak, and ask whether its address is not 0",
            )


def _of_btf(refused: BtfRefused) -> tuple[str, ...]:
    owner = f"{refused.kind} {refused.type_name} (type {refused.type_id})"
    what = f"member {refused.member} of {owner}" if refused.member else owner
    went_on = (
        "libbpf went on without BTF: line info is lost, and what needs BTF (func_info, kptrs, timers) fails"
        if refused.is_optional
        else "the kernel did not take the object's BTF"
    )
    return (f"the kernel refuses {what}: {refused.reason}", went_on)
