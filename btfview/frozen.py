"""Slotted value classes, frozen to a type checker, without the import cost of :mod:`dataclasses`.

To a type checker :func:`frozen` *is* ``dataclass(frozen=True, slots=True)``; at run time it does the part
of it that btfview uses. ``btfview relos`` on an object and a kernel takes 29 ms of processor time with it,
58 to 66 with dataclasses (CPython 3.11): their import is 6 ms to 16, a class another 0.6. Here a class costs
0.006 ms, an instance 0.001 ms, and from the thirtieth of its class on a tenth of that.

That nothing sets a field is for mypy to see: a ``__setattr__`` that refuses makes every construction take
two to three times as long, and a source of 600 lines takes 3,500.
"""

from __future__ import annotations

TYPE_CHECKING = False
_MANY = 30
"""Instances that take as long as to compile an ``__init__``."""

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Never, TypeVar, dataclass_transform

    _T = TypeVar("_T")

    @dataclass_transform(frozen_default=True)
    def frozen(cls: type[_T]) -> type[_T]: ...

else:

    def frozen(cls):
        """Return *cls* remade as a slotted class with one field an annotation.

        Positional and keyword construction, defaults (shared, so immutable ones only), equality
        within the same class, hash, repr (each of these unless the class has its own) and
        ``__match_args__``. Fields are not inherited.
        """
        fields = tuple(cls.__dict__.get("__annotations__", ()))  # noqa: RUF063  inspect costs 10 ms
        namespace = {k: v for k, v in cls.__dict__.items() if k not in ("__dict__", "__weakref__")}
        defaults = {name: namespace.pop(name) for name in fields if name in namespace}
        if fields[len(fields) - len(defaults) :] != tuple(defaults):
            raise TypeError(f"{cls.__qualname__}: a field without a default follows one with a default")
        namespace.update(
            __slots__=fields,
            __match_args__=fields,
            __init__=_make_init(fields, defaults),
            __eq__=namespace.get("__eq__", _equal),
            __hash__=namespace.get("__hash__") or _hash,
            __repr__=namespace.get("__repr__", _repr),
            __reduce__=_reduce,
        )
        return type(cls.__name__, cls.__bases__, namespace)


def assert_never(value: Never) -> Never:
    """Stand behind the last case of a ``match``: a type checker refuses it if anything can come here.
    ``typing.assert_never`` is the same, after an import of 2 ms."""
    raise AssertionError(f"nobody thought of {value!r} here")


def replace(instance: _T, **changes: Any) -> _T:
    """Return a copy of *instance* with the fields in *changes* exchanged."""
    cls: Any = type(instance)
    values = {name: getattr(instance, name) for name in cls.__match_args__}
    return cls(**{**values, **changes})  # type: ignore[no-any-return]


def _make_init(fields: tuple[str, ...], defaults: dict[str, object]) -> Callable[..., None]:
    """Return an ``__init__`` that sets field after field, and gives way to a compiled one when a class has
    many instances: a command makes few of most."""
    known, made = frozenset(fields), 0

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        nonlocal made
        made += 1
        if not kwargs and len(args) == len(fields) and made < _MANY:  # nearly always
            for name, value in zip(fields, args, strict=True):
                setattr(self, name, value)
            return
        values = {**defaults, **dict(zip(fields, args, strict=False)), **kwargs}
        is_sound = (
            len(args) <= len(fields)
            and values.keys() == known
            and kwargs.keys().isdisjoint(fields[: len(args)])
        )
        if is_sound and made < _MANY:
            for name in fields:
                setattr(self, name, values[name])
        else:
            init = type(self).__init__ = _compile_init(fields, defaults)
            init(self, *args, **kwargs)  # which also tells what is wrong with the arguments

    return __init__


def _compile_init(fields: tuple[str, ...], defaults: dict[str, object]) -> Callable[..., None]:
    parameters = ", ".join(f"{name}=defaults[{name!r}]" if name in defaults else name for name in fields)
    body = "; ".join(f"self.{name} = {name}" for name in fields) or "pass"
    scope: dict[str, Any] = {"defaults": defaults}
    exec(f"def __init__(self, {parameters}): {body}", scope)  # noqa: S102  nothing but names of fields
    init: Callable[..., None] = scope["__init__"]
    return init


def _values(instance: Any) -> tuple[object, ...]:
    return tuple(getattr(instance, name) for name in instance.__match_args__)


def _equal(self: object, other: object) -> bool:
    return type(self) is type(other) and _values(self) == _values(other)


def _hash(self: object) -> int:
    return hash(_values(self))


def _repr(self: object) -> str:
    cls: Any = type(self)
    body = ", ".join(f"{name}={getattr(self, name)!r}" for name in cls.__match_args__)
    return f"{cls.__qualname__}({body})"


def _reduce(self: object) -> tuple[type[object], tuple[object, ...]]:
    return type(self), _values(self)
