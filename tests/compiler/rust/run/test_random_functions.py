"""Random functions over the whole language: the kernel runs ours, the host runs rustc's; they must agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compiler.rust.run.functions import argument_pairs, host_text, run_in_kernel
from tests.compiler.rust.run.random_functions import functions
from tests.rustc import Rustc

SAMPLES = ((1, "v3", 200), (2, "v1", 100), (3, "v4", 200))
"""Seed, cpu and number of functions."""


@pytest.mark.kernel
@pytest.mark.parametrize(("seed", "cpu", "count"), SAMPLES)
def test_random_functions_give_the_results_that_rustc_gives(
    seed: int, cpu: str, count: int, rustc: Rustc, tmp_path: Path
) -> None:
    text = functions(seed, count, has_signed_division=cpu == "v4")
    names, pairs = [f"f{index}" for index in range(count)], argument_pairs()[::12]
    theirs = rustc.results(host_text(text, names), names, pairs)
    assert theirs.differing(run_in_kernel(text, names, pairs, tmp_path, cpu), pairs) == []
