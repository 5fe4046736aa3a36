"""One module of rustc on its way to BPF: what is asked in it, and which of its functions stay."""

from __future__ import annotations

import os
import re

from btfview.compiler.options import CompileOptions
from btfview.frozen import replace

from .converted import Exported, SourceFile, Wrong
from .debug_info import clean_types, identifier, name_function
from .externs import is_external, take_externs
from .local_types import LocalType, local_types, struct_layouts, type_of
from .module import Function, Module, is_kept, symbols_in, unquoted
from .places import Place, first_calls
from .questions import Asked, Chains, QuestionError, constant_strings, marker_types, read_call
from .tokens import Tokens
from .wrappers import MAX_ARGUMENTS, wrapper

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .metadata import Node

_MANGLED = re.compile(r"@(_R[\w.$]+)")
_IMMEDIATE = re.compile(r"i(?:1|8|16|32|64)$|ptr$|void$")
MAX_HOMES = 8
"""Functions that a query is told of when it is inlined into them."""


class Part:
    """One module on its way."""

    def __init__(
        self, module: Module, prefix: str, find: Callable[[str], SourceFile | None], options: CompileOptions
    ) -> None:
        self.module = module
        self._find = find
        self.options = options
        clean_types(module.metadata)
        units = module.metadata.items_of(module.named.get("!llvm.dbg.cu", ""))
        self.unit = units[0] if units else ""
        self._names: dict[str, str] = {}
        """Nodes of the user's files by the names that rustc has for them."""
        self._public: set[tuple[str, int, str]] = set()
        """File node, line and name of public functions."""
        self.own_files = self._map_files()
        self.locals = local_types(module.metadata, self.own_files)
        self.layouts = struct_layouts(module.metadata) if self.own_files else {}
        self.externs = take_externs(module)
        self.chains = Chains(module, self.unit, prefix)
        self.exported: dict[str, Exported] = {}
        self.wrong: list[Wrong] = []
        self.missing: set[str] = set()
        self.reached: set[str] = set()
        self.renamed: dict[str, str] = {}
        """What functions and data are called in the end, by rustc's symbols."""
        self.data_names: set[str] = set()
        """The new names of data; those of functions are in :attr:`exported`."""
        self._shown: dict[str, str] = {}
        """Names of functions that are inlined, by their symbols."""

    def _map_files(self) -> dict[str, str]:
        """Give the nodes of the user's files their own names and texts; return rustc's names of them."""
        metadata = self.module.metadata
        found: dict[str, str] = {}
        for reference in metadata.of_kind("DIFile"):
            node = metadata.node(reference)
            if node is None:
                continue
            name = node.string("filename")
            whole = os.path.normpath(os.path.join(node.string("directory"), name))
            file = self._find(name) or self._find(whole)
            if file is None:
                continue
            self._names[whole] = self._names[name] = reference
            self._public |= {(reference, *function) for function in file.public}
            found[reference] = whole if self._find(whole) else name
            directory, name = os.path.split(file.path)
            node.fields = {
                "filename": _quoted(name),
                "directory": _quoted(directory or "."),
                "source": _quoted(file.text),
            }
        return found

    # ---- queries

    def find_questions(self) -> None:
        """Replace each call of ``query::<T>`` by one of a function that asks it."""
        module = self.module
        markers = marker_types(module)
        if not markers:
            return
        strings = constant_strings(module)
        own = next(iter(self.own_files), None)
        for symbol in markers:
            del module.functions[symbol]
        for symbol, function in module.functions.items():
            for index, line in enumerate(function.body):
                if "5query" not in line or " call " not in line:
                    continue
                tokens = Tokens(line)
                at = tokens.symbol()
                if at is None or tokens.words[at][1:] not in markers:
                    continue
                question = read_call(tokens, at, markers[tokens.words[at][1:]], strings)
                file = self._names.get(question.file) or self._file_of(function) or own or "null"
                try:
                    asked = self.chains.ask(question, symbol, file)
                except QuestionError as error:
                    place = (question.file, question.line, question.column)
                    self.wrong.append(Wrong(*place, str(error), error.code, error.element))
                    asked = "__btf_q_wrong"
                last = tokens.ends[tokens.partner(at + 1)]
                head = line[: tokens.starts[0]] + f"{tokens.words[0]} = " if tokens.words[1] == "=" else "  "
                debug = re.search(r", !dbg !\d+", line[last:])
                function.body[index] = f"{head}call i64 @{asked}(){debug[0] if debug else ''}"

    def asked(self, homes: Mapping[str, tuple[str, ...]]) -> Iterable[Asked]:
        """Yield what is asked, by the functions that the calls are in in the end: *homes*, where they are
        not too many to tell."""
        for asked in self.chains.asked():
            callers: dict[str, None] = {}
            for symbol in (self.renamed.get(symbol, symbol) for symbol in asked.callers):
                roots = homes.get(symbol, ())
                if not 0 < len(roots) <= MAX_HOMES:
                    roots = (self._shown.get(symbol, symbol),)
                callers |= dict.fromkeys(roots)
            yield replace(asked, callers=tuple(callers))

    def _file_of(self, function: Function) -> str | None:
        node = self.module.metadata.node(function.debug) if function.debug else None
        return (node.get("file") or None) if node is not None else None

    # ---- what stays

    def missing_at(self) -> dict[str, Place | None]:
        functions = self.module.functions.values()
        return first_calls(self.missing, functions, self.module.metadata, self.own_files)

    def roots(self) -> list[str]:
        """Return the symbols that are there in any case: what is exported, and what data points to."""
        kept = [line for line in self.module.globals if is_kept(line)]
        return [*self.exported, *(symbols_in(kept) & self.module.functions.keys())]

    def choose_exported(self, is_library: bool) -> None:
        """Give programs, and the public functions of a library, names that BTF can hold."""
        metadata, taken = self.module.metadata, set(self.module.functions)
        for symbol, function in list(self.module.functions.items()):
            node = metadata.node(function.debug) if function.debug else None
            if node is None:
                continue
            owner = metadata.node(node.get("scope")) if node.get("scope").startswith("!") else None
            method = owner.string("name") if owner is not None and owner.kind == "DICompositeType" else ""
            name = node.string("name").partition("<")[0]
            self._shown[symbol] = name
            if function.section is None:
                is_local = function.is_internal or "DISPFlagLocalToUnit" in node.get("spFlags")
                place = (node.get("file"), node.number("line"), node.string("name"))
                is_public = not is_local or place in self._public
                if not is_public or not is_library or "<" in node.string("name"):
                    continue
                if node.get("file") not in self.own_files:
                    continue
                if not _is_callable(function) and not symbol.startswith("_R"):
                    continue
            new = symbol
            if symbol.startswith("_R"):
                new = identifier(name)
                if new in taken:
                    new = identifier(f"{method}_{name}" if method else f"{name}_")
                while new in taken:
                    new += "_"
            if function.section is None and not _is_callable(function):
                whole = wrapper(function, new, metadata)
                if whole is None:
                    continue
                function = self.module.functions[new] = whole
            elif new != symbol:
                self.renamed[symbol] = new
                self.module.functions[new] = self.module.functions.pop(symbol)
                function.name = new
            taken.add(new)
            shown = f"{method}::{name}" if method else name
            self.exported[new] = Exported(
                new,
                shown,
                function.section,
                self.own_files.get(node.get("file"), ""),
                node.number("line"),
                self._first_type(node),
            )
            name_function(metadata, function)
        if self.renamed:
            for function in self.module.functions.values():
                function.body = [self.rename(line) if "@_R" in line else line for line in function.body]

    def _first_type(self, program: Node) -> LocalType | None:
        metadata = self.module.metadata
        signature = metadata.node(program.get("type"))
        types = metadata.items(signature.get("types")) if signature is not None else []
        return type_of(metadata, types[1]) if len(types) > 1 else None

    def rename(self, line: str) -> str:
        return _MANGLED.sub(lambda found: f"@{self.renamed.get(found[1], found[1])}", line)

    def defined_globals(self) -> set[str]:
        return {unquoted(line.partition(" = ")[0]) for line in self.module.globals if not is_external(line)}


def _is_callable(function: Function) -> bool:
    """Return whether BPF can call the function as it is."""
    if len(function.parameters) > MAX_ARGUMENTS or not _IMMEDIATE.match(function.result_type):
        return False
    return all(_IMMEDIATE.match(one.split()[0]) and "sret" not in one for one in function.parameters)


def _quoted(text: str) -> str:
    data = text.encode("utf-8", "replace")
    inside = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in (0x22, 0x5C) else f"\\{byte:02X}" for byte in data
    )
    return f'"{inside}"'
