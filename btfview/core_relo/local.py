"""Records as far as the object alone tells: parsed against its own BTF."""

from __future__ import annotations

from btfview.bpf.insn import INSN_SIZE, LDDW
from btfview.bpf.object import BpfObject
from btfview.btf.ext import CoreRelo
from btfview.btf.kinds import BtfKind, CoreReloKind
from btfview.errors import BtfFormatError
from btfview.frozen import frozen

from .access_spec import AccessSpec, RefusedError, format_path, parse_access_spec
from .values import SpecValue, calc_value

DECLARED_ONLY = BtfKind.FWD.label
"""The kind of a type without a body: it matches none of the kernel's definitions (libbpf:
``btf_kind_core_compat``)."""


@frozen
class LocalRelo:
    """A record as far as the object alone tells."""

    relo: CoreRelo
    kind: CoreReloKind | None
    """None for a kind that btfview does not know."""
    type_kind: str
    type_name: str
    path: str
    """``task_struct.se.vruntime``, or as much of it as can be told."""
    spec: AccessSpec | None
    value: SpecValue | None
    code: bytes
    """The instruction: 8 bytes, of an ldimm64 16; empty where there is none."""
    problem: str | None
    """Why libbpf would refuse the record on every target; None for a sound one."""


@frozen
class _Asked:
    """What a type, an access string and a kind ask for, wherever the record stands."""

    type_kind: str
    type_name: str
    path: str
    spec: AccessSpec | None
    value: SpecValue | None
    problem: str | None


def read_local_relos(obj: BpfObject) -> tuple[LocalRelo, ...]:
    """Return all records of *obj*, parsed against its own BTF. Malformed ones have a ``problem``."""
    known: dict[tuple[int, str, int], _Asked] = {}
    found = []
    for relo in obj.core_relos:
        # Programs ask for one field again and again, in each of their functions.
        key = (relo.type_id, relo.access_str, relo.kind_number)
        asked = known.get(key)
        if asked is None:
            asked = known[key] = _read_asked(obj, relo)
        code = _code_of(obj, relo)
        found.append(
            LocalRelo(
                relo,
                relo.kind,
                asked.type_kind,
                asked.type_name,
                asked.path,
                asked.spec,
                asked.value,
                code,
                asked.problem or _place_problem(obj, relo, code),
            )
        )
    return tuple(found)


def _read_asked(obj: BpfObject, relo: CoreRelo) -> _Asked:
    btf, kind = obj.btf, relo.kind
    type_kind = type_name = ""
    path = f"[{relo.type_id}] {relo.access_str}"
    spec = value = problem = None
    try:
        type_name = path = btf.name(relo.type_id)
        type_kind = btf.kind(relo.type_id).label
        path = path or f"(anonymous {type_kind})"
        if kind is None:
            raise RefusedError(f"relocation kind {relo.kind_number} is unknown")
        spec = parse_access_spec(btf, relo.type_id, relo.access_str, kind)
        path = format_path(btf, spec)
        if not type_name and kind != CoreReloKind.TYPE_ID_LOCAL:
            raise RefusedError(f"{kind.label} of an anonymous {type_kind}: libbpf has no name to search for")
        value = calc_value(btf, spec, kind, is_little_endian=obj.is_little_endian)
    except RefusedError as error:
        problem = str(error)
    except BtfFormatError as error:
        problem = error.problem
    return _Asked(type_kind, type_name, path, spec, value, problem)


def _place_problem(obj: BpfObject, relo: CoreRelo, code: bytes) -> str | None:
    if code and not relo.insn_off % INSN_SIZE:
        return None
    is_half = not relo.insn_off % INSN_SIZE and relo.insn_off < len(obj.code(relo.section))
    lack = "only half an ldimm64" if is_half else "no instruction"
    return f"there is {lack} at byte {relo.insn_off} of section {relo.section}"


def _code_of(obj: BpfObject, relo: CoreRelo) -> bytes:
    """Return the instruction; empty where there is none, or the second half of an ldimm64 is missing."""
    code = obj.code(relo.section)[relo.insn_off : relo.insn_off + 2 * INSN_SIZE]
    size = 2 * INSN_SIZE if code[:1] == bytes((LDDW,)) else INSN_SIZE
    return code[:size] if len(code) >= size else b""
