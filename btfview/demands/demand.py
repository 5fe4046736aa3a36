"""Demands and what a kernel answers to one."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from typing import Protocol

    from .kernel.kernel import Kernel
    from .object.code import Place

    class Ask(Protocol):
        """The rule of a demand."""

        def names(self) -> tuple[str, ...]:
            """Return the names of the types that :meth:`answer` looks up."""

        def answer(self, kernel: Kernel) -> Answer:
            """Return what a kernel says to it."""


# Kinds of demands.
BYTE_ORDER = "byte order"
ADDRESS_SIZE = "address size"
SECTION = "section name"
ATTACH_TARGET = "attach target"
ARGUMENT = "argument"
ATTACH = "attach"
KFUNC = "kfunc"
KSYM = "ksym"
KCONFIG = "kconfig"
STRUCT_OPS = "struct_ops"
HELPER = "helper"
MAP_TYPE = "map type"
MAP_DEFINITION = "map definition"
PROG_TYPE = "program type"
ATTACH_TYPE = "attach type"
INSTRUCTION = "instruction"
CALLBACK = "callback"
CORE_RELO = "core_relo"
LICENSE = "license"
OBJECT_BTF = "object BTF"
RETURN_VALUE = "return value"
GLOBAL_FUNCTION = "global function"
VERIFIER = "verifier"

LISTED = frozenset((PROG_TYPE, ATTACH_TYPE, HELPER, MAP_TYPE, INSTRUCTION, CALLBACK))
"""What the kernel's own lists answer (linux/bpf.h), or its age."""


@frozen
class Demand:
    """One thing that an object asks of a kernel."""

    kind: str
    subject: str
    """Its name in the kernel's words: ``vfs_read``, ``bpf_loop``; of a map its name in the object."""
    ask: Ask
    programs: tuple[str, ...] = ()
    """The programs that ask for it; none where it is the whole object."""
    place: Place | None = None
    """The first instruction that asks for it."""
    optional: str = ""
    """Why the object loads without it: ``weak``, ``SEC("?...")``; empty where it does not."""
    detail: str = ""
    """More of what is asked, such as a prototype; for people."""


@frozen
class Met:
    why: str
    """In words."""
    rule: str
    """The function of libbpf or of the kernel that decides."""
    is_hint: bool = False
    """It speaks of attaching, which comes after loading."""
    status = "met"
    instead = ""


@frozen
class NotMet:
    why: str
    rule: str
    instead: str = ""
    """What to write, or which kernels have it; may be empty."""
    is_hint: bool = False
    status = "not met"


@frozen
class Unknown:
    """The kernel's BTF does not tell."""

    why: str
    """Why it cannot be known."""
    rule: str
    is_hint: bool = False
    is_trimmed: bool = False
    """Another BTF of the same kernel would tell: this one was trimmed."""
    status = "unknown"
    instead = ""


Answer = Met | NotMet | Unknown


def trimmed(what: str, rule: str, *, is_hint: bool = False) -> Unknown:
    """Return the answer of a BTF that was trimmed of *what*, perhaps."""
    return Unknown(f"this BTF was trimmed: {what}", rule, is_hint, is_trimmed=True)


@frozen
class Answered:
    demand: Demand
    answer: Answer
