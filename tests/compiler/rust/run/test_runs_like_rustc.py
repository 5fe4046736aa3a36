"""What we make of a function, run by the kernel, equals what rustc makes of it, run on the host."""

from __future__ import annotations

import random
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.options import CompileOptions
from btfview.source import Source
from tests.compiler.rust.run.run_bpf import Pinned, loaded
from tests.paths import RUST_CASES as CASES

HEAD = "#![allow(unused, non_camel_case_types)]\n"
EDGES = [
    0,
    1,
    2,
    3,
    5,
    7,
    16,
    20,
    29,
    127,
    128,
    255,
    256,
    1023,
    1024,
    4096,
    2**31,
    2**32 - 1,
    2**63,
    2**64 - 1,
]


def function_names(text: str) -> list[str]:
    return re.findall(r"^fn (\w+)\(_?a: u64, _?b: u64\) -> u64", text, re.MULTILINE)


def entry(name: str) -> str:
    return f"""
#[unsafe(no_mangle)]
#[unsafe(link_section = "syscall")]
pub extern "C" fn run_{name}(ctx: *mut arguments) -> i32 {{
    unsafe {{ (*ctx).result = {name}((*ctx).a, (*ctx).b); }}
    0
}}
"""


def bpf_text(text: str, names: list[str]) -> str:
    arguments = "#[repr(C)]\npub struct arguments { a: u64, b: u64, result: u64 }\n"
    return HEAD + text + arguments + "".join(map(entry, names))


def host_text(text: str, names: list[str]) -> str:
    calls = "".join(f'        println!("{{}}", {name}(v[0], v[1]));\n' for name in names)
    return (
        f"{HEAD}{text}\nfn main() {{\n    for line in std::io::stdin().lines() {{\n"
        "        let v: Vec<u64> = line.unwrap().split(' ').map(|x| x.parse().unwrap()).collect();\n"
        f"{calls}    }}\n}}\n"
    )


def argument_pairs() -> list[tuple[int, int]]:
    numbers = random.Random(3966)
    pairs = [(numbers.choice(EDGES), numbers.choice(EDGES)) for _ in range(100)]
    return pairs + [
        (numbers.getrandbits(64), numbers.getrandbits(numbers.choice((3, 8, 13, 64)))) for _ in range(200)
    ]


@pytest.mark.kernel
@pytest.mark.skipif(shutil.which("rustc") is None, reason="needs rustc")
@pytest.mark.parametrize(
    ("case", "cpu"),
    [
        ("arithmetic", "v3"),
        ("arithmetic", "v1"),
        ("signed_division", "v4"),
        ("integer_methods", "v3"),
        ("signed_methods", "v4"),
    ],
)
def test_functions_give_the_results_that_rustc_gives(case: str, cpu: str, tmp_path: Path) -> None:
    text = (CASES / f"{case}.rs").read_text()
    names, pairs = function_names(text), argument_pairs()
    assert names
    (tmp_path / "host.rs").write_text(host_text(text, names))
    command = ["rustc", "--edition", "2024", "-C", "overflow-checks=off", "-o", "host", "host.rs"]
    built = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    lines = "".join(f"{a} {b}\n" for a, b in pairs)
    shown = subprocess.run([tmp_path / "host"], input=lines, capture_output=True, text=True, check=True)
    expected = iter(map(int, shown.stdout.split()))

    result = compile_source(Source(f"{case}.rs", bpf_text(text, names)), CompileOptions(cpu=cpu))
    assert result.object is not None, result.diagnostics
    (tmp_path / "case.o").write_bytes(result.object)
    differing = []
    with loaded(tmp_path / "case.o") as folder:
        programs = [Pinned(folder / f"run_{name}") for name in names]
        for a, b in pairs:
            for name, program in zip(names, programs, strict=True):
                value = struct.unpack("<3Q", program.run(struct.pack("<3Q", a, b, 0))[1])[2]
                wanted = next(expected)
                if value != wanted:
                    differing.append((name, a, b, value, wanted))
        for program in programs:
            program.close()
    assert not differing
