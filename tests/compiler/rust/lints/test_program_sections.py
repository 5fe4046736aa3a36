"""Sections of programs, held to the installed libbpf."""

from __future__ import annotations

import ctypes
import re

import pytest

from btfview.compiler.rust.lints.program_sections import FAMILIES, SECTIONS, find_section


def libbpf_knows(name: str) -> bool:
    library = ctypes.CDLL("libbpf.so.1")
    library.libbpf_set_print(None)
    kinds = ctypes.c_int(), ctypes.c_int()
    return int(library.libbpf_prog_type_by_name(name.encode(), *map(ctypes.byref, kinds))) == 0


def names_of_libbpf() -> list[str]:
    """Return the names that libbpf lists when it is given one it does not know."""
    library, lines = ctypes.CDLL("libbpf.so.1"), []
    libc = ctypes.CDLL(None)

    def keep(_level: int, text: bytes, arguments: int) -> int:
        buffer = ctypes.create_string_buffer(1 << 14)
        libc.vsnprintf(buffer, ctypes.c_size_t(len(buffer)), text, ctypes.c_void_p(arguments))
        lines.append(buffer.value.decode())
        return 0

    printer = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(keep)
    library.libbpf_set_print(printer)
    kinds = ctypes.c_int(), ctypes.c_int()
    library.libbpf_prog_type_by_name(b"no such section", *map(ctypes.byref, kinds))
    library.libbpf_set_print(None)
    listed = re.search(r"supported section\(type\) names are:(.*)", "".join(lines), re.DOTALL)
    assert listed, lines
    return listed[1].split()


@pytest.mark.debian_tool("bpftool")
def test_every_section_of_libbpf_is_known() -> None:
    names = names_of_libbpf()
    assert len(names) > 60
    assert [name for name in names if name not in SECTIONS] == []


@pytest.mark.debian_tool("bpftool")
@pytest.mark.parametrize(
    "name",
    [
        "xdp", "xdp/x", "xdp.frags", "xdp/devmap", "xdp/cpumap", "tc", "tc/x", "classifier", "kprobe",
        "kprobe/x", "kprobe.multi/x", "tp/a/b", "tp", "tracepoint/a/b", "raw_tp/x", "raw_tp.w/x",
        "fentry/x", "fentry.s/x", "lsm/x", "lsm.s/x", "lsm_cgroup/x", "iter/task", "syscall", "perf_event",
        "perf_event/x", "socket", "socket/1", "cgroup_skb/ingress", "cgroup/connect4", "cgroup/x", "sk_skb",
        "sk_skb/stream_parser", "sk_msg", "sk_lookup", "struct_ops/x", "usdt/a:b:c", "nothing", "xdpx",
        "tracing/x", "kprobes/x", "", "fentry.x/y",
    ],
)  # fmt: skip
def test_a_section_is_known_where_libbpf_knows_it(name: str) -> None:
    assert (find_section(name) is not None) == libbpf_knows(name)


def test_what_a_message_names_is_known() -> None:
    assert all(find_section(name) for name in FAMILIES)
