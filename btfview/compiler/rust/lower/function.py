"""One function: how its parameters come in and its result goes out, and what its expressions share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from btfview.compiler.rust.typed import tree as n
from btfview.compiler.rust.typed.definitions import Function, Local
from btfview.compiler.rust.types.kinds import (
    BOOL,
    UNIT,
    EnumType,
    OptionType,
    PointerType,
    resolve,
)
from btfview.compiler.rust.types.layout import align_of, size_of
from btfview.compiler.rust.types.passing import is_aggregate, is_indirect, is_pair
from btfview.source import Span

from .choices import flag_of, inner_of, pair
from .debug_info import escape
from .join import Join, has_value
from .module import Module
from .writer import MAX_HINT, FunctionWriter, extension, ir_type

Rules: TypeAlias = "Mapping[type, Callable[[FunctionLowerer, Any], str]]"
"""By the class of a node: what writes its instructions and returns the operand that holds its value."""

# With cpu v4 LLVM 22 makes tables of a match. One with a hole is never written ("Undefined temporary
# symbol"), and jump tables need a kernel far newer than the rest of the program does.
_NO_TABLES = '"no-jump-tables"="true"'


class FunctionLowerer:
    """Lowers one function."""

    def __init__(self, module: Module, rules: Rules, function: Function, body: n.Expr) -> None:
        self.module = module
        self.function = function
        self._rules = rules
        self._body = body
        self.slots: dict[Local, str] = {}
        self.loops: dict[n.LoopTarget, tuple[Join, str]] = {}
        self.result_pointer: str | None = None
        self.query_lines: dict[int, list[int]] = {}
        """Lines of :attr:`writer` that each query takes, by its number."""
        self._params: list[tuple[str, str, Local | None, str]] = []
        """LLVM parameter with attributes, its name, the local it is for, and which part of it."""
        self.writer: FunctionWriter

    def lower(self) -> tuple[list[str], dict[int, list[int]]]:
        """Return the lines of the function, and those of each query counted from its first."""
        function, debug = self.function, self.module.debug
        params = self._declare_params()
        is_void = resolve(function.result) is UNIT or is_indirect(function.result)
        result = "null" if is_void else debug.type(
            BOOL if is_pair(function.result) else function.result
        )  # fmt: skip
        scope = debug.function(
            function.symbol, function.span.start, result, params, is_local=not function.is_exported
        )
        self.writer = w = FunctionWriter(debug, scope)
        self._store_params()
        self.return_value(self.value(self._body), Span(self._body.span.end - 1, self._body.span.end))
        head = [f"{self._signature()} !dbg {scope} {{", "start.0:", *w.slots]
        queries = {key: [line + len(head) for line in lines] for key, lines in self.query_lines.items()}
        return [*head, *w.lines, "}"], queries

    # ---- parameters and results

    def _declare_params(self) -> list[tuple[str, str]]:
        """Fill in the LLVM parameters and return names and type nodes for debug info.

        An Option of a scalar is passed as flag and value. It is returned as the flag, with the value put
        where a last, hidden parameter points. What is no scalar at all is passed by a pointer to a copy
        of it, and returned through a hidden pointer alone.
        """
        debug = self.module.debug
        shown: list[tuple[str, str]] = []
        for index, param in enumerate(self.function.params):
            shown_name = param.name if param.name != "_" else f"unused{index}"
            name = param.name if param.name != "_" else f"_.{index}"
            if len(name) > MAX_HINT:
                name = f"{name[:MAX_HINT]}.p{index}"
            found = resolve(param.type)
            if isinstance(found, OptionType) and is_pair(found):
                self._params.append((f"i1 zeroext %{name}.some", f"%{name}.some", param, "flag"))
                inner = f"{ir_type(found.inner)}{extension(found.inner)}"
                self._params.append((f"{inner} %{name}", f"%{name}", param, "value"))
                shown += [(f"{shown_name}_is_some", debug.type(BOOL)), (shown_name, debug.type(found.inner))]
            else:
                if is_indirect(found):
                    self._params.append((f"ptr %{name}", f"%{name}", param, "place"))
                    shown.append((shown_name, debug.type(PointerType(found, True, False))))
                    continue
                self._params.append((f"{ir_type(found)}{extension(found)} %{name}", f"%{name}", param, "all"))
                shown.append((shown_name, debug.type(found)))
        result = resolve(self.function.result)
        if isinstance(result, OptionType) and is_pair(result):
            self.result_pointer = "%result.value"
            self._params.append(("ptr %result.value", "%result.value", None, "result"))
            shown.append(("result_value", debug.type(PointerType(result.inner, True, False))))
        elif is_indirect(result):
            self.result_pointer = "%result.value"
            self._params.append(("ptr %result.value", "%result.value", None, "result"))
            shown.append(("result_value", debug.type(PointerType(result, True, False))))
        return shown

    def _store_params(self) -> None:
        w = self.writer
        flag = ""
        for _, name, param, part in self._params:
            if param is None:
                continue
            if part == "flag":
                flag = name
                continue
            if part == "place":
                self.slots[param] = name
                continue
            value = name if part == "all" else pair(w, param.type, flag, name, param.span)
            slot = w.slot(f"{name[1:]}.slot", param.type)
            self.slots[param] = slot
            w.store(param.type, value, slot, param.span)

    def _signature(self) -> str:
        function = self.function
        params = ", ".join(declared for declared, *_ in self._params)
        if is_pair(function.result):
            result = "zeroext i1"
        elif is_indirect(function.result):
            result = "void"
        else:
            result = f"{extension(function.result)} {ir_type(function.result)}".strip()
        inline = {"always": " alwaysinline", "never": " noinline"}.get(function.inline or "", "")
        section = ""
        if function.section is not None:
            linkage, section = "dso_local", f' section "{escape(function.section.encode())}"'
        elif function.is_exported:
            linkage = "hidden"
        else:
            linkage, inline = "internal", inline or " alwaysinline"
        return (
            f"define {linkage} {result} @{function.symbol}({params}) nounwind {_NO_TABLES}{inline}{section}"
        )

    def return_value(self, value: str, span: Span) -> None:
        result, w = resolve(self.function.result), self.writer
        if w.is_dead:
            return
        if isinstance(result, OptionType) and is_pair(result) and self.result_pointer is not None:
            w.store(result.inner, inner_of(w, result, value, span), self.result_pointer, span)
            w.end(f"ret i1 {flag_of(w, result, value, span)}", span)
        elif self.result_pointer is not None:
            w.store(result, value, self.result_pointer, span)
            w.end("ret void", span)
        elif not has_value(result):
            w.end("ret void", span)
        else:
            w.end(f"ret {ir_type(result)} {value}", span)

    def return_zero(self, span: Span) -> None:
        """Leave the function with ``None``, null, 0, ``Err(0)`` or nothing: for a panic, and for ``?``."""
        result = resolve(self.function.result)
        if is_aggregate(result):
            size, align = size_of(result), align_of(result)
            fill = f"ptr align {align} {self.result_pointer}, i8 0, i64 {size}, i1 false"
            self.writer.emit(f"call void @llvm.memset.p0.i64({fill})", span)
            self.writer.end("ret void", span)
            return
        if isinstance(result, EnumType):
            self.return_value(str(result.variants[0].value), span)
            return
        is_struct = ir_type(result).startswith("{")
        zero = "null" if ir_type(result) == "ptr" else "zeroinitializer" if is_struct else "0"
        self.return_value("false" if result is BOOL else zero, span)

    def panic_unless(self, flag: str, span: Span) -> None:
        w = self.writer
        if w.is_dead:
            return
        fine, panic = w.label("fine"), w.label("panic")
        w.branch(flag, fine, panic, span)
        w.start(panic)
        self.return_zero(span)
        w.start(fine)

    # ---- values

    def value(self, expr: n.Expr) -> str:
        """Return the operand that holds *expr*; for an aggregate its address, for unit ``""``.

        Nothing is written for what cannot be reached.
        """
        if self.writer.is_dead:
            return "poison"
        return self._rules[type(expr)](self, expr)
