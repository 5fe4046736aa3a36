"""Methods of integers in constants: rustc works out the same values, and rejects the same ones (E0080)."""

from __future__ import annotations

import re

import pytest

from btfview.compiler.rust.report import MAX_SHOWN
from btfview.source import Source
from tests.compiler.rust.front_end_helpers import build
from tests.rustc import Rustc

BINARY = [
    "wrapping_add",
    "wrapping_sub",
    "wrapping_mul",
    "saturating_add",
    "saturating_sub",
    "saturating_mul",
    "midpoint",
    "abs_diff",
    "saturating_div",
    "rem_euclid",
    "div_euclid",
    "wrapping_div",
    "wrapping_rem",
    "wrapping_div_euclid",
    "wrapping_rem_euclid",
]
OPTIONS = ["checked_add", "checked_sub", "checked_mul", "checked_div", "checked_rem", "checked_div_euclid"]
PAIRS = ["overflowing_add", "overflowing_sub", "overflowing_mul", "overflowing_div", "overflowing_rem_euclid"]
UNARY = [
    "wrapping_neg",
    "swap_bytes",
    "reverse_bits",
    "count_ones",
    "count_zeros",
    "leading_zeros",
    "trailing_zeros",
    "leading_ones",
    "trailing_ones",
    "ilog2",
]
SIGNED = [
    "saturating_neg",
    "saturating_abs",
    "wrapping_abs",
    "abs",
    "unsigned_abs",
    "cast_unsigned",
    "signum",
]
UNSIGNED = ["next_power_of_two", "cast_signed", "is_power_of_two"]
SHIFTS = [
    "wrapping_shl",
    "wrapping_shr",
    "unbounded_shl",
    "unbounded_shr",
    "rotate_left",
    "rotate_right",
    "pow",
    "wrapping_pow",
    "saturating_pow",
]
TYPES = ("u8", "i16", "u32", "i64")


def edges(kind: str) -> list[str]:
    values = [
        f"{kind}::MAX",
        f"({kind}::MAX - 1)",
        f"{kind}::MIN",
        f"0{kind}",
        f"1{kind}",
        f"6{kind}",
        f"100{kind}",
    ]
    return [*values, f"(-1{kind})", f"(-7{kind})"] if kind[0] == "i" else values


def expressions(kind: str) -> list[str]:
    """Return one expression of type u64 for each method and pair of edges."""
    found: list[str] = []
    for x in edges(kind):
        for y in edges(kind):
            found += [f"{x}.{name}({y}) as u64" for name in BINARY]
            found += [f"{x}.{name}({y}).0 as u64 ^ {x}.{name}({y}).1 as u64" for name in PAIRS]
            if kind[0] == "u":
                found += [
                    f"{x}.{name}({y}) as u64" for name in ("next_multiple_of", "is_multiple_of", "div_ceil")
                ]
        for amount in (0, 1, 3, 8, 31, 63, 65):
            found += [f"{x}.{name}({amount}) as u64" for name in SHIFTS]
            found.append(f"{x}.overflowing_shl({amount}).0 as u64")
        found += [f"{x}.{name}() as u64" for name in (*UNARY, *(SIGNED if kind[0] == "i" else UNSIGNED))]
        found.append(f"{x}.to_be_bytes()[0] as u64 ^ {kind}::from_be_bytes({x}.to_ne_bytes()) as u64")
        found.append(f"{x}.to_be() as u64 ^ {kind}::from_le({x}) as u64")
    return found


def options(kind: str) -> list[str]:
    """Return one expression of type ``Option<kind>`` for each checked method and pair of edges."""
    found = [f"{x}.{name}({y})" for x in edges(kind) for y in edges(kind) for name in OPTIONS]
    found += [f"{x}.checked_pow({amount})" for x in edges(kind) for amount in (0, 1, 3, 9, 64, 100_000)]
    return found + [f"{x}.checked_neg()" for x in edges(kind)]


def bytes_of(ir: str) -> bytes:
    """Return the initial value of the static ``TABLE``."""
    (data,) = re.findall(r'^@TABLE = dso_local global \[\d+ x i8\] c"((?:[^"])*)"', ir, re.MULTILINE)
    return re.sub(rb"\\([0-9A-F]{2})", lambda match: bytes([int(match[1], 16)]), data.encode())


def words_of(data: bytes, size: int) -> list[int]:
    return [int.from_bytes(data[at : at + size], "little") for at in range(0, len(data), size)]


def printing(text: str, what: str) -> str:
    """Return a program that prints *what* of each ``value`` of ``TABLE``."""
    return f"{text}fn main() {{ for value in TABLE {{ {what} }} }}\n"


@pytest.mark.parametrize("kind", TYPES)
def test_values_and_panics_are_rustc_s(kind: str, rustc: Rustc) -> None:
    lines = [f"const C{index}: u64 = {text};" for index, text in enumerate(expressions(kind))]
    source = Source("lib.rs", "#![allow(unused)]\n" + "\n".join(lines) + "\n")
    ours = set()
    for start in range(0, len(lines), MAX_SHOWN):  # each in its line, so many at a time as are told
        part = Source("lib.rs", "\n" * (start + 1) + "\n".join(lines[start : start + MAX_SHOWN]) + "\n")
        errors = [item for item in build(part.text).diagnostics if item.is_error]
        ours |= {(part.location(item.span.start).line, item.code or "") for item in errors}
    theirs = {place for place in rustc.errors(source.text) if place[1] == "E0080"}
    assert theirs
    assert ours == theirs

    failing = {line - 2 for line, _ in theirs}
    kept = [line for index, line in enumerate(lines) if index not in failing]
    names = [line.split(":")[0].removeprefix("const ") for line in kept]
    table = f"static TABLE: [u64; {len(names)}] = [{', '.join(names)}];\n"
    text = "#![allow(unused)]\n" + "\n".join(kept) + "\n" + table
    result = build(text)
    assert result.ir is not None, result.diagnostics
    assert words_of(bytes_of(result.ir), 8) == rustc.numbers(printing(text, 'println!("{value}");'))
    assert len(names) > 800


@pytest.mark.parametrize("kind", TYPES)
def test_checked_values_are_rustc_s(kind: str, rustc: Rustc) -> None:
    items = options(kind)
    text = f"#![allow(unused)]\nstatic TABLE: [Option<{kind}>; {len(items)}] = [{', '.join(items)}];\n"
    result = build(text)
    assert result.ir is not None, result.diagnostics
    unsigned = "u" + kind[1:]
    what = f'println!("{{}} {{}}", value.is_some() as u8, value.unwrap_or(0) as {unsigned});'
    # ours: a flag, then the value at its own alignment
    assert words_of(bytes_of(result.ir), int(kind[1:]) // 8) == rustc.numbers(printing(text, what))


def test_byte_order_is_the_target_s() -> None:
    """Bytes of 0x01020304 as RFC 1700 and the two orders of BPF have them."""
    text = "static TABLE: [u32; 2] = [0x01020304u32.to_be(), u32::from_ne_bytes([1, 2, 3, 4])];\n"
    little, big = (build(text, endian=endian).ir or "" for endian in ("little", "big"))
    assert r'c"\01\02\03\04\01\02\03\04"' in little
    assert r'c"\01\02\03\04\01\02\03\04"' in big
