"""Kernels by their versions (``<5.14``, ``>=5.10,<6.1``, ``6.1``), or by a pattern of their names."""

from __future__ import annotations

import re

_COMPARED = re.compile(r"(<=|>=|==|<|>|)\s*v?(\d{1,5}(?:\.\d{1,5}){0,2})")


def compared(term: str) -> tuple[str, tuple[int, ...]] | None:
    """Return the comparison and the numbers of a term; None where it is a pattern of names.

    >>> compared(">=5.10"), compared("6.1"), compared("*-rt-*")
    (('>=', (5, 10)), ('==', (6, 1)), None)
    """
    found = _COMPARED.fullmatch(term.strip())
    return (found[1] or "==", tuple(map(int, found[2].split(".")))) if found else None


def problem_in(kernels: str) -> str:
    """Return what is wrong with a range; nothing where it is right.

    >>> problem_in("<5.14,*-rt-*"), problem_in("<5,>")
    ('', '">" is no version to compare with, as <5.14 is')
    """
    for term in kernels.split(","):
        if not term.strip():
            return "a part of it is empty"
        if term.strip()[0] in "<>=" and compared(term) is None:
            return f'"{term.strip()[:40]}" is no version to compare with, as <5.14 is'
    return ""
