"""``Option`` and ``Result`` as values of LLVM: made, and taken apart."""

from __future__ import annotations

from btfview.compiler.rust.types.kinds import (
    BOOL,
    EnumType,
    IntType,
    OptionType,
    Type,
    is_nullable_pointer,
    parts_of,
    resolve,
)
from btfview.compiler.rust.types.layout import offsets_of
from btfview.compiler.rust.types.passing import is_aggregate
from btfview.source import Span

from .writer import FunctionWriter, ir_type


def is_signed(found: Type) -> bool:
    found = resolve(found)
    if isinstance(found, EnumType):
        found = found.repr
    return isinstance(found, IntType) and found.is_signed


def pair(w: FunctionWriter, option: Type, flag: str, value: str, span: Span) -> str:
    """Return an Option made of its flag and its value."""
    kind, found = ir_type(option), resolve(option)
    assert isinstance(found, OptionType)
    if is_aggregate(found):
        slot = w.slot("some", found)
        w.store(BOOL, flag, slot, span)
        w.store(found.inner, value, w.moved(slot, offsets_of(found)[1], span), span)
        return slot
    flagged = w.value("some", f"insertvalue {kind} poison, i1 {flag}, 0", span)
    return w.value("some", f"insertvalue {kind} {flagged}, {ir_type(found.inner)} {value}, 1", span)


def flag_of(w: FunctionWriter, option: Type, value: str, span: Span) -> str:
    """Return whether an Option is ``Some``, as an i1."""
    if is_nullable_pointer(option):
        return w.value("is_some", f"icmp ne ptr {value}, null", span)
    if is_aggregate(option):
        return w.load(BOOL, value, span, "is_some")
    return w.value("is_some", f"extractvalue {ir_type(option)} {value}, 0", span)


def inner_of(w: FunctionWriter, option: Type, value: str, span: Span) -> str:
    """Return the value inside an Option that is ``Some``."""
    if is_nullable_pointer(option):
        return value
    if is_aggregate(option):
        found = resolve(option)
        assert isinstance(found, OptionType)
        return w.load(found.inner, w.moved(value, offsets_of(found)[1], span), span, "inner")
    return w.value("inner", f"extractvalue {ir_type(option)} {value}, 1", span)


def ok_flag(w: FunctionWriter, result: Type, value: str, span: Span) -> str:
    """Return whether a Result is ``Ok``, as an i1."""
    if is_aggregate(result):
        return w.load(BOOL, value, span, "is_ok")
    return w.value("is_ok", f"extractvalue {ir_type(result)} {value}, 0", span)


def result_part(w: FunctionWriter, result: Type, is_ok: bool, value: str, span: Span) -> str:
    """Return what is in a Result that is ``Ok`` (*is_ok*) or ``Err``; ``""`` for unit."""
    index = 1 if is_ok else 2
    part = parts_of(result)[index]
    if is_aggregate(result):
        return w.load(part, w.moved(value, offsets_of(result)[index], span), span, "inner")
    if ir_type(part) == "void":
        return ""
    return w.value("inner", f"extractvalue {ir_type(result)} {value}, {index}", span)
