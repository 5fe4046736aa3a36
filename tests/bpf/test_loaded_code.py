"""The sequence of functions in a loaded program is the one that libbpf makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.bpf.insn import INSN_SIZE
from btfview.bpf.loaded_code import load_code
from btfview.bpf.object import BpfObject, read_object
from btfview.bpf.references import References
from tests.libbpf import run_libbpf

pytestmark = [pytest.mark.kernel, pytest.mark.shared]
_CALL = 0x85


def _ours(obj: BpfObject, name: str) -> bytes:
    section, symbol = next(
        (section, symbol)
        for section, symbols in obj.functions.items()
        for symbol in symbols
        if symbol.name == name
    )
    loaded = load_code(obj, section, symbol, References(obj))
    parts = [
        obj.code(one.section)[one.symbol.value : one.symbol.value + one.symbol.size]
        for one in loaded.functions
    ]
    for number in range(loaded.insn_count):
        place = loaded.place_of(number)
        assert place is not None
        assert loaded.number_of(*place) == number
    assert loaded.place_of(loaded.insn_count) is None
    return b"".join(parts)


def _calls(code: bytes) -> int:
    return sum(code[at] == _CALL and code[at + 1] >> 4 == 1 for at in range(0, len(code), INSN_SIZE))


def test_functions_stand_where_libbpf_puts_them(shared: Path) -> None:
    objects = [
        *sorted((shared / "corpus" / "obj").glob("*.o")),
        *sorted((shared / "loads" / "objs").glob("*.o")),
    ]
    programs = with_subprograms = 0
    for path in objects:
        data = path.read_bytes()
        obj = read_object(data, path=str(path))
        if not obj.is_little_endian:
            continue
        run = run_libbpf(data)
        if not run.is_relocated:
            continue
        for name, code in run.insns.items():
            ours = _ours(obj, name)
            assert len(ours) == len(code), (path.name, name)
            # Relocation changes immediates and the width of loads, and poison is a call: classes stay.
            classes = zip(ours[::INSN_SIZE], code[::INSN_SIZE], strict=True)
            assert all(a & 7 == b & 7 or b == _CALL for a, b in classes), (path.name, name)
            programs += 1
            with_subprograms += _calls(code) > 0
    assert programs > 100
    assert with_subprograms > 20
