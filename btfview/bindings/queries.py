"""Types and enumerators that code asks for: which of the targets have them."""

from __future__ import annotations

import re

from btfview.btf.format.spelling import visible
from btfview.btf.query import nearest_names
from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.hints.answer import Enumerator, Type
from btfview.hints.code.names import is_c_name
from btfview.hints.kernel import Kernel
from btfview.hints.known_moves import has

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.targets.target import Target

_ENUMERATOR = re.compile(r"(?:enum\s+)?(\w+)::(\w+)")
_TYPE = re.compile(r"(?:(?:struct|union)\s+)?(\w+)")


@frozen
class Query:
    """A type, or an enumerator of an enum, and where it is."""

    asked: Enumerator | Type
    word: str
    """Of a type ``struct`` or ``union``; else ``enum``."""
    targets: tuple[str, ...]
    """That have it; at least one, from new to old."""
    missing: tuple[str, ...]

    @property
    def lines(self) -> Iterator[str]:
        """What it is on which targets, for a comment."""
        yield f"{visible(self.asked.path)}:"
        yield f"- on {', '.join(map(visible, self.targets))}"
        if self.missing:
            yield f"- not on {', '.join(map(visible, self.missing))}"


def read_query(text: str) -> Enumerator | Type | None:
    """Return what *text* asks for: ``pid_type::PIDTYPE_PID``, ``bpf_iter``; None for a path to a field."""
    if found := _ENUMERATOR.fullmatch(text.strip()):
        return Enumerator(found[1], found[2])
    found = _TYPE.fullmatch(text.strip())
    return Type(found[1]) if found else None


def plan_query(asked: Enumerator | Type, targets: Sequence[Target]) -> Query:
    """Return where *asked* is, of *targets*, which go from new to old.

    Raises:
        UsageError: none of them has it, or C cannot write it.
    """
    kernels = [Kernel(target.name, target.btf) for target in targets]
    there = [kernel for kernel in kernels if has(kernel, asked.path)]
    names = (asked.enum, asked.name) if isinstance(asked, Enumerator) else (asked.name,)
    for name in names:
        if not is_c_name(name):
            raise UsageError(f"{name!r} is no name that C can write, so no query can reach it")
    if not there:
        raise UsageError(f"{asked.path}: {_why_nowhere(asked, kernels[0])}")
    word = "enum" if isinstance(asked, Enumerator) else there[0].structs(asked.name)[0].kind.label
    missing = tuple(kernel.name for kernel in kernels if kernel not in there)
    return Query(asked, word, tuple(kernel.name for kernel in there), missing)


def _why_nowhere(asked: Enumerator | Type, kernel: Kernel) -> str:
    if isinstance(asked, Enumerator) and (enums := kernel.enums(asked.enum)):
        names = [one.name for one in enums[0].enumerators]
        return f"on {kernel.name} enum {asked.enum} has {', '.join(names[:4])} and no {asked.name}"
    wanted = asked.enum if isinstance(asked, Enumerator) else asked.name
    near = nearest_names(kernel.btf, wanted)
    what = "enum" if isinstance(asked, Enumerator) else "struct or union"
    return f'on {kernel.name} there is no {what} "{wanted}"' + (
        f"; did you mean {' or '.join(near)}?" if near else ""
    )
