"""libbpf itself as the judge: relocate an object on any BTF, and load it into the running kernel.

The installed ``libbpf.so.1``, by ctypes. Relocation needs root (libbpf probes the kernel first), though
not that the programs are accepted: what libbpf wrote is read back from its own copy of them.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_LOG_SIZE = 1 << 20
_STACK_TRACE = 7
"""``BPF_MAP_TYPE_STACK_TRACE``."""


class _OpenOpts(ctypes.Structure):
    """``struct bpf_object_open_opts`` of libbpf 1.1."""

    _fields_ = (
        ("sz", ctypes.c_size_t),
        ("object_name", ctypes.c_char_p),
        ("relaxed_maps", ctypes.c_bool),
        ("pin_root_path", ctypes.c_char_p),
        ("unused", ctypes.c_uint32),
        ("kconfig", ctypes.c_char_p),
        ("btf_custom_path", ctypes.c_char_p),
        ("kernel_log_buf", ctypes.c_void_p),
        ("kernel_log_size", ctypes.c_size_t),
        ("kernel_log_level", ctypes.c_uint32),
    )


@dataclass(frozen=True, slots=True)
class LibbpfRun:
    """What libbpf did with an object."""

    is_loaded: bool
    """Whether the kernel accepted all programs."""
    log: str
    """libbpf's debug log."""
    insns: dict[str, bytes]
    """Instructions of each program that was to be loaded, relocated (subprograms appended)."""
    verifier_log: str

    @property
    def is_relocated(self) -> bool:
        """Whether libbpf got past its relocations, so that :attr:`insns` are what it would load. Maps come
        before them."""
        failures = ("failed to create", "failed to relocate", "failed to perform CO-RE relocations")
        return not any(failure in self.log for failure in failures)


_PRINTER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL("libbpf.so.1", use_errno=True)
    library.bpf_object__open_mem.restype = ctypes.c_void_p
    library.bpf_object__open_mem.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p)
    library.bpf_object__next_program.restype = ctypes.c_void_p
    library.bpf_object__next_program.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    for name, result in (
        ("insns", ctypes.c_void_p),
        ("insn_cnt", ctypes.c_size_t),
        ("name", ctypes.c_char_p),
    ):
        function = getattr(library, f"bpf_program__{name}")
        function.restype, function.argtypes = result, (ctypes.c_void_p,)
    library.bpf_object__next_map.restype = ctypes.c_void_p
    library.bpf_object__next_map.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
    library.bpf_map__type.argtypes = (ctypes.c_void_p,)
    for name in ("max_entries", "value_size"):
        read, write = getattr(library, f"bpf_map__{name}"), getattr(library, f"bpf_map__set_{name}")
        read.restype, read.argtypes = ctypes.c_uint32, (ctypes.c_void_p,)
        write.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
    library.bpf_program__set_autoload.argtypes = (ctypes.c_void_p, ctypes.c_bool)
    library.bpf_object__load.argtypes = (ctypes.c_void_p,)
    library.bpf_object__close.argtypes = (ctypes.c_void_p,)
    return library


def run_libbpf(
    data: bytes,
    *,
    target: Path | None = None,
    programs: Callable[[str], bool] = lambda _: True,
    log_level: int = 0,
    gives_maps_sizes: bool = False,
) -> LibbpfRun:
    """Load the object *data*, relocated on the BTF file *target* (else on the running kernel).

    Only those *programs* are loaded for whose name it is true. *log_level* is the verifier's. Maps that have
    no size in the object are given one, as the program that carries it would do.
    """
    library = _library()
    libc = ctypes.CDLL(None)
    lines: list[bytes] = []

    def keep(_level: int, text: bytes, arguments: Any) -> int:
        buffer = ctypes.create_string_buffer(1 << 14)
        libc.vsnprintf(buffer, ctypes.c_size_t(len(buffer)), text, ctypes.c_void_p(arguments))
        lines.append(buffer.value)
        return 0

    printer = _PRINTER(keep)  # held until libbpf no longer calls it
    log_buffer = ctypes.create_string_buffer(_LOG_SIZE)
    options = _OpenOpts(sz=ctypes.sizeof(_OpenOpts), object_name=b"judged")
    if target is not None:
        options.btf_custom_path = str(target).encode()
    if log_level:
        options.kernel_log_buf = ctypes.addressof(log_buffer)
        options.kernel_log_size, options.kernel_log_level = _LOG_SIZE, log_level
    library.libbpf_set_print(printer)
    try:
        handle = library.bpf_object__open_mem(data, len(data), ctypes.byref(options))
        if not handle:
            return LibbpfRun(False, _text(lines), {}, "")
        chosen = []
        program = library.bpf_object__next_program(handle, None)
        while program:
            name = library.bpf_program__name(program).decode()
            is_wanted = programs(name)
            library.bpf_program__set_autoload(program, is_wanted)
            if is_wanted:
                chosen.append((name, program))
            program = library.bpf_object__next_program(handle, program)
        if gives_maps_sizes:
            _give_sizes(library, handle)
        is_loaded = library.bpf_object__load(handle) == 0
        insns = {
            name: ctypes.string_at(
                library.bpf_program__insns(program), library.bpf_program__insn_cnt(program) * 8
            )
            for name, program in chosen
        }
        library.bpf_object__close(handle)
    finally:
        library.libbpf_set_print(_PRINTER(0))
    return LibbpfRun(is_loaded, _text(lines), insns, log_buffer.value.decode("utf-8", "replace"))


def _give_sizes(library: ctypes.CDLL, handle: int) -> None:
    map_ = library.bpf_object__next_map(handle, None)
    while map_:
        if not library.bpf_map__max_entries(map_):
            library.bpf_map__set_max_entries(map_, 4096)  # a page, as a ring buffer wants it
        if library.bpf_map__type(map_) == _STACK_TRACE and not library.bpf_map__value_size(map_):
            library.bpf_map__set_value_size(map_, 64)
        map_ = library.bpf_object__next_map(handle, map_)


def _text(lines: list[bytes]) -> str:
    return b"".join(lines).decode("utf-8", "replace")


def program_names(data: bytes) -> list[str]:
    """Return the names of the entry programs of an object, as libbpf sees them."""
    names: list[str] = []

    def note(name: str) -> bool:
        names.append(name)
        return False

    run_libbpf(data, programs=note)
    return names


def poisoned_calls(log: str) -> list[int]:
    """Return the instruction numbers at which a verifier log says that it came upon poison."""
    # libbpf rewrites the verifier's words where it knows that it poisoned the instruction itself.
    poison = r"^(\d+): (?:\(85\) call unknown#195896080|<invalid CO-RE relocation>)$"
    return [int(index) for index in re.findall(poison, log, re.MULTILINE)]
