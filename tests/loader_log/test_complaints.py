"""What a log complains of, whoever wrote it, whatever stands around it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.loader_log.complaint_kinds import (
    BadExtern,
    BtfRefused,
    KfuncRefused,
    NoAttachTarget,
    PermissionRefused,
    PoisonReached,
    RecordRefused,
    ReloSpec,
    UnguardedKfunc,
    UnknownHelper,
)
from btfview.loader_log.complaints import read_complaints

if TYPE_CHECKING:
    from btfview.loader_log.complaint_kinds import Complaint

# libbpf 1.1 on Linux 6.18, as bpftool -d prints it.
POISON = """\
libbpf: prog 'first': BPF program load failed: Invalid argument
libbpf: prog 'first': -- BEGIN PROG LOAD LOG --
17: (bf) r3 = r1
; long s = 0; probe_read_kernel(&s, sizeof(s), &t->state); @ p.c:5
20: (85) call unknown#195896080
invalid func unknown#195896080
-- END PROG LOAD LOG --
"""
COMMENT = "long s = 0; probe_read_kernel(&s, sizeof(s), &t->state);"


def only(log: str) -> Complaint:
    (complaint,) = read_complaints(log)
    return complaint


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(POISON, id="libbpf"),
        pytest.param("".join(f"tool-1  | {line}\n" for line in POISON.splitlines()), id="container"),
        pytest.param(
            "".join(f"2026-11-30T02:23:30Z INFO [7] {line}\r\n" for line in POISON.splitlines()),
            id="timestamps",
        ),
        pytest.param(json.dumps({"level": "error", "log": POISON}), id="json"),
        pytest.param(
            "field First: program first: load program: invalid argument:\n"
            + "".join(f"\t{line}\n" for line in POISON.splitlines()[2:]),
            id="cilium-ebpf",
        ),
    ],
)
def test_a_poisoned_instruction_is_found_behind_any_prefix(log: str) -> None:
    complaint = only(log)
    assert isinstance(complaint, PoisonReached)
    assert (complaint.program, complaint.insn, complaint.comment) == ("first", 20, COMMENT)
    assert complaint.comment_line == 5


def test_a_log_cut_before_the_instruction_has_no_number() -> None:
    complaint = only("invalid func unknown#195896080\n")
    assert isinstance(complaint, PoisonReached)
    assert (complaint.program, complaint.insn) == ("", None)


def test_a_number_of_another_program_is_not_taken() -> None:
    log = "prog 'a': -- BEGIN\n3: (85) call bpf_x#4\nprog 'b': -- BEGIN\ninvalid func unknown#195896080\n"
    complaint = only(log)
    assert isinstance(complaint, PoisonReached)
    assert (complaint.program, complaint.insn) == ("b", None)


@pytest.mark.parametrize(
    ("line", "spec"),
    [
        pytest.param(
            "failed to resolve CO-RE relocation <byte_off> [39] struct mm_struct.mmap_sem (0:0 @ offset 0)",
            ReloSpec("byte_off", 39, "0:0", ""),
            id="field",
        ),
        pytest.param(
            "failed to resolve CO-RE relocation <enumval_value> [5] enum pid_type___x::PIDTYPE_NOPE___x = 7",
            ReloSpec("enumval_value", 5, "", "PIDTYPE_NOPE___x"),
            id="enumerator",
        ),
        pytest.param(
            "failed to resolve CO-RE relocation <target_type_id> [5] struct a",
            ReloSpec("target_type_id", 5, "", ""),
            id="type",
        ),
    ],
)
def test_newer_libbpf_names_the_record(line: str, spec: ReloSpec) -> None:
    complaint = only(
        f"libbpf: prog 'p': -- BEGIN\n12: <invalid CO-RE relocation>\n{line}\nprocessed 1 insns\n"
    )
    assert isinstance(complaint, PoisonReached)
    assert (complaint.insn, complaint.spec) == (12, spec)


def test_what_replaces_an_instruction_counts_alone_when_the_log_ends_there() -> None:
    complaint = only("12: <invalid CO-RE relocation>")
    assert isinstance(complaint, PoisonReached)
    assert (complaint.insn, complaint.spec) == (12, None)


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        # Lines of shared/loads/truth (libbpf 1.7.0 and 1.1.2 on 5.10 to 7.3) and of the cases.
        pytest.param(
            "libbpf: prog 'a': failed to find kernel BTF type ID of 'hc_no_such_function': -3",
            NoAttachTarget(1, "", "a", "hc_no_such_function", is_module_missing=False),
            id="attach-target",
        ),
        pytest.param(
            "libbpf: permission error while running as root; try raising 'ulimit -l'? current value: 8.0 MiB",
            PermissionRefused(1, "", ""),
            id="permission",
        ),
        pytest.param(
            "invalid func unknown#4000", UnknownHelper(1, "", "", None, 4000, False), id="no-helper"
        ),
        pytest.param(
            "unknown func bpf_sys_bpf#166", UnknownHelper(1, "", "", None, 166, True), id="helper-6.1"
        ),
        pytest.param(
            "program of this type cannot use helper bpf_sys_bpf#166",
            UnknownHelper(1, "", "", None, 166, True),
            id="helper-6.12",
        ),
        pytest.param(
            "libbpf: extern (func ksym) 'bpf_x': not found in kernel or module BTFs",
            BadExtern(1, "", "bpf_x", "kfunc", False),
            id="kfunc",
        ),
        pytest.param(
            "libbpf: extern (func ksym) 'bpf_x': func_proto [7] incompatible with kernel [15814]",
            BadExtern(1, "", "bpf_x", "kfunc", True),
            id="kfunc-prototype",
        ),
        pytest.param(
            "libbpf: extern (var ksym) 'v': not found in kernel BTF",
            BadExtern(1, "", "v", "variable", False),
            id="variable",
        ),
        pytest.param(
            "libbpf: extern 'CONFIG_X' (strong): not resolved",
            BadExtern(1, "", "CONFIG_X", "config", False),
            id="config",
        ),
        pytest.param(
            "libbpf: extern (kcfg) 'LINUX_HAS_X': unrecognized virtual extern",
            BadExtern(1, "", "LINUX_HAS_X", "config", False),
            id="virtual",
        ),
        pytest.param(
            "calling kernel function wake_up_new_task is not allowed",
            KfuncRefused(1, "", "", "wake_up_new_task"),
            id="not-a-kfunc",
        ),
        pytest.param(
            "kfunc 'bpf_x' is referenced but wasn't resolved",
            UnguardedKfunc(1, "", "", None, "bpf_x"),
            id="weak-kfunc",
        ),
        pytest.param(
            "prog 'p': relo #7: field offset ambiguity: 8 != 16", RecordRefused(1, "", "p", 7), id="ambiguous"
        ),
    ],
)
def test_complaints(log: str, expected: Complaint) -> None:
    complaint = only(log)
    values = [getattr(complaint, name) for name in complaint.__match_args__ if name != "text"]
    assert type(complaint) is type(expected)
    assert values == [getattr(expected, name) for name in expected.__match_args__ if name != "text"]


@pytest.mark.parametrize(
    "line",
    [
        "libbpf: extern (func ksym) 'bpf_x': resolved to kernel [65889]",
        "libbpf: prog 'p': relo #0: matching candidate #0 <byte_off> [114] struct task_struct.pid (0:92)",
        "libbpf: prog 'p': found extern #0 'bpf_x' (sym 12) for insn #1",
        "3: (85) call bpf_get_current_task#35",
        "processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0",
    ],
)
def test_what_is_in_order_is_no_complaint(line: str) -> None:
    assert read_complaints(line) == ()


def test_refused_btf_is_told_with_its_member_and_whether_libbpf_went_on() -> None:
    # bpftool on tests' unsorted.ll and rawname.ll, Linux 6.18.
    log = (
        "[5] STRUCT task_struct size=16 vlen=2\n\tpid type_id=6 bits_offset=64\n"
        "\ttgid type_id=6 bits_offset=0 {}\n\n"
    )
    end = "-- END BTF LOAD LOG --\nlibbpf: Error loading .BTF into kernel: -22."
    first = only(log.format("Invalid member bits_offset") + end + " BTF is optional, ignoring.\n")
    assert isinstance(first, BtfRefused)
    assert (first.type_id, first.kind, first.type_name, first.member) == (5, "struct", "task_struct", "tgid")
    assert (first.reason, first.is_optional) == ("Invalid member bits_offset", True)
    second = only("[4] FUNC <impl T>::f type_id=2 Invalid name\n" + end)
    assert isinstance(second, BtfRefused)
    assert (second.type_name, second.member, second.is_optional) == ("<impl T>::f", "", False)


_PIECES = [
    *"'#:([]<> 0159\n\t;\\n", "prog '", "relo #", "(85) call ", "<invalid CO-RE",
    "failed to resolve CO-RE relocation <",
    "195896080", "extern ", "[1] STRUCT a", " Invalid", "invalid func ", "BTF is optional, ignoring",
]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=80))
def test_any_text_is_read(pieces: list[str]) -> None:
    for complaint in read_complaints("".join(pieces)):
        assert complaint.line >= 1


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(
            f"{'9' * 5000}: (85) call unknown#{'9' * 5000}\ninvalid func unknown#{'1' * 5000}", id="digits"
        ),
        pytest.param("prog '" * 200_000, id="quotes"),
        pytest.param("\n".join(["prog 'p': relo #1: failed"] * 50_000), id="records"),
        pytest.param("[1] STRUCT " + "a " * 300_000, id="name"),
        pytest.param("extern '" + "x" * 1_000_000, id="extern"),
        pytest.param("\\n" * 500_000, id="json"),
        pytest.param("; " * 500_000, id="comment"),
    ],
)
@pytest.mark.timeout(20)
def test_a_hostile_log_ends(log: str) -> None:
    read_complaints(log)
