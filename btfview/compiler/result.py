"""What a compile gives back: plain data, the same whether it came from a warm worker or not."""

from __future__ import annotations

from ..diagnostics import Diagnostic
from ..record import record
from ..source import Location, Source, Span
from .options import CompileOptions

QUERY_KINDS = {"field_byte_offset": 0, "field_byte_size": 1, "field_exists": 2}
"""Names as in ``core::btf``, numbers as ``llvm.bpf.preserve.field.info`` takes them."""


@record
class Query:
    """One relocation that the source asks for. A macro call of the ``option`` dialect makes two."""

    index: int
    """In source order, from 0."""
    kind: str
    """A key of :data:`QUERY_KINDS`."""
    function: str
    """ELF symbol of the function that the call is written in; LLVM may inline it into others."""
    root: str
    """Name of the carrier as the object's BTF has it, flavor included."""
    access_str: str
    """``"0:1:2"`` as LLVM will record it."""
    path: str
    """``"task_struct.se.vruntime"``."""
    span: Span
    """The macro call, from its path to its closing parenthesis."""
    path_span: Span
    """The field path in it."""
    location: Location
    """Line and column given to LLVM in ``!dbg``; may come back through line_info."""
    ir_lines: tuple[int, ...]
    """Lines of :attr:`CompileResult.ir`, from 0: the access chain, then the field.info call, then its use."""


@record
class StructField:
    name: str
    span: Span
    type_name: str
    """As written in the source."""
    byte_offset: int
    byte_size: int


@record
class StructItem:
    name: str
    is_union: bool
    span: Span
    """The name in the declaration."""
    marker: str | None
    """``"repr(Btf)"``, ``"btf_relocatable"`` or None."""
    byte_size: int
    fields: tuple[StructField, ...]


@record
class FunctionItem:
    symbol: str
    """ELF symbol."""
    name: str
    """As people say it: ``task_struct::sched_vruntime``."""
    span: Span
    section: str | None
    """``link_section`` of an entry function; None for a subprogram."""


@record
class Program:
    """What the front end understood of a source."""

    dialect: str
    """``repr`` or ``option``."""
    structs: tuple[StructItem, ...]
    functions: tuple[FunctionItem, ...]
    queries: tuple[Query, ...]


@record
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

    @property
    def has_errors(self) -> bool:
        return any(diagnostic.is_error for diagnostic in self.diagnostics)
