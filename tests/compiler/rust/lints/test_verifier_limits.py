"""What the verifier refuses however a program runs is told when compiling; held to the running kernel."""

from __future__ import annotations

import subprocess
import uuid
from pathlib import Path

import pytest

from btfview.compiler.compile import compile_source
from btfview.source import Source
from tests.compiler.rust.run.run_bpf import BPFFS, mount_bpffs

LICENSE = (
    '#[unsafe(link_section = "license")] #[unsafe(no_mangle)] static LICENSE: [u8; 4] = *b"GPL\\0";\n'
    '#[unsafe(link_section = ".data")] #[unsafe(no_mangle)] static mut SEEN: u64 = 0;\n'
)


def program(body: str, items: str = "") -> str:
    return (
        f"#![no_std]\n{LICENSE}{items}"
        '#[unsafe(link_section = "raw_tp/sys_enter")] #[unsafe(no_mangle)]\n'
        f'extern "C" fn prog(ctx: *const u64) -> i32 {{ let a = unsafe {{ *ctx }}; {body} }}\n'
    )


def functions(length: int, attribute: str = "#[inline(never)]") -> str:
    """Return *length* functions of which each calls the next; the last has an effect, or LLVM drops it."""
    last = "unsafe { SEEN += a; } a"
    return "".join(
        f"{attribute} fn g{number}(a: u64) -> u64 {{ "
        + (f"g{number + 1}(a ^ {number}).wrapping_add(1)" if number + 1 < length else last)
        + " }\n"
        for number in range(length)
    )


def chain(length: int) -> str:
    return program("g0(a) as i32", functions(length))


def lints(text: str) -> list[str | None]:
    result = compile_source(Source("lib.rs", text))
    assert result.object is not None, result.diagnostics
    return [found.lint for found in result.diagnostics]


def is_loaded(text: str, folder: Path) -> tuple[bool, str]:
    """Return whether the kernel takes the program, and what it says."""
    result = compile_source(Source("lib.rs", text))
    assert result.object is not None, result.diagnostics
    (path := folder / "prog.o").write_bytes(result.object)
    mount_bpffs()
    pin = BPFFS / f"btfview-test-{uuid.uuid4().hex}"
    try:
        done = subprocess.run(
            ["bpftool", "prog", "load", str(path), str(pin)], capture_output=True, text=True
        )
    finally:
        pin.unlink(missing_ok=True)
    return done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(chain(7), [], id="eight-frames"),
        pytest.param(chain(8), ["too_many_frames"], id="nine-frames"),
        pytest.param(chain(40), ["too_many_frames"], id="many-frames"),
        pytest.param(program("g0(a) as i32", functions(40, "")), [], id="inlined"),
        pytest.param(
            program(
                "(g0(a) + h(a)) as i32",
                functions(7) + "#[inline(never)] fn h(a: u64) -> u64 { g1(a) + 1 }\n",
            ),
            [],
            id="two-ways",
        ),
    ],
)
@pytest.mark.kernel
def test_frames_are_counted_as_the_verifier_does(text: str, told: list[str], tmp_path: Path) -> None:
    assert lints(text) == told
    loaded, log = is_loaded(text, tmp_path)
    assert loaded == (not told), log
    assert not told or "frames is too deep" in log


STEP = "unsafe { SEEN += a; }"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("loop {}", id="empty"),
        pytest.param(f"loop {{ {STEP} }}", id="with-an-effect"),
        pytest.param(f"while true {{ {STEP} }} 0", id="while-true"),
        pytest.param(f"'o: loop {{ loop {{ {STEP} continue 'o; }} }}", id="to-the-outer-one"),
        pytest.param(f"loop {{ loop {{ {STEP} if a > 3 {{ break; }} }} }}", id="an-inner-one-ends"),
    ],
)
@pytest.mark.kernel
def test_a_loop_without_an_end_is_told_and_refused(body: str, tmp_path: Path) -> None:
    text = program(body)
    assert lints(text) == ["endless_loop"]
    loaded, log = is_loaded(text, tmp_path)
    assert not loaded, log


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"let mut i = 0; loop {{ {STEP} i += 1; if i > 9 {{ break; }} }} 0", id="break"),
        pytest.param(f"let mut i = 0; loop {{ {STEP} i += 1; if i > 9 {{ return 1; }} }}", id="return"),
        pytest.param(
            "let x = [1u8; 4]; let mut i = 0; loop { unsafe { SEEN += x[i] as u64; } i += 1; }", id="panic"
        ),
        pytest.param(
            f"let mut i = 0; 'o: loop {{ loop {{ {STEP} i += 1; if i > 9 {{ break 'o; }} }} }} 0", id="outer"
        ),
    ],
)
@pytest.mark.kernel
def test_a_loop_with_a_way_out_is_not_told(body: str, tmp_path: Path) -> None:
    text = program(body)
    assert lints(text) == []
    loaded, log = is_loaded(text, tmp_path)
    assert loaded, log


def test_a_loop_in_what_is_not_called_is_no_matter() -> None:
    assert lints(program("0", "fn never() { loop {} }\n")) == ["dead_code"]


def test_both_can_be_allowed() -> None:
    assert lints("#![allow(too_many_frames, endless_loop)]\n" + chain(9)) == []
    assert lints(program("#[allow(endless_loop)] loop {}")) == []
