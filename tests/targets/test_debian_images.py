"""A kernel image as Debian ships it, against tools that we did not write.

The image comes from the package archive that the machine's apt knows, once a session.
"""

from __future__ import annotations

import re
import struct
import subprocess
from pathlib import Path

import pytest

from btfview.targets.find import open_target, open_targets

PACKAGE = re.compile(r"^linux-image-[\d.]+\S*-cloud-amd64-unsigned$")
"""The smallest kernels with BTF: 25 MB a package."""
UNPACKERS = {
    b"\xfd7zX": ["xz", "-dc"],
    b"\x28\xb5\x2f\xfd": ["zstd", "-dc"],
    b"\x02\x21\x4c\x18": ["lz4", "-dc"],
}

pytestmark = pytest.mark.debian_tool("apt-get", "dpkg-deb", "llvm-objcopy-19", "xz", "zstd", "lz4")


def newest_package() -> str | None:
    """The newest kernel in apt's lists; by number, as dpkg orders them."""
    found = subprocess.run(["apt-cache", "pkgnames", "linux-image-"], capture_output=True, text=True).stdout
    names = [name for name in found.split() if PACKAGE.match(name)]
    return max(names, key=lambda name: [int(n) for n in re.findall(r"\d+", name)], default=None)


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``boot/vmlinuz-RELEASE`` of a package, with its modules beside it."""
    package = newest_package()
    if package is None:
        pytest.skip("apt knows no kernel for clouds: run apt-get update")
    folder = tmp_path_factory.mktemp("debian")
    got = subprocess.run(["apt-get", "download", package], cwd=folder, capture_output=True, text=True)
    debs = list(folder.glob("*.deb"))
    if got.returncode or not debs:
        pytest.skip(f"apt-get download {package}: {got.stderr.strip()}")
    subprocess.run(["dpkg-deb", "-x", debs[0], folder / "root"], check=True)
    debs[0].unlink()
    (found,) = (folder / "root/boot").glob("vmlinuz-*")
    return found


@pytest.fixture(scope="session")
def vmlinux_btf(image: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What the tools of others find: the payload by the boot protocol (Documentation/arch/x86/boot.rst),
    unpacked by its own command, and the section by objcopy."""
    data = image.read_bytes()
    offset, size = struct.unpack_from("<II", data, 0x248)
    start = (data[0x1F1] + 1) * 512 + offset
    payload = data[start : start + size - 4]
    unpacked = subprocess.run(UNPACKERS[payload[:4]], input=payload, capture_output=True, check=True).stdout
    folder = tmp_path_factory.mktemp("vmlinux")
    (folder / "vmlinux").write_bytes(unpacked)
    dump = f"--dump-section=.BTF={folder / 'btf'}"
    subprocess.run(["llvm-objcopy-19", dump, folder / "vmlinux", folder / "copy"], check=True)
    return (folder / "btf").read_bytes()


def test_the_btf_of_the_image_is_that_of_its_vmlinux(image: Path, vmlinux_btf: bytes) -> None:
    target = open_target(str(image))
    assert target.name == image.name.removeprefix("vmlinuz-")
    assert target.btf.data == vmlinux_btf
    assert target.btf.ids_named("task_struct")


def test_a_module_of_the_package_joins_it_by_name(image: Path) -> None:
    target = open_target(f"{image}+loop")
    assert target.btf.base is not None
    (device,) = target.btf.ids_named("loop_device")
    assert device >= target.btf.start_id


def test_the_boot_folder_holds_one_target(image: Path) -> None:
    """config-* and System.map-* beside it are none."""
    assert [target.path for target in open_targets(str(image.parent))] == [str(image)]
