"""Neighbours of the reported enum of 64 bits on a kernel whose BTF holds 32 of each value: programs of our
own. What libbpf writes into each is the truth; ``check`` warns where that is not the kernel's value."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.bpf.insn import decode_insn
from btfview.btf.kinds import BtfKind
from btfview.btf.types import Enum, Enumerator
from btfview.btf.writer import write_btf
from btfview.cli.main import main
from tests.cases.test_neighbours import compiled
from tests.libbpf import run_libbpf

pytestmark = [pytest.mark.kernel, pytest.mark.debian_tool("clang-19")]  # libbpf probes the kernel first

PROGRAM = (
    'SEC("raw_tp/sys_enter") u64 f(void *c) { return __builtin_preserve_enum_value(*(enum hc *)HC_V, 1); }'
)
U64 = (1 << 64) - 1

VALUES = {
    # What the program declares, the kernel's value, and what libbpf writes.
    "a value of 40 bits": ("HC_V = (1ULL << 40) | 5", (1 << 40) | 5, 5),
    "a negative value of 40 bits": ("HC_V = -(1LL << 40) - 3", -(1 << 40) - 3, U64 - 2),
    "the program declares it smaller": ("HC_V = 1", (1 << 33) | 5, 5),
    "32 bits, the highest set": ("HC_V = 0x80000001ULL, HC_W = 1ULL << 40", 0x80000001, 0xFFFFFFFF80000001),
    "31 bits": ("HC_V = 0x7fffffffULL, HC_W = 1ULL << 40", 0x7FFFFFFF, 0x7FFFFFFF),
    "-1": ("HC_V = -1, HC_W = -(1LL << 40)", -1, U64),
    "all 64 bits": ("HC_V = ~0ULL, HC_W = 1ULL << 40", U64, U64),
}


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_that_libbpf_writes_wrong_is_told(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    declared, value, expected = VALUES[kind]
    program, target = compiled(tmp_path, f"enum hc {{ {declared} }};\n{PROGRAM}"), tmp_path / "old.btf"
    low = value & 0xFFFFFFFF
    held = low - (1 << 32) if value < 0 else low
    kept = Enum(1, "hc", BtfKind.ENUM, 8, (Enumerator("HC_V", held),), is_signed=value < 0)
    target.write_bytes(write_btf([kept]))

    run = run_libbpf(program.read_bytes(), target=target)
    assert run.is_relocated
    written = decode_insn(run.insns["f"]).imm & U64
    assert written == expected

    capsys.readouterr()
    assert main(["check", str(program), "-t", str(target)]) == 0
    text = capsys.readouterr().out
    assert ("[enum_width]" in text) == (written != value & U64), text
