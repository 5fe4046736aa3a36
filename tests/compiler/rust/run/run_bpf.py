"""Runs ``SEC("syscall")`` programs in the kernel: bpf(2) by its number, with bpftool to load."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import shutil
import subprocess
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

BPF_OBJ_GET, BPF_PROG_TEST_RUN = 7, 10  # linux/bpf.h: enum bpf_cmd
_SYSCALL = {"x86_64": 321, "aarch64": 280}  # asm/unistd.h: __NR_bpf
BPFFS = Path("/sys/fs/bpf")
BPFFS_MAGIC = 0xCAFE4A11  # linux/magic.h


def mount_bpffs() -> None:
    shown = subprocess.run(["stat", "-f", "-c", "%t", str(BPFFS)], capture_output=True, text=True)
    if int(shown.stdout.strip() or "0", 16) != BPFFS_MAGIC:
        subprocess.run(["mount", "-t", "bpf", "bpf", str(BPFFS)], check=True)


@contextmanager
def loaded(path: Path) -> Generator[Path, None, None]:
    """Load every program of the object at *path*; the value is the folder they are pinned in."""
    mount_bpffs()
    folder = BPFFS / f"btfview-test-{uuid.uuid4().hex}"
    try:
        done = subprocess.run(
            ["bpftool", "prog", "loadall", str(path), str(folder)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-4000:]
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _ObjGet(ctypes.Structure):
    _fields_ = (("pathname", ctypes.c_uint64), ("bpf_fd", ctypes.c_uint32), ("file_flags", ctypes.c_uint32))


class _TestRun(ctypes.Structure):
    """``struct { ... } test`` of ``union bpf_attr``, as far as ``ctx_out``."""

    _fields_ = (
        ("prog_fd", ctypes.c_uint32), ("retval", ctypes.c_uint32), ("data_size_in", ctypes.c_uint32),
        ("data_size_out", ctypes.c_uint32), ("data_in", ctypes.c_uint64), ("data_out", ctypes.c_uint64),
        ("repeat", ctypes.c_uint32), ("duration", ctypes.c_uint32), ("ctx_size_in", ctypes.c_uint32),
        ("ctx_size_out", ctypes.c_uint32), ("ctx_in", ctypes.c_uint64), ("ctx_out", ctypes.c_uint64),
        ("flags", ctypes.c_uint32), ("cpu", ctypes.c_uint32),
    )  # fmt: skip


_libc = ctypes.CDLL(None, use_errno=True)


def _bpf(command: int, attributes: ctypes.Structure) -> int:
    number = _SYSCALL[platform.machine()]
    result = int(_libc.syscall(number, command, ctypes.byref(attributes), ctypes.sizeof(attributes)))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


class Pinned:
    """A pinned program, open for running."""

    def __init__(self, path: Path) -> None:
        self._name = ctypes.create_string_buffer(os.fsencode(path))
        self.fd = _bpf(BPF_OBJ_GET, _ObjGet(ctypes.addressof(self._name), 0, 0))

    def run(self, context: bytes) -> tuple[int, bytes]:
        """Run the program on *context*; return its result and the context as it left it."""
        memory = ctypes.create_string_buffer(context, len(context))
        test = _TestRun(prog_fd=self.fd, ctx_size_in=len(context), ctx_in=ctypes.addressof(memory))
        _bpf(BPF_PROG_TEST_RUN, test)
        return test.retval, memory.raw

    def run_raw_tracepoint(self) -> None:
        """Run a raw tracepoint program once, with no arguments."""
        _bpf(BPF_PROG_TEST_RUN, _TestRun(prog_fd=self.fd))

    def map_named(self, ending: str) -> list[str]:
        """Return bpftool's words for the program's map whose name ends in *ending*."""
        shown = json.loads(subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True).stdout)
        mine = next(item for item in shown if item["id"] == self._id())
        for map_id in mine["map_ids"]:
            command = ["bpftool", "-j", "map", "show", "id", str(map_id)]
            if json.loads(subprocess.run(command, capture_output=True).stdout)["name"].endswith(ending):
                return ["id", str(map_id)]
        raise LookupError(ending)

    def _id(self) -> int:
        text = Path(f"/proc/self/fdinfo/{self.fd}").read_text()
        return int(text.split("prog_id:")[1].split()[0])

    def close(self) -> None:
        os.close(self.fd)
