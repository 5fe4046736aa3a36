"""What a compile gives back: plain data, the same whether it came from a warm worker or not."""

from __future__ import annotations

from btfview.diagnostics import Diagnostic
from btfview.frozen import frozen
from btfview.source import Location, Source, Span

from .options import CompileOptions

QUERY_KINDS = {
    "field_byte_offset": 0, "field_byte_size": 1, "field_exists": 2, "field_signed": 3, "field_lshift_u64": 4,
    "field_rshift_u64": 5, "type_id_local": 6, "type_id_target": 7, "type_exists": 8, "type_size": 9,
    "enumval_exists": 10, "enumval_value": 11, "type_matches": 12,
}  # fmt: skip
"""``enum bpf_core_relo_kind`` (linux/bpf.h): the names that btfview prints, the numbers of records."""


@frozen
class Query:
    """One relocation that the source asks for. A macro whose answer is an ``Option`` makes two."""

    index: int
    """In source order, from 0."""
    kind: str
    """A key of :data:`QUERY_KINDS`."""
    function: str
    """ELF symbol of the function that the call is written in; LLVM may inline it into others."""
    root: str
    """Name of the carrier as the object's BTF has it, flavor included."""
    access_str: str
    """``"0:1:2"`` as LLVM will record it; ``"0"`` for a type, the variant's index for an enum's value."""
    path: str
    """``"task_struct.se.vruntime"``, ``"mm_struct.rss_stat[1].count"``, ``"pid_type::PIDTYPE_PID"``, or the
    name of a type."""
    span: Span
    """The macro call, from its path to its closing parenthesis."""
    path_span: Span
    """The field path in it; of a query about a type the type, about a variant the variant."""
    location: Location
    """Line and column given to LLVM in ``!dbg``; may come back through line_info."""
    ir_lines: tuple[int, ...]
    """Lines of :attr:`CompileResult.ir`, from 0: the access chain, then the call that asks, then its use."""


@frozen
class StructField:
    name: str
    span: Span
    type_name: str
    """As written in the source."""
    byte_offset: int
    byte_size: int


@frozen
class StructItem:
    name: str
    is_union: bool
    span: Span
    """The name in the declaration."""
    marker: str | None
    """``"repr(Btf)"``, ``"btf_relocatable"`` or None."""
    byte_size: int
    fields: tuple[StructField, ...]


@frozen
class FunctionItem:
    symbol: str
    """ELF symbol."""
    name: str
    """As people say it: ``task_struct::sched_vruntime``."""
    span: Span
    section: str | None
    """``link_section`` of an entry function; None for a subprogram."""


@frozen
class BakedIn:
    """Where the source relies on its own layout of a type that a kernel may have, too."""

    root: str
    field: str | None
    """None where its size counts."""
    value: int
    """Bytes: the offset, or the size."""
    span: Span
    fields: tuple[str, ...]
    """All that the source declares of the type."""


@frozen
class Program:
    """What the front end understood of a source."""

    dialect: str
    """``repr`` or ``option``."""
    structs: tuple[StructItem, ...]
    functions: tuple[FunctionItem, ...]
    queries: tuple[Query, ...]
    baked_in: tuple[BakedIn, ...] = ()


@frozen
class CompileResult:
    """``object`` is None exactly when ``diagnostics`` holds an error."""

    source: Source
    options: CompileOptions
    diagnostics: tuple[Diagnostic, ...]
    program: Program | None
    """None when the front end did not get as far as a typed program."""
    ir: str | None
    """As the front end wrote it, before any pass."""
    object: bytes | None
    """A relocatable BPF ELF file."""
    ir_optimized: str | None = None
    """Only when asked for."""
    asm: str | None = None
    """Only when asked for."""
    milliseconds: float = 0.0
    """Wall time of the whole compile as the caller saw it."""
    headers: tuple[str, ...] = ()
    """Files that a C source includes, as clang opened them; those of a Rust source's modules."""
    header_kernel: str = ""
    """Name of the target that a ``vmlinux.h`` was made of, which a C source includes and nobody has; else
    empty."""
    clang_flags: tuple[str, ...] = ()
    """Flags of a C source, the project's and the user's among them."""
    is_repeatable: bool = True
    """Whether the same text gives the same again: not where the front end was stopped."""
    frontend: str = "builtin"
    """What compiled the Rust of :attr:`source`: ``builtin`` or ``rustc``."""
    is_cached: bool = False
    """Nothing was compiled: an earlier result for the same text and options."""

    @property
    def has_errors(self) -> bool:
        return any(diagnostic.is_error for diagnostic in self.diagnostics)
