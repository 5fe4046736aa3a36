"""The JSON contract of DESIGN section 8, key by key and type by type; and the report for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.btf.kinds import CoreReloKind
from btfview.compiler.options import CompileOptions
from btfview.source import read_source
from btfview.targets.target import Target
from btfview.views.report import report_json, report_text
from tests.analyses import analyse_object
from tests.btf.build import INT, Described, enum, struct
from tests.objects import Record, build_object
from tests.paths import DEMO

OFFSET, EXISTS = CoreReloKind.FIELD_BYTE_OFFSET, CoreReloKind.FIELD_EXISTS
STATUSES = {"resolved", "missing", "ambiguous", "error"}
KINDS = {kind.label for kind in CoreReloKind}

TYPE: dict[str, Any] = {"id": int, "kind": str, "name": str}
SOURCE: dict[str, Any] = {"file": str, "line": int, "column": int, "text": str}
HINT: dict[str, Any] = {
    "path": str,
    "grade": {"is", "likely", "perhaps"},
    "why": str,
    "reference": str,
    "code": (str, None),
}
RESULT: dict[str, Any] = {
    "target": str,
    "status": STATUSES,
    "value": (int, None),
    "poisoned": bool,
    "target_type": (TYPE, None),
    "target_spec": (str, None),
    "insn_before": (str, None),
    "insn_after": (str, None),
    "reason": (str, None),
    "hints": [HINT],
}
RELOCATION: dict[str, Any] = {
    "index": int,
    "program": str,
    "section": str,
    "insn_offset": int,
    "kind": str,
    "access": str,
    "path": str,
    "local_type": TYPE,
    "local_value": (int, None),
    "insn": (str, None),
    "source": (SOURCE, None),
    "results": [RESULT],
}
REPORT: dict[str, Any] = {
    "schema_version": {1},
    "file": str,
    "targets": [{"name": str, "path": str}],
    "relocations": [RELOCATION],
}
OPTIONAL: dict[str, Any] = {
    "reach": {"dead", "off", "otherwise", "maybe", "certain"},
    "alone": {"status": STATUSES, "value": (int, None)},
}


def check(value: Any, shape: Any, where: str = "report") -> None:
    """Assert that *value* has *shape*: a type, a set of values, a list or dict of shapes, a tuple of
    alternatives."""
    match shape:
        case tuple():
            if value is None:
                assert None in shape, where
            else:
                check(value, next(one for one in shape if one is not None), where)
        case set():
            assert value in shape, where
        case list():
            assert isinstance(value, list), where
            for number, one in enumerate(value):
                check(one, shape[0], f"{where}[{number}]")
        case dict():
            assert isinstance(value, dict), where
            assert shape.keys() - value.keys() == set(), where
            assert value.keys() - shape.keys() <= OPTIONAL.keys(), where
            for key, one in value.items():
                check(one, shape.get(key, OPTIONAL.get(key)), f"{where}.{key}")
        case _:
            assert type(value) is shape, f"{where}: {value!r}"


def test_every_object_of_the_corpus_keeps_the_contract(
    shared: Path, kernel_btf: Callable[[str], Path]
) -> None:
    targets = [
        Target(name, str(kernel_btf(name)), "file")
        for name in ("5.4.0-216-generic-amd64", "6.18.44-fc-amd64")
    ]
    seen: set[str] = set()
    for path in sorted((shared / "corpus" / "obj").glob("*.o")):
        report = json.loads(json.dumps(report_json(analyse(str(path), targets))))
        check(report, REPORT, path.name)
        assert [record["index"] for record in report["relocations"]] == [*range(len(report["relocations"]))]
        for record in report["relocations"]:
            assert [result["target"] for result in record["results"]] == [target.name for target in targets]
            for result in record["results"]:
                check_result(record, result)
                seen |= {result["status"], *(result.keys() & OPTIONAL.keys())}
    assert seen == STATUSES | OPTIONAL.keys()


def check_result(record: dict[str, Any], result: dict[str, Any]) -> None:
    """What DESIGN section 8 says of values, beyond their types."""
    status, is_poisoned = result["status"], result["poisoned"]
    assert (result["reason"] is None) == (status == "resolved")
    assert (result["value"] is None) == (
        status in ("ambiguous", "error") or (status == "missing" and is_poisoned)
    )
    if status == "missing":
        assert result["value"] in (0, None)
        is_answer = "exists" in record["kind"] or record["kind"].startswith("type_")
        assert is_poisoned != is_answer
        assert result["target_type"] is None
    if is_poisoned:
        assert result["insn_after"] == "call unknown#195896080"
    if status in ("ambiguous", "error") and not is_poisoned:
        assert result["insn_after"] == result["insn_before"]
    if record["kind"] in KINDS and status == "resolved" and record["kind"] != "type_id_local":
        assert result["target_type"]["id"] > 0


PAIR = struct("t", size=8, a=(INT, 0), b=(INT, 32))


def analysed(folder: Path, records: list[Record], **targets: Described) -> Analysis:
    kernels = {name: [described] for name, described in targets.items()}
    return analyse_object(folder, build_object([PAIR], records), **kernels)


def test_one_record_in_full(tmp_path: Path) -> None:
    analysis = analysed(tmp_path, [Record(OFFSET, "t", "0:1", 4)], moved=struct("t", size=16, b=(INT, 64)))
    assert report_json(analysis) == {
        "schema_version": 1,
        "file": str(tmp_path / "prog.o"),
        "targets": [{"name": "moved", "path": str(tmp_path / "moved.btf")}],
        "relocations": [
            {
                "index": 0,
                "program": "prog",
                "section": "socket",
                "insn_offset": 0,
                "kind": "field_byte_offset",
                "access": "0:1",
                "path": "t.b",
                "local_type": {"id": 2, "kind": "struct", "name": "t"},
                "local_value": 4,
                "insn": "r1 = 4",
                "source": None,
                "results": [
                    {
                        "target": "moved",
                        "status": "resolved",
                        "value": 8,
                        "poisoned": False,
                        "target_type": {"id": 2, "kind": "struct", "name": "t"},
                        "target_spec": "0:0",
                        "insn_before": "r1 = 4",
                        "insn_after": "r1 = 8",
                        "reason": None,
                        "hints": [],
                    }
                ],
            }
        ],
    }


def test_hints_are_for_what_fails_and_not_for_what_is_guarded(tmp_path: Path) -> None:
    records = [Record(EXISTS, "t", "0:1", 1), Record(OFFSET, "t", "0:1", 4)]
    renamed = struct("t", size=8, a=(INT, 0), __b=(INT, 32))
    asks, reads = report_json(analysed(tmp_path, records, has=PAIR, lacks=renamed))["relocations"]
    assert [result["status"] for result in (*asks["results"], *reads["results"])] == [
        "resolved",
        "missing",
    ] * 2
    assert [result["hints"] for result in asks["results"]] == [[], []]
    assert reads["results"][0]["hints"] == []
    assert [hint["path"] for hint in reads["results"][1]["hints"]] == ["t.__b"]


def test_an_unknown_kind_is_told_by_its_number(tmp_path: Path) -> None:
    (record,) = report_json(analysed(tmp_path, [Record(99, "t", "0:1", 4)], same=PAIR))["relocations"]
    (result,) = record["results"]
    assert "99" in record["kind"]
    assert (result["status"], result["reason"]) == ("error", "relocation kind 99 is unknown")


def test_text_says_what_fails_where_and_why(tmp_path: Path) -> None:
    records = [Record(OFFSET, "t", "0:1", 4), Record(EXISTS, "t", "0:1", 1), Record(OFFSET, "t", "0:0", 77)]
    same, without = PAIR, struct("t", size=4, a=(INT, 32))
    text = report_text(analysed(tmp_path, records, same=same, without=without))
    assert text.splitlines()[:7] == [
        f"{tmp_path / 'prog.o'}: 3 records, 2 targets",
        "",
        "      insn  kind               path  access  compiled  same     without",
        "socket · prog",
        "  #0  0     field_byte_offset  t.b   0:1     4         ✔ 4      ✖ missing",
        "  #1  1     field_exists       t.b   0:1     1         ✔ 1      ○ 0",
        "  #2  2     field_byte_offset  t.a   0:0     0         ! error  ! error",
    ]
    assert "✖ #0 t.b missing on without: struct t has no member b there" in text
    assert '! #2 t.a error on all targets: "r1 = 77" holds 77, but the record says that 0' in text


def test_text_on_many_targets_has_a_line_for_all_that_answer_alike(tmp_path: Path) -> None:
    records = [Record(OFFSET, "t", "0:1", 4), Record(OFFSET, "t", "0:0", 0)]
    moved, without = struct("t", size=16, a=(INT, 0), b=(INT, 64)), struct("t", size=4, a=(INT, 0))
    kernels = {f"5.{minor}.0-1-amd64": moved if minor > 7 else PAIR for minor in range(13)}
    kernels |= {f"6.{minor}.0-1-{arch}": without for minor in range(8) for arch in ("amd64", "arm64")}
    text = report_text(analysed(tmp_path, records, **kernels))
    assert text.splitlines()[2:] == [
        "      insn  kind               path  access  compiled",
        "socket · prog",
        "  #0  0     field_byte_offset  t.b   0:1     4",
        "        ✔ 4        on amd64 5.0 … 5.7 (8)",
        "        ▲ 8        on amd64 5.8 … 5.12 (5)",
        "        ✖ missing  on amd64 6.0 … 6.7 (8); arm64 all 8",
        "  #1  1     field_byte_offset  t.a   0:0     0",
        "        ✔ 0  on all 29 targets",
        "",
        "✖ #0 t.b missing on amd64 6.0 … 6.7 (8); arm64 all 8: struct t has no member b there",
    ]


def test_text_without_a_target_says_how_to_give_one(tmp_path: Path) -> None:
    text = report_text(analysed(tmp_path, [Record(OFFSET, "t", "0:1", 4)]))
    assert "1 record" in text.splitlines()[0]
    assert text.endswith("No target given: -t running, or another that `btfview targets` lists.")


def test_text_of_an_object_without_records(tmp_path: Path) -> None:
    assert report_text(analysed(tmp_path, [], same=PAIR)) == f"{tmp_path / 'prog.o'}: 0 records, 1 target"


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\nb", "\x9b1m", "\u202e", "\x7f"])
def test_text_has_no_control_characters(hostile: str, tmp_path: Path) -> None:
    name = f"t{hostile}"
    data = build_object([struct(name, size=4, **{hostile: (INT, 0)})], [Record(OFFSET, name, "0:0", 0)])
    text = report_text(analyse_object(tmp_path, data, target=[INT, enum("bpf_func_id")]))
    assert all(line.isprintable() for line in text.splitlines())
    assert len(text.splitlines()) == 7


def test_a_report_of_a_source_names_the_options_that_it_was_compiled_with() -> None:
    source = read_source(str(DEMO / "sched.rs"))
    big = analyse("sched.rs", (), CompileOptions(cpu="v4", endian="big"), source=source)
    assert report_json(big)["options"] == {
        "cpu": "v4",
        "endian": "big",
        "dialect": "auto",
        "frontend": "builtin",
    }
    assert report_text(big).startswith("sched.rs: 4 records; compiled with --cpu v4 --endian big\n")
    plain = analyse("sched.rs", source=source)
    assert report_json(plain)["options"] == {
        "cpu": "v3",
        "endian": "little",
        "dialect": "auto",
        "frontend": "builtin",
    }
    assert report_text(plain).startswith("sched.rs: 4 records\n")
