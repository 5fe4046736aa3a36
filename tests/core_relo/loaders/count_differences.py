"""Counts where loaders differ from libbpf, by the kind of reason: ``python -m`` this module prints tables.

Of the shared corpus and of Debian's libbpf-tools on six kernels, as :mod:`.test_agreement` takes them. The
policies are asked, which the tests hold against the libraries.
"""

from __future__ import annotations

import lzma
import sys
import tempfile
from collections import Counter
from pathlib import Path

from btfview.bpf.object import BpfObject, read_object
from btfview.btf.reader import Btf
from btfview.core_relo.loaders.answer import LoaderAnswer
from btfview.core_relo.loaders.names import LIBBPF, LOADERS, title
from btfview.core_relo.loaders.resolve_as import resolve_as
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.outcome import ReloResult
from tests.conftest import SHARED
from tests.core_relo.loaders.judging import is_refused
from tests.core_relo.loaders.test_agreement import ALL_KERNELS, files_of, pairs_of, read_target, tools

_KINDS = (
    "it does not take the object",
    "it ends the load at a record, libbpf does not",
    "libbpf ends the load at a record, it does not",
    "a value where libbpf poisons",
    "poison where libbpf has a value",
    "poison where libbpf writes 0",
    "another value",
    "the same, written otherwise",
)


def kind_of(answer: LoaderAnswer, mine: ReloResult, libbpf: ReloResult) -> str | None:
    """Return how a loader's answer to a record differs from libbpf's; None where both load the same."""
    if answer.end is not None and answer.end.is_early:
        return _KINDS[0]
    if is_refused(mine) or is_refused(libbpf):
        if is_refused(mine) and is_refused(libbpf):
            return None
        return _KINDS[1] if is_refused(mine) else _KINDS[2]
    if mine.insn_after == libbpf.insn_after:
        return None
    if mine.outcome.is_poisoned != libbpf.outcome.is_poisoned:
        if libbpf.outcome.is_poisoned:
            return _KINDS[3]
        return _KINDS[5] if libbpf.outcome.status == "missing" else _KINDS[4]
    return _KINDS[6] if mine.outcome.value != libbpf.outcome.value else _KINDS[7]


class Counted:
    def __init__(self) -> None:
        self.records = 0
        self.kinds: Counter[tuple[str, str]] = Counter()

    def add(self, obj: BpfObject, target: Btf) -> None:
        relos = read_local_relos(obj)
        libbpf = resolve_as(LIBBPF, obj, relos, target)
        self.records += len(relos)
        for loader in LOADERS[1:]:
            answer = resolve_as(loader, obj, relos, target)
            for mine, theirs in zip(answer.results, libbpf.results, strict=True):
                if kind := kind_of(answer, mine, theirs):
                    self.kinds[loader, kind] += 1

    def table(self) -> str:
        lines = [f"| of {self.records:,} records | " + " | ".join(map(title, LOADERS[1:])) + " |"]
        lines.append("| --- " * len(LOADERS) + "|")
        for kind in _KINDS:
            counts = [self.kinds[loader, kind] for loader in LOADERS[1:]]
            if any(counts):
                lines.append(f"| {kind} | " + " | ".join(f"{count:,}" for count in counts) + " |")
        return "\n".join(lines)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:

        def kernel_btf(name: str) -> Path:
            path = Path(folder) / f"{name}.btf"
            if not path.exists():
                path.write_bytes(lzma.decompress((SHARED / "btf" / f"{name}.btf.xz").read_bytes()))
            return path

        corpus, installed = Counted(), Counted()
        for name, pairs in pairs_of(SHARED).items():
            target = read_target(files_of(name, SHARED, kernel_btf))
            for pair in pairs:
                path = SHARED / "corpus" / "obj" / pair["object"]
                corpus.add(read_object(path.read_bytes(), path=path.name), target)
        for name in ALL_KERNELS:
            target = read_target([kernel_btf(name)])
            for obj in tools().values():
                installed.add(obj, target)
    print(f"corpus:\n{corpus.table()}\n\nlibbpf-tools:\n{installed.table()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
