"""What an object is made of, read once: its programs, externs and maps."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

from .code import EXTERN, Code
from .externs import read_externs
from .jumps import Jumps
from .maps import read_maps, read_ops_maps
from .sections import LOADERS, read_section

if TYPE_CHECKING:
    from btfview.bpf.object import BpfObject

    from .code import Function, Place
    from .externs import Extern
    from .maps import MapDef, OpsMap
    from .sections import ProgramSection

_GPL = frozenset(
    ("GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL")
)
"""Licences that the kernel takes for the GPL (linux/license.h, ``license_is_gpl_compatible``)."""


@frozen
class Program:
    """What libbpf loads as one program."""

    function: Function
    section: ProgramSection | None
    """None for a section whose name libbpf does not know."""
    joined: tuple[Function, ...]
    """Itself first, and all functions that are loaded with it."""

    @property
    def name(self) -> str:
        return self.function.name

    @property
    def prog_type(self) -> str:
        return self.section.kind.prog_type if self.section else ""

    @property
    def is_optional(self) -> bool:
        return self.function.section.startswith("?")


class ObjectFacts:
    """An object as a version of libbpf reads it."""

    def __init__(self, obj: BpfObject, loader: str = LOADERS[0]) -> None:
        self.object = obj
        self.loader = loader
        self.code = Code(obj)
        self.jumps = Jumps(self.code)
        self.programs: tuple[Program, ...] = tuple(
            Program(function, read_section(function.section, loader), self.code.joined(function))
            for function in self.code.programs
        )
        self.externs: tuple[Extern, ...] = read_externs(obj)
        self.maps: tuple[MapDef, ...] = read_maps(obj)
        self.ops_maps: tuple[OpsMap, ...] = read_ops_maps(obj)
        self._extern_places: dict[str, Place] | None = None
        self.maps_named: dict[str, MapDef] = {one.name: one for one in reversed(self.maps)}
        self._externs_named = {one.name: one for one in reversed(self.externs)}
        self.ops_named: dict[str, OpsMap] = {one.name: one for one in reversed(self.ops_maps)}
        self.struct_ops_programs: frozenset[str] = frozenset(
            program.name for program in self.programs if program.prog_type == "STRUCT_OPS"
        )
        self._ops_of: dict[str, list[str]] = {}
        for ops in self.ops_maps:
            for name in dict.fromkeys(member.program for member in ops.members if member.program):
                self._ops_of.setdefault(name, []).append(ops.name)
        self._holders: dict[Place, list[str]] | None = None

    @property
    def extern_places(self) -> dict[str, Place]:
        """Where each extern is first spoken of, by its name."""
        if self._extern_places is None:
            self._extern_places = {}
            for function in self.code.functions.values():
                for at, ref in function.refs:
                    if ref.what == EXTERN:
                        self._extern_places.setdefault(ref.name, (function.section, at))
        return self._extern_places

    def programs_at(self, place: Place | None) -> tuple[str, ...]:
        """Return the names of the programs that an instruction is part of."""
        if place is None:
            return ()
        if self._holders is None:
            self._holders = {}
            for program in self.programs:
                for one in program.joined:
                    self._holders.setdefault(one.place, []).append(program.name)
        function = self.code.function_at(place)
        return tuple(self._holders.get(function.place, ())) if function else ()

    def ops_of(self, program: str) -> list[str]:
        """Return the names of the struct_ops maps that *program* is a member of."""
        return self._ops_of.get(program, [])

    @property
    def is_old_loader(self) -> bool:
        return self.loader != LOADERS[0]

    @property
    def license(self) -> str:
        section = self.object.elf.section("license")
        text = self.object.elf.bytes_of(section) if section else b""
        return text.split(b"\0", 1)[0].decode("utf-8", "replace")

    @property
    def is_gpl(self) -> bool:
        return self.license in _GPL

    def extern(self, name: str) -> Extern | None:
        return self._externs_named.get(name)
