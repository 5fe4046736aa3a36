"""Generated C: clang compiles it with libbpf's own headers, and it resolves where it should.

Which fields are where was looked up with pahole: those of ``test_make.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.analysis.result import Analysis
from btfview.bindings.make import make_bindings
from btfview.bindings.result import Bindings
from btfview.compiler.c.clang import CLANG_VARIABLE
from btfview.errors import UsageError
from btfview.targets.find import open_target
from btfview.targets.target import Target
from tests.analyses import analyse_text
from tests.bindings.test_make import FIELDS, WHOLE, bundled, pahole_offset, target_of
from tests.btf.build import INT, build_btf, enum, int_, struct
from tests.libbpf import run_libbpf

pytestmark = pytest.mark.debian_tool("clang-19")

PATHS = [str(case.values[0]) for case in FIELDS]
HEAD = "#include <linux/types.h>\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_core_read.h>\n\n"
PROGRAM = """
SEC("raw_tp/sys_enter") int use_{number}(void *ctx)
{{
	return (int)(unsigned long){name}((void *)bpf_get_current_task());
}}
"""


def compiled(bindings: Bindings, targets: tuple[Target, ...] = ()) -> Analysis:
    """Return the analysis of a program that calls each function, by libbpf's macros."""
    names = re.findall(r"^static inline .*?(\w+)\(const void \*from\)", bindings.body, re.MULTILINE)
    assert len(names) == len(bindings.accessors)
    calls = "".join(PROGRAM.format(number=number, name=name) for number, name in enumerate(names))
    text = f'{HEAD}{bindings.body}{calls}\nchar LICENSE[] SEC("license") = "GPL";\n'
    analysis = analyse_text(text, targets, path="use.c")
    assert analysis.diagnostics == (), f"{analysis.diagnostics[0].message}\n{text}"
    return analysis


def check_resolved(bindings: Bindings, targets: tuple[Target, ...]) -> Analysis:
    """Each target is served by exactly the declarations that were made for it; none has a problem."""
    analysis = compiled(bindings, targets)
    for number, accessor in enumerate(bindings.accessors):
        served = {name for declaration in accessor.declarations for name in declaration.targets}
        own = [linked for linked in analysis.relos if linked.program == f"use_{number}"]
        for column, target in enumerate(targets):
            assert not any(analysis.state(linked.index, column).is_problem for linked in own), accessor.path
            is_there = any(
                analysis.results[linked.index][column].outcome.value == 1
                for linked in own
                if linked.relo.kind_label == "field_exists"
            )
            assert is_there is (target.name in served), (accessor.path, target.name)
    return analysis


def test_all_fields_in_one_header_compile_and_resolve() -> None:
    check_resolved(make_bindings(PATHS, bundled(), "c"), bundled())


def test_structs_hold_what_is_asked_for_and_nothing_else() -> None:
    body = make_bindings(["task_struct.se.vruntime", "task_struct.se.load.weight"], bundled(), "c").body
    assert body.startswith(
        "struct task_struct___local {\n\tstruct {\n\t\tunsigned long long vruntime;\n\t\tstruct {\n"
        "\t\t\tunsigned long long weight;\n\t\t} load;\n\t} se;\n"
        "} __attribute__((preserve_access_index));\n"
    )
    assert body.count("struct task_struct___local {") == 1


def test_what_a_renamed_field_reads_is_asked_for_under_both_names() -> None:
    # Linux 5.14: task_struct.state, a long, became __state, 32 bits wide.
    targets = (open_target("5.10.0-46-amd64"), open_target("6.1.0-56-amd64"))
    body = make_bindings(["task_struct.state"], targets, "c").body
    assert "struct task_struct___v6_1 {\n\tunsigned int __state;" in body
    assert "struct task_struct___v5_10 {\n\tsigned long long state;" in body
    assert "if (bpf_core_field_exists(v6_1->__state))\n\t\treturn BPF_CORE_READ(v6_1, __state);" in body


