"""What a user types leads to the target that is meant, under the name that people know it by."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from btfview.errors import TargetError
from btfview.targets.find import open_target, open_targets
from btfview.targets.kernels import Machine, bundled_targets, known_targets
from tests.targets.samples import COMPRESSORS, SMALL, VMLINUX, bzimage, tar_archive, write


def test_a_path_a_bundled_name_and_running_are_targets(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path))
    path = write(tmp_path / "sys/kernel/btf/vmlinux", SMALL)
    running = open_target("running", machine)
    assert (running.name, running.path, running.origin) == (os.uname().release, path, "running")
    assert open_target(path, machine) == running
    other = write(tmp_path / "a+b.btf", SMALL)  # a plus in a name is no module
    assert (open_target(other).name, open_target(other).origin) == ("a+b", "file")
    bundled = bundled_targets()[0]
    assert open_target(bundled.name) == bundled
    assert known_targets(machine) == (running, *bundled_targets())


def test_a_kernel_without_sysfs_is_found_where_libbpf_looks(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path))
    for spec in ("running", "running+loop"):
        with pytest.raises(
            TargetError, match=f"the running kernel shows no BTF in {tmp_path}/sys/kernel/btf"
        ):
            open_target(spec, machine)
    assert known_targets(machine) == bundled_targets()
    path = write(tmp_path / "usr/lib/debug/boot" / f"vmlinux-{os.uname().release}", VMLINUX)
    assert open_target("running", machine).path == path


def test_a_name_that_is_none_lists_what_there_is() -> None:
    with pytest.raises(
        TargetError, match=r'no target "6\.99".*give a path, running, or one of the bundled.*6\.1'
    ):
        open_target("6.99")


def test_a_folder_is_all_its_kernels_from_old_to_new(tmp_path: Path) -> None:
    write(tmp_path / "6.12.btf.xz", COMPRESSORS["xz"](SMALL))
    write(tmp_path / "6.2.btf.tar.xz", COMPRESSORS["xz"](tar_archive({"6.2.btf": SMALL})))
    write(tmp_path / "vmlinuz-6.1", bzimage(VMLINUX))
    write(tmp_path / "blob", SMALL)  # known by what it holds
    write(tmp_path / "config-6.1", b"CONFIG_BPF=y")
    write(tmp_path / "initrd.img-6.1", COMPRESSORS["zstd"](b"cpio"))
    write(tmp_path / "deeper" / "5.4.btf", SMALL)
    os.mkfifo(tmp_path / "pipe.btf")
    targets = open_targets(str(tmp_path))
    assert [target.name for target in targets] == ["blob", "5.4", "6.1", "6.2", "6.12"]
    for target in targets:
        assert target.btf.ids_named("task_struct")


def test_a_folder_without_kernels_says_what_was_looked_for(tmp_path: Path) -> None:
    write(tmp_path / "readme", b"hello")
    with pytest.raises(
        TargetError, match=r"no targets in this folder or below it, of 1 files; looked for: \*\.btf"
    ):
        open_targets(str(tmp_path))


def test_one_target_is_not_a_folder(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="a folder, where one target is wanted"):
        open_target(str(tmp_path))


def test_the_folder_of_sysfs_is_the_kernel_and_its_modules(tmp_path: Path) -> None:
    machine = Machine(str(tmp_path))
    for name in ("vmlinux", "nf_nat", "loop"):
        write(tmp_path / "sys/kernel/btf" / name, SMALL)
    running, *modules = open_targets(machine.sysfs, machine)
    assert running == open_target("running", machine)
    assert modules == [open_target(f"running+{name}", machine) for name in ("loop", "nf_nat")]
    assert [module.name for module in modules] == [f"{running.name}+loop", f"{running.name}+nf_nat"]
    assert all(module.base == running for module in modules)


class TestModulesByName:
    @pytest.fixture
    def kernel(self, tmp_path: Path) -> str:
        """An image with its modules beside it, as a package unpacks."""
        tree = tmp_path / "lib/modules/6.1"
        write(tree / "kernel/drivers/block/loop.ko", VMLINUX)
        write(tree / "kernel/net/nf-nat.ko.xz", COMPRESSORS["xz"](VMLINUX))
        write(tree / "modules.builtin", b"kernel/fs/ext4/ext4.ko\n")
        return write(tmp_path / "boot/vmlinuz-6.1", bzimage(VMLINUX))

    @pytest.mark.parametrize(
        ("module", "file"),
        [
            ("loop", "kernel/drivers/block/loop.ko"),
            ("nf_nat", "kernel/net/nf-nat.ko.xz"),
            ("nf-nat", "kernel/net/nf-nat.ko.xz"),
        ],
    )
    def test_a_module_is_found_in_its_kernels_tree(self, kernel: str, module: str, file: str) -> None:
        target = open_target(f"{kernel}+{module}")
        assert target.path.endswith(f"lib/modules/6.1/{file}")
        assert target.base == open_target(kernel)

    def test_depmods_list_goes_before_a_search(self, kernel: str, tmp_path: Path) -> None:
        """updates/ goes before kernel/ there, which only depmod knows."""
        write(tmp_path / "lib/modules/6.1/updates/loop.ko", VMLINUX)
        listing = b"updates/loop.ko: kernel/net/nf-nat.ko.xz\nkernel/net/nf-nat.ko.xz:\n"
        write(tmp_path / "lib/modules/6.1/modules.dep", listing)
        assert open_target(f"{kernel}+loop").path.endswith("updates/loop.ko")

    def test_an_image_in_the_module_tree_itself_has_its_modules_there(
        self, kernel: str, tmp_path: Path
    ) -> None:
        image = write(tmp_path / "lib/modules/6.1/vmlinuz", bzimage(VMLINUX))
        assert open_target(f"{image}+loop").name == "6.1+loop"

    def test_a_path_is_taken_as_it_is(self, kernel: str, tmp_path: Path) -> None:
        module = write(tmp_path / "my.ko", VMLINUX)
        assert open_target(f"{kernel}+{module}").path == module

    def test_a_built_in_module_is_in_the_kernel(self, kernel: str) -> None:
        with pytest.raises(
            TargetError, match=r"ext4.* is built into 6.1; its types are in the kernel's own BTF"
        ):
            open_target(f"{kernel}+ext4")

    def test_a_module_that_is_nowhere_says_where_it_was_looked_for(self, kernel: str, tmp_path: Path) -> None:
        with pytest.raises(TargetError) as caught:
            open_target(f"{kernel}+zfs")
        assert 'no module "zfs" of 6.1' in str(caught.value)
        assert str(tmp_path / "lib/modules/6.1") in str(caught.value)

    def test_loaded_modules_are_taken_from_sysfs_for_the_running_kernel_only(
        self, kernel: str, tmp_path: Path
    ) -> None:
        machine = Machine(str(tmp_path))
        write(tmp_path / "sys/kernel/btf/vmlinux", SMALL)
        module = write(tmp_path / "sys/kernel/btf/nf_tables", SMALL)
        assert open_target("running+nf-tables", machine).path == module
        with pytest.raises(TargetError, match=r'no module "nf_tables" of 6\.1'):
            open_target(f"{kernel}+nf_tables", machine)
