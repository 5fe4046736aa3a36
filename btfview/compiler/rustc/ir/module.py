"""A module by its parts: globals, functions, declarations, attributes, metadata."""

from __future__ import annotations

import re

from .errors import IrError
from .metadata import Metadata
from .tokens import Tokens

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterable

_LINKAGES = frozenset(
    [
        "private",
        "internal",
        "available_externally",
        "linkonce",
        "weak",
        "common",
        "appending",
        "extern_weak",
        "linkonce_odr",
        "weak_odr",
        "external",
        "default",
        "hidden",
        "protected",
        "dso_local",
        "dso_preemptable",
    ]
)
_CONVENTIONS = frozenset(
    [
        "ccc",
        "fastcc",
        "coldcc",
        "preserve_mostcc",
        "preserve_allcc",
        "preserve_nonecc",
        "tailcc",
        "x86_64_sysvcc",
        "win64cc",
    ]
)
_SECTION = re.compile(r'\bsection "([^"]*)"')
_DEBUG = re.compile(r"!dbg (!\d+)")
_PERSONALITY = re.compile(r"\bpersonality ptr @([-\w.$]+)")
_GROUP = re.compile(r"attributes (#\d+) = \{ ?(.*?) ?\}$")


class Function:
    """A definition or a declaration; of a definition also the lines between its braces."""

    __slots__ = (
        "attributes",
        "body",
        "debug",
        "is_internal",
        "name",
        "parameters",
        "personality",
        "result",
        "section",
    )

    def __init__(self, line: str, body: list[str]) -> None:
        """Read the *line* that begins a function.

        Raises:
            IrError: there is no name in it.
        """
        tokens = Tokens(line)
        at = tokens.symbol()
        if at is None or not tokens.words[0].isalpha():
            raise IrError("a function has no name", line)
        first = 1
        while tokens.words[first] in _LINKAGES or tokens.words[first] in _CONVENTIONS:
            first += 1
        self.is_internal = any(word in ("internal", "private") for word in tokens.words[1:first])
        self.name = unquoted(tokens.words[at])
        self.result = tokens.text(first, at)
        """Its type with the attributes of the value."""
        last = tokens.partner(at + 1)
        self.parameters = [tokens.text(*part) for part in tokens.split(at + 2, last)]
        rest = tokens.line[tokens.ends[last] :]
        found = _SECTION.search(rest)
        self.section = found[1] if found else None
        personality = _PERSONALITY.search(rest)
        self.personality = personality[1] if personality else None
        debug = _DEBUG.search(rest)
        self.debug = debug[1] if debug else None
        self.attributes = re.findall(r"#\d+", _SECTION.sub("", rest))
        self.body = body

    @property
    def result_type(self) -> str:
        """``i64`` of ``noundef range(i64 0, 5) i64``."""
        tokens = Tokens(self.result)
        last = len(tokens.words) - 1
        if tokens.words[last] not in "}]>":
            return tokens.words[last]
        depth = 0
        for index in range(last, -1, -1):
            depth += (tokens.words[index] in "}]>") - (tokens.words[index] in "{[<")
            if not depth:
                return tokens.text(index, last + 1)
        return self.result


class Module:
    """A module of textual IR, to be changed and written again."""

    def __init__(self, text: str) -> None:
        self.globals: list[str] = []
        self.types: list[str] = []
        self.functions: dict[str, Function] = {}
        self.declared: dict[str, Function] = {}
        self.groups: dict[str, str] = {}
        """Attributes by the name of their group (``#0``)."""
        self.named: dict[str, str] = {}
        """Named metadata: ``!llvm.dbg.cu`` to ``!{!5}``."""
        numbered: list[str] = []
        lines = iter(text.split("\n"))
        for line in lines:
            head = line[:1]
            if head == "!":
                if line[1:2].isdecimal():
                    numbered.append(line)
                else:
                    name, _, value = line.partition(" = ")
                    self.named[name] = value
            elif head == "@":
                self.globals.append(line)
            elif line.startswith("define "):
                body: list[str] = []
                for inner in lines:
                    if inner == "}":
                        break
                    body.append(inner)
                function = Function(line, body)
                self.functions[function.name] = function
            elif line.startswith("declare "):
                function = Function(line, [])
                self.declared[function.name] = function
            elif line.startswith("attributes "):
                found = _GROUP.match(line)
                if found:
                    self.groups[found[1]] = found[2]
            elif head == "%":
                self.types.append(line)
        self.metadata = Metadata(numbered)

    def has_attribute(self, function: Function, name: str) -> bool:
        return any(name in self.groups.get(group, "").split() for group in function.attributes)


def unquoted(name: str) -> str:
    r"""Return the symbol that a token names.

    >>> unquoted('@"a b"'), unquoted("@f")
    ('a b', 'f')
    """
    return name[2:-1] if name[1:2] == '"' else name[1:]


def symbols_in(lines: Iterable[str]) -> set[str]:
    """Return the global names that *lines* name."""
    return {
        unquoted(found)
        for line in lines
        if "@" in line
        for found in re.findall(r'@(?:"[^"]*"|[-\w.$]+)', line)
    }


def is_kept(line: str) -> bool:
    """Return whether a global is the program's own data: it has a section, or it is public and no constant
    without a name."""
    if " section " in line:
        return True
    rest = line.partition(" = ")[2]
    return "!dbg" in line and not rest.startswith(("internal ", "private ", "external "))
