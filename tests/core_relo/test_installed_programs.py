"""The resolver against libbpf on programs that others wrote and built: the tracers of Debian's libbpf-tools.

Each carries its object; libbpf 1.1 relocates that on three kernels, and every instruction that has a record
must be what ours is.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.bpf.embedded import find_embedded_objects
from btfview.bpf.object import BpfObject, read_object
from btfview.btf.reader import Btf
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.resolve import resolve_relos
from tests.libbpf import run_libbpf

pytestmark = [pytest.mark.kernel, pytest.mark.debian_tool("opensnoop")]
KERNELS = ("5.4.0-216-generic-amd64", "6.1.0-56-amd64", "7.2.13+deb14-amd64")


def objects() -> dict[str, BpfObject]:
    folder = Path(shutil.which("opensnoop") or "").parent
    listed = subprocess.run(["dpkg", "-L", "libbpf-tools"], capture_output=True, text=True, check=True).stdout
    paths = [Path(line) for line in listed.splitlines() if Path(line).parent == folder]
    return {
        path.name: read_object(path.read_bytes(), path=str(path)) for path in paths if not path.is_symlink()
    }


def differences(obj: BpfObject, target: Path) -> tuple[int, list[str]]:
    """Return how many instructions were compared, and which differ."""
    run = run_libbpf(obj.elf.data, target=target)
    relos = read_local_relos(obj)
    wrong, count = [], 0
    for local, result in zip(relos, resolve_relos(obj, relos, Btf(target.read_bytes())), strict=True):
        program = obj.function_at(local.relo.section, local.relo.insn_off)
        if program is None or program.name not in run.insns or not run.is_relocated:
            continue
        at = local.relo.insn_off - program.value
        theirs = run.insns[program.name][at : at + len(result.insn_after)]
        count += 1
        if theirs != result.insn_after:
            wrong.append(
                f"{program.name}+{at} {local.path}: {result.insn_after.hex()}, libbpf {theirs.hex()}"
            )
    return count, wrong


def test_every_tool_carries_one_object() -> None:
    found = objects()
    assert len(found) > 50
    assert all(len(find_embedded_objects(Path(obj.path).read_bytes())) == 1 for obj in found.values())


@pytest.mark.parametrize("kernel", KERNELS)
def test_instructions_are_what_libbpf_writes(kernel: str, kernel_btf: Callable[[str], Path]) -> None:
    compared = {name: differences(obj, kernel_btf(kernel)) for name, obj in objects().items()}
    assert {name: wrong for name, (_, wrong) in compared.items() if wrong} == {}
    assert sum(count for count, _ in compared.values()) > 300
