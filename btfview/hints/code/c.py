"""A block of C that reads a field on both kernels, with libbpf's macros (bpf_core_read.h)."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, assert_never

from .way import Bits, Composite, EnumNumber, Many, Number, Pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .way import Hop, Leaf, Part, Way

_INTS = {1: "char", 2: "short", 4: "int", 8: "long long"}
_PAI = "__attribute__((preserve_access_index))"
_MACROS = """\
enum { FIELD_BYTE_OFFSET, FIELD_BYTE_SIZE, FIELD_EXISTS, FIELD_SIGNED, FIELD_LSHIFT_U64, FIELD_RSHIFT_U64 };
enum { ENUMVAL_EXISTS, ENUMVAL_VALUE };
static long (*bpf_probe_read_kernel)(void *to, unsigned int size, const void *from) = (void *)113;
#define bpf_core_field_exists(field) __builtin_preserve_field_info(field, FIELD_EXISTS)
#define bpf_core_read(to, size, from) \\
	bpf_probe_read_kernel(to, size, (const void *)__builtin_preserve_access_index(from))
#define INFO(from, field, what) __builtin_preserve_field_info((from)->field, FIELD_##what)
#define BPF_CORE_READ_BITFIELD_PROBED(from, field) ({ \\
	unsigned long long bits = 0; \\
	bpf_probe_read_kernel(&bits, INFO(from, field, BYTE_SIZE), \\
		(const char *)(from) + INFO(from, field, BYTE_OFFSET)); \\
	bits <<= INFO(from, field, LSHIFT_U64); \\
	INFO(from, field, SIGNED) ? (unsigned long long)((long long)bits >> INFO(from, field, RSHIFT_U64)) \\
		: bits >> INFO(from, field, RSHIFT_U64); })
#define bpf_core_type_exists(type) __builtin_preserve_type_info(*(typeof(type) *)0, 0)
#define bpf_core_enum_value_exists(type, value) \\
	__builtin_preserve_enum_value(*(typeof(type) *)value, ENUMVAL_EXISTS)
#define bpf_core_enum_value(type, value) \\
	__builtin_preserve_enum_value(*(typeof(type) *)value, ENUMVAL_VALUE)
"""
"""What a program has from libbpf's headers, which need not be on this machine."""
_PROGRAM = """
__attribute__((section("raw_tp/sys_enter"), used)) int use(void *ctx)
{{
	return (int)(unsigned long){call};
}}
char _license[] __attribute__((section("license"))) = "GPL";
"""


def c_source(block: str, call: str) -> str:
    """Return a whole program around *block*, with what libbpf's headers would give."""
    return f"{_MACROS}\n{block}{_PROGRAM.format(call=call)}"


def c_field(name: str, ways: tuple[tuple[str, Way], ...], comment: tuple[str, ...]) -> tuple[str, str]:
    """Return the block, and a call of its function. *ways* have the flavor that each declares; they are tried
    in order."""
    is_place = any(way.is_place for _, way in ways)
    lines = [f"/* {line} */" for line in comment]
    for flavor, way in ways:
        for hop, following in zip(reversed(way.hops), reversed((*way.hops[1:], None)), strict=True):
            leaf = way.leaf if following is None else None
            lines += [*_struct(hop, flavor, following, leaf), ""]
    function = f"read_{name}"
    result = "const void *" if is_place else "unsigned long long "
    lines += [f"static inline {result}{function}(const void *from)", "{"]
    for flavor, way in ways:
        hop = way.hops[0]
        lines.append(f"\tconst {_keyword(hop)} {hop.root}{flavor} *{flavor.strip('_')} = from;")
    lines.append("")
    for flavor, way in ways:
        variable = flavor.strip("_")
        guard = " &&\n\t    ".join(_exists(way, flavor, variable))
        lines.append(f"\tif ({guard}) {{")
        lines += [f"\t\t{line}".rstrip() for line in _read(way, flavor, variable, is_place=is_place)]
        lines.append("\t}")
    lines += ["\treturn 0;", "}", ""]
    return "\n".join(lines), f"{function}(ctx)"


def c_enumerator(
    name: str, ways: tuple[tuple[str, str, str], ...], comment: tuple[str, ...]
) -> tuple[str, str]:
    """The same for enumerators: each way is a flavor, an enum and an enumerator."""
    lines = [f"/* {line} */" for line in comment]
    lines += [f"enum {enum}{flavor} {{ {value}{flavor} }};" for flavor, enum, value in ways]
    lines += ["", f"static inline unsigned long long value_of_{name}(void)", "{"]
    for flavor, enum, value in ways:
        query = f"enum {enum}{flavor}, {value}{flavor}"
        lines.append(f"\tif (bpf_core_enum_value_exists({query}))")
        lines.append(f"\t\treturn bpf_core_enum_value({query});")
    lines += ["\treturn 0;", "}", ""]
    return "\n".join(lines), f"value_of_{name}()"


