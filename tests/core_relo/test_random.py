"""Random types and records, answered by libbpf and by the resolver alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from btfview.bpf.object import read_object
from btfview.btf.reader import Btf
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.outcome import ReloResult
from btfview.core_relo.resolve import resolve_relos
from tests.btf.build import build_btf, build_btf_bytes, int_
from tests.core_relo.random_cases import Types, random_record
from tests.libbpf import LibbpfRun, run_libbpf
from tests.objects import build_object

pytestmark = pytest.mark.kernel

CASES_A_SEED = 120


def told_apart(run: LibbpfRun, results: Sequence[ReloResult]) -> str:
    theirs = [line for line in run.log.splitlines() if "relo" in line.lower()]
    ours = [f"{index}: {result.outcome}" for index, result in enumerate(results)]
    return "\n".join(("libbpf:", *theirs, "btfview:", *ours))


@pytest.mark.parametrize("seed", range(10))
def test_random_records_are_answered_as_by_libbpf(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    types = Types(random)
    seen = {"relocated": 0, "refused": 0}
    for _ in range(CASES_A_SEED):
        local = types.roots(("t___m", "u"))
        target = types.roots(("t", "t___o", "u", "u___o")[: random.randrange(1, 5)])
        if random.random() < 0.2:
            target.insert(0, int_("unsigned long", 4))
        btf = build_btf(*local)
        roots = [random.choice(("t___m", "u")) for _ in range(random.randrange(1, 5))]
        records = [random_record(random, btf, root) for root in roots]
        data = build_object(local, records)
        path = tmp_path / "target.btf"
        path.write_bytes(build_btf_bytes(*target))
        run = run_libbpf(data, target=path)
        obj = read_object(data, path="random.o")
        results = resolve_relos(obj, read_local_relos(obj), Btf(path.read_bytes()))
        is_refused = any(
            result.outcome.status in ("ambiguous", "error") and not result.outcome.is_poisoned
            for result in results
        )
        told = told_apart(run, results)
        assert run.is_relocated == (not is_refused), told
        seen["refused" if is_refused else "relocated"] += 1
        if not is_refused:
            ours = b"".join(result.insn_after for result in results)
            assert run.insns["prog"][: len(ours)].hex() == ours.hex(), told
    assert min(seen.values()) > CASES_A_SEED // 10, seen
