"""offsetof and sizeof of kernel structs in C: constants that no record moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.findings.collect import find_problems
from btfview.compiler.c.clang import CLANG_VARIABLE
from btfview.targets.find import open_target

HEAD = """\
#define core __attribute__((preserve_access_index))
struct task_struct { int pid, tgid; } core;
struct iphdr { char a[9], protocol; };
struct mine { int pid; };
typedef unsigned long u64;
long f(struct task_struct *task)
{
"""

pytestmark = pytest.mark.debian_tool("clang-19")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("__builtin_offsetof(struct task_struct, tgid)", ["offset of struct task_struct.tgid"]),
        ("sizeof(struct task_struct)", ["size of struct task_struct"]),
        ("sizeof(((struct task_struct *)0)->tgid)", ["size of struct task_struct.tgid"]),
        ("__builtin_offsetof(struct iphdr, protocol)", []),
        ("__builtin_offsetof(struct mine, pid) + sizeof(struct mine)", []),
        ("0 /* sizeof(struct task_struct) */", []),
        ("sizeof(struct iphdr)", []),
    ],
)
def test_what_is_compiled_in_is_told_of_kernel_structs(
    code: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CLANG_VARIABLE, "clang-19")
    path = tmp_path / "a.c"
    path.write_text(f"{HEAD}\treturn task->pid + {code};\n}}\n")
    analysis = analyse(str(path), [open_target("6.1.0-56-amd64")])
    found = [one for one in find_problems(analysis) if one.code == "baked_in_offset"]
    assert [one.message.partition(" is compiled in")[0].removeprefix("the ") for one in found] == expected
    assert all((one.line, one.severity) == (8, "warning") for one in found)
    allowed = find_problems(analysis, allowed={"baked_in_offset"})
    assert not [one for one in allowed if one.code == "baked_in_offset"]
