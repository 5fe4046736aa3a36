"""Rust through the front end; of what it accepts, one program of eight goes on to LLVM."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from functools import cache
from random import Random
from zlib import crc32

from btfview.compiler.rust.build_ir import build_ir
from btfview.compiler.rust.process import STACK_LIMIT
from btfview.source import read_source
from tests.compiler.rust.mutations import Mutator, programs
from tests.compiler.rust.test_mutations import OPTIONS, check_llvm, front_end_faults
from tests.fuzz.folder import written
from tests.fuzz.mutate import mutate as mutate_bytes
from tests.fuzz.worker import is_chosen, worker

resource.setrlimit(resource.RLIMIT_STACK, (STACK_LIMIT, resource.getrlimit(resource.RLIMIT_STACK)[1]))


@cache
def seeds() -> list[bytes]:
    return [text.encode() for text in programs()]


def mutate(random: Random, seeds: Sequence[bytes]) -> bytes:
    """Return a program with a few of its words and subtrees changed, or bytes now and then."""
    if random.random() < 0.1:
        return mutate_bytes(random, seeds)
    mutator = Mutator(0)
    mutator.random = random
    return mutator.mutant().encode("utf-8", "replace")


def run(data: bytes) -> None:
    source = read_source(written("input.rs", data))
    options = OPTIONS[crc32(data) % len(OPTIONS)]
    result = build_ir(source, options)
    faults = front_end_faults(result, source)
    assert not faults, faults
    if result.ir is not None and is_chosen(data, 8):
        fault = check_llvm(source.text, options, worker())
        assert fault is None, fault
