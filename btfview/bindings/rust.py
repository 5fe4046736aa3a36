"""Rust that reads fields of the kernel: structs with those fields, and a function for each.

The form is that of the BTF relocations pre-RFC (``demo/sched.rs``): ask whether the field is there, then
where, then make a reference. Where targets differ in a name or in the kind of a type, a second struct with a
flavor (``task_struct___v5_10``) stands for the others, and the function asks for one after the other.
"""

from __future__ import annotations

import re
from itertools import chain, count

from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING, assert_never, frozen
from btfview.hints.code.rust import READ_UNSIGNED

from .plan import Accessor, Declaration, flavor_of, free_name, function_stem, is_number, where_lines
from .result import Bindings, Taken
from .rust_types import C_VOID, Definitions, rust_name
from .shapes import ArrayLeaf, BitfieldLeaf, EnumLeaf, FieldPath, IntLeaf, PointerLeaf, StructLeaf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal, TypeAlias

    from .shapes import Leaf

    Form: TypeAlias = Literal["ref", "ptr", "value"]

DIALECTS = ("repr", "option")
HEADING = "//! Made by `btfview bindings`"
"""How a generated file begins."""
_MARKERS = {"repr": "#[repr(Btf)]", "option": "#[btf_relocatable]\n#[repr(C)]"}


@frozen
class _Helper:
    """A function that accessors call."""

    name: str
    text: str


_READ = _Helper(
    "read_unsigned",
    """\
/// The integer of `size` bytes at `at`: the size is the kernel's.
///
/// Not inlined, or LLVM would make offset and load one instruction, which a loader refuses where the field
/// has another size than in this file.
"""
    + READ_UNSIGNED,
)
_FIELD_AT = _Helper(
    "field_at",
    """\
/// The address of a field that has another size on the kernel than in this file.
///
/// Not inlined, or LLVM would make the offset part of a load, which a loader then refuses.
#[inline(never)]
fn field_at(ptr: *const u8, offset: usize) -> *const u8 {
    unsafe { ptr.add(offset) }
}
""",
)


def rust_code(
    accessors: tuple[Accessor, ...], dialect: str, taken: Taken, names: str, notes: tuple[str, ...]
) -> Bindings:
    """Return a source for *accessors*, in one of :data:`DIALECTS`; *names* are those of the targets, *notes*
    what is to be known of them.

    Raises:
        UsageError: a name cannot be written in Rust, or the source calls something else by a struct's.
    """
    for root in dict.fromkeys(accessor.path.root for accessor in accessors):
        if root in taken.others:
            raise UsageError(f"the source calls something else {root}: put the code into a file of its own")
    writer = _Writer(accessors, dialect, taken)
    body = writer.body()
    text = (
        f"{HEADING} for {names}.\n\n#![feature({', '.join(writer.gates)})]\n#![no_std]\n"
        f"#![allow(non_camel_case_types, non_snake_case, dead_code)]\n\n{body}"
    )
    return Bindings(text, body, writer.gates, (), accessors, notes)


