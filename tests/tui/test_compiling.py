"""The loop as a user sees it: what is compiled again and what is not, and what the header says of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.compiler.llvm.cold import LlvmAnswer
from btfview.compiler.llvm.protocol import LlvmJob
from btfview.compiler.llvm.worker import Worker
from tests.tui.screen import Driver, running

Edit = Callable[[Path, str, str], None]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[LlvmJob]:
    """The jobs that LLVM got."""
    jobs: list[LlvmJob] = []
    run = Worker.run

    def counted(self: Worker, job: LlvmJob, epoch: int | None = None) -> LlvmAnswer:
        jobs.append(job)
        return run(self, job, epoch)

    monkeypatch.setattr(Worker, "run", counted)
    return jobs


async def saved(driver: Driver, header: str) -> None:
    await driver.until(lambda: header in driver.lines[0])
    await driver.settled()


async def test_a_file_saved_without_a_change_is_not_compiled_again(demo: Path, runs: list[LlvmJob]) -> None:
    async with running(demo) as driver:
        assert "✔ compiled" in driver.lines[0]
        os.utime(demo, (1, 1))
        await saved(driver, "✔ unchanged")
        assert len(runs) == 1


async def test_an_edit_undone_brings_the_earlier_result_back(
    demo: Path, edit: Edit, runs: list[LlvmJob]
) -> None:
    async with running(demo) as driver:
        edit(demo, "vruntime: u64", "before: u64,\n    vruntime: u64")
        await saved(driver, "±")
        assert "✔ compiled" in driver.lines[0]
        edit(demo, "before: u64,\n    vruntime: u64", "vruntime: u64")
        await saved(driver, "✔ cached")
        assert len(runs) == 2
        assert any("± was 16" in line for line in driver.pane("relocations"))


async def test_r_compiles_whatever_is_known(demo: Path, runs: list[LlvmJob]) -> None:
    async with running(demo) as driver:
        await driver.press("r")
        await driver.until(lambda: len(runs) == 2)
        await driver.settled()
        assert "✔ compiled" in driver.lines[0]


async def test_other_targets_compile_nothing(demo: Path, runs: list[LlvmJob]) -> None:
    async with running(demo) as driver:
        driver.workbench.start_work(targets=["6.1.0-56-amd64"])
        await driver.until(lambda: "1 target" in driver.lines[0])
        assert "✔ unchanged" in driver.lines[0]
        assert len(runs) == 1


# -- options --------------------------------------------------------------------------------------


def header(driver: Driver) -> str:
    return driver.app.workbench.query_one("#header").render_line(0).text


async def test_c_shows_every_option_and_switches_by_key_at_once(demo: Path, runs: list[LlvmJob]) -> None:
    async with running(demo) as driver:
        await driver.press("c")
        for text in ("● v3", "○ v4", "● little", "○ big", "● auto", "○ option", "kernel 6.6"):
            assert text in driver.text
        await driver.press("c")
        await driver.until(lambda: "cpu v4" in header(driver))
        assert "● v4" in driver.text
        assert runs[-1].cpu == "v4"
        await driver.press("e")
        await driver.until(lambda: "big endian" in header(driver))
        assert runs[-1].triple == "bpfeb"
        await driver.press("0")
        await driver.until(lambda: "cpu v3" in header(driver) and "big endian" not in header(driver))
        assert "✔ cached" in header(driver)
        assert len(runs) == 3
        await driver.press("escape")
        assert "Compile options" not in driver.text


async def test_enter_chooses_the_option_under_the_cursor(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("c", "g", "j", "enter")  # the first below the heading
        await driver.until(lambda: "cpu v1" in header(driver))
        assert "● v1" in driver.text


async def test_a_dialect_that_the_source_is_not_written_in_says_what_is_wrong_and_stays(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("c", "d", "d")
        await driver.until(lambda: "✖" in header(driver))
        assert "stale since" in header(driver)
        await driver.press("d", "escape")
        await driver.until(lambda: "✔ cached" in header(driver))
        assert "stale" not in header(driver)


async def test_options_stay_through_an_edit_and_go_into_the_copied_command(
    demo: Path, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(demo) as driver:
        copied: list[str] = []
        monkeypatch.setattr(driver.app, "copy_to_clipboard", copied.append)
        await driver.press("c", "c", "escape")
        await driver.until(lambda: "cpu v4" in header(driver))
        edit(demo, "vruntime: u64", "before: u64,\n    vruntime: u64")
        await driver.until(lambda: "±" in header(driver))
        assert "cpu v4" in header(driver)
        await driver.press("Y")
        assert copied[-1].endswith("--cpu v4")


async def test_the_header_of_a_small_screen_names_what_is_not_the_default(demo: Path) -> None:
    async with running(demo, size=(60, 24)) as driver:
        assert "v3" not in driver.lines[0]
        await driver.press("c", "c", "escape")
        await driver.until(lambda: "cpu v4" in driver.lines[0])


async def test_an_object_has_no_options_and_says_why(demo_object: Path) -> None:
    async with running(demo_object) as driver:
        await driver.press("c")
        assert "is compiled already" in driver.text
        assert "Compile options" in driver.text
        assert "● v3" not in driver.text


async def test_options_can_be_chosen_before_anything_is_open(demo: Path) -> None:
    async with running() as driver:
        await driver.press("c")
        assert "used when a source is opened" in driver.text
        await driver.press("c", "escape")
        driver.workbench.start_work(str(demo))
        await driver.until(lambda: "cpu v4" in driver.lines[0])


@pytest.mark.parametrize(
    ("title", "shown"),
    [("cpu v4", "cpu v4"), ("big endian", "big endian"), ("dialect repr", "dialect repr")],
)
async def test_the_palette_switches_options_by_name(demo: Path, title: str, shown: str) -> None:
    async with running(demo) as driver:
        commands = {command.title: command for command in driver.app.get_system_commands(driver.app.screen)}
        done = commands[title].callback()
        if done is not None:
            await done
        await driver.until(lambda: shown in driver.lines[0])


# -- stages ---------------------------------------------------------------------------------------


async def test_v_goes_through_the_stages_with_the_selection_lit(demo: Path, runs: list[LlvmJob]) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "v")
        await driver.until_text("3 IR as the front end wrote it")
        assert any("@llvm.preser" in line for line in driver.marked("intrinsics"))
        assert len(runs) == 1  # it was there
        await driver.press("v")
        await driver.until(lambda: any("= load i32" in line for line in driver.marked("intrinsics")))
        assert "3 IR, optimised" in driver.text
        await driver.press("v")
        await driver.until(lambda: any(line.strip() == "r2 = 8" for line in driver.marked("intrinsics")))
        assert "3 Assembly" in driver.text
        await driver.press("right_square_bracket")
        assert not any(line.strip() == "r2 = 8" for line in driver.marked("intrinsics"))
        assert any(line.strip() == "r2 = 1" for line in driver.marked("intrinsics"))
        await driver.press("v")
        assert "3 IR intrinsics" in driver.text
        assert any(line.startswith("#2 field_exists") for line in driver.marked("intrinsics"))
        assert len(runs) == 3
        await driver.press("v", "v", "v")
        await driver.until(lambda: any(line.strip() == "r2 = 1" for line in driver.marked("intrinsics")))
        assert len(runs) == 3  # made once


async def test_moving_in_a_stage_selects_elsewhere(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("v", "v", "3")
        await driver.until(lambda: any("= load i32" in line for line in driver.pane("intrinsics")))
        await driver.press("slash", *"0:0$0:0:0:0", "enter", "n")
        assert "se.load.weight" in driver.pane("detail")[0]


async def test_a_stage_follows_an_edit(demo: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "v", "v", "v")
        await driver.until(lambda: any(line.strip() == "r2 = 8" for line in driver.marked("intrinsics")))
        edit(demo, "vruntime: u64", "before: u64,\n    vruntime: u64")
        await driver.until(lambda: any(line.strip() == "r2 = 16" for line in driver.marked("intrinsics")))


async def test_an_object_has_no_other_stages_and_says_so(demo_object: Path) -> None:
    async with running(demo_object) as driver:
        assert "reconstructed from records" in driver.text
        before = driver.pane("intrinsics")
        await driver.press("v")
        await driver.until_text("An object holds no other stage")
        driver.app.clear_notifications()
        await driver.pilot.pause()
        assert driver.pane("intrinsics") == before


async def test_v_takes_the_disassembly_away_first(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("a")
        await driver.until_text("3 Disassembly")
        await driver.press("v")
        assert "3 IR intrinsics" in driver.text
        assert "3 Disassembly" not in driver.text


@pytest.mark.debian_tool("clang-19")
async def test_stages_of_a_c_program(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_text(
        "struct task_struct { int pid; int tgid; } __attribute__((preserve_access_index));\n"
        '__attribute__((section("raw_tp/x"))) int f(struct task_struct *p) { return p->tgid; }\n'
    )
    async with running(path) as driver:
        await driver.press("v")
        await driver.until_text("no line can be linked to a record")
        await driver.press("v")
        await driver.until(lambda: any("getelementptr" in line for line in driver.marked("intrinsics")))
        await driver.press("P")
        await driver.until_text("BPFAbstractMemberAccessPass")
        assert "insn" in driver.text or "◆ #0" in driver.text


# -- passes ---------------------------------------------------------------------------------------


async def test_P_shows_the_pass_that_makes_a_global_of_the_query(demo: Path) -> None:  # noqa: N802  the key
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "P")
        await driver.until_text("BPFAbstractMemberAccessPass")
        assert "Pass by pass: sched_vruntime · ◆ #1 field_byte_offset task_struct.se.vruntime" in driver.text
        assert any("- ◆" in line and "preserve.field.info" in line for line in driver.lines)
        assert any(
            "+ ◆" in line and '= load i32, ptr @"llvm.task_struct:0:8$0:0:1"' in line for line in driver.lines
        )
        await driver.press("left_curly_bracket", "left_curly_bracket")  # past the first to the last
        assert any("insn 3: r2 = 8" in line for line in driver.lines)
        assert any('record #1: field_byte_offset task_struct "0:0:1"' in line for line in driver.lines)
        await driver.press("escape")
        assert "Pass by pass" not in driver.text


async def test_an_object_has_no_passes_and_says_so(demo_object: Path) -> None:
    async with running(demo_object) as driver:
        await driver.press("P")
        assert "An object does not say how it was made" in driver.text


# -- changes --------------------------------------------------------------------------------------


async def test_C_shows_what_the_last_edit_changed_in_records_and_bytes(demo: Path, edit: Edit) -> None:  # noqa: N802
    async with running(demo) as driver:
        await driver.press("C")
        assert "Nothing was edited yet" in driver.text
        edit(demo, "vruntime: u64", "before: u64,\n    vruntime: u64")
        await driver.until(lambda: "± 1 changed, 1 instruction" in driver.lines[0])
        await driver.press("C")
        assert "code 112 B, 1 instruction differs" in driver.text
        assert any(
            "± #1 field_byte_offset task_struct.se.vruntime = 16  was 8" in line for line in driver.lines
        )
        assert any("r2 = 8  →  r2 = 16" in line for line in driver.lines)
        await driver.press("slash", *"vruntime", "enter", "enter")
        await driver.until(lambda: "What the last edit" not in driver.text)
        assert any(line.startswith("#1  field_byte_offset") for line in driver.marked("relocations"))


async def test_the_disassembly_marks_what_the_last_edit_changed(demo: Path, edit: Edit) -> None:
    async with running(demo) as driver:
        await driver.press("a")
        edit(demo, "vruntime: u64", "before: u64,\n    vruntime: u64")
        await driver.until(
            lambda: any("± was r2 = 8" in row.text for row in driver.workbench.rows_pane("disasm")._rows)
        )
        edit(
            demo,
            "            None\n        }\n    }\n\n",
            "            None\n        }\n    }\npub fn more() -> u64 { 7 }\n\n",
        )
        await driver.until(
            lambda: any("+ new, 16 B" in row.text for row in driver.workbench.rows_pane("disasm")._rows)
        )


async def test_a_switch_of_an_option_is_a_change(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("c", "c", "c", "escape")
        await driver.until(lambda: "cpu v1" in driver.lines[0] and "instruction" in driver.lines[0])
        await driver.press("C")
        assert any(
            "if w2 == 0x0 goto pc" in line and "→" not in line for line in driver.lines
        )  # gone: v1 has no w2
        assert "Records  the same as before" in driver.text


async def test_the_other_byte_order_is_said_to_be_the_same_code(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("c", "e", "escape")
        await driver.until(lambda: "big endian" in driver.lines[0])
        await driver.until(lambda: driver.workbench.session.object_changes is not None)
        await driver.press("C")
        assert "the same code in the other byte order" in driver.text
        assert "Byte order little → big" in driver.text


async def test_names_in_ir_are_text(tmp_path: Path) -> None:
    """Markup, an escape sequence and wide letters in the names of a module."""
    path = tmp_path / "a.ll"
    path.write_text(
        'define i64 @"[red]\u540d\\1B[2J"(i64 %x) !dbg !4 {\n'
        "  %y = add i64 %x, 1, !dbg !7\n  ret i64 %y, !dbg !7\n}\n"
        "!llvm.dbg.cu = !{!0}\n!llvm.module.flags = !{!2, !3}\n"
        "!0 = distinct !DICompileUnit(language: DW_LANG_C, file: !1, emissionKind: FullDebug)\n"
        '!1 = !DIFile(filename: "a\\1B[2J.c", directory: "/")\n'
        '!2 = !{i32 7, !"Dwarf Version", i32 4}\n!3 = !{i32 2, !"Debug Info Version", i32 3}\n'
        '!4 = distinct !DISubprogram(name: "f", scope: !1, file: !1, line: 1, type: !5, unit: !0, '
        "spFlags: DISPFlagDefinition)\n!5 = !DISubroutineType(types: !6)\n!6 = !{}\n"
        "!7 = !DILocation(line: 1, scope: !4)\n"
    )
    async with running(path) as driver:
        for title in ("3 IR as the front end wrote it", "3 IR, optimised", "3 Assembly"):
            await driver.press("v")
            await driver.until_text(title)
            await driver.until(lambda: driver.workbench.intrinsics_pane.line_count > 3)
            assert "\x1b" not in driver.text
            assert "[red]\u540d" in driver.text.replace("\u540d ", "\u540d")
        await driver.press("P")
        await driver.until_text("as written")
        assert "\x1b" not in driver.text


async def test_passes_of_a_program_with_errors_are_refused_in_words(demo: Path, edit: Edit) -> None:
    edit(demo, "se.vruntime)", "se.vrun)")
    async with running(demo) as driver:
        await driver.press("P")
        assert "It did not compile: p says why." in driver.text


async def test_a_compile_that_comes_in_between_goes_first_and_the_stage_follows(
    demo: Path, edit: Edit
) -> None:
    async with running(demo) as driver:
        await driver.press("right_square_bracket", "v", "v")
        for _ in range(3):
            driver.workbench.start_work(is_forced=True)
            await driver.press("v")
        edit(demo, "vruntime: u64", "before: u64,\n    vruntime: u64")
        await driver.until(lambda: "±" in driver.lines[0])
        while "3 Assembly" not in driver.text:
            await driver.press("v")
        await driver.until(lambda: any(line.strip() == "r2 = 16" for line in driver.marked("intrinsics")))
        driver.workbench.start_work(is_forced=True)
        await driver.press("P")
        await driver.until_text("BPFAbstractMemberAccessPass")


async def test_an_option_is_found_in_the_palette(demo: Path) -> None:
    async with running(demo) as driver:
        await driver.press("ctrl+p", *">big en")
        await driver.until_text("big endian")
        await driver.press("enter")
        await driver.until(lambda: "big endian" in driver.lines[0] and "✔" in driver.lines[0])


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("compile options", "instruction set (--cpu)"),
        ("problem list", "Problems: none"),
        ("pass by pass", "Pass by pass: sched_vruntime"),
        ("another stage", "3 IR as the front end wrote it"),
        ("changes of the last", "Nothing was edited yet"),
    ],
)
async def test_every_view_of_the_compiler_is_in_the_palette(demo: Path, query: str, shown: str) -> None:
    async with running(demo) as driver:
        await driver.press("ctrl+p", *f">{query}")
        await driver.pilot.pause()
        await driver.press("enter")
        await driver.until_text(shown)


async def test_a_stage_goes_with_its_file(demo: Path, demo_object: Path, tmp_path: Path) -> None:
    """A file that does not compile shows nothing of the one before it; an object says what it lacks."""
    broken = tmp_path / "broken.rs"
    broken.write_text("fn f() { nothing }\n")
    async with running(demo) as driver:
        await driver.press("v", "v")
        driver.workbench.start_work(str(broken))
        await driver.until(lambda: "broken.rs  ✖ 1 error" in driver.lines[0])
        await driver.pilot.pause(0.3)
        assert not any("load i32" in line for line in driver.pane("intrinsics"))
        driver.workbench.start_work(str(demo_object))
        await driver.until_text("reconstructed from records")
        driver.workbench.start_work(str(demo))
        await driver.until(lambda: any("load i32" in line for line in driver.pane("intrinsics")))


async def test_what_llvm_refuses_is_shown_as_the_front_end_wrote_it(tmp_path: Path) -> None:
    """More than the 512 bytes of stack that BPF has: only LLVM finds out."""
    path = tmp_path / "a.rs"
    path.write_text("pub fn f(a: u64) -> u64 { a }\n")
    async with running(path) as driver:
        await driver.press("v")
        await driver.until(lambda: any("define" in line for line in driver.pane("intrinsics")))
        path.write_text(
            "pub fn f(a: u64) -> u64 {\n"
            "    let mut b = [a; 100];\n    b[(a & 63) as usize] = 1;\n    b[(a & 31) as usize]\n}\n"
        )
        await driver.until(lambda: "✖ 1 error" in driver.lines[0])
        await driver.until(lambda: "LLVM refused it" in driver.text)
        rows = driver.workbench.intrinsics_pane._rows
        assert any("[800 x i8]" in row.text for row in rows)
        assert "stale" not in driver.pane("intrinsics")[0]
        assert "stale" in driver.pane("relocations")[0]
        await driver.press("v")
        await driver.until(lambda: "3 IR, optimised · ~ stale" in driver.pane("intrinsics")[0])
        await driver.until(lambda: driver.workbench.intrinsics_pane.line_count > 3)
        rows = driver.workbench.intrinsics_pane._rows
        assert not any("[800 x i8]" in row.text for row in rows)
