"""Values of constants: the typed tree, run while compiling, with the bodies of the ``const fn`` it calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from btfview.compiler.rust.typed.definitions import Constant, Function, Local, Static
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
from btfview.compiler.rust.typed.tree import (
    AddressOf,
    ArrayLiteral,
    ArrayRepeat,
    Assign,
    Binary,
    Block,
    Break,
    ByteString,
    Call,
    Cast,
    Compare,
    CompoundAssign,
    ConstValue,
    Continue,
    Deref,
    Expr,
    FieldPlace,
    FunctionPointer,
    If,
    IndexPlace,
    IntegerMethod,
    IsSome,
    LabelledBlock,
    Let,
    LetCondition,
    Literal,
    LocalPlace,
    Logic,
    Loop,
    LoopTarget,
    Match,
    MinMax,
    NoneValue,
    Panic,
    PointerAccess,
    ResultValue,
    Return,
    SomeValue,
    StaticPlace,
    StructLiteral,
    TupleField,
    TupleLiteral,
    Unary,
    UnitValue,
)
from btfview.compiler.rust.types.kinds import (
    OptionType,
    PointerType,
    is_nullable_pointer,
    resolve,
)

from .errors import ConstError
from .integers import IntegerPanicError, integer_method
from .operators import binary, cast, compare, unary

MAX_ELEMENTS = 1 << 16
"""Longest array written out as a constant, so that ``[0; 1 << 40]`` does not fill the memory."""


MAX_STEPS = 400_000
"""Expressions worked out for one constant: about half a second. rustc allows more, and says later."""
MAX_DEPTH = 150
"""Expressions inside one another, over all calls. Each takes two of Python's thousand stack frames."""


class Program(Protocol):
    """What the evaluation of a constant needs of the rest of the program."""

    def body_of(self, function: Function) -> Expr | None:
        """Return the checked body of a ``const fn``; None where it has errors."""
        ...

    def static_value(self, static: Static) -> Constant | None:
        """Return what a static begins with; None where it has errors."""
        ...


class Reference:
    """The value of ``&place``: a part of what a local, or a temporary, holds."""

    __slots__ = ("frame", "local", "path")

    def __init__(self, frame: Frame, local: Local | None, path: tuple[int, ...]) -> None:
        self.frame = frame
        self.local = local
        self.path = path

    def load(self) -> Value:
        value = self.frame[self.local]
        for index in self.path:
            assert isinstance(value, tuple)
            value = value[index]
        return value

    def store(self, value: Value) -> None:
        self.frame[self.local] = _with(self.frame.get(self.local, 0), self.path, value)

    def part(self, index: int) -> Reference:
        return Reference(self.frame, self.local, (*self.path, index))


Value: TypeAlias = "int | Function | Reference | tuple[Value, ...]"
Frame: TypeAlias = "dict[Local | None, Value]"
"""Locals of one call, or None and a temporary."""


class _Leave(Exception):  # noqa: N818  no error: a jump
    def __init__(self, target: LoopTarget | None, value: Value, *, again: bool = False) -> None:
        self.target = target
        """None for ``return``."""
        self.value = value
        self.again = again


def evaluate(expr: Expr, program: Program | None = None) -> Constant:
    """Return the value of *expr*.

    Raises:
        ConstError: it is not constant, or overflows (an error in rustc's constants too: E0080).
    """
    try:
        value = _Evaluation(program).value(expr)
    except RecursionError:
        raise ConstError(expr.span, "this constant is nested too deeply", "E0080") from None
    return _plain(expr, value)


def _plain(expr: Expr, value: Value) -> Constant:
    if isinstance(value, Reference):
        raise ConstError(expr.span, "a constant reference is not supported")
    return tuple(_plain(expr, part) for part in value) if isinstance(value, tuple) else value


def has_function(value: Constant) -> bool:
    """Return whether the address of a function is a part of *value*."""
    return any(map(has_function, value)) if isinstance(value, tuple) else isinstance(value, Function)


def _with(whole: Value, path: tuple[int, ...], value: Value) -> Value:
    """Return *whole* with the part at *path* exchanged."""
    if not path:
        return value
    assert isinstance(whole, tuple)
    index = path[0]
    return (*whole[:index], _with(whole[index], path[1:], value), *whole[index + 1 :])


