"""Fixes of C: what each form of a read becomes, proven by clang and on both kernels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.fixes.find import find_fixes, why_none_found
from btfview.targets.find import open_target
from tests.fixes.fixing import C_PROGRAM, analysed, changed, failing, fixes_of
from tests.libbpf import run_libbpf

pytestmark = pytest.mark.debian_tool("clang-19")

EXISTS = "bpf_core_field_exists(task->state)"
ROOT_EXISTS = "bpf_core_field_exists(((struct task_struct *)0)->state)"
# statement, what is in its place with the successor (empty: none is found), and with the guard
STATEMENTS = {
    "value": (
        "value = BPF_CORE_READ(task, state);",
        "value = read_state(task);",
        f"value = {EXISTS} ? BPF_CORE_READ(task, state) : 0;",
    ),
    "declared": (
        "long state = BPF_CORE_READ(task, state); value = state;",
        "long state = read_state(task); value = state;",
        f"long state = {EXISTS} ? BPF_CORE_READ(task, state) : 0; value = state;",
    ),
    "into": (
        "BPF_CORE_READ_INTO(&value, task, state);",
        "value = read_state(task);",
        f"if ({EXISTS})\n\t\tBPF_CORE_READ_INTO(&value, task, state);\n\telse\n"
        "\t\t__builtin_memset(&value, 0, sizeof(*(&value)));",
    ),
    "copied": (
        "bpf_core_read(&value, sizeof(value), &task->state);",
        "value = read_state(task);",
        f"if ({EXISTS})\n\t\tbpf_core_read(&value, sizeof(value), &task->state);\n\telse\n"
        "\t\t__builtin_memset(&value, 0, sizeof(value));",
    ),
    "accessed": ("value = task->state;", "value = read_state(task);", f"value = {EXISTS} ? task->state : 0;"),
    "address": (
        "bpf_probe_read_kernel(&value, sizeof(value), &task->state);",
        "",
        f"if ({EXISTS})\n\t\tbpf_probe_read_kernel(&value, sizeof(value), &task->state);",
    ),
    "several-in-a-line": (
        "int a = 1; value = BPF_CORE_READ(task, state); a++; value += a;",
        "int a = 1; value = read_state(task); a++; value += a;",
        f"int a = 1; value = {EXISTS} ? BPF_CORE_READ(task, state) : 0; a++; value += a;",
    ),
    "condition": (
        "if (BPF_CORE_READ(task, state) > 1) value = 2;",
        "if (read_state(task) > 1) value = 2;",
        f"if (({EXISTS} ? BPF_CORE_READ(task, state) : 0) > 1) value = 2;",
    ),
    "behind-a-pointer": (
        "value = BPF_CORE_READ(task, real_parent, state);",
        "value = read_state(BPF_CORE_READ(task, real_parent));",
        f"value = {ROOT_EXISTS} ? BPF_CORE_READ(task, real_parent, state) : 0;",
    ),
    "own-macro": ("value = STATE(task);", "", f"value = {ROOT_EXISTS} ? STATE(task) : 0;"),
    "twice": (
        "if (BPF_CORE_READ(task, state) > 1) return BPF_CORE_READ(task, state);",
        "if (read_state(task) > 1) return read_state(task);",
        f"if (({EXISTS} ? BPF_CORE_READ(task, state) : 0) > 1) return BPF_CORE_READ(task, state);",
    ),
    "offset": (
        "value = bpf_core_field_offset(task->state);",
        "",
        f"if ({ROOT_EXISTS})\n\t\tvalue = bpf_core_field_offset(task->state);",
    ),
}


@pytest.mark.parametrize(("statement", "successor", "guard"), STATEMENTS.values(), ids=STATEMENTS)
def test_a_use_of_a_renamed_field_is_mended(statement: str, successor: str, guard: str) -> None:
    analysis = analysed(C_PROGRAM.replace("STATEMENT", statement))
    fixes = fixes_of(analysis)
    assert C_PROGRAM.replace("STATEMENT", guard) == fixes["guard"].proposal.text
    assert fixes["guard"].fate == "fails on 1 of 2 → 0 of 2"
    assert fixes.keys() == ({"successor", "guard"} if successor else {"guard"})
    if successor:
        text = fixes["successor"].proposal.text
        assert f"\t{successor}\n" in text
        assert text.index("read_state(const void *from)") < text.index("/* Keeps it. */")
        assert "it is now task_struct.__state elsewhere" in fixes["successor"].proposal.title


def test_lines_end_as_those_of_the_source_do() -> None:
    text = C_PROGRAM.replace("STATEMENT", "value = BPF_CORE_READ(task, state);").replace("\n", "\r\n")
    for fix in fixes_of(analysed(text)).values():
        assert fix.proposal.text.count("\n") == fix.proposal.text.count("\r\n")


def test_one_function_does_for_all_uses() -> None:
    other = C_PROGRAM.partition("/* Keeps it. */")[2].replace("on_switch", "on_other")
    text = C_PROGRAM.replace('char LICENSE[] SEC("license") = "GPL";\n', other)
    analysis = analysed(text.replace("STATEMENT", "value = BPF_CORE_READ(task, state);"))
    assert len(failing(analysis)) == 2
    fix = fixes_of(analysis, failing(analysis)[1])["successor"]
    assert fix.proposal.text.count("value = read_state(task);") == 2
    assert fix.proposal.text.count("read_state(const void *from)") == 1
    assert failing(fix.after) == []


def test_names_that_the_source_has_are_not_taken() -> None:
    text = C_PROGRAM.replace("STATEMENT", "value = BPF_CORE_READ(task, state);")
    text = text.replace("long value;", "long value; int read_state; struct task_struct___v6_1 { int x; };")
    fix = fixes_of(analysed(text))["successor"]
    assert "value = read_state_2(task);" in fix.proposal.text
    assert "struct task_struct___v6_1_2 {" in fix.proposal.text


def test_a_source_without_libbpfs_macros_gets_its_headers() -> None:
    text = C_PROGRAM.replace("#include <bpf/bpf_core_read.h>\n", "").replace(
        "#define STATE(task) BPF_CORE_READ(task, state)\n", ""
    )
    analysis = analysed(text.replace("STATEMENT", "value = task->state;"))
    for fix in fixes_of(analysis).values():
        assert "+#include <bpf/bpf_core_read.h>" in changed(analysis, fix)


def test_a_place_in_a_conditional_gets_its_function_outside() -> None:
    text = C_PROGRAM.replace("STATEMENT", "value = task->state;")
    text = text.replace("/* Keeps it. */", "#if 1\n/* Keeps it. */").replace(
        "char LICENSE", "#endif\nchar LICENSE"
    )
    fix = fixes_of(analysed(text))["successor"]
    assert fix.proposal.text.index("read_state(const void *from)") < fix.proposal.text.index("#if 1")


def test_an_array_is_copied_from_where_it_is() -> None:
    # Linux 6.14 put dentry.d_iname, an array, into a union: d_shortname.string.
    text = C_PROGRAM.replace("char comm[16];", "char d_iname[32];").replace("task_struct", "dentry")
    text = text.replace("long value;", "char name[32];").replace(
        "STATEMENT", "bpf_core_read_str(name, sizeof(name), &task->d_iname);"
    )
    targets = (open_target("6.1.0-56-amd64"), open_target("7.2.13+deb14-amd64"))
    analysis = analysed(text, targets)
    fix = fixes_of(analysis)["successor"]
    assert "bpf_probe_read_kernel_str(name, sizeof(name), read_d_iname(task));" in fix.proposal.text


KERNEL = """\
enum pid_type { PIDTYPE_PID, PIDTYPE_NONE };
extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;
extern const int no_such_variable __ksym;
"""


@pytest.mark.shared
def test_an_enumerator_is_asked_for_first_and_a_type_need_not(kernel_btf: Callable[[str], Path]) -> None:
    text = C_PROGRAM.replace(
        "long value;", f"long value;\n{KERNEL.splitlines()[0]}\nstruct nope {{ int x; }};"
    )
    statement = "value = bpf_core_enum_value(enum pid_type, PIDTYPE_NONE) + bpf_core_type_size(struct nope);"
    # A whole one: of a bundled one nobody knows that it never had the type.
    target = open_target(str(kernel_btf("6.12.117+deb12-amd64")))
    analysis = analysed(text.replace("STATEMENT", statement), (target,))
    [number] = failing(analysis)
    enumerator = "bpf_core_enum_value(enum pid_type, PIDTYPE_NONE)"
    assert changed(analysis, fixes_of(analysis, number)["guard"])[1] == (
        f"+\tvalue = (bpf_core_enum_value_exists(enum pid_type, PIDTYPE_NONE) ? {enumerator} : 0) + "
        "bpf_core_type_size(struct nope);"
    )


@pytest.mark.shared
def test_a_kfunc_that_a_kernel_lacks_becomes_weak_and_is_asked_for(kernel_btf: Callable[[str], Path]) -> None:
    # bpf_task_acquire came with 6.2 for programs of tracing.
    targets = tuple(
        open_target(str(kernel_btf(name))) for name in ("5.10.0-46-amd64", "6.12.117+deb12-amd64")
    )
    text = C_PROGRAM.replace("long value;", f"long value;\n{KERNEL}")
    statement = "task = bpf_task_acquire(task);\n\tif (task)\n\t\tbpf_task_release(task);"
    analysis = analysed(text.replace("STATEMENT", statement), targets)
    asks = {ask.subject: len(analysis.relos) + at for at, ask in enumerate(analysis.asks)}
    fix = fixes_of(analysis, asks["bpf_task_acquire"])["weak"]
    assert changed(analysis, fix) == [
        "-extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;",
        "+extern struct task_struct *bpf_task_acquire(struct task_struct *p) __weak __ksym;",
        "-\ttask = bpf_task_acquire(task);",
        "+\ttask = bpf_task_acquire ? bpf_task_acquire(task) : 0;",
    ]
    assert fix.fate == "fails on 1 of 2 → 0 of 2"


@pytest.mark.shared
def test_a_variable_that_no_kernel_has_becomes_weak(kernel_btf: Callable[[str], Path]) -> None:
    targets = (open_target(str(kernel_btf("6.12.117+deb12-amd64"))),)
    text = C_PROGRAM.replace("long value;", f"long value;\n{KERNEL}")
    analysis = analysed(text.replace("STATEMENT", "value = (long)&no_such_variable;"), targets)
    fix = fixes_of(analysis)["weak"]
    assert "const int no_such_variable __weak __ksym;" in fix.proposal.text


def test_where_no_target_has_the_old_name_the_new_one_alone_is_offered_too() -> None:
    text = C_PROGRAM.replace("long state", "unsigned int state")
    text = text.replace("#define STATE(task) BPF_CORE_READ(task, state)\n", "").replace(
        "STATEMENT", "value = task->state;\n\tvalue += BPF_CORE_READ(task, state);"
    )
    analysis = analysed(text, (open_target("6.1.0-56-amd64"),))
    fix = fixes_of(analysis, failing(analysis)[0])["rename"]
    assert changed(analysis, fix) == [
        "-\tunsigned int state;",
        "+\tunsigned int __state;",
        "-\tvalue = task->state;",
        "-\tvalue += BPF_CORE_READ(task, state);",
        "+\tvalue = task->__state;",
        "+\tvalue += BPF_CORE_READ(task, __state);",
    ]
    assert failing(fix.after) == []


def test_a_read_of_another_width_than_the_kernels_takes_its_bits() -> None:
    # on_rq is an unsigned int, and a byte since 6.12; signed here, so that no load of a byte will do.
    text = C_PROGRAM.replace("\tint pid;", "\tint on_rq;").replace("task_struct", "sched_entity")
    targets = (open_target("6.1.0-56-amd64"), open_target("6.12.117+deb12-amd64"))
    analysis = analysed(text.replace("STATEMENT", "value = task->on_rq;"), targets)
    fix = fixes_of(analysis)["bitfield"]
    assert changed(analysis, fix)[1] == "+\tvalue = BPF_CORE_READ_BITFIELD(task, on_rq);"


def test_a_hint_that_no_code_follows_leaves_the_guard() -> None:
    # Linux 5.19: net_device.tx_dropped is net_device.core_stats->tx_dropped, one for each CPU.
    text = C_PROGRAM.replace("task_struct", "net_device").replace("(task, state)", "(task, tx_dropped)")
    text = text.replace("\tlong state;", "\tunsigned long tx_dropped;")
    analysis = analysed(
        text.replace("STATEMENT", "value = BPF_CORE_READ(task, tx_dropped);"),
        (open_target("6.1.0-56-amd64"),),
    )
    assert list(fixes_of(analysis)) == ["guard"]


@pytest.mark.shared
def test_what_has_no_fix_says_so(kernel_btf: Callable[[str], Path]) -> None:
    targets = (open_target(str(kernel_btf("6.12.117+deb12-amd64"))),)
    text = C_PROGRAM.replace("tp_btf/sched_switch", "tp_btf/no_such_event").replace("STATEMENT", "value = 1;")
    analysis = analysed(text, targets)
    [number] = failing(analysis)
    assert list(find_fixes(analysis, number)) == []
    assert why_none_found(analysis, number).startswith("no kind of fix is known for it")


@pytest.mark.kernel
def test_the_running_kernel_takes_a_program_that_is_mended() -> None:
    text = C_PROGRAM.replace("STATEMENT", "value = BPF_CORE_READ(task, state);")
    before = analysed(text)
    assert before.object is not None
    assert not run_libbpf(before.object.elf.data).is_loaded  # it runs 6.18, which has __state
    for fix in fixes_of(before).values():
        assert fix.after.object is not None
        run = run_libbpf(fix.after.object.elf.data, log_level=1)
        assert run.is_loaded, run.log + run.verifier_log
