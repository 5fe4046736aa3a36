"""What an object takes from the kernel by name: kfuncs, variables, symbols.

libbpf: ``bpf_object__resolve_externs``, ``bpf_object__resolve_ksym_func_btf_id``,
``bpf_object__resolve_ksym_var_btf_id``. All of an object's externs are resolved before any program is loaded,
also those that no wanted program uses.
"""

from __future__ import annotations

from btfview.btf.format.spelling import format_type
from btfview.btf.kinds import BtfKind
from btfview.btf.types import Func, Int, Var
from btfview.core_relo.access_spec import RefusedError
from btfview.core_relo.compat import describe, why_types_differ
from btfview.core_relo.names import essential_name
from btfview.demands.demand import Met, NotMet, Unknown, trimmed
from btfview.demands.object.externs import BROKEN, FUNCTION, UNTYPED, VARIABLE
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from btfview.btf.reader import Btf
    from btfview.demands.demand import Answer
    from btfview.demands.kernel.kernel import Found, Kernel
    from btfview.demands.object.externs import Extern

_FUNC = "libbpf bpf_object__resolve_ksym_func_btf_id"
_VAR = "libbpf bpf_object__resolve_ksym_var_btf_id"
_SYMBOLS = "libbpf bpf_object__read_kallsyms_file"
_ADDRESS = "kernel check_pseudo_btf_id"
_HAS_DATA_SYMBOLS = "klp_enable_patch"
"""CONFIG_LIVEPATCH, which this FUNC tells of, depends on CONFIG_KALLSYMS_ALL: variables have symbols."""


@frozen
class Ksym:
    """An extern of ``.ksyms``."""

    local: Btf
    """The object's BTF."""
    extern: Extern
    is_old_loader: bool = False

    @property
    def wanted_name(self) -> str:
        """The name in the kernel: without the flavor for functions (libbpf 1.3 and newer)."""
        is_plain = self.extern.what != FUNCTION or self.is_old_loader
        return self.extern.name if is_plain else self.extern.essential_name

    def names(self) -> tuple[str, ...]:
        if self.extern.what == VARIABLE:
            return (self.wanted_name, _HAS_DATA_SYMBOLS)
        return (self.wanted_name,) if self.extern.what == FUNCTION else ()

    def find(self, kernel: Kernel) -> Found | None:
        """Return the kernel's type that libbpf takes, whatever its prototype."""
        kind = BtfKind.FUNC if self.extern.what == FUNCTION else BtfKind.VAR
        return kernel.find(self.wanted_name, kind)

    def why_incompatible(self, found: Found) -> str | None:
        """Return None where the declaration fits what the kernel has, else why not."""
        item = found.btf.type(found.type_id)
        assert isinstance(item, Func | Var)
        try:
            their_id = item.type_id if isinstance(item, Func) else found.btf.skip_modifiers(item.type_id).id
            return why_types_differ(self.local, self.extern.type_id, found.btf, their_id)
        except (RefusedError, BtfFormatError) as error:
            return str(error)

    def is_resolved(self, kernel: Kernel) -> bool | None:
        """Tell whether libbpf gives the extern an address; None where BTF does not tell."""
        if self.extern.what == UNTYPED:
            return None
        found = self.find(kernel)
        if found is None:
            return None if kernel.is_trimmed else False
        return self.why_incompatible(found) is None

    def answer(self, kernel: Kernel) -> Answer:
        extern = self.extern
        if extern.what == BROKEN:
            return NotMet(f"extern {extern.name}: {extern.problem}", "libbpf bpf_object__collect_externs")
        if extern.what == UNTYPED:
            if extern.is_weak:
                return Met(f"{extern.name} is weak: without a symbol its address is 0", _SYMBOLS)
            return Unknown(
                f"whether the kernel has the symbol {extern.name} is in kallsyms, not in BTF", _SYMBOLS
            )
        rule = _FUNC if extern.what == FUNCTION else _VAR
        found = self.find(kernel)
        if found is None:
            return self._not_found(kernel, rule)
        where = found.module or "the kernel"
        if why := self.why_incompatible(found):
            return self._incompatible(found, where, why, rule)
        if extern.what == FUNCTION:
            return Met(f"{where} has {self.wanted_name}, with a prototype that fits", rule)
        if why := self._why_other_type(found):
            return Unknown(f"{where} has the variable {extern.name}, but {why}", "kernel btf_struct_access")
        if not found.module and kernel.has_func(_HAS_DATA_SYMBOLS) is not True:
            why = (
                f"the kernel has the variable {extern.name}, but BTF does not tell whether it has its address"
            )
            return Unknown(f"{why} (CONFIG_KALLSYMS_ALL)", _ADDRESS)
        return Met(f"{where} has the variable {extern.name}, of a type that fits", rule)

    def _why_other_type(self, found: Found) -> str | None:
        """Return why the verifier may refuse reads of a variable that libbpf takes, which compares kinds."""
        item = found.btf.type(found.type_id)
        assert isinstance(item, Var)
        mine, theirs = self.local.type(self.extern.type_id), found.btf.skip_modifiers(item.type_id)
        if essential_name(mine.name) != essential_name(theirs.name) and not isinstance(mine, Int):
            return f"it is {describe(found.btf, theirs.id)}, declared as {describe(self.local, mine.id)}"
        if isinstance(mine, Int) and isinstance(theirs, Int) and mine.byte_size > theirs.byte_size:
            return f"it has {theirs.byte_size} bytes, {mine.byte_size} as declared"
        return None

    def _not_found(self, kernel: Kernel, rule: str) -> Answer:
        extern = self.extern
        word = "function" if extern.what == FUNCTION else "variable"
        if kernel.is_trimmed:
            return trimmed(f"whether the kernel has the {word} {self.wanted_name} it does not tell", rule)
        if extern.is_weak:
            return Met(f"no {word} {self.wanted_name} there; it is weak, so its address is 0", rule)
        instead = "" if kernel.modules else "if it is in a module, give that as well: -t KERNEL+MODULE"
        if word == "variable":
            instead = "kernel BTF names per-CPU variables only; declare it as void to look it up in kallsyms"
        return NotMet(
            f"no {word} {self.wanted_name} in the kernel's BTF; the whole object fails", rule, instead
        )

    def _incompatible(self, found: Found, where: str, why: str, rule: str) -> Answer:
        extern = self.extern
        item = found.btf.type(found.type_id)
        assert isinstance(item, Func | Var)
        if extern.is_weak and extern.what == FUNCTION:
            return Met(
                f"{where} has another {self.wanted_name} ({why}); weak, so it counts as not there", rule
            )
        return NotMet(
            f"{self.wanted_name} does not fit its declaration: {why}; the whole object fails",
            rule,
            f"{where} has {format_type(found.btf, item.type_id)}",
        )
