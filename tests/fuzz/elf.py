"""BPF objects: read, resolved on a kernel, shown and patched, as relos, disasm, check and the screen do."""

from __future__ import annotations

import json
from functools import cache

from btfview.analysis.analyse import analyse
from btfview.analysis.instructions.disassembly import disassemble, disassembly_json
from btfview.analysis.patched_object import patched_object
from btfview.btf.kinds import CoreReloKind
from btfview.targets.target import Target
from btfview.views.report import report_json, report_text
from tests.btf.build import INT, LONG, struct
from tests.fuzz.folder import written
from tests.hostile.objects import object_with_many_records
from tests.objects import Record, build_object
from tests.targets.samples import SMALL


@cache
def seeds() -> list[bytes]:
    local = [struct("task_struct", size=16, pid=(INT, 0), start=(LONG, 64))]
    records = [
        Record(CoreReloKind.FIELD_BYTE_OFFSET, "task_struct", "0:1", 8),
        Record(CoreReloKind.FIELD_EXISTS, "task_struct", "0:0", 1),
        Record(CoreReloKind.TYPE_SIZE, "task_struct", "0", 16),
    ]
    return [
        build_object(local, records),
        build_object(local, records, is_little_endian=False),
        object_with_many_records(5),
    ]


@cache
def _target() -> Target:
    return Target("kernel", written("kernel.btf", SMALL), "file")


def run(data: bytes) -> None:
    analysis = analyse(written("input.o", data), [_target()])
    json.dumps(report_json(analysis))
    assert all(line.isprintable() for line in report_text(analysis).split("\n"))
    for column in (None, 0):
        functions = disassemble(analysis, column)
        json.dumps(disassembly_json(analysis, functions, column))
    if analysis.object is not None:
        assert len(patched_object(analysis.object, analysis, 0)) == len(analysis.object.elf.data)
