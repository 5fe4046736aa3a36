"""Programs that rustc accepts and we accept, with the results that rustc's code gives.

``cases/accepted.txt`` holds them behind lines ``//// name``; each has a function ``run``. Each is checked
alone; for the kernel and for rustc all stand in one file, a module each. ``cases/accepted_lines.txt`` holds
one a line, of which only the types and names are checked.
"""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.source import Source
from tests.compiler.rust.front_end_helpers import build
from tests.compiler.rust.run.functions import argument_pairs, host_text, run_in_kernel
from tests.compiler.rust.run.run_bpf import Pinned, loaded
from tests.paths import RUST_CASES
from tests.rustc import Rustc

CASES = {
    name.strip(): body
    for name, body in (
        part.split("\n", 1) for part in (RUST_CASES / "accepted.txt").read_text().split("//// ")[1:]
    )
}


@pytest.mark.parametrize("name", CASES)
def test_accepted_alone(name: str) -> None:
    result = build(CASES[name].replace("fn run(", "pub fn run("))
    assert [item.message for item in result.diagnostics] == []


def test_there_are_forty() -> None:
    assert len(CASES) >= 40


@pytest.mark.kernel
def test_accepted_by_rustc_and_the_verifier_with_the_same_results(rustc: Rustc, tmp_path: Path) -> None:
    modules = "".join(
        f"mod p_{name} {{\n{body.replace('fn run(', 'pub fn run(')}}}\n"
        f"fn {name}(a: u64, b: u64) -> u64 {{ p_{name}::run(a, b) }}\n"
        for name, body in CASES.items()
    )
    names, pairs = list(CASES), argument_pairs()
    theirs = rustc.results(host_text(modules, names), names, pairs)
    assert theirs.differing(run_in_kernel(modules, names, pairs, tmp_path), pairs) == []


LINES = (RUST_CASES / "accepted_lines.txt").read_text().splitlines()


def line_program(line: str) -> str:
    return f"pub struct S {{ a: u32 }} {line}\n"


@pytest.mark.parametrize("line", LINES)
def test_accepted_line(line: str) -> None:
    assert [item.message for item in build(line_program(line)).diagnostics if item.is_error] == []


def test_rustc_accepts_the_lines(rustc: Rustc) -> None:
    programs = (f"pub mod p{index} {{ {line_program(line)} }}\n" for index, line in enumerate(LINES))
    assert rustc.errors("#![allow(warnings)]\n" + "".join(programs)) == set()


HELPERS = """
#[unsafe(no_mangle)] #[unsafe(link_section = "license")] pub static LICENSE: [u8; 4] = *b"GPL\\0";
type Ktime = unsafe extern "C" fn() -> u64;
#[unsafe(no_mangle)]
#[unsafe(link_section = "syscall")]
pub extern "C" fn run(ctx: *mut [u64; 3]) -> i32 {
    let ktime: Ktime = unsafe { core::mem::transmute(5usize) };
    let smp: unsafe extern "C" fn() -> u32 = unsafe { core::mem::transmute::<usize, _>(8) };
    let probe: unsafe extern "C" fn(*mut u8, u32, *const u8) -> i64 = unsafe { core::mem::transmute(4usize) };
    let mut byte = 7u8;
    unsafe {
        (*ctx)[0] = ktime();
        (*ctx)[1] = smp() as u64;
        (*ctx)[2] = (probe(&mut byte, 1, core::ptr::null()) as u64) << 8 | byte as u64;
    }
    0
}
"""


@pytest.mark.kernel
def test_helpers_are_called_by_their_numbers(tmp_path: Path) -> None:
    """linux/bpf.h: 5 is bpf_ktime_get_ns, 8 bpf_get_smp_processor_id, 4 bpf_probe_read."""
    result = compile_source(Source("helpers.rs", HELPERS))
    assert result.object is not None, result.diagnostics
    (tmp_path / "case.o").write_bytes(result.object)
    with loaded(tmp_path / "case.o") as folder:
        program = Pinned(folder / "run")
        first, second = (struct.unpack("<3Q", program.run(bytes(24))[1]) for _ in range(2))
        program.close()
    assert 0 < first[0] < second[0]
    assert first[1] < 4096
    assert first[2] == ((-14 << 8) & (1 << 64) - 1)  # -EFAULT, and the helper clears what it could not fill


def test_rustc_accepts_the_helpers(rustc: Rustc) -> None:
    assert rustc.errors(HELPERS) == set()
