"""Damaged objects and kernels: a policy says that the load ends, and never falls over."""

from __future__ import annotations

from random import Random

import pytest

from btfview.bpf.object import read_object
from btfview.btf.reader import Btf
from btfview.core_relo.loaders.names import LOADERS
from btfview.core_relo.loaders.resolve_as import resolve_as
from btfview.core_relo.local import read_local_relos
from btfview.errors import BtfviewError
from tests.core_relo.loaders.test_random import random_case
from tests.core_relo.random_cases import Types

CASES = 200
HEADER = 24
"""Bytes of BTF that are left as they are, so that the types are come to."""


def damaged(random: Random, data: bytes, start: int, stop: int) -> bytes:
    changed = bytearray(data)
    for _ in range(random.randrange(1, 6)):
        changed[random.randrange(start, stop)] = random.choice((0, 1, 2, 4, 255, random.randrange(256)))
    return bytes(changed)


@pytest.mark.parametrize("loader", LOADERS)
def test_what_is_damaged_ends_the_load(loader: str) -> None:
    random = Random(7)
    types = Types(random)
    count = refused = 0
    for _ in range(CASES):
        data, kernel, _ = random_case(random, types)
        btf_at = data.index(b"\x9f\xeb")
        data = damaged(random, data, btf_at + HEADER, data.index(b"\x9f\xeb", btf_at + 1))
        kernel = damaged(random, kernel, HEADER, len(kernel))
        try:
            obj, target = read_object(data, path="prog.o"), Btf(kernel)
            relos = read_local_relos(obj)
        except BtfviewError:
            continue
        answer = resolve_as(loader, obj, relos, target)
        count += 1
        refused += answer.end is not None
        assert len(answer.results) == len(relos)
    assert refused > CASES // 10, f"{refused} of {count}"
