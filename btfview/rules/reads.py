"""Rules of how a program reads a field that resolves, and of layouts that no record moves."""

from __future__ import annotations

from .rule import Rule

RULES = (
    Rule(
        "read_width",
        "warning",
        "a field is read with another width than it has there",
        """\
libbpf fits the width of a load to the kernel's field. It cannot fit the size of a copy
(bpf_probe_read_kernel), nor what is done with a pointer that is handed on. There the program reads past the
field, or only a part of it.

Let libbpf fit the size: bpf_core_field_size(), as BPF_CORE_READ_INTO() does with a zeroed variable.""",
        is_lint=True,
    ),
    Rule(
        "read_sign",
        "note",
        "a field is signed there and unsigned in the program, or the other way round",
        """\
The bytes are read rightly, and mean another number if the top bit is set: harmless for what is never
negative.""",
        is_lint=True,
    ),
    Rule(
        "bitfield_read",
        "warning",
        "a plain read of what is a bitfield there",
        """\
The offset is that of the bytes that hold the bitfield; the program reads its neighbours with it.

Read it with BPF_CORE_READ_BITFIELD() or BPF_CORE_READ_BITFIELD_PROBED(), which ask for size and shifts.""",
        is_lint=True,
    ),
    Rule(
        "enum_width",
        "warning",
        "an enumerator has 64 bits there, and is compared or stored with 32",
        """\
The value is patched whole into a 64-bit constant, and sign-extended into a 32-bit one. Compare with the
constant itself, in the width of the kernel's enum.""",
        is_lint=True,
    ),
    Rule(
        "baked_in_offset",
        "warning",
        "a struct of the kernel is read at an offset that is compiled in",
        """\
No record moves it, so on a kernel with another layout the program reads another field and nothing tells.

C: include a vmlinux.h, or declare the struct with __attribute__((preserve_access_index)). An offsetof() or
sizeof() is a constant all the same: bpf_core_field_offset(), bpf_core_type_size(). Rust: mark the struct with
#[repr(Btf)] and ask core::btf.""",
        is_lint=True,
    ),
    Rule(
        "mixed_layouts",
        "warning",
        "aya resolves fields of one type in two types of the kernel",
        """\
Only with --loader aya: it takes each record alone, so one pointer is read by two layouts. libbpf and
cilium/ebpf drop candidates that did not match before.

Declare each layout as a struct of its own flavor, and ask which one is there.""",
        is_lint=True,
    ),
    Rule(
        "object_btf",
        "warning",
        "the object's own BTF is missing, stripped, or refused by the kernel",
        """\
Without .BTF or .BTF.ext nothing is relocated. Where the kernel refuses a type of it, libbpf loads without
BTF, and so without spin locks, timers and global functions.

Compile with debug information (clang -g, rustc -C debuginfo=2); llvm-strip -g takes .BTF.ext away.""",
        is_lint=True,
    ),
)
