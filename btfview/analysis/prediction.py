"""What btfview predicts of each program on the running kernel, to be held to what that kernel says."""

from __future__ import annotations

from btfview.core_relo.local import read_local_relos
from btfview.core_relo.resolve import resolve_relos
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING
from btfview.targets.kernels import THIS_MACHINE

if TYPE_CHECKING:
    from btfview.bpf.object import BpfObject
    from btfview.demands.verdict import PartVerdict

_FIRST_WITH_NEW_RULES = (1, 2)
"""The release of libbpf from which its rules are those of the newest; before, those of 1.1.2."""


def predict_programs(obj: BpfObject, libbpf: str) -> dict[str, PartVerdict]:
    """Return the verdict on each program by its name, as the version *libbpf* of the library would load it
    alone; nothing where the running kernel shows no BTF that can be read."""
    from btfview.demands.asked import Asked, Loading
    from btfview.demands.object.sections import LOADERS, OLD_LOADER

    target = THIS_MACHINE.running_kernel()
    if target is None:
        return {}
    asked = Asked(obj, Loading(OLD_LOADER if _is_old(libbpf) else LOADERS[0]))
    local = read_local_relos(obj)
    try:
        kernel = asked.kernel(target, local)
        results = resolve_relos(obj, local, target.btf)
        return {part.name: part for part in asked.judge(kernel, local, results).programs}
    except InputError:
        return {}


def _is_old(libbpf: str) -> bool:
    """
    >>> _is_old("1.1"), _is_old("1.1.2"), _is_old("1.7.0"), _is_old("")
    (True, True, False, False)
    """
    numbers = [int(part) for part in libbpf.split(".")[:2] if part.isdecimal()]
    return len(numbers) == 2 and tuple(numbers) < _FIRST_WITH_NEW_RULES
