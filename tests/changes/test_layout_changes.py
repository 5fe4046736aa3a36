"""Layouts compared as data: places and sizes are numbers, whatever text a row shows of them."""

from __future__ import annotations

from btfview.changes.layout_changes import FieldStatus, compare_type, type_change_json
from btfview.changes.status import Status
from tests.btf.build import INT, build_btf, enum, struct


def test_a_bitfield_that_becomes_a_byte_is_resized_and_its_json_counts_bits() -> None:
    old = build_btf(struct("s", a=(INT, 0), flag=(INT, 35, 8), size=8))
    new = build_btf(struct("s", a=(INT, 0), flag=(INT, 35, 3), size=8))
    change = compare_type(old, new, "s")
    assert change is not None
    assert change.status == Status.CHANGED
    (field,) = change.fields
    assert (field.path, field.status, field.shift) == ("flag", (FieldStatus.RESIZED,), 0)
    (told,) = type_change_json(change)["fields"]
    assert told["old"] == {"bit_offset": 35, "bit_size": 8, "type": "int"}
    assert told["new"] == {"bit_offset": 35, "bit_size": 3, "type": "int"}


def test_an_enumerator_has_a_value_and_no_place() -> None:
    change = compare_type(
        build_btf(enum("e", signed=True, A=0, B=-1, D=5)), build_btf(enum("e", A=0, B=7, C=2)), "e"
    )
    assert change is not None
    assert [(one.path, one.status) for one in change.fields] == [
        ("B", (FieldStatus.RENUMBERED,)),
        ("C", (FieldStatus.ADDED,)),
        ("D", (FieldStatus.REMOVED,)),
    ]
    told = type_change_json(change)["fields"]
    assert (told[0]["old"], told[0]["new"]) == ({"value": -1}, {"value": 7})
    assert (told[1]["old"], told[2]["new"]) == (None, None)
