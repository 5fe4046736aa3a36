"""Sources with something that fails, and the fixes that are found for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.analysis.retarget import retarget
from btfview.fixes.difference import unified
from btfview.fixes.find import find_fixes
from btfview.fixes.patch import Fix
from btfview.source import Source
from btfview.targets.find import open_target
from btfview.targets.target import Target

OLD, NEW = "5.10.0-46-amd64", "6.1.0-56-amd64"
"""Linux 5.14 renamed ``task_struct.state``, a long, to ``__state``, 32 bits wide."""
C_PROGRAM = """\
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct task_struct {
	struct task_struct *real_parent;
	int pid;
	long state;
	char comm[16];
} __attribute__((preserve_access_index));

#define STATE(task) BPF_CORE_READ(task, state)
long value;

/* Keeps it. */
SEC("tp_btf/sched_switch")
int on_switch(unsigned long long *ctx)
{
	struct task_struct *task = (void *)ctx[1];

	STATEMENT
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
"""


@cache
def kernels() -> tuple[Target, ...]:
    return open_target(OLD), open_target(NEW)


def analysed(text: str, targets: Sequence[Target] = (), path: str = "prog.c") -> Analysis:
    """Return the analysis of a source that is on no disk, on the old and the new kernel."""
    wanted = tuple(targets) or kernels()
    analysis = analyse(path, (), source=Source(path, text), kernels=lambda: wanted)
    errors = [one.message for one in analysis.diagnostics if one.is_error]
    assert errors == []
    return retarget(analysis, wanted)[0]


def failing(analysis: Analysis) -> list[int]:
    return [number for number in range(analysis.item_count) if analysis.fails(number)]


def fixes_of(analysis: Analysis, number: int | None = None) -> dict[str, Fix]:
    """Return the fixes by their kinds, of *number* or of the only item that fails."""
    if number is None:
        [number] = failing(analysis)
    fixes = {fix.kind: fix for fix in find_fixes(analysis, number)}
    for fix in fixes.values():
        check_proven(fix, analysis)
    return fixes


def check_proven(fix: Fix, before: Analysis) -> None:
    """The text does where it did not, and fails nowhere else; asked anew, of the text alone."""
    assert before.source is not None
    again = analysed(fix.proposal.text, before.targets, before.source.path)
    for column in range(len(before.targets)):
        count, count_before = (
            sum(one.state(number, column).is_problem for number in range(one.item_count))
            for one in (again, before)
        )
        assert count <= count_before
        if fix.failing[column] and not fix.failing_after[column]:
            assert count < count_before
    assert sum(fix.failing_after) < sum(fix.failing)


def changed(analysis: Analysis, fix: Fix) -> list[str]:
    """Return the lines that go and come, as a diff marks them."""
    assert analysis.source is not None
    lines = unified("prog", analysis.source.text, fix.proposal.text)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
