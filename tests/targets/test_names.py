"""A target is called as people call its kernel, and kernels are in the order of their versions."""

from __future__ import annotations

import pytest

from btfview.targets.names import is_target_name, target_name, version_key


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("vmlinux", "vmlinux"),
        ("/boot/vmlinuz-6.12.107+deb12-amd64", "6.12.107+deb12-amd64"),
        ("/boot/vmlinux-5.14.0-1.el9.x86_64.gz", "5.14.0-1.el9.x86_64"),
        ("/usr/lib/debug/boot/vmlinux-6.8.0-31-generic", "6.8.0-31-generic"),
        ("/usr/lib/debug/boot/vmlinux-6.4.0-default.debug", "6.4.0-default"),
        ("/lib/modules/6.9.1/build/vmlinux", "6.9.1"),
        ("/usr/lib/modules/7.2.13+deb14-amd64/vmlinuz", "7.2.13+deb14-amd64"),
        ("/usr/lib/modules/6.4.0/kernel/vmlinux", "6.4.0"),
        ("4.18.0-80.el8.x86_64.btf.tar.xz", "4.18.0-80.el8.x86_64"),
        ("arch/arm64/boot/Image.gz", "Image"),
        ("x/loop.ko.xz", "loop"),
        ("a.b.btf", "a.b"),
        (".btf", ".btf"),
    ],
)
def test_a_target_is_called_by_its_kernel(path: str, name: str) -> None:
    assert target_name(path) == name


def test_versions_are_in_the_order_of_their_numbers() -> None:
    names = ["6.12.1", "5.10.0-9", "6.1.0-56", "6.1.0-7", "5.4", "7.0-rc1", "6.1.0-7-rt"]
    assert sorted(names, key=version_key) == [
        "5.4",
        "5.10.0-9",
        "6.1.0-7",
        "6.1.0-7-rt",
        "6.1.0-56",
        "6.12.1",
        "7.0-rc1",
    ]


@pytest.mark.parametrize(
    "name", ["6.1.btf", "6.1.btf.tar.xz", "vmlinux", "vmlinuz-6.1", "Image.gz", "bzImage"]
)
def test_a_file_is_called_like_a_target(name: str) -> None:
    assert is_target_name(name)


@pytest.mark.parametrize("name", ["initrd.img-6.1", "config-6.1", "loop.ko.xz", "btf", "System.map-6.1"])
def test_a_file_is_called_like_something_else(name: str) -> None:
    assert not is_target_name(name)
