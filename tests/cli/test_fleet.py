"""Which of many targets a command asks: --arch, --exclude, and what its program is built for."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from btfview.analysis.kernels.target_choice import TargetChoice
from btfview.cli.main import main
from btfview.compiler.options import CompileOptions
from btfview.session.answer import Answer, answer_request
from btfview.session.state import Session
from tests.btf.build import build_btf_bytes, int_, struct
from tests.targets.samples import write
from tests.tui.screen import running

LONG = int_("long unsigned int", 8)
# The first members are as in the kernel's arch/x86/include/asm/ptrace.h and arch/arm64/include/asm/ptrace.h.
X86 = build_btf_bytes(struct("pt_regs", size=168, di=(LONG, 896), pid=(LONG, 0)))
ARM64 = build_btf_bytes(struct("pt_regs", size=336, sp=(LONG, 1984), pstate=(LONG, 2112)))
HEAD = "#![feature(btf_relocations)]\n#![no_std]\n#![allow(unguarded_btf_offset)]"
REGISTER = f"""{HEAD}
#[repr(Btf)]
pub struct pt_regs {{ di: usize }}
#[no_mangle]
pub fn first() -> usize {{
    core::btf::field_byte_offset!(pt_regs, di)
}}
"""
"""For x86, as PT_REGS_PARM1 makes it."""
EITHER = REGISTER.replace(
    "    core::btf::field_byte_offset",
    "    if !core::btf::field_exists!(pt_regs, di) { return 0; }\n    core::btf::field_byte_offset",
)
"""The same for every architecture."""
ARM_TOO = """
#[repr(Btf)]
pub struct user_pt_regs { pstate: usize }
#[no_mangle]
pub fn state() -> usize {
    core::btf::field_byte_offset!(user_pt_regs, pstate)
}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Kernels as BTFHub keeps them, and one whose architecture nothing tells."""
    for folder, data in (("x86_64", X86), ("arm64", ARM64)):
        for name in ("5.4.0-10-generic", "5.10.0-20-rt"):
            write(tmp_path / "hub/ubuntu/20.04" / folder / f"{name}.btf", data)
    write(tmp_path / "hub/custom/6.1.btf", X86)
    (tmp_path / "prog.rs").write_text(REGISTER)
    (tmp_path / "either.rs").write_text(EITHER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(capsys: pytest.CaptureFixture[str], *options: str, file: str = "prog.rs") -> tuple[list[str], str]:
    """The names of the targets that relos asks, and what is said on stderr."""
    main(["relos", file, *options, "--json"])
    out, err = capsys.readouterr()
    return [target["name"] for target in json.loads(out)["targets"]], err


X86_KERNELS = ["x86_64/5.4.0-10-generic", "x86_64/5.10.0-20-rt"]
ARM64_KERNELS = ["arm64/5.4.0-10-generic", "arm64/5.10.0-20-rt"]


def test_a_program_is_asked_on_the_kernels_that_it_is_built_for(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names, err = asked(capsys, "-t", "hub")
    assert names == [*X86_KERNELS, "6.1"]
    assert err == (
        "btfview: note: prog.rs: 2 targets left out, as it is built for amd64 or i386 (pt_regs.di); "
        "--arch all asks all\n"
    )
    names, err = asked(capsys, "-t", "hub", "--arch", "all")
    assert sorted(names) == sorted([*X86_KERNELS, *ARM64_KERNELS, "6.1"])
    assert err == ""


def test_a_target_that_was_named_itself_is_asked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = "hub/ubuntu/20.04/arm64/5.4.0-10-generic.btf"
    assert asked(capsys, "-t", named) == (["5.4.0-10-generic"], "")
    for same in (named, str(project / named)):
        names, _ = asked(capsys, "-t", "hub", "-t", same)
        assert names == ["arm64/5.4.0-10-generic", "x86_64/5.4.0-10-generic", "x86_64/5.10.0-20-rt", "6.1"]
    names, err = asked(capsys, "-t", "hub/ubuntu/20.04/arm64")  # for none of them: what fails is told
    assert (names, err) == (["5.4.0-10-generic", "5.10.0-20-rt"], "")


@pytest.mark.parametrize(
    "source",
    [EITHER, REGISTER + ARM_TOO, REGISTER.replace("di", "pid"), REGISTER.replace("pt_regs", "task_struct")],
    ids=["asks-first", "two", "no-register", "no-registers"],
)
def test_a_program_that_shows_nothing_or_both_is_asked_on_all(
    source: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "prog.rs").write_text(source)
    names, err = asked(capsys, "-t", "hub")
    assert (len(names), err) == (5, "")


def test_clangs_flags_show_it_too(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "prog.c").write_text("int one(void *ctx) { return 1; }\n")
    assert main(["check", "prog.c", "-t", "hub", "--json", "--", "-D__TARGET_ARCH_arm64"]) == 0
    out, err = capsys.readouterr()
    names = [target["name"] for target in json.loads(out)["targets"]]
    assert sorted(names) == sorted([*ARM64_KERNELS, "6.1"])
    assert err == ("btfview: note: 2 targets left out, as __TARGET_ARCH_* is of arm64; --arch all asks all\n")


def test_arch_and_exclude_choose_and_say_so(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names, err = asked(capsys, "-t", "hub", "--arch", "aarch64", file="either.rs")
    assert names == [*ARM64_KERNELS, "6.1"]
    assert err == "btfview: note: 2 targets left out, as --arch asks for arm64\n"
    names, err = asked(
        capsys,
        "-t",
        "hub",
        "--exclude",
        "*-rt",
        "--exclude",
        "*/custom/*",
        "--exclude",
        "7*",
        file="either.rs",
    )
    assert sorted(names) == ["arm64/5.4.0-10-generic", "x86_64/5.4.0-10-generic"]
    assert err == (
        "btfview: note: 2 targets left out by --exclude *-rt; 1 target left out by --exclude */custom/*; "
        "--exclude 7* fits no target\n"
    )


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--arch", "x87"], 2, r"--arch x87: no architecture that btfview knows; there are amd64, i386.*all"),
        (["--exclude", "*"], 3, r"none of 5 targets is left: 5 targets left out by --exclude \*"),
    ],
)
def test_what_leaves_nothing_says_so(
    options: list[str], code: int, said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["relos", "prog.rs", "-t", "hub", *options]) == code
    assert re.search(said, capsys.readouterr().err)


def test_check_asks_each_program_on_its_own(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The one is for x86; the other asks first, and is right everywhere."""
    assert main(["check", "prog.rs", "-t", "hub", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [target["name"] for target in found["targets"]] == [*X86_KERNELS, "6.1"]
    assert main(["check", "prog.rs", "either.rs", "-t", "hub", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["targets"]) == 5
    assert main(["check", "prog.rs", "-t", "hub", "--arch", "arm64", "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)["files"][0]["findings"]
    assert finding["targets"] == ARM64_KERNELS


def test_explain_and_report_take_the_same_options(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "prog.rs", "--relo", "0", "-t", "hub"]) == 0
    out = capsys.readouterr().out
    assert "x86_64/5.4.0-10-generic" in out
    assert "arm64/" not in out
    assert main(["report", "prog.rs", "-t", "hub", "-o", "out.html"]) == 0
    page = (project / "out.html").read_text()
    assert "x86_64/5.4.0-10-generic" in page
    assert "arm64/" not in page


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(["demands", "prog.rs"], id="demands"),
        pytest.param(["diff", "prog.rs", "prog.rs"], id="diff"),
        pytest.param(["fix", "prog.rs"], id="fix"),
        pytest.param(["minimize", "prog.rs", "-o", "out/"], id="minimize"),
    ],
)
def test_other_commands_on_programs_choose_alike(
    line: list[str], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*line, "-t", "hub"])
    assert "prog.rs: 2 targets left out, as it is built for amd64 or i386" in capsys.readouterr().err
    main([*line, "-t", "hub", "--arch", "arm64", "--exclude", "*-rt"])
    err = capsys.readouterr().err
    assert "2 targets left out, as --arch asks for arm64; 1 target left out by --exclude *-rt" in err


def test_bindings_are_for_what_is_chosen(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["bindings", "pt_regs.di", "-t", "hub", "--arch", "amd64", "--exclude", "*-rt"])
    told = capsys.readouterr()
    assert "2 targets left out, as --arch asks for amd64; 1 target left out by --exclude *-rt" in told.err
    assert "arm64" not in told.out


def test_of_a_whole_atlas_a_program_is_asked_on_its_architecture(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["atlas", "build", "hub", "-o", "fleet.atlas"]) == 0
    capsys.readouterr()
    names, err = asked(capsys, "-t", "fleet.atlas")
    assert names == [*X86_KERNELS, "6.1"]
    assert "2 targets left out, as it is built for amd64 or i386" in err
    names, err = asked(capsys, "-t", "fleet.atlas:arm64/5.4*")
    assert (names, err) == (["arm64/5.4.0-10-generic"], "")


def test_an_atlas_is_built_of_what_is_chosen(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--arch", "arm64", "--exclude", "6.*")
    assert main(["atlas", "build", "hub", "-o", "fleet.atlas", *options]) == 0
    capsys.readouterr()
    assert main(["atlas", "list", "fleet.atlas", "--json"]) == 0
    kernels = json.loads(capsys.readouterr().out)["kernels"]
    assert [kernel["name"] for kernel in kernels] == ["arm64/5.4.0-10-generic", "arm64/5.10.0-20-rt"]
    assert main(["atlas", "show", "fleet.atlas", "--arch", "arm64"]) == 2
    # What was added tells the architecture, also where the name does not.
    assert main(["atlas", "build", "hub/ubuntu/20.04/arm64", "hub/custom", "-o", "small.atlas"]) == 0
    capsys.readouterr()
    names, err = asked(capsys, "-t", "small.atlas", "--arch", "amd64", file="either.rs")
    assert names == ["6.1"]
    assert err == "btfview: note: 2 targets left out, as --arch asks for amd64\n"


def test_a_folder_that_cannot_be_searched_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Root may list any folder, so the refusal is the system call's."""
    listed = os.scandir

    def scandir(path: str) -> Any:
        if str(path).endswith("custom"):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    names, err = asked(capsys, "-t", "hub", file="either.rs")
    assert len(names) == 4
    assert err == "btfview: note: not searched: hub/custom: permission denied\n"


BY_PROGRAM = TargetChoice(is_by_program=True)
LEFT_OUT = "2 targets left out, as it is built for amd64 or i386 (pt_regs.di); --arch all asks all"


def opened(session: Session, path: str) -> Answer:
    answer = answer_request(session.request(path))
    assert session.accept(answer, 0.0)
    return answer


def names_of(session: Session) -> set[str]:
    assert session.good is not None
    return {target.name for target in session.good.targets}


@pytest.fixture
def arm_too(project: Path) -> Path:
    (project / "arm.rs").write_text(HEAD + ARM_TOO)
    return project


def test_the_screen_asks_each_program_on_the_kernels_that_it_is_built_for(arm_too: Path) -> None:
    session = Session(None, ["hub"], CompileOptions(), choice=BY_PROGRAM)
    assert opened(session, "prog.rs").left_out_said == (LEFT_OUT,)
    assert names_of(session) == {*X86_KERNELS, "6.1"}
    again = opened(session, "prog.rs")  # as after a save: nothing is said anew
    assert (again.left_out_said, names_of(session)) == ((), {*X86_KERNELS, "6.1"})
    source = Path("prog.rs")
    was = source.read_text()
    source.write_text(was + "fn broken(")  # what does not compile is for what it was for
    assert opened(session, "prog.rs").carried is None
    assert names_of(session) == {*X86_KERNELS, "6.1"}
    source.write_text(Path("arm.rs").read_text())  # an edit makes it another architecture's
    assert "built for arm64" in opened(session, "prog.rs").left_out_said[0]
    assert names_of(session) == {*ARM64_KERNELS, "6.1"}
    source.write_text(was)
    opened(session, "prog.rs")
    assert names_of(session) == {*X86_KERNELS, "6.1"}
    opened(session, "nosuch.rs")
    assert {target.name for target in session.targets} == {*X86_KERNELS, "6.1"}
    opened(session, "arm.rs")
    assert names_of(session) == {*ARM64_KERNELS, "6.1"}
    opened(session, "either.rs")
    assert names_of(session) == {*X86_KERNELS, *ARM64_KERNELS, "6.1"}
    session.want_targets(["hub"])  # the user's own choice
    opened(session, "prog.rs")
    assert names_of(session) == {*X86_KERNELS, *ARM64_KERNELS, "6.1"}


def test_a_request_that_overtakes_the_first_one_leaves_out_the_same(project: Path) -> None:
    session = Session(None, ["hub"], CompileOptions(), choice=BY_PROGRAM)
    partial: list[Answer] = []
    whole = answer_request(session.request("prog.rs"), report=partial.append)
    assert all(session.accept(answer, 0.0) for answer in partial)
    overtaken = session.request()
    assert not session.accept(whole, 0.0)
    assert session.accept(answer_request(overtaken), 0.0)
    assert names_of(session) == {*X86_KERNELS, "6.1"}


def test_kernels_that_were_named_stay_on_the_screen(project: Path) -> None:
    named = "hub/ubuntu/20.04/arm64/5.4.0-10-generic.btf"
    session = Session(None, ["hub", named], CompileOptions(), choice=BY_PROGRAM)
    opened(session, "prog.rs")
    assert names_of(session) == {*X86_KERNELS, ARM64_KERNELS[0], "6.1"}


async def test_what_is_left_out_is_said_on_the_screen(project: Path) -> None:
    choice = TargetChoice(("amd64",), "--arch", ("*-rt",))
    sent = TargetChoice.of_values(json.loads(json.dumps(choice.values())))  # as btfview record does
    assert sent == choice
    async with running("either.rs", targets=["hub"], choice=sent) as driver:
        [told] = [one.message for one in driver.app._notifications if one.title == "Targets of either.rs"]
        assert told == "2 targets left out, as --arch asks for amd64; 1 target left out by --exclude *-rt"
        assert names_of(driver.workbench.session) == {X86_KERNELS[0], "6.1"}


def test_the_screen_as_text_takes_options_and_the_configuration(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def kernels(*options: str) -> tuple[list[str], str]:
        main(["either.rs", *options, "--plain"])
        out, err = capsys.readouterr()
        return re.findall(r"^  kernel \d+, ([^:,]+)", out, re.MULTILINE), err

    assert kernels("-t", "hub", "--arch", "arm64", "--exclude", "*-rt")[0] == [ARM64_KERNELS[0], "6.1"]
    (project / "btfview.toml").write_text('architectures = ["arm64"]\ntargets = ["hub"]\n')
    names, err = kernels()
    assert names == [*ARM64_KERNELS, "6.1"]
    assert err == "btfview: note: 2 targets left out, as btfview.toml asks for arm64\n"
    assert len(kernels("--arch", "all")[0]) == 5
    (project / "btfview.toml").write_text('architectures = ["riscv64"]\ntargets = ["hub/ubuntu"]\n')
    names, err = kernels()
    assert "6.1.0-56-amd64" in names  # the bundled ones: the screen opens in any case
    assert "btfview: error: targets of the configuration: none of 4 targets is left: " in err
    none = ("-t", "hub/ubuntu", "--arch", "riscv64")
    assert main(["either.rs", *none, "--plain"]) == 3
    assert main(["record", "either.rs", *none, "--keys", "q", "--svg", "x.svg"]) == 3
    assert not (project / "x.svg").exists()
