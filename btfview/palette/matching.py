"""Rank short texts by what a user types of them: words in any order, each whole, begun, or only its letters.

Made for tens of thousands of texts a key: a comprehension for substrings, one regular expression for
subsequences, and a full comparison of those alone that may be shown.
"""

from __future__ import annotations

import re
from heapq import nsmallest

from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAD = 10
"""What a text that begins with all that was typed has before one that has the words elsewhere."""
_ENOUGH = 50
"""Texts that hold all words with which those that only hold their letters are left out."""
_COMPARED = 2_000
"""Texts that are compared in full; more hits than that say that the query is still short."""
_WORD_STARTS = frozenset(" ._:/+-#([@")
EXACT, WHOLE, BEGINNING, WORD, WITHIN, LETTERS = range(0, 120, 20)
"""How well a word of the query fits, best first: it is the text, a word of it, its beginning, that of a word
of it, a part. :data:`LETTERS` has room above it for how far they lie apart."""


@frozen
class Match:
    """A text that fits."""

    index: int
    score: int
    """The lowest is best."""


def words_of(query: str) -> list[str]:
    """Return the words that a text must hold.

    >>> words_of("  Task  pid ")
    ['task', 'pid']
    """
    return query.lower().split()


def find_matches(low: Sequence[str], query: str, limit: int) -> tuple[list[Match], int]:
    """Return the best *limit* of the lower-cased texts *low* that hold every word of *query*, and how many
    do. Without a word all do, in their order."""
    words = words_of(query)
    if not words:
        return [Match(index, WITHIN) for index in range(min(limit, len(low)))], len(low)
    found = [index for index, text in enumerate(low) if words[0] in text]
    for word in words[1:]:
        found = [index for index in found if word in low[index]]
    if len(found) < _ENOUGH:
        known = set(found)
        found += [index for index in _with_letters(low, words) if index not in known]
    count = len(found)
    if count > _COMPARED:
        first = words[0]
        begun = [index for index in found if low[index].startswith(first)]
        found = (begun + found)[:_COMPARED] if begun else found[:_COMPARED]
    whole = " ".join(words)
    scored = {
        index: score_text(low[index], words) - (_LEAD if low[index].startswith(whole) else 0)
        for index in found
    }
    best = nsmallest(limit, scored, key=lambda index: (scored[index], len(low[index]), index))
    return [Match(index, scored[index]) for index in best], count


def _with_letters(low: Sequence[str], words: Sequence[str]) -> list[int]:
    """Return the texts that have the letters of each word in their order."""
    found: Sequence[int] = range(len(low))
    for word in words:
        matches = letters_pattern(word).search
        found = [index for index in found if matches(low[index])]
    return list(found)


def letters_pattern(word: str) -> re.Pattern[str]:
    """Return a pattern of the letters of *word* in their order. It may not skip its own next letter, so it
    needs no backtracking: time is linear whatever is typed."""
    first, *rest = map(re.escape, word)
    return re.compile(first + "".join(f"[^{char}]*{char}" for char in rest))


def score_text(text: str, words: Sequence[str]) -> int:
    """Return how well *text* fits *words*, 0 best: the sum of what each lacks.

    >>> [score_text(t, ["pid"]) for t in ("pid", "pid_t", "task.pid", "kpid", "p_i_d")]
    [0, 40, 20, 80, 102]
    """
    return sum(_score_word(text, word) for word in words)


def _score_word(text: str, word: str) -> int:
    at = text.find(word)
    if at >= 0:
        if len(text) == len(word):
            return EXACT
        best = BEGINNING if at == 0 else WITHIN
        while at >= 0:
            if at == 0 or text[at - 1] in _WORD_STARTS:
                after = text[at + len(word) : at + len(word) + 1]
                if not after.isalnum() and after != "_":
                    return WHOLE
                best = min(best, WORD)
            at = text.find(word, at + 1)
        return best
    start = at = text.find(word[0])
    for char in word[1:]:
        at = text.find(char, at + 1)
    return LETTERS + max(0, at - start + 1 - len(word))