class _Writer:
    def __init__(self, accessors: Sequence[Accessor], dialect: str, taken: Taken) -> None:
        self._accessors = accessors
        self._dialect = dialect
        self._taken = taken
        self._types = Definitions((accessor.path.root for accessor in accessors), taken.names)
        self._has_extra = any(
            step.indices
            for accessor in accessors
            for declaration in accessor.declarations
            for step in declaration.shape.path.steps
        )
        self._helpers: dict[_Helper, None] = {}

    @property
    def gates(self) -> tuple[str, ...]:
        return ("btf_relocations", *(("btf_relocations_extra",) if self._has_extra else ()))

    def body(self) -> str:
        functions: dict[str, list[str]] = {}
        names: dict[str, set[str]] = {}
        for accessor in self._accessors:
            root = accessor.path.root
            known = names.setdefault(root, set(self._taken.methods.get(root, ())))
            name = _function_name(accessor.path, known)
            functions.setdefault(root, []).append(self._function(accessor, name))
        impls = (
            f"impl {rust_name(root)} {{\n" + "\n".join(texts) + "}\n" for root, texts in functions.items()
        )
        text = "\n".join((*self._types.text(_MARKERS[self._dialect]), *impls))
        for helper in self._helpers:
            text = self._with_helper(text, helper)
        return text

    def _with_helper(self, text: str, helper: _Helper) -> str:
        """Return *text* with a function that it calls, under another name where that is taken."""
        if helper.text in self._taken.text:
            return text
        free = free_name(helper.name, self._taken.names)
        return re.sub(rf"\b{helper.name}\(", f"{free}(", f"{text}\n{helper.text}")

    # -- one function ------------------------------------------------------------------------

    def _function(self, accessor: Accessor, name: str) -> str:
        declared = [
            (declaration, accessor.path.root + self._declare(accessor, declaration))
            for declaration in accessor.declarations
        ]
        result, form = self._result(accessor)
        lines = [f"    /// {line}" for line in where_lines(accessor, "`")]
        lines.append(f"    pub fn {name}(&self) -> Option<{result}> {{")
        root = rust_name(accessor.path.root)
        lines.append(f"        let ptr = self as *const {root} as *const u8;")
        if self._dialect == "option" and len(declared) == 1:
            declaration, struct = declared[0]
            query = f"({rust_name(struct)}, {_rust_path(declaration.shape.path)})"
            lines.append(f"        let offset = core::btf::field_byte_offset!{query}?;")
            lines += [f"        {line}" for line in self._value(declaration, query, result, form)]
        else:
            lines += self._branches(declared, result, form)
        return "\n".join((*lines, "    }\n"))

    def _branches(self, declared: list[tuple[Declaration, str]], result: str, form: Form) -> Iterator[str]:
        word = "        if"
        for declaration, struct in declared:
            query = f"({rust_name(struct)}, {_rust_path(declaration.shape.path)})"
            if self._dialect == "option":
                yield f"{word} let Some(offset) = core::btf::field_byte_offset!{query} {{"
            else:
                yield f"{word} core::btf::field_exists!{query} {{"
                yield f"            let offset = core::btf::field_byte_offset!{query};"
            yield from (f"            {line}" for line in self._value(declaration, query, result, form))
            word = "        } else if"
        yield "        } else {"
        yield "            None"
        yield "        }"

    def _declare(self, accessor: Accessor, declaration: Declaration) -> str:
        flavor = flavor_of(declaration.targets[0])
        first = ("", flavor) if declaration is accessor.declarations[0] else (flavor,)
        return self._types.add(declaration.shape, chain(first, (f"{flavor}_{number}" for number in count(2))))

    def _result(self, accessor: Accessor) -> tuple[str, Form]:
        """Return what the function's Option holds, and how it gets there."""
        leaves = accessor.leaves
        types = {self._types.accessed(leaf) for leaf in leaves}
        if any(map(_is_bitfield, leaves)) or (len(types) > 1 and all(map(is_number, leaves))):
            is_signed = any(_is_signed(leaf) for leaf in leaves)
            return ("i64" if is_signed else "u64"), "value"
        first = leaves[0]
        if all(isinstance(leaf, ArrayLeaf) for leaf in leaves):
            return self._array_result(leaves)
        if len(types) == 1 and isinstance(first, StructLeaf):
            name = self._struct_name(accessor)
            return (f"&{name}", "ref") if name else ("*const u8", "ptr")
        if len(types) == 1:
            return f"&{types.pop()}", "ref"
        if all(isinstance(leaf, PointerLeaf) for leaf in leaves):
            return f"&*const {C_VOID}", "ref"
        return "*const u8", "ptr"

    def _array_result(self, leaves: tuple[Leaf, ...]) -> tuple[str, Form]:
        arrays = [leaf for leaf in leaves if isinstance(leaf, ArrayLeaf)]
        elements = {self._types.accessed(leaf.element) for leaf in arrays}
        inner = arrays[0].element
        while isinstance(inner, ArrayLeaf):
            inner = inner.element
        if len(elements) > 1 or isinstance(inner, StructLeaf):
            return "*const u8", "ptr"
        element = elements.pop()
        length = min(leaf.length for leaf in arrays)
        return (f"&[{element}; {length}]", "ref") if length else (f"*const {element}", "ptr")

    def _struct_name(self, accessor: Accessor) -> str:
        """Return the local struct that stands for a field that is a struct: it has been declared with the
        first declaration, and has accessors of its own if any were asked for."""
        leaf = accessor.declarations[0].shape.leaf
        name = leaf.name if isinstance(leaf, StructLeaf) else ""
        is_there = self._types.has_struct(name) or name in self._taken.structs
        return rust_name(name) if name and is_there else ""

    def _value(self, declaration: Declaration, query: str, result: str, form: Form) -> Iterator[str]:
        match form:
            case "value":
                yield from self._number(declaration, query, result)
            case "ref":
                place = self._address(declaration) or "ptr.add(offset)"
                yield f"Some(unsafe {{ &*({place} as *const {result[1:]}) }})"
            case "ptr":
                place = self._address(declaration) or "unsafe { ptr.add(offset) }"
                yield f"Some({place})" if result == "*const u8" else f"Some({place} as {result})"
            case _:
                assert_never(form)

    def _address(self, declaration: Declaration) -> str:
        """Return the call that gives the address of a field whose size is another one there; else nothing."""
        if not _is_resized(declaration):
            return ""
        self._helpers[_FIELD_AT] = None
        return "field_at(ptr, offset)"

    def _number(self, declaration: Declaration, query: str, result: str) -> Iterator[str]:
        leaves = [shape.leaf for shape in declaration.shapes]
        sizes = {shape.byte_size for shape in declaration.shapes}
        is_signed = all(map(_is_signed, leaves))
        has_bits = any(map(_is_bitfield, leaves))
        if len(sizes) == 1 and not has_bits:
            number = f"{'i' if is_signed else 'u'}{sizes.pop() * 8}"
            yield f"Some(unsafe {{ *(ptr.add(offset) as *const {number}) }} as {result})"
            return
        self._helpers[_READ] = None
        may = "?" if self._dialect == "option" else ""
        yield f"let size = core::btf::field_byte_size!{query}{may};"
        yield "let bits = read_unsigned(unsafe { ptr.add(offset) }, size);"
        if has_bits:
            # The window that the loader computes for the target (BPF_CORE_READ_BITFIELD of libbpf).
            self._has_extra = True
            yield f"let bits = bits << core::btf::field_lshift!{query}{may};"
            signed = "(bits as i64)" if is_signed else "bits"
            value = f"{signed} >> core::btf::field_rshift!{query}{may}"
            yield f"Some({value})" if is_signed == (result == "i64") else f"Some(({value}) as {result})"
        elif is_signed:
            yield "let unused = 64 - 8 * size as u32;"
            yield f"Some((((bits << unused) as i64) >> unused) as {result})"
        else:
            yield f"Some(bits as {result})"


