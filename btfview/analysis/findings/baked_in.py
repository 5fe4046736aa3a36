"""Structs of the kernel that a program reads where they lay when it was compiled, one finding each."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen
from btfview.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.result import Analysis
    from btfview.demands.object.code import Place
    from btfview.demands.program.baked_in import BakedIn

BAKED_IN = "baked_in_offset"
"""The lint, which Rust sources have for fields of structs without a marker, too."""
HINT = (
    "include a vmlinux.h, or declare {} with __attribute__((preserve_access_index)), and libbpf moves the"
    " offsets; that of an offsetof() it never moves"
)


@frozen
class BakedInFinding:
    """A struct of which a program reads fields without a record."""

    place: Place
    """Of the first read."""
    struct: str
    message: str
    columns: tuple[int, ...]
    """The targets on which it is read, by their index."""


def baked_in_findings(analysis: Analysis) -> Iterator[BakedInFinding]:
    """Yield a finding for each struct and program."""
    reads: dict[tuple[str, str], dict[int, list[BakedIn]]] = {}
    for group in analysis.column_groups:
        found: dict[tuple[str, str], list[BakedIn]] = {}
        for read in analysis.baked_in[group[0]]:
            found.setdefault((read.program, read.struct), []).append(read)
        for key, of_struct in found.items():
            reads.setdefault(key, {}).update(dict.fromkeys(group, of_struct))
    for (program, struct), by_column in reads.items():
        columns = tuple(sorted(by_column))
        first = by_column[columns[0]]
        offsets = {read.offset for read in first}
        one = first[0]
        more = f", and {plural(len(offsets) - 1, 'more offset')}" if len(offsets) > 1 else ""
        message = (
            f"{program} reads struct {struct} at an offset that is compiled in, which no record moves:"
            f" {one.by} of {plural(one.byte_size, 'byte')} at byte {one.offset}{more}; there lies"
            f" {_what_lies_there(analysis, one.offset, by_column)}"
        )
        yield BakedInFinding(one.place, struct, message, columns)


def _what_lies_there(analysis: Analysis, offset: int, by_column: dict[int, list[BakedIn]]) -> str:
    """Return the field at a byte, on each kernel where it is another one."""
    columns_of: dict[str, list[int]] = {}
    for column, reads in sorted(by_column.items()):
        field = next((read.field for read in reads if read.offset == offset), "")
        columns_of.setdefault(field or "nothing with a name", []).append(column)
    if len(columns_of) == 1:
        return next(iter(columns_of))
    return ", ".join(
        f"{field} on {analysis.targets[columns[0]].name}"
        + (f" and {plural(len(columns) - 1, 'more target')}" if len(columns) > 1 else "")
        for field, columns in columns_of.items()
    )
