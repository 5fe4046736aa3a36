"""Objects that are damaged or forged: an answer or a clear error, in time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.bpf.object import read_object
from btfview.btf.reader import Btf
from btfview.core_relo.loaders.names import AYA, CILIUM
from btfview.core_relo.loaders.resolve_as import resolve_as
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.resolve import resolve_relos
from btfview.demands.collect import collect
from btfview.demands.kernel.kernel import Kernel
from btfview.demands.loaders.judge_as import OtherJudge
from btfview.demands.object.facts import ObjectFacts
from btfview.demands.object.object_rules import btf_problems
from btfview.demands.verdict import judge
from btfview.errors import InputError

pytestmark = pytest.mark.shared
_NAMES = ("verifier", "kfunc_weak", "ops_tcp", "kconfig.guards_plain_helper", "real_exec", "map_types")
_LONGEST = 20
"""Seconds; a healthy object takes some hundredths."""


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_object_has_an_answer_or_an_error(
    seed: int, shared: Path, kernel_btf: Callable[[str], Path]
) -> None:
    chance = random.Random(seed)
    kernel = Kernel(Btf(kernel_btf("6.1.0-56-amd64").read_bytes()), "6.1.0-56-amd64")
    objects = [(shared / "loads" / "objs" / f"{name}.o").read_bytes() for name in _NAMES]
    for _ in range(60):
        data = bytearray(chance.choice(objects))
        for _ in range(chance.choice((1, 3, 20))):
            at = chance.randrange(64, len(data) - 4)
            words = (b"\xff\xff\xff\xff", b"\0\0\0\0", chance.randbytes(1) + data[at + 1 : at + 4])
            data[at : at + 4] = chance.choice(words)
        started = time.monotonic()
        try:
            obj = read_object(bytes(data), path="damaged.o")
            local, facts = read_local_relos(obj), ObjectFacts(obj)
            btf_problems(obj)
            verdict = judge(facts, collect(facts), kernel, local, resolve_relos(obj, local, kernel.btf))
            for loader in (AYA, CILIUM):
                assert len(resolve_as(loader, obj, local, kernel.btf).results) == len(local)
                OtherJudge(obj, loader).judge(verdict, kernel)
        except InputError:
            pass  # told as any damaged file is
        assert time.monotonic() - started < _LONGEST
