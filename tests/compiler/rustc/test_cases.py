"""Cases that once were refused or read wrongly: both front ends say and record the same of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.findings.collect import find_problems
from btfview.compiler.options import CompileOptions
from btfview.targets.kernels import bundled_targets

pytestmark = [pytest.mark.rustc, pytest.mark.shared]
NAMES = (
    "bindgen_anon", "f01_panic_handler", "f02_features", "f03_user_macro", "f04_err_namespace",
    "f06_did_you_mean_self", "f07/main", "f08_lint_has_field", "f09_baked_self", "f10_pattern_bypass",
    "f12_sync_impl", "f13_kfunc", "f14_safe_fn", "f15_cfg_attr", "f17_param_attr", "f19_where_lt",
    "f21_width",
)  # fmt: skip


def told(path: Path, frontend: str) -> tuple[set[tuple[object, ...]], list[tuple[str, str, str]]]:
    """Return what is found, with its place, and the records."""
    analysis = analyse(str(path), bundled_targets()[-1:], CompileOptions(frontend=frontend))
    source = analysis.source
    assert source is not None
    found: set[tuple[object, ...]] = {
        (*source.line_and_column(one.span.start), one.code or one.lint or one.severity)
        for one in analysis.diagnostics
    }
    found |= {(one.line, one.code, one.severity) for one in find_problems(analysis)}
    records = sorted((one.program, one.relo.kind_label, one.path) for one in analysis.relos)
    return found, records


@pytest.mark.parametrize("name", NAMES)
def test_both_front_ends_say_the_same_of_a_case(name: str, shared: Path) -> None:
    path = shared / "cases" / "rust" / f"{name}.rs"
    assert told(path, "rustc") == told(path, "builtin")


def test_rustc_tells_no_less_than_we_do(shared: Path) -> None:
    """It has an error of a derive more, and a lint that it comes to although there are errors."""
    path = shared / "cases" / "rust" / "f23_derive.rs"
    ours, theirs = told(path, "builtin")[0], told(path, "rustc")[0]
    assert ours < theirs
