"""Attaches the programs of an object by libbpf, and reads its maps as bpftool prints them."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_POINTER = ctypes.c_void_p


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL("libbpf.so.1", use_errno=True)
    for name, result, arguments in (
        ("bpf_object__open_mem", _POINTER, (ctypes.c_char_p, ctypes.c_size_t, _POINTER)),
        ("bpf_object__load", ctypes.c_int, (_POINTER,)),
        ("bpf_object__close", None, (_POINTER,)),
        ("bpf_object__next_program", _POINTER, (_POINTER, _POINTER)),
        ("bpf_program__attach", _POINTER, (_POINTER,)),
        ("bpf_link__destroy", ctypes.c_int, (_POINTER,)),
        ("bpf_object__next_map", _POINTER, (_POINTER, _POINTER)),
        ("bpf_map__name", ctypes.c_char_p, (_POINTER,)),
        ("bpf_map__fd", ctypes.c_int, (_POINTER,)),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class Attached:
    """An object whose programs run."""

    def __init__(self, library: ctypes.CDLL, handle: int) -> None:
        self._ids: dict[str, str] = {}
        found = library.bpf_object__next_map(handle, None)
        while found:
            info = Path(f"/proc/self/fdinfo/{library.bpf_map__fd(found)}").read_text()
            self._ids[library.bpf_map__name(found).decode()] = info.split("map_id:")[1].split()[0]
            found = library.bpf_object__next_map(handle, found)

    def dump(self, ending: str) -> list[dict[str, Any]]:
        """Return the entries of the map whose name ends in *ending*, formatted by its BTF.

        This process opens no file on the way.
        """
        number = next(number for name, number in self._ids.items() if name.endswith(ending))
        command = ["bpftool", "-j", "map", "dump", "id", number]
        shown = subprocess.run(command, capture_output=True).stdout
        return [entry["formatted"] for entry in json.loads(shown)]

    def variables(self, section: str) -> dict[str, Any]:
        """Return the globals of ``.bss``, ``.data`` or ``.rodata`` by name."""
        (entry,) = self.dump(section)
        return {name: value for item in entry["value"][section] for name, value in item.items()}


@contextmanager
def attached(data: bytes) -> Generator[Attached, None, None]:
    """Load the object *data* into the running kernel and attach all its programs."""
    library = _library()
    handle = library.bpf_object__open_mem(data, len(data), None)
    assert handle, os.strerror(ctypes.get_errno())
    links = []
    try:
        assert library.bpf_object__load(handle) == 0, os.strerror(ctypes.get_errno())
        program = library.bpf_object__next_program(handle, None)
        while program:
            link = library.bpf_program__attach(program)
            assert link, os.strerror(ctypes.get_errno())
            links.append(link)
            program = library.bpf_object__next_program(handle, program)
        yield Attached(library, handle)
    finally:
        for link in links:
            library.bpf_link__destroy(link)
        library.bpf_object__close(handle)
