"""The externs of an object: kfuncs, kernel variables, values of the kernel's configuration.

libbpf: ``bpf_object__collect_externs``.
"""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.core_relo.names import essential_name
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from btfview.bpf.object import BpfObject

KSYMS, KCONFIG = ".ksyms", ".kconfig"
FUNCTION, VARIABLE, UNTYPED, CONFIG, BROKEN = "function", "variable", "untyped", "config", "broken"
_EXTERN = 2
_STT_NOTYPE = 0
_WEAK = 2
_SIZES = (1, 2, 4, 8)


@frozen
class Extern:
    name: str
    what: str
    """FUNCTION, VARIABLE, UNTYPED (looked up in kallsyms), CONFIG, or BROKEN: libbpf does not open the
    object."""
    is_weak: bool
    type_id: int = 0
    """In the object's BTF: of a function its prototype, of a variable its type without qualifiers."""
    byte_size: int = 0
    """Of a value of the configuration."""
    problem: str = ""
    """Why it is BROKEN."""

    @property
    def essential_name(self) -> str:
        return essential_name(self.name)


def read_externs(obj: BpfObject) -> tuple[Extern, ...]:
    """Return the externs of *obj*, in the order of its symbols."""
    btf = obj.btf
    sections: dict[int, str] | None = None
    found: list[Extern] = []
    for symbol in obj.elf.symbols():
        if symbol.section_index or not symbol.name or not symbol.binding or symbol.type != _STT_NOTYPE:
            continue
        if sections is None:
            sections = _sections_of(obj)
        is_weak = symbol.binding == _WEAK
        type_id = next((one for one in btf.ids_named(symbol.name) if _is_extern(btf.type(one))), 0)
        if not type_id:
            found.append(Extern(symbol.name, BROKEN, is_weak, problem="it is not in the object's BTF"))
            continue
        found.append(_read_extern(obj, symbol.name, type_id, is_weak, sections.get(type_id, "")))
    return tuple(found)


def _read_extern(obj: BpfObject, name: str, type_id: int, is_weak: bool, section: str) -> Extern:
    btf = obj.btf
    item = btf.type(type_id)
    try:
        if section == KSYMS:
            if isinstance(item, t.Func):
                return Extern(name, FUNCTION, is_weak, item.type_id)
            assert isinstance(item, t.Var)
            behind = btf.skip_modifiers(item.type_id)
            return Extern(name, VARIABLE if behind.id else UNTYPED, is_weak, behind.id)
        if section == KCONFIG:
            if isinstance(item, t.Func):
                return Extern(name, BROKEN, is_weak, problem="a function cannot be in .kconfig")
            assert isinstance(item, t.Var)
            if _is_config_type(obj, item.type_id):
                size = btf.byte_size(item.type_id)
                return Extern(name, CONFIG, is_weak, btf.skip_modifiers(item.type_id).id, size)
            return Extern(name, BROKEN, is_weak, problem="libbpf knows no value of this type in .kconfig")
    except BtfFormatError as error:
        return Extern(name, BROKEN, is_weak, problem=error.problem)
    return Extern(name, BROKEN, is_weak, problem=f"it is in neither {KSYMS} nor {KCONFIG}")


def _sections_of(obj: BpfObject) -> dict[int, str]:
    """Return the name of the section of each variable and function that is in one for externs."""
    found: dict[int, str] = {}
    for name in (KSYMS, KCONFIG):
        for type_id in obj.btf.ids_named(name):
            section = obj.btf.type(type_id)
            if isinstance(section, t.Datasec):
                found |= {variable.type_id: name for variable in section.variables}
    return found


def _is_extern(item: t.BtfType) -> bool:
    return isinstance(item, t.Func | t.Var) and item.linkage == _EXTERN


def _is_config_type(obj: BpfObject, type_id: int) -> bool:
    """libbpf: ``find_kcfg_type``."""
    found = obj.btf.skip_modifiers(type_id)
    match found:
        case t.Int():
            return found.byte_size == 1 if found.encoding & t.INT_BOOL else found.byte_size in _SIZES
        case t.Enum():
            is_wide = found.kind == BtfKind.ENUM64
            return found.name == "libbpf_tristate" and (is_wide or found.byte_size == 4)
        case t.Array():
            element = obj.btf.skip_modifiers(found.type_id)
            return bool(found.length) and isinstance(element, t.Int) and element.byte_size == 1
        case _:
            return False
