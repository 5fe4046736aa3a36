"""Fields that resolve and mean another thing: controls of the labelled changes, on two real kernels each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.findings.collect import ANOTHER_THING, find_problems
from btfview.analysis.findings.other_meaning import meanings_of
from btfview.analysis.hint_finder import HintFinder
from btfview.btf.kinds import CoreReloKind
from btfview.targets.find import open_target
from tests.analyses import analyse_object
from tests.btf.build import INT, LONG, struct
from tests.hints.changes import read_changes
from tests.objects import Record, build_object

# The words that pahole's declarations of both kernels bear out (the last column but one of changes.tsv).
CONTROLS = {
    "S02": "it points to struct irqstat, not to unsigned int",
    "S03": "it points to anything, not to a pointer to struct fsnotify_mark_connector",
    "S04": "it points to long unsigned int, not to struct ftrace_ret_stack",
    "S05": "its elements: struct hlist_head, not struct list_head",
    "S08": "1 byte, not 4",
    "S09": "2 bytes, not 1",
    "S12": "2 bytes, not 1",
    "S14": "struct hlist_node, not struct list_head",
}


@pytest.mark.shared
@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize(("change_id", "words"), CONTROLS.items())
def test_a_field_that_means_another_thing_is_noted_with_the_kernel_it_was_written_for(
    change_id: str, words: str, shared: Path, kernel_btf: Callable[[str], Path]
) -> None:
    change = next(change for change in read_changes(shared) if change.id == change_id)
    targets = [open_target(str(kernel_btf(name))) for name in (change.last, change.first)]
    analysis = analyse(str(shared / "changes" / "c" / f"{change_id}.c"), targets)
    notes = [found for found in find_problems(analysis) if found.code == ANOTHER_THING]
    assert [note.targets for note in notes] == [(change.first,)]
    assert f"another thing there than on {change.last}: {words}" in notes[0].message


@pytest.mark.shared
@pytest.mark.debian_tool("clang-19")
def test_a_field_of_one_type_everywhere_is_not_noted(
    tmp_path: Path, kernel_btf: Callable[[str], Path]
) -> None:
    source = tmp_path / "a.c"
    source.write_text(
        "struct task_struct { int pid; void *mm; } __attribute__((preserve_access_index));\n"
        '__attribute__((section("raw_tp/sys_enter"))) int prog(struct task_struct *p)\n'
        "{ return __builtin_preserve_field_info(p->pid, 0) + __builtin_preserve_field_info(p->mm, 0); }\n"
    )
    names = ("5.4.0-216-generic-amd64", "6.18.44-fc-amd64")
    targets = [open_target(str(kernel_btf(name))) for name in names]
    assert [found.code for found in find_problems(analyse(str(source), targets))] == []


def test_a_field_is_noted_behind_its_guard_and_with_each_record_that_asks_for_it(tmp_path: Path) -> None:
    local = [INT, struct("task", size=4, state=(INT, 0))]
    guard, place = CoreReloKind.FIELD_EXISTS, CoreReloKind.FIELD_BYTE_OFFSET
    asks = ((guard, 1), (place, 0), (place, 0))
    obj = build_object(local, [Record(kind, "task", "0:0", insn) for kind, insn in asks])
    analysis = analyse_object(tmp_path, obj, old=local, new=[struct("task", size=8, state=(LONG, 0))])
    (note,) = (found for found in find_problems(analysis) if found.code == ANOTHER_THING)
    assert note.targets == ("new",)
    assert "another thing there than on old: 8 bytes, not 4" in note.message
    told = [meanings_of(analysis, linked, HintFinder(analysis)) for linked in analysis.relos]
    assert [[one.columns for one in found] for found in told] == [[], [(1,)], [(1,)]]
