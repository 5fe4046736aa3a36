"""A block of C that reads a field on both kernels, with libbpf's macros (bpf_core_read.h)."""

from __future__ import annotations

import re

from btfview.frozen import TYPE_CHECKING

from .c_types import PRESERVE, CTypes, keyword
from .way import Bits, EnumNumber, Number, Pointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .block import Block
    from .way import Hop, Way

MAX_HOPS = 6
"""Pointers that are followed in one read; kernels' paths have three."""
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
#define READ_1(from, a) ({ \\
	typeof(from) start = (from); \\
	typeof(start->a) value; \\
	bpf_core_read(&value, sizeof(value), &start->a); \\
	value; })
#define READ_2(from, a, b) READ_1(READ_1(from, a), b)
#define READ_3(from, a, b, c) READ_1(READ_2(from, a, b), c)
#define READ_4(from, a, b, c, d) READ_1(READ_3(from, a, b, c), d)
#define READ_5(from, a, b, c, d, e) READ_1(READ_4(from, a, b, c, d), e)
#define READ_6(from, a, b, c, d, e, f) READ_1(READ_5(from, a, b, c, d, e), f)
#define NTH(a, b, c, d, e, f, n, ...) n
#define BPF_CORE_READ(from, ...) \\
	NTH(__VA_ARGS__, READ_6, READ_5, READ_4, READ_3, READ_2, READ_1)(from, __VA_ARGS__)
#define bpf_core_type_exists(type) __builtin_preserve_type_info(*(typeof(type) *)0, 0)
#define bpf_core_enum_value_exists(type, value) \\
	__builtin_preserve_enum_value(*(typeof(type) *)value, ENUMVAL_EXISTS)
#define bpf_core_enum_value(type, value) \\
	__builtin_preserve_enum_value(*(typeof(type) *)value, ENUMVAL_VALUE)
"""
"""What a program has from libbpf's headers, which need not be on this machine."""
_PROGRAM = """
__attribute__((section("raw_tp/sys_enter"), used)) int use_{number}(void *ctx)
{{
	return (int)(unsigned long){call};
}}
"""
_LICENSE = 'char _license[] __attribute__((section("license"))) = "GPL";\n'


def c_source(block: str, calls: Sequence[str]) -> str:
    """Return a whole program around *block*, with what libbpf's headers would give: a function ``use_0`` for
    the first of *calls*, and so on."""
    programs = "".join(_PROGRAM.format(number=number, call=call) for number, call in enumerate(calls))
    return f"{_MACROS}\n{block}{programs}{_LICENSE}"


def c_together(blocks: Sequence[Block]) -> tuple[str, list[str]]:
    """Return several blocks as one, and the calls of their functions. Each has its names to itself: one text
    may declare what another declares, too, so the preprocessor numbers them, which leaves what libbpf looks
    for as it was, a flavor apart."""
    if len(blocks) == 1:
        return blocks[0].text, [blocks[0].call]
    texts: list[str] = []
    calls: list[str] = []
    for number, block in enumerate(blocks):
        flavors = "|".join(map(re.escape, block.flavors))
        names = sorted({*re.findall(rf"\b\w+(?:{flavors})\b", block.text), block.function})
        texts += [f"#define {name} {name}_{number}\n" for name in names]
        texts += [block.text, *(f"#undef {name}\n" for name in names)]
        calls.append(block.call.replace(block.function, f"{block.function}_{number}", 1))
    return "".join(texts), calls


def c_field(name: str, ways: tuple[tuple[str, Way], ...], comment: tuple[str, ...]) -> tuple[str, str]:
    """Return the block, and a call of its function *name*. *ways* have the flavor that each declares; they
    are tried in order."""
    types = CTypes()
    for flavor, way in ways:
        types.add(way, flavor)
    lines = [f"/* {line} */" for line in comment]
    return "\n".join((*lines, *types.lines(), *c_function(name, ways), "")), f"{name}(ctx)"


