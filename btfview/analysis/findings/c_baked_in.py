"""Layouts of the kernel that a C source takes from its own declarations: ``offsetof`` and ``sizeof``.

Clang makes constants of both, with attribute or without, and no record. This reads words: a struct
named through a typedef or a variable (``sizeof(*task)``) is not seen.
"""

from __future__ import annotations

import re

from btfview.analysis.source_text.c_expressions import code_of
from btfview.btf.kinds import BtfKind
from btfview.demands.program.baked_in import STABLE
from btfview.diagnostics import Diagnostic
from btfview.frozen import TYPE_CHECKING
from btfview.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.result import Analysis
    from btfview.btf.reader import Btf

BAKED_IN = "baked_in_offset"
_ASKED = re.compile(
    r"\b(?P<what>(?:__builtin_)?offsetof|sizeof)\s*\(\s*(?:\(\s*\(\s*)?(?:const\s+)?"
    r"(?P<kind>struct|union)\s+(?P<name>\w+)"
    r"\s*(?P<rest>,\s*(?P<field>[\w.\[\]]+)|\)|\*\s*\)\s*0\s*\)\s*->\s*(?P<member>[\w.]+))"
)


def baked_in_layouts(analysis: Analysis) -> Iterator[Diagnostic]:
    """Yield a warning for each ``offsetof`` of a struct of a target, and for each ``sizeof`` of one of which
    the program reads fields by records: other structs are mostly those of user space, which never change."""
    source = analysis.source
    if analysis.origin != "c" or source is None or not analysis.targets:
        return
    asked_of = {linked.local_type_name.partition("___")[0] for linked in analysis.relos}
    for found in _ASKED.finditer(code_of(source.text)):
        name, is_size = found["name"].partition("___")[0], found["what"] == "sizeof"
        if name in STABLE or (is_size and name not in asked_of):
            continue
        if not any(_has(analysis.btf_of(group[0]), name) for group in analysis.column_groups):
            continue
        field = found["field"] or found["member"] or ""
        whole = f"{found['kind']} {name}{'.' + field if field else ''}"
        what = "size" if is_size else "offset"
        size = "bpf_core_field_size()" if field else "bpf_core_type_size()"
        instead = size if is_size else "bpf_core_field_offset()"
        yield Diagnostic(
            "warning",
            f"the {what} of {whole} is compiled in as this source declares it; no record moves it",
            Span(found.start(), found.end()),
            hint=f"ask the loader: {instead}",
            lint=BAKED_IN,
        )


def _has(btf: Btf, name: str) -> bool:
    return any(btf.kind(one) in (BtfKind.STRUCT, BtfKind.UNION) for one in btf.ids_named(name))
