"""What we make of a function, run by the kernel, equals what rustc makes of it, run on the host."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compiler.rust.run.functions import argument_pairs, function_names, host_text, run_in_kernel
from tests.paths import RUST_CASES
from tests.rustc import Rustc


@pytest.mark.kernel
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
def test_functions_give_the_results_that_rustc_gives(
    case: str, cpu: str, rustc: Rustc, tmp_path: Path
) -> None:
    text = (RUST_CASES / f"{case}.rs").read_text()
    names, pairs = function_names(text), argument_pairs()
    assert names
    theirs = rustc.results(host_text(text, names), names, pairs)
    assert theirs.differing(run_in_kernel(text, names, pairs, tmp_path, cpu), pairs) == []
