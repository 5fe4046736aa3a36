"""Read a log of libbpf or of the verifier, and find the records that it complains about.

libbpf writes ``prog 'NAME': -- BEGIN PROG LOAD LOG --`` before a verifier's log. There a poisoned instruction
shows as ``52: (85) call unknown#195896080`` and ``invalid func unknown#195896080``; newer libbpf replaces
these lines by ``<invalid CO-RE relocation>`` and ``failed to resolve CO-RE relocation <byte_off> [39] struct
mm_struct.mmap_sem (0:0 @ offset 0)``. Before that it says ``prog 'NAME': relo #7: ...`` of what it refuses.
"""

from __future__ import annotations

import re

from btfview.core_relo.patch import POISON_HELPER
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .result import Analysis, LinkedRelo

_PROGRAM = re.compile(r"prog '([^']+)'")
_POISONED_INSN = re.compile(rf"^\s*(\d+):.*\(85\) call \S*#{POISON_HELPER}\b")
_REFUSED_FUNC = re.compile(rf"invalid func \S*#{POISON_HELPER}\b")
_FAILED_SPEC = re.compile(
    r"failed to resolve CO-RE relocation <(\w+)> \[(\d+)\] .*?\(([\d:]+)(?: @ offset [^)]*)?\)"
)
_REFUSED_RELO = re.compile(
    r"prog '([^']+)': relo #(\d+): (?:.*(?:ambiguity|failed|unexpected|unrecognized|doesn't support|can't be"
    r"|error matching|accesses field incorrectly|too big|invalid new mem size))"
)


@frozen
class LogFinding:
    """A complaint of the log, and the record that it is about."""

    line: int
    """Of the log, from 1."""
    text: str
    relo: int | None
    """Index of the record; None when none fits."""
    program: str
    """As the log says; empty where it does not."""


def read_loader_log(log: str, analysis: Analysis) -> tuple[LogFinding, ...]:
    """Return what *log* says of the records of *analysis*, in the log's order."""
    return tuple(_findings(log.splitlines(), analysis))


def _findings(lines: list[str], analysis: Analysis) -> Iterator[LogFinding]:
    program = ""
    last_poison: int | None = None
    for number, line in enumerate(lines, 1):
        if found := _PROGRAM.search(line):
            if found[1] != program:
                last_poison = None
            program = found[1]
        if found := _POISONED_INSN.match(line):
            last_poison = int(found[1])
        elif _REFUSED_FUNC.search(line):
            yield LogFinding(number, line.strip(), _at_insn(analysis, program, last_poison), program)
        elif found := _FAILED_SPEC.search(line):
            yield LogFinding(
                number, line.strip(), _by_spec(analysis, program, int(found[2]), found[3]), program
            )
        elif found := _REFUSED_RELO.search(line):
            yield LogFinding(number, line.strip(), _nth_of(analysis, found[1], int(found[2])), found[1])


def relo_at_insn(analysis: Analysis, program: str, insn: int) -> LinkedRelo | None:
    """Return the record at instruction *insn*, counted from the start of *program*, as the verifier counts
    in a program without subprograms; with an empty *program*, of any."""
    index = _at_insn(analysis, program, insn)
    return None if index is None else analysis.relos[index]


def _at_insn(analysis: Analysis, program: str, insn: int | None) -> int | None:
    if insn is None or analysis.object is None:
        return None
    found = []
    for linked in analysis.relos:
        function = analysis.object.function_at(linked.relo.section, linked.relo.insn_off)
        start = function.value if function else 0
        if (linked.relo.insn_off - start) // 8 == insn and program in ("", linked.program):
            found.append(linked.index)
    return found[0] if len(found) == 1 else None


def _by_spec(analysis: Analysis, program: str, type_id: int, access_str: str) -> int | None:
    """libbpf prints the root type's id, after it has skipped typedefs, and the access string."""
    fits = [
        linked
        for linked in analysis.relos
        if linked.relo.access_str == access_str
        and analysis.object is not None
        and type_id in (linked.relo.type_id, analysis.object.btf.skip_modifiers(linked.relo.type_id).id)
    ]
    own = [linked for linked in fits if linked.program == program]
    return next((linked.index for linked in own or fits), None)


def _nth_of(analysis: Analysis, program: str, number: int) -> int | None:
    """Return the record that libbpf calls ``relo #number``: it counts within a section."""
    sections = {linked.relo.section for linked in analysis.relos if linked.program == program}
    for section in sections:
        of_section = [linked for linked in analysis.relos if linked.relo.section == section]
        if number < len(of_section):
            return of_section[number].index
    return None
