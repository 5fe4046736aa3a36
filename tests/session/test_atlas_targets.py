"""The screen on the kernels of an atlas: what it shows is what the kernels themselves give, and none of them
is made again for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from btfview.analysis.result import Analysis
from btfview.atlas.write import AtlasWriter, Given
from btfview.btf.reader import Btf
from btfview.compiler.options import CompileOptions
from btfview.session.answer import Answer, Request, answer_request
from btfview.targets.atlas_kernels import AtlasTarget
from btfview.targets.kernels import bundled_targets
from btfview.views.detail import detail_rows
from btfview.views.layouts.beside import LayoutBeside
from btfview.views.rows import Row
from tests.paths import DEMO

DEMOS = ("renamed_field.rs", "task_state.rs")
"""Of the first a record fails on all kernels but the oldest; the second asks about what some lack."""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An atlas of the bundled kernels, each a second time under another name, and a folder of the same."""
    folder = tmp_path_factory.mktemp("kernels")
    atlas = folder.with_name(f"{folder.name}.atlas")
    with AtlasWriter(str(atlas)) as writer:
        for target in bundled_targets():
            data = bytes(target.btf.data)
            for name in (target.name, target.name.replace("-", "-x-", 1)):
                (folder / f"{name}.btf").write_bytes(data)
                writer.add(Given(name, f"/k/{name}", len(data), 0), Btf(data))
    return atlas, folder


def answered(demo: str, place: Path) -> tuple[Answer, Analysis]:
    answer = answer_request(Request(1, str(DEMO / demo), CompileOptions(), (str(place),)))
    assert answer.analysis is not None
    return answer, answer.analysis


def text(rows: tuple[Row, ...]) -> list[str]:
    """Rows without the ids of types, which are each kernel's own."""
    return [re.sub(r"\[\d+\] ", "", "".join(part.text for part in row.segments)) for row in rows]


@pytest.mark.parametrize("demo", DEMOS)
def test_an_atlas_is_shown_as_its_kernels_are(
    places: tuple[Path, Path], demo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, of_files = answered(demo, places[1])
    with monkeypatch.context() as patched:
        patched.delattr(AtlasTarget, "read")
        answer, ours = answered(demo, places[0])
        assert answer.target_problems == ()
        assert {target.name for target in ours.targets} == {target.name for target in of_files.targets}
        assert len(ours.column_groups) * 2 == len(ours.targets), "of each two one was asked"
        assert answer.views is not None
        structs = [row.place for row in answer.views.structs if row.place is not None]
        mine, theirs = LayoutBeside(ours), LayoutBeside(of_files)
        columns = [
            (column, next(at for at, other in enumerate(of_files.targets) if other.name == target.name))
            for column, target in enumerate(ours.targets)
        ]
        for column, other in columns:
            for item in range(ours.item_count):
                assert ours.state(item, column) == of_files.state(item, other)
                if ours.ask(item) is None:
                    assert ours.value(item, column) == of_files.value(item, other)
            for place in structs:
                assert mine.cell(place, column) == theirs.cell(place, other)
            for root in {place.root for place in structs}:
                shown, expected = (
                    text(tuple(row.row for row in beside.whole_rows(root, at, bool, has_cachelines=True)))
                    for beside, at in ((mine, column), (theirs, other))
                )
                assert shown == expected
    for column, other in columns:
        for item in range(ours.item_count):
            assert text(detail_rows(ours, item, column)) == text(detail_rows(of_files, item, other))
        for root in {place.root for place in structs}:
            there = ours.own_type_id(column, mine.type_there(root, column))
            assert there == theirs.type_there(root, other)