class _Evaluation:
    """Works one constant out."""

    def __init__(self, program: Program | None) -> None:
        self.program = program
        self.frame: Frame = {}
        self.steps = 0
        self.depth = 0

    def value(self, expr: Expr) -> Value:
        self.steps += 1
        self.depth += 1
        if self.steps > MAX_STEPS:
            raise ConstError(expr.span, "constant evaluation is taking a long time")
        if self.depth > MAX_DEPTH:
            raise ConstError(expr.span, "constant evaluation goes too deep", "E0080")
        rule = _RULES.get(type(expr))
        if rule is None:
            raise ConstError(expr.span, "this is not supported in a constant")
        value = rule(self, expr)
        self.depth -= 1
        return value

    def scalar(self, expr: Expr) -> int:
        value = self.value(expr)
        if not isinstance(value, int):
            raise ConstError(expr.span, "this is not supported in a constant")
        return value

    def parts(self, expr: Expr) -> tuple[Value, ...]:
        value = self.value(expr)
        if not isinstance(value, tuple):
            raise ConstError(expr.span, "this is not supported in a constant")
        return value

    def place(self, expr: Expr) -> Reference:
        """Return where the value of *expr* is; a temporary where it is no place."""
        match expr:
            case LocalPlace(local=local):
                return Reference(self.frame, local, ())
            case FieldPlace(base=base, field=field, struct=struct) if not struct.is_union:
                return self.place(base).part(field.index)
            case TupleField(base=base, index=index):
                return self.place(base).part(index)
            case IndexPlace(base=base, index=position):
                return self.place(base).part(self.position(expr, position))
            case Deref(pointer=pointer):
                return self.pointed(pointer)
        return Reference({None: self.value(expr)}, None, ())

    def position(self, expr: IndexPlace, position: Expr) -> int:
        index = self.scalar(position)
        if index >= expr.length:
            message = f"index out of bounds: the length is {expr.length} but the index is {index}"
            raise ConstError(expr.span, message, "E0080")
        return index

    def pointed(self, pointer: Expr) -> Reference:
        reference = self.value(pointer)
        if not isinstance(reference, Reference):
            raise ConstError(pointer.span, "this pointer cannot be followed in a constant", "E0080")
        return reference

    # ---- patterns

    def condition(self, expr: Expr) -> bool:
        """Return a condition; the names that its ``let`` binds hold from then on."""
        match expr:
            case Logic(operator=operator, left=left, right=right):
                first = self.condition(left)
                return self.condition(right) if first == (operator == "&&") else first
            case LetCondition(pattern=pattern, value=value):
                return self.matches(pattern, self.place(value))
        return bool(self.scalar(expr))

    def matches(self, pattern: Pattern, place: Reference) -> bool:
        """Whether *pattern* fits what is at *place*; binds its names."""
        match pattern:
            case Wildcard():
                return True
            case Binding(local=local, inner=inner, is_ref=is_ref):
                self.frame[local] = place if is_ref else place.load()
                return inner is None or self.matches(inner, place)
            case RangePattern(low=low, high=high):
                value = place.load()
                return isinstance(value, int) and low <= value <= high
            case SomePattern(type=option, inner=inner):
                if is_nullable_pointer(option):
                    return place.load() != 0 and self.matches(inner, place)
                return self._flag(place) == 1 and self.matches(inner, place.part(1))
            case NonePattern(type=option):
                return place.load() == 0 if is_nullable_pointer(option) else self._flag(place) == 0
            case ResultPattern(is_ok=is_ok, inner=inner):
                return self._flag(place) == int(is_ok) and self.matches(inner, place.part(1))
            case TuplePattern(elements=elements):
                return all(self.matches(part, place.part(index)) for index, part in enumerate(elements))
            case StructPattern(fields=fields):
                return all(self.matches(part, place.part(field.index)) for field, part in fields)
            case ArrayPattern(elements=named, rest=rest, rest_start=start):
                if rest is not None:
                    return self._rest(pattern, rest, place, start)
                return all(self.matches(part, place.part(index)) for index, part in named)
            case RefPattern(inner=inner):
                behind = place.load()
                return isinstance(behind, Reference) and self.matches(inner, behind)
            case OrPattern(alternatives=alternatives):
                return any(self.matches(alternative, place) for alternative in alternatives)

    def _flag(self, place: Reference) -> Value:
        whole = place.load()
        return whole[0] if isinstance(whole, tuple) else whole

    def _rest(self, pattern: ArrayPattern, rest: Binding, place: Reference, start: int) -> bool:
        whole = place.load()
        assert isinstance(whole, tuple)
        part = whole[start : start + len(whole) - len(pattern.elements)]
        temporary = Reference({None: part}, None, ())  # what is borrowed mutably is not written back
        return self.matches(rest, temporary) and all(
            self.matches(element, place.part(index)) for index, element in pattern.elements
        )


