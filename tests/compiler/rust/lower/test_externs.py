"""What an extern block declares beside helpers: kfuncs and ksyms, for libbpf to find by name."""

from __future__ import annotations

from btfview.bpf.object import read_object
from btfview.btf.types import Datasec, Func, Var
from btfview.compiler.compile import compile_source
from btfview.source import Source
from tests.compiler.rust.front_end_helpers import problems

TEXT = """#[repr(C)] pub struct task_struct { pid: i32 }
unsafe extern "C" {
    fn bpf_task_from_pid(pid: i32) -> *mut task_struct;
    safe fn bpf_ktime_get_ns() -> u64;
    static bpf_prog_active: i32;
    static never_named: i32;
    fn never_called();
}
#[unsafe(link_section = "tp_btf/task_newtask")]
pub extern "C" fn p(_ctx: *const u64) -> i32 {
    let task = unsafe { bpf_task_from_pid(1) };
    let active = unsafe { &raw const bpf_prog_active };
    (task as usize + active as usize + bpf_ktime_get_ns() as usize) as i32
}
"""


def test_what_code_names_of_them_is_in_ksyms_with_its_type() -> None:
    result = compile_source(Source("lib.rs", TEXT))
    assert result.ir is not None
    assert result.object is not None
    assert "declare !dbg" in result.ir
    btf = read_object(result.object, path="lib.o").btf
    (ksyms,) = [one for one in map(btf.type, btf.ids()) if isinstance(one, Datasec) and one.name == ".ksyms"]
    found = [btf.type(part.type_id) for part in ksyms.variables]
    assert all(isinstance(one, Func | Var) for one in found)
    assert {getattr(one, "name", "") for one in found} == {"bpf_task_from_pid", "bpf_prog_active"}
    assert not any(
        line.startswith(("@never", "declare")) and "never" in line for line in result.ir.splitlines()
    )


def test_they_are_unsafe_unless_they_are_safe() -> None:
    text = 'unsafe extern "C" { static a: u8; safe static b: u8; fn c() -> u8; safe fn d() -> u8; }\n'
    assert problems(text + "pub fn f() -> u8 { b + d() }") == []
    for wrong, what in (("a", "use of extern static"), ("c()", "call to unsafe function `c`")):
        ((line, _, message),) = problems(text + f"pub fn f() -> u8 {{ {wrong} }}")
        assert (line, message) == (2, f"{what} is unsafe and requires unsafe block")
