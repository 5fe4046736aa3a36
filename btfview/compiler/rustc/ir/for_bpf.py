"""Modules of rustc to modules for BPF: one of the program, and those of the crates that it uses.

* What has a section is a program, a public function of the program's own crate stays callable, and everything
  else is inlined: BPF passes five registers and returns one (LLVM: BPFISelLowering.cpp).
* A helper is called by its number, a panic ends the program (:mod:`btfview.compiler.llvm.early_return`).
* The target, its attributes and conventions are BPF's.
"""

from __future__ import annotations

import os
import re

from btfview.bpf_helpers import HELPER_NUMBERS
from btfview.compiler.options import CompileOptions
from btfview.frozen import replace

from .converted import Converted, Exported, SourceFile, Wrong
from .debug_info import clean_types, identifier, leave_out_names, name_function
from .externs import declare_function, declare_variable, is_external, share_externs, take_externs
from .local_types import LocalType, local_types, struct_layouts, type_of
from .maps import as_btf_map, is_legacy_map
from .module import Function, Module, symbols_in, unquoted
from .places import Place, first_calls
from .questions import Asked, Chains, QuestionError, constant_strings, marker_types, read_call
from .runtime import REPLACED, definitions
from .tokens import Tokens, without_words
from .wrappers import MAX_ARGUMENTS, wrapper

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .metadata import Node

PANIC = "__btf_panic"
"""What is called in place of every function of ``core`` that panics."""
_LAYOUT = "{order}-m:e-p:64:64-i64:64-i128:128-n32:64-S128"
_DROPPED = frozenset(
    [
        "fastcc",
        "coldcc",
        "preserve_mostcc",
        "preserve_allcc",
        "preserve_nonecc",
        "sret",
        "byval",
        "inreg",
        "swiftself",
    ]
)
_HOST_ATTRIBUTES = frozenset(
    [
        "noinline",
        "cold",
        "minsize",
        "optsize",
        "optnone",
        "uwtable",
        "nonlazybind",
        "sspstrong",
        "sspreq",
        "ssp",
        "inlinehint",
        "alwaysinline",
        "naked",
        "nocf_check",
        "fn_ret_thunk_extern",
        "mustprogress",
    ]
)
_ATTRIBUTE = re.compile(r'"[^"]*"(?:="[^"]*")?|[\w]+(?:\([^()]*\))?')
_GLOBAL = re.compile(r'(@(?:"[^"]*"|[-\w.$]+)) = (.*)$')
_GLOBAL_DEBUG = re.compile(r", !dbg (!\d+)")
_MANGLED = re.compile(r"@(_R[\w.$]+)")
_IMMEDIATE = re.compile(r"i(?:1|8|16|32|64)$|ptr$|void$")
MAX_HOMES = 8
"""Functions that a query is told of when it is inlined into them."""
_INTRINSICS = (
    "declare ptr @llvm.preserve.struct.access.index.p0.p0(ptr, i32 immarg, i32 immarg)",
    "declare ptr @llvm.preserve.union.access.index.p0.p0(ptr, i32 immarg)",
    "declare ptr @llvm.preserve.array.access.index.p0.p0(ptr, i32 immarg, i32 immarg)",
    "declare i32 @llvm.bpf.preserve.field.info.p0(ptr, i64 immarg)",
    "declare i32 @llvm.bpf.preserve.type.info(i32, i64 immarg)",
    "declare i64 @llvm.bpf.preserve.enum.value(i32, ptr, i64 immarg)",
    "declare i64 @llvm.bpf.btf.type.id(i32, i64 immarg)",
)


def convert(
    texts: Sequence[str],
    find: Callable[[str], SourceFile | None],
    options: CompileOptions,
    *,
    is_library: bool,
) -> Converted:
    """Return *texts*, the module of the program and those of its crates, as modules for BPF.

    *find* gives the user's files by the name that rustc has for them. Of a library the public functions stay.

    Raises:
        IrError: a line is not as rustc writes it.
    """
    parts = [
        _Part(Module(text), f"__btf_q_{index}_" if index else "__btf_q_", find, options)
        for index, text in enumerate(texts)
    ]
    for part in parts:
        part.find_questions()
    parts[0].choose_exported(is_library)
    for part in parts[1:]:
        part.choose_exported(False)
    _keep_reachable(parts)
    homes = _homes(parts)
    defined = {symbol for part in parts for symbol in part.module.functions} | {
        symbol for part in parts for symbol in part.defined_globals()
    }
    share_externs([(part.module, part.externs) for part in parts])
    modules = tuple(part.write(defined, is_alone=len(parts) == 1) for part in parts)
    return Converted(
        modules,
        tuple(asked for part in parts for asked in part.asked(homes)),
        tuple(exported for part in parts for exported in part.exported.values()),
        tuple(wrong for part in parts for wrong in part.wrong),
        {place: kind for part in parts for place, kind in part.locals.items()},
        {name: layout for part in parts for name, layout in part.layouts.items()},
        {symbol: place for part in reversed(parts) for symbol, place in sorted(part.missing_at().items())},
    )


