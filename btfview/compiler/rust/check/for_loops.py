"""Rules for ``for``: through ranges, and through arrays by what ``core`` has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.typed.definitions import Local
from btfview.compiler.rust.typed.patterns import Binding, Wildcard
from btfview.compiler.rust.typed.tree import (
    PLACES,
    AddressOf,
    Binary,
    Block,
    Deref,
    Expr,
    ForRange,
    IndexPlace,
    Invalid,
    Let,
    Literal,
    LocalPlace,
    LoopTarget,
    MinMax,
    Statement,
    StaticPlace,
    TupleLiteral,
)
from btfview.compiler.rust.types.infer import unify
from btfview.compiler.rust.types.kinds import (
    ERROR,
    NEVER,
    UNIT,
    USIZE,
    ArrayType,
    OptionType,
    PointerType,
    ResultType,
    TupleType,
    Type,
    format_type,
    is_integer,
    resolve,
)
from btfview.source import Span

from .arguments import refuse_count
from .body import Checker, Rule
from .loops import label_of, loop_body
from .patterns.exhaustive import check_total_later
from .patterns.rules import read_pattern
from .places import address_of, autoderef

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node

_RANGE_HINT = "write `for i in 0..n`, `0..=n`, `(0..n).rev()` or `(0..n).step_by(4)`"
_HINT = (
    "write `0..n`, `array`, `&array`, `array.iter()` or `array.iter_mut()`, with `rev`, `enumerate`, `zip`, "
    "`copied`, `take`, `skip` or `step_by` behind"
)
_SOURCES = {"iter": False, "iter_mut": True, "into_iter": None}
_COUNTS = {"rev": 0, "enumerate": 0, "copied": 0, "cloned": 0, "zip": 1, "take": 1, "skip": 1, "step_by": 1}
"""Methods of an iterator that a loop can do without a value of one, and how many arguments each takes."""

MAX_UNROLLED = 8
"""Elements of the longest array whose loop is written out. A longer loop checks its index, as ``array[i]``
does: LLVM would otherwise compare pointers at its end, or put them together with ``|``, which the verifier
does not follow."""

_Call = tuple["Node", str, "list[Node]"]
"""A method call as its name's node, its name and its arguments."""


def for_expression(checker: Checker, node: Node, _expected: Type | None) -> Expr:
    value_node = checker.tree.need(node, "value")
    if checker.const_context:
        message = f"cannot use `for` loop in {checker.const_context}"
        return checker.refuse(value_node, message, "use `while`", "E0015")
    source, calls = _method_calls(checker, value_node)
    while source.type == "parenthesized_expression":
        source = checker.tree.children(source)[0]
    if source.type == "range_expression":
        return _through_range(checker, node, source, calls)
    return _through_array(checker, node, source, calls)


def _method_calls(checker: Checker, node: Node) -> tuple[Node, list[_Call]]:
    """Return what iterator methods are called on, and their calls from the first to the last."""
    calls: list[_Call] = []
    while node.type == "call_expression":
        callee = checker.tree.need(node, "function")
        if callee.type != "field_expression":
            break
        name_node = checker.tree.need(callee, "field")
        name = checker.tree.name(name_node)
        if name not in _COUNTS and name not in _SOURCES and not calls and not _is_iterator(checker, callee):
            break
        calls.insert(0, (name_node, name, checker.tree.children(checker.tree.need(node, "arguments"))))
        node = checker.tree.need(callee, "value")
        if name in _SOURCES:
            break
    return node, calls


def _is_iterator(checker: Checker, callee: Node) -> bool:
    """Whether the method *callee* is called on what ``iter`` gives."""
    text = checker.tree.text(checker.tree.need(callee, "value"))
    return text.endswith((".iter()", ".iter_mut()", ".into_iter()"))


# ---- ranges


