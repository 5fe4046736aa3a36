"""The glossary has every word that the screen says, once, and finds them in its lines."""

from __future__ import annotations

import pytest

from btfview.analysis.result import CellState
from btfview.btf.kinds import CoreReloKind
from btfview.demands import demand
from btfview.glossary import GLOSSARY, PARTS, words_in

FORMS = {form.lower() for entry in GLOSSARY for form in (entry.word, *entry.also)}
DEMANDS = sorted(
    value
    for name, value in vars(demand).items()
    if name.isupper() and isinstance(value, str)  # the kinds of demands
)


@pytest.mark.parametrize(
    "word",
    [
        *(kind.label for kind in CoreReloKind),  # all 13
        *CellState,
        *DEMANDS,
        "poison",
        "candidate",
        "flavor",
        "access string",
        "essential name",
        "guarded",
        "class",
        "demand",
        "loaders differ",
    ],
)
def test_every_word_is_explained(word: str) -> None:
    assert word.lower() in FORMS
    assert words_in(f"so: {word}.")


def test_a_word_has_one_entry_and_each_stands_in_a_part() -> None:
    words = [entry.word for entry in GLOSSARY]
    assert len(words) == len(set(words))
    assert {entry.part for entry in GLOSSARY} == set(PARTS)


def test_words_of_a_line_come_in_its_order_and_the_longest_wins() -> None:
    found = words_in("#2 field_exists task_struct  0:1 = 0   ○ missing, guarded on 1 of 5, insn 4")
    assert [entry.word for entry in found] == ["field_exists", "missing, guarded", "instruction"]
    assert not words_in("let xoffsetx = unlocal;")
