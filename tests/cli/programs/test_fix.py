"""``btfview fix`` on the command line: a diff that does, and what becomes of the file."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.cli.main import main
from btfview.compiler.c.clang import CLANG_VARIABLE
from tests.fixes.fixing import C_PROGRAM, NEW, OLD
from tests.paths import DEMO, ROOT

RENAMED = (ROOT / "tests" / "fixes" / "renamed.rs").read_text().replace("real_start_time", "start_boottime")
TARGETS = ["-t", OLD, "-t", NEW]


@pytest.fixture
def renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "renamed.rs"
    path.write_text(RENAMED)
    return Path("renamed.rs")


def test_the_diff_is_one_that_patch_takes(renamed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", str(renamed), *TARGETS]) == 0
    out, err = capfd.readouterr()
    assert err.startswith("btfview: #1 field_byte_offset task_struct.state (renamed.rs:25:22): read ")
    assert err.endswith(": fails on 1 of 2 → 0 of 2\n")
    assert renamed.read_text() == RENAMED
    subprocess.run(["patch", "-p0", "-s"], input=out, text=True, check=True)
    # relos returns 1 where a record fails on a target.
    assert main(["relos", str(renamed), *TARGETS]) == 0


def test_written_it_does_on_both_kernels(renamed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", str(renamed), *TARGETS, "--write"]) == 0
    assert "btfview: written: renamed.rs" in capfd.readouterr().err
    assert main(["check", str(renamed), *TARGETS]) == 0
    capfd.readouterr()
    assert main(["fix", str(renamed), *TARGETS]) == 0
    assert capfd.readouterr() == ("", "btfview: renamed.rs: nothing fails\n")


def test_what_is_left_for_another_run_is_told(
    renamed: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("btfview.fixes.mend.MOST_STEPS", 0)
    assert main(["fix", str(renamed), *TARGETS]) == 1
    assert capfd.readouterr() == ("", "btfview: stopped after 0: --write, and run it again\n")


def test_a_kind_can_be_asked_for(renamed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", str(renamed), *TARGETS, "--kind", "guard"]) == 0
    assert "+        if !core::btf::field_exists!(task_struct, state) {" in capfd.readouterr().out
    assert main(["fix", str(renamed), *TARGETS, "--kind", "weak"]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert "no fix: no fix of the kind weak does" in err


@pytest.mark.debian_tool("clang-19")
def test_c_is_mended_too_one_record_of_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(CLANG_VARIABLE, "clang-19")
    path = tmp_path / "prog.c"
    path.write_bytes(C_PROGRAM.replace("STATEMENT", "value = task->state;").replace("\n", "\r\n").encode())
    assert main(["fix", str(path), *TARGETS, "--record", "0", "--write"]) == 0
    assert "value = read_state(task);\r" in capfd.readouterr().out
    data = path.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert main(["relos", str(path), *TARGETS]) == 0


def test_of_an_object_the_code_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source, obj = tmp_path / "renamed.rs", tmp_path / "renamed.o"
    source.write_text(RENAMED)
    assert main(["compile", str(source), "-o", str(obj)]) == 0
    capfd.readouterr()
    assert main(["fix", str(obj), *TARGETS]) == 1
    out, err = capfd.readouterr()
    assert "fn read_state(from: *const u8) -> Option<u64> {" in out
    assert "#1 task_struct.state: its source is not here; the code on stdout reads it" in err


def test_a_read_only_file_is_told_and_stays(renamed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    renamed.chmod(0o444)
    assert main(["fix", str(renamed), *TARGETS, "--write"]) == 2
    assert "is read-only: chmod u+w it" in capfd.readouterr().err
    assert renamed.read_text() == RENAMED


def test_what_another_program_wrote_meanwhile_stays(
    renamed: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from btfview.fixes import mend as mending

    def edited_meanwhile(*arguments: object, **options: object) -> object:
        done = mend(*arguments, **options)
        renamed.write_text("// theirs\n")
        return done

    mend: Callable[..., object] = mending.mend
    monkeypatch.setattr(mending, "mend", edited_meanwhile)
    assert main(["fix", str(renamed), *TARGETS, "--write"]) == 3
    assert "was changed by another program meanwhile" in capfd.readouterr().err
    assert renamed.read_text() == "// theirs\n"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        pytest.param([], 2, "name at least one with -t", id="no-target"),
        pytest.param(["-t", NEW, "--record", "99"], 2, "there is no record 99", id="no-such-record"),
        pytest.param(["-t", "nope"], 3, 'no target "nope"', id="no-such-target"),
        pytest.param(["-t", NEW, "--kind", "magic"], 2, "invalid choice", id="no-such-kind"),
    ],
)
def test_bad_arguments_have_an_exit_code_and_a_reason(
    words: list[str], code: int, says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    try:
        found = main(["fix", os.fspath(DEMO / "sched.rs"), *words])
    except SystemExit as end:
        found = int(str(end.code))
    assert found == code
    assert says in capfd.readouterr().err


def test_a_source_with_errors_is_told(renamed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    renamed.write_text(RENAMED.replace("Option<i64>", "Option<nope>"))
    assert main(["fix", str(renamed), *TARGETS]) == 4
    assert "error[E0425]" in capfd.readouterr().err


def test_without_clang_c_is_told_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(CLANG_VARIABLE, "no-such-clang")
    path = tmp_path / "prog.c"
    path.write_text(C_PROGRAM.replace("STATEMENT", "value = task->state;"))
    assert main(["fix", str(path), *TARGETS]) == 4
    assert "no-such-clang" in capfd.readouterr().err


def test_the_demo_that_fails_is_mended_on_every_kernel_of_its_pictures(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    atlas = str(ROOT / "screenshots" / "kernels.atlas")
    assert main(["atlas", "list", atlas]) == 0
    versions = [tuple(map(int, re.findall(r"\d+", line)[:2])) for line in capfd.readouterr().out.splitlines()]
    # `state` became `__state` in Linux 5.14.
    count = f"fails on {sum(version >= (5, 14) for version in versions)} of {len(versions)}"
    copy = tmp_path / "renamed_field.rs"
    copy.write_bytes((DEMO / "renamed_field.rs").read_bytes())
    assert main(["fix", str(copy), "-t", atlas, "--write"]) == 0
    assert f"{count} → 0 of {len(versions)}\n" in capfd.readouterr().err
    assert main(["relos", str(copy), "-t", atlas]) == 0
    for name in ("fails", "fix"):
        picture = (ROOT / "screenshots" / f"{name}.svg").read_text().replace("&#160;", " ")
        assert f"1 record {count} kernels" in picture


@pytest.mark.debian_tool("clang-19")
def test_the_demo_that_fails_is_mended_in_c(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "renamed_field.bpf.c"
    copy.write_bytes((DEMO / "renamed_field.bpf.c").read_bytes())
    assert main(["fix", str(copy), *TARGETS, "--write"]) == 0
    assert "fails on 1 of 2 → 0 of 2\n" in capfd.readouterr().err
    assert main(["relos", str(copy), *TARGETS]) == 0
