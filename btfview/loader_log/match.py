"""The records that a complaint of a log can mean."""

from __future__ import annotations

from btfview.bpf.loaded_code import load_code
from btfview.bpf.references import References
from btfview.btf.kinds import CoreReloKind
from btfview.frozen import TYPE_CHECKING, frozen

from .complaint_kinds import PoisonReached, RecordRefused, TypeRefused, UnguardedKfunc
from .complaints import read_complaints

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.analysis.result import Analysis, LinkedRelo
    from btfview.bpf.loaded_code import LoadedCode

    from .complaint_kinds import Complaint, ReloSpec

_KIND_WORDS = {
    "byte_off": CoreReloKind.FIELD_BYTE_OFFSET,
    "byte_sz": CoreReloKind.FIELD_BYTE_SIZE,
    "field_exists": CoreReloKind.FIELD_EXISTS,
    "signed": CoreReloKind.FIELD_SIGNED,
    "lshift_u64": CoreReloKind.FIELD_LSHIFT_U64,
    "rshift_u64": CoreReloKind.FIELD_RSHIFT_U64,
    "local_type_id": CoreReloKind.TYPE_ID_LOCAL,
    "target_type_id": CoreReloKind.TYPE_ID_TARGET,
    "type_exists": CoreReloKind.TYPE_EXISTS,
    "type_matches": CoreReloKind.TYPE_MATCHES,
    "type_size": CoreReloKind.TYPE_SIZE,
    "enumval_exists": CoreReloKind.ENUMVAL_EXISTS,
    "enumval_value": CoreReloKind.ENUMVAL_VALUE,
}
"""libbpf: ``core_relo_kind_str``."""
_NEVER_POISONED = frozenset(
    (
        CoreReloKind.FIELD_EXISTS,
        CoreReloKind.TYPE_EXISTS,
        CoreReloKind.TYPE_MATCHES,
        CoreReloKind.TYPE_ID_LOCAL,
        CoreReloKind.ENUMVAL_EXISTS,
    )
)


@frozen
class LogFinding:
    """A complaint of the log, and the records that it can mean."""

    complaint: Complaint
    relos: tuple[int, ...]
    """Indices of records: one, where it is certain; several, where the log does not tell which; none,
    where the
    complaint is not of a record, or no record fits."""


def read_loader_log(log: str, analysis: Analysis) -> tuple[LogFinding, ...]:
    """Return what *log* complains of, in its order, each with the records of *analysis* that it can mean."""
    programs = Programs(analysis)
    return tuple(
        LogFinding(complaint, tuple(programs.relos_of(complaint))) for complaint in read_complaints(log)
    )


def relo_at_insn(analysis: Analysis, program: str, insn: int) -> LinkedRelo | None:
    """Return the record at instruction *insn* of *program* as the verifier counts, through its
    subprograms too.

    With an empty *program*, of any. None where there is none, or more than one.
    """
    found = Programs(analysis).at_insn(program, insn)
    return found[0] if len(found) == 1 else None