def _through_range(checker: Checker, node: Node, source: Node, calls: list[_Call]) -> Expr:
    span = checker.tree.span(node)
    target = LoopTarget(label_of(checker, node), UNIT, False, word="for")
    ends = _read_range(checker, source)
    is_reversed, step = False, 1
    for name_node, name, arguments in calls if ends is not None else ():
        known = _has_count(checker, name_node, name, arguments)
        if name == "rev" and known and step == 1:
            is_reversed = not is_reversed
        elif name == "step_by" and known and step == 1:
            read = _read_step(checker, arguments[0])
            ends, step = (ends, read) if read is not None else (None, 1)
        elif known:
            checker.refuse(name_node, f"`{name}` is not supported here on a range", _RANGE_HINT)
            ends = None
        if not known or ends is None:
            ends = None
            break
    with checker.scope():
        pattern_node = node.child_by_field_name("pattern")
        found: Type = ends[0].type if ends is not None else ERROR
        pattern = read_pattern(checker, pattern_node, found) if pattern_node is not None else Wildcard(span)
        check_total_later(checker, pattern, found, "`for` loop binding")
        body = loop_body(checker, node, target)
    if ends is None:
        return Invalid(ERROR, span)
    low, high, is_inclusive = ends
    return ForRange(UNIT, span, target, pattern, low, high, is_inclusive, is_reversed, step, body)


def _read_range(checker: Checker, node: Node) -> tuple[Expr, Expr, bool] | None:
    """Return low, high, and whether ``..=``."""
    ends = checker.tree.children(node)
    operator = next(child.type for child in node.children if not child.is_named)
    if len(ends) != 2:
        message = "a range in `for` needs both ends"
        checker.refuse(node, message, "the verifier must see the end of a loop: `0..n`")
        return None
    low = checker.expr(ends[0])
    high = checker.expr(ends[1], low.type)
    low_type, high_type = checker.known(low.type, low.span), checker.known(high.type, high.span)
    if ERROR in (low_type, high_type):
        return None
    if not is_integer(low_type):
        message = f"a range of `{format_type(low_type)}` is not supported in `for`"
        code = None if format_type(low_type) == "char" else "E0277"
        checker.refuse(node, message, "the ends are integers", code)
        return None
    if not unify(low_type, high_type):
        checker.mismatch(high.span, low_type, high_type)
        return None
    return low, high, operator == "..="


def _read_step(checker: Checker, node: Node) -> int | None:
    step = checker.coerced(node, USIZE)
    if isinstance(step, Literal) and 0 < step.value < 1 << 31:
        return step.value
    if resolve(step.type) is not ERROR:
        checker.refuse(node, "the step of a range must be a positive constant")
    return None


def _has_count(checker: Checker, name_node: Node, name: str, arguments: list[Node]) -> bool:
    """Whether *name* is a method of iterators that we know, with as many arguments as it takes."""
    count = 0 if name in _SOURCES else _COUNTS.get(name)
    if count is None:
        checker.refuse(name_node, f"the iterator method `{name}` is not supported", _HINT)
        return False
    if len(arguments) == count:
        return True
    refuse_count(checker, name_node, "method", count, arguments)
    return False


# ---- arrays


class _Iteration:
    """A way through the elements of an array by an index that counts up or down."""

    def __init__(self, array: ArrayType, item: Expr, index: Local, span: Span) -> None:
        self.length = array.length
        self.item = item
        """What the pattern is matched against, at :attr:`index`."""
        self.index = index
        self.low: Expr = Literal(USIZE, span, 0)
        self.high: Expr = Literal(USIZE, span, array.length)
        self.is_reversed = False
        self.step = 1
        self.lets: list[Statement] = []
        """What is worked out once, before the loop."""