def _keep_reachable(parts: Iterable[_Part]) -> None:
    """Drop the functions that no program comes to: of a library like aya nearly all."""
    parts = list(parts)
    where = {symbol: part for part in parts for symbol in part.module.functions}
    pending = [symbol for part in parts for symbol in part.roots()]
    reached: set[str] = set()
    while pending:
        symbol = pending.pop()
        if symbol in reached:
            continue
        reached.add(symbol)
        part = where.get(symbol)
        if part is not None:
            pending += symbols_in(part.module.functions[symbol].body)
    for part in parts:
        functions = part.module.functions
        part.module.functions = {name: found for name, found in functions.items() if name in reached}
        part.reached = reached


def _homes(parts: Sequence[_Part]) -> dict[str, tuple[str, ...]]:
    """Return the functions that stay into which each other one is inlined."""
    where = {symbol: part for part in parts for symbol in part.module.functions}
    exported = {symbol for part in parts for symbol in part.exported}
    found: dict[str, list[str]] = {}
    for root in sorted(exported):
        pending, seen = [root], {root}
        while pending:
            symbol = pending.pop()
            found.setdefault(symbol, []).append(root)
            part = where.get(symbol)
            called = symbols_in(part.module.functions[symbol].body) if part is not None else set()
            inlined = (called & where.keys()) - exported - seen
            seen |= inlined
            pending += inlined
    return {symbol: tuple(roots) for symbol, roots in found.items()}


