"""Executables that carry BPF objects."""

from __future__ import annotations

from btfview.bpf.embedded import find_embedded_objects
from btfview.bpf.object import read_object
from btfview.errors import InputError
from tests.fuzz.elf import seeds as objects

_HOST = b"\x7fELF\x02\x01\x01" + bytes(11) + (62).to_bytes(2, "little") + bytes(44)


def seeds() -> list[bytes]:
    one, _, other = objects()
    return [_HOST + one, _HOST + b"padding!" + one + bytes(64) + other]


def run(data: bytes) -> None:
    for found in find_embedded_objects(data):
        assert data[found.offset :].startswith(found.data)
        try:
            read_object(found.data, path="inner.o")
        except InputError:
            continue
    read_object(data, path="carrier")
