"""A verifier that takes long, a kernel that permits nothing, a libbpf that is too old: each is told."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.cli.main import main
from btfview.compiler.processes import spawn
from btfview.verifier import load
from tests.tui.screen import WIDE, running

pytestmark = [pytest.mark.kernel, pytest.mark.debian_tool("clang-19")]
PROGRAM = """
SEC("raw_tp/sys_enter") int f%d(void *c)
{
	unsigned long long x = 0;
	for (int i = 0; i < 4000; i++) { unsigned r = rnd(); if (r & 1) x += r; else x ^= i; if (x & 2) x *= 3; }
	return x & 1;
}
"""
"""264,003 instructions for the verifier to follow: some 0.3 s."""
COUNT = 40
ONE = '#[no_mangle] #[link_section = "raw_tp/sys_enter"] pub extern "C" fn f() -> u32 { 0 }'


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """An object whose programs take the verifier some ten seconds."""
    source, out = tmp_path / "slow.c", tmp_path / "slow.o"
    head = (
        "#define SEC(x) __attribute__((section(x), used))\nstatic unsigned (*const rnd)(void) = (void *)7;\n"
    )
    head += 'char _license[] SEC("license") = "GPL";\n'
    source.write_text(head + "".join(PROGRAM % number for number in range(COUNT)))
    command = ["clang-19", "-g", "-O2", "-target", "bpf", "-mcpu=v3", "-c", str(source), "-o", str(out)]
    subprocess.run(command, check=True)
    return out


def test_after_the_time_limit_what_is_known_is_shown(slow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(slow), "--time-limit", "0.8"]) == 3
    text = capsys.readouterr().out
    assert "no answer in 0.8 s: programs that are not listed have no answer" in text
    assert text.count("✔") < COUNT


async def test_v_again_cancels_the_load_under_way(slow: Path) -> None:
    async with running(slow, size=WIDE, targets=["running"]) as driver:
        await driver.press("V")
        await driver.until(lambda: "asking the kernel" in driver.lines[0] and bool(children_that_load()))
        await driver.press("V")
        await driver.until(lambda: "kernel" not in driver.lines[0])
        await driver.until(lambda: not children_that_load())


def children_that_load() -> list[str]:
    """Return the command lines of this process's children that load programs."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            try:
                found.append(Path(f"/proc/{child}/cmdline").read_bytes().decode().replace("\0", " "))
            except OSError:
                continue  # it has ended
    return [line for line in found if "btfview.verifier.child" in line]


def child_that_first(does: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the process that loads do something before."""
    real: Callable[..., object] = spawn

    def spawn_other(argv: list[str], env: dict[str, str], **more: bool) -> object:
        code = f"{does}; import runpy; runpy.run_module('btfview.verifier.child', run_name='__main__')"
        return real([argv[0], "-S", "-c", code, argv[-1]], env, **more)

    monkeypatch.setattr(load, "spawn", spawn_other)


def test_without_permission_there_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No capability at all: the kernel answers EPERM to each bpf(), which says nothing of the program."""
    header = "(ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()"
    child_that_first(f"import ctypes; assert not ctypes.CDLL(None).capset({header})", monkeypatch)
    source = tmp_path / "one.rs"
    source.write_text(
        '#[no_mangle] #[link_section = "raw_tp/sys_enter"] pub extern "C" fn f() -> u32 { 0 }\n'
    )
    assert main(["verify", str(source)]) == 3
    text = capsys.readouterr().out
    assert "no answer: this kernel does not let you load such a program (EPERM" in text
    assert "✖" not in text


def test_a_libbpf_that_is_too_old_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It lacks a function that 1.0 has."""
    code = "import btfview.verifier.libbpf as l; l._FUNCTIONS['bpf_of_the_future'] = (None, ())"
    child_that_first(code, monkeypatch)
    source = tmp_path / "one.rs"
    source.write_text(
        '#[no_mangle] #[link_section = "raw_tp/sys_enter"] pub extern "C" fn f() -> u32 { 0 }\n'
    )
    assert main(["verify", str(source)]) == 3
    said = capsys.readouterr().err
    assert "libbpf.so.1 is older than 1.0" in said
    assert "install it" in said
