"""What names of a program stand for: locals, statics, functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from btfview.compiler.rust.types.kinds import ERROR, EnumType, ModulePath, StructType, Type
from btfview.frozen import frozen
from btfview.source import Span

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


Constant: TypeAlias = "int | Function | tuple[Constant, ...]"
"""Value of an integer, bool, char, enum or pointer (0); the function that a pointer in a static is of; of an
array or tuple; of a struct's fields in declaration order; ``(1, value)`` of ``Some`` and ``Ok``, ``(0,)`` of
``None``, ``(0, value)`` of ``Err``."""


class Local:
    """A parameter or a ``let`` binding."""

    __slots__ = ("helper_number", "is_late", "is_mut", "name", "span", "type")

    def __init__(self, name: str, local_type: Type, span: Span, is_mut: bool) -> None:
        self.name = name
        self.type = local_type
        self.span = span
        self.is_mut = is_mut
        self.is_late = False
        """Declared by a ``let`` without a value."""
        self.helper_number: int | None = None
        """Of a function pointer: the helper it calls."""


class Static:
    __slots__ = (
        "data",
        "is_external",
        "is_mut",
        "is_safe",
        "module",
        "name",
        "node",
        "outer_locals",
        "section",
        "span",
        "symbol",
        "type",
        "visibility",
    )

    def __init__(
        self, name: str, static_type: Type, span: Span, is_mut: bool, node: Node, section: str | None
    ) -> None:
        self.name = name
        self.symbol = name
        self.module: ModulePath = ()
        self.visibility: ModulePath = ()
        self.type = static_type
        self.span = span
        self.is_mut = is_mut
        self.node = node
        self.section = section
        self.outer_locals: frozenset[str] = frozenset()
        """Locals of the functions around it, which it cannot use."""
        self.data: Constant = 0
        """The initial value."""
        self.is_external = False
        """Of an extern block: a variable of the kernel's, a *ksym*."""
        self.is_safe = True
        """Whether it may be read without ``unsafe``."""


class Function:
    """A function with a body, a kernel helper or a kfunc."""

    __slots__ = (
        "helper_number", "inline", "is_const", "is_exported", "is_extern_c", "is_kfunc",
        "is_no_mangle", "is_unsafe", "is_variadic", "module", "name", "node", "outer_locals", "owner",
        "param_patterns", "params", "result", "section", "self_param", "span", "symbol", "visibility",
    )  # fmt: skip

    def __init__(self, name: str, span: Span, node: Node, owner: StructType | EnumType | None) -> None:
        self.name = name
        self.module: ModulePath = ()
        self.visibility: ModulePath = ()
        self.is_no_mangle = False
        self.span = span
        self.node = node
        self.owner = owner
        self.symbol = name
        self.params: list[Local] = []
        self.outer_locals: frozenset[str] = frozenset()
        """Locals of the functions around it, which it cannot use."""
        self.param_patterns: list[tuple[Local, Node]] = []
        """Those of :attr:`params` that a pattern takes apart, with its syntax."""
        self.result: Type
        self.self_param: Local | None = None
        """The first of :attr:`params`, in a method."""
        self.is_exported = False
        """Kept although unused: ``pub``, ``#[no_mangle]`` or an entry function."""
        self.is_const = False
        """``const fn``: it may be called in constants, and calls nothing else."""
        self.is_unsafe = False
        self.is_kfunc = False
        """A function of the kernel's, by its name."""
        self.is_extern_c = False
        self.is_variadic = False
        self.section: str | None = None
        """``link_section``: an entry function."""
        self.inline: str | None = None
        self.helper_number: int | None = None

    @property
    def path(self) -> str:
        before = (self.owner.key,) if self.owner is not None else self.module
        return "::".join((*before, self.name))


class Const:
    """A ``const`` item; its value is worked out when first wanted."""

    __slots__ = (
        "module", "name", "node", "outer_locals", "owner", "span", "type", "visibility",
    )  # fmt: skip

    def __init__(self, name: str, span: Span, node: Node, module: ModulePath) -> None:
        self.name = name
        self.module = module
        self.visibility: ModulePath = ()
        self.owner: StructType | EnumType | None = None
        """What ``Self`` stands for, in an associated constant."""
        self.outer_locals: frozenset[str] = frozenset()
        """Locals of the functions around it, which it cannot use."""
        self.span = span
        self.node = node
        self.type: Type = ERROR


@frozen
class LayoutUse:
    """Where a program relies on how its file lays out a struct."""

    struct: StructType
    field: str | None
    """None where the size counts."""
    span: Span


class Alias:
    """A ``type`` item; read when first wanted."""

    __slots__ = ("module", "name", "node", "span", "visibility")

    def __init__(self, name: str, span: Span, node: Node, module: ModulePath) -> None:
        self.name = name
        self.span = span
        self.node = node
        self.module = module
        self.visibility: ModulePath = ()
