"""Names of files reach the terminal as text, whatever they hold: in results, in errors, in hints."""

from __future__ import annotations

import lzma
import shutil
from pathlib import Path

import pytest

from btfview.cli.main import main
from btfview.targets.bundled_kernels import bundled_btf
from tests.paths import DEMO

EVIL = "\x1b[2J\u202e\x07"
PROG, KERNEL, GONE = f"prog{EVIL}.rs", f"6.1{EVIL}.btf.xz", f"gone{EVIL}"
COMMANDS = [
    ("relos", PROG, "-t", KERNEL),
    ("relos", PROG, PROG, "-t", KERNEL),
    ("relos", PROG, "-t", KERNEL, "--json"),
    ("check", PROG, "-t", KERNEL),
    ("check", PROG, "-t", KERNEL, "--format", "github"),
    ("check", GONE),
    ("explain", PROG, "-t", KERNEL),
    ("explain", PROG, "-t", KERNEL, "--relo", "0"),
    ("explain", PROG, "-t", KERNEL, "--log", GONE),
    ("disasm", PROG, "-t", KERNEL),
    ("demands", PROG),
    ("diff", PROG, PROG, "-t", KERNEL),
    ("diff", KERNEL, KERNEL),
    ("patch", PROG, "-t", KERNEL, "-o", f"out{EVIL}.o"),
    ("patch", PROG, "-t", KERNEL, "-o", f"no{EVIL}/out.o"),
    ("patch", PROG, "-t", KERNEL, "-o", PROG),
    ("compile", PROG, "-o", f"out{EVIL}.o"),
    ("compile", f"bad{EVIL}.rs"),
    ("compile", f"bad{EVIL}.rs", "--message-format", "json"),
    ("compile", PROG, "--emit", "passes", "--function", f"f{EVIL}"),
    ("compile", GONE),
    ("extract", KERNEL, "-o", f"out{EVIL}.btf"),
    ("extract", GONE),
    ("bindings", "task_struct.pid", "-t", KERNEL),
    ("bindings", f"task_struct.{EVIL}", "-t", KERNEL),
    ("bindings", "task_struct.pid", "-t", KERNEL, "-o", f"bad{EVIL}.rs"),
    ("types", KERNEL, f"task{EVIL}"),
    ("types", GONE),
    ("targets", "-t", KERNEL),
    ("targets", f"folder{EVIL}"),
    ("record", PROG, "--keys", EVIL, "-o", "x.cast"),
    ("record", PROG, "--keys", f"@{GONE}", "-o", "x.cast"),
    ("demo", f"no{EVIL}"),
    ("demo", "sched", "-o", PROG),
    ("verify", GONE),
    (GONE,),
    (f"--no-such-option{EVIL}",),
    ("relos", PROG, f"--no{EVIL}"),
    ("compile", PROG, "--cpu", EVIL),
    (PROG, "-t", KERNEL),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: ascii(" ".join(words)))
def test_no_control_characters_reach_the_terminal(
    command: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(DEMO / "sched.rs", PROG)
    Path(KERNEL).write_bytes(lzma.compress(bundled_btf("6.1.0-56-amd64"), preset=0))
    Path(f"bad{EVIL}.rs").write_text(
        (DEMO / "sched.rs").read_text().replace("se.vruntime)", f"se.vrun){EVIL}")
    )
    Path(f"folder{EVIL}").mkdir()
    Path(f"folder{EVIL}", KERNEL).write_bytes(b"no BTF")
    main(list(command))
    said = capsys.readouterr()
    for text in (said.out, said.err):
        assert {char for char in text if not char.isprintable()} <= {"\n", "\t"}, text