def test_a_bitfield_and_a_field_of_two_sizes_take_their_bits_from_the_kernel() -> None:
    # on_rq is an unsigned int, and a byte since 6.12.
    body = make_bindings(["task_struct.in_iowait", "task_struct.se.on_rq"], bundled(), "c").body
    assert "BPF_CORE_READ_BITFIELD_PROBED(local, in_iowait)" in body
    assert "BPF_CORE_READ_BITFIELD_PROBED(local, se.on_rq)" in body


def test_types_and_enumerators_are_asked_for() -> None:
    # BPF_FUNC_get_func_ip came with Linux 5.15.
    targets = (open_target("5.10.0-46-amd64"), open_target("6.1.0-56-amd64"))
    asked = ["pid_type::PIDTYPE_PID", "enum pid_type::PIDTYPE_TGID", "struct sched_entity", "task_struct.pid"]
    bindings = make_bindings([*asked, "bpf_func_id::BPF_FUNC_get_func_ip"], targets, "c")
    assert bindings.notes == ("bpf_func_id::BPF_FUNC_get_func_ip: not on 5.10.0-46-amd64",)
    text = f"{HEAD}{bindings.body}{ASKING}"
    analysis = analyse_text(text, targets, path="use.c")
    assert analysis.diagnostics == ()
    assert not any(map(analysis.fails, range(len(analysis.relos))))
    values = {
        (linked.path.partition("___")[0], linked.path.rpartition(":")[2].partition("___")[0]): [
            result.outcome.value for result in analysis.results[linked.index]
        ]
        for linked in analysis.relos
        if linked.relo.kind_label in ("enumval_value", "type_exists")
    }
    # linux/pid.h, linux/bpf.h: the numbers of the enumerators.
    assert values == {
        ("pid_type", "PIDTYPE_PID"): [0, 0],
        ("pid_type", "PIDTYPE_TGID"): [1, 1],
        ("sched_entity", "sched_entity"): [1, 1],
        ("bpf_func_id", "BPF_FUNC_get_func_ip"): [None, 173],
    }


