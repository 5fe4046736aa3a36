"""What fails, on which targets, and where the source asks for it."""

from __future__ import annotations

import re
from functools import cached_property

from btfview.core_relo.names import essential_name
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from btfview.analysis.hint_finder import HintFinder
    from btfview.analysis.result import Analysis, Ask, LinkedRelo
    from btfview.hints.answer import Hint
    from btfview.source import Source
    from btfview.targets.target import Target

_WORD = re.compile(r"[A-Za-z_]\w*")


class Trouble:
    """A record, or what else is asked for, of a source that fails on some targets."""

    def __init__(self, analysis: Analysis, number: int, finder: HintFinder, source: Source) -> None:
        """*number* is that of a record, or of one of ``Analysis.asks`` behind them."""
        self.analysis = analysis
        self.number = number
        self.finder = finder
        self.source = source
        """The program's own file, which is what may be changed."""

    @property
    def text(self) -> str:
        return self.source.text

    @property
    def linked(self) -> LinkedRelo | None:
        return self.analysis.relos[self.number] if self.number < len(self.analysis.relos) else None

    @property
    def ask(self) -> Ask | None:
        return self.analysis.ask(self.number)

    @property
    def path(self) -> str:
        """What is asked for, in words."""
        linked, ask = self.linked, self.ask
        return linked.path if linked else f"{ask.kind} {ask.subject}" if ask else ""

    @property
    def fields(self) -> str:
        """The path of a record without its type: ``se.vruntime``; an enumerator; empty for a type."""
        linked = self.linked
        if linked is None:
            return ""
        _, mark, fields = linked.path.partition("::" if "::" in linked.path else ".")
        return fields if mark else ""

    @property
    def kind(self) -> str:
        """``field_byte_offset`` and so on; empty for what is no record."""
        return self.linked.relo.kind_label if self.linked else ""

    @property
    def root(self) -> str:
        """The type as the source calls it: ``struct task_struct``."""
        return self.linked.root if self.linked else ""

    @cached_property
    def failing(self) -> tuple[int, ...]:
        """Indices of the targets on which it fails."""
        return self.analysis.failing_targets(self.number)

    @cached_property
    def words(self) -> frozenset[str]:
        """All words of the source: names that new code must not take."""
        return frozenset(_WORD.findall(self.text))

    def hints(self) -> Iterator[tuple[Target, Hint]]:
        """Yield a target that shows it and the first hint, for each thing that stands in its place on the
        failing targets."""
        seen: set[str] = set()
        if self.linked is None:
            return
        for column, *_ in self.analysis.groups_of(self.failing):
            for hint in self.finder.hints(self.number, column)[:1]:
                if hint.path not in seen:
                    seen.add(hint.path)
                    yield self.analysis.targets[column], hint


def plain_root(linked: LinkedRelo) -> str:
    """Return the type's name as kernels have it."""
    return essential_name(linked.local_type_name)
