"""Generated C put into a source: between items, near to the cursor, with the includes that it lacks."""

from __future__ import annotations

import pytest

from btfview.bindings.insertion import plan_insertion, why_not_sound
from btfview.bindings.places import Insertion, SourceSpot
from btfview.compiler.options import CompileOptions
from btfview.errors import UsageError
from btfview.source import Source
from tests.bindings.test_make import bundled

pytestmark = pytest.mark.debian_tool("clang-19")

BARE = """\
// SPDX-License-Identifier: GPL-2.0
#define SEC(name) __attribute__((section(name), used))

struct task_struct { int pid; } __attribute__((preserve_access_index));

SEC("tp_btf/sched_switch")
int on_switch(unsigned long long *ctx)
{
	struct task_struct *task = (void *)ctx[1];

	return task->pid;
} /* the end of it */
char LICENSE[] SEC("license") = "GPL";
"""
WITH_LIBBPF = BARE.replace(
    "#define SEC(name) __attribute__((section(name), used))\n",
    "#include <linux/types.h>\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_core_read.h>\n",
)


def insert(path: str, text: str, line: int = 1) -> Insertion:
    return plan_insertion([path], bundled(), "c", spot(text, line))


def spot(text: str, line: int = 1) -> SourceSpot:
    return SourceSpot(Source("prog.c", text), line, CompileOptions())


def check_inserted(insertion: Insertion) -> None:
    text = insertion.source.text
    assert why_not_sound(insertion, spot(text), bundled()) == ""
    first = insertion.bindings.body.partition("\n")[0]
    assert insertion.text.replace("\r\n", "\n").split("\n")[insertion.line - 1] == first
    for line in text.splitlines():
        assert line in insertion.text


def test_code_stands_between_the_items_that_are_nearest() -> None:
    insertion = insert("task_struct.se.vruntime", WITH_LIBBPF, 7)
    assert insertion.where == "line 8, after task_struct, before on_switch()"
    assert insertion.text.count("#include") == 3
    check_inserted(insertion)
    insertion = insert("task_struct.se.vruntime", WITH_LIBBPF, 99)
    assert insertion.where.endswith("after LICENSE")
    check_inserted(insertion)


def test_includes_that_are_missing_come_along() -> None:
    insertion = insert("task_struct.se.vruntime", BARE, 5)
    assert insertion.text.startswith(
        "// SPDX-License-Identifier: GPL-2.0\n#include <linux/types.h>\n#include <bpf/bpf_helpers.h>\n"
        "#include <bpf/bpf_core_read.h>\n\n#define SEC"
    )
    # bpf_helpers.h defines SEC, too, and clang says so: a warning, and the user's own.
    check_inserted(insertion)


def test_what_a_header_of_the_projects_includes_is_not_included_again() -> None:
    text = WITH_LIBBPF.replace("#include <bpf/bpf_core_read.h>\n", "")
    place = SourceSpot(Source("prog.c", text), 5, CompileOptions(), ("/usr/include/bpf/bpf_core_read.h",))
    assert plan_insertion(["task_struct.pid"], bundled(), "c", place).text.count("#include") == 2


def test_twice_the_same_stands_under_other_names() -> None:
    text = WITH_LIBBPF
    for _ in range(2):
        insertion = insert("task_struct.pid", text, 7)
        check_inserted(insertion)
        text = insertion.text
    assert "read_task_struct_pid_2(" in text
    assert "struct task_struct___local_2 {" in text


def test_lines_end_as_those_of_the_source_do() -> None:
    text = WITH_LIBBPF.replace("\n", "\r\n")
    insertion = insert("task_struct.pid", text, 7)
    assert insertion.text.count("\n") == insertion.text.count("\r\n")
    check_inserted(insertion)


def test_nothing_is_put_into_a_conditional() -> None:
    text = WITH_LIBBPF.replace('SEC("tp', '#if 1\nint a;\nint b;\nint c;\n#endif\nSEC("tp')
    insertion = insert("task_struct.pid", text, 8)
    check_inserted(insertion)
    inside = insertion.text.split("#if 1")[1].split("#endif")[0]
    assert inside == "\nint a;\nint b;\nint c;\n"


def test_brackets_that_do_not_go_together_are_told() -> None:
    with pytest.raises(UsageError, match="brackets of the source"):
        insert("task_struct.pid", "int f() {", 1)


def test_an_empty_source_takes_it_too() -> None:
    check_inserted(insert("task_struct.pid", "", 1))
