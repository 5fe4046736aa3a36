"""What the repository holds is what people wrote: nothing that a tool built, no path of one machine."""

from __future__ import annotations

import subprocess

import pytest

from tests.paths import ROOT


def test_nothing_that_was_built_is_tracked() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("needs a git clone")
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    built = [name for name in listed.stdout.split("\0") if {"target", "__pycache__"} & set(name.split("/"))]
    assert built == []


def test_features_are_names() -> None:
    lines = (ROOT / "btfview/compiler/rust/syntax/known_features.txt").read_text().split()
    assert lines
    assert [line for line in lines if not line.isidentifier()] == []
