"""A type as it is compared over kernels: taken out of its kernel, so that no kernel is held for it."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kernel import Kernel

_ANONYMOUS = "struct "
"""Signature of a struct without a name: as programs declare what they do not look into."""
_BEHIND = ("pointer", "array")


@frozen
class Shape:
    """A type, without its kernel."""

    kind: str
    """As :meth:`.kernel.Kernel.kind` has it."""
    byte_size: int
    """0 of what has none."""
    signature: str
    """As :meth:`.kernel.Kernel.signature` has it."""
    words: str
    """For people: ``a pointer to struct page``."""
    is_signed: bool = False
    behind: Shape | None = None
    """What a pointer leads to (of which nothing is behind), or an array's element."""


class KernelShape:
    """The same of a type in its kernel, each thing looked up where it is asked."""

    __slots__ = ("_kernel", "_type_id")

    def __init__(self, kernel: Kernel, type_id: int) -> None:
        self._kernel = kernel
        self._type_id = type_id

    @property
    def kind(self) -> str:
        return self._kernel.kind(self._type_id)

    @property
    def byte_size(self) -> int:
        return self._kernel.byte_size(self._type_id)

    @property
    def signature(self) -> str:
        return self._kernel.signature(self._type_id)

    @property
    def words(self) -> str:
        return _words(self._kernel, self._type_id)

    @property
    def is_signed(self) -> bool:
        found = self._kernel.bare(self._type_id)
        return isinstance(found, t.Int) and found.is_signed

    @property
    def behind(self) -> KernelShape | None:
        found = self._kernel.bare(self._type_id)
        return KernelShape(self._kernel, found.type_id) if isinstance(found, t.Ptr | t.Array) else None

    def taken(self, *, is_pointee: bool = False) -> Shape:
        """Return it without its kernel.

        Raises:
            BtfFormatError: it, or what it is made of, is damaged.
        """
        kind, behind = self.kind, None if is_pointee else self.behind
        return Shape(
            kind,
            self.byte_size,
            self.signature,
            self.words,
            self.is_signed,
            None if behind is None else behind.taken(is_pointee=kind == "pointer"),
        )


def shape_differences(was: Shape | KernelShape, now: Shape | KernelShape) -> Iterator[str]:
    """Yield in words what is other about two types that stand for each other."""
    kind = was.kind
    if kind != now.kind:
        sizes = was.byte_size, now.byte_size
        size = f" of {plural(sizes[1], 'byte')}" if sizes[0] != sizes[1] and sizes[1] else ""
        yield f"{now.words}{size}, not {was.words}"
    elif kind in ("int", "enum"):
        if was.byte_size != now.byte_size:
            yield f"{plural(now.byte_size, 'byte')}, not {was.byte_size}"
        if kind == "int" and was.is_signed != now.is_signed and not _is_char(was) and not _is_char(now):
            yield "signed" if now.is_signed else "unsigned"
    elif kind == "struct":
        before, after = was.signature, now.signature
        if before != after and before != _ANONYMOUS != after:
            yield f"{now.words}, not {was.words}"
    elif kind in _BEHIND:
        mine, theirs = was.behind, now.behind
        if mine is None or theirs is None:
            return
        if kind == "array":
            inner = tuple(shape_differences(mine, theirs))
            if inner:
                yield f"its elements: {', '.join(inner)}"
        elif mine.signature != theirs.signature and not _is_same_function(mine.signature, theirs.signature):
            yield f"it points to {theirs.words}, not to {mine.words}"


def _is_char(found: Shape | KernelShape) -> bool:
    """Whether ``char`` has a sign differs by architecture and release."""
    return found.byte_size == 1


def _is_same_function(one: str, other: str) -> bool:
    """A function that takes other arguments is told by its caller's types, not here."""
    return one.startswith("fn(") and other.startswith("fn(")


def _words(kernel: Kernel, type_id: int) -> str:
    found = kernel.bare(type_id)
    match found:
        case t.Ptr():
            return (
                f"a pointer to {_words(kernel, found.type_id)}"
                if not _is_deep(kernel, found)
                else "a pointer"
            )
        case t.Int() | t.Float():
            return found.name
        case t.Struct() | t.Enum() | t.Fwd():
            name = found.name or kernel.typedef_of(type_id)
            return f"{found.kind.label} {name}" if name else f"a {found.kind.label}"
        case t.Array():
            return f"an array of {found.length}" if found.length else "an array"
        case t.Void():
            return "anything"
        case _:
            return f"a {found.kind.label}"


def _is_deep(kernel: Kernel, pointer: t.Ptr) -> bool:
    """Tell whether behind a pointer is a third one."""
    behind = kernel.bare(pointer.type_id)
    return isinstance(behind, t.Ptr) and isinstance(kernel.bare(behind.type_id), t.Ptr)
