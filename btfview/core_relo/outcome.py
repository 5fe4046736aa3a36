"""What became of a relocation on a target, and why.

A relocation that fails is one of these values, never an exception, so that one bad record does not
hide the others.
"""

from __future__ import annotations

from btfview.bpf.reach import Reach
from btfview.frozen import TYPE_CHECKING, frozen

from .access_spec import AccessSpec

if TYPE_CHECKING:
    from .spec_match import MissingName


@frozen
class CandidateTrace:
    """How one type of the target fared as a candidate."""

    type_id: int
    kind_label: str
    name: str
    steps: tuple[str, ...]
    """In words, the steps of the path that were found in it."""
    verdict: str
    """In words: why it was taken, or the step at which it fell out and why."""
    is_match: bool
    spec: AccessSpec | None = None
    """The path in the target, when it matched."""
    lost: MissingName | None = None
    """The name that it does not have, when it fell out on that."""


@frozen
class Trace:
    """Why the outcome is what it is."""

    summary: str
    """One sentence: the rule that decided."""
    candidates: tuple[CandidateTrace, ...] = ()


@frozen
class Resolved:
    """A candidate matched (all that matched agree on the value)."""

    new_val: int
    """Value for the target, unsigned 64 bits as libbpf writes it."""
    target_spec: AccessSpec | None
    """None for type_id_local, which looks at no target."""
    trace: Trace
    status = "resolved"
    is_poisoned = False
    reason = None

    @property
    def value(self) -> int | None:
        return self.new_val


@frozen
class Missing:
    """No candidate matched. Existence and type kinds become 0, others poison their instruction."""

    new_val: int | None
    """0, or None where the instruction is poisoned."""
    reason: str
    trace: Trace
    status = "missing"
    target_spec = None

    @property
    def is_poisoned(self) -> bool:
        return self.new_val is None

    @property
    def value(self) -> int | None:
        return self.new_val


@frozen
class Ambiguous:
    """Candidates disagree: libbpf refuses to load the object."""

    reason: str
    trace: Trace
    status = "ambiguous"
    is_poisoned = False
    target_spec = None
    value = None


@frozen
class Refused:
    """libbpf refuses the record and with it the object; or, where ``is_poisoned``, it matched but the
    instruction cannot be resized and is poisoned instead."""

    reason: str
    trace: Trace
    is_poisoned: bool = False
    target_spec: AccessSpec | None = None
    is_passed_over: bool = False
    """No program that is loaded has the instruction, so that the loader leaves it and goes on."""
    status = "error"
    value = None


Outcome = Resolved | Missing | Ambiguous | Refused


@frozen
class Misread:
    """The program reads the field as what it is not on the target."""

    rule: str
    """As ``check --allow`` and ``--deny`` name it."""
    message: str
    hint: str = ""
    """What to write instead."""


@frozen
class ReloResult:
    """What becomes of one record on one target."""

    outcome: Outcome
    insn_after: bytes
    """The instruction as libbpf would load it; as it was, where libbpf refuses."""
    alone: Outcome | None = None
    """The outcome if this were the object's only record, where that is another one."""
    reach: Reach | None = None
    """Of a poisoned instruction: whether the verifier comes to it on this target."""

    misread: Misread | None = None
    """Where that was looked for (:mod:`.reads`)."""

    @property
    def is_dead(self) -> bool:
        """Whether the instruction is poisoned and does no harm, as the program is compiled."""
        return self.reach is not None and self.reach <= Reach.OTHERWISE