def _through_array(checker: Checker, node: Node, source: Node, calls: list[_Call]) -> Expr:
    span = checker.tree.span(node)
    target = LoopTarget(label_of(checker, node), UNIT, False, word="for")
    index = Local("index", USIZE, span, False)
    way = _start(checker, source, calls, index, span)
    for name_node, name, arguments in calls:
        if way is not None and name not in _SOURCES:
            way = _adapt(checker, way, name_node, name, arguments)
    item: Expr = way.item if way is not None else Invalid(ERROR, span)
    with checker.scope():
        pattern_node = node.child_by_field_name("pattern")
        pattern = (
            read_pattern(checker, pattern_node, item.type, item)
            if pattern_node is not None
            else Wildcard(span)
        )
        check_total_later(checker, pattern, item.type, "`for` loop binding")
        body = loop_body(checker, node, target)
    if way is None:
        return Invalid(ERROR, span)
    inside = Block(UNIT, span, (Let(pattern.span, pattern, item, None),), body)
    counted = Binding(span, index, None)
    loop = ForRange(UNIT, span, target, counted, way.low, way.high, False, way.is_reversed, way.step, inside)
    return Block(UNIT, span, tuple(way.lets), loop)


def _start(checker: Checker, source: Node, calls: list[_Call], index: Local, span: Span) -> _Iteration | None:
    """Return the way through the array *source*, or through what its ``iter()`` gives."""
    value = checker.expr(source)
    found = checker.known(value.type, value.span)
    if found is ERROR or found is NEVER:
        return None
    method = calls[0][1] if calls and calls[0][1] in _SOURCES else None
    if method is not None:
        if not _has_count(checker, *calls[0]):
            return None
        value = autoderef(checker, value) if method != "into_iter" else value
        found = resolve(value.type)
    is_mut = _SOURCES[method] if method is not None else None
    if isinstance(found, PointerType) and found.is_ref and isinstance(resolve(found.pointee), ArrayType):
        pointer, is_mut = value, found.is_mut
    elif not isinstance(found, ArrayType):
        _refuse_source(checker, source, calls, found)
        return None
    elif calls and method is None:
        message = f"`{format_type(found)}` is not an iterator"
        checker.refuse(calls[0][0], message, f"write `.iter().{calls[0][1]}(..)`", "E0599")
        return None
    elif is_mut is not None:
        pointer = address_of(checker, value, value.span, is_mut=is_mut, is_raw=False)
    else:
        pointer = _own(value)
    pointer_type = resolve(pointer.type)
    if not isinstance(pointer_type, PointerType):
        return None
    array = resolve(pointer_type.pointee)
    assert isinstance(array, ArrayType)
    base = Local("array", pointer_type, value.span, False)
    whole = Deref(array, span, LocalPlace(pointer_type, span, base))
    is_short = _is_short(array.length, calls)
    item: Expr = IndexPlace(
        array.element, value.span, whole, LocalPlace(USIZE, span, index), array.length, is_short
    )
    if is_mut is not None:
        item = AddressOf(PointerType(array.element, is_mut, True), value.span, item)
    way = _Iteration(array, item, index, span)
    way.lets.append(Let(value.span, Binding(value.span, base, None), pointer, None))
    return way


def _is_short(length: int, calls: list[_Call]) -> bool:
    """Whether the loop is written out: it is short, and how often it runs is known."""
    return length <= MAX_UNROLLED and not any(name in ("take", "skip") for _, name, _ in calls)


def _own(value: Expr) -> Expr:
    """Return a pointer to the elements as they are now: the loop may write to the array that they are of."""
    is_fixed = (isinstance(value, LocalPlace) and not value.local.is_mut) or (
        isinstance(value, StaticPlace) and not value.static.is_mut
    )
    if isinstance(value, PLACES) and not is_fixed:
        local = Local("elements", value.type, value.span, False)
        copy = Let(value.span, Binding(value.span, local, None), value, None)
        value = Block(value.type, value.span, (copy,), LocalPlace(value.type, value.span, local))
    return AddressOf(PointerType(value.type, False, True), value.span, value)


