"""The instructions of an object, function by function, beside their source lines and records; with a
target also as libbpf would load them there, and which of them cannot run.
"""

from __future__ import annotations

from btfview.bpf.insn import CALL, INSN_SIZE, JMP, JMP32, decode_insn, format_insn
from btfview.bpf.reachability import reachable_insns
from btfview.bpf.references import References
from btfview.core_relo.patch import POISON_HELPER, patch_code
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from btfview.analysis.result import Analysis
    from btfview.bpf.insn import Insn
    from btfview.bpf.object import BpfObject
    from btfview.btf.ext import LineInfo

SCHEMA_VERSION = 1
_JA, _CALL_OP, _EXIT_OP = 0x0, 0x8, 0x9
_POISON = f"call unknown#{POISON_HELPER}"


@frozen
class InsnLine:
    """One instruction, as compiled and, where a target is given, as loaded."""

    insn_off: int
    """Bytes from the start of the section."""
    code: bytes
    """8 bytes, of a ldimm64 16; fewer at the end of a damaged section."""
    insn: Insn | None
    """None where the bytes are none."""
    text: str
    """In the verifier's words."""
    jump_to: int | None
    """Slot in the section that a jump goes to (offset / 8)."""
    reference: str
    """``map: counts``, ``function: walk``; empty where the instruction is itself all."""
    line: LineInfo | None
    """The source line, where a new one begins."""
    relos: tuple[int, ...]
    """Records of this instruction."""
    code_after: bytes
    text_after: str
    """On the target; as compiled, where libbpf does not change the instruction."""
    is_poisoned: bool
    is_dead: bool
    """It cannot run on the target: the verifier drops it, poisoned or not."""

    @property
    def insn_index(self) -> int:
        """The 8-byte slot in the section, by which the verifier counts in a program of its own."""
        return self.insn_off // INSN_SIZE

    @property
    def is_changed(self) -> bool:
        return self.code_after != self.code


@frozen
class FunctionListing:
    """The instructions of one function, or of a stretch of code that no symbol covers."""

    section: str
    name: str
    """ELF symbol; empty for code without one."""
    lines: tuple[InsnLine, ...]


def disassemble(analysis: Analysis, target_index: int | None = None) -> tuple[FunctionListing, ...]:
    """Return all functions of the analysed object in file order, with target *target_index* or none."""
    obj = analysis.object
    if obj is None:
        return ()
    listing = _Listing(analysis, obj, target_index)
    return tuple(
        FunctionListing(section, name, tuple(listing.lines(section, start, end)))
        for section in obj.sections
        for name, start, end in _stretches(obj, section)
    )


def _stretches(obj: BpfObject, section: str) -> Iterator[tuple[str, int, int]]:
    """Yield (function, start, end) so that all code of a section is covered once."""
    size, position = len(obj.code(section)), 0
    for symbol in obj.functions.get(section, ()):
        start, end = max(symbol.value, position), min(symbol.value + symbol.size, size)
        if start >= end:  # an alias, or a symbol that a damaged file puts outside
            continue
        if start > position:
            yield "", position, start
        yield symbol.name, start, end
        position = end
    if position < size:
        yield "", position, size


