"""The calls that stand for queries: found, read, and given what they stand for.

A call of ``__btf__::query::<T>(kind, what)`` becomes one of a function of its own, ``__btf_q_0``, which LLVM
inlines, and which holds the chain of ``llvm.preserve.*`` that makes the record (BPFAbstractMemberAccess).
The types are those of rustc's debug info: their members stand there in the order in which BTF will have them.
"""

from __future__ import annotations

import re

from btfview.compiler.result import QUERY_KINDS
from btfview.frozen import frozen

from .debug_info import is_nameless
from .errors import IrError
from .tokens import Tokens

TYPE_CHECKING = False

if TYPE_CHECKING:
    from .metadata import Node
    from .module import Module

_KINDS = {str(number): name for name, number in QUERY_KINDS.items()}
_LONGEST = 500
"""Characters of a message; a name has as many as its author likes."""
_NUMBER = re.compile(r"[0-9]{1,9}$")
_TYPE_INFO = {"type_exists": 0, "type_size": 1, "type_matches": 2}
_TYPE_ID = {"type_id_local": 0, "type_id_target": 1}
_ENUM_VALUE = {"enumval_exists": 0, "enumval_value": 1}
_OF_INTEGERS = {
    "field_signed": "field_is_signed",
    "field_lshift_u64": "field_lshift",
    "field_rshift_u64": "field_rshift",
}
"""Kinds that ask about bits, and what the user calls them."""
_STEP = re.compile(r"\s*(?:\.?\s*(?:r#)?(\w+)|\[\s*([0-9][0-9_]{,18})(?:usize)?\s*\])\s*")
_ESCAPE = re.compile(rb"\\([0-9A-Fa-f]{2})")


class QuestionError(Exception):
    """A query that has no record; ``str()`` says why."""

    def __init__(
        self, question: Question, message: str, code: str | None = None, element: int | None = None
    ) -> None:
        self.question = question
        self.element = element
        """The element that it is about, where it is about one."""
        self.code = code
        super().__init__(message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…")


@frozen
class Question:
    """What a call asks, as its arguments have it."""

    kind: str
    """A key of :data:`QUERY_KINDS`."""
    file: str
    line: int
    column: int
    path: str
    """``se.vruntime``, a variant, or nothing."""
    type: str
    """Reference of the carrier's node."""


@frozen
class Asked:
    """A question that has been given a function."""

    question: Question
    symbol: str
    """The function that asks in its place."""
    root: str
    access_str: str
    path: str
    """``task_struct.se.vruntime``."""
    callers: tuple[str, ...]
    """Symbols of the functions that the call is in."""
    lines: tuple[str, ...]


def marker_types(module: Module) -> dict[str, str]:
    """Return the reference of ``T`` by the symbol of each ``query::<T>``."""
    found = {}
    metadata = module.metadata
    for symbol, function in module.functions.items():
        program = metadata.node(function.debug) if function.debug else None
        if program is None or not program.string("name").startswith("query<"):
            continue
        scope = metadata.node(program.get("scope"))
        parameters = metadata.items(program.get("templateParams"))
        if scope is not None and scope.string("name") == "__btf__" and parameters:
            parameter = metadata.node(parameters[0])
            if parameter is not None:
                found[symbol] = parameter.get("type")
    return found


def read_call(tokens: Tokens, at: int, carrier: str, strings: dict[str, bytes]) -> Question:
    """Return the question of the call whose callee is token *at*.

    Raises:
        IrError: its arguments are no constants, or not those that the stand-in gives.
    """
    last = [tokens.words[end - 1] for _, end in tokens.split(at + 2, tokens.partner(at + 1))]
    if len(last) != 2 or last[0] not in _KINDS or last[1] not in strings:
        raise IrError("a query does not name its kind and path", tokens.line)
    parts = strings[last[1]].decode("utf-8", "replace").split("\n", 3)
    if len(parts) != 4 or not _NUMBER.match(parts[1]) or not _NUMBER.match(parts[2]):
        raise IrError("a query has no place", tokens.line)
    return Question(_KINDS[last[0]], parts[0], int(parts[1]), int(parts[2]), parts[3], carrier)


def constant_strings(module: Module) -> dict[str, bytes]:
    """Return the constants of bytes alone, by their name with its ``@``."""
    found = {}
    for line in module.globals:
        if line.startswith("@alloc") and " constant " in line:
            tokens = Tokens(line)
            texts = [word for word in tokens.words if word.startswith('c"')]
            if len(texts) == 1 and "@" not in line[1:]:
                found[tokens.words[0]] = bytes_of(texts[0])
    return found


def bytes_of(text: str) -> bytes:
    r"""Return what ``c"a\\0A"`` holds."""
    return _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), text[2:-1].encode())