def c_type(name: str, ways: tuple[tuple[str, str, str], ...], comment: tuple[str, ...]) -> tuple[str, str]:
    """The same for types: each way is a flavor, ``struct`` or ``union``, and a name; which is there."""
    lines = [f"/* {line} */" for line in comment]
    lines += [f"{word} {one}{flavor} {{ int _; }} {_PAI};" for flavor, word, one in ways]
    lines += ["", f"static inline int which_{name}(void)", "{"]
    for number, (flavor, word, one) in enumerate(ways, 1):
        lines.append(f"\tif (bpf_core_type_exists({word} {one}{flavor}))")
        lines.append(f"\t\treturn {number};")
    lines += ["\treturn 0;", "}", ""]
    return "\n".join(lines), f"which_{name}()"


def _keyword(hop: Hop) -> str:
    return "union" if hop.is_union else "struct"


def _struct(hop: Hop, flavor: str, following: Hop | None, leaf: Leaf | None) -> Iterator[str]:
    yield f"{_keyword(hop)} {hop.root}{flavor} {{"
    depth = 1
    for _ in hop.parts[:-1]:
        yield "\t" * depth + "struct {"
        depth += 1
    last = hop.parts[-1]
    if leaf is None:
        assert following is not None
        yield "\t" * depth + f"{_keyword(following)} {following.root}{flavor} *{last.name}{_lengths(last)};"
    else:
        before, behind = _declared(leaf, flavor)
        yield "\t" * depth + f"{before}{last.name}{_lengths(last)}{behind};"
    for part in reversed(hop.parts[:-1]):
        depth -= 1
        yield "\t" * depth + f"}} {part.name}{_lengths(part)};"
    yield f"}} {_PAI};"


def _lengths(part: Part) -> str:
    return "".join(f"[{length or at + 1}]" for length, at in zip(part.lengths, part.indices, strict=True))


def _declared(leaf: Leaf, flavor: str) -> tuple[str, str]:
    match leaf:
        case Number(size, is_signed):
            return f"{'signed' if is_signed else 'unsigned'} {_INTS[size]} ", ""
        case Bits(size, is_signed, count):
            return f"{'signed' if is_signed else 'unsigned'} {_INTS[size]} ", f" : {count}"
        case EnumNumber(name, _, _, (first, value)):
            tag = f"{name}{flavor} " if name else ""
            return f"enum {tag}{{ {first}{flavor} = {value} }} ", ""
        case Pointer():
            return "void *", ""
        case Composite():
            return "struct { int _; } ", ""
        case Many(element, length):
            before, behind = _declared(element, flavor)
            return before, f"[{length}]{behind}"
        case _:
            assert_never(leaf)


def _path(hop: Hop) -> str:
    return ".".join(part.name + "".join(f"[{index}]" for index in part.indices) for part in hop.parts)


def _exists(way: Way, flavor: str, variable: str) -> Iterator[str]:
    yield f"bpf_core_field_exists({variable}->{_path(way.hops[0])})"
    for hop in way.hops[1:]:
        yield f"bpf_core_field_exists((({_keyword(hop)} {hop.root}{flavor} *)0)->{_path(hop)})"


def _read(way: Way, flavor: str, variable: str, *, is_place: bool) -> Iterator[str]:
    for number, (hop, following) in enumerate(zip(way.hops, way.hops[1:], strict=False), 1):
        pointer = f"hop{number}" if len(way.hops) > 2 else "hop"
        yield f"{_keyword(following)} {following.root}{flavor} *{pointer} = 0;"
        yield f"bpf_core_read(&{pointer}, sizeof({pointer}), &{variable}->{_path(hop)});"
        variable = pointer
    field = f"{variable}->{_path(way.hops[-1])}"
    if way.is_located:
        yield "unsigned int where = 0; /* offset in the low half, length in the high one */"
        yield f"bpf_core_read(&where, sizeof(where), &{field});"
        yield "return (const char *)from + (where & 0xffff);"
    elif is_place:
        yield f"return __builtin_preserve_access_index(&{field});"
    elif isinstance(way.leaf, Bits):
        yield f"return BPF_CORE_READ_BITFIELD_PROBED({variable}, {_path(way.hops[-1])});"
    else:
        before = "unsigned long long " if isinstance(way.leaf, Pointer) else f"typeof({field}) "
        yield f"{before}value = 0;"
        yield f"bpf_core_read(&value, sizeof(value), &{field});"
        value = f"value >> {way.shift}" if way.shift else "value"
        yield f"return {value} & {way.mask:#x};" if way.mask else f"return {value};"
