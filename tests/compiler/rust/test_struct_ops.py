"""Functions whose addresses stand in statics: what struct_ops are made of."""

from __future__ import annotations

from pathlib import Path
from struct import pack

import pytest

from btfview.bpf.elf import ElfFile, read_elf
from btfview.bpf.object import read_object
from btfview.btf.reader import Btf
from btfview.btf.types import FuncProto, Ptr, Struct
from btfview.compiler.compile import compile_source
from btfview.compiler.options import CompileOptions
from btfview.source import Source

CASE = """#![no_std]
#[repr(C)]
pub struct tcp_congestion_ops { init: extern "C" fn(*mut u8), name: [u8; 16] }
#[no_mangle] #[link_section = "struct_ops/init"]
pub extern "C" fn init(_sk: *mut u8) {}
#[no_mangle] #[link_section = ".struct_ops.link"]
pub static ops: tcp_congestion_ops = tcp_congestion_ops { init: init, name: *b"case------------" };
"""
NESTED = """#![no_std]
#[repr(C)] #[derive(Clone, Copy)]
pub struct step { kind: u16, run: unsafe extern "C" fn(u32, *const u64) -> u64 }
#[repr(C)] pub struct table { first: u8, steps: [step; 2], last: end }
#[repr(C)] pub struct end { number: u32, run: extern "C" fn(i64) }
mod inner {
    pub extern "C" fn one(a: u32, _b: *const u64) -> u64 { a as u64 }
}
pub unsafe extern "C" fn two(_a: u32, b: *const u64) -> u64 { unsafe { *b } }
pub extern "C" fn three(_a: i64) {}
static STEP: step = step { kind: 0x201, run: inner::one };
#[no_mangle] #[link_section = ".data"]
pub static TABLE: table = table {
    first: 7, steps: [STEP, step { kind: 3, run: two }], last: end { number: 4, run: three },
};
#[no_mangle] pub extern "C" fn last() -> u32 { TABLE.last.number + TABLE.steps[1].kind as u32 }
"""


def compiled(text: str, frontend: str = "builtin") -> bytes:
    result = compile_source(Source("ops.rs", text), CompileOptions(frontend=frontend))
    assert result.object is not None, result.diagnostics
    return result.object


def in_section(elf: ElfFile, name: str) -> tuple[bytes, dict[int, str]]:
    """Return what the section *name* holds, and the functions whose addresses the loader puts there."""
    section = elf.section(name)
    assert section is not None
    symbols = elf.symbols()
    places = {one.offset: symbols[one.symbol_index].name for one in elf.relocations(section)}
    return elf.bytes_of(section), places


def prototype(btf: Btf, struct: str, member: str) -> FuncProto:
    [found] = [btf.type(one) for one in btf.ids_named(struct)]
    assert isinstance(found, Struct)
    pointer = btf.type(next(one for one in found.members if one.name == member).type_id)
    assert isinstance(pointer, Ptr)
    pointee = btf.type(pointer.type_id)
    assert isinstance(pointee, FuncProto)
    return pointee


def test_the_loader_finds_the_function_of_a_member() -> None:
    data = compiled(CASE)
    text, places = in_section(read_elf(data), ".struct_ops.link")
    assert text == bytes(8) + b"case------------"
    assert places == {0: "init"}
    found = prototype(read_object(data, path="ops.o").btf, "tcp_congestion_ops", "init")
    assert (len(found.params), found.type_id) == (1, 0)


@pytest.mark.rustc
def test_the_types_are_those_of_rustc() -> None:
    for text, struct, member in ((CASE, "tcp_congestion_ops", "init"), (NESTED, "step", "run")):
        found = []
        for frontend in ("builtin", "rustc"):
            data = compiled(text, frontend)
            btf = read_object(data, path="ops.o").btf
            one = prototype(btf, struct, member)
            found.append([btf.kind(part.type_id) for part in one.params])
        assert found[0] == found[1]


def test_functions_stand_anywhere_in_a_static() -> None:
    text, places = in_section(read_elf(compiled(NESTED)), ".data")
    places_of = {16: "one", 32: "two", 48: "three"}
    assert {offset: name.rpartition("::")[2] for offset, name in places.items()} == places_of
    assert text == pack("<B7xH6xQH6xQI4xQ", 7, 0x201, 0, 3, 0, 4, 0)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("static A: ops = ops { a: wide };", "mismatched types"),
        ("static A: ops = ops { a: ours };", "mismatched types"),
        ("static A: ops = ops { a: risky };", "mismatched types"),
        (
            "static A: ops = ops { a: bpf_ktime_get_ns };",
            "`bpf_ktime_get_ns` is the kernel's, and has no address here",
        ),
        (
            "const A: ops = ops { a: good };",
            "a constant that holds a function is not supported: use a static",
        ),
        (
            "static A: ops = ops { a: good }; fn f() { let a = A.a; a(1); }",
            "this function pointer may be any helper",
        ),
        ("fn f() { let a = good; }", "functions are not supported as values"),
    ],
)
def test_what_is_no_address_is_told(item: str, message: str) -> None:
    text = f"""#![no_std]
#[repr(C)] pub struct ops {{ a: extern "C" fn(u32) }}
extern "C" fn good(_a: u32) {{}}
extern "C" fn wide(_a: u64) {{}}
unsafe extern "C" fn risky(_a: u32) {{}}
fn ours(_a: u32) {{}}
unsafe extern "C" {{ safe fn bpf_ktime_get_ns(a: u32); }}
{item}
"""
    result = compile_source(Source("ops.rs", text), CompileOptions(frontend="builtin"))
    errors = [one for one in result.diagnostics if one.is_error]
    assert message in [one.message for one in errors], errors
    assert all(result.source.location(one.span.start).line == 8 for one in errors)


def test_the_case_is_taken(shared: Path) -> None:
    source = Source("f20.rs", (shared / "cases" / "rust" / "f20_struct_ops.rs").read_text())
    result = compile_source(source, CompileOptions(frontend="builtin"))
    assert result.object is not None, result.diagnostics
    assert result.frontend == "builtin"
