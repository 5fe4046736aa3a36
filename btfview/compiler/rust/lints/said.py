"""What each lint says, whichever front end has found it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.items.names import similar
from btfview.diagnostics import Diagnostic, Label

from .program_sections import CONTEXT_STRUCTS, FAMILIES, SECTIONS, ProgramSection, find_section

if TYPE_CHECKING:
    from btfview.source import Span

    from .levels import Teller

MAX_OLD_NAME = 128
"""Of a BTF name before Linux 6.1, where ``KSYM_NAME_LEN`` became 512 (kernel: ``__btf_name_valid``)."""

_KERNEL_STRUCTS = frozenset(
    [
        "task_struct",
        "mm_struct",
        "sched_entity",
        "cfs_rq",
        "signal_struct",
        "sighand_struct",
        "files_struct",
        "fs_struct",
        "nsproxy",
        "pid_namespace",
        "mnt_namespace",
        "net_namespace",
        "user_namespace",
        "css_set",
        "cgroup",
        "task_group",
        "vm_area_struct",
        "super_block",
        "dentry",
        "inode",
        "vfsmount",
        "sock",
        "sock_common",
        "inet_sock",
        "tcp_sock",
        "udp_sock",
        "sk_buff",
        "net_device",
        "inet_connection_sock",
        "socket_wq",
        "request_queue",
        "bio",
        "gendisk",
        "block_device",
        "kernfs_node",
        "linux_binprm",
        "kiocb",
        "iov_iter",
        "address_space",
        "folio",
        "page_frag",
        "perf_event_context",
        "trace_event_raw_sys_enter",
        "mount",
    ]
)
"""Structs of the kernel's own headers, which change from build to build. None is of ``include/uapi``."""


def is_kernel_struct(name: str) -> bool:
    """Return whether the struct *name* is the kernel's for sure.

    >>> is_kernel_struct("task_struct___old"), is_kernel_struct("event")
    (True, False)
    """
    return name.partition("___")[0] in _KERNEL_STRUCTS


def dropped_query(teller: Teller, span: Span) -> None:
    teller.tell(
        "unused_btf_query",
        span,
        "the answer of this query is not used",
        label="LLVM drops it, so it gives no record",
        hint="use its value, or drop the call",
    )


def unguarded_query(teller: Teller, span: Span, root: str, path: str, *, is_variant: bool) -> None:
    """Tell of a query that nothing guards; *path* is the field's, or the name of a variant."""
    what = "variant" if is_variant else "field"
    guard = f"{'enum_value' if is_variant else 'field'}_exists!({root}, {path})"
    teller.tell(
        "unguarded_btf_offset",
        span,
        f"nothing says that the {what} is there",
        label=f"a kernel without the {what} refuses it",
        hint=f"ask first: `if core::btf::{guard} {{ .. }}`; where every kernel has it, "
        "`#[allow(unguarded_btf_offset)]`",
    )


def known_section(teller: Teller, span: Span, name: str) -> ProgramSection | None:
    """Return what the section *name* of the program at *span* is; tell where libbpf knows none of it."""
    section = find_section(name)
    if section is None:
        near = similar(name.partition("/")[0], [known.rstrip("+") for known in SECTIONS])
        teller.tell(
            "unknown_program_section",
            span,
            f"libbpf knows no program for section `{name}`",
            label="it will not be loaded",
            hint=near or f"known are {', '.join(FAMILIES)} and others, with what they attach to behind a `/`",
        )
    return section


def wrong_context(
    teller: Teller, span: Span, name: str, section: ProgramSection, shown: str, pointee: str | None
) -> None:
    """Tell where the parameter at *span* is not what a program in the section *name* gets: *shown* is its
    type, *pointee* the struct that it points to, an empty one where that is another type, None of no pointer.
    """
    if section.context is None:
        return
    if pointee is not None and pointee not in CONTEXT_STRUCTS - {section.context}:
        return
    gets = f"a pointer to `{section.context}`" if section.context else "a pointer to 64-bit arguments"
    teller.tell(
        "program_context",
        span,
        f"a program in `{name}` gets {gets}",
        label=f"this is `{shown}`",
        hint=f"write `ctx: *mut {section.context or 'u64'}`",
    )


def endless_loop(teller: Teller, span: Span) -> None:
    teller.tell(
        "endless_loop",
        span,
        "nothing leaves this loop",
        label="the verifier refuses a program that gets here",
        hint="count in a `for`, or leave it with `break` or `return`",
    )


def without_repr_c(teller: Teller, span: Span, name: str) -> None:
    teller.tell(
        "btf_without_repr_c",
        span,
        f"`{name}` is marked and has no `repr(C)`",
        label="rustc may lay its fields out in another order than they stand here",
        hint="add `#[repr(C)]`: records count fields in the order of this declaration",
    )


def nameless_member(span: Span, name: str) -> Diagnostic:
    message = f"`{name}` is bindgen's name for a member that has none in C"
    label = "left out of the path in records, so that the loader looks inside"
    return Diagnostic("note", message, span, None, label)


def long_name(teller: Teller, span: Span, name: str) -> None:
    """Tell where *name* is too long for older kernels."""
    if len(name) > MAX_OLD_NAME:
        teller.tell(
            "btf_name_before_6_1",
            span,
            f"this name has {len(name)} characters",
            label=f"kernels before 6.1 refuse BTF with names of more than {MAX_OLD_NAME}",
            hint="write a shorter one",
        )


def baked_in(
    teller: Teller, span: Span, struct: str, field: str | None, value: int, declared: Span | None
) -> None:
    """Tell that a program relies on this file's layout of a kernel's *struct*; *declared* is where it stands
    without a marker."""
    what = f"the offset of `{field}`" if field is not None else "the size"
    ask = f"ask `core::btf::type_size!({struct})`, an extension of btfview's"
    if field is not None:
        ask = f"ask `core::btf::field_byte_offset!({struct}, {field})`"
    teller.tell(
        "baked_in_offset",
        span,
        f"{what} {'in' if field is not None else 'of'} this file's `{struct}` is baked in",
        label=f"{value} here, and something else in most kernels",
        hint=ask if declared is None else f"mark `{struct}` with `#[repr(Btf)]` and {ask}",
        labels=() if declared is None else (Label(declared, "declared without a marker"),),
    )
