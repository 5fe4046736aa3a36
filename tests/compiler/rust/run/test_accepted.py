"""Programs that rustc accepts and we accept, with the results that rustc's code gives.

``cases/accepted.txt`` holds them behind lines ``//// name``; each has a function ``run``. Each is checked
alone; for the kernel and for rustc all stand in one file, a module each. ``cases/accepted_lines.txt`` holds
one a line, of which only the types and names are checked.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.source import Source
from tests.compiler.rust.front_end_helpers import build
from tests.compiler.rust.run.run_bpf import Pinned, loaded
from tests.compiler.rust.run.test_runs_like_rustc import argument_pairs, bpf_text, host_text
from tests.paths import RUST_CASES

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
@pytest.mark.skipif(shutil.which("rustc") is None, reason="needs rustc")
def test_accepted_by_rustc_and_the_verifier_with_the_same_results(tmp_path: Path) -> None:
    modules = "".join(
        f"mod p_{name} {{\n{body.replace('fn run(', 'pub fn run(')}}}\n"
        f"fn {name}(a: u64, b: u64) -> u64 {{ p_{name}::run(a, b) }}\n"
        for name, body in CASES.items()
    )
    pairs = argument_pairs()
    (tmp_path / "host.rs").write_text(host_text(modules, list(CASES)))
    command = [
        "rustc",
        "--edition",
        "2024",
        "-A",
        "warnings",
        "-C",
        "overflow-checks=off",
        "-o",
        "host",
        "host.rs",
    ]
    built = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr[:3000]
    lines = "".join(f"{a} {b}\n" for a, b in pairs)
    shown = subprocess.run([tmp_path / "host"], input=lines, capture_output=True, text=True, check=True)
    expected = iter(map(int, shown.stdout.split()))

    result = compile_source(Source("accepted.rs", bpf_text(modules, list(CASES))))
    assert result.object is not None, result.diagnostics[:3]
    (tmp_path / "case.o").write_bytes(result.object)
    differing = []
    with loaded(tmp_path / "case.o") as folder:
        programs = {name: Pinned(folder / f"run_{name}") for name in CASES}
        for a, b in pairs:
            for name, program in programs.items():
                value = struct.unpack("<3Q", program.run(struct.pack("<3Q", a, b, 0))[1])[2]
                wanted = next(expected)
                if value != wanted:
                    differing.append((name, a, b, value, wanted))
        for program in programs.values():
            program.close()
    assert not differing


LINES = (RUST_CASES / "accepted_lines.txt").read_text().splitlines()


def line_program(line: str) -> str:
    return f"pub struct S {{ a: u32 }} {line}\n"


@pytest.mark.parametrize("line", LINES)
def test_accepted_line(line: str) -> None:
    assert [item.message for item in build(line_program(line)).diagnostics if item.is_error] == []


@pytest.mark.skipif(shutil.which("rustc") is None, reason="needs rustc")
def test_rustc_accepts_the_lines(tmp_path: Path) -> None:
    text = "#![allow(warnings)]\n" + "".join(
        f"pub mod p{index} {{ {line_program(line)} }}\n" for index, line in enumerate(LINES)
    )
    (tmp_path / "lib.rs").write_text(text)
    command = ["rustc", "--edition", "2024", "--crate-type", "lib", "--emit", "obj", "lib.rs"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:3000]


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


@pytest.mark.skipif(shutil.which("rustc") is None, reason="needs rustc")
def test_rustc_accepts_the_helpers(tmp_path: Path) -> None:
    (tmp_path / "lib.rs").write_text(HELPERS)
    command = ["rustc", "--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "lib.rs"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
