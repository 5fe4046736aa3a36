"""What a log complains of, line by line.

A verifier's log stands between ``prog 'NAME': -- BEGIN PROG LOAD LOG --`` and its end (libbpf), behind
``program NAME: load program:`` (cilium/ebpf), or alone. A poisoned instruction shows there as ``52: (85) call
unknown#195896080`` and ``invalid func unknown#195896080``; newer libbpf replaces these lines by
``<invalid CO-RE relocation>`` and ``failed to resolve CO-RE relocation <byte_off> [39] struct
mm_struct.mmap_sem (0:0 @ offset 0)`` (``fixup_log_failed_core_relo``).
"""

from __future__ import annotations

import re

from btfview.core_relo.patch import POISON_HELPER
from btfview.frozen import TYPE_CHECKING, replace

from .complaint_kinds import (
    BadExtern,
    BtfRefused,
    KfuncRefused,
    NoAttachTarget,
    PermissionRefused,
    PoisonReached,
    RecordRefused,
    ReloSpec,
    UnguardedKfunc,
    UnknownHelper,
)
from .other_loaders import KFUNC_POISON, OF_SECTION, POISON_COMMENT, POISONED_LOAD, read_other

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .complaint_kinds import Complaint

MAX_LINE = 4_096
"""Characters of a line that are looked at: a complaint stands in the first few hundred."""

_PROGRAM = re.compile(
    r"(?:prog '([^']{1,200})'"
    r"|[Pp]rogram ([\w.]{1,200}): (?:load program|apply CO-RE|fixing up|attach |resolve \.))"
)
_INSN = re.compile(
    r"(?<![\w.])([0-9]{1,7}): (?:\(85\) call (?:[\w.]{1,200}#)?([0-9]{1,10})(?![0-9])|<invalid (CO-RE|kfunc))"
)
_REFUSED_FUNC = re.compile(
    r"(invalid func|unknown func|program of this type cannot use helper) [\w.]{1,200}#([0-9]{1,10})(?![0-9])"
)
_FAILED_SPEC = re.compile(
    r"failed to resolve CO-RE relocation <(\w{1,40})> \[([0-9]{1,10})\] ([^(]{0,2000})(?:\(([0-9:]{1,400}))?"
)
_ENUMERATOR = re.compile(r"::([\w.]{1,1000}) = ")
_REFUSED_RELO = re.compile(r"prog '([^']{1,200})': relo #([0-9]{1,9}): ")
_RELO_PROBLEMS = (
    "ambiguity", "failed", "unexpected", "unrecognized", "doesn't support", "can't be", "error matching",
    "accesses field incorrectly", "too big", "invalid new mem size",
)  # fmt: skip
_NO_TARGET = re.compile(r"failed to find kernel BTF type ID of '([^']{1,400})': (-?[0-9]{1,5})")
_EXTERN = re.compile(r"extern (?:\((func ksym|var ksym|kcfg)\) )?'([^']{1,400})'(?: \(strong\))?: (.{1,200})")
_KFUNC_REFUSED = re.compile(
    r"calling kernel function ([\w.]{1,400}) is not allowed"
    r"|kernel btf_id ([0-9]{1,10}) is not a kernel function"
)
_PERMISSION = "permission error while running as root"
_KFUNC_ABSENT = re.compile(r"kfunc '([^']{1,400})' is referenced but wasn't resolved")
_BTF_TYPE = re.compile(r"\[([0-9]{1,10})\] ([A-Z][A-Z0-9_]{2,20}) (.{1,1000}?)(?= \w{1,20}=| Invalid|$)")
_BTF_MEMBER = re.compile(
    r"\s(\S{1,1000}) (?:type_id=|bits_offset=|val=).{0,200}?((?:Invalid|Unknown|Member) .{0,200})$"
)
_BTF_REASON = re.compile(
    r" ((?:Invalid|Unsupported|Unknown|Unexpected|vlen) .{1,200}|Loop detected|meta_left:.{1,80})$"
)
_COMMENT = re.compile(r"(?:^|[\s|]); (.+)$")
_COMMENT_PLACE = re.compile(r" @ [^ ]{0,1000}:([0-9]{1,9})$")


def read_complaints(log: str) -> tuple[Complaint, ...]:
    """Return what *log* complains of, in its order; each complaint once."""
    return tuple(_Reader().read(log))


