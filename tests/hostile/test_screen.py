"""Whatever a file asks for, the screen opens it within 2 s and 512 MB, says what it found, and takes keys."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.hostile.containers import CONTAINERS
from tests.hostile.limits import MEMORY
from tests.hostile.objects import BTFS, OBJECTS
from tests.hostile.screen import Shown, opened
from tests.paths import DEMO

pytestmark = pytest.mark.timeout(
    600
)  # processor time is what is held, a busy machine takes more of the clock

KERNEL = "6.1.0-56-amd64"
READABLE = {
    *("tails-as-access-strings", "tails-as-types", "tails-as-members", "tails-as-enumerators"),
    *("long-names-in-a-tree", "functions-over-one-another", "a-tree", "different-records", "xz-padding"),
    *("many-records", "many-programs"),
}
"""They are odd, but can be read."""


AT_ONCE = 1
"""Targets that one screen gets: those of one screen are read beside one another, and the limit is for one."""


def check(name: str, shown: Shown) -> None:
    assert shown.end == "fine", f"{name}: {shown.end}"
    assert shown.used <= MEMORY, f"{name}: {shown.used >> 20} MiB"
    assert "internal error" not in shown.types, f"{name}: {shown.types}"


def check_file(path: Path, shown: Shown) -> None:
    check(path.name, shown)
    is_readable = path.stem in READABLE
    assert (shown.told == "") == is_readable, path.name
    assert ("✔" if is_readable else "✖") in shown.header, path.name


def check_targets(paths: Sequence[Path], folder: Path) -> None:
    """Open a program on *paths*, some at a time."""
    groups = [paths[at : at + AT_ONCE] for at in range(0, len(paths), AT_ONCE)]
    found = opened([(DEMO / "sched.rs", *group) for group in groups], folder)
    for group, shown in zip(groups, found, strict=True):
        check(", ".join(path.name for path in group), shown)
        assert "✔" in shown.header
        told = shown.told.split("\n")[1:]
        for path in group:
            problems = [line for line in told if line.startswith(f"{path}: ")]
            assert len(problems) == (path.stem not in READABLE), f"{path.name}: {told}"


def made(inputs: Mapping[str, Callable[[], bytes]], folder: Path, suffix: str) -> list[Path]:
    paths = [folder / f"{name}{suffix}" for name in inputs]
    for path, make in zip(paths, inputs.values(), strict=True):
        path.write_bytes(make())
    return paths


def test_objects(tmp_path: Path) -> None:
    paths = made(OBJECTS, tmp_path, ".o")
    for path, shown in zip(paths, opened([(path, KERNEL) for path in paths], tmp_path), strict=True):
        check_file(path, shown)


def test_objects_whose_targets_come_late(tmp_path: Path) -> None:
    """Their records are on show first, so that rows are made twice: names without end filled the memory."""
    paths = made({name: OBJECTS[name] for name in ("long-names-in-a-tree", "many-records")}, tmp_path, ".o")
    files = [(path, KERNEL) for path in paths]
    for path, shown in zip(paths, opened(files, tmp_path, is_late=True), strict=True):
        check_file(path, shown)


@pytest.mark.parametrize("inputs", [BTFS, CONTAINERS], ids=["btf", "containers"])
def test_targets(inputs: Mapping[str, Callable[[], bytes]], tmp_path: Path) -> None:
    check_targets(made(inputs, tmp_path, ".btf"), tmp_path)


def test_files_without_end(tmp_path: Path) -> None:
    sparse, device, pipe = (tmp_path / name for name in ("sparse.o", "device.o", "pipe.o"))
    sparse.touch()
    os.truncate(sparse, 1 << 40)
    device.symlink_to("/dev/zero")
    os.mkfifo(pipe)
    source = tmp_path / "sparse.rs"
    source.hardlink_to(sparse)
    odd = [sparse, source, device, pipe]
    for path, shown in zip(odd, opened([(path, KERNEL) for path in odd], tmp_path), strict=True):
        check_file(path, shown)
    check_targets([sparse, device, pipe], tmp_path)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("anontree.o", "✔ read"),
        ("ldimm64_cut.o", "✔ read"),
        ("deepcalls.rs", "▲ 1 warning"),
        ("recursive_size_of.rs", "✖ 1 error"),
        ("structs_exponential.rs", "✔ compiled"),
        ("zero.ll", "✔ compiled"),
    ],
)
def test_cases(name: str, header: str, shared: Path, tmp_path: Path) -> None:
    [shown] = opened([(shared / "cases" / "robust" / name, KERNEL)], tmp_path)
    check(name, shown)
    assert header in shown.header
