"""The resolver against libbpf: every record of every object x target pair of the shared corpus.

The truth files hold what libbpf 1.1 did with each record, and under ``newer`` libbpf 1.7's answer where
the two differ; the newest wins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from btfview.bpf.object import read_object
from btfview.btf.reader import Btf
from btfview.core_relo.local import LocalRelo, read_local_relos
from btfview.core_relo.outcome import Outcome, ReloResult
from btfview.core_relo.resolve import resolve_relos

pytestmark = pytest.mark.shared


def open_target(name: str, shared: Path, kernel_btf: Callable[[str], Path]) -> Btf:
    small = shared / "corpus" / "targets" / f"{name}.btf"
    if small.exists():
        return Btf(small.read_bytes())
    kernel, _, module = name.partition("+module-")
    base = Btf(kernel_btf(kernel).read_bytes())
    return Btf(kernel_btf(f"{kernel}.module-{module}").read_bytes(), base=base) if module else base


def differences(
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


@pytest.mark.parametrize(
    "is_old", [pytest.param(False, id="libbpf-1.7"), pytest.param(True, id="libbpf-1.1")]
)
def test_every_record_of_the_corpus_is_resolved_and_patched_as_libbpf_does(
    shared: Path, kernel_btf: Callable[[str], Path], is_old: bool
) -> None:
    matched = total = 0
    wrong: list[str] = []
    targets: dict[str, Btf] = {}
    pairs = [json.loads(path.read_text()) for path in sorted((shared / "corpus" / "truth").glob("*.json"))]
    for pair in sorted(pairs, key=lambda pair: str(pair["target"])):
        if pair["target"] not in targets:
            targets = {pair["target"]: open_target(pair["target"], shared, kernel_btf)}
        path = shared / "corpus" / "obj" / pair["object"]
        obj = read_object(path.read_bytes(), path=path.name)
        relos = read_local_relos(obj)
        results = resolve_relos(obj, relos, targets[pair["target"]], is_old_loader=is_old)
        found = {
            (local.relo.section, local.relo.insn_off, local.relo.kind_label, local.relo.access_str): (
                local,
                result,
            )
            for local, result in zip(relos, results, strict=True)
        }
        for truth in pair["relocations"]:
            total += 1
            key = (truth["section"], truth["insn_offset"], truth["kind"], truth["access"])
            problems = list(differences(truth, *found[key], is_old=is_old))
            matched += not problems
            where = f"{pair['object']}@{pair['target']} {key}"
            wrong += [f"{where}: {problem}" for problem in problems]
    print(f"\n{matched} of {total} records in {len(pairs)} pairs agree with libbpf")
    assert not wrong, "\n".join(wrong[:20])
    assert len(pairs) >= 45
    assert matched == total > 5000
