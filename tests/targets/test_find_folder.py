"""A folder of targets: modules stand on the kernels that they belong to, and behind them."""

from __future__ import annotations

import json
import lzma
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.btf.reader import Btf
from btfview.errors import TargetError
from btfview.targets.find import open_targets
from tests.btf.build import INT, build_btf_bytes, struct
from tests.targets.samples import SMALL, write

KERNEL = Btf(SMALL)
MODULE = build_btf_bytes(struct("loop_device", size=4, number=(INT, 0)), base=KERNEL)


def packed(data: bytes) -> bytes:
    return lzma.compress(data)


@pytest.mark.parametrize("pack", [bytes, packed], ids=["raw", "xz"])
@pytest.mark.parametrize(
    "module", ["6.1.0.module-loop.btf", "6.1.0+loop.btf", "6.1.0.loop.btf", "6.1.0-loop.btf"]
)
def test_a_module_stands_on_the_kernel_that_its_name_begins_with(
    module: str, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    suffix = "" if pack is bytes else ".xz"
    for kernel in ("6.1.btf", "6.1.0.btf", "6.12.btf"):
        write(tmp_path / f"{kernel}{suffix}", pack(SMALL))
    write(tmp_path / f"{module}{suffix}", pack(MODULE))
    targets = open_targets(str(tmp_path))
    assert [target.name for target in targets] == ["6.1", "6.1.0", "6.1.0+loop", "6.12"]
    assert targets[2].base == targets[1]
    assert targets[2].btf.ids_named("loop_device")
    assert targets[2].btf.ids_named("task_struct")


def test_in_a_copy_of_sysfs_the_modules_stand_on_the_only_kernel(tmp_path: Path) -> None:
    write(tmp_path / "vmlinux", SMALL)
    write(tmp_path / "loop", MODULE)
    kernel, module = open_targets(str(tmp_path))
    assert (kernel.name, module.name) == ("vmlinux", "vmlinux+loop")
    assert module.btf.ids_named("loop_device")


def test_a_kernel_whose_name_continues_anothers_is_a_kernel(tmp_path: Path) -> None:
    write(tmp_path / "6.1.btf.xz", packed(SMALL))
    write(tmp_path / "6.1-rt.btf.xz", packed(SMALL))
    assert [(target.name, target.base) for target in open_targets(str(tmp_path))] == [
        ("6.1", None),
        ("6.1-rt", None),
    ]


def test_a_module_of_no_kernel_here_says_what_to_do_when_it_is_opened(tmp_path: Path) -> None:
    for kernel in ("5.4.btf", "6.1.btf"):
        write(tmp_path / kernel, SMALL)
    path = write(tmp_path / "loop.btf", MODULE)
    module = next(target for target in open_targets(str(tmp_path)) if target.name == "loop")
    with pytest.raises(TargetError, match=r"a module's BTF.*give both: KERNEL\+"):
        _ = module.btf
    assert str(path) in str(module.path)


@pytest.mark.parametrize("damage", [b"", b"\x9f\xeb", b"\x9f\xeb\x01\x00" + b"\xff" * 20, bytes(40)])
def test_a_damaged_file_does_not_hide_the_others(damage: bytes, tmp_path: Path) -> None:
    write(tmp_path / "6.1.btf", SMALL)
    write(tmp_path / "6.1.module-x.btf", damage)
    write(tmp_path / "6.1.module-loop.btf", MODULE)
    targets = {target.name: target for target in open_targets(str(tmp_path))}
    assert targets["6.1+loop"].btf.ids_named("loop_device")


@pytest.mark.debian_tool("bpftool")
def test_types_of_a_paired_module_are_bpftools(
    shared: Path, kernel_btf: Callable[[str], Path], tmp_path: Path
) -> None:
    """``bpftool -B KERNEL btf dump file MODULE`` lists the module's own types."""
    name, module = "6.1.0-56-amd64", "6.1.0-56-amd64.module-nf_conntrack"
    os.symlink(kernel_btf(name), tmp_path / f"{name}.btf")
    os.symlink(kernel_btf(module), tmp_path / f"{module}.btf")
    _, target = open_targets(str(tmp_path))
    assert target.name == f"{name}+nf_conntrack"
    command = ["bpftool", "-j", "-B", str(kernel_btf(name)), "btf", "dump", "file", str(kernel_btf(module))]
    types = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["types"]
    structs = [(one["id"], one["name"]) for one in types if one["kind"] == "STRUCT"]
    assert [(type_id, target.btf.name(type_id)) for type_id, _ in structs] == [
        (type_id, "" if found == "(anon)" else found) for type_id, found in structs
    ]
    assert len(structs) > 20
