"""Analyses that tests look at: of a text, of the demo with a change, of objects built byte by byte."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.compiler.options import CompileOptions
from btfview.source import Source, read_source
from btfview.targets.target import Target
from tests.btf.build import Described, build_btf_bytes
from tests.paths import DEMO


def analyse_text(
    text: str, targets: Sequence[Target] = (), *, path: str = "a.rs", **options: Any
) -> Analysis:
    """Return the analysis of a source that is on no disk; mistakes in it are its diagnostics."""
    return analyse(path, targets, CompileOptions(**options), source=Source(path, text))


def demo_text(old: str = "", new: str = "") -> str:
    """Return ``demo/sched.rs``, with *new* in place of *old*."""
    text = read_source(str(DEMO / "sched.rs")).text
    assert old in text
    return text.replace(old, new) if old else text


def analyse_demo(old: str = "", new: str = "", targets: Sequence[Target] = (), **options: Any) -> Analysis:
    """Return the analysis of ``sched.rs``, the demo, with *new* in place of *old*."""
    return analyse_text(demo_text(old, new), targets, path="sched.rs", **options)


def analyse_object(folder: Path, data: bytes, **targets: bytes | Sequence[Described]) -> Analysis:
    """Return the analysis of *data*, written to ``prog.o`` in *folder*; each target, its BTF as bytes or
    described, is written beside it."""
    path = folder / "prog.o"
    path.write_bytes(data)
    opened = []
    for name, btf in targets.items():
        file = folder / f"{name}.btf"
        file.write_bytes(btf if isinstance(btf, bytes) else build_btf_bytes(*btf))
        opened.append(Target(name, str(file), "file"))
    return analyse(str(path), opened)
