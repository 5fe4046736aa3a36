"""Which objects aya takes at all (aya: ``Object::parse``), with the words of its errors."""

from __future__ import annotations

from btfview.bpf.insn import INSN_SIZE
from btfview.core_relo.access_spec import RefusedError
from btfview.errors import BtfFormatError, InputError
from btfview.frozen import TYPE_CHECKING

from .map_rules import check_btf_maps, check_old_maps
from .sections import NOT_PROGRAMS, is_known_section

if TYPE_CHECKING:
    from btfview.bpf.elf import Section
    from btfview.bpf.object import BpfObject

_FUNCTION = 2
"""``STT_FUNC``."""
_VERSION_BYTES = 4


def why_not_parsed(obj: BpfObject) -> str | None:
    """Return why aya would not take the object at all; None where it does."""
    try:
        _check(obj)
    except RefusedError as error:
        return str(error)
    except BtfFormatError as error:
        return f"BTF error: {error.problem}"
    except InputError as error:  # what the sections hold cannot be read
        return str(error)
    return None


def _check(obj: BpfObject) -> None:
    _check_license(obj)
    version = obj.elf.section("version")
    if version is not None and version.size != _VERSION_BYTES:
        raise RefusedError(f"invalid kernel version `{_listed(obj.elf.bytes_of(version))}`")
    for section in obj.elf.sections:
        name = section.name
        if any(not relocation.symbol_index for relocation in obj.elf.relocations(section)):
            raise RefusedError("unsupported relocation target")
        if name.startswith("maps"):
            check_old_maps(obj, section)
        elif name.startswith(".maps"):
            check_btf_maps(obj, section)
        elif name.startswith(".text"):
            _check_text(obj, section)
        elif section.is_executable and section.size and not name.startswith(NOT_PROGRAMS):
            _check_programs(obj, section)


def _check_license(obj: BpfObject) -> None:
    """The text of ``license`` must end with its only NUL (aya: ``parse_license``)."""
    section = obj.elf.section("license")
    if section is None:
        return
    data = obj.elf.bytes_of(section)
    if len(data) >= 2 and b"\0" not in data:
        raise RefusedError(f"invalid license `{_listed(data)}`: missing NULL terminator")
    if len(data) < 2 or data.index(0) != len(data) - 1:
        raise RefusedError(f"invalid license `{_listed(data)}`")


def _listed(data: bytes) -> str:
    return str(list(data))


def _check_programs(obj: BpfObject, section: Section) -> None:
    """aya: ``parse_programs``."""
    if not is_known_section(section.name):
        raise RefusedError(f"invalid program section `{section.name}`")
    symbols = [symbol for symbol in obj.elf.symbols() if symbol.section_index == section.index]
    if not symbols:
        raise RefusedError(f"no symbols found in the {section.name} section")
    for symbol in symbols:
        if symbol.type != _FUNCTION or not symbol.name:
            continue
        if symbol.value + symbol.size > section.size:
            raise RefusedError(f"aya panics: {symbol.name} ends beyond its section")
        if symbol.size % INSN_SIZE:
            raise RefusedError("invalid program code")


def _check_text(obj: BpfObject, section: Section) -> None:
    """Functions must follow each other without gaps, each under one name (aya: ``parse_text_section``)."""
    found: dict[int, int] = {}
    for symbol in obj.elf.symbols():
        if symbol.section_index == section.index and symbol.type == _FUNCTION:
            if symbol.value in found:
                where = f"section `{section.index}` have the same address 0x{symbol.value:X}"
                raise RefusedError(f"two or more symbols in {where}")
            found[symbol.value] = symbol.size
    at = 0
    while at < section.size:
        if at not in found:
            raise RefusedError(f"unknown symbol in section `{section.index}` at address 0x{at:X}")
        if not found[at]:
            raise RefusedError("invalid symbol")
        if at + found[at] > section.size:
            raise RefusedError(f"aya panics: a function ends beyond {section.name}")
        if found[at] % INSN_SIZE:
            raise RefusedError("invalid program code")
        at += found[at]
