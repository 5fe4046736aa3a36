"""Generated bindings: they compile, and resolve on the kernels they were made for.

What a field is, and where, was looked up with ``pahole -F btf -C STRUCT`` on each kernel; on whole kernels
the test asks pahole again, and the running kernel's verifier has its say.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from btfview.analysis.result import Analysis
from btfview.bindings.make import make_bindings
from btfview.bindings.result import Bindings
from btfview.btf.reader import Btf
from btfview.errors import UsageError
from btfview.targets.find import open_target
from btfview.targets.kernels import bundled_targets
from btfview.targets.target import Target
from tests.analyses import analyse_text
from tests.btf.build import INT, build_btf, enum, float_, int_, struct
from tests.libbpf import run_libbpf

# path, and what its function gives
FIELDS = [
    pytest.param("task_struct.pid", "&i32", id="int-behind-a-typedef"),
    pytest.param("task_struct.flags", "&u32", id="unsigned-int"),
    pytest.param("task_struct.start_time", "&u64", id="u64"),
    pytest.param("task_struct.se.vruntime", "&u64", id="nested"),
    pytest.param("task_struct.se.load.weight", "&u64", id="nested-twice"),
    pytest.param("task_struct.comm", "&[u8; 16]", id="char-array"),
    pytest.param("task_struct.mm", "&*const core::ffi::c_void", id="pointer-to-a-struct"),
    pytest.param("task_struct.stack", "&*const core::ffi::c_void", id="pointer-to-void"),
    pytest.param("qstr.name", "&*const u8", id="pointer-to-char"),
    pytest.param("task_struct.state", "i64", id="renamed-with-another-size"),
    pytest.param("task_struct.in_iowait", "u64", id="bitfield"),
    pytest.param("task_struct.se.on_rq", "u64", id="int-that-became-a-byte"),
    pytest.param("task_struct.se", "&sched_entity", id="struct"),
    pytest.param("task_struct.children.next", "&*const core::ffi::c_void", id="list-head"),
    pytest.param("signal_struct.rlim", "*const u8", id="array-of-structs"),
    pytest.param("signal_struct.rlim[7].rlim_cur", "&u64", id="field-of-an-element"),
    pytest.param("signal_struct.pids[1]", "&*const core::ffi::c_void", id="element"),
    pytest.param("sock.__sk_common.skc_family", "&u16", id="nested-u16"),
    pytest.param("sock.__sk_common.skc_daddr", "&u32", id="two-anonymous-levels-deep"),
    pytest.param("sk_buff.len", "&u32", id="sk-buff"),
    pytest.param("sk_buff.protocol", "&u16", id="in-an-anonymous-struct-since-5-17"),
    pytest.param("sk_buff.cb", "&[u8; 48]", id="char-array-48"),
    pytest.param("hrtimer.is_rel", "u64", id="u8-that-became-bool"),
    pytest.param("hrtimer.node.expires", "&i64", id="signed-64"),
    pytest.param("inode.i_mode", "&u16", id="u16"),
    pytest.param("super_block.s_writers.rw_sem", "*const u8", id="array-of-structs-in-a-struct"),
    pytest.param("mm_struct.rss_stat", "*const u8", id="struct-that-became-an-array"),
    pytest.param("file_system_type.name", "&*const u8", id="a-name"),
    pytest.param("rcu_special.b.blocked", "&u8", id="root-is-a-union"),
    pytest.param("kernfs_node.parent", "&*const kernfs_node", id="pointer-renamed"),
    pytest.param("bpf_prog.type", "&u32", id="enum-called-type"),
    pytest.param("bpf_prog.jited", "u64", id="bitfield-of-16-bits"),
    pytest.param("page.index", "&u64", id="in-a-struct-in-a-union"),
    pytest.param("rq.nr_running", "&u32", id="rq"),
    pytest.param("cred.uid.val", "&u32", id="typedef-of-an-anonymous-struct"),
]  # fmt: skip


@cache
def bundled() -> tuple[Target, ...]:
    return bundled_targets()


def compiled(bindings: Bindings, targets: tuple[Target, ...], extra: str = "") -> Analysis:
    text = bindings.text + extra
    analysis = analyse_text(text, targets)
    assert analysis.diagnostics == (), f"{analysis.diagnostics[0].message}\n{text}"
    return analysis


def check_resolved(bindings: Bindings, targets: tuple[Target, ...]) -> Analysis:
    """Each target is served by exactly the declaration that was made for it; none has a problem."""
    analysis = compiled(bindings, targets)
    states = [
        (linked.path, target.name, result[column].outcome.reason)
        for index, (linked, result) in enumerate(zip(analysis.relos, analysis.results, strict=True))
        for column, target in enumerate(targets)
        if analysis.state(index, column).is_problem
    ]
    assert states == []
    exists = [
        index for index, linked in enumerate(analysis.relos) if linked.relo.kind_label == "field_exists"
    ]
    offsets = [linked for linked in analysis.relos if linked.relo.kind_label == "field_byte_offset"]
    assert exists
    assert offsets
    for accessor in bindings.accessors:
        served = {name for declaration in accessor.declarations for name in declaration.targets}
        for column, target in enumerate(targets):
            found = {
                analysis.relos[index].path
                for index in exists
                if analysis.results[index][column].outcome.value == 1
            }
            assert bool(found) is (target.name in served)
    return analysis


@pytest.mark.parametrize("dialect", ["repr", "option"])
@pytest.mark.parametrize(("path", "result"), FIELDS)
def test_bindings_compile_and_resolve_on_the_bundled_kernels(path: str, result: str, dialect: str) -> None:
    bindings = make_bindings([path], bundled(), dialect)
    assert f"(&self) -> Option<{result}" in bindings.text
    check_resolved(bindings, bundled())
    marker = "#[repr(Btf)]" if dialect == "repr" else "#[btf_relocatable]"
    assert marker in bindings.text


def test_all_fields_together_compile_and_resolve() -> None:
    paths = [str(case.values[0]) for case in FIELDS]
    bindings = make_bindings(paths, bundled())
    analysis = compiled(bindings, bundled())
    assert not any(
        analysis.state(index, column).is_problem
        for index in range(len(analysis.relos))
        for column in range(len(bundled()))
    )
    assert {linked.program for linked in analysis.relos} >= {"se_vruntime", "state", "comm"}


def members(struct: str, btf: Path) -> str:
    command = ["pahole", "-F", "btf", "-C", struct, str(btf)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def pahole_offset(struct: str, field: str, btf: Path) -> int:
    """Bytes; of a member of *struct* itself or of one of its anonymous members (pahole prints those with
    offsets from the start of the struct)."""
    found = re.search(
        rf"[ *]{field}(?:\[\d+\])*(?::\d+)?(?: __attribute__\(.*\))?;\s+/\*\s+(\d+)", members(struct, btf)
    )
    assert found, f"{struct}.{field}"
    return int(found[1])


WHOLE = ["5.4.0-216-generic-amd64", "5.15.0-204-generic-amd64", "6.8.0-151-generic-amd64", "7.3-amd64"]
PLACES = [
    pytest.param("task_struct.pid", [("task_struct", "pid")], id="int"),
    pytest.param(
        "task_struct.se.vruntime", [("task_struct", "se"), ("sched_entity", "vruntime")], id="nested"
    ),
    pytest.param("task_struct.comm", [("task_struct", "comm")], id="array"),
    pytest.param("task_struct.state", [("task_struct", "(?:__)?state")], id="renamed"),
    pytest.param("sk_buff.protocol", [("sk_buff", "protocol")], id="anonymous-struct"),
    pytest.param("dentry.d_iname", [("dentry", "d_iname")], id="not-on-all"),
    pytest.param("bpf_prog.type", [("bpf_prog", "type")], id="enum"),
    pytest.param("iov_iter.count", [("iov_iter", "count")], id="in-a-union"),
]


@pytest.mark.shared
@pytest.mark.debian_tool("pahole")
@pytest.mark.parametrize(("path", "places"), PLACES)
def test_offsets_on_whole_kernels_are_those_of_pahole(
    path: str, places: list[tuple[str, str]], kernel_btf: Callable[[str], Path]
) -> None:
    targets = tuple(open_target(str(kernel_btf(name))) for name in WHOLE)
    bindings = make_bindings([path], targets)
    analysis = check_resolved(bindings, targets)
    served = {name for declaration in bindings.accessors[0].declarations for name in declaration.targets}
    assert served
    for column, target in enumerate(targets):
        found = {
            analysis.results[index][column].outcome.value
            for index, linked in enumerate(analysis.relos)
            if linked.relo.kind_label == "field_byte_offset"
        } - {None}
        if target.name in served:
            assert found == {sum(pahole_offset(*place, Path(target.path)) for place in places)}
        else:
            assert f" {places[-1][1]}[" not in members(places[0][0], Path(target.path))


PROGRAM = """
unsafe extern "C" { fn bpf_get_current_task_btf() -> *const task_struct; }
#[unsafe(no_mangle)]
#[unsafe(link_section = "license")]
pub static LICENSE: [u8; 4] = *b"GPL\\0";
pub static mut SUM: u64 = 0;
#[unsafe(no_mangle)]
#[unsafe(link_section = "raw_tp/sys_enter")]
pub extern "C" fn sum(_ctx: *mut core::ffi::c_void) -> i32 {
    let task = unsafe { &*bpf_get_current_task_btf() };
    let mut sum: u64 = 0;
    CALLS
    unsafe { SUM = sum; }
    0
}
"""


@pytest.mark.kernel
@pytest.mark.parametrize("dialect", ["repr", "option"])
def test_the_running_kernel_accepts_a_program_that_calls_them(dialect: str) -> None:
    numbers = ("pid", "se.vruntime", "in_iowait", "state", "policy", "se.on_rq", "prio")
    targets = (open_target("running"), open_target("5.10.0-46-amd64"))
    bindings = make_bindings([f"task_struct.{path}" for path in numbers], targets, dialect)
    is_value = {
        path: "Option<&" not in text
        for path, text in zip(numbers, re.findall(r"pub fn .*", bindings.text), strict=True)
    }
    calls = "\n    ".join(
        f"if let Some(value) = task.{path.replace('.', '_')}() "
        f"{{ sum += {'value' if is_value[path] else '*value'} as u64; }}"
        for path in numbers
    )
    analysis = compiled(bindings, targets, PROGRAM.replace("CALLS", calls))
    assert analysis.compilation is not None
    run = run_libbpf(analysis.compilation.object or b"", log_level=1)
    assert run.is_loaded, run.log + run.verifier_log


def test_a_nested_struct_is_declared_once_and_read_through_its_own_functions() -> None:
    text = make_bindings(["task_struct.se", "sched_entity.vruntime"], bundled()).text
    assert text.count("pub struct sched_entity {") == 1
    assert "pub fn se(&self) -> Option<&sched_entity>" in text
    assert "impl sched_entity {" in text


def test_a_pointer_to_a_struct_that_is_asked_for_has_its_type() -> None:
    text = make_bindings(["task_struct.mm", "mm_struct.mmap_base"], bundled()).text
    assert "pub fn mm(&self) -> Option<&*const mm_struct>" in text


def test_kernels_that_lack_a_field_are_named() -> None:
    # vlag came with EEVDF in Linux 6.6.
    bindings = make_bindings(["sched_entity.vlag"], bundled())
    text = "".join(bindings.notes)
    assert "not on 6.1.0-56-amd64: struct sched_entity has no field 'vlag'" in text
    assert "not on 5.10.0-46-amd64" in text
    assert "/// - not on 5.10.0-46-amd64" in bindings.text
    compiled(bindings, bundled())


@pytest.mark.parametrize(
    ("path", "says"),
    [
        pytest.param("task_strct.pid", "did you mean task_struct", id="unknown-type"),
        pytest.param("task_struct.pidd", "has no field 'pidd'; did you mean pid", id="unknown-field"),
        pytest.param("task_struct.mm.pgd", "ask for mm_struct.pgd as well", id="through-a-pointer"),
        pytest.param("signal_struct.rlim.rlim_cur", "as in rlim[0].rlim_cur", id="through-an-array"),
        pytest.param("task_struct.comm[16]", "comm has 16 elements", id="beyond-an-array"),
        pytest.param("task_struct.pid[0]", "it is no array", id="no-array"),
        pytest.param("task_struct.pid.x", "pid is pid_t, which has no fields", id="through-an-int"),
        pytest.param("task_struct", "is no path to a field", id="no-field"),
        pytest.param("task_struct..pid", "is no path to a field", id="empty-step"),
        pytest.param("pid_type.PIDTYPE_PID", "not a struct or union", id="enum"),
        pytest.param("atomic_t.counter", "typedef of a struct that has no name of its own", id="typedef"),
    ],
)  # fmt: skip
def test_a_wrong_path_is_told_with_what_to_do(path: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_bindings([path], (open_target("6.1.0-56-amd64"),))
    assert says in str(caught.value)


def test_of_two_new_fields_only_the_renamed_one_takes_the_old_ones_place() -> None:
    # 5.10 has task_struct.state where 6.12 has __state and, since 6.1, saved_state.
    targets = (open_target("5.10.0-46-amd64"), open_target("6.12.117+deb12-amd64"))
    state, saved = make_bindings(["task_struct.state", "task_struct.saved_state"], targets).accessors
    assert [declaration.shape.path.fields for declaration in state.declarations] == ["__state", "state"]
    assert [declaration.shape.path.fields for declaration in saved.declarations] == ["saved_state"]
    assert "perhaps state (stands where saved_state stands" in saved.missing[0]


def test_an_anonymous_struct_is_not_called_as_another_type_is() -> None:
    # The kernel's ieee80211_eht_mcs_nss_supp: an anonymous struct called bw, of structs called
    # ieee80211_eht_mcs_nss_supp_bw.
    named = struct("outer_bw", size=4, x=(INT, 0))
    btf = build_btf(struct("outer", size=4, bw=(struct("", size=4, wide=(named, 0)), 0)))
    target = target_of(btf.data)
    check_resolved(make_bindings(["outer.bw.wide.x", "outer.bw"], (target,)), (target,))


@pytest.mark.parametrize("dialect", ["repr", "option"])
def test_names_that_are_words_of_rust_are_written_raw(dialect: str) -> None:
    kinds = enum("fn", size=4, match=1)
    btf = build_btf(struct("type", size=12, loop=(struct("mod", size=8, impl=(kinds, 0)), 0), r=(INT, 64)))
    target = target_of(btf.data)
    bindings = make_bindings(["type.loop.impl", "type.loop", "type.r"], (target,), dialect)
    assert "r#loop.r#impl" in bindings.text
    check_resolved(bindings, (target,))


@pytest.mark.parametrize("name", ["self", "a b", "a;b", "a\nb", "\u00e9", "4th", "a\x1b"])
def test_names_that_rust_has_no_spelling_for_are_refused(name: str) -> None:
    target = target_of(build_btf(struct("s", ("x", INT, 0), (name, INT, 32), size=8)).data)
    with pytest.raises(UsageError, match="no name that Rust can write"):
        make_bindings([f"s.{name}"], (target,))
    # Beside it, others are reached as before; a kernel with a hostile name puts nothing into the code.
    check_resolved(make_bindings(["s.x"], (target,)), (target,))


@pytest.mark.parametrize(
    ("size", "result"), [(1, "u8"), (2, "u16"), (4, "u32"), (8, "u64"), (16, "[u64; 2]")]
)
def test_integers_of_every_size_have_a_type(size: int, result: str) -> None:
    number = int_("number", size)
    target = target_of(build_btf(struct("s", ("x", number, 0), size=size)).data)
    bindings = make_bindings(["s.x"], (target,))
    assert f"Option<&{result}>" in bindings.text
    check_resolved(bindings, (target,))


def test_a_field_that_changed_from_enum_to_int_is_asked_for_twice() -> None:
    old = target_of(build_btf(struct("s", ("x", enum("e", size=4, ONE=1), 0), size=4)).data, "5.1-old")
    new = target_of(build_btf(struct("s", ("y", INT, 0), ("x", INT, 32), size=8)).data, "6.1-new")
    bindings = make_bindings(["s.x"], (old, new))
    assert "field_exists!(s, x)" in bindings.text
    assert "field_exists!(s___v5_1, x)" in bindings.text
    check_resolved(bindings, (old, new))


def test_a_floating_point_field_is_refused() -> None:
    target = target_of(build_btf(struct("s", ("x", float_("double", 8), 0), size=8)).data)
    with pytest.raises(UsageError, match="which BPF does not have"):
        make_bindings(["s.x"], (target,))


def test_two_types_with_one_name_are_told_of() -> None:
    first, second = struct("s", ("x", INT, 0), size=4), struct("s", ("y", INT, 0), ("x", INT, 32), size=8)
    notes = make_bindings(["s.x"], (target_of(build_btf(first, second).data),)).notes
    assert "2 types are called s and have it at different places" in notes[0]


class BtfTarget(Target):
    """A target of a test's own bytes."""

    def __init__(self, name: str, data: bytes) -> None:
        super().__init__(name, f"{name}.btf", "file")
        self._btf = Btf(data)


def target_of(data: bytes, name: str = "6.1-test") -> Target:
    return BtfTarget(name, data)


def test_without_a_kernel_there_is_nothing_to_make() -> None:
    with pytest.raises(UsageError, match="at least one with -t"):
        make_bindings(["task_struct.pid"], ())
