"""What is worked out about items when it is first asked for, so that their order does not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tree_sitter import Node

    from btfview.compiler.rust.typed.definitions import Constant
    from btfview.compiler.rust.types.kinds import EnumType, StructType, Type


class TypeFacts(Protocol):
    """What reading a type needs to know of the rest of the program."""

    def complete(self, struct: StructType) -> None:
        """Give *struct* its fields and layout, once."""
        ...

    def complete_enum(self, enum: EnumType) -> None:
        """Give the variants of *enum* their discriminants, once."""
        ...

    def evaluate(self, node: Node, wanted: Type) -> Constant | None:
        """Return the value of the constant expression *node*; None, told, where it has none."""
        ...
