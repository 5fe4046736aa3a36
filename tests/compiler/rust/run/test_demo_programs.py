"""The five programs of ``demo/`` run in this kernel, and see what ``/proc`` and the system calls say."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from btfview.analysis.analyse import analyse
from btfview.compiler.compile import compile_source
from btfview.compiler.options import CompileOptions
from btfview.source import Source
from btfview.targets.find import open_targets
from tests.compiler.rust.run.attached import attached
from tests.compiler.rust.run.run_bpf import Pinned, loaded
from tests.paths import DEMO
from tests.rustc import Rustc

PROGRAMS = {
    "process_tree.rs": ["walk"],
    "file_open.rs": ["file_open"],
    "socket_state.rs": ["set_state"],
    "memory_counters.rs": ["count_memory"],
    "syscall_histogram.rs": ["enter", "leave"],
}


def object_of(name: str, **changes: str) -> bytes:
    text = (DEMO / name).read_text()
    for old, new in changes.items():
        text, count = re.subn(rf"(static {old}: \w+ = )[^;]+;", rf"\g<1>{new};", text)
        assert count == 1
    result = compile_source(Source(name, text))
    assert [item.message for item in result.diagnostics] == []
    assert result.object is not None
    return result.object


def written(data: bytes, folder: Path) -> Path:
    path = folder / "demo.o"
    path.write_bytes(data)
    return path


@pytest.mark.kernel
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_kernel_accepts_the_program(name: str, tmp_path: Path) -> None:
    with loaded(written(object_of(name), tmp_path)) as folder:
        assert sorted(path.name for path in folder.iterdir()) == PROGRAMS[name]


@pytest.mark.shared
@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("kernel", ["6.1.0-56-amd64", "6.12.117+deb12-amd64", "6.18.44-fc-amd64"])
def test_every_query_has_its_answer_or_its_guard(
    name: str, kernel: str, kernel_btf: Callable[[str], Path]
) -> None:
    analysis = analyse(str(DEMO / name), list(open_targets(str(kernel_btf(kernel)))), CompileOptions())
    assert analysis.relos
    assert analysis.problem_count == 0


@pytest.mark.shared
@pytest.mark.parametrize(
    ("kernel", "found"),
    [("6.1.0-56-amd64", "v6_1"), ("6.12.117+deb12-amd64", "v6_2"), ("6.18.44-fc-amd64", "v6_2")],
)
def test_each_kernel_has_one_shape_of_the_memory_counters(
    kernel: str, found: str, kernel_btf: Callable[[str], Path]
) -> None:
    # pahole of these kernels: 6.1 `struct mm_rss_stat rss_stat`, then `struct percpu_counter rss_stat[4]`.
    targets = list(open_targets(str(kernel_btf(kernel))))
    analysis = analyse(str(DEMO / "memory_counters.rs"), targets, CompileOptions())
    answers = {
        linked.local_type_name: result.outcome.value
        for linked, (result,) in zip(analysis.relos, analysis.results, strict=True)
        if linked.relo.kind_label == "field_exists"
    }
    assert answers == {f"mm_struct___{shape}": int(shape == found) for shape in ("v6_1", "v6_2")}


def run_once(name: str, program: str, folder: Path) -> dict[str, Any]:
    """Return the globals in ``.bss`` after one run, in which this process is the current one."""
    with loaded(written(object_of(name), folder)) as pins:
        opened = Pinned(pins / program)
        try:
            opened.run_raw_tracepoint()
            command = ["bpftool", "-j", "map", "dump", *opened.map_named(".bss")]
            shown = subprocess.run(command, capture_output=True, text=True).stdout
        finally:
            opened.close()
    import json

    items = json.loads(shown)[0]["formatted"]["value"][".bss"]
    return {key: value for item in items for key, value in item.items()}


def text_of(values: list[Any]) -> str:
    codes = [int(value, 0) if isinstance(value, str) else value for value in values]
    return bytes(code & 0xFF for code in codes).split(b"\0")[0].decode()


@pytest.mark.kernel
def test_process_tree_is_that_of_proc(tmp_path: Path) -> None:
    chain, process = [], os.getpid()
    while process:
        chain.append(process)
        status = Path(f"/proc/{process}/status").read_text()
        process = int(status.split("PPid:")[1].split()[0])
    values = run_once("process_tree.rs", "walk", tmp_path)
    seen = values["CHAIN"][: values["DEPTH"]]
    assert [item["tgid"] for item in seen] == chain[:16]
    # Of the others it is the name of the thread that forked, which /proc does not tell.
    assert text_of(seen[0]["comm"]) == Path("/proc/self/comm").read_text().rstrip("\n")


@pytest.mark.kernel
def test_memory_counters_are_those_of_proc(tmp_path: Path) -> None:
    values = run_once("memory_counters.rs", "count_memory", tmp_path)["LAST"]
    total = int(Path("/proc/self/statm").read_text().split()[0])
    assert values["tgid"] == os.getpid()
    # The dump itself is another process, but a thread of ours may map its stack meanwhile.
    assert abs(values["total"] - total) < 4096
    assert values["shape"] in (1, 2)
    assert 0 < values["anon_pages"] <= values["total"]


@pytest.mark.kernel
def test_file_open_sees_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a_file_with_a_name"
    path.write_text("x")
    with attached(object_of("file_open.rs", WATCHED=str(os.getpid()))) as running:
        before = running.variables(".bss")["OPENS"]
        os.close(os.open(path, os.O_RDWR | os.O_APPEND))
        values = running.variables(".bss")
    assert values["OPENS"] > before
    last, status = values["LAST"], path.stat()
    assert text_of(last["name"]) == path.name
    assert (last["inode"], last["mode"]) == (status.st_ino, status.st_mode)
    assert last["flags"] & os.O_ACCMODE == os.O_RDWR
    assert last["flags"] & os.O_APPEND


@pytest.mark.kernel
def test_socket_state_sees_a_connection() -> None:
    with attached(object_of("socket_state.rs")) as running, socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            client.connect(server.getsockname())
            ours, theirs = client.getsockname()[1], server.getsockname()[1]
            values = running.variables(".bss")
    last = values["LAST"]
    assert values["OPENED"] >= 1
    assert last["family"] == socket.AF_INET
    # Both ends are sockets here; the one that was told last is shown.
    assert {last["local_port"], last["remote_port"]} == {ours, theirs}
    assert last["is_reuseport"] == int(last["local_port"] == ours)
    assert last["local_address"] == last["remote_address"] == int.from_bytes(bytes([127, 0, 0, 1]), "little")


@pytest.mark.kernel
def test_the_histogram_fills() -> None:
    with attached(object_of("syscall_histogram.rs")) as running:
        for _ in range(100):
            os.getppid()
        counts = {entry["key"]: entry["value"] for entry in running.dump("HISTOGRAM")}
    assert len(counts) == 64
    assert sum(counts.values()) >= 100
    # A system call takes more than 16 ns and, but for those that wait, less than a minute.
    assert sum(counts[bucket] for bucket in range(4)) == 0
    assert sum(counts[bucket] for bucket in range(4, 36)) >= 100


@pytest.mark.debian_tool("bpftool")
@pytest.mark.parametrize("name", PROGRAMS)
def test_bpftool_links_the_object_and_makes_a_skeleton(name: str, tmp_path: Path) -> None:
    path, linked = written(object_of(name), tmp_path), tmp_path / "linked.o"
    done = subprocess.run(
        ["bpftool", "gen", "object", str(linked), str(path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    command = ["bpftool", "gen", "skeleton", str(linked), "name", "demo"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for program in PROGRAMS[name]:
        assert f"struct bpf_program *{program};" in done.stdout


@pytest.mark.parametrize("name", PROGRAMS)
def test_rustc_accepts_the_program_with_its_queries_answered(name: str, rustc: Rustc) -> None:
    """What is left without the relocations must be Rust (rustc 1.95 has none)."""
    text = (DEMO / name).read_text()
    is_option = "btf_relocatable" in text
    # A macro of the same name gives each query an answer of its type, and types are checked.
    plain = "Some({})" if is_option else "{}"
    pointer = "Some(unsafe { &raw const (*$base).$($path)+ })"
    number = plain.format("0usize")
    macros = f"""
mod btf {{
    macro_rules! field_exists {{ ($($t:tt)*) => {{ (core::mem::size_of::<u8>() == 1) }} }}
    macro_rules! field_byte_offset {{ ($($t:tt)*) => {{ {number} }} }}
    macro_rules! field_byte_size {{ ($($t:tt)*) => {{ {number} }} }}
    macro_rules! field_lshift {{ ($($t:tt)*) => {{ {plain.format("0u32")} }} }}
    macro_rules! field_rshift {{ ($($t:tt)*) => {{ {plain.format("0u32")} }} }}
    macro_rules! field_ptr {{ ($base:expr, $($path:tt)+) => {{ {pointer} }} }}
    pub(crate) use {{field_byte_offset, field_byte_size, field_exists}};
    pub(crate) use {{field_lshift, field_ptr, field_rshift}};
}}
"""
    text = re.sub(r"#!\[feature\([^)]*\)\]", "", text).replace("use core::btf;", macros)
    text = text.replace("#[repr(Btf)]", "#[repr(C)]").replace("#[btf_relocatable]", "")
    text = text.replace("#![no_std]", "#![no_std]\n#![allow(unused, unknown_lints)]")
    assert rustc.errors(text) == set()
