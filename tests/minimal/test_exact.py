"""By a minimal BTF each object gets what it gets by the whole kernel, in no more bytes than bpftool's takes.

Some objects and kernels here; ``BTFVIEW_WHOLE=1`` takes every object of the shared corpus and of Debian's
libbpf-tools, and every kernel of the shared folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from btfview.analysis.resolve_on import Question
from btfview.bpf.object import BpfObject, read_object
from btfview.btf.kinds import CoreReloKind
from btfview.btf.reader import Btf
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.resolve import resolve_relos
from btfview.minimal.make import make_minimal
from tests.libbpf import run_libbpf

IS_WHOLE = os.environ.get("BTFVIEW_WHOLE") == "1"
OBJECTS = ("k06_enumval.v3.o", "k17_demo.v3.o")
KERNELS = ("5.10.0-46-amd64", "7.2.13+deb14-arm64")
_IDS = ("type_id_target", "type_id_local")


def kernel_names(shared: Path) -> list[str]:
    names = (path.name.removesuffix(".btf.xz") for path in sorted((shared / "btf").glob("*.btf.xz")))
    return [name for name in names if ".module-" not in name] if IS_WHOLE else list(KERNELS)


def objects(shared: Path, folder: Path) -> list[BpfObject]:
    paths = sorted((shared / "corpus" / "obj").glob("*.o"))
    found = [read_object(path.read_bytes(), path=str(path)) for path in paths]
    if not IS_WHOLE:
        return [one for one in found if Path(one.path).name in OBJECTS]
    listed = subprocess.run(["dpkg", "-L", "libbpf-tools"], capture_output=True, text=True, check=True).stdout
    tools = Path(shutil.which("opensnoop") or "").parent
    for path in map(Path, listed.splitlines()):
        if path.parent == tools and not path.is_symlink():
            one = read_object(path.read_bytes(), path=str(path))
            one.path = str(folder / f"{path.name}.o")
            Path(one.path).write_bytes(one.elf.data)
            found.append(one)
    return found


def by_bpftool(objs: list[BpfObject], kernel: Path, out: Path) -> int | None:
    """Return the size of bpftool's BTF; None where it gives up."""
    out.unlink(missing_ok=True)
    paths = [one.path for one in objs]
    run = subprocess.run(
        ["bpftool", "gen", "min_core_btf", str(kernel), str(out), *paths], capture_output=True
    )
    return None if run.returncode else out.stat().st_size


def facts(question: Question, kernel: Btf) -> list[Any]:
    """Return status, value and instruction of each record, without the ids of types."""
    told: list[Any] = []
    for relo, result in zip(
        question.relos, resolve_relos(question.object, question.relos, kernel), strict=True
    ):
        outcome = result.outcome
        has_id = relo.kind == CoreReloKind.TYPE_ID_TARGET and outcome.status == "resolved"
        told.append((outcome.status, None if has_id else (outcome.value, result.insn_after)))
    return told


@pytest.mark.debian_tool("bpftool", "opensnoop")
def test_a_minimal_btf_is_exact_and_not_larger_than_bpftools(
    shared: Path, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    objs = objects(shared, tmp_path)
    questions = [Question(obj, read_local_relos(obj)) for obj in objs]
    pairs = records = judged = ours = theirs = whole_size = 0
    out = tmp_path / "bpftool.btf"
    for name in kernel_names(shared):
        kernel = kernel_btf(name)
        whole = Btf(kernel.read_bytes())
        answered: list[int] = []
        for index, question in enumerate(questions):
            found = make_minimal([question], whole)
            assert found.unlike == (), name
            path = question.object.path
            told = facts(question, Btf(found.data))
            assert told == facts(question, whole), (name, path)
            pairs, records = pairs + 1, records + len(told)
            size = by_bpftool([question.object], kernel, out)
            if size is not None:
                answered.append(index)
                assert len(found.data) <= size, (name, path)
                judged, ours, theirs = judged + 1, ours + len(found.data), theirs + size
        together = [questions[index] for index in answered]
        size = by_bpftool([one.object for one in together], kernel, out)
        whole_size += len(whole.data)
        assert size is not None
        assert len(make_minimal(together, whole).data) <= size, name
    print(
        f"\n{pairs} pairs of object and kernel, {records} records; on the {judged} that bpftool answers"
        f" {ours} bytes, bpftool's {theirs}; the kernels have {whole_size}"
    )
    assert judged


@pytest.mark.kernel
@pytest.mark.parametrize("name", ["k02_rename.v3", "k06_enumval.v3", "k17_demo.v3"])
def test_libbpf_writes_the_same_instructions(
    name: str, shared: Path, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    obj = read_object((shared / "corpus" / "obj" / f"{name}.o").read_bytes(), path=f"{name}.o")
    kernel, small = kernel_btf("6.1.0-56-amd64"), tmp_path / "small.btf"
    question = Question(obj, read_local_relos(obj))
    small.write_bytes(make_minimal([question], Btf(kernel.read_bytes())).data)
    before, after = (run_libbpf(obj.elf.data, target=path) for path in (kernel, small))
    assert before.is_relocated
    assert after.insns == before.insns