class _Reader:
    """What is known while the log is read."""

    def __init__(self) -> None:
        self.program = ""
        self.insn: int | None = None
        """Of the last instruction that cannot be verified."""
        self.comment: tuple[str, int] = ("", 0)
        self.poison: PoisonReached | None = None
        """Met as ``<invalid CO-RE relocation>``, whose record the next line names."""
        self.btf_type: tuple[int, str, str] | None = None

    def read(self, log: str) -> Iterator[Complaint]:
        last: BtfRefused | None = None
        for number, line in _lines(log):
            if last is not None and "BTF is optional, ignoring" in line:
                yield _optional(last)
                last = None
                continue
            for complaint in self.line(number, line):
                if last is not None:
                    yield last
                    last = None
                if isinstance(complaint, BtfRefused):
                    last = complaint
                else:
                    yield complaint
        if last is not None:
            yield last
        if self.poison is not None:
            yield self.poison

    def line(self, number: int, line: str) -> Iterator[Complaint]:
        text = line.strip()
        if found := _PROGRAM.search(line):
            name = found[1] or found[2]
            if name != self.program:
                self.insn, self.comment = None, ("", 0)
            self.program = name
        if self.poison is not None:
            spec = _FAILED_SPEC.search(line)
            poison, self.poison = self.poison, None
            yield _with_spec(poison, text, spec) if spec else poison
            if spec:
                return
        if found := OF_SECTION.search(line):
            self.program = found[1]
        if found := POISONED_LOAD.search(line):
            self.insn = int(found[1])
            yield PoisonReached(number, text, self.program, self.insn, *self.comment)
        elif found := _INSN.search(line):
            self._insn(number, text, found)
        elif found := _COMMENT.search(line):
            place = _COMMENT_PLACE.search(found[1].rstrip())
            comment = found[1][: place.start()] if place else found[1]
            is_source = comment.strip() != POISON_COMMENT
            self.comment = (comment.strip(), int(place[1]) if place else 0) if is_source else ("", 0)
        elif found := _REFUSED_FUNC.search(line):
            yield self._function(number, text, found[1], int(found[2]))
        elif found := _FAILED_SPEC.search(line):
            poison = PoisonReached(number, text, self.program, self.insn, *self.comment)
            yield _with_spec(poison, text, found)
        elif "relo #" in line and (found := _REFUSED_RELO.search(line)):
            if any(word in line for word in _RELO_PROBLEMS):
                yield RecordRefused(number, text, found[1], int(found[2]))
        elif found := _NO_TARGET.search(line):
            # -3 is ESRCH: libbpf looked in vmlinux and modules; -22 also stands for "no module of that name".
            yield NoAttachTarget(number, text, self.program, found[1], int(found[2]) not in (-2, -3))
        elif _PERMISSION in line:
            yield PermissionRefused(number, text, self.program)
        elif found := _KFUNC_ABSENT.search(line):
            yield UnguardedKfunc(number, text, self.program, self.insn, found[1])
        elif found := _KFUNC_REFUSED.search(line):
            yield KfuncRefused(number, text, self.program, found[1] or f"btf_id {found[2]}")
        elif "extern" in line and (found := _EXTERN.search(line)):
            yield from _extern(number, text, found[1], found[2], found[3])
        elif other := read_other(number, text, line, self.program):
            yield other
        else:
            yield from self._btf(number, line)

    def _insn(self, number: int, text: str, found: re.Match[str]) -> None:
        self.insn = int(found[1])
        if found[3] == "CO-RE":
            self.poison = PoisonReached(number, text, self.program, self.insn, *self.comment)

    def _function(self, number: int, text: str, words: str, helper: int) -> Complaint:
        if helper == POISON_HELPER:
            return PoisonReached(number, text, self.program, self.insn, *self.comment)
        if helper == KFUNC_POISON:
            return UnguardedKfunc(number, text, self.program, self.insn, "")
        return UnknownHelper(number, text, self.program, self.insn, helper, words != "invalid func")

    def _btf(self, number: int, line: str) -> Iterator[Complaint]:
        """``[301] STRUCT perf_event size=1200 vlen=72``, then lines of members, the last with the reason."""
        found = _BTF_TYPE.search(line)
        if found:
            self.btf_type = (int(found[1]), found[2].lower(), found[3])
            reason = _BTF_REASON.search(line)
            if reason:
                yield BtfRefused(number, line.strip(), *self.btf_type, "", reason[1], is_optional=False)
                self.btf_type = None
        elif self.btf_type is not None:
            member = _BTF_MEMBER.search(line)
            if member:
                yield BtfRefused(
                    number, line.strip(), *self.btf_type, member[1], member[2], is_optional=False
                )
                self.btf_type = None
            elif not line.strip() or "END BTF" in line:
                self.btf_type = None


def _lines(log: str) -> Iterator[tuple[int, str]]:
    r"""Yield lines with their numbers; a line of JSON holds several, with ``\n`` between."""
    for number, line in enumerate(log.split("\n"), 1):
        if "\\n" not in line:
            yield number, line[:MAX_LINE].rstrip("\r")
            continue
        for part in line.split("\\n"):
            yield number, part[:MAX_LINE].replace("\\t", "\t").replace('\\"', '"').replace("\\u0027", "'")


def _with_spec(poison: PoisonReached, text: str, found: re.Match[str]) -> PoisonReached:
    enumerator = _ENUMERATOR.search(found[3])
    spec = ReloSpec(found[1], int(found[2]), found[4] or "", enumerator[1] if enumerator else "")
    return replace(poison, text=text, spec=spec)


def _extern(number: int, text: str, kind: str | None, name: str, problem: str) -> Iterator[Complaint]:
    what = {"func ksym": "kfunc", "var ksym": "variable", "kcfg": "config"}.get(kind or "", "")
    if not what:
        what = "config" if name.startswith(("CONFIG_", "LINUX_")) else "symbol"
    if "incompatible" in problem:
        yield BadExtern(number, text, name, what, is_mismatch=True)
    elif "not found" in problem or "not resolved" in problem or "unrecognized" in problem:
        yield BadExtern(number, text, name, what, is_mismatch=False)


def _optional(refused: BtfRefused) -> BtfRefused:
    return replace(refused, is_optional=True)
