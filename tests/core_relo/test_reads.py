"""Fields that are read as what they are not on the target; widths are those that pahole -F btf -C shows."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.findings.collect import find_problems
from btfview.cli.main import main
from btfview.core_relo.reads import BITFIELD_READ, ENUM_WIDTH, READ_WIDTH
from btfview.targets.find import open_targets
from tests.paths import DEMO

pytestmark = pytest.mark.shared


def misreads(program: Path, target: Path) -> list[tuple[int, str]]:
    """Return record and rule of each field that is misread."""
    analysis = analyse(str(program), open_targets(str(target)), checks_reads=True)
    return [
        (linked.index, results[0].misread.rule)
        for linked, results in zip(analysis.relos, analysis.results, strict=True)
        if results[0].misread is not None
    ]


@pytest.mark.parametrize(
    ("program", "target", "expected"),
    [
        # `long` has 4 bytes on i386. f5 asks libbpf for the size, so it reads rightly.
        pytest.param("width_32bit/prog.o", "cases/c/width_32bit/tgt.btf", [(6, READ_WIDTH)], id="probe-read"),
        pytest.param("width_32bit/guarded.o", "cases/c/width_32bit/tgt.btf", [(2, READ_WIDTH)], id="context"),
        # sk_protocol is a bitfield of 8 bits on 5.4, a u16 since 5.6.
        pytest.param("bitfield/p.o", "btf/5.4.0-216-generic-amd64.btf.xz", [(0, BITFIELD_READ)], id="bits"),
        pytest.param("bitfield/p.o", "btf/6.1.0-56-amd64.btf.xz", [], id="no-bitfield"),
        pytest.param("enum_32_of_64/prog.o", "cases/c/enum_32_of_64/old.btf", [(0, ENUM_WIDTH)], id="enum"),
        pytest.param("enum_32_of_64/prog.o", "cases/c/enum_32_of_64/new.btf", [], id="enum64"),
    ],
)
def test_a_field_of_another_width_is_told(
    shared: Path, program: str, target: str, expected: list[tuple[int, str]]
) -> None:
    assert misreads(shared / "cases" / "c" / program, shared / target) == expected


def test_a_program_that_declares_what_the_kernel_has_is_silent() -> None:
    for program in sorted(DEMO.glob("*.rs")):
        analysis = analyse(str(program), open_targets("6.1.0-56-amd64"), checks_reads=True)
        assert [one for one in find_problems(analysis) if one.severity == "warning"] == [], program.name


def test_lints_are_allowed_and_denied_by_name(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = str(shared / "cases" / "c" / "enum_32_of_64" / "prog.o")
    target = str(shared / "cases" / "c" / "enum_32_of_64" / "old.btf")
    assert main(["check", program, "-t", target]) == 0
    assert "[enum_width]" in capsys.readouterr().out
    assert main(["check", program, "-t", target, "--deny", "enum_width"]) == 1
    capsys.readouterr()
    assert main(["check", program, "-t", target, "--allow", "enum_width"]) == 0
    assert "nothing found" in capsys.readouterr().out
    assert main(["check", program, "-t", target, "--allow", "enum_wdth"]) == 2
    assert "--allow enum_wdth: no lint is called so" in capsys.readouterr().err


BITS = """
#define SEC(x) __attribute__((section(x), used))
struct task_struct { unsigned a; unsigned FIELDS; } __attribute__((preserve_access_index));
static void *(*const get_task_btf)(void) = (void *)158;
SEC("raw_tp/sys_enter") int f(void *c) { struct task_struct *t = get_task_btf(); return READ; }
char _license[] SEC("license") = "GPL";
"""
SHIFTED = (
    "((*(unsigned *)((char *)t + __builtin_preserve_field_info(t->sched_migrated, 0))"
    " + 0ull) << __builtin_preserve_field_info(t->sched_migrated, 4))"
    " >> __builtin_preserve_field_info(t->sched_migrated, 5)"
)


@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize(
    ("fields", "read", "expected"),
    [
        # pahole: sched_migrated:1 is bit 2 of byte 1188, behind two others.
        pytest.param("sched_migrated:1", "t->sched_migrated", [(0, BITFIELD_READ)], id="another-bit"),
        pytest.param("x:2, sched_migrated:1", "t->sched_migrated", [], id="the-same-bit"),
        pytest.param("x:2, sched_migrated:2", "t->sched_migrated", [(0, BITFIELD_READ)], id="two-bits"),
        pytest.param("x:9, sched_migrated:1", "t->sched_migrated", [(0, BITFIELD_READ)], id="second-byte"),
        pytest.param("sched_migrated:1", SHIFTED, [], id="shifts-of-the-loader"),
    ],
)
def test_a_plain_load_of_a_bitfield_takes_the_bits_that_are_compiled_in(
    fields: str, read: str, expected: list[tuple[int, str]], shared: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "bits.c", tmp_path / "bits.o"
    source.write_text(BITS.replace("FIELDS", fields).replace("READ", read))
    command = ["clang-19", "-g", "-O2", "-target", "bpf", "-mcpu=v3", "-c", str(source), "-o", str(out)]
    subprocess.run(command, check=True)
    assert misreads(out, shared / "btf" / "6.18.44-fc-amd64.btf.xz") == expected


HANDS_ON = """#![feature(btf_relocations)]
#![no_std]
#![allow(non_camel_case_types)]
#[btf_relocatable]
#[repr(C)]
pub struct sched_entity { pub a: [u64; 600] }
#[btf_relocatable]
#[repr(C)]
pub struct task_struct { pub FIELD }
impl task_struct {
    pub fn get(&self) -> Option<GIVEN u8> {
        let offset = core::btf::field_byte_offset!(task_struct, NAME)?;
        Some(unsafe { &*(self as *const Self as *const u8).add(offset) })
    }
}
"""


@pytest.mark.parametrize("given", ["&", "*const"])  # returned in a register, and stored for the caller
@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("tgid: u64", "one to 8 bytes, and it has 4 there"),
        ("comm: [u8; 64]", "one to 64 bytes, and it has 16 there"),
        ("comm: [i8; 20]", "one to 20 bytes, and it has 16 there"),
        ("tgid: i32", ""),
        ("comm: [u8; 16]", ""),
        ("tgid: u8", ""),  # as a prefix it is read rightly, and what it is cast to is not known
        ("se: sched_entity", ""),  # its fields have records of their own
    ],
)
def test_a_pointer_that_a_function_hands_on_is_to_what_is_declared(
    tmp_path: Path, declared: str, told: str, given: str
) -> None:
    path = tmp_path / "a.rs"
    text = HANDS_ON.replace("FIELD", declared).replace("NAME", declared.split(":")[0])
    path.write_text(text.replace("GIVEN", given))
    analysis = analyse(str(path), open_targets("6.1.0-56-amd64"), checks_reads=True)
    assert len(analysis.relos) == 2
    found = [one.message for one in find_problems(analysis) if one.code == READ_WIDTH]
    assert len(found) == bool(told)
    assert all(told in message for message in found)