class Chains:
    """Writes the functions of a module's questions; equal ones share one."""

    def __init__(self, module: Module, unit: str, prefix: str) -> None:
        self._metadata = module.metadata
        self._unit = unit
        self._prefix = prefix
        self._asked: dict[Question, tuple[str, str, str, str, list[str]]] = {}
        self._callers: dict[Question, list[str]] = {}
        self._type = self._metadata.add("!DISubroutineType(types: !{null})")
        self.globals: list[str] = []

    def ask(self, question: Question, caller: str, file: str) -> str:
        """Return the function to call for *question*, which *caller* asks in the file node *file*.

        Raises:
            QuestionError: there is no such field, element or variant, or none that can be asked about.
        """
        if question not in self._asked:
            symbol = f"{self._prefix}{len(self._asked)}"
            self._asked[question] = self._write(question, symbol, file)
        callers = self._callers.setdefault(question, [])
        if caller not in callers:
            callers.append(caller)
        return self._asked[question][0]

    def asked(self) -> list[Asked]:
        return [
            Asked(question, symbol, root, access, path, tuple(self._callers[question]), tuple(lines))
            for question, (symbol, root, access, path, lines) in self._asked.items()
        ]

    def _write(self, question: Question, symbol: str, file: str) -> tuple[str, str, str, str, list[str]]:
        metadata = self._metadata
        root = metadata.node(question.type)
        if root is None or root.kind != "DICompositeType":
            name = root.string("name") if root is not None else "this type"
            raise QuestionError(question, f"`{name}` is no struct, union or enum, and cannot be asked about")
        program = metadata.add(
            f'distinct !DISubprogram(name: "{symbol}", scope: {file}, file: {file}, line: {question.line}, '
            f"type: {self._type}, scopeLine: {question.line}, "
            f"spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: {self._unit})"
        )
        column = min(question.column, 1023)
        place = metadata.add(f"!DILocation(line: {question.line}, column: {column}, scope: {program})")
        name = root.string("name")
        lines: list[str] = []
        access, path, bits = "0", name, 32
        if question.kind in _ENUM_VALUE:
            index, variant, value = self._variant(question, root)
            access, path, bits = str(index), f"{name}::{variant}", 64
            text = f"{variant}:{value}"
            constant = f"@{symbol}.value"
            self.globals.append(
                f'{constant} = private unnamed_addr constant [{len(text) + 1} x i8] c"{text}\\00", align 1'
            )
            flag = _ENUM_VALUE[question.kind]
            number = self._number(symbol)
            call = f"i64 @llvm.bpf.preserve.enum.value(i32 {number}, ptr {constant}, i64 {flag})"
        elif question.kind in _TYPE_INFO:
            number, flag = self._number(symbol), _TYPE_INFO[question.kind]
            call = f"i32 @llvm.bpf.preserve.type.info(i32 {number}, i64 {flag})"
        elif question.kind in _TYPE_ID:
            bits = 64
            call = f"i64 @llvm.bpf.btf.type.id(i32 {self._number(symbol)}, i64 {_TYPE_ID[question.kind]})"
        else:
            pointer, numbers = "null", ["0"]
            if question.kind in _OF_INTEGERS:
                self._check_integer(question)
            for owner, index, shown in self._steps(question):
                node = metadata.node(owner)
                tag = node.get("tag") if node is not None else ""
                step = f"%step.{len(lines)}"
                if tag == "DW_TAG_union_type":
                    inner = f"@llvm.preserve.union.access.index.p0.p0(ptr {pointer}, i32 {index})"
                elif tag == "DW_TAG_array_type":
                    size = node.number("size") // 8 if node is not None else 0
                    # LLVM makes a getelementptr of it, so that it has to be a type with elements.
                    inner = (
                        f"@llvm.preserve.array.access.index.p0.p0(ptr elementtype([{size} x i8]) {pointer}, "
                        f"i32 1, i32 {index})"
                    )
                else:
                    inner = (
                        f"@llvm.preserve.struct.access.index.p0.p0(ptr elementtype(i8) {pointer}, "
                        f"i32 0, i32 {index})"
                    )
                lines.append(
                    f"  {step} = call ptr {inner}, !dbg {place}, !llvm.preserve.access.index {owner}"
                )
                pointer = step
                numbers.append(str(index))
                path += shown
            access = ":".join(numbers)
            call = f"i32 @llvm.bpf.preserve.field.info.p0(ptr {pointer}, i64 {QUERY_KINDS[question.kind]})"
        result = "%info"
        tail = "" if lines else f", !llvm.preserve.access.index {question.type}"
        lines.append(f"  {result} = call {call}, !dbg {place}{tail}")
        if bits == 32:
            wide = "%wide"
            lines.append(f"  {wide} = zext i32 {result} to i64, !dbg {place}")
            result = wide
        lines.append(f"  ret i64 {result}, !dbg {place}")
        head = f"define internal i64 @{symbol}() alwaysinline nounwind !dbg {program} {{"
        return symbol, name, access, path, [head, *lines, "}"]

    def _check_integer(self, question: Question) -> None:
        """Refuse a question about bits of what is no integer (libbpf: ``bpf_core_calc_field_relo``)."""
        name = _OF_INTEGERS[question.kind]
        owner, index, _ = self._steps(question)[-1]
        container = self._metadata.node(owner)
        if container is not None and container.get("tag") == "DW_TAG_array_type":
            raise QuestionError(question, f"`{name}` cannot be asked about an element of an array")
        members = self._metadata.items(container.get("elements")) if container is not None else []
        member = self._metadata.node(members[index]) if index < len(members) else None
        kind = self._metadata.node(member.get("baseType")) if member is not None else None
        is_integer = kind is not None and (
            (kind.kind == "DIBasicType" and kind.get("encoding") != "DW_ATE_float")
            or kind.get("tag") == "DW_TAG_enumeration_type"
        )
        if not is_integer:
            raise QuestionError(question, f"`{name}` needs a field of an integer type")

    def _number(self, symbol: str) -> int:
        """Return a number that keeps equal calls apart, as LLVM asks."""
        return int(symbol.rpartition("_")[2]) + 1_000_000 * len(self._prefix)

    # ---- paths

    def _steps(self, question: Question) -> list[tuple[str, int, str]]:
        """Return (container, index in it, how it is written) for each step of the path."""
        found: list[tuple[str, int, str]] = []
        current, position = question.type, 0
        while position < len(question.path):
            match = _STEP.match(question.path, position)
            if match is None:
                raise QuestionError(question, "offset_of expects dot-separated field and variant names")
            position = match.end()
            node = self._metadata.node(current)
            if match[2] is not None:
                index = int(match[2].replace("_", ""))
                found.append((current, index, f"[{index}]"))
                current = self._element(question, node, index)
                continue
            name = f"__{match[1]}" if match[1].isdecimal() else match[1]
            index, inner = self._member(question, node, name, match[1])
            found.append((current, index, "" if is_nameless(name) else f".{name}"))
            current = inner
        return found

    def _member(self, question: Question, node: Node | None, name: str, shown: str) -> tuple[int, str]:
        tag = node.get("tag") if node is not None and node.kind == "DICompositeType" else ""
        if node is not None and tag in ("DW_TAG_structure_type", "DW_TAG_union_type"):
            for index, reference in enumerate(self._metadata.items(node.get("elements"))):
                member = self._metadata.node(reference)
                if member is not None and member.string("name") == name:
                    return index, member.get("baseType")
        owner = node.string("name") if node is not None else "?"
        raise QuestionError(question, f"no field `{shown}` on type `{owner}`", "E0609")

    def _element(self, question: Question, node: Node | None, index: int) -> str:
        if node is None or node.get("tag") != "DW_TAG_array_type":
            owner = node.string("name") if node is not None else "?"
            raise QuestionError(question, f"cannot index into a value of type `{owner}`", "E0608")
        counts = self._metadata.items(node.get("elements"))
        count = self._metadata.node(counts[0]) if counts else None
        length = count.number("count") if count is not None else 0
        if index >= length:
            raise QuestionError(
                question, f"index {index} is past the end of an array of {length}", element=index
            )
        return node.inner or node.get("baseType")

    def _variant(self, question: Question, root: Node) -> tuple[int, str, int]:
        wanted = re.sub(r"\s", "", question.path).rpartition("::")[2].removeprefix("r#")
        for index, reference in enumerate(self._metadata.items(root.get("elements"))):
            node = self._metadata.node(reference)
            if node is not None and node.kind == "DIEnumerator" and node.string("name") == wanted:
                return index, wanted, node.number("value")
        raise QuestionError(
            question, f"no variant named `{wanted}` found for enum `{root.string('name')}`", "E0599"
        )
