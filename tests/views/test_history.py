"""Since which kernel a record has its answer: by architecture and version, in whatever order targets come."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from btfview.analysis.kernels.kernel_age import age_key, arch_of, lines_of_targets
from btfview.analysis.result import Analysis, CellState
from btfview.btf.kinds import CoreReloKind
from btfview.targets.target import Target
from btfview.views.kernels.history import Since, history, history_rows, since, since_text
from tests.analyses import analyse_object
from tests.btf.build import INT, struct
from tests.objects import Record, build_object

OFFSETS = {
    "6.12-amd64": 24,
    "5.9-amd64": 8,
    "6.6-arm64": 8,
    "5.10-amd64": 24,
    "6.1-arm64": None,
    "4.19-amd64": 8,
}
"""Byte offset of ``t.a`` on each kernel, given in no order; None has no such field."""
NAMES = list(OFFSETS)


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    data = build_object(
        (struct("t", ("a", INT, 0), size=4),), (Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:0", 0),)
    )
    members = {
        name: ("b", INT, 0) if offset is None else ("a", INT, 8 * offset) for name, offset in OFFSETS.items()
    }
    targets = {name: [struct("t", member, size=32)] for name, member in members.items()}
    return analyse_object(tmp_path_factory.mktemp("history"), data, **targets)


def test_kernels_of_one_architecture_are_compared_from_old_to_new(analysis: Analysis) -> None:
    found = {
        line.arch: [([NAMES[at] for at in run.targets], run.state, run.value) for run in line.runs]
        for line in history(analysis, 0)
    }
    assert found == {
        "amd64": [
            (["4.19-amd64", "5.9-amd64"], CellState.MOVED, 8),
            (["5.10-amd64", "6.12-amd64"], CellState.MOVED, 24),
        ],
        "arm64": [(["6.1-arm64"], CellState.MISSING, None), (["6.6-arm64"], CellState.MOVED, 8)],
    }


@pytest.mark.parametrize(
    ("target", "first", "before", "said"),
    [
        ("6.12-amd64", "5.10-amd64", "5.9-amd64", "since 5.10-amd64; before, on 5.9-amd64: 8"),
        ("5.10-amd64", "5.10-amd64", "5.9-amd64", "since 5.10-amd64; before, on 5.9-amd64: 8"),
        ("5.9-amd64", "4.19-amd64", None, "since 4.19-amd64, the oldest amd64 here"),
        ("4.19-amd64", "4.19-amd64", None, "since 4.19-amd64, the oldest amd64 here"),
        ("6.6-arm64", "6.6-arm64", "6.1-arm64", "since 6.6-arm64; before, on 6.1-arm64: missing"),
    ],
)
def test_since_names_the_first_kernel_with_the_answer_and_the_one_before(
    target: str, first: str, before: str | None, said: str, analysis: Analysis
) -> None:
    index = NAMES.index(target)
    assert since(analysis, 0, index) == Since(NAMES.index(first), NAMES.index(before) if before else None)
    assert since_text(analysis, 0, index) == said


def test_the_rows_mark_the_run_of_the_chosen_kernel(analysis: Analysis) -> None:
    texts = [row.text for row in history_rows(analysis, 0, NAMES.index("6.12-amd64"))]
    assert texts == [
        "amd64",
        "  ▲ 8         4.19-amd64 … 5.9-amd64  (2 kernels)",
        "▸ ▲ 24        5.10-amd64 … 6.12-amd64  (2 kernels)  changed",
        "arm64",
        "  ✖ missing   6.1-arm64",
        "  ▲ 8         6.6-arm64  changed",
    ]


@pytest.mark.parametrize(
    ("name", "arch"),
    [
        ("6.1.0-56-cloud-amd64", "amd64"),
        ("6.12.107+deb13-powerpc64le", "ppc64el"),
        ("5.15.0-1041.x86_64", "amd64"),
        ("6.1.0-56-amd64+nf_conntrack", "amd64"),
        ("vmlinux", ""),
        ("notarm64really", ""),
    ],
)
def test_the_architecture_is_a_word_of_the_name(name: str, arch: str) -> None:
    assert arch_of(Target(name, "x", "file")) == arch


def test_the_running_kernel_has_the_architecture_of_the_machine() -> None:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine)
    if machine is None:
        pytest.skip("not a machine that this test knows")
    assert arch_of(Target("6.18.5", "/sys/kernel/btf/vmlinux", "running")) == machine


@pytest.mark.shared
def test_the_age_of_real_kernels_is_that_of_their_versions(shared: Path) -> None:
    names = [path.name.removesuffix(".btf.xz") for path in (shared / "btf").glob("*.btf.xz")]
    names = [name for name in names if "module" not in name]
    versions = [tuple(age_key(name)[0]) for name in sorted(names, key=age_key)]
    assert len(versions) > 20
    assert versions == sorted(versions)
    lines = lines_of_targets([Target(name, "x", "file") for name in names])
    assert set(lines) == {"amd64", "arm64", "ppc64el", "riscv64", "s390x"}
