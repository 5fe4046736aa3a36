"""Calls, of functions and of kernel helpers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.types.kinds import OptionType, resolve
from btfview.compiler.rust.types.passing import is_indirect, is_pair

from .choices import flag_of, inner_of, pair
from .join import has_value
from .writer import extension, ir_type

if TYPE_CHECKING:
    from .function import FunctionLowerer, Rules


def call(lower: FunctionLowerer, expr: n.Call) -> str:
    w, function = lower.writer, expr.function
    arguments: list[str] = []
    for argument in expr.arguments:
        value, found = lower.value(argument), resolve(argument.type)
        if w.is_dead:
            return "poison"
        if is_indirect(found):
            copy = w.slot("argument", found)
            w.store(found, value, copy, argument.span)
            arguments.append(f"ptr {copy}")
            continue
        if isinstance(found, OptionType) and is_pair(found):
            arguments.append(f"i1 zeroext {flag_of(w, found, value, argument.span)}")
            value, found = inner_of(w, found, value, argument.span), found.inner
        arguments.append(f"{ir_type(found)}{extension(found)} {value}")
    callee = f"@{function.symbol}"
    if function.is_kfunc:
        lower.module.ask_kfunc(function)
    if function.helper_number is not None:
        callee = f"inttoptr (i64 {function.helper_number} to ptr)"
    result = resolve(expr.type)
    if isinstance(result, OptionType) and is_pair(result):
        slot = w.slot("result", result.inner)
        joined = ", ".join([*arguments, f"ptr {slot}"])
        flag = w.value("is_some", f"call zeroext i1 {callee}({joined})", expr.span)
        return pair(w, result, flag, w.load(result.inner, slot, expr.span), expr.span)
    if is_indirect(result):
        slot = w.slot("result", result)
        w.emit(f"call void {callee}({', '.join([*arguments, f'ptr {slot}'])})", expr.span)
        return w.load(result, slot, expr.span)
    kind = f"{extension(result)} {ir_type(result)}".strip()
    call = f"call {kind} {callee}({', '.join(arguments)})"
    if not has_value(result):
        w.emit(call, expr.span)
        return ""
    return w.value(function.name, call, expr.span)


def helper_pointer(_lower: FunctionLowerer, expr: n.HelperPointer) -> str:
    return f"inttoptr (i64 {expr.number} to ptr)"


def helper_call(lower: FunctionLowerer, expr: n.HelperCall) -> str:
    w, result = lower.writer, resolve(expr.type)
    arguments = []
    for argument in expr.arguments:
        value = lower.value(argument)
        arguments.append(f"{ir_type(argument.type)}{extension(argument.type)} {value}")
    kind = f"{extension(result)} {ir_type(result)}".strip()
    call = f"call {kind} inttoptr (i64 {expr.number} to ptr)({', '.join(arguments)})"
    if ir_type(result) == "void":
        w.emit(call, expr.span)
        return ""
    return w.value("helper", call, expr.span)


CALLS: Rules = {
    n.Call: call,
    n.HelperPointer: helper_pointer,
    n.HelperCall: helper_call,
}
