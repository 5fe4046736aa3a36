"""Functions of two numbers, compiled by us and run by the kernel; and the same as a program for the host.

Each is ``fn NAME(a: u64, b: u64) -> u64``.
"""

from __future__ import annotations

import random
import re
import struct
from collections.abc import Sequence
from pathlib import Path

from btfview.compiler.compile import compile_source
from btfview.compiler.options import CompileOptions
from btfview.source import Source
from tests.compiler.rust.run.run_bpf import Pinned, loaded

HEAD = "#![allow(unused, non_camel_case_types)]\n"
EDGES = [
    0, 1, 2, 3, 5, 7, 16, 20, 29, 127, 128, 255, 256, 1023, 1024, 4096,
    2**31, 2**32 - 1, 2**63, 2**64 - 1,
]  # fmt: skip


def function_names(text: str) -> list[str]:
    return re.findall(r"^fn (\w+)\(_?a: u64, _?b: u64\) -> u64", text, re.MULTILINE)


def argument_pairs() -> list[tuple[int, int]]:
    """Return 300 pairs, the same every time: 100 of edges, 200 of any numbers."""
    numbers = random.Random(3966)
    pairs = [(numbers.choice(EDGES), numbers.choice(EDGES)) for _ in range(100)]
    return pairs + [
        (numbers.getrandbits(64), numbers.getrandbits(numbers.choice((3, 8, 13, 64)))) for _ in range(200)
    ]


def bpf_text(text: str, names: Sequence[str]) -> str:
    """Return *text* with a program ``run_NAME`` for each of its functions *names*."""
    arguments = "#[repr(C)]\npub struct arguments { a: u64, b: u64, result: u64 }\n"
    return HEAD + text + arguments + "".join(map(_entry, names))


def _entry(name: str) -> str:
    return f"""
#[unsafe(no_mangle)]
#[unsafe(link_section = "syscall")]
pub extern "C" fn run_{name}(ctx: *mut arguments) -> i32 {{
    unsafe {{ (*ctx).result = {name}((*ctx).a, (*ctx).b); }}
    0
}}
"""


def host_text(text: str, names: Sequence[str]) -> str:
    """Return *text* as a program that reads pairs and prints the results of all *names* for each."""
    calls = "".join(f'        println!("{{}}", {name}(v[0], v[1]));\n' for name in names)
    return (
        f"{HEAD}{text}\nfn main() {{\n    for line in std::io::stdin().lines() {{\n"
        "        let v: Vec<u64> = line.unwrap().split(' ').map(|x| x.parse().unwrap()).collect();\n"
        f"{calls}    }}\n}}\n"
    )


def run_in_kernel(
    text: str, names: Sequence[str], pairs: Sequence[tuple[int, int]], folder: Path, cpu: str = "v3"
) -> dict[str, list[int]]:
    """Return what the functions *names* of *text* give for *pairs*; the object is written to *folder*."""
    result = compile_source(Source("functions.rs", bpf_text(text, names)), CompileOptions(cpu=cpu))
    assert result.object is not None, result.diagnostics[:3]
    path = folder / "functions.o"
    path.write_bytes(result.object)
    found: dict[str, list[int]] = {}
    with loaded(path) as pins:
        for name in names:
            program = Pinned(pins / f"run_{name}")
            contexts = (program.run(struct.pack("<3Q", a, b, 9))[1] for a, b in pairs)
            found[name] = [struct.unpack("<3Q", context)[2] for context in contexts]
            program.close()
    return found