def _is_resized(declaration: Declaration) -> bool:
    """Tell whether the local declaration has another size than the field of some target."""
    inner = declaration.shape.leaf
    while isinstance(inner, ArrayLeaf):
        inner = inner.element
    is_other = isinstance(inner, StructLeaf) or (isinstance(inner, IntLeaf) and inner.byte_size > 8)
    return is_other or len({shape.byte_size for shape in declaration.shapes}) > 1


def _is_bitfield(leaf: Leaf) -> bool:
    return isinstance(leaf, BitfieldLeaf) or (isinstance(leaf, EnumLeaf) and leaf.bits > 0)


def _is_signed(leaf: Leaf) -> bool:
    if isinstance(leaf, IntLeaf) and (leaf.is_bool or leaf.is_text):
        return False
    return isinstance(leaf, IntLeaf | BitfieldLeaf | EnumLeaf) and leaf.is_signed


def _rust_path(path: FieldPath) -> str:
    return ".".join(
        rust_name(step.name) + "".join(f"[{index}]" for index in step.indices) for step in path.steps
    )


def _function_name(path: FieldPath, taken: set[str]) -> str:
    """Return ``se_vruntime`` for ``task_struct.se.vruntime``; a number after it where that is taken."""
    name = free_name(function_stem(path), taken)
    taken.add(name)
    return rust_name(name)
