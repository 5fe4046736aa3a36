"""An object with its relocations applied for one target."""

from __future__ import annotations

from btfview.bpf.elf import SHF_COMPRESSED
from btfview.bpf.reach import Reach
from btfview.core_relo.outcome import Ambiguous, Refused
from btfview.core_relo.patch import patch_code
from btfview.errors import ObjectFormatError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from btfview.bpf.elf import Section
    from btfview.bpf.object import BpfObject

    from .result import Analysis

_CORE_RELO_LEN_AT = 28
"""Of ``core_relo_len`` in ``struct btf_ext_header``."""


@frozen
class PatchFindings:
    """What stands in the way of a patched object, as indices of records."""

    refused: tuple[int, ...]
    """libbpf refuses the object on account of these; their instructions stay as compiled."""
    poisoned: tuple[int, ...]
    """Poisoned where the verifier comes by: the kernel will refuse the program."""
    dead: tuple[int, ...]
    """Poisoned where no path leads."""
    off: tuple[int, ...]
    """Refused in programs that are off by default, which libbpf does not relocate; they stay as compiled."""


def patch_findings(analysis: Analysis, target_index: int) -> PatchFindings:
    """Return what would become of the object on a target."""
    refused: list[int] = []
    poisoned: list[int] = []
    dead: list[int] = []
    off: list[int] = []
    for linked, results in zip(analysis.relos, analysis.results, strict=True):
        result = results[target_index]
        if result.outcome.is_poisoned:
            (dead if result.is_dead else poisoned).append(linked.index)
        elif isinstance(result.outcome, Ambiguous | Refused):
            (off if result.reach == Reach.OFF else refused).append(linked.index)
    return PatchFindings(tuple(refused), tuple(poisoned), tuple(dead), tuple(off))


def patched_object(obj: BpfObject, analysis: Analysis, target_index: int) -> bytes:
    """Return the file of *obj*, byte for byte but for two things: the instructions are those that libbpf
    would load on the target, and ``.BTF.ext`` has an empty list of relocations.

    The list is emptied since libbpf would apply it once more, and refuse instructions that no longer
    hold the values compiled in. BTF, function and line information stay as they were.

    Raises:
        ObjectFormatError: a section that must change is compressed.
    """
    data = bytearray(obj.elf.data)
    results = [results[target_index] for results in analysis.results]
    patched = patch_code(obj, [linked.relo for linked in analysis.relos], results)
    for section in obj.elf.sections:
        code = patched.get(section.name)
        if code is not None and section.is_executable:
            start = _start_of(section, obj)
            data[start : start + len(code)] = code
    ext = obj.elf.section(".BTF.ext")
    if ext is not None and obj.core_relos:
        at = _start_of(ext, obj) + _CORE_RELO_LEN_AT
        data[at : at + 4] = bytes(4)
    return bytes(data)


def _start_of(section: Section, obj: BpfObject) -> int:
    if section.flags & SHF_COMPRESSED:
        raise ObjectFormatError(f"section {section.name} is compressed and cannot be patched", path=obj.path)
    return section.offset
