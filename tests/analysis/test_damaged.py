"""Damaged objects through the whole workspace: an InputError or a result, never anything else.

The object is a real one of clang's; whatever a reader lets pass, all panes and both reports must stand.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from btfview.analysis.analyse import analyse
from btfview.analysis.instructions.disassembly import disassemble, disassembly_json
from btfview.analysis.patched_object import patch_findings, patched_object
from btfview.analysis.result import Analysis
from btfview.bpf.object import read_object
from btfview.btf.kinds import CoreReloKind
from btfview.errors import InputError
from btfview.targets.kernels import bundled_targets
from btfview.targets.target import Target
from btfview.views.detail import detail_rows, detail_title
from btfview.views.layouts.beside import LayoutBeside
from btfview.views.layouts.struct_tree import struct_tree
from btfview.views.offset_table import offset_table
from btfview.views.relocations import relocation_rows
from btfview.views.report import report_json, report_text
from btfview.views.source import source_rows
from btfview.views.stages.disasm import disasm_rows
from btfview.views.stages.intrinsics import intrinsic_rows
from tests.btf.build import INT, array, build_btf_bytes, const, ptr, ref, struct, typedef, union
from tests.objects import Record, build_object

TARGET = next(target for target in bundled_targets() if target.name.startswith("6.12"))


@pytest.fixture(scope="module")
def real(shared: Path) -> bytes:
    return (shared / "corpus" / "obj" / "k13_subprog.v3.o").read_bytes()


def show_all(analysis: Analysis) -> None:
    """Build every row, report and patch of *analysis*."""
    columns = range(len(analysis.targets))
    rows = [one.row for one in struct_tree(analysis)]
    for build in (source_rows, intrinsic_rows, relocation_rows):
        rows += build(analysis)
    for row in rows:
        assert all(0 <= index < len(analysis.relos) for index in row.relos)
    assert len(offset_table(analysis).rows) == len(analysis.relos)
    show_beside(analysis)
    for column in columns:
        for linked in analysis.relos:
            assert detail_title(analysis, linked.index, column)
            assert detail_rows(analysis, linked.index, column)
        functions = disassemble(analysis, column)
        assert disasm_rows(analysis, functions, column) or not functions
        json.dumps(disassembly_json(analysis, functions, column))
        patch_findings(analysis, column)
        if analysis.object is not None:
            patched = patched_object(analysis.object, analysis, column)
            assert len(patched) == len(analysis.object.elf.data)
    assert analysis.problem_count <= len(analysis.relos)
    json.dumps(report_json(analysis))
    assert all(line.isprintable() for line in report_text(analysis).split("\n"))


def show_beside(analysis: Analysis) -> None:
    """Ask for every cell beside the struct tree, and for every whole type."""
    if analysis.object is None:
        return
    places = [one.place for one in struct_tree(analysis, has_cachelines=True) if one.place is not None]
    layout = LayoutBeside(analysis, {place.root for place in places})
    for column in range(len(analysis.targets)):
        for place in places:
            cell = layout.cell(place, column)
            assert cell is None or cell.facts
        for root in {place.root for place in places}:
            layout.type_there(root, column)
            with contextlib.suppress(InputError):
                layout.whole_rows(root, column, lambda _path: False, has_cachelines=True)


def survives(data: bytes, folder: Path, target: Target = TARGET) -> bool:
    """Return whether *data* can be read at all; what can be read can also be shown, without any error."""
    path = folder / "damaged.o"
    path.write_bytes(data)
    problem = None
    try:
        analysis = analyse(str(path), [target])
    except InputError as error:
        problem = str(error)
    if problem is not None:
        assert problem.startswith(str(path))
        assert "\n" not in problem
        return False
    show_all(analysis)
    return True


def test_the_whole_object_survives(real: bytes, tmp_path: Path) -> None:
    assert survives(real, tmp_path)


def test_every_seventh_truncation(real: bytes, tmp_path: Path) -> None:
    """Its section table stands at the end, so that nothing shorter is readable."""
    for length in range(0, len(real), 7):
        assert not survives(real[:length], tmp_path)


def test_every_truncation_of_btf_and_btf_ext(real: bytes, tmp_path: Path) -> None:
    """The section table is told that they are shorter than they are."""
    obj = read_object(real, path="real.o")
    table_at = int.from_bytes(real[40:48], "little")
    outcomes = set()
    for section in obj.elf.sections:
        if section.name in (".BTF", ".BTF.ext"):
            for size in range(0, section.size, 5):
                data = bytearray(real)
                at = table_at + section.index * 64 + 32
                data[at : at + 8] = size.to_bytes(8, "little")
                outcomes.add(survives(bytes(data), tmp_path))
    assert outcomes <= {True, False}


@pytest.mark.parametrize("section_name", [".BTF", ".BTF.ext", ".symtab", "", "code"])
@pytest.mark.parametrize("seed", range(3))
def test_random_bytes_in_each_part(real: bytes, section_name: str, seed: int, tmp_path: Path) -> None:
    """ "" is the ELF header and the section table; 60 damaged files each, of 1 to 8 changed bytes."""
    obj, random = read_object(real, path="real.o"), Random(seed)
    table_at = int.from_bytes(real[40:48], "little")
    if section_name == "":
        places = [*range(64), *range(table_at, len(real))]
    else:
        places = [
            offset
            for section in obj.elf.sections
            if section.name == section_name or (section_name == "code" and section.is_executable)
            for offset in range(section.offset, section.offset + section.size)
        ]
    readable = 0
    for _ in range(60):
        data = bytearray(real)
        for place in random.choices(places, k=random.randrange(1, 9)):
            data[place] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
        readable += survives(bytes(data), tmp_path)
    if section_name in (".symtab", "code"):
        assert readable == 60  # neither can make the file unreadable


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(patches=st.lists(st.tuples(st.integers(0, 5800), st.binary(min_size=1, max_size=8)), max_size=6))
def test_any_bytes_anywhere(patches: list[tuple[int, bytes]], real: bytes, tmp_path: Path) -> None:
    data = bytearray(real)
    for at, new in patches:
        data[at : at + len(new)] = new
    survives(bytes(data), tmp_path)


OFFSET, EXISTS, MATCHES, SIZE = (
    CoreReloKind.FIELD_BYTE_OFFSET,
    CoreReloKind.FIELD_EXISTS,
    CoreReloKind.TYPE_MATCHES,
    CoreReloKind.TYPE_SIZE,
)
SELF = struct("t", ("", ref("t"), 0), ("in_", ref("t"), 64), size=8)
WIDE = struct("t", *(("", struct("", ("", struct("", size=4, x=(INT, 0)), 0), size=4), 0),) * 200, size=8)


def deep_anonymous(levels: int) -> object:
    inner = struct("", size=4, x=(INT, 0))
    for _ in range(levels):
        inner = struct("", ("", inner, 0), ("", inner, 32), size=8)
    return struct("t", ("", inner, 0), ("", inner, 0), size=8)


@pytest.mark.parametrize(
    "described",
    [
        pytest.param(SELF, id="a-struct-that-contains-itself"),
        pytest.param(WIDE, id="wide-anonymous"),
        pytest.param(deep_anonymous(60), id="two-to-the-60th-anonymous-members"),
        pytest.param(struct("t", size=8, a=(typedef("td", ref("td")), 0)), id="a-typedef-of-itself"),
        pytest.param(
            struct("t", size=8, a=(array(array(array(INT, 1 << 30), 1 << 30), 1 << 30), 0)), id="huge-arrays"
        ),
        pytest.param(
            struct("t", size=8, a=(union("u", ("", ref("u"), 0), size=8), 0)), id="a-union-in-itself"
        ),
        pytest.param(struct("t", size=8, a=(ptr(const(ptr(ref("t")))), 0)), id="pointers-in-a-circle"),
    ],
)
def test_hostile_types_have_an_answer(described: object, tmp_path: Path) -> None:
    """As local types and as the target's; the shapes on which a careless walk runs for ever."""
    records = [
        Record(OFFSET, "t", "0:0", 0),
        Record(EXISTS, "t", "0:1", 1),
        Record(OFFSET, "t", "0:0:0:0:0", 0),
        Record(MATCHES, "t", "0", 1),
        Record(SIZE, "t", "0", 8),
    ]
    plain = struct("t", size=8, nowhere=(INT, 0), a=(INT, 32))
    hostile = tmp_path / "hostile.btf"
    hostile.write_bytes(build_btf_bytes(described))  # type: ignore[arg-type]
    target = Target("hostile", str(hostile), "file")
    assert survives(build_object([described], records), tmp_path, target)  # type: ignore[list-item]
    assert survives(build_object([plain], records), tmp_path, target)
