"""What a recompile changed, record by record."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from btfview.analysis.result import Analysis


@frozen
class Changes:
    """What differs between two results for one file; records are told apart by their key."""

    new: frozenset[int] = frozenset()
    """Indices, in the newer result, of the records that the older does not have."""
    changed: tuple[tuple[int, str], ...] = ()
    """Index in the newer result, and what it was: ``was 8``, ``6.1.0-56-amd64: was 208``."""
    gone: tuple[str, ...] = ()
    """Paths of the records that the newer result does not have."""

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def compare_results(old: Analysis, new: Analysis) -> Changes:
    """Return what *new* has different from *old*: records, values compiled in, and the values and states on
    the targets that both have. That an instruction moved is no change."""
    before = {linked.key: linked.index for linked in old.relos}
    columns = [
        (old.targets.index(target), column)
        for column, target in enumerate(new.targets)
        if target in old.targets
    ]
    added, changed = [], []
    for linked in new.relos:
        was = before.pop(linked.key, None)
        if was is None:
            added.append(linked.index)
        elif old.relos[was].local_value != linked.local_value:
            changed.append((linked.index, f"was {_value(old.relos[was].local_value, 'malformed')}"))
        else:
            for old_column, column in columns:
                state = old.state(was, old_column)
                value = old.value(was, old_column)
                if (state, value) != (
                    new.state(linked.index, column),
                    new.value(linked.index, column),
                ):
                    changed.append((linked.index, f"{new.targets[column].name}: was {_value(value, state)}"))
                    break
    return Changes(
        frozenset(added), tuple(changed), tuple(old.relos[index].path for index in before.values())
    )


def is_same_input(old: Analysis, new: Analysis) -> bool:
    """Tell whether two results for one file were made from the same contents, with the same options."""
    if old.compilation is not None and new.compilation is not None:
        before, after = old.compilation, new.compilation
        # What a C source includes is another input, seen by what it makes.
        is_same = before.source.text == after.source.text and before.options == after.options
        return is_same and (not after.headers or before.object == after.object)
    return old.relos == new.relos


def _value(value: int | None, otherwise: str) -> str:
    return otherwise if value is None else str(value)
