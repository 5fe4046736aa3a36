"""A front end's job and its result as bytes, for the process that it runs in.

Values of ours go as the index of their class and their fields, through :mod:`marshal`, which both sides have
in the same version: they run the same Python. ``pickle`` would cost 5 ms to import.
"""

from __future__ import annotations

import marshal

from btfview.compiler.options import CompileOptions
from btfview.compiler.result import BakedIn, FunctionItem, Program, Query, StructField, StructItem
from btfview.diagnostics import Diagnostic, Label
from btfview.frozen import frozen
from btfview.source import Location, Source, Span

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any


@frozen
class FrontEndResult:
    """``program`` and ``ir`` are None exactly when ``diagnostics`` holds an error."""

    program: Program | None
    ir: str | None
    diagnostics: tuple[Diagnostic, ...]
    is_repeatable: bool = True
    """Whether the text is what the errors follow from: not of a process that was stopped."""
    modules: tuple[tuple[str, str], ...] = ()
    """Path and text of the files that the source brought."""


_CLASSES: tuple[type[Any], ...] = (
    FrontEndResult, Program, StructItem, StructField, FunctionItem, Query, BakedIn, Diagnostic, Label, Span,
    Location,
)  # fmt: skip
_INDEX = {cls: index for index, cls in enumerate(_CLASSES)}


def encode_result(result: FrontEndResult) -> bytes:
    return marshal.dumps(_pack(result))


def decode_result(data: bytes) -> FrontEndResult:
    """Return what :func:`encode_result` made *data* of."""
    result = _unpack(marshal.loads(data))  # noqa: S302  from a process of ours
    assert isinstance(result, FrontEndResult)
    return result


def encode_job(source: Source, options: CompileOptions, time_limit: float) -> bytes:
    """Return what is to be built; *time_limit* is in seconds."""
    chosen = (options.cpu, options.endian, options.dialect)
    return marshal.dumps((source.path, source.text, chosen, time_limit))


def decode_job(data: bytes) -> tuple[Source, CompileOptions, float]:
    path, text, chosen, time_limit = marshal.loads(data)  # noqa: S302  from a process of ours
    return Source(path, text), CompileOptions(*chosen), time_limit


def _pack(value: Any) -> Any:
    """Return *value* as marshal takes it: a list stands for an instance, its class first."""
    index = _INDEX.get(value.__class__)
    if index is not None:
        fields = value.__class__.__match_args__
        return [index, *(_pack(getattr(value, name)) for name in fields)]
    return tuple(map(_pack, value)) if isinstance(value, tuple) else value


def _unpack(value: Any) -> Any:
    if value.__class__ is list:
        return _CLASSES[value[0]](*map(_unpack, value[1:]))
    return tuple(map(_unpack, value)) if value.__class__ is tuple else value
