"""After ``verify`` the kernel has no program, map or link more than before: looked up by names that no other
process has."""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from pathlib import Path

import pytest

from btfview.cli.main import main
from btfview.verifier.libbpf import Libbpf
from btfview.verifier.load import Loads, RefusedByVerifier, verify_programs
from tests.tui.screen import WIDE, running

pytestmark = [pytest.mark.kernel, pytest.mark.debian_tool("clang-19", "bpftool")]
SOURCE = """
#define SEC(x) __attribute__((section(x), used))
struct { int (*type)[2]; int (*max_entries)[1]; int *key; int *value; } M SEC(".maps");
static void *(*const lookup)(void *, const void *) = (void *)1;
SEC("tp_btf/sched_switch") int P(void *c) { int k = 0, *v = lookup(&M, &k); return v ? *v & 0 : 0; }
SEC("iter/task") int P2(void *c) { return 0; }
SEC("raw_tp/sys_enter") int P3(int **c) { return **c; }
char _license[] SEC("license") = "GPL";
"""


@pytest.fixture
def name() -> str:
    """A name of at most 13 letters, which the kernel does not cut (BPF_OBJ_NAME_LEN)."""
    return f"s{os.getpid()}_{ctypes.c_uint16(id(object())).value:04x}"[:13]


@pytest.fixture
def path(name: str, tmp_path: Path) -> Path:
    source, out = tmp_path / "stays.c", tmp_path / "stays.o"
    source.write_text(SOURCE)
    names = [f"-DP={name}p", f"-DP2={name}q", f"-DP3={name}r", f"-DM={name}m"]
    command = ["clang-19", "-g", "-O2", "-target", "bpf", *names, "-c", str(source), "-o", str(out)]
    subprocess.run(command, check=True)
    return out


def is_gone(name: str) -> bool:
    """Tell whether nothing is seen any more; a map goes with its program's memory, a moment later (RCU)."""
    deadline = time.monotonic() + 10
    while is_seen(name):
        if time.monotonic() > deadline:
            return False
    return True


def is_seen(name: str) -> bool:
    """Tell whether ``bpftool`` lists a program, map or link with the name in it."""
    lists = (
        subprocess.run(["bpftool", what, "list"], capture_output=True, text=True, check=True).stdout
        for what in ("prog", "map", "link")
    )
    return any(name in text for text in lists)


def test_bpftool_sees_what_is_loaded(path: Path, name: str) -> None:
    """So that not to see it says something."""
    libbpf, data = Libbpf(), path.read_bytes()
    handle = libbpf.bpf_object__open_mem(data, len(data), None)
    last = libbpf.bpf_object__next_program(handle, libbpf.bpf_object__next_program(handle, None))
    libbpf.bpf_program__set_autoload(libbpf.bpf_object__next_program(handle, last), False)
    assert libbpf.bpf_object__load(handle) == 0
    assert is_seen(name)
    libbpf.bpf_object__close(handle)


def test_verify_leaves_nothing(path: Path, name: str) -> None:
    assert not is_seen(name)
    verification = verify_programs(path.read_bytes())
    answers = [type(verdict.answer) for verdict in verification.programs]
    assert answers == [Loads, Loads, RefusedByVerifier]
    assert is_gone(name)
    assert main(["verify", str(path)]) == 1
    assert is_gone(name)


def test_what_is_cut_off_leaves_nothing(path: Path, name: str) -> None:
    verify_programs(path.read_bytes(), time_limit=0.05)
    assert is_gone(name)


async def test_the_screen_leaves_nothing(path: Path, name: str) -> None:
    async with running(path, size=WIDE, targets=["running"]) as driver:
        await driver.press("V")
        await driver.until_text("The kernel's verdict")
        assert "loads: " in driver.text
        assert is_gone(name)
