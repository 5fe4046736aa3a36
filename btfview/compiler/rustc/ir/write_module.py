"""The text of a module for BPF: the target, its functions, attributes and calls."""

from __future__ import annotations

import re

from btfview.bpf_helpers import HELPER_NUMBERS

from .debug_info import leave_out_names
from .externs import declare_function
from .globals import write_global
from .module import Function, is_kept, symbols_in, unquoted
from .runtime import REPLACED, definitions
from .tokens import Tokens, without_words

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .part import Part

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
_INTRINSICS = (
    "declare ptr @llvm.preserve.struct.access.index.p0.p0(ptr, i32 immarg, i32 immarg)",
    "declare ptr @llvm.preserve.union.access.index.p0.p0(ptr, i32 immarg)",
    "declare ptr @llvm.preserve.array.access.index.p0.p0(ptr, i32 immarg, i32 immarg)",
    "declare i32 @llvm.bpf.preserve.field.info.p0(ptr, i64 immarg)",
    "declare i32 @llvm.bpf.preserve.type.info(i32, i64 immarg)",
    "declare i64 @llvm.bpf.preserve.enum.value(i32, ptr, i64 immarg)",
    "declare i64 @llvm.bpf.btf.type.id(i32, i64 immarg)",
)


def write_module(part: Part, defined: set[str], *, is_alone: bool) -> str:
    """Return the text; *defined* is what any of the modules defines."""
    module = part.module
    leave_out_names(module.metadata)
    order = "e" if part.options.endian == "little" else "E"
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
        if module.has_attribute(function, "noreturn") and symbol not in defined | part.externs.keys()
    }
    bodies = [
        *(
            line
            for function in module.functions.values()
            for line in _function(part, function, helpers, panics, is_alone)
        ),
        *(line for asked in part.chains.asked() for line in (*asked.lines, "")),
    ]
    used = symbols_in(bodies)
    unwinding = {function.personality for function in module.functions.values()}
    lines += [write_global(part, line, defined) for line in _kept_globals(module.globals, used)]
    lines += part.chains.globals
    lines += ["", *bodies, *definitions(used)]
    for symbol, function in module.declared.items():
        if symbol in used and symbol not in panics and symbol not in helpers:
            groups = " ".join(function.attributes) if symbol.startswith("llvm.") else ""
            parameters = ", ".join(without_words(one, _DROPPED) for one in function.parameters)
            if symbol in part.externs and symbol not in defined:
                extern = part.externs[symbol]
                lines.append(declare_function(function, extern, module.metadata, parameters))
                continue
            lines.append(f"declare {function.result} @{_spelled(symbol)}({parameters}) {groups}".rstrip())
            if symbol not in defined and not symbol.startswith("llvm.") and symbol not in unwinding:
                part.missing.add(symbol)
    if f"@{PANIC}(" in "\n".join(bodies):
        lines.append(f"declare void @{PANIC}() noreturn nounwind")
    lines += [line for line in _INTRINSICS if line.partition("@")[2].partition("(")[0] in used]
    lines += [
        "",
        *(f"attributes {group} = {{ {_attributes(text)} }}" for group, text in module.groups.items()),
    ]
    version = module.metadata.add('!{i32 7, !"Dwarf Version", i32 4}')
    debug = module.metadata.add('!{i32 2, !"Debug Info Version", i32 3}')
    lines += ["", f"!llvm.module.flags = !{{{version}, {debug}}}"]
    if part.unit:
        lines.append(f"!llvm.dbg.cu = !{{{part.unit}}}")
    lines += ["", *module.metadata.lines(), ""]
    return "\n".join(part.rename(line) if "@_R" in line else line for line in lines)


def _kept_globals(lines: Sequence[str], used: set[str]) -> list[str]:
    """Return those of the globals *lines* that *used* names, or that stay in any case; add to *used* what
    they name, for a constant may name another."""
    names = [unquoted(line.partition(" = ")[0]) for line in lines]
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(name, []).append(place)
    kept: set[int] = set()
    pending = [place for place, line in enumerate(lines) if names[place] in used or is_kept(line)]
    while pending:
        place = pending.pop()
        if place not in kept:
            kept.add(place)
            found = symbols_in([lines[place]])
            pending += [other for name in found for other in places.get(name, ())]
            used |= found
    return [lines[place] for place in sorted(kept)]


def _attributes(text: str) -> str:
    kept = [
        word
        for word in _ATTRIBUTE.findall(text)
        if not word.startswith('"') and word.partition("(")[0] not in _HOST_ATTRIBUTES
    ]
    return " ".join(kept) or "nounwind"


def _function(
    part: Part, function: Function, helpers: Mapping[str, int], panics: set[str], is_alone: bool
) -> Iterable[str]:
    if function.name in part.exported:
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
        if " call void @llvm.x86." in line or " call void @llvm.aarch64." in line:  # core::hint::spin_loop
            continue
        yield (
            _call(line, helpers, panics) if "@" in line and ("call " in line or "invoke " in line) else line
        )
    yield "}"
    yield ""


def _call(line: str, helpers: Mapping[str, int], panics: set[str]) -> str:
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
        line = f"{line[: tokens.starts[at]]}inttoptr (i64 {helpers[name]} to ptr){line[tokens.ends[at] :]}"
    return without_words(line, _DROPPED)


def _spelled(symbol: str) -> str:
    return symbol if re.fullmatch(r"[-\w.$]+", symbol) else f'"{symbol}"'
