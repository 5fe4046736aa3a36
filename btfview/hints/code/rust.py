"""A block of Rust that reads a field on both kernels, in either dialect of the queries."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, assert_never

from .way import Bits, Composite, EnumNumber, Many, Number, Pointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .block import Block
    from .way import Hop, Leaf, Part, Way

DIALECTS = ("repr", "option")
_MARKERS = {"repr": "#[repr(Btf)]", "option": "#[btf_relocatable]\n#[repr(C)]"}
_KEYWORDS = frozenset(
    (
        *("abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn"),
        *("else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop"),
        *("macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static"),
        *("struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual"),
        *("where", "while", "yield"),
    )
)
_HEAD = """\
#![feature(btf_relocations, btf_relocations_extra)]
#![no_std]
#![allow(non_camel_case_types, non_snake_case, dead_code)]

"""
_MODULE = """\
mod block_{number} {{
{text}
#[no_mangle]
pub extern "C" fn use_{number}(ctx: *const u8) -> u64 {{
    match {call} {{
        Some(value) => value as u64,
        None => 0,
    }}
}}
}}
"""
READ_UNSIGNED = """\
#[inline(never)]
fn read_unsigned(at: *const u8, size: usize) -> u64 {
    match size {
        1 => unsafe { *at as u64 },
        2 => unsafe { *(at as *const u16) as u64 },
        4 => unsafe { *(at as *const u32) as u64 },
        _ => unsafe { *(at as *const u64) },
    }
}
"""


def rust_source(blocks: Sequence[Block]) -> str:
    """Return a whole program around *blocks*, each in a module, with a function ``use_0`` for the first, and
    so on."""
    return _HEAD + "".join(
        _MODULE.format(number=number, text=block.text, call=block.call) for number, block in enumerate(blocks)
    )


def rust_name(name: str) -> str:
    """Return *name* as Rust takes it.

    >>> rust_name("pid"), rust_name("type")
    ('pid', 'r#type')
    """
    return f"r#{name}" if name in _KEYWORDS else name


def rust_field(
    name: str, ways: tuple[tuple[str, Way], ...], comment: tuple[str, ...], dialect: str
) -> tuple[str, str]:
    """Return the block, and a call of its function *name*. *ways* have the flavor that each declares; they
    are tried in order."""
    is_place = any(way.is_place for _, way in ways)
    lines = [line for flavor, way in ways for line in rust_structs(way, flavor, dialect)]
    result = "*const u8" if is_place else "u64"
    lines += [*(f"/// {line}" for line in comment), f"fn {name}(from: *const u8) -> Option<{result}> {{"]
    for flavor, way in ways:
        lines += [f"    {line}" for line in _branch(way, flavor, dialect, is_place=is_place)]
    lines += ["    None", "}", ""]
    text = "\n".join(lines)
    if any(isinstance(way.leaf, Bits) for _, way in ways):
        text += f"\n{READ_UNSIGNED}"
    return text, f"{name}(ctx)"


def rust_enumerator(
    name: str, ways: tuple[tuple[str, str, str], ...], comment: tuple[str, ...], dialect: str
) -> tuple[str, str]:
    """The same for enumerators: each way is a flavor, an enum and an enumerator."""
    lines: list[str] = []
    for flavor, enum, value in ways:
        lines += ["#[repr(u32)]", f"enum {enum}{flavor} {{", f"    {rust_name(value)} = 0,", "}", ""]
    lines += [*(f"/// {line}" for line in comment), f"fn value_of_{name}() -> Option<u64> {{"]
    for flavor, enum, value in ways:
        query = f"({enum}{flavor}, {rust_name(value)})"
        if dialect == "option":
            lines.append(f"    if let Some(value) = core::btf::enum_value!{query} {{")
        else:
            lines.append(f"    if core::btf::enum_value_exists!{query} {{")
            lines.append(f"        let value = core::btf::enum_value!{query};")
        lines += ["        return Some(value as u64);", "    }"]
    lines += ["    None", "}", ""]
    return "\n".join(lines), f"value_of_{name}()"


def rust_type(
    name: str, ways: tuple[tuple[str, str, str], ...], comment: tuple[str, ...], dialect: str
) -> tuple[str, str]:
    """The same for types: each way is a flavor, ``struct`` or ``union``, and a name; which is there."""
    lines: list[str] = []
    for flavor, _, one in ways:
        lines += [_MARKERS[dialect], f"struct {rust_name(one + flavor)} {{}}", ""]
    lines += [*(f"/// {line}" for line in comment), f"fn which_{name}() -> Option<u64> {{"]
    for number, (flavor, _, one) in enumerate(ways, 1):
        lines.append(f"    if core::btf::type_exists!({rust_name(one + flavor)}) {{")
        lines += [f"        return Some({number});", "    }"]
    lines += ["    None", "}", ""]
    return "\n".join(lines), f"which_{name}()"


def rust_structs(way: Way, flavor: str, dialect: str) -> Iterator[str]:
    """Yield the lines of the structs that *way* needs, under one flavor."""
    for hop in way.hops:
        leaf = way.leaf if hop is way.hops[-1] else Pointer()
        yield from _struct(hop, flavor, leaf, dialect)


def _struct(hop: Hop, flavor: str, leaf: Leaf, dialect: str) -> Iterator[str]:
    owner, is_union, stem = f"{hop.root}{flavor}", hop.is_union, hop.root
    for part in hop.parts:
        stem = f"{stem}_{part.name}"
        if part is hop.parts[-1]:
            declared, more = _declared(leaf, f"{stem}_leaf{flavor}", flavor, dialect)
        else:
            declared, more = f"{stem}{flavor}", ()
        yield from more
        for length, at in zip(reversed(part.lengths), reversed(part.indices), strict=True):
            declared = f"[{declared}; {length or at + 1}]"
        word = "union" if is_union else "struct"
        copy = ["#[derive(Clone, Copy)]"] if is_union else []
        yield from (_MARKERS[dialect], *copy, f"{word} {rust_name(owner)} {{")
        yield from (f"    {rust_name(part.name)}: {declared},", "}", "")
        owner, is_union = f"{stem}{flavor}", False


def _declared(leaf: Leaf, name: str, flavor: str, dialect: str) -> tuple[str, tuple[str, ...]]:
    """Return the type of a field, and what must be defined for it."""
    match leaf:
        case Number(size, is_signed, _) | Bits(size, is_signed, _):
            return f"{'i' if is_signed else 'u'}{size * 8}", ()
        case EnumNumber(enum, size, is_signed, (first, value), _):
            tag = f"{enum}{flavor}" if enum else name
            number = f"{'i' if is_signed or value < 0 else 'u'}{size * 8}"
            return tag, (
                f"#[repr({number})]",
                f"enum {tag} {{",
                f"    {rust_name(first)} = {value},",
                "}",
                "",
            )
        case Pointer():
            return "*const u8", ()
        case Composite():
            return name, (_MARKERS[dialect], f"struct {name} {{}}", "")
        case Many(element, length):
            declared, more = _declared(element, name, flavor, dialect)
            return f"[{declared}; {length}]", more
        case _:
            assert_never(leaf)


def query_of(hop: Hop, flavor: str) -> str:
    """Return the arguments of a query: ``(task_struct___v6_1, se.vruntime)``."""
    return f"({rust_name(hop.root + flavor)}, {'.'.join(_part(part) for part in hop.parts)})"


def _part(part: Part) -> str:
    return rust_name(part.name) + "".join(f"[{index}]" for index in part.indices)


def _branch(way: Way, flavor: str, dialect: str, *, is_place: bool) -> Iterator[str]:
    """Yield an ``if`` for each hop, each in the one before."""
    at = "from"
    for depth, hop in enumerate(way.hops):
        inset, query = "    " * depth, query_of(hop, flavor)
        if dialect == "option":
            yield f"{inset}if let Some(offset) = core::btf::field_byte_offset!{query} {{"
        else:
            yield f"{inset}if core::btf::field_exists!{query} {{"
            yield f"{inset}    let offset = core::btf::field_byte_offset!{query};"
        if hop is way.hops[-1]:
            yield from (f"{inset}    {line}" for line in _value(way, at, query, dialect, is_place=is_place))
        else:
            yield f"{inset}    let hop = unsafe {{ *({at}.add(offset) as *const *const u8) }};"
            at = "hop"
    for depth in range(len(way.hops) - 1, -1, -1):
        yield f"{'    ' * depth}}}"


def _value(way: Way, at: str, query: str, dialect: str, *, is_place: bool) -> Iterator[str]:
    if way.is_located:
        yield "// The offset is in the low half, the length in the high one."
        yield f"let place = unsafe {{ *({at}.add(offset) as *const u32) }};"
        yield "return Some(unsafe { from.add((place & 0xffff) as usize) });"
        return
    if is_place:
        yield f"return Some(unsafe {{ {at}.add(offset) }});"
        return
    match way.leaf:
        case Bits(_, is_signed, _):
            may = "?" if dialect == "option" else ""
            yield f"let size = core::btf::field_byte_size!{query}{may};"
            yield f"let bits = read_unsigned(unsafe {{ {at}.add(offset) }}, size);"
            yield f"let bits = bits << core::btf::field_lshift!{query}{may};"
            shifted = f"core::btf::field_rshift!{query}{may}"
            if is_signed:
                yield f"return Some(((bits as i64) >> {shifted}) as u64);"
            else:
                yield f"return Some(bits >> {shifted});"
        case Number(size, is_signed, _) | EnumNumber(_, size, is_signed, _, _):
            number = f"{'i' if is_signed else 'u'}{size * 8}"
            widened = "" if number == "u64" else " as u64"
            yield f"let value = unsafe {{ *({at}.add(offset) as *const {number}) }}{widened};"
            yield f"return Some({_masked(way)});"
        case _:
            yield f"return Some(unsafe {{ *({at}.add(offset) as *const u64) }});"


def _masked(way: Way) -> str:
    value = f"(value >> {way.shift})" if way.shift else "value"
    return f"{value} & {way.mask:#x}" if way.mask else value
