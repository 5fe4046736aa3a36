"""What a kernel says to an object as bytes, to be kept: JSON, of which nothing but values is made.

What is read is held against the fields of each class. A file in the user's cache may hold anything, and what
is no answer is told as such; nothing in it is ever run.
"""

from __future__ import annotations

import json
import zlib

from btfview.analysis.declared import Declared
from btfview.analysis.resolve_on import Column
from btfview.bpf.reach import Reach
from btfview.core_relo.loaders.answer import LoadEnd
from btfview.core_relo.outcome import Ambiguous, Misread, Missing, Refused, ReloResult, Resolved
from btfview.demands.demand import Met, NotMet, Unknown
from btfview.demands.program.baked_in import BakedIn
from btfview.demands.reasons import Reason
from btfview.demands.verdict import PartVerdict, Verdict
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.hints.shape import Shape

from .slim import NO_TRACE, SOME_TRACE

if TYPE_CHECKING:
    from typing import Any

MAX_ANSWER = 64 << 20
"""Bytes of JSON that an answer may unpack to; that of 34,754 records has some 4 MB."""


class NoAnswerError(ValueError):
    """The bytes are no answer."""


@frozen
class _Many:
    """A tuple of any length."""

    part: Any


@frozen
class _Row:
    """A tuple of these."""

    parts: tuple[Any, ...]


class _Bytes:
    """Written as hexadecimal digits."""


class _Trace:
    """Whether there were candidates."""


_NONE = type(None)
_PLACE = (_Row(((str,), (int,))), _NONE)
_ANSWERS = (Met, NotMet, Unknown)
_FIELDS: dict[type, tuple[Any, ...]] = {
    Column: (
        _Many((ReloResult,)),
        (Verdict, _NONE),
        _Many((str,)),
        _Many(_ANSWERS),
        _Many((BakedIn,)),
        (bool,),
        _Many((_Row(((int,), (Declared,))),)),
        (LoadEnd, _NONE),
        (_NONE,),
    ),
    LoadEnd: ((str,), (int, _NONE), (bool,)),
    ReloResult: (
        (Resolved, Missing, Ambiguous, Refused),
        (_Bytes,),
        (_NONE,),
        (Reach, _NONE),
        (Misread, _NONE),
    ),
    Resolved: ((int,), (_NONE,), (_Trace,)),
    Missing: ((int, _NONE), (str,), (_Trace,)),
    Ambiguous: ((str,), (_Trace,)),
    Refused: ((str,), (_Trace,), (bool,), (_NONE,), (bool,)),
    Misread: ((str,), (str,), (str,)),
    Declared: ((Shape,), (int,)),
    Shape: ((str,), (int,), (str,), (str,), (bool,), (Shape, _NONE)),
    Met: ((str,), (str,), (bool,)),
    NotMet: ((str,), (str,), (str,), (bool,)),
    Unknown: ((str,), (str,), (bool,), (bool,)),
    Reason: ((str,), (str,), (str,), (str,), (str,), (str,), _PLACE, (bool,)),
    PartVerdict: ((str,), (str,), (str,), _Many((Reason,)), (str,), (str,), (bool,), (bool,)),
    Verdict: ((str,), _Many((Reason,)), _Many((PartVerdict,)), _Many((PartVerdict,)), _Many(_ANSWERS)),
    BakedIn: ((str,), _Row(((str,), (int,))), (str,), (str,), (int,), (int,), (str,)),
}
_NAMES = {cls.__name__: cls for cls in _FIELDS}


def write_answer(column: Column) -> bytes:
    """Return a column of :func:`.ask.ask_kernel` as bytes."""
    return zlib.compress(json.dumps(_written(column), separators=(",", ":")).encode(), 3)


def read_answer(data: bytes) -> Column:
    """Return the column that :func:`write_answer` made *data* of.

    Raises:
        NoAnswerError: it made nothing of the kind.
    """
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(data, MAX_ANSWER)
        if not unpacker.eof:
            raise NoAnswerError("cut short, or too large")
        column = _read(json.loads(text), (Column,))
    except (zlib.error, ValueError, RecursionError) as error:
        raise NoAnswerError(str(error)) from error
    assert isinstance(column, Column)
    return column


def _written(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):  # Reach, too
        return int(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_written(part) for part in value]
    if value in (NO_TRACE, SOME_TRACE):
        return value == SOME_TRACE
    cls: Any = type(value)
    return [cls.__name__, *(_written(getattr(value, name)) for name in cls.__match_args__)]


def _read(value: Any, allowed: Any) -> Any:
    """Return the value of one of the *allowed* classes."""
    if isinstance(allowed, _Many):
        return tuple([_read(part, allowed.part) for part in _list(value)])
    if isinstance(allowed, _Row):
        if len(_list(value)) != len(allowed.parts):
            raise NoAnswerError("a row of another length")
        return tuple(map(_read, value, allowed.parts))
    if type(value) in allowed:
        return value
    first = allowed[0]
    if isinstance(value, list) and value and isinstance(first, _Row):
        return _read(value, first)
    if isinstance(value, list) and value and isinstance(value[0], str):
        cls = _NAMES.get(value[0])
        if cls is None or cls not in allowed or len(value) != len(_FIELDS[cls]) + 1:
            raise NoAnswerError("another class")
        return cls(*map(_read, value[1:], _FIELDS[cls]))
    if first is _Bytes and isinstance(value, str):
        return bytes.fromhex(value)
    if first is _Trace and isinstance(value, bool):
        return SOME_TRACE if value else NO_TRACE
    if first is Reach and isinstance(value, int):
        return Reach(value)
    raise NoAnswerError("another class")


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise NoAnswerError("no list")
    return value
