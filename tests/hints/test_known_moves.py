"""Each fact of the table of known moves, against the types of kernels before and after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.analysis.kernels.kernel_age import age_key
from btfview.btf.reader import Btf
from btfview.hints.kernel import Kernel
from btfview.hints.known_moves import MOVES, Move, has

AMD64, ARM64 = "7.2.13+deb14-amd64", "7.2.13+deb14-arm64"
_READ: dict[str, Kernel] = {}


def releases(shared: Path) -> list[str]:
    """Plain amd64 kernels from old to new."""
    names = [path.name.removesuffix(".btf.xz") for path in (shared / "btf").glob("[0-9]*-amd64.btf.xz")]
    return sorted((name for name in names if "-rt-" not in name and "-cloud-" not in name), key=age_key)


def read(name: str, kernel_btf: Callable[[str], Path]) -> Kernel:
    if name not in _READ:
        _READ[name] = Kernel(name, Btf(kernel_btf(name).read_bytes()))
    return _READ[name]


@pytest.mark.shared
@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move.old}-{move.since}")
def test_a_known_move_shows_in_the_kernels_before_and_after_it(
    move: Move, shared: Path, kernel_btf: Callable[[str], Path]
) -> None:
    if move.since == "arm64":
        old, new = read(AMD64, kernel_btf), read(ARM64, kernel_btf)
        assert (has(old, move.old), has(new, move.old), has(new, move.new)) == (True, False, True)
        return
    names = releases(shared)
    since = age_key(move.since)[0][:2]
    before = [name for name in names if age_key(name)[0][:2] < since]
    after = [name for name in names if age_key(name)[0][:2] >= since]
    assert any(has(read(name, kernel_btf), move.old) for name in before)
    first = read(after[0], kernel_btf)
    assert not has(first, move.old), first.name
    assert not move.new or has(first, move.new), first.name


def test_every_known_move_has_a_source() -> None:
    assert all(move.source and move.since for move in MOVES)
    assert len({(move.old, move.new) for move in MOVES}) == len(MOVES)
