"""The expression of a C source that a record belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.source_text.c_expressions import CExpressions
from btfview.compiler.c.clang import CLANG_VARIABLE
from btfview.source import Source

HEAD = """\
#define core __attribute__((preserve_access_index))
typedef unsigned long long u64;
enum color { RED = 3 };
struct se { long load, vruntime; } core;
struct task { struct se se; struct task *parent; int pid, tgid; int ids[4]; unsigned flag : 3; } core;
static long (*probe_read)(void *, unsigned, const void *) = (void *)113;
#define bpf_core_read(dst, size, src) probe_read(dst, size, __builtin_preserve_access_index(src))
#define BPF_CORE_READ(a, b) ({ __typeof__(a->b) v; bpf_core_read(&v, sizeof(v), &a->b); v; })
#define bpf_core_field_exists(field) __builtin_preserve_field_info(field, 2)
#define bpf_core_type_size(type) __builtin_preserve_type_info(*(type *)0, 1)
#define bpf_core_enum_value(type, value) __builtin_preserve_enum_value(*(type *)value, 1)
#define READ(t, field) \\
	BPF_CORE_READ(t, field)
#define PID(t) BPF_CORE_READ(t, pid)
u64 sink;
__attribute__((section("raw_tp/x"))) long f(struct task *task)
{
"""


@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return task->se.vruntime;", ["task->se.vruntime"]),
        ("return task->parent->pid;", ["task->parent", "task->parent->pid"]),
        ("return task->ids[2];", ["task->ids"]),
        ("return BPF_CORE_READ(task, tgid);", ["BPF_CORE_READ(task, tgid)"]),
        ("return PID(task);", ["PID(task)"]),
        ("sink = READ(task, tgid);\n\treturn PID(task);", ["READ(task, tgid)", "PID(task)"]),
        ("return bpf_core_type_size(struct se);", ["bpf_core_type_size(struct se)"]),
        (
            "if (!bpf_core_field_exists(task->tgid))\n\t\treturn 0;\n\treturn task->tgid;",
            ["bpf_core_field_exists(task->tgid)", "task->tgid"],
        ),
        (
            "return __builtin_preserve_field_info(task->se, 1);",
            ["__builtin_preserve_field_info(task->se, 1)"],
        ),
        (
            "sink = __builtin_btf_type_id(*(struct se *)0, 1);\n\treturn 0;",
            ["__builtin_btf_type_id(*(struct se *)0, 1)"],
        ),
        ("return task->tgid + BPF_CORE_READ(task, tgid);", ["BPF_CORE_READ(task, tgid)", "task->tgid"]),
        (
            "return bpf_core_read(&sink,\n\t\t8, &task->se.load);",
            ["bpf_core_read(&sink,\n\t\t8, &task->se.load)"],
        ),
    ],
)
def test_a_record_is_linked_to_the_expression_that_asks(
    code: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CLANG_VARIABLE, "clang-19")
    path = tmp_path / "a.bpf.c"
    path.write_text(f"{HEAD}\t{code}\n}}\n")
    analysis = analyse(str(path))
    assert analysis.diagnostics == ()
    assert analysis.source
    found = [analysis.source.text[relo.span.start : relo.span.end] for relo in analysis.relos if relo.span]
    assert sorted(found) == sorted(expected)
    for relo in analysis.relos:
        assert relo.place
        assert relo.span
        where = analysis.source.location(relo.span.start)
        assert (relo.place.line, relo.place.column) == (where.line, where.column)


def find(text: str, kind: str, names: str, line: int, *, is_access: bool = True) -> str | None:
    span = CExpressions(Source("a.c", text)).find(kind, names.split("."), line, 1, is_access=is_access)
    return None if span is None else text[span.start : span.end]


def test_comments_strings_and_definitions_do_not_ask() -> None:
    text = '/* a->x */ // a->x\nchar *s = "a->x";\n#define X \\\n  a->x\n\n\n\n\n\n\n\n\n\n\n\n\n\nb->x;\n'
    assert find(text, "field_byte_offset", "x", 3) is None
    assert find(text, "field_byte_offset", "x", 12) == "b->x"


def test_the_kind_of_the_question_decides() -> None:
    text = "f(bpf_core_field_exists(t->x), bpf_core_field_size(t->x), t->x);\n"
    assert find(text, "field_exists", "x", 1) == "bpf_core_field_exists(t->x)"
    assert find(text, "field_byte_size", "x", 1) == "bpf_core_field_size(t->x)"
    assert find(text, "field_byte_offset", "x", 1) == "t->x"
    assert find(text, "type_exists", "x", 1) is None


def test_parentheses_that_never_close_end() -> None:
    assert find("BPF_CORE_READ(" * 2000 + "a[" * 2000, "field_byte_offset", "x", 1) is None