def _refuse_source(checker: Checker, source: Node, calls: list[_Call], found: Type) -> None:
    shown = format_type(found)
    if calls and calls[0][1] in _SOURCES:
        message = f"no method named `{calls[0][1]}` found for type `{shown}` in the current scope"
        checker.refuse(calls[0][0], message, _HINT, "E0599")
    elif isinstance(found, (OptionType, ResultType)):
        checker.refuse(source, f"`for` through `{shown}` is not supported", "use `if let`")
    else:
        checker.refuse(source, f"`{shown}` is not an iterator", _HINT, "E0277")


def _adapt(
    checker: Checker, way: _Iteration, name_node: Node, name: str, arguments: list[Node]
) -> _Iteration | None:
    """Return *way* with the iterator method *name* done to it."""
    if not _has_count(checker, name_node, name, arguments):
        return None
    span = checker.tree.span(name_node)
    position = LocalPlace(USIZE, span, way.index)
    is_plain = not way.is_reversed and way.step == 1
    match name:
        case "rev" if way.step == 1:
            way.is_reversed = not way.is_reversed
        case "copied" | "cloned":
            return _copied(checker, way, name_node, name)
        case "enumerate" if way.step == 1:
            first: Expr = Binary(USIZE, span, "-", position, way.low)
            if way.is_reversed:
                last = Binary(USIZE, span, "-", way.high, Literal(USIZE, span, 1))
                first = Binary(USIZE, span, "-", last, position)
            way.item = TupleLiteral(TupleType((USIZE, way.item.type)), span, (first, way.item))
        case "step_by" if is_plain:
            read = _read_step(checker, arguments[0])
            if read is None:
                return None
            way.step = read
        case "take" | "skip" if is_plain:
            wanted = checker.coerced(arguments[0], USIZE)
            if name == "take":
                wanted = Binary(USIZE, span, "+", way.low, wanted) if _is_moved(way) else wanted
                way.high = _kept(way, MinMax(USIZE, span, False, wanted, way.high))
            else:
                way.low = _kept(way, MinMax(USIZE, span, False, wanted, way.high))
        case "zip" if is_plain and not _is_moved(way):
            return _zipped(checker, way, arguments[0], span)
        case _:
            checker.refuse(name_node, f"`{name}` is not supported behind this", "index the array yourself")
            return None
    return way


def _is_moved(way: _Iteration) -> bool:
    return not (isinstance(way.low, Literal) and way.low.value == 0)


def _kept(way: _Iteration, value: Expr) -> Expr:
    """Have *value* worked out before the loop."""
    local = Local("bound", USIZE, value.span, False)
    way.lets.append(Let(value.span, Binding(value.span, local, None), value, None))
    return LocalPlace(USIZE, value.span, local)


def _copied(checker: Checker, way: _Iteration, name_node: Node, name: str) -> _Iteration | None:
    found = resolve(way.item.type)
    if not isinstance(found, PointerType) or found.is_mut:
        message = f"`{name}` is for an iterator of `&` references, this one gives `{format_type(found)}`"
        checker.refuse(name_node, message, "leave it out", "E0271")
        return None
    item = way.item
    way.item = item.place if isinstance(item, AddressOf) else Deref(found.pointee, item.span, item)
    return way


def _zipped(checker: Checker, way: _Iteration, node: Node, span: Span) -> _Iteration | None:
    source, calls = _method_calls(checker, node)
    other = _start(checker, source, calls, way.index, span)
    if other is None:
        return None
    for name_node, name, arguments in calls:
        if name in ("copied", "cloned") and _has_count(checker, name_node, name, arguments):
            copied = _copied(checker, other, name_node, name)
            if copied is None:
                return None
        elif name not in _SOURCES:
            checker.refuse(name_node, f"`{name}` is not supported inside `zip`", "index the array yourself")
            return None
    way.lets += other.lets
    if other.length < way.length:
        way.high, way.length = other.high, other.length
    way.item = TupleLiteral(TupleType((way.item.type, other.item.type)), span, (way.item, other.item))
    return way


RULES: dict[str, Rule] = {"for_expression": for_expression}
