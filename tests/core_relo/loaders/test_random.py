"""Random types and records, answered by the libraries and by their policies alike."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from btfview.bpf.insn import INSN_SIZE
from btfview.bpf.object import read_object
from btfview.btf.reader import Btf
from btfview.core_relo.loaders.names import AYA, CILIUM
from btfview.core_relo.loaders.resolve_as import resolve_as
from btfview.core_relo.local import read_local_relos
from tests.btf.build import Described, build_btf, build_btf_bytes
from tests.core_relo.loaders.judging import difference, judged_lines
from tests.core_relo.random_cases import Types, random_record
from tests.objects import Record, build_object

CASES = 60


def random_case(random: Random, types: Types) -> tuple[bytes, bytes, list[Record]]:
    """Return an object, a kernel, and the object's records."""
    local: list[Described] = types.roots(("t___m", "u"))
    target = types.roots(("t", "t___o", "u", "u___o")[: random.randrange(1, 5)])
    btf = build_btf(*local)
    records = [
        random_record(random, btf, random.choice(("t___m", "u"))) for _ in range(random.randrange(1, 5))
    ]
    return build_object(local, records, has_empty_infos=True), build_btf_bytes(*target), records


@pytest.mark.judge
@pytest.mark.timeout(600)
@pytest.mark.parametrize("loader", [AYA, CILIUM])
def test_random_records_are_answered_as_by_the_library(loader: str, tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for seed in range(3):
        random = Random(seed)
        types = Types(random)
        for _ in range(CASES):
            data, kernel, records = random_case(random, types)
            (tmp_path / "prog.o").write_bytes(data)
            (tmp_path / "kernel.btf").write_bytes(kernel)
            [lines] = judged_lines(loader, [tmp_path / "prog.o"], str(tmp_path / "kernel.btf")).values()
            ends = next((line["load_error"] for line in lines if "load_error" in line), None)
            obj = read_object(data, path="prog.o")
            answer = resolve_as(loader, obj, read_local_relos(obj), Btf(kernel))
            judged = {line["record"]: line for line in lines if "record" in line}
            slots = {relo.insn_off // INSN_SIZE: relo.index for relo in obj.core_relos}
            judged |= {slots[line["insn"]]: line for line in lines if "insn" in line}
            for index, result in enumerate(answer.results):
                problem = difference(result, judged.get(index, {"error": ends}))
                assert problem is None, f"seed {seed}: {records[index]}: {problem}"
                seen[result.outcome.status] += 1
    assert min(seen[status] for status in ("resolved", "missing", "ambiguous", "error")) >= 5, seen
