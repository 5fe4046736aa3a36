"""``.BTF.ext`` beside a BTF that is right."""

from __future__ import annotations

from btfview.bpf.object import read_object
from btfview.btf.ext import read_btf_ext
from tests.fuzz.elf import seeds as objects


def _sections(name: str) -> list[bytes]:
    found = []
    for data in objects():
        elf = read_object(data, path="seed.o").elf
        section = elf.section(name)
        assert section is not None
        found.append(bytes(elf.bytes_of(section)))
    return found


_BTF = read_object(objects()[0], path="seed.o").btf


def seeds() -> list[bytes]:
    return _sections(".BTF.ext")[:1]


def run(data: bytes) -> None:
    ext = read_btf_ext(data, _BTF)
    for relo in ext.core_relos:
        assert relo.kind_label
