"""Change an input as files are damaged, and as somebody would who knows that they are full of u32."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

_BYTES = (0, 1, 0x7F, 0x80, 0xFF)
_WORDS = (0, 1, 2, 3, 8, 0xFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF8, 0xFFFFFFFF)
_MOST = 1 << 20
"""Bytes that an input may grow to."""


def mutate(random: Random, seeds: Sequence[bytes]) -> bytes:
    """Return one of *seeds* after one to eight changes."""
    data = bytearray(random.choice(seeds))
    for _ in range(random.choice((1, 1, 1, 2, 3, 5, 8))):
        random.choice(_CHANGES)(random, data, seeds)
    return bytes(data[:_MOST])


def _set_byte(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[random.randrange(len(data))] = random.choice((*_BYTES, random.randrange(256)))


def _flip_bit(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _set_word(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    if len(data) >= 4:
        at = random.randrange(len(data) // 4) * 4
        old = int.from_bytes(data[at : at + 4], "little")
        near = (old + 1, old - 1, old * 2, len(data), len(data) - at, random.randrange(64))
        word = random.choice((*_WORDS, *near)) & 0xFFFFFFFF
        data[at : at + 4] = word.to_bytes(4, random.choice(("little", "little", "big")))


def _swap_words(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    if len(data) >= 8:
        one, other = (random.randrange(len(data) // 4) * 4 for _ in range(2))
        data[one : one + 4], data[other : other + 4] = data[other : other + 4], data[one : one + 4]


def _cut(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    del data[random.randrange(len(data) + 1) :]


def _remove(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = random.randrange(len(data) + 1)
    del data[at : at + random.choice((1, 4, 12, 64, 512))]


def _repeat(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    at, size = random.randrange(len(data) + 1), random.choice((1, 4, 12, 24, 64, 512))
    data[at:at] = data[at : at + size] * random.choice((1, 2, 10, 100))


def _splice(random: Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    other = random.choice(seeds)
    start = random.randrange(len(other) + 1)
    at = random.randrange(len(data) + 1)
    data[at:at] = other[start : start + random.choice((4, 16, 256, 4096))]


_CHANGES = (
    *(_set_byte, _flip_bit) * 2,
    *(_set_word,) * 4,
    *(_swap_words, _cut, _remove, _repeat, _splice),
)
