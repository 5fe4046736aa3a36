"""Which hints of ``repr`` go together, and what can be derived (rustc: ``check_attr``, ``derive``)."""

from __future__ import annotations

from btfview.source import Span

from .rust.report import Report
from .rust.types.kinds import PRIMITIVES


def check_hints(report: Report, hints: list[tuple[str, Span]], *, is_union: bool) -> None:
    """Complain about hints of a struct or union, in the order written, that exclude one another."""
    words = {word for word, _ in hints}
    transparent = next((span for word, span in hints if word == "transparent"), None)
    if transparent is not None and len(hints) > 1:
        message = "transparent struct cannot have other repr hints"
        report.error(transparent, message, code="E0692", hint="drop `transparent`, or the others")
    elif transparent is not None and is_union:
        report.error(transparent, "transparent unions are unstable", code="E0658", hint="use `repr(C)`")
    if "Rust" in words and words & {"C", "Btf"}:
        _conflict(report, next(span for word, span in hints if word in ("C", "Btf", "Rust")))


def check_enum_hints(report: Report, hints: list[tuple[str, Span]]) -> None:
    """Complain about hints of an enum without fields: one says how its values are kept."""
    sizes = [(word, span) for word, span in hints if word == "C" or word in PRIMITIVES]
    if len(sizes) > 1 and {word for word, _ in sizes} != {"C"}:
        _conflict(report, sizes[0][1])


def _conflict(report: Report, span: Span) -> None:
    report.error(span, "conflicting representation hints", code="E0566", hint="keep one of them")


_NEEDS = {"Copy": "Clone", "Eq": "PartialEq", "PartialOrd": "PartialEq", "Ord": "PartialOrd"}
_READS_FIELDS = ("Debug", "PartialEq", "PartialOrd", "Ord", "Hash")


def check_derives(
    report: Report, derives: dict[str, Span], span: Span, marker: str | None, *, is_union: bool
) -> None:
    """Complain about traits, by name with their places, that the struct at *span* cannot have derived."""
    for name, place in derives.items():
        if marker is not None and name in _READS_FIELDS:
            # What rustc expands it to reads `self.field`, which is banned.
            report.error(
                place,
                f"cannot derive `{name}` for a `#[{marker}]` type",
                label="it would read every field directly",
                hint="`Clone` and `Copy` together copy the whole",
            )
        elif is_union and name not in ("Clone", "Copy", "Eq"):
            report.error(place, "this trait cannot be derived for unions", hint="read one of its fields")
        elif is_union and name == "Clone" and "Copy" not in derives:
            message = "the trait bound `Copy` is not satisfied: a union is cloned by copying it"
            report.error(place, message, code="E0277", hint="derive `Copy`, too")
        elif name in _NEEDS and _NEEDS[name] not in derives and not is_union:
            message = f"`{name}` needs `{_NEEDS[name]}`, which is not derived"
            report.error(span, message, code="E0277", hint=f"derive `{_NEEDS[name]}`, too")
