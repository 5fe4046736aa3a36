"""The Rust types of generated bindings: structs that declare what is asked for, and nothing else."""

from __future__ import annotations

from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.hints.code.names import NOT_RUST
from btfview.hints.code.rust import rust_name as raw_if_needed

from .plan import compat_class
from .shapes import ArrayLeaf, BitfieldLeaf, EnumLeaf, IntLeaf, Leaf, PointerLeaf, StructLeaf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from .shapes import Shape

C_VOID = "core::ffi::c_void"


def rust_name(name: str) -> str:
    """Return *name* as Rust takes it.

    Raises:
        UsageError: no spelling of it is a Rust identifier.

    >>> rust_name("pid"), rust_name("type")
    ('pid', 'r#type')
    """
    if not (name.isascii() and name.isidentifier()) or name in NOT_RUST:
        raise UsageError(f"{name!r} is no name that Rust can write, so no query can reach it")
    return raw_if_needed(name)


@frozen
class _Need:
    """One field of one struct."""

    struct: str
    is_union: bool
    field: str
    declared: str
    compat: str
    enum: tuple[str, str] | None
    """Name and definition of the field's enum."""


class Definitions:
    """Structs and enums by name, with a flavor where two targets need different ones."""

    def __init__(self, roots: Iterable[str], taken: Collection[str] = ()) -> None:
        """*roots* are what the program asks about; names that are *taken* are not declared."""
        self._taken = taken
        self._roots = frozenset(roots)
        """What the program asks about; pointers to others are ``*const c_void``."""
        self._structs: dict[str, tuple[bool, dict[str, tuple[str, str]]]] = {}
        """By name: whether it is a union; by field its type and compatibility class."""
        self._enums: dict[str, str] = {}

    def add(self, shape: Shape, flavors: Iterable[str]) -> str:
        """Declare all that *shape* needs, under the first of *flavors* that fits beside what is there;
        return that flavor."""
        for flavor in flavors:
            needs = list(self._needs(shape, flavor))
            if self._fit(needs):
                for need in needs:
                    self._enter(need)
                return flavor
        raise AssertionError("flavors are without end")

    def accessed(self, leaf: Leaf) -> str:
        """Return the type that the field's bytes are read as. An enum is read as the integer it is: a value
        that Rust's enum does not list would be undefined behaviour."""
        match leaf:
            case IntLeaf() if leaf.byte_size == 16:
                return "[u64; 2]"
            case IntLeaf() if leaf.is_bool:
                return "bool"
            case IntLeaf() if leaf.is_text:
                return "u8"
            case IntLeaf() | BitfieldLeaf() | EnumLeaf():
                return _int(leaf.byte_size, leaf.is_signed)
            case PointerLeaf():
                if leaf.to_struct in self._roots:
                    return f"*const {rust_name(leaf.to_struct)}"
                return f"*const {self.accessed(leaf.to_int) if leaf.to_int else C_VOID}"
            case ArrayLeaf():
                return f"[{self.accessed(leaf.element)}; {leaf.length}]"
            case StructLeaf():
                return leaf.name

    def has_struct(self, name: str) -> bool:
        return name in self._structs

    def text(self, marker: str) -> Iterator[str]:
        """Yield each definition."""
        # A union's fields must be Copy, and so must what they are made of.
        copy = "#[derive(Clone, Copy)]\n" if any(is_union for is_union, _ in self._structs.values()) else ""
        for definition in self._enums.values():
            yield copy + definition
        for name, (is_union, fields) in self._structs.items():
            body = "".join(f"    {field}: {declared},\n" for field, (declared, _) in fields.items())
            word = "union" if is_union and fields else "struct"
            braces = f"{{\n{body}}}" if body else "{}"
            yield f"{marker}\n{copy}pub {word} {rust_name(name)} {braces}\n"

    # -- what a shape needs ------------------------------------------------------------------

    def _needs(self, shape: Shape, flavor: str) -> Iterator[_Need]:
        owner, is_union = shape.path.root + flavor, shape.is_union
        for index, (step, lengths) in enumerate(zip(shape.path.steps, shape.lengths, strict=True)):
            leaf: Leaf = shape.leaf if index == len(shape.owners) else shape.owners[index]
            # Kernels call types after owner and field, so an anonymous one needs more than that.
            name = self._type_name(leaf, f"{owner.removesuffix(flavor)}_{step.name}_anon", flavor)
            declared, enum = self._declared(leaf, name)
            compat = compat_class(leaf)
            for length, at in zip(reversed(lengths), reversed(step.indices), strict=True):
                declared = f"[{declared}; {length or at + 1}]"
                compat = f"array of {compat}"
            yield _Need(owner, is_union, rust_name(step.name), declared, compat, enum)
            inner = _innermost(leaf)
            if isinstance(inner, StructLeaf):
                owner, is_union = name, inner.is_union
        if isinstance(_innermost(shape.leaf), StructLeaf):
            yield _Need(owner, is_union, "", "", "", None)

    def _type_name(self, leaf: Leaf, otherwise: str, flavor: str) -> str:
        inner = _innermost(leaf)
        name = inner.name if isinstance(inner, StructLeaf | EnumLeaf) else ""
        return (name or otherwise) + flavor

    def _declared(self, leaf: Leaf, name: str) -> tuple[str, tuple[str, str] | None]:
        """Return the type of a field, of the class that the loader looks for, and the enum it needs."""
        match leaf:
            case IntLeaf() if leaf.byte_size == 16:
                return "u64", None  # any int stands for any other
            case EnumLeaf():
                variant, value = leaf.variant
                number = _int(leaf.byte_size, leaf.is_signed or value < 0)
                body = f"    {rust_name(variant)} = {value},\n"
                return rust_name(name), (
                    name,
                    f"#[repr({number})]\npub enum {rust_name(name)} {{\n{body}}}\n",
                )
            case StructLeaf():
                return rust_name(name), None
            case ArrayLeaf():
                element, enum = self._declared(leaf.element, name)
                return f"[{element}; {leaf.length}]", enum
            case _:
                return self.accessed(leaf), None

    def _fit(self, needs: list[_Need]) -> bool:
        for need in needs:
            if need.struct in self._taken or (need.enum and need.enum[0] in self._taken):
                return False
            is_union, fields = self._structs.get(need.struct, (need.is_union, {}))
            _, compat = fields.get(need.field, ("", need.compat))
            if is_union != need.is_union or compat != need.compat or need.struct in self._enums:
                return False
            if need.enum and (need.enum[0] in self._structs or self._enums.get(*need.enum) != need.enum[1]):
                return False
        return True

    def _enter(self, need: _Need) -> None:
        rust_name(need.struct)
        _, fields = self._structs.setdefault(need.struct, (need.is_union, {}))
        if need.field:
            fields.setdefault(need.field, (need.declared, need.compat))
        if need.enum:
            self._enums.setdefault(*need.enum)


def _innermost(leaf: Leaf) -> Leaf:
    while isinstance(leaf, ArrayLeaf):
        leaf = leaf.element
    return leaf


def _int(byte_size: int, is_signed: bool) -> str:
    return f"{'i' if is_signed else 'u'}{byte_size * 8}"
