"""The Rust demos compile, load, and find in the running kernel what pahole finds there."""

from __future__ import annotations

import json
import re
import struct
import subprocess
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.source import Source, read_source
from tests.compiler.rust.front_end_helpers import relocation_globals
from tests.compiler.rust.run.run_bpf import Pinned, loaded
from tests.paths import DEMO
from tests.rustc import Rustc

PAHOLE = ("pahole", "-F", "btf", "-C")
VMLINUX = "/sys/kernel/btf/vmlinux"
RAW_TRACEPOINT = """
unsafe extern "C" { fn bpf_get_current_task_btf() -> *const task_struct; }
#[unsafe(no_mangle)] #[unsafe(link_section = "license")] pub static LICENSE: [u8; 4] = *b"GPL\\0";
pub static mut SEEN: u64 = 0;
#[unsafe(no_mangle)]
#[unsafe(link_section = "raw_tp/sys_enter")]
pub extern "C" fn look(_ctx: *const u64) -> i32 {
    let task = unsafe { &*bpf_get_current_task_btf() };
    if let Some(vruntime) = task.sched_vruntime() {
        unsafe { SEEN = *vruntime; }
    }
    if let Some(weight) = task.sched_load_weight() && *weight > 0 {
        return 1;
    }
    0
}
"""


def object_of(source: Source, folder: Path) -> Path:
    result = compile_source(source)
    assert [item.message for item in result.diagnostics] == []
    assert result.object is not None
    path = folder / "demo.o"
    path.write_bytes(result.object)
    return path


def pahole_offset(path: str) -> int:
    """Return where pahole finds a member of the running kernel's ``task_struct``, in bytes."""
    total, name = 0, "task_struct"
    for step in path.split("."):
        shown = subprocess.run([*PAHOLE, name, VMLINUX], capture_output=True, text=True).stdout
        found = re.search(
            rf"^\t(?:struct (\w+)|[^/\n]*?)\s+\**{step}(?:\[\d+\])*;\s*/\*\s*(\d+)", shown, re.MULTILINE
        )
        assert found, (name, step)
        total, name = total + int(found[2]), found[1] or ""
    return total


@pytest.mark.parametrize("name", ["sched.rs", "sched_option.rs"])
def test_both_dialects_ask_for_the_same(name: str) -> None:
    # The pre-RFC's example: vruntime is 8 bytes into sched_entity as declared, weight at 0.
    assert relocation_globals((DEMO / name).read_text()) == {
        "llvm.task_struct:2:1$0:0:1",
        "llvm.task_struct:0:8$0:0:1",
        "llvm.task_struct:2:1$0:0:0:0",
        "llvm.task_struct:0:0$0:0:0:0",
    }


@pytest.mark.kernel
@pytest.mark.parametrize("name", ["sched.rs", "sched_option.rs"])
def test_the_kernel_accepts_the_getters_on_its_own_task(name: str, tmp_path: Path) -> None:
    source = Source(name, (DEMO / name).read_text() + RAW_TRACEPOINT)
    with loaded(object_of(source, tmp_path)) as folder:
        assert [path.name for path in folder.iterdir()] == ["look"]


@pytest.mark.kernel
def test_the_kernel_accepts_task_state(tmp_path: Path) -> None:
    with loaded(object_of(read_source(str(DEMO / "task_state.rs")), tmp_path)) as folder:
        assert [path.name for path in folder.iterdir()] == ["count_calls"]


@pytest.mark.kernel
@pytest.mark.debian_tool("pahole")
def test_task_state_sees_tasks(tmp_path: Path) -> None:
    """Run once, it has counted one call and tells the pid of a task."""
    path = object_of(read_source(str(DEMO / "task_state.rs")), tmp_path)
    with loaded(path) as folder:
        program = Pinned(folder / "count_calls")
        try:
            program.run_raw_tracepoint()
            shown = subprocess.run(
                ["bpftool", "-j", "map", "dump", *program.map_named(".bss")], capture_output=True
            )
        finally:
            program.close()
    items = json.loads(shown.stdout)[0]["formatted"]["value"][".bss"]
    values = {key: value for item in items for key, value in item.items()}
    assert values["CALLS"] == 1
    assert values["LAST"]["pid"] > 0
    kernel = subprocess.run([*PAHOLE, "task_struct", VMLINUX], capture_output=True, text=True).stdout
    assert values["LAST"]["is_new_kernel"] == int("__state;" in kernel)


@pytest.mark.kernel
@pytest.mark.debian_tool("pahole")
def test_offsets_in_the_kernel_are_pahole_s(tmp_path: Path) -> None:
    paths = ["pid", "tgid", "se.vruntime", "se.load.weight", "comm"]
    calls = "".join(
        f"        (*ctx).values[{index}] = core::btf::field_byte_offset!(task_struct, {path}) as u64;\n"
        for index, path in enumerate(paths)
    )
    text = f"""#![feature(btf_relocations)]
#![allow(unguarded_btf_offset)]
#[repr(Btf)] pub struct load_weight {{ weight: u64 }}
#[repr(Btf)] pub struct sched_entity {{ vruntime: u64, load: load_weight }}
#[repr(Btf)]
pub struct task_struct {{ tgid: i32, se: sched_entity, pid: i32, comm: [u8; 16], no_such_field: u8 }}
#[repr(C)] pub struct arguments {{ values: [u64; {len(paths) + 2}] }}
#[unsafe(no_mangle)] #[unsafe(link_section = "syscall")]
pub extern "C" fn offsets(ctx: *mut arguments) -> i32 {{
    unsafe {{
{calls}        (*ctx).values[{len(paths)}] = core::btf::field_byte_size!(task_struct, comm) as u64;
        (*ctx).values[{len(paths) + 1}] = core::btf::field_exists!(task_struct, no_such_field) as u64 + 7;
    }}
    0
}}
"""
    with loaded(object_of(Source("offsets.rs", text), tmp_path)) as folder:
        program = Pinned(folder / "offsets")
        status, data = program.run(bytes(8 * (len(paths) + 2)))
        program.close()
    values = struct.unpack(f"<{len(paths) + 2}Q", data)
    assert status == 0
    assert list(values[:-2]) == [pahole_offset(path) for path in paths]
    assert values[-2] == 16  # linux/sched.h: TASK_COMM_LEN
    assert values[-1] == 7


@pytest.mark.parametrize("name", ["sched.rs", "sched_option.rs", "task_state.rs"])
def test_rustc_accepts_the_demos_with_their_queries_answered(name: str, rustc: Rustc) -> None:
    """rustc 1.95 has no BTF relocations; what is left without them must be Rust."""
    text = (DEMO / name).read_text()
    text = re.sub(r"(?:core::)?btf::field_exists!\([^)]*\)", "(core::mem::size_of::<u8>() == 1)", text)
    answer = "Some(0usize)" if "btf_relocatable" in text else "0usize"
    text = re.sub(r"(?:core::)?btf::field_byte_(?:offset|size)!\([^)]*\)", answer, text)
    for new, old in (("#[repr(Btf)]", "#[repr(C)]"), ("#[btf_relocatable]", ""), ("use core::btf;", "")):
        text = text.replace(new, old)
    text = text.replace("#![feature(btf_relocations)]", "")
    assert rustc.errors(text) == set()