# ---- values


def _aggregate(run: _Evaluation, expr: TupleLiteral | ArrayLiteral) -> Value:
    return tuple([run.value(element) for element in expr.elements])


def _some(run: _Evaluation, expr: SomeValue) -> Value:
    value = run.value(expr.value)
    return value if is_nullable_pointer(expr.type) else (1, value)


def _is_some(run: _Evaluation, expr: IsSome) -> Value:
    value = run.value(expr.value)
    return int(value[0] == 1) if isinstance(value, tuple) else int(value != 0)


def _integer_method(run: _Evaluation, expr: IntegerMethod) -> Value:
    operands = [_plain(operand, run.value(operand)) for operand in expr.operands]
    try:
        return integer_method(expr, operands)
    except IntegerPanicError as panic:
        message = f"evaluation of `{expr.method.name}` in a constant panics: {panic}"
        raise ConstError(expr.span, message, "E0080") from panic


def _repeat(run: _Evaluation, expr: ArrayRepeat) -> Value:
    if expr.length > MAX_ELEMENTS:
        raise ConstError(expr.span, f"a constant array of {expr.length} elements is too long")
    return (run.value(expr.element),) * expr.length


def _struct(run: _Evaluation, expr: StructLiteral) -> Value:
    if expr.struct.is_union:
        raise ConstError(expr.span, "unions are not supported in constants")
    values = {field.index: run.value(value) for field, value in expr.fields}
    if expr.base is not None:
        values = {**dict(enumerate(run.parts(expr.base))), **values}
    return tuple([value for _, value in sorted(values.items(), key=lambda pair: pair[0])])


def _field(run: _Evaluation, expr: FieldPlace) -> Value:
    if expr.struct.is_union:
        raise ConstError(expr.span, "unions are not supported in constants")
    return run.parts(expr.base)[expr.field.index]


def _index(run: _Evaluation, expr: IndexPlace) -> Value:
    whole = run.parts(expr.base)
    return whole[run.position(expr, expr.index)]


def _local(run: _Evaluation, expr: LocalPlace) -> Value:
    value = run.frame.get(expr.local)
    if value is None:
        raise ConstError(expr.span, f"`{expr.local.name}` has no value here")
    return value


def _static(run: _Evaluation, expr: StaticPlace) -> Value:
    if expr.static.is_mut:
        raise ConstError(expr.span, "constant accesses mutable global memory", "E0080")
    value = run.program.static_value(expr.static) if run.program is not None else None
    if value is None:
        raise ConstError(expr.span, "")
    return value


def _logic(run: _Evaluation, expr: Logic) -> Value:
    return int(run.condition(expr))


def _cast_value(run: _Evaluation, expr: Cast) -> Value:
    value = run.value(expr.value)
    if isinstance(value, Reference):
        if isinstance(resolve(expr.type), (PointerType, OptionType)):
            return value
        raise ConstError(expr.span, "pointers cannot be cast to integers during const eval")
    if not isinstance(value, int):
        raise ConstError(expr.span, "this is not supported in a constant")
    return cast(expr, value, expr.type)


def _panic(_run: _Evaluation, expr: Panic) -> Value:
    raise ConstError(expr.span, "evaluation of this constant panics", "E0080")


# ---- statements, branches, loops, calls


def _block(run: _Evaluation, expr: Block) -> Value:
    for statement in expr.statements:
        if isinstance(statement, Let):
            _let(run, statement)
        else:
            run.value(statement.value)
    return run.value(expr.tail) if expr.tail is not None else 0


def _let(run: _Evaluation, statement: Let) -> None:
    if statement.value is None:
        return
    if not run.matches(statement.pattern, run.place(statement.value)) and statement.otherwise is not None:
        run.value(statement.otherwise)


def _assign(run: _Evaluation, expr: Assign) -> Value:
    value = run.value(expr.value)
    run.place(expr.place).store(value)
    return 0


def _compound_assign(run: _Evaluation, expr: CompoundAssign) -> Value:
    right = run.scalar(expr.value)
    place = run.place(expr.place)
    left = place.load()
    assert isinstance(left, int)
    place.store(binary(expr.place, expr.operator, left, right, expr.span))
    return 0


