"""An object without records that calls a helper; kernels that have it, that lack it, that were trimmed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from btfview.analysis.result import Analysis
from btfview.analysis.retarget import retarget
from btfview.bpf.insn import Insn
from tests.analyses import analyse_object
from tests.btf.build import INT, Described, build_btf_bytes, enum
from tests.objects import Record, build_object

HELPER = "bpf_ktime_get_ns"
"""Number 5 of ``enum bpf_func_id``."""
_CALL, _MOV64, _EXIT = 0x85, 0xB7, 0x95
CALLS_HELPER = (Insn(_CALL, 0, 0, 0, 5), Insn(_MOV64, 0, 0, 0, 0), Insn(_EXIT, 0, 0, 0, 0))
_TYPES = enum("bpf_prog_type", BPF_PROG_TYPE_SOCKET_FILTER=1)
KERNELS: dict[str, Sequence[Described]] = {
    "has": [INT, _TYPES, enum("bpf_func_id", BPF_FUNC_unspec=0, BPF_FUNC_ktime_get_ns=5)],
    "lacks": [INT, _TYPES, enum("bpf_func_id", BPF_FUNC_unspec=0)],
    "trimmed": [INT],
}


def asking_object(local: Sequence[Described] = (INT,), records: Sequence[Record] = ()) -> bytes:
    """Return an object of type socket filter that calls the helper."""
    return build_object(local, records, tail=CALLS_HELPER)


def analyse_asking(folder: Path, *kernels: str) -> Analysis:
    """Return its analysis on some of the kernels, as the screen makes it."""
    analysis = analyse_object(folder, asking_object(), **{name: KERNELS[name] for name in kernels})
    return retarget(analysis, analysis.targets)[0]


def write_asking(folder: Path, *kernels: str) -> tuple[Path, list[str]]:
    """Write the object and the kernels; return its path and theirs."""
    path = folder / "asking.o"
    path.write_bytes(asking_object())
    files = []
    for name in kernels:
        file = folder / f"{name}.btf"
        file.write_bytes(build_btf_bytes(*KERNELS[name]))
        files.append(str(file))
    return path, files
