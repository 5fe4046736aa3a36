"""What is measured: each entry a command, a peer or a limit. New entries go here and nowhere else.

Words in braces are replaced: ``{btfview}`` the installed command, ``{repo}`` this repository, ``{tmp}`` a
scratch directory, ``{kernel}`` the running kernel's BTF as a file, ``{object}`` sched.c compiled by clang,
``{corpus}`` the objects of the shared corpus.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Race:
    """*command* against *peer*, alternated; the limit is on the ratio of their medians."""

    name: str
    command: str
    peer: str
    limit: float


@dataclass(frozen=True, slots=True)
class Memory:
    """The largest resident size of *command* and of what it starts, in MB (10^6 bytes)."""

    name: str
    command: str
    limit: float


@dataclass(frozen=True, slots=True)
class FirstFrame:
    """Milliseconds in a terminal from the start of *command* until all of *ready* (regexes) is drawn."""

    name: str
    command: str
    ready: tuple[str, ...]
    limit: float


@dataclass(frozen=True, slots=True)
class KeyPress:
    """Milliseconds from *key* until the terminal is quiet, with *shows* (a regex) drawn anew meanwhile."""

    name: str
    command: str
    ready: tuple[str, ...]
    key: str
    shows: str
    limit: float


Entry = Race | Memory | FirstFrame | KeyPress

CLANG = "clang-19 -O2 -g -target bpf -c {repo}/tests/bench/sched.c -o {tmp}/peer.o"
DEMO = "{btfview} {repo}/demo/sched.rs"
THREE_KERNELS = "-t 5.10.0-46-amd64 -t 6.1.0-56-amd64 -t 6.12.117+deb12-amd64"
TITLES = ("Source", "Structs", "IR", "elocations", "ffsets", "Detail", "compile")
"""All panes and the keys."""
PANES = (*TITLES, "vruntime", "208")
"""And their contents: the field in source and tree, its offset on 6.1.0-56-amd64 (pahole says 208)."""

ENTRIES: tuple[Entry, ...] = (
    Race("compile demo/sched.rs, cold", "{btfview} compile {repo}/demo/sched.rs -o {tmp}/ours.o", CLANG, 5),
    Race(
        "relos OBJ -t KERNEL",
        "{btfview} relos {object} -t {kernel}",
        "bpftool gen min_core_btf {kernel} {tmp}/min.btf {object}",
        3,
    ),
    Memory("relos OBJ -t KERNEL", "{btfview} relos {object} -t {kernel}", 60),
    Race(
        "relos OBJ -t KERNEL --json, 47 records on 13 types",
        "{btfview} relos {corpus}/k17_demo.v3.o -t {kernel} --json",
        "bpftool gen min_core_btf {kernel} {tmp}/min.btf {corpus}/k17_demo.v3.o",
        2,
    ),
    Race(
        "types KERNEL task_struct --expand",
        "{btfview} types {kernel} task_struct --expand",
        "pahole -F btf -C task_struct -E {kernel}",
        1,
    ),
    Race(
        "types KERNEL --all --format bpftool-json",
        "{btfview} types {kernel} --all --format bpftool-json",
        "bpftool -j btf dump file {kernel}",
        8,
    ),
    Memory(
        "types KERNEL --all --format bpftool-json",
        "{btfview} types {kernel} --all --format bpftool-json",
        300,
    ),
    FirstFrame("first frame, demo/sched.rs", f"{DEMO} {THREE_KERNELS}", TITLES, 500),
    FirstFrame("first result, demo/sched.rs", f"{DEMO} {THREE_KERNELS}", PANES, 1000),
    KeyPress("key r until repainted, three kernels", f"{DEMO} {THREE_KERNELS}", PANES, "r", r"\d+ ?ms", 120),
)
