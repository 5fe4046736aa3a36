"""What one loader makes of an object on one kernel."""

from __future__ import annotations

from btfview.core_relo.outcome import ReloResult
from btfview.frozen import frozen


@frozen
class LoadEnd:
    """Why a loader gives up the object."""

    reason: str
    record: int | None = None
    """The first record that it gives up at; None where it is none's."""
    is_late: bool = False
    """It comes after the records, as maps and functions are put in; else what is no record's comes before."""

    @property
    def is_early(self) -> bool:
        """It comes before the records, none of which is looked at."""
        return self.record is None and not self.is_late

    @property
    def where(self) -> str:
        """``at #3``, in words where it is no record's."""
        if self.record is not None:
            return f"at #{self.record}"
        return "after all records" if self.is_late else "before any record"


@frozen
class LoaderAnswer:
    loader: str
    """One of :data:`.names.LOADERS`."""
    results: tuple[ReloResult, ...]
    """One a record, in file order. After the end of a load they are what each would have become."""
    end: LoadEnd | None
    """None where all records go through; a poisoned instruction is for the verifier to refuse."""


def first_refusal(results: tuple[ReloResult, ...]) -> LoadEnd | None:
    """Return where a loader stops that stops at the first record it can neither patch nor poison."""
    for index, result in enumerate(results):
        outcome = result.outcome
        if outcome.value is None and not outcome.is_poisoned:
            return LoadEnd(outcome.reason or "", index)
    return None
