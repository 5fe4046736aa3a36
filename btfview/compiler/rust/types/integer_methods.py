"""The methods of integers that are known: what checks, constants and lowering read of each.

Constants and lowering have a method ``_<operation>`` for each operation here; those with a
:attr:`IntegerOperation.bound` share one for all bounds.
"""

from __future__ import annotations

from btfview.frozen import frozen

SAME, SHIFT = "same", "u32"
"""What an argument is: of the receiver's type, or a number of bits or an exponent."""


@frozen
class IntegerOperation:
    """One method of integers."""

    name: str
    takes: tuple[str, ...] = ()
    """What stands beside the receiver: :data:`SAME` or :data:`SHIFT`."""
    gives: str = SAME
    """``same``, ``option``, ``overflow`` (a pair with a flag), ``u32``, ``option_u32``, ``bool``, ``bytes``,
    or the type of the same size that is ``signed`` or ``unsigned``."""
    only: str = ""
    """``signed`` or ``unsigned`` where the others have no such method."""
    bound: str = ""
    """What becomes of a result that does not fit: ``wrapping``, ``checked``, ``overflowing``, ``saturating``;
    ``unbounded`` for shifts. Empty where it panics, or always fits."""
    operation: str = ""
    """What is worked out: the name without its bound."""


_GIVES = {"checked": "option", "overflowing": "overflow"}
_BOUNDED: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("add sub mul div", "wrapping checked overflowing saturating", (SAME,), ""),
    ("rem div_euclid rem_euclid", "wrapping checked overflowing", (SAME,), ""),
    ("pow", "wrapping checked overflowing saturating", (SHIFT,), ""),
    ("shl shr", "wrapping checked overflowing unbounded", (SHIFT,), ""),
    ("neg", "wrapping checked overflowing", (), ""),
    ("neg", "saturating", (), "signed"),
    ("abs", "wrapping checked overflowing saturating", (), "signed"),
)
_OTHERS: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("min max rem_euclid div_euclid midpoint", (SAME,), SAME, ""),
    ("div_ceil next_multiple_of", (SAME,), SAME, "unsigned"),
    ("clamp", (SAME, SAME), SAME, ""),
    ("pow rotate_left rotate_right", (SHIFT,), SAME, ""),
    ("swap_bytes reverse_bits to_be to_le", (), SAME, ""),
    ("abs signum", (), SAME, "signed"),
    ("next_power_of_two", (), SAME, "unsigned"),
    ("checked_next_power_of_two", (), "option", "unsigned"),
    ("count_ones count_zeros leading_zeros trailing_zeros leading_ones trailing_ones ilog2", (), "u32", ""),
    ("checked_ilog2", (), "option_u32", ""),
    ("unsigned_abs cast_unsigned", (), "unsigned", "signed"),
    ("cast_signed", (), "signed", "unsigned"),
    ("abs_diff", (SAME,), "unsigned", ""),
    ("is_positive is_negative", (), "bool", "signed"),
    ("is_power_of_two", (), "bool", "unsigned"),
    ("is_multiple_of", (SAME,), "bool", "unsigned"),
    ("to_ne_bytes to_be_bytes to_le_bytes", (), "bytes", ""),
)

METHODS: dict[str, IntegerOperation] = {
    found.name: found
    for found in (
        *(
            IntegerOperation(f"{bound}_{name}", takes, _GIVES.get(bound, SAME), only, bound, name)
            for names, bounds, takes, only in _BOUNDED
            for name in names.split()
            for bound in bounds.split()
        ),
        *(
            IntegerOperation(name, takes, gives, only, "", name)
            for names, takes, gives, only in _OTHERS
            for name in names.split()
        ),
    )
}
"""By name."""
FROM_BYTES = {
    name: IntegerOperation(name, ("bytes",), operation=name) for name in ("from_le_bytes", "from_be_bytes")
}
"""Functions that make an integer of bytes, as ``u32::from_le_bytes``."""
