"""Every place that is searched is told, with what is there or why nothing is; none of it is unpacked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from btfview.errors import UnreadableFileError
from btfview.targets.kernels import Machine, bundled_targets
from btfview.targets.places import SearchedPlace, all_places, all_targets, look_at
from btfview.targets.unpacking import unpack
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


def by_pattern(root: Path) -> dict[str, SearchedPlace]:
    """Return the places of the machine below *root*."""
    return {place.pattern.removeprefix(str(root)): place for place in all_places(Machine(str(root)))}


def test_the_places_of_libbpf_are_searched_first_and_in_its_order(tmp_path: Path) -> None:
    patterns = list(by_pattern(tmp_path))
    assert tuple(patterns[: len(LIBBPF_PLACES)]) == LIBBPF_PLACES
    assert {"/boot/vmlinuz-*", "/usr/lib/modules/*/vmlinuz"} <= set(patterns)


def test_an_empty_machine_has_the_bundled_kernels_and_a_reason_for_every_other_place(tmp_path: Path) -> None:
    (tmp_path / "boot").mkdir()
    found = by_pattern(tmp_path)
    *others, bundled = found.values()
    assert bundled.targets == bundled_targets() == all_targets(Machine(str(tmp_path)))
    assert [place.targets for place in others] == [()] * len(others)
    assert found["/sys/kernel/btf/vmlinux"].reason == "no such folder"
    assert found["/boot/vmlinuz-*"].reason == "none there"
    assert found["/lib/modules/*/build/vmlinux"].reason == "no such folder"


def test_installed_kernels_are_found_by_release_from_old_to_new(tmp_path: Path) -> None:
    for release in ("6.12.1-amd64", "6.1.0-9-amd64"):
        write(tmp_path / f"boot/vmlinuz-{release}", bzimage(VMLINUX))
        write(tmp_path / f"usr/lib/modules/{release}/vmlinuz", bzimage(VMLINUX))
    write(tmp_path / "boot/config-6.1.0-9-amd64", b"CONFIG_BPF=y")
    write(tmp_path / "usr/lib/modules/5.4/modules.dep", b"")
    write(tmp_path / "sys/kernel/btf/vmlinux", SMALL)
    write(tmp_path / "sys/kernel/btf/loop", SMALL)
    found = by_pattern(tmp_path)
    assert [t.name for t in found["/boot/vmlinuz-*"].targets] == ["6.1.0-9-amd64", "6.12.1-amd64"]
    assert [t.name for t in found["/usr/lib/modules/*/vmlinuz"].targets] == ["6.1.0-9-amd64", "6.12.1-amd64"]
    assert [t.origin for t in found["/sys/kernel/btf/vmlinux"].targets] == ["running"]
    assert found["/sys/kernel/btf/*"].reason.startswith("1 loaded modules: give running+NAME")
    assert len(all_targets(Machine(str(tmp_path)))) == 1 + 4 + len(bundled_targets())


def test_a_file_that_several_places_lead_to_is_listed_once(tmp_path: Path) -> None:
    """/lib is a link to /usr/lib, and /boot/vmlinuz-X may be one to /usr/lib/modules/X/vmlinuz."""
    write(tmp_path / "usr/lib/modules/7.2/vmlinuz", bzimage(VMLINUX))
    write(tmp_path / "usr/lib/modules/7.2/build/vmlinux", VMLINUX)
    os.symlink("usr/lib", tmp_path / "lib")
    (tmp_path / "boot").mkdir()
    os.symlink("../usr/lib/modules/7.2/vmlinuz", tmp_path / "boot/vmlinuz-7.2")
    assert [
        t.path.removeprefix(str(tmp_path)) for t in all_targets(Machine(str(tmp_path))) if t.origin == "file"
    ] == [
        "/lib/modules/7.2/build/vmlinux",
        "/boot/vmlinuz-7.2",
    ]
    assert by_pattern(tmp_path)["/usr/lib/modules/*/vmlinuz"].reason == "listed above"


def test_a_listing_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a listing must not unpack")

    write(tmp_path / "boot/vmlinuz-6.1", bzimage(VMLINUX))
    monkeypatch.setattr(unpack, "unpack_btf", refuse)
    for target in all_targets(Machine(str(tmp_path))):
        form, size = look_at(target.path)
        assert form in ("x86 kernel image", "xz")
        assert size == os.path.getsize(target.path)


def test_a_file_that_is_gone_or_forbidden_is_named() -> None:
    with pytest.raises(UnreadableFileError, match="/nowhere: no such file"):
        look_at("/nowhere")
