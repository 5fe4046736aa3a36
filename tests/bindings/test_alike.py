"""Code for the kernels of an atlas is that for the kernels themselves, and none of them is made again."""

from __future__ import annotations

import re

import pytest

from btfview.atlas.write import AtlasWriter, Given
from btfview.bindings.make import make_bindings
from btfview.btf.reader import Btf
from btfview.targets.atlas_kernels import AtlasTarget
from btfview.targets.find import open_targets
from btfview.targets.kernels import bundled_targets

PATHS = ("task_struct.state", "task_struct.se.vruntime", "task_struct.pid")
"""The first was renamed in 5.14; the others stay."""


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The bundled kernels, each a second time under another name."""
    path = tmp_path_factory.mktemp("atlas") / "fleet.atlas"
    with AtlasWriter(str(path)) as writer:
        for target in bundled_targets():
            data = bytes(target.btf.data)
            for name in (target.name, f"{target.name}-again"):
                writer.add(Given(name, f"/k/{name}", len(data), 0), Btf(data))
    return str(path)


def test_kernels_that_are_the_same_are_told_as_one(atlas: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = make_bindings(PATHS, bundled_targets())
    monkeypatch.delattr(AtlasTarget, "read")
    targets = open_targets(atlas)
    made = make_bindings(PATHS, targets)
    assert code_of(made.body) == code_of(expected.body)
    told = [line for line in made.body.splitlines() if line.lstrip().startswith("/// - ")]
    names = [name for line in told for name in line.partition(" on ")[2].split(", ")]
    others = [int(count) for name in names for count in re.findall(r" and (\d+) like it$", name)]
    assert len(others) == len(names), "each has at least one that is like it"
    assert len(names) + sum(others) == len(PATHS) * len(targets)


def code_of(body: str) -> list[str]:
    return [line for line in body.splitlines() if not line.lstrip().startswith("///")]
