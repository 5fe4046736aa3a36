"""Random types and records: libbpf loads the same program by the whole BTF and by the minimal one."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from btfview.analysis.resolve_on import Question
from btfview.bpf.object import read_object
from btfview.btf.kinds import CoreReloKind
from btfview.btf.reader import Btf
from btfview.core_relo.local import read_local_relos
from btfview.minimal.make import make_minimal
from tests.btf.build import build_btf, build_btf_bytes, int_
from tests.core_relo.random_cases import Types, random_record
from tests.libbpf import run_libbpf
from tests.objects import build_object

CASES_A_SEED = 60


@pytest.mark.kernel
@pytest.mark.parametrize("seed", range(100, 104))
def test_libbpf_loads_the_same_by_a_minimal_btf(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    types = Types(random)
    relocated = refused = smaller = 0
    whole_path, small_path = tmp_path / "whole.btf", tmp_path / "small.btf"
    for _ in range(CASES_A_SEED):
        local = types.roots(("t___m", "u"))
        target = types.roots(("t", "t___o", "u", "u___o")[: random.randrange(1, 5)])
        if random.random() < 0.2:
            target.insert(0, int_("unsigned long", 4))
        btf = build_btf(*local)
        roots = [random.choice(("t___m", "u")) for _ in range(random.randrange(1, 6))]
        records = [random_record(random, btf, root) for root in roots]
        # The id of a type is another one in another BTF.
        records = [one for one in records if one.kind != CoreReloKind.TYPE_ID_TARGET]
        data, whole = build_object(local, records), build_btf_bytes(*target)
        obj = read_object(data, path="random.o")
        found = make_minimal([Question(obj, read_local_relos(obj))], Btf(whole))
        assert found.unlike == ()
        whole_path.write_bytes(whole)
        small_path.write_bytes(found.data)
        before, after = (run_libbpf(data, target=path) for path in (whole_path, small_path))
        assert after.is_relocated == before.is_relocated, after.log
        if before.is_relocated:
            assert after.insns == before.insns, after.log
            relocated += 1
        else:
            refused += 1
        smaller += len(found.data) < len(whole)
    assert min(relocated, refused) > CASES_A_SEED // 20, (relocated, refused)
    assert smaller > CASES_A_SEED // 2
