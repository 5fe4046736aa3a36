"""Every method of the table is checked, worked out in a constant, and lowered; and only where it exists."""

from __future__ import annotations

import pytest

from btfview.compiler.rust.types.integer_methods import METHODS, SAME
from tests.compiler.rust.front_end_helpers import build

KINDS = {"signed": "i32", "unsigned": "u32"}
NOT_IN_CONSTANTS = ("min", "max", "clamp")
"""Methods of traits, which a constant cannot call yet (rustc: E0658)."""


def program(name: str, kind: str) -> str:
    """Return a program that calls a method on a constant, and on a value that is not known."""
    kinds = [kind if takes == SAME else "u32" for takes in METHODS[name].takes]
    known = ", ".join(f"{value}{wanted}" for value, wanted in enumerate(kinds, 2))
    given = ", ".join(f"x{index} as {wanted}" for index, wanted in enumerate(kinds))
    constant = f"const _: () = {{ 6{kind}.{name}({known}); }};\n"
    return ("" if name in NOT_IN_CONSTANTS else constant) + (
        f"pub fn f(x: {kind}, x0: u64, x1: u64) {{ core::hint::black_box(x.{name}({given})); }}\n"
    )


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("sign", KINDS)
def test_each_method_goes_all_the_way_where_core_has_it(name: str, sign: str) -> None:
    result = build(program(name, KINDS[sign]), cpu="v4")
    messages = [item.message for item in result.diagnostics]
    if METHODS[name].only in ("", sign):
        assert (messages, result.ir is not None) == ([], True)
    else:
        wrong = f"no method named `{name}` found for type `{KINDS[sign]}` in the current scope"
        assert wrong in messages


@pytest.mark.parametrize("kind", ["u8", "i64"])
@pytest.mark.parametrize("order", ["le", "be", "ne"])
def test_bytes_go_all_the_way_back(kind: str, order: str) -> None:
    known = f"{kind}::from_{order}_bytes(6{kind}.to_{order}_bytes()) == 6"
    given = f"{kind}::from_{order}_bytes(x.to_{order}_bytes())"
    result = build(f"const _: () = assert!({known});\npub fn f(x: {kind}) -> {kind} {{ {given} }}\n")
    assert [item.message for item in result.diagnostics] == []