class Programs:
    """The programs of an analysis as they are loaded."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._loaded: dict[str, LoadedCode] = {}
        """By the name of the function that each begins with."""
        self._entries: list[LoadedCode] = []
        """Those that libbpf calls programs: what stands in ``.text`` is only called (``prog_is_subprog``)."""
        obj = analysis.object
        if obj is None:
            return
        references = References(obj)
        for section, symbols in obj.functions.items():
            for symbol in symbols:
                loaded = self._loaded.setdefault(symbol.name, load_code(obj, section, symbol, references))
                if section != ".text":
                    self._entries.append(loaded)

    def relos_of(self, complaint: Complaint) -> list[int]:
        """Return the indices of the records that *complaint* can mean."""
        match complaint:
            case PoisonReached():
                return [linked.index for linked in self._poisoned(complaint)]
            case RecordRefused(program=program, number=number):
                return [linked.index for linked in self._nth(program, number)]
            case TypeRefused():
                return [linked.index for linked in self._of_type(complaint)]
            case _:
                return []

    def place_of(self, program: str, insn: int) -> tuple[str, int] | None:
        """Return section and byte offset there of instruction *insn* of *program*, without a name of the
        only one; None if it has none."""
        loaded = self._loaded.get(program)
        if loaded is None and not program and len(self._entries) == 1:
            loaded = self._entries[0]
        return loaded.place_of(insn) if loaded is not None else None

    def at_insn(self, program: str, insn: int) -> list[LinkedRelo]:
        """Return the records at instruction *insn* of *program*; with an unknown one, of any."""
        chosen = [self._loaded[program]] if program in self._loaded else self._entries
        places = {loaded.place_of(insn) for loaded in chosen}
        return [
            linked for linked in self._analysis.relos if (linked.relo.section, linked.relo.insn_off) in places
        ]

    def _in(self, program: str) -> list[LinkedRelo]:
        """Return the records in *program* and in the subprograms that it loads; with an unknown one, all."""
        loaded = self._loaded.get(program)
        relos = self._analysis.relos
        if loaded is None:
            return list(relos)
        return [
            linked
            for linked in relos
            if loaded.number_of(linked.relo.section, linked.relo.insn_off) is not None
        ]

    def _poisoned(self, complaint: PoisonReached) -> list[LinkedRelo]:
        """Return the records that fit best: each further thing that the log says narrows them down, unless it
        would leave none. Only what the loader poisons on a target can be meant."""
        found = [linked for linked in self._in(complaint.program) if self._may_be_poisoned(linked)]
        if complaint.insn is not None and complaint.spec is None:
            # What another loader poisons, libbpf may not: the size of a type that is not there.
            found += [
                linked
                for linked in self.at_insn(complaint.program, complaint.insn)
                if linked not in found and linked.relo.kind not in _NEVER_POISONED
            ]
        if complaint.spec is not None:
            found = [linked for linked in found if self._fits(linked, complaint.spec)]
        if complaint.insn is not None:
            found = self._near(found, complaint, complaint.insn)
        if len(found) > 1 and complaint.comment:
            found = [linked for linked in found if _is_line_of(linked, complaint)] or found
        return found

    def _near(self, relos: list[LinkedRelo], complaint: PoisonReached, insn: int) -> list[LinkedRelo]:
        here = {linked.index for linked in self.at_insn(complaint.program, insn)}
        exact = [linked for linked in relos if linked.index in here]
        if exact:
            return exact
        # Loaders put subprograms in other places (cilium/ebpf): then only the source line can tell.
        return [linked for linked in relos if complaint.comment and _is_line_of(linked, complaint)]

    def _may_be_poisoned(self, linked: LinkedRelo) -> bool:
        results = self._analysis.results[linked.index] if self._analysis.results else ()
        if results:
            return any(result.outcome.is_poisoned for result in results)
        return linked.relo.kind not in _NEVER_POISONED

    def _fits(self, linked: LinkedRelo, spec: ReloSpec) -> bool:
        obj = self._analysis.object
        if obj is None or linked.relo.kind != _KIND_WORDS.get(spec.kind):
            return False
        if spec.access_str and linked.relo.access_str != spec.access_str:
            return False
        if spec.enumerator and not linked.path.endswith(f"::{spec.enumerator}"):
            return False
        return spec.type_id in (linked.relo.type_id, obj.btf.skip_modifiers(linked.relo.type_id).id)

    def _nth(self, program: str, number: int) -> Iterable[LinkedRelo]:
        """libbpf counts the records of a section."""
        sections = {
            linked.relo.section
            for linked in self._analysis.relos
            if program in (linked.program, linked.relo.section)
        }
        for section in sections:
            of_section = [linked for linked in self._analysis.relos if linked.relo.section == section]
            if number < len(of_section):
                yield of_section[number]

    def _of_type(self, complaint: TypeRefused) -> Iterable[LinkedRelo]:
        obj, program = self._analysis.object, complaint.program
        is_section = any(linked.relo.section == program for linked in self._analysis.relos)
        for linked in self._analysis.relos if is_section else self._in(program):
            relo = linked.relo
            if obj is None or (is_section and relo.section != program):
                continue
            if complaint.type_name and obj.btf.name(relo.type_id) != complaint.type_name:
                continue
            if complaint.type_id and relo.type_id != complaint.type_id:
                continue
            if complaint.kind and relo.kind != _KIND_WORDS.get(complaint.kind):
                continue
            if complaint.kind_label and relo.kind_label != complaint.kind_label:
                continue
            yield linked

    def kfunc_at(self, complaint: UnguardedKfunc) -> str:
        """Return the name of the kfunc whose call the verifier came to; empty where that is not known."""
        obj = self._analysis.object
        place = self.place_of(complaint.program, complaint.insn) if complaint.insn is not None else None
        if complaint.name or obj is None or place is None:
            return complaint.name
        section = obj.elf.section(place[0])
        symbols = obj.elf.symbols()
        for relocation in obj.elf.relocations(section) if section else ():
            if relocation.offset == place[1] and relocation.symbol_index < len(symbols):
                return symbols[relocation.symbol_index].name
        return ""


def _is_line_of(linked: LinkedRelo, complaint: PoisonReached) -> bool:
    """Whether the source line that the verifier printed, perhaps cut, is the record's."""
    place = linked.place
    if place is None or complaint.comment_line not in (0, place.line):
        return False
    return place.text.strip().startswith(complaint.comment)
