"""Whether patterns cover every value of a type."""

from __future__ import annotations

from btfview.compiler.rust.check.body import Checker
from btfview.compiler.rust.typed.patterns import (
    ArrayPattern,
    Binding,
    NonePattern,
    OrPattern,
    Pattern,
    RangePattern,
    RefPattern,
    ResultPattern,
    SomePattern,
    StructPattern,
    TuplePattern,
    Wildcard,
)
from btfview.compiler.rust.types.kinds import (
    BOOL,
    CHAR,
    ERROR,
    ArrayType,
    EnumType,
    IntType,
    OptionType,
    PointerType,
    ResultType,
    StructType,
    TupleType,
    Type,
    format_type,
    resolve,
)

MAX_STEPS = 20_000
"""Splits of one ``match``. Their number can be exponential in that of the columns."""


class TooComplexError(Exception):
    """The patterns need more than :data:`MAX_STEPS` splits."""


def uncovered(patterns: list[Pattern], found: Type) -> str | None:
    """Return a value that none of *patterns* takes, written as a pattern; None if there is none.

    The algorithm is that of Maranget, "Warnings for pattern matching", which rustc uses, too: take one column
    apart by the constructors of its type, then look at what is left of the rows.

    Raises:
        TooComplexError: it would take too long.
    """
    missing = _Coverage().missing([[pattern] for pattern in patterns], [found])
    return missing[0] if missing is not None else None


def is_irrefutable(pattern: Pattern, found: Type) -> bool:
    return uncovered([pattern], found) is None


_Rows = list[list[Pattern]]


class _Coverage:
    def __init__(self) -> None:
        self.steps = 0

    def missing(self, rows: _Rows, types: list[Type]) -> list[str] | None:
        """Return one value for each column that no row takes."""
        if not types:
            return None if rows else []
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TooComplexError
        rows = [flat for row in rows for flat in _flatten(row)]
        found, rest = resolve(types[0]), types[1:]
        if rows and all(isinstance(row[0], Wildcard) for row in rows):
            after = self.missing([row[1:] for row in rows], rest)
            return None if after is None else ["_", *after]
        match found:
            case TupleType(elements):
                return self._product(rows, list(elements), rest, found, "({})")
            case StructType() as struct:
                parts = [field.type for field in struct.fields]
                return self._product(rows, parts, rest, found, _template(struct))
            case ArrayType() as array:
                named = [row[0] for row in rows if isinstance(row[0], ArrayPattern)]
                places = sorted({index for pattern in named for index, _ in pattern.elements})
                return self._array(rows, places, array, rest)
            case PointerType(pointee, _, True) if any(isinstance(row[0], RefPattern) for row in rows):
                return self._product(rows, [pointee], rest, found, "&{}")
            case OptionType(inner):
                none = [row[1:] for row in rows if isinstance(row[0], (NonePattern, Wildcard))]
                after = self.missing(none, rest)
                if after is not None:
                    return ["None", *after]
                some: _Rows = []
                for row in rows:
                    if isinstance(row[0], (SomePattern, Wildcard)):
                        part = row[0].inner if isinstance(row[0], SomePattern) else row[0]
                        some.append([part, *row[1:]])
                return self._wrapped(some, inner, rest, "Some({})")
            case ResultType(ok, err):
                return self._result(rows, True, ok, rest) or self._result(rows, False, err, rest)
        return self._values(rows, found, rest)

    def _wrapped(self, rows: _Rows, inner: Type, rest: list[Type], shown: str) -> list[str] | None:
        after = self.missing(rows, [inner, *rest])
        return None if after is None else [shown.format(after[0]), *after[1:]]

    def _result(self, rows: _Rows, is_ok: bool, inner: Type, rest: list[Type]) -> list[str] | None:
        kept: _Rows = []
        for row in rows:
            if isinstance(row[0], Wildcard):
                kept.append(row)
            elif isinstance(row[0], ResultPattern) and row[0].is_ok == is_ok:
                kept.append([row[0].inner, *row[1:]])
        return self._wrapped(kept, inner, rest, "Ok({})" if is_ok else "Err({})")

    def _product(
        self, rows: _Rows, parts: list[Type], rest: list[Type], found: Type, shown: str
    ) -> list[str] | None:
        taken = [[*_parts_of(row[0], len(parts)), *row[1:]] for row in rows]
        after = self.missing(taken, [*parts, *rest])
        if after is None:
            return None
        inside = after[: len(parts)]
        whole = f"({', '.join(inside)})" if isinstance(found, TupleType) else shown.format(*inside)
        return [whole, *after[len(parts) :]]

    def _array(self, rows: _Rows, places: list[int], array: ArrayType, rest: list[Type]) -> list[str] | None:
        """Take apart the elements that a row names; those between are shown as ``..``."""
        taken: _Rows = []
        for row in rows:
            first = row[0]
            by_index = dict(first.elements) if isinstance(first, ArrayPattern) else {}
            parts = [by_index.get(place, Wildcard(first.span)) for place in places]
            taken.append([*parts, *row[1:]])
        after = self.missing(taken, [array.element] * len(places) + rest)
        if after is None:
            return None
        shown: list[str] = []
        for index, place in enumerate(places):
            if place != (places[index - 1] + 1 if index else 0):
                shown.append("..")
            shown.append(after[index])
        if not places or places[-1] != array.length - 1:
            shown.append("..")
        return [f"[{', '.join(shown)}]", *after[len(places) :]]

    def _values(self, rows: _Rows, found: Type, rest: list[Type]) -> list[str] | None:
        """Split the values of an integer, bool, char or enum where a row begins or ends."""
        domain = _domain(found)
        ranges = [row[0] for row in rows if isinstance(row[0], RangePattern)]
        if domain is None or (not ranges and not isinstance(found, EnumType) and found is not BOOL):
            wild = [row[1:] for row in rows if isinstance(row[0], Wildcard)]
            after = self.missing(wild, rest)
            return None if after is None else ["_", *after]
        edges = {low for low, _ in domain}
        for pattern in ranges:
            edges |= {pattern.low, pattern.high + 1}
        cuts = sorted(edges)
        if not rest:  # the last column needs no rows, only whether there is one
            return self._gap(rows, ranges, domain, found)
        for low, high in domain:
            inside = [cut for cut in cuts if low <= cut <= high]
            for start, end in zip(inside, [*(cut - 1 for cut in inside[1:]), high], strict=True):
                kept = [
                    row[1:]
                    for row in rows
                    if isinstance(row[0], Wildcard)
                    or (isinstance(row[0], RangePattern) and row[0].low <= start and end <= row[0].high)
                ]
                after = self.missing(kept, rest)
                if after is not None:
                    return [format_range(start, end, found), *after]
        return None

    def _gap(
        self, rows: _Rows, ranges: list[RangePattern], domain: list[tuple[int, int]], found: Type
    ) -> list[str] | None:
        if any(isinstance(row[0], Wildcard) for row in rows):
            return None
        ordered = sorted((pattern.low, pattern.high) for pattern in ranges)
        index, covered = 0, -(1 << 70)
        for low, high in domain:
            position = low
            while index < len(ordered) and ordered[index][0] <= position:
                covered = max(covered, ordered[index][1])
                index += 1
                position = max(position, min(covered, high) + 1)
            position = max(position, min(covered, high) + 1)
            if position <= high:
                following = ordered[index][0] - 1 if index < len(ordered) else high
                return [format_range(position, min(high, following), found)]
        return None


