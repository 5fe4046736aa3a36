"""What libbpf made of each record of the shared corpus, as it is stored there.

The truth files hold what libbpf 1.1 did with each record, and under ``newer`` libbpf 1.7's answer where
the two differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from btfview.bpf.object import BpfObject
from btfview.btf.reader import Btf
from btfview.core_relo.loaders.names import OLD_LIBBPF
from btfview.core_relo.loaders.resolve_as import resolve_as
from btfview.core_relo.local import LocalRelo, read_local_relos
from btfview.core_relo.outcome import Outcome, ReloResult


def compare_truth(loader: str, obj: BpfObject, truth: dict[str, Any], target: Btf) -> tuple[int, list[str]]:
    """Return how many records were compared, and what the policy of *loader* has otherwise."""
    relos = read_local_relos(obj)
    answer = resolve_as(loader, obj, relos, target)
    found = {
        (local.relo.section, local.relo.insn_off, local.relo.kind_label, local.relo.access_str): (
            local,
            result,
        )
        for local, result in zip(relos, answer.results, strict=True)
    }
    wrong = []
    for record in truth["relocations"]:
        key = (record["section"], record["insn_offset"], record["kind"], record["access"])
        problems = _differences(record, *found[key], is_old=loader == OLD_LIBBPF)
        wrong += [f"{key}: {problem}" for problem in problems]
    return len(truth["relocations"]), wrong


def _differences(
    truth: dict[str, Any], local: LocalRelo, result: ReloResult, *, is_old: bool
) -> Iterator[str]:
    """Yield what in *result* is not as libbpf has it."""
    newer = {} if is_old else truth.get("newer", {})
    expected = {**truth, **newer}
    outcome = result.outcome
    if outcome.status != expected["status"]:
        yield f"status {outcome.status}, not {expected['status']}"
    elif outcome.status in ("resolved", "missing") and outcome.value != expected["value"]:
        yield f"value {outcome.value}, not {expected['value']}"
    if outcome.is_poisoned != bool(expected.get("poisoned")):
        yield f"poisoned: {outcome.is_poisoned}"
    patched = truth.get("new_insn")
    if patched and not newer and not result.insn_after.hex().startswith(patched):
        yield f"instruction {result.insn_after.hex()}, not {patched}"
    if outcome.target_spec and "target_type_id" in truth:
        if outcome.target_spec.root_type_id != truth["target_type_id"]:
            yield f"target type [{outcome.target_spec.root_type_id}], not [{truth['target_type_id']}]"
        if (
            local.kind
            and local.kind.is_field
            and f"({outcome.target_spec.access_str} @" not in truth["target_spec"]
        ):
            yield f"target spec {outcome.target_spec.access_str}, not {truth['target_spec']}"
    if isolated := truth.get("isolated"):
        alone: Outcome = result.alone or outcome
        if alone.status != isolated["status"]:
            yield f"alone {alone.status}, not {isolated['status']}"
        elif "value" in isolated and alone.value != isolated["value"]:
            yield f"alone {alone.value}, not {isolated['value']}"
    elif result.alone and truth.get("pruned"):
        yield f"alone {result.alone.status}, though libbpf's answer does not depend on other records"
