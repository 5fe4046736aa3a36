"""Answers that are kept: those of the kernel itself, or none; never an error, never more than has room."""

import json
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from btfview.analysis.analyse import prepare
from btfview.analysis.by_kernel import ask
from btfview.analysis.by_kernel.ask import ask_kernel, ask_or_find
from btfview.analysis.by_kernel.kept import KeptResults, Keys
from btfview.analysis.by_kernel.wire import _FIELDS, NoAnswerError, read_answer, write_answer
from btfview.analysis.resolve_on import Column, Question
from btfview.demands.asked import Loading
from btfview.targets.find import open_target
from btfview.targets.target import Target
from tests.disks import full_disk

ROOM = 1 << 20
RESULT = '["ReloResult",["Resolved","8",null,false],"",null,null,null]'
KERNEL, OTHER = "6.1.0-56-amd64", "5.10.0-46-amd64"


@pytest.fixture
def question(shared: Path) -> Question:
    path = shared / "corpus" / "obj" / "k17_demo.v3.o"
    found = prepare(str(path), checks_reads=True, loading=Loading()).question
    assert found is not None
    return found


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptResults]:
    found = KeptResults(str(tmp_path / "cache" / "results"), ROOM)
    yield found
    found.close()


def column_of(question: Question, target: Target) -> Column:
    (found,) = ask_kernel([question], target)
    assert isinstance(found, Column)
    return found


@pytest.fixture
def column(question: Question) -> Column:
    return column_of(question, open_target(OTHER))


pytestmark = pytest.mark.shared


def test_each_class_has_all_its_fields() -> None:
    known: dict[type, tuple[str, ...]] = {cls: cls.__match_args__ for cls in _FIELDS}  # type: ignore[attr-defined]
    assert {cls: len(fields) for cls, fields in _FIELDS.items()} == {
        cls: len(names) for cls, names in known.items()
    }


@pytest.mark.parametrize(
    "name", ["k17_demo.v3.o", "k11_ambiguous.v3.o", "k04_bitfields.v3.o", "s01_shapes.v3.o"]
)
def test_an_answer_comes_back_as_it_was(shared: Path, name: str) -> None:
    path = shared / "corpus" / "obj" / name
    asked = prepare(str(path), checks_reads=True, loading=Loading()).question
    assert asked is not None
    column = column_of(asked, open_target(OTHER))
    assert read_answer(write_answer(column)) == column


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="no-class"),
        pytest.param('["Column"]', id="no-fields"),
        pytest.param('["Popen","x"]', id="another-class"),
        pytest.param('["Verdict","loads",[],[],[],[]]', id="a-part-in-its-place"),
        pytest.param(f'["Column",[{RESULT}],null,[],[],[],false,[],null]', id="a-text-for-a-number"),
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_what_is_no_answer_is_none(text: str) -> None:
    with pytest.raises(NoAnswerError):
        read_answer(zlib.compress(text.encode()))


def test_nothing_is_made_of_every_cut(column: Column) -> None:
    data = write_answer(column)
    for end in range(0, len(data), 97):
        with pytest.raises(NoAnswerError):
            read_answer(data[:end])


