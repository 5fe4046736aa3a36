"""What a walk through a program knows of the object and of the kernel that it is loaded into."""

from __future__ import annotations

from btfview.demands.kinds.kconfig import ConfigValue
from btfview.demands.kinds.ksyms import Ksym
from btfview.demands.object.externs import CONFIG as CONFIG_EXTERN
from btfview.demands.object.externs import FUNCTION, UNTYPED
from btfview.frozen import TYPE_CHECKING

from .values import ADDRESS, CONFIG, HIDDEN, PACKET, PACKET_END, RANGE, SCALAR

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from btfview.demands.kernel.kernel import Kernel
    from btfview.demands.object.code import Place, RawInsn
    from btfview.demands.object.facts import ObjectFacts

    from .arguments import ContextModel
    from .values import Value

_READ_ONLY = ".rodata"
_OF_NUMBERS = frozenset(("RAW_TRACEPOINT", "KPROBE", "TRACEPOINT"))
"""Program types to whose verifier everything in the context is a number."""
_PACKETS = {"XDP": (0, 4), "SCHED_CLS": (76, 80), "SCHED_ACT": (76, 80)}
"""Where data and data_end stand in struct xdp_md and struct __sk_buff."""
_WHAT_NUMBERS = "what its context holds are numbers to the verifier; bpf_probe_read_kernel() reads there"


class KernelSurroundings:
    """The surroundings of one program on one kernel."""

    def __init__(
        self,
        facts: ObjectFacts,
        kernel: Kernel,
        insns: Callable[[str], Sequence[RawInsn | None]],
        hidden: Mapping[Place, str],
        stops: Container[Place],
        *,
        prog_type: str,
        model: ContextModel | None,
        checks_globals_always: bool,
    ) -> None:
        self._facts = facts
        self._kernel = kernel
        self.insns = insns
        self.hidden = hidden
        self.stops = stops
        self.checks_globals_always = checks_globals_always
        self._prog_type = prog_type
        self._model = model

    def extern(self, name: str) -> Value:
        """Return the address of an extern: 0 where libbpf leaves 0, ADDRESS where it does not."""
        extern = self._facts.extern(name)
        if extern is None:
            return None
        if extern.what == CONFIG_EXTERN:
            return (CONFIG, name)
        if extern.what == UNTYPED:
            return (HIDDEN, f"the address of {name}")
        is_resolved = Ksym(self._facts.object.btf, extern, self._facts.is_old_loader).is_resolved(
            self._kernel
        )
        if is_resolved is None:
            return (HIDDEN, f"whether the kernel has {name}")
        return (ADDRESS, extern.what == FUNCTION) if is_resolved else 0

    def config(self, name: str) -> Value:
        extern = self._facts.extern(name)
        value = ConfigValue(extern).value(self._kernel) if extern else None
        if value is None:
            return (HIDDEN, f"the value of {name}")
        return value if isinstance(value, int) else (RANGE, *value)

    def context(self, offset: int, size: int) -> Value:
        if self._model:
            return self._model.value(offset, size)
        if self._prog_type in _OF_NUMBERS:
            return (SCALAR, _WHAT_NUMBERS)
        data, data_end = _PACKETS.get(self._prog_type, (-1, -1))
        if size != 4:
            return None
        return (PACKET,) if offset == data else (PACKET_END,) if offset == data_end else None

    def data(self, section: str, offset: int, size: int) -> Value:
        """Return a constant of ``.rodata``, as it is when nobody sets it before loading: the verifier reads
        it from the frozen map (``bpf_map_direct_read``)."""
        if not section.startswith(_READ_ONLY) or size not in (1, 2, 4, 8):
            return None
        found = self._facts.object.elf.section(section)
        if found is None:
            return None
        raw = self._facts.object.elf.bytes_of(found)[offset : offset + size]
        if len(raw) < size or offset < 0:
            return None
        return int.from_bytes(raw, "little" if self._facts.object.is_little_endian else "big")
