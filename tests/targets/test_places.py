"""Every place that is searched is told, with what is there or why nothing is; none of it is unpacked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from btfview.errors import UnreadableFileError
from btfview.targets import find, places, unpack
from btfview.targets.find import bundled_targets
from btfview.targets.places import Place, all_places, all_targets, look_at
from tests.targets.samples import SMALL, VMLINUX, bzimage, write

LIBBPF_PLACES = (
    "/sys/kernel/btf/vmlinux",
    "/boot/vmlinux-*",
    "/lib/modules/*/vmlinux-*",
    "/lib/modules/*/build/vmlinux",
    "/usr/lib/modules/*/kernel/vmlinux",
    "/usr/lib/debug/boot/vmlinux-*",
    "/usr/lib/debug/boot/vmlinux-*.debug",
    "/usr/lib/debug/lib/modules/*/vmlinux",
)
"""``locations`` in libbpf's btf__load_vmlinux_btf (btf.c, 1.7), its %1$s written as a star."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own, with nothing on it."""
    monkeypatch.setattr(places, "_ROOT", str(tmp_path))
    monkeypatch.setattr(find, "SYSFS", str(tmp_path / "sys/kernel/btf"))
    return tmp_path


def by_pattern(root: Path) -> dict[str, Place]:
    return {place.pattern.removeprefix(str(root)): place for place in all_places()}


def test_the_places_of_libbpf_are_searched_first_and_in_its_order(root: Path) -> None:
    patterns = list(by_pattern(root))
    assert tuple(patterns[: len(LIBBPF_PLACES)]) == LIBBPF_PLACES
    assert {"/boot/vmlinuz-*", "/usr/lib/modules/*/vmlinuz"} <= set(patterns)


def test_an_empty_machine_has_the_bundled_kernels_and_a_reason_for_every_other_place(root: Path) -> None:
    (root / "boot").mkdir()
    found = by_pattern(root)
    *others, bundled = found.values()
    assert bundled.targets == bundled_targets() == all_targets()
    assert [place.targets for place in others] == [()] * len(others)
    assert found["/sys/kernel/btf/vmlinux"].reason == "no such folder"
    assert found["/boot/vmlinuz-*"].reason == "none there"
    assert found["/lib/modules/*/build/vmlinux"].reason == "no such folder"


def test_installed_kernels_are_found_by_release_from_old_to_new(root: Path) -> None:
    for release in ("6.12.1-amd64", "6.1.0-9-amd64"):
        write(root / f"boot/vmlinuz-{release}", bzimage(VMLINUX))
        write(root / f"usr/lib/modules/{release}/vmlinuz", bzimage(VMLINUX))
    write(root / "boot/config-6.1.0-9-amd64", b"CONFIG_BPF=y")
    write(root / "usr/lib/modules/5.4/modules.dep", b"")
    write(root / "sys/kernel/btf/vmlinux", SMALL)
    write(root / "sys/kernel/btf/loop", SMALL)
    found = by_pattern(root)
    assert [t.name for t in found["/boot/vmlinuz-*"].targets] == ["6.1.0-9-amd64", "6.12.1-amd64"]
    assert [t.name for t in found["/usr/lib/modules/*/vmlinuz"].targets] == ["6.1.0-9-amd64", "6.12.1-amd64"]
    assert [t.origin for t in found["/sys/kernel/btf/vmlinux"].targets] == ["running"]
    assert found["/sys/kernel/btf/*"].reason.startswith("1 loaded modules: give running+NAME")
    assert len(all_targets()) == 1 + 4 + len(bundled_targets())


def test_a_file_that_several_places_lead_to_is_listed_once(root: Path) -> None:
    """/lib is a link to /usr/lib, and /boot/vmlinuz-X may be one to /usr/lib/modules/X/vmlinuz."""
    write(root / "usr/lib/modules/7.2/vmlinuz", bzimage(VMLINUX))
    write(root / "usr/lib/modules/7.2/build/vmlinux", VMLINUX)
    os.symlink("usr/lib", root / "lib")
    (root / "boot").mkdir()
    os.symlink("../usr/lib/modules/7.2/vmlinuz", root / "boot/vmlinuz-7.2")
    assert [t.path.removeprefix(str(root)) for t in all_targets() if t.origin == "file"] == [
        "/lib/modules/7.2/build/vmlinux",
        "/boot/vmlinuz-7.2",
    ]
    assert by_pattern(root)["/usr/lib/modules/*/vmlinuz"].reason == "listed above"


def test_a_listing_opens_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a listing must not unpack")

    write(root / "boot/vmlinuz-6.1", bzimage(VMLINUX))
    monkeypatch.setattr(unpack, "unpack_btf", refuse)
    for target in all_targets():
        form, size = look_at(target.path)
        assert form in ("x86 kernel image", "xz")
        assert size == os.path.getsize(target.path)


def test_a_file_that_is_gone_or_forbidden_is_named() -> None:
    with pytest.raises(UnreadableFileError, match="/nowhere: no such file"):
        look_at("/nowhere")