class _Part:
    """One module on its way."""

    def __init__(
        self, module: Module, prefix: str, find: Callable[[str], SourceFile | None], options: CompileOptions
    ) -> None:
        self.module = module
        self._find = find
        self._options = options
        clean_types(module.metadata)
        units = module.metadata.items_of(module.named.get("!llvm.dbg.cu", ""))
        self._unit = units[0] if units else ""
        self._names: dict[str, str] = {}
        """Nodes of the user's files by the names that rustc has for them."""
        self._public: set[tuple[str, int, str]] = set()
        """File node, line and name of public functions."""
        self._own_files = self._map_files()
        self.locals = local_types(module.metadata, self._own_files)
        self.layouts = struct_layouts(module.metadata) if self._own_files else {}
        self.externs = take_externs(module)
        self.chains = Chains(module, self._unit, prefix)
        self.exported: dict[str, Exported] = {}
        self.wrong: list[Wrong] = []
        self.missing: set[str] = set()
        self.reached: set[str] = set()
        self._renamed: dict[str, str] = {}
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
        own = next(iter(self._own_files), None)
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
            for symbol in (self._renamed.get(symbol, symbol) for symbol in asked.callers):
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
        return first_calls(self.missing, functions, self.module.metadata, self._own_files)

    def roots(self) -> list[str]:
        """Return the symbols that are there in any case: what is exported, and what data points to."""
        kept = [line for line in self.module.globals if _is_kept(line)]
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
                if node.get("file") not in self._own_files:
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
                self._renamed[symbol] = new
                self.module.functions[new] = self.module.functions.pop(symbol)
                function.name = new
            taken.add(new)
            shown = f"{method}::{name}" if method else name
            self.exported[new] = Exported(
                new,
                shown,
                function.section,
                self._own_files.get(node.get("file"), ""),
                node.number("line"),
                self._first_type(node),
            )
            name_function(metadata, function)
        if self._renamed:
            for function in self.module.functions.values():
                function.body = [self._rename(line) if "@_R" in line else line for line in function.body]

    def _first_type(self, program: Node) -> LocalType | None:
        metadata = self.module.metadata
        signature = metadata.node(program.get("type"))
        types = metadata.items(signature.get("types")) if signature is not None else []
        return type_of(metadata, types[1]) if len(types) > 1 else None

    def _rename(self, line: str) -> str:
        return _MANGLED.sub(lambda found: f"@{self._renamed.get(found[1], found[1])}", line)

    def defined_globals(self) -> set[str]:
        return {unquoted(line.partition(" = ")[0]) for line in self.module.globals if not is_external(line)}

    # ---- writing

    def write(self, defined: set[str], *, is_alone: bool) -> str:
        """Return the text; *defined* is what any of the modules defines."""
        module = self.module
        leave_out_names(module.metadata)
        order = "e" if self._options.endian == "little" else "E"
        lines = [
            'source_filename = "rustc"',
            f'target datalayout = "{_LAYOUT.format(order=order)}"',
            f'target triple = "{"bpfel" if order == "e" else "bpfeb"}"',
            "",
            *module.types,
        ]
        helpers = {
            symbol: HELPER_NUMBERS[symbol]
            for symbol in module.declared
            if symbol in HELPER_NUMBERS and symbol not in defined
        }
        panics = {
            symbol
            for symbol, function in module.declared.items()
            if module.has_attribute(function, "noreturn") and symbol not in defined | self.externs.keys()
        }
        bodies = [
            *(
                line
                for function in module.functions.values()
                for line in self._function(function, helpers, panics, is_alone)
            ),
            *(line for asked in self.chains.asked() for line in (*asked.lines, "")),
        ]
        used = symbols_in(bodies)
        unwinding = {function.personality for function in module.functions.values()}
        kept: list[str] = []
        pending = list(module.globals)
        progress = True
        while progress:  # a constant may name another
            progress, rest = False, []
            for line in pending:
                name = unquoted(line.partition(" = ")[0])
                if name in used or _is_kept(line):
                    kept.append(line)
                    used |= symbols_in([line])
                    progress = True
                else:
                    rest.append(line)
            pending = rest
        lines += [self._global(line, defined) for line in module.globals if line in kept]
        lines += self.chains.globals
        lines += ["", *bodies, *definitions(used)]
        for symbol, function in module.declared.items():
            if symbol in used and symbol not in panics and symbol not in helpers:
                groups = " ".join(function.attributes) if symbol.startswith("llvm.") else ""
                parameters = ", ".join(without_words(one, _DROPPED) for one in function.parameters)
                if symbol in self.externs and symbol not in defined:
                    extern = self.externs[symbol]
                    lines.append(declare_function(function, extern, module.metadata, parameters))
                    continue
                lines.append(f"declare {function.result} @{_spelled(symbol)}({parameters}) {groups}".rstrip())
                if symbol not in defined and not symbol.startswith("llvm.") and symbol not in unwinding:
                    self.missing.add(symbol)
        if f"@{PANIC}(" in "\n".join(bodies):
            lines.append(f"declare void @{PANIC}() noreturn nounwind")
        lines += [line for line in _INTRINSICS if line.partition("@")[2].partition("(")[0] in used]
        lines += [
            "",
            *(
                f"attributes {group} = {{ {self._attributes(text)} }}"
                for group, text in module.groups.items()
            ),
        ]
        version = module.metadata.add('!{i32 7, !"Dwarf Version", i32 4}')
        debug = module.metadata.add('!{i32 2, !"Debug Info Version", i32 3}')
        lines += ["", f"!llvm.module.flags = !{{{version}, {debug}}}"]
        if self._unit:
            lines.append(f"!llvm.dbg.cu = !{{{self._unit}}}")
        lines += ["", *module.metadata.lines(), ""]
        return "\n".join(self._rename(line) if "@_R" in line else line for line in lines)

    def _attributes(self, text: str) -> str:
        kept = [
            word
            for word in _ATTRIBUTE.findall(text)
            if not word.startswith('"') and word.partition("(")[0] not in _HOST_ATTRIBUTES
        ]
        return " ".join(kept) or "nounwind"

    def _function(
        self, function: Function, helpers: Mapping[str, int], panics: set[str], is_alone: bool
    ) -> Iterable[str]:
        if function.name in self.exported:
            place = f' section "{function.section}"' if function.section else ""
            linkage, extra = (
                ("dso_local" if function.section else "hidden"),
                f'nounwind "no-jump-tables"="true"{place}',
            )
        else:
            linkage = "internal" if function.is_internal or is_alone else "linkonce_odr hidden"
            extra = 'alwaysinline nounwind "no-jump-tables"="true"'
        result = without_words(function.result, _DROPPED)
        parameters = ", ".join(without_words(one, _DROPPED) for one in function.parameters)
        debug = f" !dbg {function.debug}" if function.debug else ""
        groups = "".join(f" {group}" for group in function.attributes)
        # Blocks that clean up after a panic are never come to, and LLVM drops them; until then they need it.
        unwinds = f" personality ptr @{function.personality}" if function.personality else ""
        head = f"define {linkage} {result} @{_spelled(function.name)}({parameters})"
        yield f"{head}{groups} {extra}{unwinds}{debug} {{"
        for line in function.body:
            if not line or line.lstrip()[:1] in (";", "#"):  # comments and debug records
                continue
            if (
                " call void @llvm.x86." in line or " call void @llvm.aarch64." in line
            ):  # core::hint::spin_loop
                continue
            yield (
                self._call(line, helpers, panics)
                if "@" in line and ("call " in line or "invoke " in line)
                else line
            )
        yield "}"
        yield ""

    def _call(self, line: str, helpers: Mapping[str, int], panics: set[str]) -> str:
        tokens = Tokens(line)
        at = tokens.symbol()
        verb = "call" if "call" in tokens.words else "invoke"
        if verb not in tokens.words or at is None or at < tokens.words.index(verb):
            return line
        name = tokens.words[at][1:].strip('"')
        if name in panics:
            debug = re.search(r", !dbg !\d+", line)
            return f"  {verb} void @{PANIC}() noreturn nounwind{debug[0] if debug else ''}"
        if name in REPLACED:
            line = f"{line[: tokens.starts[at]]}@{REPLACED[name]}{line[tokens.ends[at] :]}"
        if name in helpers:
            line = (
                f"{line[: tokens.starts[at]]}inttoptr (i64 {helpers[name]} to ptr){line[tokens.ends[at] :]}"
            )
        return without_words(line, _DROPPED)

    def _place_of(self, line: str) -> tuple[str, int]:
        """Return the file and the line that a global is declared at."""
        metadata, debug = self.module.metadata, _GLOBAL_DEBUG.search(line)
        expression = metadata.node(debug[1]) if debug else None
        variable = metadata.node(expression.get("var")) if expression else None
        file = metadata.node(variable.get("file")) if variable else None
        return (file.string("filename") if file else "", variable.number("line") if variable else 0)

    def _global(self, line: str, defined: set[str]) -> str:
        """Return a global as BPF has it: programs' data by its own name, all else as it is."""
        if is_legacy_map(line):
            try:
                return as_btf_map(line, self.module.metadata, self._unit)
            except ValueError as error:
                self.wrong.append(Wrong(*self._place_of(line), 1, str(error), None))
                return line
        name = unquoted(line.partition(" = ")[0])
        if is_external(line) and name not in defined:
            if name in self.externs:
                return declare_variable(line, self.externs[name], self.module.metadata, self._unit)
            self.missing.add(name)
        found = _GLOBAL.match(line)
        debug = _GLOBAL_DEBUG.search(line)
        if found is None or debug is None:
            return line
        expression = self.module.metadata.node(debug[1])
        variable = self.module.metadata.node(expression.get("var")) if expression is not None else None
        if variable is None or "vtable" in variable.string("name"):
            return _GLOBAL_DEBUG.sub("", line)
        symbol = found[1][1:].strip('"')
        is_public = not re.match(r"(?:internal|private) ", found[2])
        if symbol.startswith("_R"):
            symbol = identifier(variable.string("name"))
            while symbol in self.exported or symbol in self._renamed.values():
                symbol = f"{symbol}_"
            self._renamed[found[1][1:].strip('"')] = symbol
        variable.fields.pop("linkageName", None)
        variable.fields["name"] = f'"{symbol}"'
        rest = re.sub(
            r"^(?:(?:internal|private|unnamed_addr|local_unnamed_addr|dso_local|hidden|external) )*",
            "",
            found[2],
        )
        kind, _, value = rest.partition(" ")
        section = ""
        if is_public and kind == "constant" and "section " not in value:
            section = ', section ".rodata"'
        value, _, tail = _split_tail(value)
        linkage = "dso_local" if is_public or "section " in tail else "internal"
        kind = "global" if is_public else kind
        if section:
            tail = f"{section}{tail}"
        return f"{found[1]} = {linkage} {kind} {value}{tail}"


