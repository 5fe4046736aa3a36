"""Every pane as linear text: all of them, in words, for programs that fail, for objects and for errors."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.cli.arguments import open_targets
from btfview.cli.main import main
from btfview.views.plain import plain_lines
from tests.paths import DEMO

OLD, NEW = "5.10.0-46-amd64", "6.1.0-56-amd64"


def test_every_pane_is_there_in_words_and_in_order() -> None:
    targets = open_targets([OLD, NEW])
    lines = list(plain_lines(analyse(str(DEMO / "renamed_field.rs"), targets)))
    headings = [line.partition(",")[0].partition(":")[0] for line in lines if line[:1].strip()]
    assert [one.split()[0] for one in headings] == [
        *("File", "Problems", "Source", "Structs", "Intrinsics", "Relocation", "Offsets", "Detail"),
    ]  # fmt: skip
    for line in (
        "  kernel 2, 6.1.0-56-amd64, trimmed: 1 failing",
        "    here record 1, field_byte_offset task_struct.state: missing on 1 of 2",
        "    state, +8, 8 B, i64, records 1",
        "    in state, section .text, instruction 2: r0 = *(u64 *)(r1 +8)",
        "    moved, value 16 on 5.10.0-46-amd64",  # pahole -C task_struct: state at 16
        "    missing on 6.1.0-56-amd64",
        "    does not fit: [165] struct task_struct",
    ):
        assert line in lines, line


@pytest.mark.parametrize("name", ["sched.rs", "renamed_field.rs", "memory_counters.rs"])
def test_no_sign_and_no_drawing_stands_for_a_word(name: str) -> None:
    source = (DEMO / name).read_text()
    for line in plain_lines(analyse(str(DEMO / name), open_targets([OLD, NEW]))):
        odd = {char for char in line if ord(char) > 0x7F and unicodedata.category(char) in ("So", "Sm")}
        assert not odd - set(source), line


def test_without_a_terminal_and_with_plain_it_is_printed_with_the_codes_of_the_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(DEMO / "sched.rs"), "-t", NEW, "--plain"]) == 0
    assert main([str(DEMO / "renamed_field.rs"), "-t", NEW]) == 1
    capsys.readouterr()
    path = tmp_path / "sched.o"
    path.write_bytes(analyse(str(DEMO / "sched.rs"), ()).compilation.object)  # type: ignore
    assert main([str(path), "-t", NEW]) == 0
    assert "  kernel 1, 6.1.0-56-amd64, trimmed: nothing fails" in capsys.readouterr().out
    (tmp_path / "bad.rs").write_text("fn x( {")
    assert main([str(tmp_path / "bad.rs"), "--plain", "-t", NEW]) == 4
    out = capsys.readouterr().out
    assert "Problems: 1" in out
    assert "  line 1: fn x( {" in out
    assert main(["--plain"]) == 2
    assert "--plain opens no screen" in capsys.readouterr().err