class _Listing:
    def __init__(self, analysis: Analysis, obj: BpfObject, target_index: int | None) -> None:
        self._obj = obj
        self._references = References(obj)
        self._relos: dict[tuple[str, int], tuple[int, ...]] = {}
        for linked in analysis.relos:
            place = (linked.relo.section, linked.relo.insn_off)
            self._relos[place] = (*self._relos.get(place, ()), linked.index)
        self._said: dict[bytes, tuple[str, bool]] = {}
        """Of an instruction: its words, and whether it is libbpf's poison. Programs repeat themselves."""
        self._has_target = target_index is not None
        self._patched: dict[str, bytes] = {}
        if target_index is not None:
            results = [column[target_index] for column in analysis.results]
            self._patched = patch_code(obj, [linked.relo for linked in analysis.relos], results)

    def lines(self, section: str, start: int, end: int) -> Iterator[InsnLine]:
        obj = self._obj
        before = obj.code(section)
        after = self._patched.get(section, before)
        is_little_endian = obj.is_little_endian
        reachable = (
            reachable_insns(
                after,
                start,
                end,
                is_little_endian=is_little_endian,
                relocated=self._references.places(section),
            )
            if self._has_target
            else None
        )
        previous: LineInfo | None = None
        offset = start
        while offset < end:
            insn = _decode(before, offset, end, is_little_endian)
            size = insn.byte_size if insn else min(INSN_SIZE, end - offset)
            code, code_after = before[offset : offset + size], after[offset : offset + size]
            patched = insn if code_after == code else _decode(after, offset, end, is_little_endian)
            text, is_poisoned = self._say(insn, code)
            text_after = text
            if patched is not insn:
                text_after, is_poisoned = self._say(patched, code_after)
            line = obj.line_at(section, offset)
            is_new = line is not None and not _is_same_line(line, previous)
            previous = line or previous
            reference = self._references.find(section, offset, insn) if insn else None
            yield InsnLine(
                insn_off=offset,
                code=code,
                insn=insn,
                text=text,
                jump_to=_jump_target(insn, offset) if insn else None,
                reference=reference.text if reference else "",
                line=line if is_new else None,
                relos=self._relos.get((section, offset), ()),
                code_after=code_after,
                text_after=text_after,
                is_poisoned=is_poisoned,
                is_dead=reachable is not None and offset not in reachable,
            )
            offset += size

    def _say(self, insn: Insn | None, code: bytes) -> tuple[str, bool]:
        if insn is None:
            return f"no instruction: {code.hex(' ')}", False
        said = self._said.get(code)
        if said is None:
            text = format_insn(insn)
            said = self._said[code] = text, insn.opcode == CALL and text == _POISON
        return said


def _is_same_line(line: LineInfo, previous: LineInfo | None) -> bool:
    return line is previous or (
        previous is not None and (line.file, line.line) == (previous.file, previous.line)
    )


def _decode(code: bytes, offset: int, end: int, is_little_endian: bool) -> Insn | None:
    try:
        insn = decode_insn(code, offset, is_little_endian=is_little_endian)
    except ValueError:
        return None
    return insn if offset + insn.byte_size <= end else None


def _jump_target(insn: Insn, offset: int) -> int | None:
    op = insn.opcode >> 4
    if insn.class_ not in (JMP, JMP32) or op in (_CALL_OP, _EXIT_OP):
        return None
    distance = insn.imm if (op, insn.class_) == (_JA, JMP32) else insn.off
    return offset // INSN_SIZE + 1 + distance


def disassembly_json(
    analysis: Analysis, functions: Sequence[FunctionListing], target_index: int | None
) -> dict[str, Any]:
    """Return *functions*, made with the same target, as JSON data: the contract of ``btfview disasm --json``.

    ``functions[].insns[]`` has ``index`` (slot in the section), ``insn_offset``, ``bytes`` (hex), ``text``,
    ``jump_to`` (a slot, or null), ``reference``, ``source`` (null unless a new line begins here) and
    ``relocations`` (indices as ``btfview relos`` prints them). With a target also ``bytes_after``,
    ``text_after``, ``poisoned`` and ``dead``.
    """
    target = None if target_index is None else analysis.targets[target_index]
    return {
        "schema_version": SCHEMA_VERSION,
        "file": analysis.path,
        "target": target and {"name": target.name, "path": target.path},
        "functions": [
            {
                "section": function.section,
                "name": function.name,
                "insns": [_line_json(line, target is not None) for line in function.lines],
            }
            for function in functions
        ],
    }


def _line_json(line: InsnLine, has_target: bool) -> dict[str, Any]:
    place = line.line
    found: dict[str, Any] = {
        "index": line.insn_index,
        "insn_offset": line.insn_off,
        "bytes": line.code.hex(),
        "text": line.text,
        "jump_to": line.jump_to,
        "reference": line.reference,
        "source": place
        and {"file": place.file, "line": place.line, "column": place.column, "text": place.text.strip()},
        "relocations": list(line.relos),
    }
    if has_target:
        found |= {
            "bytes_after": line.code_after.hex(),
            "text_after": line.text_after,
            "poisoned": line.is_poisoned,
            "dead": line.is_dead,
        }
    return found
