"""btfview patch: what libbpf loads, as a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.bpf.insn import LDDW
from btfview.bpf.object import read_object
from btfview.btf.kinds import CoreReloKind
from btfview.cli.main import main
from tests.btf.build import INT, build_btf_bytes, struct
from tests.libbpf import LibbpfRun, run_libbpf
from tests.objects import Record, build_object

OFFSET, EXISTS = CoreReloKind.FIELD_BYTE_OFFSET, CoreReloKind.FIELD_EXISTS
PAIR = struct("t", size=8, a=(INT, 0), b=(INT, 32))
MOVED = build_btf_bytes(struct("t", size=16, b=(INT, 64), a=(INT, 96)))
WITHOUT_B = build_btf_bytes(struct("t", size=4, a=(INT, 0)))


def without_addresses(code: bytes) -> str:
    """Return instructions without the file descriptors that libbpf writes into loads of maps."""
    found = ""
    for at in range(0, len(code), 8):
        insn = code[at : at + 8]
        is_pseudo = insn[0] == LDDW and insn[1] >> 4
        found += (insn[:4] + bytes(4) if is_pseudo else insn).hex() + "\n"
    return found


def loaded(run: LibbpfRun) -> dict[str, str]:
    return {name: without_addresses(code) for name, code in run.insns.items()}


@pytest.mark.kernel
@pytest.mark.parametrize(
    "name",
    ["k01_task.v3", "k01_task.v4", "k02_rename.v3", "k04_bitfields.v3", "k13_subprog.v3", "k17_demo.v3"],
)
def test_libbpf_loads_from_the_patched_object_what_it_loads_from_the_original(
    name: str, shared: Path, tmp_path: Path
) -> None:
    """Instruction for instruction, subprograms included, on the running kernel; and it relocates nothing
    in the patched one."""
    original = (shared / "corpus" / "obj" / f"{name}.o").read_bytes()
    source, out = tmp_path / "original.o", tmp_path / "patched.o"
    source.write_bytes(original)
    main(["patch", str(source), "-t", "running", "-o", str(out)])
    before, after = run_libbpf(original), run_libbpf(out.read_bytes())
    assert "CO-RE relocations" in before.log
    assert "CO-RE" not in after.log
    assert before.is_relocated
    assert after.is_relocated
    assert after.is_loaded == before.is_loaded
    assert loaded(before) == loaded(after)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("k01_task.v3", "6.1.0-56-amd64"),
        ("k02_rename.v3", "5.4.0-216-generic-amd64"),
        ("k04_bitfields.v3", "6.12.117+deb12-amd64"),
        ("k17_demo.v3", "6.18.44-fc-amd64"),
        ("k01_task.be", "6.12.107+deb13-s390x"),
    ],
)
def test_the_patched_instructions_are_those_of_the_corpus(
    name: str, target: str, shared: Path, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    """Of each record the ``new_insn`` of the truth file, as libbpf wrote it; the rest as it was."""
    truth = json.loads((shared / "corpus" / "truth" / f"{name}@{target}.json").read_text())
    path, out = shared / "corpus" / "obj" / f"{name}.o", tmp_path / "patched.o"
    main(["patch", str(path), "-t", str(kernel_btf(target)), "-o", str(out)])
    before = read_object(path.read_bytes(), path=name)
    after = read_object(out.read_bytes(), path=name)
    assert after.core_relos == ()
    expected = {section: bytearray(before.code(section)) for section in before.sections}
    for record in truth["relocations"]:
        new, at = bytes.fromhex(record["new_insn"]), record["insn_offset"]
        expected[record["section"]][at : at + len(new)] = new
    for section in before.sections:
        assert after.code(section).hex() == expected[section].hex(), section


def test_nothing_but_code_and_the_length_of_the_list_changes(tmp_path: Path) -> None:
    data = build_object([PAIR], [Record(OFFSET, "t", "0:1", 4), Record(OFFSET, "t", "0:0", 0)])
    patched = patch(data, MOVED, tmp_path)
    assert patched is not None
    assert len(patched) == len(data)
    changed = [at for at, (old, new) in enumerate(zip(data, patched, strict=True)) if old != new]
    obj = read_object(data, path="t.o")
    (code,) = (section for section in obj.elf.sections if section.name == "socket")
    (ext,) = (section for section in obj.elf.sections if section.name == ".BTF.ext")
    # The immediates of the two instructions, and core_relo_len at 28 of struct btf_ext_header.
    assert changed == [code.offset + 4, code.offset + 12, ext.offset + 28]


def patch(data: bytes, target: bytes, folder: Path, *options: str, code: int = 0) -> bytes | None:
    source, btf, out = folder / "in.o", folder / "target.btf", folder / "out.o"
    source.write_bytes(data)
    btf.write_bytes(target)
    assert main(["patch", str(source), "-t", str(btf), "-o", str(out), *options]) == code
    return out.read_bytes() if out.exists() else None


def test_patching_again_changes_nothing(tmp_path: Path) -> None:
    once = patch(build_object([PAIR], [Record(OFFSET, "t", "0:1", 4)]), MOVED, tmp_path)
    assert once is not None
    assert patch(once, MOVED, tmp_path) == once


def test_live_poison_is_written_and_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    patched = patch(build_object([PAIR], [Record(OFFSET, "t", "0:1", 4)]), WITHOUT_B, tmp_path, code=1)
    assert patched is not None
    assert read_object(patched, path="t.o").insn_text("socket", 0) == "call unknown#195896080"
    said = capsys.readouterr().err
    assert "#0 field_byte_offset t.b at socket+0: poisoned where the program comes by" in said
    assert "struct t has no member b there" in said


def test_what_libbpf_refuses_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = build_object([PAIR], [Record(OFFSET, "t", "0:1", 4), Record(OFFSET, "t", "0:1", 99)])
    assert patch(data, MOVED, tmp_path, code=1) is None
    said = capsys.readouterr().err
    assert "#1 field_byte_offset t.b at socket+8: libbpf refuses the object" in said
    assert "not written; --force writes it all the same" in said


def test_force_leaves_what_libbpf_refuses_as_compiled(tmp_path: Path) -> None:
    data = build_object([PAIR], [Record(OFFSET, "t", "0:1", 4), Record(OFFSET, "t", "0:1", 99)])
    patched = patch(data, MOVED, tmp_path, "--force", code=1)
    assert patched is not None
    obj = read_object(patched, path="t.o")
    assert [obj.insn_text("socket", at) for at in (0, 8)] == ["r1 = 8", "r1 = 99"]


def test_the_input_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "in.o", tmp_path / "target.btf"
    data = build_object([PAIR], [Record(OFFSET, "t", "0:1", 4)])
    source.write_bytes(data)
    target.write_bytes(MOVED)
    assert main(["patch", str(source), "-t", str(target), "-o", str(source)]) == 2
    assert source.read_bytes() == data
    assert "is one of the files that are read" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "in.o", tmp_path / "target.btf"
    source.write_bytes(build_object([PAIR], [Record(OFFSET, "t", "0:1", 4)]))
    target.write_bytes(MOVED)
    assert main(["patch", str(source), "-t", str(target), "-o", str(tmp_path / "no" / "out.o")]) == 3
    assert "out.o: cannot be written: no such file or directory" in capsys.readouterr().err


def test_two_targets_are_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.o"
    source.write_bytes(build_object([PAIR], [Record(OFFSET, "t", "0:1", 4)]))
    options = ["-t", "6.1.0-56-amd64", "-t", "5.10.0-46-amd64", "-o", str(tmp_path / "out.o")]
    assert main(["patch", str(source), *options]) == 2
    assert "one target at a time; given are 6.1.0-56-amd64, 5.10.0-46-amd64" in capsys.readouterr().err
