"""Change a text as people and tools garble it: words and lines lost, doubled, exchanged; odd numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from tests.fuzz.mutate import mutate

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_NUMBER = re.compile(r"\b\d+\b")
_EDGES = ("0", "1", "-1", "63", "64", "255", "65536", "2147483648", "4294967295", "18446744073709551616")
_ODD = (
    *("\0", "\x1b[2J", "\r", "\u2028", "\u202e", "\u00e9", "\U0001f600", "\ufffd", "\\n", "\\", '"'),
    "9" * 5000,
)
_MOST = 1 << 18
"""Characters that a text may grow to."""
_MOST_REPEATED = 200
"""Characters of what is put there many times."""


def text_mutator(given: str) -> Callable[[Random, Sequence[bytes]], bytes]:
    """Return a function like :func:`.mutate.mutate` for texts in which the words *given*, a ``|`` or a line
    end between two, mean something; a fifth of what it makes is damaged as bytes are."""
    words = given.replace("\n", "|").split("|")

    def mutate_text(random: Random, seeds: Sequence[bytes]) -> bytes:
        if random.random() < 0.2:
            return mutate(random, seeds)
        text = random.choice(seeds).decode()
        for _ in range(random.choice((1, 1, 1, 2, 3, 5, 8))):
            text = random.choice(_CHANGES)(random, text, seeds, words)[:_MOST]
        return text.encode("utf-8", "surrogatepass")

    return mutate_text


def _words(random: Random, text: str, _: Sequence[bytes], words: Sequence[str]) -> str:
    """Put a word in the place of one, or of none."""
    start, end = _any_word(random, text)
    return text[:start] + random.choice(words) + text[random.choice((start, end)) :]


def _borrow(random: Random, text: str, seeds: Sequence[bytes], _: Sequence[str]) -> str:
    """Put a word of any seed in the place of one."""
    other = random.choice(seeds).decode()
    start, end = _any_word(random, text)
    first, last = _any_word(random, other)
    return text[:start] + other[first:last] + text[end:]


def _lose(random: Random, text: str, _: Sequence[bytes], __: Sequence[str]) -> str:
    start, end = _any_word(random, text)
    return text[:start] + text[end:]


def _lines(random: Random, text: str, seeds: Sequence[bytes], _: Sequence[str]) -> str:
    """Lose, double, move or borrow a line."""
    lines = text.split("\n")
    at, to = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines[at:at] = [lines[at][:_MOST_REPEATED]] * random.choice((1, 2, 100))
        case 2:
            lines[at], lines[to] = lines[to], lines[at]
        case _:
            lines.insert(at, random.choice(random.choice(seeds).decode().split("\n")))
    return "\n".join(lines)


def _number(random: Random, text: str, _: Sequence[bytes], __: Sequence[str]) -> str:
    found = list(_NUMBER.finditer(text))
    if not found:
        return text
    chosen = random.choice(found)
    return text[: chosen.start()] + random.choice(_EDGES) + text[chosen.end() :]


def _odd(random: Random, text: str, _: Sequence[bytes], words: Sequence[str]) -> str:
    at = random.randint(0, len(text))
    return text[:at] + random.choice(_ODD) + text[at:]


def _repeat(random: Random, text: str, _: Sequence[bytes], words: Sequence[str]) -> str:
    start, end = _any_word(random, text)
    piece = random.choice((text[start:end], random.choice(words)))
    return text[:start] + piece[:_MOST_REPEATED] * random.choice((2, 20, 500, 3000)) + text[end:]


def _cut(random: Random, text: str, _: Sequence[bytes], __: Sequence[str]) -> str:
    at = random.randint(0, len(text))
    return random.choice((text[:at], text[at:]))


def _any_word(random: Random, text: str) -> tuple[int, int]:
    """Return where a word of *text* begins and ends, without taking all of it apart."""
    found = _WORD.search(text, random.randint(0, len(text))) or _WORD.search(text)
    return found.span() if found else (0, 0)


_CHANGES = (_words, _words, _borrow, _borrow, _lose, _lines, _number, _odd, _repeat, _cut)
