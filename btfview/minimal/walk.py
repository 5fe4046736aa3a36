"""Keep what libbpf's answer to a record has looked at in the kernel."""

from __future__ import annotations

from enum import IntEnum

from btfview.btf import types as t
from btfview.btf.kinds import CoreReloKind
from btfview.core_relo.candidates import CandidateFinder
from btfview.core_relo.compat import why_no_match
from btfview.core_relo.names import essential_name
from btfview.core_relo.outcome import Resolved
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from btfview.btf.reader import Btf
    from btfview.core_relo.access_spec import AccessSpec
    from btfview.core_relo.local import LocalRelo
    from btfview.core_relo.outcome import CandidateTrace, ReloResult

    from .kept import Kept


class Care(IntEnum):
    """How much is kept of the candidates of a record."""

    FIRST = 0
    """What the first that matched needs: the others agree with it."""
    MATCHED = 1
    """What each that matched needs: some record takes one of them and not another."""
    WHOLE = 2
    """All that lies by value in each candidate, matched or not, also in those that libbpf drops."""


def keep_answer(kept: Kept, local: Btf, relo: LocalRelo, result: ReloResult, care: Care) -> None:
    """Keep what gives *relo*, of an object with the BTF *local*, the same *result* again."""
    if relo.kind is None or relo.kind == CoreReloKind.TYPE_ID_LOCAL:
        return
    if care == Care.WHOLE and relo.spec is not None and relo.type_name:
        for one in CandidateFinder(kept.btf).find(local, relo.relo.type_id):
            kept.keep_whole(one.type_id)
    for candidate in result.outcome.trace.candidates:
        if care == Care.WHOLE or _is_refused(candidate):
            kept.keep_whole(candidate.type_id)
        elif candidate.spec is not None:
            _keep_spec(kept, local, relo, relo.kind, candidate.spec)
        else:
            continue
        if care == Care.FIRST and isinstance(result.outcome, Resolved):
            return


def _is_refused(candidate: CandidateTrace) -> bool:
    """Tell whether libbpf stops at a candidate: what of it made it do so, no path tells."""
    return candidate.verdict.startswith("refused: ")


def _keep_spec(kept: Kept, local: Btf, relo: LocalRelo, kind: CoreReloKind, spec: AccessSpec) -> None:
    kept.keep(spec.root_type_id)
    if kind == CoreReloKind.TYPE_MATCHES:
        _MatchWalk(kept, local).keep(relo.relo.type_id, spec.root_type_id)
    elif kind.is_type:
        kept.keep_with_pointers(spec.root_type_id)
    elif kind.is_enumval:
        kept.keep_part(spec.steps[0].type_id, spec.raw[0])
    else:
        _keep_path(kept, spec)


def _keep_path(kept: Kept, spec: AccessSpec) -> None:
    """Keep the members that a path goes through, and the type at its end.

    Where libbpf has taken no index back of a member that it went into in vain (``bpf_core_match_member``),
    the indices are no path; then all is kept.
    """
    parts = _parts_of(kept, spec)
    if parts is None:
        kept.keep_whole(spec.root_type_id)
        return
    kept.keep(kept.behind(spec.root_type_id).id)
    for type_id, index in parts:
        kept.keep_part(type_id, index)


def _parts_of(kept: Kept, spec: AccessSpec) -> list[tuple[int, int]] | None:
    """Return the structs that a path goes through, by id, with the index of the member in each; None where
    the indices of *spec* lead elsewhere than its steps."""
    current = kept.behind(spec.root_type_id)
    steps: list[tuple[int, int]] = [(current.id, spec.raw[0])]
    parts: list[tuple[int, int]] = []
    for index in spec.raw[1:]:
        match current:
            case t.Struct(members=members) if index < len(members):
                parts.append((current.id, index))
                if members[index].name:
                    steps.append((current.id, index))
                current = kept.behind(members[index].type_id)
            case t.Array():
                current = kept.behind(current.type_id)
                steps.append((current.id, index))
            case _:
                return None
    return parts if steps == [(step.type_id, step.index) for step in spec.steps] else None


class _MatchWalk:
    """Goes through a local type and the target's that matches it, as :func:`.compat.why_no_match` does."""

    def __init__(self, kept: Kept, local: Btf) -> None:
        self._kept = kept
        self._local = local
        self._seen: set[tuple[int, int, bool]] = set()

    def keep(self, local_id: int, target_id: int, *, behind_ptr: bool = False) -> None:
        """Keep what of the target's type a local one was matched with."""
        ours, theirs = self._local.skip_modifiers(local_id), self._kept.behind(target_id)
        if (ours.id, theirs.id, behind_ptr) in self._seen:
            return
        self._seen.add((ours.id, theirs.id, behind_ptr))
        self._kept.keep(theirs.id)
        match ours, theirs:
            case t.Enum(), t.Enum():
                wanted = {essential_name(one.name) for one in ours.enumerators}
                self._keep_named(theirs.id, [one.name for one in theirs.enumerators], wanted)
                self._keep_count(theirs.id, len(ours.enumerators), len(theirs.enumerators))
            case t.Struct(), t.Struct() if not behind_ptr:
                self._keep_members(ours, theirs)
            case t.Ptr(), t.Ptr():
                self._kept.follow(theirs)
                self.keep(ours.type_id, theirs.type_id, behind_ptr=True)
            case t.Array(), t.Array():
                self.keep(ours.type_id, theirs.type_id, behind_ptr=behind_ptr)
            case t.FuncProto(), t.FuncProto():
                for mine, other in zip(ours.params, theirs.params, strict=True):
                    self.keep(mine.type_id, other.type_id, behind_ptr=behind_ptr)
                self.keep(ours.type_id, theirs.type_id, behind_ptr=behind_ptr)
            case _:
                pass

    def _keep_members(self, ours: t.Struct, theirs: t.Struct) -> None:
        target = self._kept.btf
        for mine in ours.members:
            name = essential_name(mine.name)
            for index, other in enumerate(theirs.members):
                is_named = essential_name(other.name) == name
                if is_named and not why_no_match(self._local, mine.type_id, target, other.type_id):
                    self._kept.keep_part(theirs.id, index)
                    self.keep(mine.type_id, other.type_id)
                    break
        self._keep_count(theirs.id, len(ours.members), len(theirs.members))

    def _keep_named(self, type_id: int, names: list[str], wanted: set[str]) -> None:
        """Keep the first enumerator of each name of *wanted*."""
        for index, name in enumerate(names):
            if essential_name(name) in wanted:
                wanted.discard(essential_name(name))
                self._kept.keep_part(type_id, index)

    def _keep_count(self, type_id: int, least: int, count: int) -> None:
        """Keep as many members or enumerators as the local type has: libbpf counts before it compares."""
        for index in range(count):
            if len(self._kept.parts[type_id]) >= least:
                return
            self._kept.keep_part(type_id, index)
