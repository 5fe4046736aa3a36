"""Which record a line of LLVM's IR, of its machine instructions or of its assembly belongs to.

LLVM keeps a question as a global named ``llvm.ROOT:KIND:VALUE$ACCESS`` (``BPFAbstractMemberAccess``,
``BPFPreserveDIType``); a line that names it, in a function that holds such a record, belongs to it. In the
front end's own IR the lines are known. Nothing else is linked: line numbers are no proof.
"""

from __future__ import annotations

import re

from btfview.compiler.passes import read_ir_name
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from btfview.analysis.result import Analysis, LinkedRelo

_GLOBAL = re.compile(r'@"llvm\.(?P<root>[^":$]+):(?P<kind>\d+):-?\d+\$(?P<access>[\d:]+)"')
_TYPE_ID = re.compile(r'@"llvm\.btf_type_id\.\d+\$(?P<kind>\d+)"')
_RESULT = re.compile(r"\s*(%[\w.$-]+) = ")
_PASSED_THROUGH = re.compile(r"@llvm\.bpf\.passthrough\.[\w.]+\(i32 \d+, \w+ (%[\w.$-]+)\)")
_OFFSET_ADDED = re.compile(r"= getelementptr (?:inbounds )?i8, ptr [^,]+, i64 (%[\w.$-]+)")
_CAST = re.compile(r"= bitcast ptr (%[\w.$-]+) to ptr")
_DEFINE = re.compile(r'define .*?@(?:"([^"]*)"|([\w.$-]+))\(')
_METADATA = re.compile(r"!llvm\.preserve\.access\.index (!\d+)")
_NAMED_NODE = re.compile(r'(!\d+) = (?:distinct )?!DI(?:Composite|Basic|Derived)Type\(.*?\bname: "([^"]*)"')


class ReloNames:
    """The records of an analysis, by what LLVM's lines say of them."""

    def __init__(self, analysis: Analysis) -> None:
        self._relos: dict[tuple[str, ...], list[int]] = {}
        self._type_ids: dict[tuple[str, str], set[str]] = {}
        """Types that a function asks the id of, by function and kind."""
        program = analysis.compilation.program if analysis.compilation else None
        queries = program.queries if program else ()
        for linked in analysis.relos:
            functions = {linked.program, *(queries[number].function for number in linked.queries)}
            for function in functions:
                kind, root, access_str = _identity(linked)
                self._relos.setdefault((function, kind, root, access_str), []).append(linked.index)
                self._type_ids.setdefault((function, kind), set()).add(root)

    def named_in(self, line: str, function: str, type_ids: Mapping[str, str]) -> tuple[int, ...]:
        """Return the records whose global *line* of *function* names.

        *type_ids* has the type that each ``llvm.btf_type_id`` global stands for. Of one that is not there the
        records are told where the function asks for one type only.
        """
        found: list[int] = []
        if '@"llvm.' in line:
            for match in _GLOBAL.finditer(line):
                key = (function, match["kind"], match["root"], match["access"])
                found += self._relos.get(key, ())
            for match in _TYPE_ID.finditer(line):
                known = type_ids.get(match.group())
                roots = {known} if known else self._type_ids.get((function, match["kind"]), set())
                if len(roots) == 1:
                    found += self._relos.get((function, match["kind"], *roots, "0"), ())
        return tuple(dict.fromkeys(found))


def _identity(linked: LinkedRelo) -> tuple[str, str, str]:
    kind = linked.relo.kind
    return (
        str(int(kind)) if kind is not None else "",
        linked.local_type_name,
        linked.relo.access_str,
    )


def link_ir(analysis: Analysis, lines: Sequence[str]) -> dict[int, tuple[int, ...]]:
    """Return the records of each line of a module after LLVM's pass, by its index; lines of none are not
    there. A global's own line belongs to the records of all functions."""
    names = ReloNames(analysis)
    type_ids = read_type_ids(lines)
    functions = {linked.program for linked in analysis.relos}
    found: dict[int, tuple[int, ...]] = {}
    begin, function = 0, ""
    for index, line in enumerate(lines):
        if line.startswith("define ") and (match := _DEFINE.match(line)):
            begin, function = index, read_ir_name(match[1]) if match[1] else match[2]
        elif line == "}" and function:
            body = link_function(names, lines[begin:index], function, type_ids)
            found |= {begin + number: relos for number, relos in body.items()}
            function = ""
        elif not function and line.startswith('@"llvm.'):
            relos = [relo for one in functions for relo in names.named_in(line, one, type_ids)]
            if relos:
                found[index] = tuple(sorted(set(relos)))
    return found


