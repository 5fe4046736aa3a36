"""The intrinsics pane for queries about types, enum values and elements: as compiled, and as rebuilt."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.compiler.options import CompileOptions
from btfview.views.stages.intrinsics import intrinsic_rows

SOURCE = """#![feature(btf_relocations, btf_relocations_extra)]
#[repr(Btf)] pub struct counter { count: i64 }
#[repr(Btf)] pub struct mm_struct { rss_stat: [counter; 4] }
#[repr(u32)] pub enum pid_type { PIDTYPE_PID, PIDTYPE_TGID }
"""


def rows_of(query: str, folder: Path, *, as_object: bool) -> list[str]:
    path = folder / "lib.rs"
    path.write_text(f"{SOURCE}pub fn f() -> bool {{ core::btf::{query} }}\n")
    analysis = analyse(str(path), [], CompileOptions())
    if as_object:
        assert analysis.compilation is not None
        assert analysis.compilation.object is not None
        path = folder / "lib.o"
        path.write_bytes(analysis.compilation.object)
        analysis = analyse(str(path), [], CompileOptions())
    return [row.text for row in intrinsic_rows(analysis)]


@pytest.mark.parametrize(
    ("query", "title", "call", "comment"),
    [
        (
            "type_exists!(mm_struct)",
            "#0 type_exists mm_struct",
            "bpf.preserve.type.info(",
            "exists, mm_struct",
        ),
        (
            "type_matches!(mm_struct)",
            "#0 type_matches mm_struct",
            "bpf.preserve.type.info(",
            "matches, mm_struct",
        ),
        (
            "enum_value_exists!(pid_type, PIDTYPE_TGID)",
            "#0 enumval_exists pid_type::PIDTYPE_TGID",
            "bpf.preserve.enum.value(",
            "exists, pid_type::PIDTYPE_TGID",
        ),
        (
            "field_exists!(mm_struct, rss_stat[2].count)",
            "#0 field_exists mm_struct, rss_stat[2].count",
            "bpf.preserve.field.info(",
            "exists",
        ),
    ],
)
def test_each_kind_shows_its_own_intrinsic(
    query: str, title: str, call: str, comment: str, tmp_path: Path
) -> None:
    compiled = rows_of(query, tmp_path, as_object=False)
    assert title in compiled
    assert any(call in row and row.endswith(f"; {comment}") for row in compiled)
    # The same intrinsic is told from the record alone.
    assert any(call in row for row in rows_of(query, tmp_path, as_object=True))


def test_an_element_is_a_step_of_the_chain(tmp_path: Path) -> None:
    rows = rows_of("field_exists!(mm_struct, rss_stat[2].count)", tmp_path, as_object=False)
    steps = [row.partition("; ")[2] for row in rows if ".access.index(" in row]
    assert steps == ["mm_struct → .rss_stat", "[counter; 4] → [2]", "counter → .count"]
    names = [row.partition("preserve.")[2].partition("(")[0] for row in rows if ".access.index(" in row]
    assert names == ["struct.access.index", "array.access.index", "struct.access.index"]
