"""What architectures a program is built for, where it shows that exactly."""

from __future__ import annotations

from btfview.btf.kinds import CoreReloKind
from btfview.btf.types import Struct
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.names import essential_name
from btfview.frozen import TYPE_CHECKING, frozen

from .kernel_header import REGISTERS, TARGET_ARCHS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.bpf.object import BpfObject
    from btfview.core_relo.local import LocalRelo

_DEFINE = "__TARGET_ARCH_"
_STRUCTS = ("pt_regs", "user_pt_regs")


@frozen
class ShownArchitectures:
    architectures: tuple[str, ...]
    """As Debian calls them."""
    evidence: str
    """The records that show it: ``pt_regs.di``."""


def architectures_shown(
    obj: BpfObject, local: Iterable[LocalRelo] | None = None
) -> ShownArchitectures | None:
    """Return what a program's records on registers show; None where they show nothing. *local* are
    its records, where they are read already.

    A record on a field of ``struct pt_regs`` (or ``user_pt_regs``, arm64 and s390) shows it by the members
    that the struct has in the object: ``di`` is x86's alone. A program that asks whether such a type or field
    exists is for several architectures, and shows nothing; nor does a struct with registers of several.
    """
    found: dict[str, str] = {}
    for one in read_local_relos(obj) if local is None else local:
        if essential_name(one.type_name) not in _STRUCTS:
            continue
        if one.kind is None or not one.kind.is_field or one.kind is CoreReloKind.FIELD_EXISTS:
            return None
        struct = obj.btf.skip_modifiers(one.relo.type_id)
        members = {member.name for member in struct.members} if isinstance(struct, Struct) else set()
        archs = {arch for member, arch in REGISTERS.items() if member in members}
        if len(archs) > 1:
            return None
        for arch in archs:
            found.setdefault(arch, one.path)
    if not found:
        return None
    return ShownArchitectures(_architectures(found), ", ".join(found.values()))


def architectures_of_flags(flags: Iterable[str]) -> tuple[str, ...]:
    """Return the architectures of ``-D__TARGET_ARCH_*`` in clang's *flags*; none without.

    >>> architectures_of_flags(["-Iinclude", "-D__TARGET_ARCH_x86"]), architectures_of_flags(["-DX"])
    (('amd64', 'i386'), ())
    """
    words = (flag.removeprefix("-D").partition("=")[0] for flag in flags)
    return _architectures({word.removeprefix(_DEFINE) for word in words if word.startswith(_DEFINE)})


def _architectures(target_archs: Iterable[str]) -> tuple[str, ...]:
    wanted = set(target_archs)
    return tuple(name for name, arch in TARGET_ARCHS.items() if arch in wanted)
