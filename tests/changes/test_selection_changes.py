"""What a recompile changed: records by key, values compiled in and on the kernels."""

from __future__ import annotations

from btfview.analysis.result import Analysis
from btfview.changes.selection_changes import Changes, compare_results
from btfview.source import read_source
from btfview.targets.find import open_target
from tests.analyses import analyse_demo
from tests.paths import DEMO

TEXT = read_source(str(DEMO / "sched.rs")).text
KERNELS = ("6.1.0-56-amd64", "6.12.117+deb12-amd64")


def result(old: str = "", new: str = "", kernels: tuple[str, ...] = KERNELS) -> Analysis:
    return analyse_demo(old, new, [open_target(name) for name in kernels])


def test_the_same_program_changes_nothing() -> None:
    assert not compare_results(result(), result())
    assert compare_results(result(), result()) == Changes()


def test_a_moved_instruction_is_no_change() -> None:
    moved = result("pub fn sched_vruntime(&self)", "pub fn sched_vruntime(&self, _unused: u64)")
    assert not compare_results(result(), moved)


def test_new_and_gone_records_are_told_by_their_key() -> None:
    one = result("field_byte_offset!(task_struct, se.vruntime)", "field_byte_size!(task_struct, se.vruntime)")
    assert compare_results(result(), one) == Changes(frozenset({1}), (), ("task_struct.se.vruntime",))


def test_a_value_compiled_in_is_compared() -> None:
    wider = result("vruntime: u64", "before: u64,\n    vruntime: u64")
    (changed,) = (pair for pair in compare_results(result(), wider).changed if pair[0] == 1)
    assert changed == (1, "was 8")  # the second of two u64 members, then the third


def test_only_targets_that_both_have_are_compared() -> None:
    assert not compare_results(result(kernels=KERNELS[:1]), result(kernels=KERNELS[1:]))