def _template(struct: StructType) -> str:
    """Return a pattern of *struct* with ``{}`` for each field."""
    if struct.shape == "tuple":
        return f"{struct.name}({', '.join('{}' for _ in struct.fields)})"
    if struct.shape == "unit":
        return struct.name
    names = ", ".join(f"{field.name}: {{}}" for field in struct.fields)
    return f"{struct.name} {{{{ {names} }}}}"


def _parts_of(pattern: Pattern, count: int) -> list[Pattern]:
    match pattern:
        case TuplePattern(elements=elements):
            return list(elements)
        case StructPattern(fields=fields):
            by_index = {field.index: part for field, part in fields}
            return [by_index.get(index, Wildcard(pattern.span)) for index in range(count)]
        case RefPattern(inner=inner):
            return [inner]
    return [Wildcard(pattern.span)] * count


def _flatten(row: list[Pattern]) -> _Rows:
    """Return *row* once for each alternative of its first pattern, with names taken off that one."""
    first = row[0]
    match first:
        case OrPattern(alternatives=alternatives):
            return [flat for part in alternatives for flat in _flatten([part, *row[1:]])]
        case Binding(span=span, inner=inner):
            return _flatten([inner, *row[1:]]) if inner is not None else [[Wildcard(span), *row[1:]]]
    return [row]


def value_range(found: Type) -> tuple[int, int] | None:
    """Return the least and greatest value of an integer, bool or char."""
    found = resolve(found)
    if isinstance(found, IntType):
        return found.minimum, found.maximum
    return (0, 1) if found is BOOL else (0, 0x10FFFF) if found is CHAR else None


def _domain(found: Type) -> list[tuple[int, int]] | None:
    if isinstance(found, EnumType):
        return sorted((variant.value, variant.value) for variant in found.variants)
    if found is CHAR:
        return [(0, 0xD7FF), (0xE000, 0x10FFFF)]  # surrogates are no chars
    bounds = value_range(found)
    return [bounds] if bounds is not None else None


def format_range(low: int, high: int, found: Type) -> str:
    """Return the values from *low* to *high* as a pattern."""
    if isinstance(found, EnumType):
        name = next((variant.name for variant in found.variants if variant.value == low), "_")
        return f"{found.name}::{name}"
    if found is BOOL:
        return "_" if low != high else "true" if low else "false"
    if found is CHAR:
        return f"'\\u{{{low:x}}}'" if low == high else f"'\\u{{{low:x}}}'..='\\u{{{high:x}}}'"
    name = format_type(found)
    bounds = value_range(found) or (0, 0)
    if (low, high) == bounds:
        return "_"
    first = f"{name}::MIN" if low == bounds[0] and low != high else f"{low}_{name}"
    last = f"{name}::MAX" if high == bounds[1] and low != high else f"{high}_{name}"
    return first if low == high else f"{first}..={last}"


def check_total_later(checker: Checker, pattern: Pattern, found: Type, where: str) -> None:
    """Complain, when types are known, about a pattern that does not fit every value where it has to."""
    checker.later(lambda: _check_total(checker, pattern, found, where))


def _check_total(checker: Checker, pattern: Pattern, found: Type, where: str) -> None:
    try:
        is_total = resolve(found) is ERROR or is_irrefutable(pattern, found)
    except TooComplexError:
        is_total = False
    if not is_total:
        checker.report.error(
            pattern.span,
            f"refutable pattern in {where}",
            code="E0005",
            hint="use `if let`, `match` or `let .. else`",
        )
