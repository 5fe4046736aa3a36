"""From a kernel that has a field to one far away: through the kernels between, a change at a time."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, replace

from .answer import Field, Hint, Named
from .differences import beside_name
from .find import find_answer
from .grades import PERHAPS, IsNow
from .question import find_lost, read_steps, walk

if TYPE_CHECKING:
    from typing import Protocol

    from .answer import Answer, Asked
    from .kernel import Kernel

    class KernelRow(Protocol):
        """Kernels in order; they may be read where they are asked for."""

        def __len__(self) -> int: ...

        def __getitem__(self, index: int, /) -> Kernel: ...


def find_by_steps(asked: Asked, kernels: KernelRow) -> Answer:
    """Return what stands for what is *asked* on the last of *kernels*. The first has it; the others lie
    between, in order.

    One step from the first to the last is asked first. What a rule says for sure there counts, and where it
    is not sure, what the steps say, if they lead to the end: near each change there is more to see.

    Raises:
        BtfFormatError: a type on the way is damaged.
    """
    first, last = kernels[0], kernels[-1]
    direct = find_answer(asked, first, last)
    if len(kernels) == 2 or not isinstance(asked, Field):
        return direct
    if isinstance(direct, Named) and isinstance(direct.hints[0].grade, IsNow):
        return direct
    stepped = _stepped(asked, kernels)
    if stepped is None:
        return direct
    others = direct.hints if isinstance(direct, Named) else ()
    return Named((stepped, *(hint for hint in others if hint.path != stepped.path))[:3])


def _stepped(asked: Field, kernels: KernelRow) -> Hint | None:
    """Return the hint that the steps lead to; None where one of them is not known, or only perhaps."""
    current, old, last = asked, kernels[0], kernels[-1]
    found: Hint | None = None
    for at in range(1, len(kernels)):
        new = kernels[at]
        if _has(current, old, new):
            old = new
            continue
        answer = find_answer(current, old, new)
        if not isinstance(answer, Named) or answer.hints[0].grade == PERHAPS:
            return None
        hint = answer.hints[0]
        found = _joined(found, hint, new.name)
        if "->" in hint.path or "[i]" in hint.path:
            # CO-RE asks for no such path in one piece: it must lead to the end as it is.
            return _ended(asked, found, kernels[0], last) if walk(last, hint.path) else None
        root, steps = read_steps(hint.path)
        current, old = Field(root, steps), new
    return _ended(asked, found, kernels[0], last) if found else None


def _has(asked: Field, old: Kernel, new: Kernel) -> bool:
    return walk(new, asked.path) is not None and find_lost(old, new, asked.root, asked.steps) is None


def _joined(before: Hint | None, hint: Hint, where: str) -> Hint:
    if before is None:
        return replace(hint, why=f"{hint.why} (from {where} on)")
    grade = before.grade if not isinstance(before.grade, IsNow) else hint.grade
    why = f"{before.why}: {before.path}; then {hint.why} (from {where} on)"
    return replace(hint, grade=grade, why=why)


def _ended(asked: Field, hint: Hint, first: Kernel, last: Kernel) -> Hint:
    beside = hint.beside if hint.mask else beside_name(first, asked.path, last, hint.path)
    return replace(hint, reference=first.name, beside=beside)