ASKING = """
SEC("raw_tp/sys_enter") int use(void *ctx)
{
	return value_of_pidtype_pid() + value_of_pidtype_tgid() + has_sched_entity() +
		value_of_bpf_func_get_func_ip() + read_task_struct_pid(ctx);
}
char LICENSE[] SEC("license") = "GPL";
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pid_type::PIDTYPE_PIDD", "enum pid_type has PIDTYPE_PID, .* and no PIDTYPE_PIDD"),
        ("pid_typ::PIDTYPE_PID", 'there is no enum "pid_typ"; did you mean pid_type'),
        ("sched_entit", 'there is no struct or union "sched_entit"; did you mean sched_entity'),
        ("task_struct.", "is no path to a field"),
    ],
)
def test_what_is_asked_for_and_nowhere_is_told(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        make_bindings([text], (open_target("6.1.0-56-amd64"),), "c")


@pytest.mark.shared
@pytest.mark.debian_tool("pahole")
def test_offsets_on_whole_kernels_are_those_of_pahole(kernel_btf: Callable[[str], Path]) -> None:
    targets = tuple(open_target(str(kernel_btf(name))) for name in WHOLE)
    analysis = check_resolved(make_bindings(["task_struct.pid", "task_struct.state"], targets, "c"), targets)
    for column, target in enumerate(targets):
        for field, name in (("pid", "pid"), ("state", "(?:__)?state")):
            found = {
                analysis.results[linked.index][column].outcome.value
                for linked in analysis.relos
                if linked.relo.kind_label == "field_byte_offset" and linked.path.endswith(field)
            } - {None}
            assert found == {pahole_offset("task_struct", name, Path(target.path))}


@pytest.mark.kernel
def test_the_running_kernel_accepts_a_program_that_calls_them() -> None:
    paths = ["pid", "se.vruntime", "in_iowait", "state", "policy", "se.on_rq", "prio", "mm", "comm", "se"]
    targets = (open_target("running"), open_target("5.10.0-46-amd64"))
    analysis = compiled(make_bindings([f"task_struct.{path}" for path in paths], targets, "c"))
    assert analysis.compilation is not None
    run = run_libbpf(analysis.compilation.object or b"", log_level=1)
    assert run.is_loaded, run.log + run.verifier_log


def test_kinds_that_a_field_had_are_asked_for_one_after_the_other() -> None:
    old = target_of(build_btf(struct("s", ("x", enum("e", size=4, ONE=1), 0), size=4)).data, "5.1-old")
    new = target_of(build_btf(struct("s", ("y", INT, 0), ("x", INT, 32), size=8)).data, "6.1-new")
    bindings = make_bindings(["s.x"], (old, new), "c")
    assert "struct s___v6_1" in bindings.body
    assert "enum e___v5_1 { ONE___v5_1 = 1 };" in bindings.body
    check_resolved(bindings, (old, new))


@pytest.mark.parametrize("size", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("is_signed", [True, False])
def test_integers_of_every_size_are_read(size: int, is_signed: bool) -> None:
    number = int_("n", size, encoding=int(is_signed))
    target = target_of(build_btf(struct("s", ("x", number, 0), size=size)).data)
    check_resolved(make_bindings(["s.x"], (target,), "c"), (target,))


def test_enums_of_other_sizes_than_c_gives_them_and_without_a_name() -> None:
    wide, small, nameless = enum("w", size=8, A=1), enum("n", size=1, B=1), enum("", size=4, C=3)
    btf = build_btf(struct("s", ("a", wide, 0), ("b", small, 64), ("c", nameless, 96), size=16))
    target = target_of(btf.data)
    bindings = make_bindings(["s.a", "s.b", "s.c"], (target,), "c")
    assert "BPF_CORE_READ_BITFIELD_PROBED(local, a)" in bindings.body
    assert "enum s_c___local { C___local = 3 };" in bindings.body
    check_resolved(bindings, (target,))


@pytest.mark.parametrize("name", ["int", "a b", "a;b", "a\nb", "\u00e9", "4th", "a\x1b", "a*/"])
def test_names_that_c_has_no_spelling_for_are_refused(name: str) -> None:
    target = target_of(build_btf(struct("s", ("x", INT, 0), (name, INT, 32), size=8)).data)
    with pytest.raises(UsageError, match="no name that C can write"):
        make_bindings([f"s.{name}"], (target,), "c")
    check_resolved(make_bindings(["s.x"], (target,), "c"), (target,))


def test_the_name_of_a_kernel_ends_no_comment() -> None:
    target = target_of(build_btf(struct("s", ("x", INT, 0), size=4)).data, "a*/ int bad; /*")
    text = make_bindings(["s.x"], (target,), "c").text
    assert "*/ int bad" not in text
    check_resolved(make_bindings(["s.x"], (target,), "c"), (target,))


def test_what_is_ambiguous_on_a_kernel_is_not_given_and_why_is_said() -> None:
    first, second = struct("s", ("x", INT, 0), size=4), struct("s", ("y", INT, 0), ("x", INT, 32), size=8)
    with pytest.raises(UsageError, match=r"no C is given: on 6.1-test, "):
        make_bindings(["s.x"], (target_of(build_btf(first, second).data),), "c")


def test_without_clang_it_is_given_and_said_to_be_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CLANG_VARIABLE, raising=False)
    monkeypatch.setattr("btfview.compiler.c.clang._which", lambda _name: None)
    monkeypatch.setattr("btfview.compiler.c.clang._has_zig", lambda: False)
    bindings = make_bindings(["task_struct.pid"], bundled(), "c")
    assert bindings.notes == ("not checked: there is no clang to compile it with (see btfview doctor)",)
    assert "BPF_CORE_READ(local, pid)" in bindings.body


def test_a_clang_that_is_named_and_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CLANG_VARIABLE, "no-such-clang")
    with pytest.raises(UsageError, match="no-such-clang"):
        make_bindings(["task_struct.pid"], bundled(), "c")