def test_the_second_run_asks_no_kernel(
    question: Question, kept: KeptResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, target = Keys(Loading()), open_target(OTHER)
    first = ask_or_find([question], target, kept, keys)
    target.forget()
    monkeypatch.setattr(ask, "ask_kernel", lambda *_: pytest.fail("asked again"))
    assert ask_or_find([question], target, kept, Keys(Loading())) == first
    assert target._btf is None


def test_each_thing_that_has_a_part_in_an_answer_is_in_its_key(
    question: Question, shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key(asked: Question = question, name: str = KERNEL, **options: object) -> bytes:
        keys = Keys(Loading(**options))  # type: ignore[arg-type]
        found = keys.keys(open_target(name), [keys.digest(asked)])
        assert found is not None
        return found[0]

    other = prepare(str(shared / "corpus" / "obj" / "k16_sizes.v3.o"), loading=Loading()).question
    assert other is not None
    copy = tmp_path / "6.1.0-56-amd64.btf"
    copy.write_bytes(open_target(OTHER).btf.data)
    found = [
        key(),
        key(other),
        key(name=OTHER),
        key(loader="1.1.2"),
        key(config={}),
        key(is_judged=False),
        key(name=str(copy)),
    ]
    monkeypatch.setattr("btfview.analysis.by_kernel.kept.__version__", "0")
    found.append(key())
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    "content", [b"", b"noise" * 1000, b"SQLite format 3\0" + bytes(4080)], ids=["empty", "noise", "cut"]
)
def test_a_damaged_file_is_as_if_it_were_not_there(kept: KeptResults, column: Column, content: bytes) -> None:
    path = Path(kept._path)
    path.parent.mkdir()
    path.write_bytes(content)
    assert kept.find([b"key"]) == {}
    kept.keep({b"key": column})
    assert kept.find([b"key"]) == {b"key": column}


def test_another_program_s_file_is_replaced(kept: KeptResults, column: Column) -> None:
    path = Path(kept._path)
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE answer (x)")
    connection.close()
    assert kept.find([b"key"]) == {}
    kept.keep({b"key": column})
    assert kept.find([b"key"]) == {b"key": column}


def test_a_damaged_answer_is_none(kept: KeptResults, column: Column) -> None:
    kept.keep({b"key": column})
    kept.close()
    with sqlite3.connect(kept._path) as connection:
        connection.execute("UPDATE body SET data = ?", (zlib.compress(json.dumps(["Column"]).encode()),))
    connection.close()
    assert KeptResults(kept._path, ROOM).find([b"key"]) == {}


def test_two_writers_do_not_lose_each_other_s(kept: KeptResults, column: Column) -> None:
    other = KeptResults(kept._path, ROOM)
    for number in range(4):
        kept.keep({b"mine%d" % number: column})
        other.keep({b"theirs%d" % number: column})
    assert len(kept.find([b"mine%d" % n for n in range(4)] + [b"theirs%d" % n for n in range(4)])) == 8
    other.close()


def test_who_finds_it_locked_goes_on_without(
    kept: KeptResults, column: Column, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("btfview.analysis.by_kernel.kept._WAIT_SECONDS", 0)
    kept.keep({b"key": column})
    other = sqlite3.connect(kept._path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    late = KeptResults(kept._path, ROOM)
    assert late.find([b"key"]) == {}
    late.keep({b"new": column})
    other.execute("ROLLBACK")
    other.close()
    assert late.find([b"key", b"new"]) == {b"key": column}
    late.close()


def test_the_longest_unused_go_first_and_this_run_s_stay(tmp_path: Path, column: Column) -> None:
    path, room = str(tmp_path / "results"), 64 << 10
    old = KeptResults(path, room)
    old.keep({b"%06d" % number: column for number in range(100)})
    old.close()
    new = KeptResults(path, room)
    assert new.find([b"000007"])
    keys = [b"new%06d" % number for number in range(600)]
    for start in range(0, len(keys), 100):
        new.keep(dict.fromkeys(keys[start : start + 100], column))
    found = new.find(keys)
    assert 100 < len(found) < len(keys), "what does not fit is not kept, and what was kept stays"
    assert keys[0] in found
    assert new.find([b"000006", b"000007"]).keys() == {b"000007"}
    assert Path(path).stat().st_size <= room
    new.close()


def test_a_full_disk_is_no_error(tmp_path: Path, column: Column) -> None:
    with full_disk(tmp_path / "disk", {}) as folder:
        kept = KeptResults(str(folder / "results"), ROOM)
        kept.keep({b"key": column})
        assert kept.find([b"key"]) == {}
        kept.close()
