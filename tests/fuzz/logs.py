"""Logs of loaders, read beside an object, as ``explain --log`` reads them."""

from __future__ import annotations

import json
from functools import cache

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.btf.format.spelling import visible
from btfview.btf.kinds import CoreReloKind
from btfview.loader_log.match import read_loader_log
from btfview.views.detail import detail_rows, detail_title
from btfview.views.log_complaints import finding_sentences
from tests.btf.build import INT, LONG, struct
from tests.fuzz.folder import written
from tests.fuzz.mutate_text import text_mutator
from tests.loader_log.test_complaints import POISON
from tests.objects import Record, build_object

# Lines of libbpf 1.1 to 1.7, bpftool, cilium/ebpf and aya, as tests/loader_log has them.
_OTHERS = """\
field First: program first: load program: invalid argument:
	17: (bf) r3 = r1
	20: (85) call unknown#195896080
	invalid func unknown#195896080
libbpf: prog 'first': -- BEGIN PROG LOAD LOG --
1: <invalid CO-RE relocation>
failed to resolve CO-RE relocation <byte_off> [2] struct task_struct.pid (0:0 @ offset 0)
failed to resolve CO-RE relocation <enumval_value> [5] enum pid_type___x::PIDTYPE_NOPE___x = 7
processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
-- END PROG LOAD LOG --
libbpf: prog 'first': relo #0: field offset ambiguity: 8 != 16
libbpf: prog 'first': failed to find kernel BTF type ID of 'hc_no_such_function': -3
unknown func bpf_sys_bpf#166
program of this type cannot use helper bpf_sys_bpf#166
libbpf: extern (func ksym) 'bpf_x': func_proto [7] incompatible with kernel [15814]
libbpf: extern (kcfg) 'LINUX_HAS_X': unrecognized virtual extern
libbpf: extern 'CONFIG_X' (strong): not resolved
calling kernel function wake_up_new_task is not allowed
kfunc 'bpf_x' is referenced but wasn't resolved
[301] STRUCT perf_event size=1200 vlen=72
	event_entry type_id=20 bits_offset=0
	sibling_list type_id=20 bits_offset=1 Invalid member offset
libbpf: Error loading .BTF into kernel: -22. BTF is optional, ignoring.
"""
_WORDS = r"""libbpf: |prog '|'|: |(85) call |unknown#195896080|invalid func |<invalid CO-RE relocation>
; |@ a.c:
failed to resolve CO-RE relocation <|> [|] |::| = |relo #|extern (|ksym) '|program |: load program|type_id=
 Invalid |[1] STRUCT |-- BEGIN PROG LOAD LOG --|\n|\u0027|\t|kernel btf_id | is not a kernel function|END BTF
BTF is optional, ignoring"""
mutate = text_mutator(_WORDS)


def seeds() -> list[bytes]:
    texts = (POISON, _OTHERS, json.dumps({"level": "error", "log": POISON + _OTHERS}))
    behind = "".join(f"tool-1  | 2026-11-30T02:23:30Z {line}\r\n" for line in POISON.splitlines())
    return [text.encode() for text in (*texts, behind)]


@cache
def _analysis() -> Analysis:
    records = [
        Record(CoreReloKind.FIELD_BYTE_OFFSET, "task_struct", "0:1", 8),
        Record(CoreReloKind.FIELD_EXISTS, "task_struct", "0:0", 1),
    ]
    local = [struct("task_struct", size=16, pid=(INT, 0), start=(LONG, 64))]
    return analyse(written("first.o", build_object(local, records, functions=[("first", 0, 32)])))


def run(data: bytes) -> None:
    analysis = _analysis()
    lines = data.count(b"\n") + data.count(b"\\n") + 1
    for finding in read_loader_log(data.decode("utf-8", "replace"), analysis):
        assert 1 <= finding.complaint.line <= lines
        assert all(0 <= index < len(analysis.relos) for index in finding.relos)
        for text in (finding.complaint.text, *finding_sentences(finding, analysis)):
            assert "\n" not in text
            assert visible(text).isprintable()
        for index in finding.relos[:1]:
            detail_title(analysis, index, 0)
            detail_rows(analysis, index, 0, with_code=True)
