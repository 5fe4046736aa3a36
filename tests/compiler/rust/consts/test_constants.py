"""Literals and constant expressions. Expected values are those of the Rust reference (tokens: literals)."""

from __future__ import annotations

import pytest

from btfview.compiler.rust.syntax.literals import char_value, integer_value
from tests.compiler.rust.front_end_helpers import build, problems


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", (0, "")),
        ("1_000u64", (1000, "u64")),
        ("0xff_u8", (255, "u8")),
        ("0o17", (15, "")),
        ("0b1111_0000i16", (240, "i16")),
        ("123isize", (123, "isize")),
        ("0b12", None),
        ("0x", None),
        ("5u9", None),
    ],
)
def test_integer_literals(text: str, value: tuple[int, str] | None) -> None:
    assert integer_value(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a'", (97, False)),
        ("b'a'", (97, True)),
        (r"'\n'", (10, False)),
        (r"'\x7f'", (127, False)),
        (r"b'\xff'", (255, True)),
        (r"'\u{1F600}'", (0x1F600, False)),
        ("'ü'", (0xFC, False)),
        ("b'ü'", None),
        (r"'\xff'", None),
        (r"'\u{D800}'", None),
        (r"'\q'", None),
        ("'ab'", None),
    ],
)
def test_character_literals(text: str, value: tuple[int, bool] | None) -> None:
    assert char_value(text) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 << 4) - 1", 15),
        ("0xf0 & !0x10", 0xE0),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("-1 >> 1", -1),
        ("if 1 < 2 { 5 } else { 6 }", 5),
        ("300 as u8 as i64", None),
        ("(300i32 as u8) as i64", 44),
        ("-1i8 as u8 as i64", 255),
        ("true as i64 + 'a' as i64", 98),
        ("[1, 2, 3][1]", 2),
        ("core::mem::size_of::<[u32; 3]>() as i64", 12),
        ("{ 4 }", 4),
        ("i64::MAX", 2**63 - 1),
    ],
)
def test_constant_expressions(expression: str, value: int | None) -> None:
    text = f"const A: i64 = {expression};\npub fn f() -> i64 {{ A }}"
    ir = build(text).ir
    if value is None:  # rustc: literal out of range for `u8`
        assert problems(text)
        return
    assert ir is not None
    assert f"ret i64 {value}," in ir


# rustc's code is compared in test_errors_like_rustc.py, for the same constants.
@pytest.mark.parametrize("expression", ["i64::MAX + 1", "1 / (1 - 1)", "1 / 0", "1 << 64", "-i64::MIN"])
def test_a_constant_that_overflows_is_an_error(expression: str) -> None:
    assert [item.code for item in build(f"const A: i64 = {expression};").diagnostics] == ["E0080"]


def test_byte_strings_make_statics() -> None:
    ir = build(r'pub static A: [u8; 6] = *b"a\0\\\"\x7f\n";').ir
    assert ir is not None
    assert r'@A = dso_local global [6 x i8] c"a\00\5C\22\7F\0A", section ".rodata", align 1' in ir
