"""Errors of aya and cilium/ebpf: lines that aya-obj 0.3.0 and cilium/ebpf 0.22.0 print (``tests/judges``)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from btfview.cli.main import main
from btfview.loader_log.complaint_kinds import (
    BadExtern,
    NoAttachTarget,
    ObjectRefused,
    PoisonReached,
    RecordRefused,
    TypeRefused,
    UnguardedKfunc,
)
from btfview.loader_log.complaints import read_complaints
from tests.core_relo.loaders.differences import DIFFERENCES, compile_program, kernel_bytes, programs

if TYPE_CHECKING:
    from btfview.loader_log.complaint_kinds import Complaint

AYA, CILIUM = "aya", "cilium/ebpf"


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (
            "program f: load program: bad CO-RE relocation: invalid func "
            "unknown#195896080 (6 line(s) omitted)",
            PoisonReached(1, "", "f", None, ""),
        ),
        (
            "program f: load program: bad CO-RE relocation: frame pointer is read only (4 line(s) omitted)",
            PoisonReached(1, "", "f", None, ""),
        ),
        (
            "load program: bad CO-RE relocation:\n"
            "\t0: R1=ctx() R10=fp0\n"
            "\t; instruction poisoned by CO-RE @ :0\n"
            "\t0: (18) r10 = 0xbad2310\n"
            "\tframe pointer is read only\n"
            "\tprocessed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 "
            "peak_states 0 mark_read 0",
            PoisonReached(4, "", "", 0, ""),
        ),
        (
            "load program: unknown kfunc:\n\t0: (85) call "
            "unknown#233685214\n\tinvalid func unknown#233685214",
            UnguardedKfunc(3, "", "", 0, ""),
        ),
        (
            'program f: fixing up kfuncs: kfunc "some_kfunc": not supported',
            BadExtern(1, "", "some_kfunc", "kfunc", False),
        ),
        (
            'program f: fixing up kfuncs: kfunc "bpf_rcu_read_lock": function param '
            "mismatch: incompatible types",
            BadExtern(1, "", "bpf_rcu_read_lock", "kfunc", True),
        ),
        (
            "program f: attach Tracing/TraceFEntry: fentry no_such_function not supported",
            NoAttachTarget(1, "", "f", "no_such_function", False),
        ),
        (
            "program f: attach LSM/LSMMac: no_such LSM hook not supported",
            NoAttachTarget(1, "", "f", "no_such", False),
        ),
        (
            'program f: resolve .kconfig: config option "LINUX_HAS_BPF_COOKIE" does not exist on this kernel',
            BadExtern(1, "", "LINUX_HAS_BPF_COOKIE", "config", False),
        ),
        (
            'program sum: apply CO-RE relocations: relocate Struct:"job": byte_off: multiple types match: '
            "ambiguous relocation",
            TypeRefused(1, "", "sum", "job", "byte_off", 0, ""),
        ),
        (
            "error relocating `raw_tp/x`: applying relocation `TypeSize` missing "
            "target BTF info for type `5` "
            "at instruction #0",
            TypeRefused(1, "", "raw_tp/x", "", "", 5, "type_size"),
        ),
        (
            "error relocating `raw_tp/x`: instruction #1 referenced by relocation #0 "
            "is invalid: original type "
            "int has size 4 but target type long has size 8",
            RecordRefused(1, "", "raw_tp/x", 0),
        ),
        (
            "Error: error relocating section\n\nCaused by:\n    0: error relocating "
            "`raw_tp/x`\n    1: instruction "
            "#1 referenced by relocation #3 is invalid: value `70000` overflows 16 bits offset field",
            RecordRefused(5, "", "raw_tp/x", 3),
        ),
        ("unknown BTF type `no_such_function`", NoAttachTarget(1, "", "", "no_such_function", False)),
    ],
)
def test_what_stands_in_the_log_is_understood(log: str, expected: Complaint) -> None:
    [found] = read_complaints(log)
    assert type(found) is type(expected)
    names = [name for name in expected.__match_args__ if name != "text"]
    assert [getattr(found, name) for name in names] == [getattr(expected, name) for name in names]


@pytest.mark.parametrize(
    ("log", "loader", "words"),
    [
        ("invalid program section `?raw_tp/x`", AYA, "no type of program"),
        ("BTF error: invalid BTF relocation kind `12`", AYA, "12 is type_matches"),
        (
            "error relocating `f`: function 0x10 not found while relocating `f`",
            AYA,
            "functions of the kernel",
        ),
        (
            "error parsing BPF object: invalid license `[71, 80, 76]`: missing NULL terminator",
            AYA,
            "a section",
        ),
        (
            "file p.o: load virtual .ksyms section: data section .ksyms: expected some_sym to be *Void, "
            "not *btf.Var: not supported",
            CILIUM,
            "extern void alone",
        ),
        (
            "file p.o: load programs: section raw_tp/x: offset 16 in section "
            "raw_tp/x: relocating instruction: "
            "asm relocation: CONFIG_HZ: unsupported binding: STB_WEAK",
            CILIUM,
            "no weak values of .kconfig",
        ),
        ("load BTF maps: map m: both key and key_size given", CILIUM, "both key and key_size given"),
    ],
)
def test_why_a_loader_gives_the_object_up(log: str, loader: str, words: str) -> None:
    [found] = read_complaints(log)
    assert isinstance(found, ObjectRefused)
    assert found.loader == loader
    assert words in found.reason


@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize(
    ("title", "log", "shown"),
    [
        (
            "Two structs of one name",
            'program sum: apply CO-RE relocations: relocate Struct:"job": byte_off: multiple types match: '
            "ambiguous relocation",
            ["job.cost", "job.user"],
        ),
        (
            "A field has another size",
            "error relocating `raw_tp/x`: instruction #1 referenced by relocation #0 "
            "is invalid: original type "
            "int has size 4 but target type long has size 8",
            ["account.count"],
        ),
        (
            "The size of a type that is not there",
            "error relocating `raw_tp/x`: applying relocation `TypeSize` missing "
            "target BTF info for type `5` "
            "at instruction #0",
            ["type_size gone"],
        ),
    ],
)
def test_the_log_leads_to_the_records(
    title: str, log: str, shown: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [case] = [case for case in DIFFERENCES if case.title == title]
    compile_program(programs()[title], tmp_path)
    (tmp_path / "kernel.btf").write_bytes(kernel_bytes(case))
    (tmp_path / "log").write_text(log)
    main(
        [
            "explain",
            str(tmp_path / "prog.o"),
            "-t",
            str(tmp_path / "kernel.btf"),
            "--log",
            str(tmp_path / "log"),
        ]
    )
    out = capsys.readouterr().out
    assert all(words in out for words in shown), out


@pytest.mark.debian_tool("clang-19")
def test_what_cilium_poisons_and_libbpf_does_not_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
extern void no_such(void) __attribute__((section(".ksyms"), weak));
struct gone { long a; };
SEC("raw_tp/x") int f(void *ctx) { no_such(); return TYPE_SIZE(struct gone); }
"""
    compile_program(text, tmp_path)
    kernel = tmp_path / "kernel.btf"
    kernel.write_bytes(kernel_bytes(DIFFERENCES[0]))
    call = "0: (85) call unknown#233685214\ninvalid func unknown#233685214\n"
    poison = "1: (85) call unknown#195896080\ninvalid func unknown#195896080\n"
    (tmp_path / "log").write_text(call + poison)
    main(["explain", str(tmp_path / "prog.o"), "-t", str(kernel), "--log", str(tmp_path / "log")])
    out = capsys.readouterr().out
    assert "no_such is declared weak, is not in this kernel, and its call can be reached" in out
    assert "type_size gone" in out
