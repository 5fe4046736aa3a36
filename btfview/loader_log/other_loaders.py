"""What aya and cilium/ebpf say before the verifier does, line by line, in the words of their errors.

aya: ``EbpfError``, ``ParseError``, ``BtfError``, ``RelocationError``, each on a line of its own or one behind
the other. cilium/ebpf: wrapped errors, ``program f: fixing up kfuncs: kfunc "x": not supported``.
"""

from __future__ import annotations

import re

from btfview.frozen import TYPE_CHECKING

from .complaint_kinds import (
    BadExtern,
    NoAttachTarget,
    ObjectRefused,
    PoisonReached,
    RecordRefused,
    TypeRefused,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .complaint_kinds import Complaint

AYA, CILIUM = "aya", "cilium/ebpf"
_NAME = r"([^\s\"'`]{1,400})"

OF_SECTION = re.compile(r"error relocating `([^`]{1,400})`")
"""aya: records of a section, or of a program, are written."""
POISONED_LOAD = re.compile(r"(?<![\w.])([0-9]{1,7}): \(18\) r10 = 0x0{0,8}bad2310(?![0-9a-f])")
"""cilium/ebpf: an ldimm64 that it poisoned stays one, into the register that no program may write."""
POISONED_LOAD_ENDS = "bad CO-RE relocation: frame pointer is read only"
"""The same where the log is left out."""
POISON_COMMENT = "instruction poisoned by CO-RE"
"""What stands in place of the source line before an instruction that cilium/ebpf poisoned."""
KFUNC_POISON = 0xDEDC0DE
"""The number of the helper that cilium/ebpf makes of a weak kfunc that is not there."""


_WORDS = (
    "not supported", 'kfunc "', "does not exist", "missing symbol", "ambiguous", "to be *Void", "STB_WEAK",
    "static qualifier", "unrecognized field", "relocation #", "relocation `", "multiple candidate",
    "unknown BTF type", "invalid program section", "relocation kind", "while relocating", "invalid license",
    "invalid kernel version", "error parsing map", "load ", POISONED_LOAD_ENDS,
)  # fmt: skip
"""One of these stands in each line that is a complaint: most of a log's lines have none."""


_AYA_KINDS = {
    "FieldByteOffset": "field_byte_offset",
    "FieldByteSize": "field_byte_size",
    "FieldExists": "field_exists",
    "FieldSigned": "field_signed",
    "FieldLShift64": "field_lshift_u64",
    "FieldRShift64": "field_rshift_u64",
    "TypeIdLocal": "type_id_local",
    "TypeIdTarget": "type_id_target",
    "TypeExists": "type_exists",
    "TypeSize": "type_size",
    "EnumVariantExists": "enumval_exists",
    "EnumVariantValue": "enumval_value",
}
"""aya's names of kinds of records (``RelocationKind``)."""


def read_other(number: int, text: str, line: str, program: str) -> Complaint | None:
    """Return what a line complains of; *program* is the program or section that was named last."""
    if not any(word in line for word in _WORDS):
        return None
    for pattern, make in _RULES:
        if found := pattern.search(line):
            return make(number, text, program, found)
    return None


def _refused(loader: str, reason: str, advice: str) -> Callable[[int, str, str, re.Match[str]], Complaint]:
    """Return what makes a complaint; ``{0}`` and on are the groups that were found."""

    def make(number: int, text: str, program: str, found: re.Match[str]) -> Complaint:
        groups = [group or "" for group in found.groups()]
        return ObjectRefused(number, text, program, loader, reason.format(*groups), advice.format(*groups))

    return make


def _extern(what: str, *, is_mismatch: bool = False) -> Callable[[int, str, str, re.Match[str]], Complaint]:
    def make(number: int, text: str, _: str, found: re.Match[str]) -> Complaint:
        return BadExtern(number, text, found[1], what, is_mismatch)

    return make


def _target(number: int, text: str, program: str, found: re.Match[str]) -> Complaint:
    return NoAttachTarget(number, text, program, found[1], is_module_missing=False)


def _record(number: int, text: str, program: str, found: re.Match[str]) -> Complaint:
    return RecordRefused(number, text, program, int(found[1]))


def _type(number: int, text: str, program: str, found: re.Match[str]) -> Complaint:
    return TypeRefused(number, text, program, found[1], "", 0, "")


def _type_of_kind(number: int, text: str, program: str, found: re.Match[str]) -> Complaint:
    return TypeRefused(number, text, program, found[1], found[2], 0, "")


def _type_by_id(number: int, text: str, program: str, found: re.Match[str]) -> Complaint:
    return TypeRefused(number, text, program, "", "", int(found[2]), _AYA_KINDS.get(found[1], ""))


def _poison(number: int, text: str, program: str, _: re.Match[str]) -> Complaint:
    return PoisonReached(number, text, program, None, "")


_ASK = "btfview check --loader {} tells what it refuses of an object"

_RULES: tuple[tuple[re.Pattern[str], Callable[[int, str, str, re.Match[str]], Complaint]], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        # cilium/ebpf
        (re.escape(POISONED_LOAD_ENDS), _poison),
        (rf'kfunc "{_NAME}": not supported', _extern("kfunc")),
        (rf'kfunc "{_NAME}": .{{1,200}}', _extern("kfunc", is_mismatch=True)),
        (rf'config option "{_NAME}" does not exist', _extern("config")),
        (rf"kernel is missing symbol: {_NAME}", _extern("symbol")),
        (rf"attach \w{{1,40}}/\w{{1,40}}: (?:fentry|fexit|fmod_ret|raw_tp) {_NAME} not supported", _target),
        (rf"attach \w{{1,40}}/\w{{1,40}}: {_NAME} (?:LSM hook|iterator) not supported", _target),
        (
            "attaching to ambiguous kernel symbol is not supported",
            _refused(
                CILIUM,
                "the kernel has several functions of that name, and it takes none of them",
                "attach to another function",
            ),
        ),
        (
            rf'relocate \w{{1,40}}:"{_NAME}": (\w{{1,40}}): multiple types match: ambiguous relocation',
            _type_of_kind,
        ),
        (
            r"expected ([\w.]{1,400}) to be \*Void, not \*btf.Var",
            _refused(
                CILIUM,
                "it takes {0} of .ksyms as extern void alone, without const or a type",
                "declare it so: extern void {0} __ksym;",
            ),
        ),
        (
            r"asm relocation: ([\w.]{1,400}): unsupported binding: STB_WEAK",
            _refused(
                CILIUM,
                "it takes no weak values of .kconfig, as {0} is",
                "leave __weak out, or do without it on kernels that lack it",
            ),
        ),
        (
            r"load: ([\w.]{1,400}): unsupported binding: STB_WEAK",
            _refused(CILIUM, "it takes the address of no weak function, as {0} is", "leave __weak out"),
        ),
        (
            r"erroneous static qualifier on map definition|map \"[^\"]{1,400}\": unsupported binding",
            _refused(CILIUM, "a map must be global, neither static nor weak", "leave static and __weak out"),
        ),
        (
            r"unrecognized field ([\w.]{1,400}) in BTF map definition",
            _refused(CILIUM, "a map has the field {0}, which it does not know", "leave it out"),
        ),
        (
            r"got '\.struct_ops' section: not supported",
            _refused(CILIUM, "it knows .struct_ops.link alone", 'put the map there: SEC(".struct_ops.link")'),
        ),
        # aya
        (r"instruction #[0-9]{1,7} referenced by relocation #([0-9]{1,7}) is invalid", _record),
        (r"relocation #([0-9]{1,7}) of kind `\w{1,40}` not valid for type", _record),
        (r"referenced by relocation #([0-9]{1,7}), the program contains", _record),
        (
            r"applying relocation `(\w{1,40})` missing target BTF info for type `([0-9]{1,10})`",
            _type_by_id,
        ),
        (r"error relocating ([^`,\s]{1,400}), multiple candidate target types found", _type),
        (rf"unknown BTF type `{_NAME}`", _target),
        (
            r"invalid program section `([^`]{1,400})`",
            _refused(
                AYA,
                "it has no type of program for the section {0}",
                "name it as aya does: classifier for tc, without a ? before it",
            ),
        ),
        (
            r"invalid BTF relocation kind `([0-9]{1,10})`",
            _refused(
                AYA,
                "a record has the kind {0}, and it knows 0 to 11: 12 is type_matches",
                "leave bpf_core_type_matches() out, also where it is guarded: all records are read",
            ),
        ),
        (
            r"function 0x[0-9a-f]{1,16} not found while relocating `([^`]{1,400})`",
            _refused(
                AYA,
                "{0} calls what is not in the object, as kfuncs are; it knows no functions of the kernel",
                "leave the call out, also where it is guarded",
            ),
        ),
        (
            "invalid license `|invalid kernel version `|error parsing map `",
            _refused(AYA, "a section is not as it expects it", _ASK.format("aya")),
        ),
        # cilium/ebpf again: whatever else it says of an object that it does not take.
        (
            r"(?:^|: )load (?:version|BTF|relocations|maps|BTF maps|programs|struct_ops): (.{1,300})",
            _refused(CILIUM, "{0}", _ASK.format("cilium")),
        ),
    )
)
