"""What is read in a verifier's log; the logs are those of Linux 6.18 and 7.3."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from btfview.verifier.log import read_verifier_log

# `bpftool -d prog load` of shared/cases/c/log/p.o on 6.18, shortened.
SUBPROGRAM = """\
arg#0 reference type('UNKNOWN ') size cannot be determined: -22
Live regs before insn:
      0: .......... (b4) w1 = 0
0: R1=ctx() R10=fp0
; int first(void *ctx) { int p = 0; @ p.c:6
0: (b4) w1 = 0                        ; R1=0
11: (61) r7 = *(u32 *)(r10 -4)        ; R7=scalar(smin=0,var_off=(0x0; 0xffffffff)) R10=fp0 fp-8=mmmm????
13: (85) call pc+3
caller:
 R6=scalar(id=1) R10=fp0 fp-8=mmmm????
callee:
 frame1: R1=scalar(id=1) R10=fp0
17: frame1: R1=scalar(id=1) R10=fp0
; static long old_state(struct task_struct *t) { @ p.c:5
17: (bf) r3 = r1                      ; frame1: R1=scalar(id=1) R3=scalar(id=1)
18: (85) call bpf_ktime_get_ns#5      ; frame1: R0=scalar()
19: (7b) *(u64 *)(r10 -8) = r0        ; frame1: R0=scalar() R10=fp0 fp-8=scalar()
20: <invalid CO-RE relocation>
failed to resolve CO-RE relocation <byte_off> [5] struct task_struct.state (0:0 @ offset 0)
verification time 157 usec
stack depth 8+8
processed 18 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0
"""


def test_the_end_of_a_log_is_where_it_stopped_and_why() -> None:
    log = read_verifier_log(SUBPROGRAM)
    assert (log.stopped_at, log.insn_text) == (20, "<invalid CO-RE relocation>")
    assert log.comment.startswith("static long old_state")
    assert log.reason == (
        "failed to resolve CO-RE relocation <byte_off> [5] struct task_struct.state (0:0 @ offset 0)",
    )
    assert (log.processed, log.total_states, log.microseconds, log.stack) == (18, 1, 157, "8+8")


def test_registers_are_those_of_the_callee_and_a_call_forgets_its_arguments() -> None:
    assert read_verifier_log(SUBPROGRAM).registers == (
        ("R0", "scalar()"),
        ("R10", "fp0"),
        ("fp-8", "scalar()"),
    )


def test_values_hold_blanks_and_parentheses() -> None:
    log = "0: R1=ctx() R7=scalar(smin=0,var_off=(0x0; 0xff)) R10=fp0\n0: (95) exit\nR0 !read_ok\n"
    assert dict(read_verifier_log(log).registers)["R7"] == "scalar(smin=0,var_off=(0x0; 0xff))"
    assert read_verifier_log(log).reason == ("R0 !read_ok",)


def test_a_report_of_several_lines_is_kept() -> None:
    """Linux 7.3 ends with one: "the last line" is no longer the reason."""
    report = "invalid access\n\nVerification failed: x\nReason: y\nSuggestion: z\n"
    log = read_verifier_log(
        f"0: (95) exit\n{report}processed 1 insns (limit 1) total_states 0 peak_states 0\n"
    )
    assert log.reason == ("invalid access", "Verification failed: x", "Reason: y", "Suggestion: z")


def test_an_empty_log_tells_nothing() -> None:
    log = read_verifier_log("")
    assert (log.stopped_at, log.reason, log.registers, log.processed) == (None, (), (), None)


@given(
    st.lists(st.sampled_from(["0: ", "(95) ", "R1=", "(", ")", "; ", "\n", "from 1 to 2: ", "9" * 99, " x"]))
)
def test_any_text_is_read(pieces: list[str]) -> None:
    read_verifier_log("".join(pieces))