def _if(run: _Evaluation, expr: If) -> Value:
    if run.condition(expr.condition):
        return run.value(expr.then)
    return run.value(expr.otherwise) if expr.otherwise is not None else 0


def _match(run: _Evaluation, expr: Match) -> Value:
    place = run.place(expr.value)
    for arm in expr.arms:
        if run.matches(arm.pattern, place) and (arm.guard is None or run.condition(arm.guard)):
            return run.value(arm.body)
    raise ConstError(expr.span, "no arm of this `match` fits")


def _loop(run: _Evaluation, expr: Loop) -> Value:
    depth = run.depth
    while expr.condition is None or run.condition(expr.condition):
        try:
            run.value(expr.body)
        except _Leave as leave:
            if leave.target is not expr.target:
                raise
            run.depth = depth
            if not leave.again:
                return leave.value
    return 0


def _labelled_block(run: _Evaluation, expr: LabelledBlock) -> Value:
    depth = run.depth
    try:
        return run.value(expr.body)
    except _Leave as leave:
        if leave.target is not expr.target:
            raise
        run.depth = depth
        return leave.value


def _leave(run: _Evaluation, expr: Break | Continue | Return) -> Value:
    if isinstance(expr, Continue):
        raise _Leave(expr.target, 0, again=True)
    value = run.value(expr.value) if expr.value is not None else 0
    raise _Leave(expr.target if isinstance(expr, Break) else None, value)


def _call(run: _Evaluation, expr: Call) -> Value:
    arguments = [run.value(argument) for argument in expr.arguments]
    body = run.program.body_of(expr.function) if run.program is not None else None
    if body is None:
        raise ConstError(expr.span, "")
    before, depth = run.frame, run.depth
    run.frame = dict(zip(expr.function.params, arguments, strict=True))
    try:
        return run.value(body)
    except _Leave as leave:
        run.depth = depth
        return leave.value
    except ConstError as error:
        inside = error.inside or error.span
        raise ConstError(expr.span, error.message, error.code, inside) from error
    finally:
        run.frame = before


def _access(run: _Evaluation, expr: PointerAccess) -> Value:
    place = run.pointed(expr.pointer)
    if expr.value is None:
        return place.load()
    place.store(run.value(expr.value))
    return 0


_RULES: dict[type, Callable[[_Evaluation, Any], Value]] = {
    Literal: lambda _run, expr: expr.value,
    ConstValue: lambda _run, expr: expr.value,
    FunctionPointer: lambda _run, expr: expr.function,
    UnitValue: lambda _run, _expr: 0,
    ByteString: lambda _run, expr: Reference({None: tuple(expr.data)}, None, ()),
    TupleLiteral: _aggregate,
    ArrayLiteral: _aggregate,
    ArrayRepeat: _repeat,
    StructLiteral: _struct,
    SomeValue: _some,
    NoneValue: lambda _run, expr: 0 if is_nullable_pointer(expr.type) else (0,),
    ResultValue: lambda run, expr: (int(expr.is_ok), run.value(expr.value)),
    IsSome: _is_some,
    LocalPlace: _local,
    StaticPlace: _static,
    FieldPlace: _field,
    TupleField: lambda run, expr: run.parts(expr.base)[expr.index],
    IndexPlace: _index,
    Deref: lambda run, expr: run.pointed(expr.pointer).load(),
    AddressOf: lambda run, expr: run.place(expr.place),
    Unary: lambda run, expr: unary(expr, expr.operator, run.scalar(expr.operand)),
    Binary: lambda run, expr: binary(expr, expr.operator, run.scalar(expr.left), run.scalar(expr.right)),
    Compare: lambda run, expr: compare(expr.operator, run.scalar(expr.left), run.scalar(expr.right)),
    Logic: _logic,
    IntegerMethod: _integer_method,
    MinMax: lambda run, expr: (max if expr.is_max else min)(run.scalar(expr.left), run.scalar(expr.right)),
    Cast: _cast_value,
    Panic: _panic,
    PointerAccess: _access,
    Block: _block,
    Assign: _assign,
    CompoundAssign: _compound_assign,
    If: _if,
    Match: _match,
    Loop: _loop,
    LabelledBlock: _labelled_block,
    Break: _leave,
    Continue: _leave,
    Return: _leave,
    Call: _call,
}