def link_function(
    names: ReloNames, lines: Iterable[str], function: str, type_ids: Mapping[str, str]
) -> dict[int, tuple[int, ...]]:
    """Return the records of each line of one function: those that name a global, the address made with what
    was loaded from it (a C projection), and the ``llvm.bpf.passthrough`` that takes either."""
    found: dict[int, tuple[int, ...]] = {}
    loaded: dict[str, tuple[int, ...]] = {}
    for index, line in enumerate(lines):
        relos = names.named_in(line, function, type_ids)
        used = _PASSED_THROUGH.search(line) or _OFFSET_ADDED.search(line) or _CAST.search(line)
        if used is not None:
            relos = relos or loaded.get(used[1], ())
        if relos:
            found[index] = relos
            if (result := _RESULT.match(line)) and "passthrough" not in line:
                loaded[result[1]] = relos
    return found


def read_type_ids(lines: Iterable[str]) -> dict[str, str]:
    """Return the name of the type behind each ``@"llvm.btf_type_id.N$K"`` that *lines* declare."""
    nodes: dict[str, str] = {}
    wanted: dict[str, str] = {}
    for line in lines:
        if line.startswith('@"llvm.btf_type_id.') and (match := _TYPE_ID.match(line)):
            if node := _METADATA.search(line):
                wanted[match.group()] = node[1]
        elif line.startswith("!") and (named := _NAMED_NODE.match(line)):
            nodes[named[1]] = named[2]
    return {name: nodes[node] for name, node in wanted.items() if node in nodes}


def link_queries(analysis: Analysis) -> dict[int, tuple[int, ...]]:
    """Return the records of each line of the front end's IR, by its index."""
    found: dict[int, tuple[int, ...]] = {}
    for linked in analysis.relos:
        for line in linked.ir_lines:
            found[line] = (*found.get(line, ()), linked.index)
    return found


def link_results(analysis: Analysis, function: str) -> dict[str, tuple[int, ...]]:
    """Return the records of each value that the queries of *function* compute, by its name in the IR; LLVM
    keeps the names."""
    compilation = analysis.compilation
    if compilation is None or compilation.program is None or compilation.ir is None:
        return {}
    lines = compilation.ir.split("\n")
    found: dict[str, tuple[int, ...]] = {}
    for linked in analysis.relos:
        for number in linked.queries:
            query = compilation.program.queries[number]
            for line in query.ir_lines if query.function == function else ():
                if result := _RESULT.match(lines[line]):
                    found[result[1]] = (*found.get(result[1], ()), linked.index)
    return found


def result_name(line: str) -> str:
    """Return the name of the value that an IR line computes; empty where it computes none."""
    result = _RESULT.match(line)
    return result[1] if result else ""


# -- assembly -------------------------------------------------------------------------------------

_RELO_WORDS = 4
"""``struct bpf_core_relo`` in 32-bit words: insn_off, type_id, access_str_off, kind."""


def link_asm(analysis: Analysis, lines: Sequence[str]) -> dict[int, tuple[int, ...]]:
    """Return the record of each line of an assembly listing, by its index: the instruction, and the four
    words of the record in ``.BTF.ext``, which names the instruction's label. Nothing where the listing has
    other records than the object."""
    labels, words = _record_words(lines)
    if [kind for _, kind in labels] != [
        "" if linked.relo.kind is None else str(int(linked.relo.kind)) for linked in analysis.relos
    ]:
        return {}
    line_of = {line[:-1]: index for index, line in enumerate(lines) if line.endswith(":")}
    found: dict[int, tuple[int, ...]] = {}
    for relo, (label, _) in enumerate(labels):
        for index in words[relo]:
            found[index] = (relo,)
        at = line_of.get(label)
        while at is not None and at + 1 < len(lines):
            at += 1
            if lines[at].startswith("\t") and not lines[at].startswith("\t."):
                found[at] = (*found.get(at, ()), relo)
                break
    return found


def _record_words(lines: Sequence[str]) -> tuple[list[tuple[str, str]], list[tuple[int, ...]]]:
    """Return (label, kind) of each record in a listing's ``.BTF.ext``, and the lines of its words."""
    words: list[tuple[str, int]] = []
    is_inside = False
    for index, line in enumerate(lines):
        if line.startswith("\t.section"):
            is_inside = line.startswith("\t.section\t.BTF.ext,")
        elif is_inside and line.startswith("\t.long\t"):
            words.append((line[7:].split("#")[0].strip(), index))
    labels: list[tuple[str, str]] = []
    places: list[tuple[int, ...]] = []
    try:
        header_words = int(words[0][0]) // 4 - 1  # magic, version and flags are no .long
        at = header_words + int(words[5][0]) // 4
        end = at + int(words[6][0]) // 4
        at += 1  # the size of a record
        while at < end:
            count = int(words[at + 1][0])
            at += 2
            for _ in range(count):
                record = words[at : at + _RELO_WORDS]
                labels.append((record[0][0], record[3][0]))
                places.append(tuple(index for _, index in record))
                at += _RELO_WORDS
    except (IndexError, ValueError):
        return [], []
    return labels, places
