"""The listing of an object: every byte once, in the verifier's words, with what a target makes of it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.instructions.disassembly import FunctionListing, disassemble, disassembly_json
from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.patch import POISON_HELPER
from btfview.targets.target import Target
from btfview.views.stages.disasm import disasm_rows
from tests.analyses import analyse_object
from tests.bpf.test_insn import by_objdump
from tests.btf.build import INT, struct
from tests.libbpf import program_names, run_libbpf
from tests.objects import Record, build_object

PAIR = struct("t", size=8, a=(INT, 0), b=(INT, 32))
LISTED = re.compile(r"^ +(\d+): [.0-9]{11} \([0-9a-f]{2}\) (.*?) *$", re.MULTILINE)
"""A line of the verifier's "Live regs before insn", which lists every instruction (kernel 6.15 and newer)."""
EXECUTED = re.compile(r"^(\d+): \([0-9a-f]{2}\) (.*?) *(?:;.*)?$", re.MULTILINE)


@pytest.mark.debian_tool("llvm-objdump-19")
def test_every_byte_of_code_is_listed_once(shared: Path) -> None:
    """The instructions begin where llvm-objdump begins them, in the same order."""
    for path in sorted((shared / "corpus" / "obj").glob("*.o")):
        analysis = analyse(str(path))
        assert analysis.object is not None
        listed: dict[str, list[tuple[int, bytes]]] = {}
        for function in disassemble(analysis):
            listed.setdefault(function.section, []).extend(
                (line.insn_index, line.code) for line in function.lines
            )
        assert listed == by_objdump(path), path.name


@pytest.mark.kernel
def test_instructions_on_the_running_kernel_are_worded_as_its_verifier_words_them(
    shared: Path, running_kernel: Path
) -> None:
    """Every instruction of every program of the corpus that the verifier gets to see."""
    compared = 0
    for path in sorted((shared / "corpus" / "obj").glob("*.o")):
        analysis = analyse(str(path), [Target("running", str(running_kernel), "running")])
        assert analysis.object is not None
        if not analysis.object.is_little_endian:
            continue
        programs = {function.name: function for function in disassemble(analysis, 0)}
        for name in program_names(path.read_bytes()):
            run = run_libbpf(path.read_bytes(), programs=name.__eq__, log_level=2)
            # libbpf was asked for this program only; where that changes an answer, it says so.
            indices = [index for line in programs[name].lines for index in line.relos]
            is_same_alone = all(analysis.results[index][0].alone is None for index in indices)
            if run.is_relocated and is_same_alone:
                compared += compare(programs[name], run.verifier_log, f"{path.name} {name}")
    print(f"\n{compared} instructions compared")
    assert compared > 2000


def compare(function: FunctionListing, log: str, where: str) -> int:
    by_verifier = dict(LISTED.findall(log)) or dict(EXECUTED.findall(log))
    start = function.lines[0].insn_index
    count = 0
    for line in function.lines:
        text = by_verifier.get(str(line.insn_index - start))
        # An instruction with an ELF relocation has an address or a distance there that only loading decides.
        if text is not None and not line.reference and "<invalid CO-RE" not in text:
            assert line.text_after == text, f"{where}: {line.insn_index}"
            count += 1
    return count


@pytest.mark.debian_tool("llvm-objdump-19")
def test_jumps_name_the_slot_they_go_to(shared: Path) -> None:
    """llvm-objdump prints ``<label>`` targets as the address in slots with --mcpu=v4."""
    path = shared / "corpus" / "obj" / "k02_rename.v3.o"
    command = ["llvm-objdump-19", "-d", "--mcpu=v4", "--no-show-raw-insn", "-z", str(path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # "goto +0xb <task_state+0x70>": the symbol's own offset plus 0x70, in bytes.
    jumps = re.findall(r"goto [+-]0x[0-9a-f]+ <\w+(?:\+0x([0-9a-f]+))?>", printed)
    expected = [int(offset, 16) // 8 for offset in jumps]
    found = [
        line.jump_to - function.lines[0].insn_index
        for function in disassemble(analyse(str(path)))
        for line in function.lines
        if line.jump_to is not None
    ]
    assert found == expected
    assert len(found) >= 19


def test_poison_and_dead_code_on_a_target(tmp_path: Path) -> None:
    exists, offset = CoreReloKind.FIELD_EXISTS, CoreReloKind.FIELD_BYTE_OFFSET
    data = build_object([PAIR], [Record(exists, "t", "0:1", 1), Record(offset, "t", "0:1", 4)])
    analysis = analyse_object(tmp_path, data, target=[struct("t", size=4, a=(INT, 0))])
    (function,) = disassemble(analysis, 0)
    exists_line, offset_line, *_ = function.lines
    assert (exists_line.text, exists_line.text_after, exists_line.relos) == ("r1 = 1", "r1 = 0", (0,))
    assert (offset_line.text, offset_line.text_after) == ("r1 = 4", f"call unknown#{POISON_HELPER}")
    assert (exists_line.is_poisoned, offset_line.is_poisoned) == (False, True)
    assert not any(line.is_dead for line in function.lines)
    rows = [row.text for row in disasm_rows(analysis, (function,), 0)]
    assert rows == [
        "socket · prog  4 instructions",
        "◆ #0 field_exists t.b  0:1 = 1  ○ missing, guarded: 0",
        "0: r1 = 1  →  r1 = 0",
        "◆ #1 field_byte_offset t.b  0:1 = 4  ✖ missing",
        "1: r1 = 4  →  call #195896080 (poison)",
        "2: r0 = 0",
        "3: exit",
    ]


def test_without_a_target_there_is_no_after(tmp_path: Path) -> None:
    data = build_object([PAIR], [Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:1", 4)])
    path = tmp_path / "listed.o"
    path.write_bytes(data)
    analysis = analyse(str(path))
    functions = disassemble(analysis)
    assert not any(line.is_changed or line.is_dead for line in functions[0].lines)
    (first, *_) = disassembly_json(analysis, functions, None)["functions"][0]["insns"]
    assert set(first) == {
        "index",
        "insn_offset",
        "bytes",
        "text",
        "jump_to",
        "reference",
        "source",
        "relocations",
    }


@pytest.mark.parametrize(
    ("functions", "expected"),
    [
        pytest.param([("prog", 0, 16)], [("prog", [0, 1]), ("", [2])], id="gap-at-the-end"),
        pytest.param([("prog", 8, 16)], [("", [0]), ("prog", [1, 2])], id="gap-at-the-start"),
        # The instruction in both is the one of the function that begins last, as everywhere (function_at).
        pytest.param([("a", 0, 16), ("b", 8, 16)], [("a", [0]), ("b", [1, 2])], id="overlap"),
        pytest.param([("a", 0, 24), ("alias", 0, 24)], [("a", [0, 1, 2])], id="alias"),
        pytest.param([("a", 0, 4000)], [("a", [0, 1, 2])], id="too-long"),
        pytest.param([("a", 4000, 8)], [("", [0, 1, 2])], id="outside"),
        pytest.param([("a", 0, 4)], [("a", [0]), ("", [0, 1, 2])], id="half-an-instruction"),
    ],
)
def test_code_is_listed_once_whatever_the_symbols_say(
    functions: list[tuple[str, int, int]], expected: list[tuple[str, list[int]]], tmp_path: Path
) -> None:
    data = build_object([PAIR], [Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:1", 4)], functions=functions)
    path = tmp_path / "listed.o"
    path.write_bytes(data)
    listed = disassemble(analyse(str(path)))
    assert [(one.name, [line.insn_index for line in one.lines]) for one in listed] == expected