def _split_tail(value: str) -> tuple[str, str, str]:
    """Return a global's value, and what follows it from the first ``, section`` or ``, align`` on."""
    tokens = Tokens(value)
    parts = tokens.split(0, len(tokens.words))
    end = tokens.ends[parts[0][1] - 1]
    return value[:end], "", value[end:]


def _is_kept(line: str) -> bool:
    """Return whether a global is the program's own data: it has a section, or it is public and no constant
    without a name."""
    if " section " in line:
        return True
    rest = line.partition(" = ")[2]
    return "!dbg" in line and not rest.startswith(("internal ", "private ", "external "))


def _is_callable(function: Function) -> bool:
    """Return whether BPF can call the function as it is."""
    if len(function.parameters) > MAX_ARGUMENTS or not _IMMEDIATE.match(function.result_type):
        return False
    return all(_IMMEDIATE.match(one.split()[0]) and "sret" not in one for one in function.parameters)


def _spelled(symbol: str) -> str:
    return symbol if re.fullmatch(r"[-\w.$]+", symbol) else f'"{symbol}"'


def _quoted(text: str) -> str:
    data = text.encode("utf-8", "replace")
    inside = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in (0x22, 0x5C) else f"\\{byte:02X}" for byte in data
    )
    return f'"{inside}"'
