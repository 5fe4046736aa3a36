"""Each rule of libbpf by itself; then the same of libbpf itself, so that the rules are not ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.bpf.insn import CALL, decode_insn
from btfview.bpf.object import read_object
from btfview.btf.reader import Btf
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.outcome import ReloResult
from btfview.core_relo.patch import POISON_HELPER
from btfview.core_relo.resolve import resolve_relos
from tests.btf.build import INT, Described, build_btf, build_btf_bytes, struct
from tests.core_relo.rules import (
    AMBIGUOUS,
    MISSING,
    OFFSET,
    PAIR,
    POISON,
    POISONED_LOAD,
    REFUSED,
    RULES,
    Answer,
    Rule,
)
from tests.libbpf import run_libbpf
from tests.objects import Record, build_object

STOPS = (AMBIGUOUS, REFUSED)


SAME_INSN_TWICE = build_object([PAIR], [Record(OFFSET, "t", "0:1", 4)] * 2, insn_offs=[0, 0])


def resolve(data: bytes, *target: Described) -> tuple[ReloResult, ...]:
    obj = read_object(data, path="rule.o")
    return resolve_relos(obj, read_local_relos(obj), build_btf(*target))


def resolved(rule: Rule) -> tuple[ReloResult, ...]:
    return resolve(build_object(rule.local, rule.records), *rule.target)


def answer_of(result: ReloResult) -> Answer | None:
    match result.outcome.status, result.outcome.is_poisoned:
        case "resolved", False:
            return result.outcome.value
        case "missing", True:
            return POISON
        case "missing", False:
            return MISSING
        case "ambiguous", False:
            return AMBIGUOUS
        case "error", is_poisoned:
            return POISONED_LOAD if is_poisoned else REFUSED
    return None


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_rule(rule: Rule) -> None:
    results = resolved(rule)
    assert [answer_of(result) for result in results] == list(rule.answers)
    for result in results:
        assert result.outcome.trace.summary
        assert (result.outcome.reason is None) == (result.outcome.status == "resolved")
        insn = decode_insn(result.insn_after)
        is_poison = (insn.opcode, insn.imm) == (CALL, POISON_HELPER)
        assert is_poison == result.outcome.is_poisoned


@pytest.mark.kernel
@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_libbpf_says_the_same(rule: Rule, tmp_path: Path) -> None:
    """libbpf's own log and instructions; it needs root, but not that the verifier likes the program."""
    target = tmp_path / "target.btf"
    target.write_bytes(build_btf_bytes(*rule.target))
    run = run_libbpf(build_object(rule.local, rule.records), target=target)
    results = resolved(rule)
    stops = [index for index, answer in enumerate(rule.answers) if answer in STOPS]
    assert run.is_relocated == (not stops), run.log
    assert ("ambiguity" in run.log) == (AMBIGUOUS in rule.answers), run.log
    if not stops:
        ours = b"".join(result.insn_after for result in results)
        assert run.insns["prog"][: len(ours)].hex() == ours.hex(), run.log
        assert run.log.count("no matching targets found") == sum(
            answer in (MISSING, POISON) for answer in rule.answers
        )


def test_a_second_record_on_an_instruction_meets_what_the_first_wrote() -> None:
    """libbpf: "unexpected insn #0 (ALU/ALU64) value: got 8, exp 4 -> 8"."""
    results = resolve(SAME_INSN_TWICE, struct("t", size=16, b=(INT, 64)))
    assert [answer_of(result) for result in results] == [8, REFUSED]
    assert "holds 8, but the record says that 4 was compiled in" in (results[1].outcome.reason or "")
    again = resolve(SAME_INSN_TWICE, PAIR)
    assert [answer_of(result) for result in again] == [4, 4]


@pytest.mark.kernel
def test_libbpf_refuses_a_second_record_that_meets_another_value(tmp_path: Path) -> None:
    target = tmp_path / "target.btf"
    target.write_bytes(build_btf_bytes(struct("t", size=16, b=(INT, 64))))
    assert not run_libbpf(SAME_INSN_TWICE, target=target).is_relocated
    target.write_bytes(build_btf_bytes(PAIR))
    assert run_libbpf(SAME_INSN_TWICE, target=target).is_relocated


def test_an_instruction_that_is_not_there_is_refused() -> None:
    for insn_off in (3, 4096):
        data = build_object([PAIR], [Record(OFFSET, "t", "0:1", 4)], insn_offs=[insn_off])
        (result,) = resolve(data, PAIR)
        assert answer_of(result) == REFUSED
        assert f"no instruction at byte {insn_off} of section socket" in (result.outcome.reason or "")


def test_poison_in_code_of_no_function_is_dead() -> None:
    """What a linker left of an overridden weak function; libbpf: "skipping CO-RE relocation #0 for insn #0
    belonging to eliminated weak subprogram"."""
    records = [Record(OFFSET, "t", "0:1", 4), Record(OFFSET, "t", "0:1", 4)]
    data = build_object([PAIR], records, functions=[("prog", 8, 24)])
    eliminated, live = resolve(data, INT)
    assert (answer_of(eliminated), eliminated.is_dead) == (POISON, True)
    assert (answer_of(live), live.is_dead) == (POISON, False)


def test_btf_of_the_object_itself_as_target_gives_the_values_compiled_in() -> None:
    """The identity: whatever does not fail on its own BTF keeps its value."""
    for rule in RULES:
        obj = read_object(build_object(rule.local, rule.records), path="rule.o")
        relos = read_local_relos(obj)
        for relo, result in zip(
            relos, resolve_relos(obj, relos, Btf(build_btf_bytes(*rule.local))), strict=True
        ):
            if result.outcome.status == "resolved":
                assert relo.value is not None
                assert result.outcome.value == relo.value.value, rule.id
