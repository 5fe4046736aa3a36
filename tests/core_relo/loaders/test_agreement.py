"""The policies against the libraries themselves, on every record of many objects and kernels.

An instruction must be patched or poisoned byte for byte as the library does it, a record refused where the
library stops, and the load end where it ends. The objects are those of the shared corpus, each on the kernels
that it goes with, and Debian's libbpf-tools, on two kernels; ``BTFVIEW_WHOLE=1`` takes six. ``-s`` shows the
counts. aya-obj and cilium/ebpf are asked by programs of ``tests/judges``, Debian's libbpf by ctypes; of the
newest libbpf its answers are stored, for the corpus.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from btfview.bpf.embedded import find_embedded_objects
from btfview.bpf.object import BpfObject, read_object
from btfview.btf.reader import Btf
from btfview.core_relo.loaders.names import AYA, CILIUM, LIBBPF, OLD_LIBBPF, title
from tests.core_relo.loaders.judging import Agreement, compare
from tests.core_relo.loaders.truth import compare_truth

pytestmark = [pytest.mark.shared, pytest.mark.timeout(600)]
IS_WHOLE = os.environ.get("BTFVIEW_WHOLE") == "1"
ALL_KERNELS = (
    "5.4.0-216-generic-amd64",
    "7.2.13+deb14-amd64",
    "5.15.0-204-generic-amd64",
    "6.1.0-56-amd64",
    "6.8.0-151-generic-amd64",
    "6.18.44-fc-amd64",
)
KERNELS = ALL_KERNELS if IS_WHOLE else ALL_KERNELS[:2]
TOOLS = pytest.mark.debian_tool("opensnoop")
JUDGE = pytest.mark.judge


def pairs_of(shared: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the pairs of the corpus by target: what libbpf makes of an object."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted((shared / "corpus" / "truth").glob("*.json")):
        pair = json.loads(path.read_text())
        found[pair["target"]].append(pair)
    return found


def files_of(name: str, shared: Path, kernel_btf: Callable[[str], Path]) -> list[Path]:
    """Return the file of a target of the corpus, and that of the module on top of it where it names one."""
    small = shared / "corpus" / "targets" / f"{name}.btf"
    if small.exists():
        return [small]
    kernel, _, module = name.partition("+module-")
    return [kernel_btf(kernel), *([kernel_btf(f"{kernel}.module-{module}")] if module else ())]


def read_target(files: list[Path]) -> Btf:
    base, *modules = files
    btf = Btf(base.read_bytes())
    for module in modules:
        btf = Btf(module.read_bytes(), base=btf)
    return btf


@cache
def tools() -> dict[str, BpfObject]:
    """Return the objects that Debian's libbpf-tools carry, by the tool's name."""
    folder = Path(shutil.which("opensnoop") or "").parent
    listed = subprocess.run(["dpkg", "-L", "libbpf-tools"], capture_output=True, text=True, check=True).stdout
    paths = [Path(line) for line in listed.splitlines() if Path(line).parent == folder]
    return {
        path.name: read_object(path.read_bytes(), path=str(path)) for path in paths if not path.is_symlink()
    }


@TOOLS
def test_every_tool_carries_one_object() -> None:
    assert len(tools()) > 50
    assert all(len(find_embedded_objects(Path(obj.path).read_bytes())) == 1 for obj in tools().values())


@pytest.mark.parametrize(
    "loader", [LIBBPF, OLD_LIBBPF, pytest.param(CILIUM, marks=JUDGE), pytest.param(AYA, marks=JUDGE)]
)
def test_a_policy_does_with_every_record_of_the_corpus_what_its_library_does(
    loader: str, shared: Path, kernel_btf: Callable[[str], Path]
) -> None:
    found = Agreement()
    for name, pairs in pairs_of(shared).items():
        files = files_of(name, shared, kernel_btf)
        target = read_target(files)
        paths = [shared / "corpus" / "obj" / pair["object"] for pair in pairs]
        objects = {path: read_object(path.read_bytes(), path=path.name) for path in paths}
        if loader in (AYA, CILIUM):
            compare(loader, objects, files, target, found)
            continue
        for pair, (path, obj) in zip(pairs, objects.items(), strict=True):
            found.add(*compare_truth(loader, obj, pair, target), f"{loader}: {path.name} on {name}")
    print(f"{title(loader)}, corpus: {found}")
    assert not found.wrong, "\n".join(found.wrong[:20])
    assert found.pairs >= 45
    assert found.records > 5000


@TOOLS
@pytest.mark.parametrize(
    "loader",
    [
        pytest.param(OLD_LIBBPF, marks=pytest.mark.kernel),
        pytest.param(CILIUM, marks=JUDGE),
        pytest.param(AYA, marks=JUDGE),
    ],
)
def test_a_policy_does_with_installed_programs_what_its_library_does(
    loader: str, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    objects: dict[Path, BpfObject] = {}
    for name, obj in tools().items():
        path = tmp_path / f"{name}.o"
        path.write_bytes(obj.elf.data)
        objects[path] = obj
    found = Agreement()
    for kernel in KERNELS:
        files = [kernel_btf(kernel)]
        compare(loader, objects, files, read_target(files), found)
    print(f"{title(loader)}, libbpf-tools: {found}")
    assert not found.wrong, "\n".join(found.wrong[:20])
    assert found.pairs >= 50 * len(KERNELS)
    assert found.records > 450 * len(KERNELS)
