"""Random functions over the whole language: the kernel runs ours, the host runs rustc's; they must agree."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.compiler.options import CompileOptions
from btfview.source import Source
from tests.compiler.rust.run.random_functions import functions
from tests.compiler.rust.run.run_bpf import Pinned, loaded
from tests.compiler.rust.run.test_runs_like_rustc import argument_pairs, bpf_text, host_text

SAMPLES = ((1, "v3", 200), (2, "v1", 100), (3, "v4", 200))
"""Seed, cpu and number of functions."""
LINTS = "-A warnings -A arithmetic_overflow -A unconditional_panic"


@pytest.mark.kernel
@pytest.mark.skipif(shutil.which("rustc") is None, reason="needs rustc")
@pytest.mark.parametrize(("seed", "cpu", "count"), SAMPLES)
def test_random_functions_give_the_results_that_rustc_gives(
    seed: int, cpu: str, count: int, tmp_path: Path
) -> None:
    text = functions(seed, count, has_signed_division=cpu == "v4")
    names = [f"f{index}" for index in range(count)]
    pairs = argument_pairs()[::12]
    (tmp_path / "host.rs").write_text(host_text(text, names))
    command = [
        "rustc",
        "--edition",
        "2024",
        *LINTS.split(),
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

    result = compile_source(Source("random.rs", bpf_text(text, names)), CompileOptions(cpu=cpu))
    assert result.object is not None, result.diagnostics[:3]
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