def c_function(name: str, ways: Sequence[tuple[str, Way]]) -> Iterator[str]:
    """Yield the lines of a function that reads a field: its value, for a pointer or a place (of a struct, an
    array) that; 0 where there is none. *ways* have the flavor of their structs, which are declared
    elsewhere; they are tried in order."""
    is_place = any(way.is_place for _, way in ways)
    yield f"static inline {_result([way for _, way in ways])}{name}(const void *from)"
    yield "{"
    for flavor, way in ways:
        hop = way.hops[0]
        yield f"\t{keyword(hop)} {hop.root}{flavor} *{flavor.strip('_')} = (void *)from;"
    yield ""
    for flavor, way in ways:
        variable = flavor.strip("_")
        guard = " &&\n\t    ".join(_exists(way, flavor, variable))
        read = [f"\t\t{line}" for line in _read(way, flavor, variable, is_place=is_place)]
        yield f"\tif ({guard})" + (" {" if len(read) > 1 else "")
        yield from read
        if len(read) > 1:
            yield "\t}"
    yield from ("\treturn 0;", "}")


def _result(ways: Sequence[Way]) -> str:
    if any(way.is_place for way in ways):
        return "const void *"
    if all(isinstance(way.leaf, Pointer) for way in ways):
        return "void *"
    is_signed = any(
        isinstance(way.leaf, Number | Bits | EnumNumber) and way.leaf.is_signed and not way.mask
        for way in ways
    )
    return "long long " if is_signed else "unsigned long long "


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
    """The same for types: each way is a flavor, ``struct`` or ``union``, and a name; which is there, or of
    one whether it is."""
    function = f"which_{name}" if len(ways) > 1 else f"has_{name}"
    lines = [f"/* {line} */" for line in comment]
    lines += [f"{word} {one}{flavor} {{ int _; }} {PRESERVE};" for flavor, word, one in ways]
    lines += ["", f"static inline int {function}(void)", "{"]
    for number, (flavor, word, one) in enumerate(ways, 1):
        lines.append(f"\tif (bpf_core_type_exists({word} {one}{flavor}))")
        lines.append(f"\t\treturn {number};")
    lines += ["\treturn 0;", "}", ""]
    return "\n".join(lines), f"{function}()"


def _path(hop: Hop) -> str:
    return ".".join(part.name + "".join(f"[{index}]" for index in part.indices) for part in hop.parts)


def _exists(way: Way, flavor: str, variable: str) -> Iterator[str]:
    yield f"bpf_core_field_exists({variable}->{_path(way.hops[0])})"
    for hop in way.hops[1:]:
        yield f"bpf_core_field_exists((({keyword(hop)} {hop.root}{flavor} *)0)->{_path(hop)})"


def _read(way: Way, flavor: str, variable: str, *, is_place: bool) -> Iterator[str]:
    if way.is_located:
        yield f"unsigned int where = {_core_read(variable, way.hops)};"
        yield ""
        yield "/* The offset is in the low half, the length in the high one. */"
        yield "return (const char *)from + (where & 0xffff);"
    elif is_place:
        yield from _last_hop(way, flavor, variable)
        last = "hop" if way.hops[1:] else variable
        yield f"return __builtin_preserve_access_index(&{last}->{_path(way.hops[-1])});"
    elif _is_sized(way):
        # The kernel's size and bits count, not those declared here.
        yield from _last_hop(way, flavor, variable)
        last = "hop" if way.hops[1:] else variable
        yield f"return BPF_CORE_READ_BITFIELD_PROBED({last}, {_path(way.hops[-1])});"
    else:
        cast = "(unsigned long long)" if isinstance(way.leaf, Pointer) and way.mask else ""
        value = cast + _core_read(variable, way.hops)
        value = f"{value} >> {way.shift}" if way.shift else value
        yield f"return {value} & {way.mask:#x};" if way.mask else f"return {value};"


def _last_hop(way: Way, flavor: str, variable: str) -> Iterator[str]:
    """Yield a variable ``hop`` for the struct that the last pointer leads to, if there is any pointer."""
    if way.hops[1:]:
        last = way.hops[-1]
        yield f"{keyword(last)} {last.root}{flavor} *hop = {_core_read(variable, way.hops[:-1])};"
        yield ""


def _core_read(variable: str, hops: Sequence[Hop]) -> str:
    return f"BPF_CORE_READ({', '.join((variable, *map(_path, hops)))})"


def _is_sized(way: Way) -> bool:
    """Tell whether the read takes its size from the kernel."""
    match way.leaf:
        case Bits() | Number(is_resized=True):
            return True
        case EnumNumber(byte_size=size, bits=bits):
            return bits > 0 or size != 4  # C's enum has four bytes
        case _:
            return False
