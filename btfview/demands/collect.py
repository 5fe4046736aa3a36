"""All demands of an object, in the order in which libbpf comes to them."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen, replace

from . import demand as d
from .demand import Demand, Met, NotMet
from .kernel.releases import CALLBACKS
from .kinds.attach_targets import AttachTarget
from .kinds.instructions import find_new_insns
from .kinds.kconfig import ConfigValue
from .kinds.ksyms import Ksym
from .kinds.lists import HelperCall, MapType, ProgType
from .kinds.struct_ops import OpsType
from .object.externs import BROKEN, FUNCTION
from .object.externs import CONFIG as CONFIG_EXTERN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .demand import Answer
    from .kernel.kernel import Kernel
    from .object.facts import ObjectFacts, Program

_OPTIONAL = 'SEC("?...")'


@frozen
class ByteOrder:
    """An object is loaded on kernels of its own byte order only."""

    is_little_endian: bool

    def names(self) -> tuple[str, ...]:
        return ()

    def answer(self, kernel: Kernel) -> Answer:
        if kernel.btf.is_little_endian == self.is_little_endian:
            return Met("the kernel has the object's byte order", "libbpf is_native_endianness")
        word, other = ("little", "big") if self.is_little_endian else ("big", "little")
        return NotMet(
            f"the object is {word}-endian, the kernel {other}-endian; libbpf does not load it",
            "libbpf is_native_endianness",
            f"compile with -target bpf{'eb' if self.is_little_endian else 'el'}",
        )


@frozen
class AddressSize:
    """Pointers have 8 bytes in an object; in some kernels they have 4."""

    def names(self) -> tuple[str, ...]:
        return ()

    def answer(self, kernel: Kernel) -> Answer:
        rule = "libbpf btf__set_pointer_size"
        size = kernel.btf.pointer_size
        if size == 8:
            return Met("pointers have 8 bytes there, too", rule)
        why = (
            f"pointers and longs have {size} bytes there: what the program reads as such is of another width"
        )
        return Met(why, rule, is_hint=True)


@frozen
class KnownSection:
    """A program whose section libbpf knows no name of."""

    loader: str
    section: str

    def names(self) -> tuple[str, ...]:
        return ()

    def answer(self, kernel: Kernel) -> Answer:  # noqa: ARG002  it is so on every kernel
        why = f"libbpf {self.loader} knows no section {self.section}, so not what kind of program it holds"
        return NotMet(why, "libbpf find_sec_def", "SEC() takes a name of libbpf's table of sections")


@frozen
class Callback:
    """A function whose address is given to a helper or a kfunc."""

    def names(self) -> tuple[str, ...]:
        return ()

    def answer(self, kernel: Kernel) -> Answer:
        rule = "kernel check_btf_func"
        has_come = CALLBACKS.has_come(kernel)
        if has_come is False:
            return NotMet(
                "callbacks came with 5.13; older kernels refuse the program, also where it is dead", rule
            )
        if has_come is None:
            return d.trimmed("it lacks enum bpf_func_id", rule)
        return Met("the kernel knows callbacks", rule)


def collect(facts: ObjectFacts) -> tuple[Demand, ...]:
    """Return the demands of an object; equal ones of several programs are one."""
    found: dict[object, Demand] = {}
    programs: dict[object, dict[str, None]] = {}
    for one in _all(facts):
        key = (one.kind, one.ask)
        known = found.get(key)
        if known is None:
            found[key], programs[key] = one, dict.fromkeys(one.programs)
        elif one.programs and programs[key]:
            programs[key].update(dict.fromkeys(one.programs))
            if known.optional and not one.optional:
                found[key] = replace(known, optional="")
    return tuple(
        one if len(programs[key]) == len(one.programs) else replace(one, programs=tuple(programs[key]))
        for key, one in found.items()
    )


def _all(facts: ObjectFacts) -> Iterator[Demand]:
    word = "little-endian" if facts.object.is_little_endian else "big-endian"
    yield Demand(d.BYTE_ORDER, word, ByteOrder(facts.object.is_little_endian))
    yield Demand(d.ADDRESS_SIZE, "8 bytes", AddressSize())
    yield from _externs(facts)
    yield from _maps(facts)
    for program in facts.programs:
        yield from _program(facts, program)


def _externs(facts: ObjectFacts) -> Iterator[Demand]:
    for extern in facts.externs:
        optional = "weak" if extern.is_weak else ""
        place = facts.extern_places.get(extern.name)
        programs = facts.programs_at(place)
        if extern.what == CONFIG_EXTERN:
            yield Demand(d.KCONFIG, extern.name, ConfigValue(extern), programs, place, optional)
            continue
        kind = d.KFUNC if extern.what == FUNCTION else d.KSYM
        ksym = Ksym(facts.object.btf, extern, facts.is_old_loader)
        optional = "" if extern.what == BROKEN else optional
        yield Demand(kind, extern.name, ksym, programs, place, optional)


def _maps(facts: ObjectFacts) -> Iterator[Demand]:
    for one in facts.maps:
        yield Demand(d.MAP_TYPE, one.name, MapType(one))
        if one.inner:
            yield Demand(d.MAP_TYPE, one.inner.name, MapType(one.inner))
    for ops in facts.ops_maps:
        optional = _OPTIONAL if ops.is_optional else ""
        yield Demand(d.STRUCT_OPS, ops.name, ops_type(facts, ops.name), (), None, optional)


def ops_type(facts: ObjectFacts, name: str) -> OpsType:
    """Return what the struct_ops map *name* asks of a kernel."""
    return OpsType(facts.object.btf, facts.ops_named[name], facts.struct_ops_programs, facts.is_old_loader)


def _program(facts: ObjectFacts, program: Program) -> Iterator[Demand]:
    names, place = (program.name,), program.function.place
    optional = _OPTIONAL if program.is_optional else ""
    section = program.section
    if section is None:
        ask = KnownSection(facts.loader, program.function.section)
        yield Demand(d.SECTION, program.function.section, ask, names, place, optional)
        return
    prog_type = ProgType(section)
    yield Demand(d.PROG_TYPE, prog_type.subject, prog_type, names, place, optional)
    if section.kind.needs_btf:
        target = AttachTarget(section, facts.is_old_loader)
        yield Demand(d.ATTACH_TARGET, target.subject or section.kind.name, target, names, place, optional)
    for function in program.joined:
        for at, number in function.helpers:
            call = HelperCall(number)
            yield Demand(d.HELPER, call.subject, call, names, (function.section, at), optional)
        for at, insn in find_new_insns(facts.code, function):
            yield Demand(d.INSTRUCTION, insn.word, insn, names, (function.section, at), optional)
        if function.takes_address:
            yield Demand(d.CALLBACK, "callback", Callback(), names, function.place, optional)
