"""What is worked out about items when it is first asked for, so that their order does not matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from btfview.frozen import frozen

if TYPE_CHECKING:
    from tree_sitter import Node

    from btfview.compiler.rust.typed.definitions import Constant
    from btfview.compiler.rust.types.kinds import EnumType, StructType, Type


@frozen
class TypeContext:
    """What a type may name where it is written."""

    self_type: StructType | EnumType | None = None
    """What ``Self`` stands for."""
    allow_infer: bool = False
    """Whether ``_`` may stand for a type: in function bodies."""
    locals_around: Callable[[], frozenset[str]] = frozenset
    """Gives the names of locals, which a constant in it cannot use."""


class TypeFacts(Protocol):
    """What reading a type needs to know of the rest of the program."""

    def complete(self, struct: StructType) -> None:
        """Give *struct* its fields and layout, once."""
        ...

    def complete_enum(self, enum: EnumType) -> None:
        """Give the variants of *enum* their discriminants, once."""
        ...

    def evaluate(self, node: Node, wanted: Type, context: TypeContext) -> Constant | None:
        """Return the value of the constant expression *node* in a type; None, told, where it has none."""
        ...
