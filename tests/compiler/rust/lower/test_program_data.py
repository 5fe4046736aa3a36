"""Maps, globals and subprograms of a compiled program, as libbpf, bpftool and the kernel take them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from btfview.compiler.compile import compile_source
from btfview.source import Source
from tests.compiler.rust.run.attached import attached
from tests.compiler.rust.run.run_bpf import loaded

PROGRAM = """#![feature(btf_relocations)]
use core::ffi::c_void;
#[repr(Btf)] pub struct task_struct { pid: i32, tgid: i32 }
#[repr(C)] pub struct sample { count: u64, last: u32, flags: u32 }
#[repr(C)] pub struct samples_def {
    r#type: *const [i32; 1],
    max_entries: *const [i32; 128],
    map_flags: *const [i32; 1],
    key: *const u32,
    value: *const sample,
}
#[repr(C)] pub struct ring_def { r#type: *const [i32; 27], max_entries: *const [i32; 4096] }
#[unsafe(no_mangle)] #[unsafe(link_section = ".maps")]
pub static mut SAMPLES: samples_def = samples_def {
    r#type: core::ptr::null(), max_entries: core::ptr::null(), map_flags: core::ptr::null(),
    key: core::ptr::null(), value: core::ptr::null(),
};
#[unsafe(no_mangle)] #[unsafe(link_section = ".maps")]
pub static mut RING: ring_def = ring_def { r#type: core::ptr::null(), max_entries: core::ptr::null() };
#[unsafe(no_mangle)] #[unsafe(link_section = "license")] pub static LICENSE: [u8; 4] = *b"GPL\\0";
pub static LIMIT: u32 = 7;
pub static mut STEP: u64 = 3;
pub static mut TOTAL: u64 = 0;
unsafe extern "C" {
    fn bpf_get_current_task() -> u64;
    fn bpf_probe_read_kernel(to: *mut c_void, size: u32, from: *const c_void) -> i64;
    fn bpf_map_update_elem(map: *mut c_void, key: *const c_void, value: *const c_void, flags: u64) -> i64;
    fn bpf_ringbuf_output(ring: *mut c_void, data: *const c_void, size: u64, flags: u64) -> i64;
}
#[allow(unguarded_btf_offset)]
#[inline(never)]
fn tgid() -> u32 {
    let mut value: u32 = 0;
    unsafe {
        let task = bpf_get_current_task() as *const u8;
        let place = task.add(core::btf::field_byte_offset!(task_struct, tgid)) as *const c_void;
        bpf_probe_read_kernel(&raw mut value as *mut c_void, 4, place);
    }
    value
}
#[unsafe(no_mangle)] #[unsafe(link_section = "raw_tp/sys_enter")]
pub extern "C" fn sampled(_ctx: *mut u64) -> i32 {
    let key = tgid();
    let value = sample { count: 1, last: key, flags: 5 };
    unsafe {
        TOTAL += STEP;
        let at = &raw const value as *const c_void;
        bpf_map_update_elem(&raw mut SAMPLES as *mut c_void, &raw const key as *const c_void, at, 0);
        bpf_ringbuf_output(&raw mut RING as *mut c_void, at, 16, 0);
    }
    0
}
"""


def compiled() -> bytes:
    result = compile_source(Source("data.rs", PROGRAM))
    assert [item.message for item in result.diagnostics] == []
    assert result.object is not None
    return result.object


def bpftool(*arguments: str) -> Any:
    return json.loads(subprocess.run(["bpftool", "-j", *arguments], capture_output=True, text=True).stdout)


@pytest.mark.kernel
def test_maps_are_made_as_their_types_say(tmp_path: Path) -> None:
    path = tmp_path / "data.o"
    path.write_bytes(compiled())
    with loaded(path) as folder:
        program = bpftool("prog", "show", "pinned", str(folder / "sampled"))
        maps = {}
        for number in program["map_ids"]:
            shown = bpftool("map", "show", "id", str(number))
            maps[shown["name"].rpartition(".")[2]] = shown
    # linux/bpf.h: BPF_MAP_TYPE_HASH is 1 and BPF_MAP_TYPE_RINGBUF 27, BPF_F_NO_PREALLOC 1.
    samples = maps["SAMPLES"]
    keys = ("type", "bytes_key", "bytes_value", "max_entries", "flags")
    assert [samples[key] for key in keys] == ["hash", 4, 16, 128, 1]
    assert (maps["RING"]["type"], maps["RING"]["max_entries"]) == ("ringbuf", 4096)


@pytest.mark.kernel
def test_a_subprogram_with_a_query_runs_and_fills_a_map() -> None:
    import os

    with attached(compiled()) as running:
        os.getppid()
        total = running.variables(".bss")["TOTAL"]
        assert running.variables(".data") == {"STEP": 3}
        entries = {entry["key"]: entry["value"] for entry in running.dump("SAMPLES")}
    assert total >= 3
    assert total % 3 == 0
    assert entries[os.getpid()] == {"count": 1, "last": os.getpid(), "flags": 5}


@pytest.mark.debian_tool("bpftool")
def test_a_skeleton_has_the_maps_programs_and_globals(tmp_path: Path) -> None:
    path, linked = tmp_path / "data.o", tmp_path / "linked.o"
    path.write_bytes(compiled())
    subprocess.run(["bpftool", "gen", "object", str(linked), str(path)], check=True, capture_output=True)
    for name in (path, linked):
        done = subprocess.run(
            ["bpftool", "gen", "skeleton", str(name), "name", "d"], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        for line in ("struct bpf_map *SAMPLES;", "struct bpf_map *RING;", "struct bpf_program *sampled;"):
            assert line in done.stdout
        words = done.stdout.split()
        for variable, kind in (("TOTAL;", "u64"), ("STEP;", "u64"), ("LIMIT;", "u32")):
            assert words[words.index(variable) - 1] == kind


def test_bindgen_s_names_of_nameless_members_are_none() -> None:
    """libbpf leaves members without a name out of what it looks for (``bpf_core_parse_spec``)."""
    text = (
        "#![feature(btf_relocations)]\n#[repr(Btf)] #[derive(Clone, Copy)] pub struct inner { pub a: u32 }\n"
        "#[repr(Btf)] pub struct outer { pub __bindgen_anon_1: inner, pub __bindgen_anon_2: u32 }\n"
        "pub fn f() -> bool { core::btf::field_exists!(outer, __bindgen_anon_1.a) }\n"
    )
    result = compile_source(Source("lib.rs", text))
    assert result.ir is not None
    assert re.findall(r'DW_TAG_member, name: "(\w*)"', result.ir) == ["", "__bindgen_anon_2", "a"]
    (note,) = result.diagnostics
    assert (note.severity, text[note.span.start : note.span.end]) == ("note", "__bindgen_anon_1")
