"""Several modules: given with a kernel, and found beside it, as libbpf searches them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.btf.kinds import BtfKind
from btfview.btf.query import find_types
from btfview.demands.asked import Loading
from btfview.targets.find import open_target, open_targets
from btfview.targets.kernels import Machine

pytestmark = pytest.mark.shared
KERNEL = "6.1.0-56-amd64"
MODULES = ("loop", "nf_conntrack", "tcp_bbr")
TRUTH = {
    "fentry_mod": "loads",
    "fentry_mod_named": "loads",
    "fentry_mod_wrong": "fails",
    "core_mod_type": "loads",
    "core_mod_field": "loads",
    "core_shared": "loads",
    "kprobe_mod": "loads",
}
"""What libbpf 1.7 and the kernel did with nf_conntrack and tcp_bbr loaded (m_modules, in shared/loads)."""


@pytest.fixture
def folder(kernel_btf: Callable[[str], Path], tmp_path: Path) -> Path:
    """A folder with a kernel and three of its modules."""
    (tmp_path / f"{KERNEL}.btf").symlink_to(kernel_btf(KERNEL))
    for module in MODULES:
        source = kernel_btf(f"{KERNEL}.module-{module}")
        (tmp_path / f"{KERNEL}.module-{module}.btf").symlink_to(source)
    return tmp_path


def programs(analysis: Analysis, column: int = 0) -> dict[str, str]:
    return {part.name: part.verdict for part in analysis.verdicts[column].programs}


def test_modules_stand_on_one_another(folder: Path) -> None:
    kernel, *modules = (
        str(folder / f"{KERNEL}{end}.btf") for end in ("", *(f".module-{m}" for m in MODULES))
    )
    target = open_target("+".join((kernel, *modules)))
    assert [name for name, _ in target.layers] == list(MODULES)
    alone = open_target(f"{kernel}+{modules[2]}").btf
    (there,) = find_types(target.btf, "bbr", {BtfKind.STRUCT})
    (here,) = find_types(alone, "bbr", {BtfKind.STRUCT})
    assert target.btf.byte_size(there) == alone.byte_size(here)
    names = [
        [member.name for member in struct.members]  # type: ignore[union-attr]
        for struct in (target.btf.type(there), alone.type(here))
    ]
    assert names[0] == names[1]


def test_a_kernel_with_two_modules_takes_what_each_has(folder: Path, shared: Path) -> None:
    spec = "+".join(
        str(folder / f"{KERNEL}{end}.btf") for end in ("", ".module-nf_conntrack", ".module-tcp_bbr")
    )
    analysis = analyse(
        str(shared / "loads" / "objs" / "m_modules.o"), (open_target(spec),), loading=Loading()
    )
    assert programs(analysis) == TRUTH


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_folder_s_kernel_has_its_modules(folder: Path, shared: Path, jobs: int) -> None:
    targets = open_targets(str(folder))
    path = str(shared / "loads" / "objs" / "m_modules.o")
    analysis = analyse(path, targets, loading=Loading(), jobs=jobs)
    assert programs(analysis) == TRUTH
    (found,) = find_types(analysis.targets[0].btf, "bbr", {BtfKind.STRUCT})
    assert analysis.targets[0].btf.name(found) == "bbr"


def test_the_running_kernel_has_those_that_are_loaded(folder: Path, shared: Path, tmp_path: Path) -> None:
    sysfs = tmp_path / "root" / "sys" / "kernel" / "btf"
    sysfs.mkdir(parents=True)
    (sysfs / "vmlinux").symlink_to(folder / f"{KERNEL}.btf")
    for module in MODULES:
        (sysfs / module).symlink_to(folder / f"{KERNEL}.module-{module}.btf")
    target = open_target("running", Machine(str(tmp_path / "root")))
    path = str(shared / "loads" / "objs" / "m_modules.o")
    assert programs(analyse(path, (target,), loading=Loading())) == TRUTH
    (sysfs / "nf_conntrack").unlink()
    without = open_target("running", Machine(str(tmp_path / "root")))
    assert programs(analyse(path, (without,), loading=Loading()))["fentry_mod"] == "fails"
