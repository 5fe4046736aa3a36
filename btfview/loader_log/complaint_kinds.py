"""Complaints that a loader's log may hold."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from typing import TypeAlias


@frozen
class PoisonReached:
    """The verifier came to an instruction that the loader had poisoned."""

    line: int
    """Of the log, from 1; and so in all of these."""
    text: str
    program: str
    """As the log says; empty where it does not."""
    insn: int | None
    """Number of the instruction in the loaded program; None where the log is cut before it."""
    comment: str
    """The source line that the verifier printed last before it; empty where it printed none."""
    comment_line: int = 0
    """Its number in the source; 0 where the kernel does not print it (before 6.8)."""
    spec: ReloSpec | None = None
    """What newer libbpf says of the record itself."""


@frozen
class ReloSpec:
    """A record as libbpf prints it (``bpf_core_format_spec``)."""

    kind: str
    """libbpf's word for the kind: ``byte_off``, ``enumval_value``."""
    type_id: int
    """Of the root type, in the object's BTF, typedefs skipped."""
    access_str: str
    """``0:1``; empty for types and enumerators."""
    enumerator: str
    """``NAME`` of an enumerator; else empty."""


@frozen
class RecordRefused:
    """The loader refused a record, and with it the object."""

    line: int
    text: str
    program: str
    """Or its section, which aya names."""
    number: int
    """libbpf and aya count within a section."""


@frozen
class TypeRefused:
    """The loader refused a record of a type, and with it the object; which one is not told."""

    line: int
    text: str
    program: str
    """Or its section."""
    type_name: str
    """Of the root type, as the object has it; empty where it is not named."""
    kind: str
    """cilium/ebpf's word for the kind of record: ``byte_off``; empty where it is not told."""
    type_id: int
    """Of the root type, in the object's BTF; 0 where it is not told."""
    kind_label: str
    """Ours for the kind, from aya's word; empty where it is not told."""


@frozen
class ObjectRefused:
    """The loader gives up the object for something that is no record's."""

    line: int
    text: str
    program: str
    loader: str
    reason: str
    """In words, after "it"."""
    advice: str


@frozen
class NoAttachTarget:
    """There is no such function, hook, tracepoint or iterator in the kernel's BTF."""

    line: int
    text: str
    program: str
    name: str
    is_module_missing: bool


@frozen
class UnknownHelper:
    """The kernel has no helper of that number, or not for programs of this type."""

    line: int
    text: str
    program: str
    insn: int | None
    number: int
    is_wrong_type: bool
    """Whether it exists, but not for programs of this type."""


@frozen
class BadExtern:
    """A kfunc, a kernel variable or a config value is not there, or is another thing there."""

    line: int
    text: str
    name: str
    what: str
    """``kfunc``, ``variable``, ``config`` or ``symbol``."""
    is_mismatch: bool
    """Whether it is there with another type."""


@frozen
class KfuncRefused:
    """The verifier does not let this program call that kernel function."""

    line: int
    text: str
    program: str
    name: str


@frozen
class UnguardedKfunc:
    """The verifier came to the call of a weak kfunc that is not there."""

    line: int
    text: str
    program: str
    insn: int | None
    name: str
    """Empty where the log has its number alone: the poison of cilium/ebpf."""


@frozen
class BtfRefused:
    """The kernel does not take the object's BTF."""

    line: int
    text: str
    type_id: int
    kind: str
    type_name: str
    member: str
    """The member that it stopped at; empty where it is the type itself."""
    reason: str
    is_optional: bool
    """Whether libbpf went on without BTF."""


@frozen
class PermissionRefused:
    """The kernel answers EPERM, and libbpf guesses at ``ulimit -l`` (``pr_perm_msg``)."""

    line: int
    text: str
    program: str


if TYPE_CHECKING:
    Complaint: TypeAlias = (
        PoisonReached
        | PermissionRefused
        | RecordRefused
        | TypeRefused
        | ObjectRefused
        | NoAttachTarget
        | UnknownHelper
        | BadExtern
        | KfuncRefused
        | UnguardedKfunc
        | BtfRefused
    )
