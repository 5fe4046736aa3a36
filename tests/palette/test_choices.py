"""What the palette finds and what it shows of it, without a screen."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.bpf.object import read_object
from btfview.palette.choices import (
    DEMANDS,
    FIELDS,
    FUNCTIONS,
    KERNELS,
    RECORDS,
    Choice,
    KernelMembers,
    find_places,
    scopes_of,
    split_scope,
)
from btfview.palette.goals import ToField, ToFunction, ToInsn, ToKernel, ToLine, ToRecord, ToType, renew_goal
from btfview.palette.matching import find_matches, score_text, words_of
from btfview.palette.previews import preview_rows
from btfview.targets.find import open_target
from btfview.views.source import source_rows
from tests.asking import analyse_asking
from tests.paths import DEMO

KERNELS_USED = ("6.1.0-56-amd64", "6.12.117+deb12-amd64")


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyse(str(DEMO / "sched.rs"), [open_target(name) for name in KERNELS_USED])


@pytest.fixture(scope="module")
def quoted(analysis: Analysis, tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """The same as an object, whose source is only what it quotes."""
    path = tmp_path_factory.mktemp("palette") / "sched.o"
    assert analysis.compilation is not None
    assert analysis.compilation.object is not None
    path.write_bytes(analysis.compilation.object)
    return analyse(str(path), list(analysis.targets))


def found(analysis: Analysis, scope: str, query: str, limit: int = 50) -> list[Choice]:
    (one,) = [one for one in scopes_of(analysis) if one.name == scope]
    return [choice for _, choice in one.find(query, limit)[0]]


def preview(analysis: Analysis | None, choice: Choice, limit: int = 20) -> list[str]:
    target = analysis.targets[0] if analysis else None
    return [row.text for row in preview_rows(analysis, choice.goal, limit, target)]


# -- matching ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "query", "best"),
    [
        pytest.param(["task_struct.pid", "pid", "pid_t"], "pid", "pid", id="itself"),
        pytest.param(["stupid", "pid_t"], "pid", "pid_t", id="beginning-before-part"),
        pytest.param(["pid_namespace", "task_struct.pid"], "pid", "task_struct.pid", id="whole-word-first"),
        pytest.param(["xpid", "x_pid"], "pid", "x_pid", id="word-before-part"),
        pytest.param(["t.a  #11 x", "t.b  #1 x", "t.c  #21 x"], "1", "t.b  #1 x", id="number"),
        pytest.param(["p_long_i_d", "p_i_d"], "pid", "p_i_d", id="letters-close-together"),
        pytest.param(["go to the tree", "the tree  is cut"], "the tree", "the tree  is cut", id="as-typed"),
        pytest.param(["se.vruntime", "se.load"], "vrunt se", "se.vruntime", id="words-in-any-order"),
    ],
)
def test_what_fits_best_comes_first(texts: list[str], query: str, best: str) -> None:
    matches, _ = find_matches(texts, query, 10)
    assert texts[matches[0].index] == best


def test_what_else_is_asked_of_a_kernel_is_a_scope_of_its_own(tmp_path: Path) -> None:
    asking = analyse_asking(tmp_path, "has", "lacks", "trimmed")
    assert split_scope("!ktime") == (DEMANDS, "ktime")
    choice = found(asking, DEMANDS, "ktime")[0]
    assert choice.text == "bpf_ktime_get_ns  d3 helper"
    assert choice.about == "by prog"
    assert choice.goal == ToRecord(3)
    assert [line.partition("  ")[0] for line in preview(asking, choice)] == [
        "d3 helper bpf_ktime_get_ns",
        "by prog · instruction 0 of socket",
        "✔ met on has",
        "✖ not met on lacks",
        "? unknown on trimmed",
    ]
    assert renew_goal(choice.goal, asking, analyse_asking(tmp_path, "lacks")) == ToRecord(3)


def test_matches_hold_the_letters_of_every_word_and_no_other_text_does() -> None:
    rng = random.Random(5)
    texts = ["".join(rng.choices("abc_.", k=rng.randint(0, 8))) for _ in range(2_000)]
    for query in ("a", "ab", "b a", "cab", ".a_b", "abcabc"):
        matches, count = find_matches(texts, query, 5_000)

        def has_letters(text: str, word: str) -> bool:
            rest = iter(text)
            return all(char in rest for char in word)

        substring = {n for n, text in enumerate(texts) if all(word in text for word in query.split())}
        letters = {
            n for n, text in enumerate(texts) if all(has_letters(text, word) for word in query.split())
        }
        assert {match.index for match in matches} == (substring if len(substring) >= 50 else letters)
        assert count == len(matches)
        assert [m.score for m in matches] == sorted(m.score for m in matches)


def test_regular_expressions_in_a_query_are_text() -> None:
    texts = ["a.*b", "axxb", "(", "[/]"]
    for query, fits in ((".*", "a.*b"), ("(", "("), ("[/", "[/]")):
        matches, count = find_matches(texts, query, 9)
        assert [texts[match.index] for match in matches] == [fits]
        assert count == 1


def test_nothing_typed_fits_everything_in_its_order() -> None:
    assert [match.index for match in find_matches(["b", "a"], "  ", 9)[0]] == [0, 1]
    assert words_of("") == []
    assert score_text("x", []) == 0


# -- choices -------------------------------------------------------------------------------------


def test_a_first_letter_asks_for_one_scope() -> None:
    assert split_scope("#1") == (RECORDS, "1")
    assert split_scope("% 6.1") == (KERNELS, "6.1")
    assert split_scope("pid") == ("", "pid")


def test_records_are_found_by_path_kind_and_number(analysis: Analysis) -> None:
    assert found(analysis, RECORDS, "1")[0].goal == ToRecord(1)
    assert [choice.goal for choice in found(analysis, RECORDS, "weight exists")] == [ToRecord(2)]
    assert len(found(analysis, RECORDS, "")) == 4


def test_fields_are_those_of_the_program_with_the_records_that_ask(analysis: Analysis) -> None:
    texts = [choice.text for choice in found(analysis, FIELDS, "")]
    # demo/sched.rs declares these
    assert texts == [
        "task_struct.se",
        "task_struct.se.load",
        "task_struct.se.load.weight",
        "task_struct.se.vruntime",
    ]
    choice = found(analysis, FIELDS, "vruntime")[0]
    assert isinstance(choice.goal, ToField)
    assert choice.goal.relos == (0, 1)
    assert choice.about == "◆ #0 #1"
    assert preview(analysis, choice)[0].startswith("se.vruntime +8 u64")
    assert preview(analysis, choice)[2].startswith("◆ #1 field_byte_offset task_struct.se.vruntime  ▲ moved")


def test_functions_come_with_their_section_and_records(analysis: Analysis) -> None:
    (choice,) = found(analysis, FUNCTIONS, "sched_load_weight")
    assert isinstance(choice.goal, ToFunction)
    assert choice.goal.relos == (2, 3)
    assert choice.goal.section == ".text"
    assert preview(analysis, choice)[1].startswith("◆ #2 field_exists task_struct.se.load.weight")


def test_kernels_come_with_path_badge_and_what_becomes_of_the_records(analysis: Analysis) -> None:
    (choice,) = found(analysis, KERNELS, "6.12")
    assert choice.goal == ToKernel(1)
    assert choice.about.startswith("trimmed  /")
    assert preview(analysis, choice)[1:] == ["✔ 2 records as compiled", "▲ 2 records moved"]


def test_the_preview_of_a_record_tells_the_answer_of_every_kernel(analysis: Analysis) -> None:
    lines = preview(analysis, found(analysis, RECORDS, "1")[0])
    assert lines[0] == "#1 field_byte_offset task_struct.se.vruntime  0:0:1 = 8"
    assert lines[-1] == "amd64  ▲ 208 from 6.1 · ▲ 240 from 6.12.117"
    assert preview(analysis, found(analysis, RECORDS, "1")[0], limit=2)[-1] == "…"


def test_members_of_a_type_of_the_kernel_are_found_by_path(analysis: Analysis) -> None:
    members = KernelMembers(analysis.targets[0].btf, 0)
    choice = members.find("task_struct.se.vru", 9)[0][1]
    assert isinstance(choice.goal, ToType)
    assert choice.text == "task_struct.se.vruntime"
    assert choice.about == "+208  u64"  # pahole: se at 128, vruntime at 80
    shown = preview(analysis, choice)
    assert shown[0].startswith("struct task_struct")
    assert any(line.startswith("▸") and "vruntime" in line for line in shown)
    assert members.find("no_such_type.x", 9) == []
    assert members.find("task_struct", 9) == []


# -- lines and instructions ----------------------------------------------------------------------


def test_a_number_is_a_line_and_an_instruction_of_each_function(analysis: Analysis) -> None:
    obj = analysis.object
    assert obj is not None
    places = find_places(analysis, (), "3")
    titles = [choice.text for choice in places]
    assert titles == ["line 3 of sched.rs", "insn 3 of sched_vruntime", "insn 3 of sched_load_weight"]
    first, second = obj.functions[".text"]
    assert [choice.goal for choice in places[1:]] == [
        ToInsn(".text", 24),
        ToInsn(".text", second.value + 24),
    ]
    # Beyond the first function, the section's own count is another: it is offered too.
    beyond = find_places(analysis, (), str(first.size // 8 + 1))
    assert beyond[-1].text == f"insn {first.size // 8 + 1} of section .text, in sched_load_weight"
    assert beyond[-1].goal == ToInsn(".text", first.size + 8)


def test_words_beside_the_number_choose_function_or_file(analysis: Analysis, quoted: Analysis) -> None:
    for query in ("sched_load 3", "3 sched_load", "sched_load+3", "sched_load:3"):
        assert [choice.text for choice in find_places(analysis, (), query)] == ["insn 3 of sched_load_weight"]
    line = analysis.relos[0].place
    assert line is not None
    (choice,) = find_places(analysis, (), f"sched.rs:{line.line}")
    assert isinstance(choice.goal, ToLine)
    assert choice.goal.relos == (0,)
    rows = source_rows(quoted)
    (choice,) = find_places(quoted, rows, f"sched.rs:{line.line}")
    assert isinstance(choice.goal, ToLine)
    assert "field_exists!(task_struct, se.vruntime)" in choice.text + choice.about
    assert any(row.key == choice.goal.key for row in rows)


@pytest.mark.parametrize("query", ["", "x", "99999999", "123456789012345678901234", "-1 no_such", "²"])
def test_what_is_no_place_finds_nothing(query: str, analysis: Analysis) -> None:
    assert find_places(analysis, (), query) == []


def test_the_preview_of_an_instruction_tells_its_record_or_the_one_before(analysis: Analysis) -> None:
    relo = analysis.relos[1].relo
    index = relo.insn_off // 8
    (at,) = find_places(analysis, (), f"vruntime {index}")
    assert preview(analysis, at)[0].startswith("◆ #1 field_byte_offset task_struct.se.vruntime")
    assert f"▸{index:>5}: " in "\n".join(preview(analysis, at))
    (after,) = find_places(analysis, (), f"vruntime {index + 1}")
    assert preview(analysis, after)[0] == (
        f"no record belongs to it; the nearest before is #1 task_struct.se.vruntime  insn {index}"
    )


@pytest.mark.shared
def test_each_record_of_the_corpus_is_found_at_its_instruction(shared: Path) -> None:
    path = shared / "corpus" / "obj" / "k17_demo.v3.o"
    analysis = analyse(str(path), [])
    obj = read_object(path.read_bytes(), path=str(path))
    for relo in obj.core_relos:
        function = obj.function_at(relo.section, relo.insn_off)
        assert function is not None
        number = (relo.insn_off - function.value) // 8
        goals = [choice.goal for choice in find_places(analysis, (), f"{function.name} {number}")]
        assert ToInsn(relo.section, relo.insn_off) in goals
