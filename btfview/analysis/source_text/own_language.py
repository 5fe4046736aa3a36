"""What to write, in the language of the program: C with libbpf's macros, or Rust in either dialect."""

from __future__ import annotations

import re

from btfview.btf.kinds import CoreReloKind
from btfview.frozen import TYPE_CHECKING
from btfview.hints.code.rust import rust_name

if TYPE_CHECKING:
    from btfview.analysis.result import Analysis, LinkedRelo

_TAGGED = ("struct", "union", "enum")
_FITTED_READ = (
    "Read it with a size that libbpf fits: bpf_core_read(&value, bpf_core_field_size(field), &field), into a"
    " zeroed variable; a bitfield with BPF_CORE_READ_BITFIELD()."
)
_FITTED_READ_RUST = "Read as many bytes as core::btf::field_byte_size! says of it, into a zeroed variable."
_IN_RUST = (
    (
        re.compile(r"let libbpf fit the size: bpf_core_field_size.*"),
        "read as many bytes as core::btf::field_byte_size! says of it, into a zeroed variable",
    ),
    (
        re.compile(r"read it with BPF_CORE_READ_BITFIELD.*"),
        "shift it by core::btf::field_lshift! and field_rshift!, in a load of core::btf::field_byte_size!",
    ),
    (
        re.compile(r"bpf_core_enum_value_exists\(enum (\w+), (\w+)\)"),
        r"core::btf::enum_value_exists!(\1, \2)",
    ),
    (
        re.compile(r'char LICENSE\[\] SEC\("license"\) = "GPL"'),
        r'#[no_mangle] #[link_section = "license"] static LICENSE: [u8; 4] = *b"GPL\\0"',
    ),
    (re.compile(r'SEC\(("[^"]*")\)'), r"#[link_section = \1]"),
)
"""Ways out that rules name in C, as Rust has them."""


def guard(analysis: Analysis, linked: LinkedRelo) -> str:
    """Return the question that keeps a program away from what a kernel lacks; empty for a record that needs
    none."""
    kind = linked.relo.kind
    if kind is None or not (kind.is_field or kind.is_enumval):
        return ""
    return _rust_guard(analysis, linked) if analysis.is_rust else _c_guard(linked)


def _c_guard(linked: LinkedRelo) -> str:
    # A typedef, of a struct without a name too, is a type by its name alone.
    word = f"{linked.local_type_kind} " if linked.local_type_kind in _TAGGED else ""
    if linked.relo.kind is not None and linked.relo.kind.is_enumval:
        enum, _, name = linked.path.partition("::")
        return f"if (bpf_core_enum_value_exists({word}{enum}, {name})) {{ ... }}"
    path = linked.path.removeprefix(linked.local_type_name)
    while path.endswith("[0]") and path.count("."):  # an array is there where its first element is
        path = path[:-3]
    member = f"->{path[1:]}" if path.startswith(".") else path
    return f"if (bpf_core_field_exists((({word}{linked.local_type_name} *)0){member})) {{ ... }}"


def _rust_guard(analysis: Analysis, linked: LinkedRelo) -> str:
    is_option = analysis.dialect == "option"
    if linked.relo.kind is not None and linked.relo.kind.is_enumval:
        enum, _, name = linked.path.partition("::")
        query = f"({enum}, {rust_name(name)})"
        if is_option and linked.relo.kind == CoreReloKind.ENUMVAL_VALUE:
            return f"if let Some(value) = core::btf::enum_value!{query} {{ ... }}"
        return f"if core::btf::enum_value_exists!{query} {{ ... }}"
    path = linked.path.removeprefix(linked.local_type_name).lstrip(".")
    names = ".".join(_rust_step(step) for step in path.split("."))
    query = f"({rust_name(linked.local_type_name)}, {names})"
    if is_option and linked.relo.kind == CoreReloKind.FIELD_BYTE_OFFSET:
        return f"if let Some(offset) = core::btf::field_byte_offset!{query} {{ ... }}"
    return f"if core::btf::field_exists!{query} {{ ... }}"


def _rust_step(step: str) -> str:
    name, bracket, rest = step.partition("[")
    return f"{rust_name(name)}{bracket}{rest}"


def fitted_read(analysis: Analysis) -> str:
    """Return how to read a field whose width differs between kernels."""
    return _FITTED_READ_RUST if analysis.is_rust else _FITTED_READ


def in_own_language(analysis: Analysis, advice: str) -> str:
    """Return what a rule advises, which is C, as the program would write it."""
    if analysis.is_rust:
        for in_c, in_rust in _IN_RUST:
            advice = in_c.sub(in_rust, advice)
    return advice
