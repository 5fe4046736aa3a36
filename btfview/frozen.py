"""Slotted value classes, frozen to a type checker, without the import cost of :mod:`dataclasses`.

A lean command runs in 40 ms, of which ``import dataclasses`` would be 16 ms and every decorated
class another 0.6 ms. To a type checker :func:`frozen` *is* ``dataclass(frozen=True, slots=True)``;
at run time it does the part of it that btfview uses. That nothing sets a field is for mypy to see: a
``__setattr__`` that refuses makes every construction take two to three times as long, and a source
of 600 lines takes 3,500.
"""

from __future__ import annotations

TYPE_CHECKING = False

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
        namespace.update(
            __slots__=fields,
            __match_args__=fields,
            __init__=_make_init(cls, fields, defaults),
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


def _make_init(
    cls: type[object], fields: tuple[str, ...], defaults: dict[str, object]
) -> Callable[..., None]:
    """Return an ``__init__`` that makes the real one, of the class it is called on, at its first call:
    a command uses a third of the classes that it imports."""

    if fields[len(fields) - len(defaults) :] != tuple(defaults):
        raise TypeError(f"{cls.__qualname__}: a field without a default follows one with a default")

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        template = _template(len(fields))
        code = template.__code__.replace(
            co_varnames=("self", *fields), co_names=fields, co_qualname=f"{cls.__qualname__}.__init__"
        )
        function: Any = type(template)
        init = function(code, {}, "__init__", tuple(defaults.values()))
        type(self).__init__ = init
        init(self, *args, **kwargs)

    return __init__


_templates: dict[int, Any] = {}


def _template(count: int) -> Any:
    """Return an ``__init__`` of *count* fields: to rename in it is faster than to compile one."""
    known = _templates.get(count)
    if known is None:
        parameters = ", ".join(["self", *(f"field{index}" for index in range(count))])
        body = "; ".join(f"self.field{index} = field{index}" for index in range(count)) or "pass"
        scope: dict[str, Any] = {}
        exec(f"def __init__({parameters}): {body}", scope)  # noqa: S102  nothing but numbers goes in
        known = _templates[count] = scope["__init__"]
    return known


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
