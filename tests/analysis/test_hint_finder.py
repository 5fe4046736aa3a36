"""Which kernel serves as reference, how often is searched, and what bad kernels do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from btfview.analysis import hint_finder
from btfview.analysis.hint_finder import HintFinder
from btfview.analysis.result import Analysis
from btfview.analysis.suggestions import answer_sentences, hints_json
from btfview.btf.kinds import CoreReloKind
from btfview.btf.reader import Btf
from btfview.frozen import replace
from btfview.hints import stepping
from btfview.hints.answer import Answer, Asked, Named, Silent
from btfview.hints.kernel import Kernel
from btfview.hints.stepping import find_by_steps
from btfview.targets.target import Target
from btfview.views.detail import detail_rows
from btfview.views.report import report_json
from tests.analyses import analyse_object
from tests.btf.build import INT, Described, array, build_btf_bytes, ptr, ref, struct, union
from tests.objects import Record, build_object

LOCAL = struct("pair", size=8, a=(INT, 0), state=(INT, 32))
HAS = struct("pair", size=8, a=(INT, 0), state=(INT, 32))
LACKS = struct("pair", size=8, a=(INT, 0), __state=(INT, 32))


def analysed(folder: Path, *kernels: tuple[str, Described | bytes], count: int = 1) -> Analysis:
    record = Record(CoreReloKind.FIELD_BYTE_OFFSET, "pair", "0:1", 4)
    data = build_object([LOCAL], [record] * count)
    targets = {name: btf if isinstance(btf, bytes) else [btf] for name, btf in kernels}
    return analyse_object(folder, data, **targets)


def kernel(folder: Path, name: str, *described: Described) -> Target:
    path = folder / f"{name}.btf"
    path.write_bytes(build_btf_bytes(*described))
    return Target(name, str(path), "file")


def test_the_nearest_kernel_that_has_the_field_is_the_reference(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, ("6.8.0-amd64", LACKS), ("5.4.0-amd64", HAS))
    at_hand = [
        kernel(tmp_path, "6.7.0-arm64", HAS),  # nearer, and of another architecture
        kernel(tmp_path, "6.6.0-amd64", LACKS),  # nearer, and lacks it
        kernel(tmp_path, "6.5.0-amd64", HAS),
    ]
    answer = HintFinder(analysis, at_hand).answer(0, 0)
    assert isinstance(answer, Named)
    assert (answer.hints[0].path, answer.hints[0].reference) == ("pair.__state", "6.5.0-amd64")


def test_of_five_thousand_kernels_only_the_nearest_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis = analysed(tmp_path, ("6.8.0-amd64", LACKS))
    near = kernel(tmp_path, "6.7.0-amd64", HAS)
    far = [
        Target(f"5.{minor}.{patch}-amd64", "/nowhere", "file") for minor in range(20) for patch in range(250)
    ]
    opened: list[str] = []

    def counted(name: str, btf: Btf, *, is_whole: bool = True) -> Kernel:
        opened.append(name)
        return Kernel(name, btf, is_whole=is_whole)

    monkeypatch.setattr(hint_finder, "Kernel", counted)
    answer = HintFinder(analysis, [*far, near]).answer(0, 0)
    assert isinstance(answer, Named)
    assert answer.hints[0].reference == "6.7.0-amd64"
    assert "6.7.0-amd64" in opened
    assert not [name for name in opened if name.startswith("5.")]


def test_a_question_is_searched_once_however_many_records_ask_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis = analysed(tmp_path, ("6.8.0-amd64", LACKS), ("6.1.0-amd64", HAS))
    many = replace(
        analysis,
        relos=tuple(replace(analysis.relos[0], index=index) for index in range(1000)),
        results=analysis.results * 1000,
    )
    searches: list[object] = []

    def counted(asked: Asked, kernels: Sequence[Kernel]) -> Answer:
        searches.append(asked)
        return find_by_steps(asked, kernels)

    monkeypatch.setattr(stepping, "find_by_steps", counted)
    finder = HintFinder(many, [])
    answers = {finder.answer(index, 0) for index in range(1000)}
    assert (len(answers), len(searches)) == (1, 1)


def test_what_was_searched_beforehand_reads_no_kernel_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    analysis = analysed(tmp_path, ("6.8.0-amd64", LACKS), ("6.7.0-amd64", LACKS), ("6.1.0-amd64", HAS))
    finder = HintFinder(analysis, [])
    finder.warm(0, 50, lambda: True)
    assert not finder._searched
    finder.warm(0, 50, lambda: False)
    asked: list[Target] = []
    read = finder.kernel

    def noted(target: Target) -> Kernel:
        asked.append(target)
        return read(target)

    monkeypatch.setattr(finder, "kernel", noted)
    assert isinstance(finder.answer(0, 0), Named)
    assert not asked
    assert isinstance(finder.answer(0, 1), Named)
    assert asked


def test_damaged_and_missing_references_are_passed_over(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, ("6.8.0-amd64", LACKS))
    damaged = tmp_path / "6.7.0-amd64.btf"
    damaged.write_bytes(build_btf_bytes(HAS)[:-9])
    at_hand = [
        Target("6.7.0-amd64", str(damaged), "file"),
        Target("6.6.0-amd64", str(tmp_path / "is not there"), "file"),
        kernel(tmp_path, "6.5.0-amd64", HAS),
    ]
    answer = HintFinder(analysis, at_hand).answer(0, 0)
    assert isinstance(answer, Named)
    assert answer.hints[0].reference == "6.5.0-amd64"


NAMES = [
    pytest.param("x" * 10_000, id="ten-thousand-characters"),
    pytest.param("\x1b[2J\n*/ evil", id="escapes"),
    pytest.param("état", id="not-ascii"),
    pytest.param("_", id="underscore"),
    pytest.param("___", id="only-a-flavor"),
]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_are_compared_and_never_written_as_code(name: str, tmp_path: Path) -> None:
    local = struct("pair", ("a", INT, 0), (name, INT, 32), size=8)
    record = Record(CoreReloKind.FIELD_BYTE_OFFSET, "pair", "0:1", 4)
    lacks = struct("pair", ("a", INT, 0), (f"__{name}", INT, 32), size=8)
    analysis = analyse_object(tmp_path, build_object([local], [record]), old=[local], new=[lacks])
    finder = HintFinder(analysis, [])
    for hint in hints_json(finder, 0, 1):
        code = hint["code"] or ""
        assert "\x1b" not in code
        assert "evil" not in code
    assert answer_sentences(finder.answer(0, 1), analysis.relos[0].path)
    assert json.dumps(report_json(analysis))
    assert detail_rows(analysis, 0, 1, with_code=True)


LOOP = struct("pair", size=8, a=(INT, 0), inner=(ref("pair"), 32))
SHAPES = [
    pytest.param([LOOP], id="struct-in-itself"),
    pytest.param([struct("pair", ("", ref("pair"), 0), size=8)], id="anonymous-struct-in-itself"),
    pytest.param([struct("pair", size=8, a=(INT, 0), inner=(ptr(ref("pair")), 32))], id="pointer-to-itself"),
    pytest.param([struct("pair", size=8)], id="no-members"),
    pytest.param([union("pair", size=8, a=(INT, 0), b=(array(INT, 0), 0))], id="union-and-flexible-array"),
    pytest.param([struct("other", size=8, state=(INT, 32), a=(INT, 0))], id="the-type-is-gone"),
]


@pytest.mark.parametrize("described", SHAPES)
@pytest.mark.parametrize("is_reference", [True, False], ids=["as-reference-too", "as-target"])
def test_types_that_contain_themselves_end_the_search(
    described: list[Described], is_reference: bool, tmp_path: Path
) -> None:
    kernels = {"new": described, "old": [HAS, *described] if is_reference else [HAS]}
    record = Record(CoreReloKind.FIELD_BYTE_OFFSET, "pair", "0:1", 4)
    analysis = analyse_object(tmp_path, build_object([LOCAL], [record]), **kernels)
    answer = HintFinder(analysis, []).answer(0, 0)
    assert isinstance(answer, Named | Silent)
    assert json.dumps(report_json(analysis))


def test_a_trimmed_reference_does_not_make_new_what_it_left_out(tmp_path: Path) -> None:
    """The type behind the pointer has the name, and the trimmed kernel does not have the type."""
    fields = {"a": (INT, 0), "next": (ptr(ref("far")), 64)}
    far = struct("far", size=4, state=(INT, 0))
    target = kernel(tmp_path, "6.8.0-amd64", struct("pair", size=16, **fields), far)
    trimmed = kernel(tmp_path, "6.7.0-amd64", struct("pair", size=24, state=(INT, 128), **fields), far)
    left_out = Target(trimmed.name, trimmed.path, "bundled")
    left_out.path = str(tmp_path / "6.7.0.btf")
    Path(left_out.path).write_bytes(
        build_btf_bytes(struct("pair", size=24, a=(INT, 0), next=(ptr(INT), 64), state=(INT, 128)))
    )
    record = Record(CoreReloKind.FIELD_BYTE_OFFSET, "pair", "0:1", 4)
    from btfview.analysis.analyse import analyse

    path = tmp_path / "prog.o"
    path.write_bytes(build_object([LOCAL], [record]))
    analysis = analyse(str(path), [target])
    assert HintFinder(analysis, [left_out]).answer(0, 0) == Silent()
    whole = Target(left_out.name, left_out.path, "file")
    answer = HintFinder(analysis, [whole]).answer(0, 0)
    assert isinstance(answer, Named)
    assert answer.hints[0].path == "pair.next->state"
