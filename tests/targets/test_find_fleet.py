"""Many targets at once: a tree of folders as BTFHub's, a shell pattern, a list; each called by a name of its
own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from btfview.btf.reader import Btf
from btfview.errors import TargetError, UnreadableFileError
from btfview.targets import folders
from btfview.targets.find import find_fleet, open_targets
from btfview.targets.target import Target
from btfview.targets.told_apart import tell_apart
from tests.btf.build import INT, build_btf_bytes, struct
from tests.targets.samples import COMPRESSORS, SMALL, tar_archive, write

MODULE = build_btf_bytes(struct("loop_device", size=4, number=(INT, 0)), base=Btf(SMALL))


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A tree as https://github.com/aquasecurity/btfhub-archive has it: DISTRO/VERSION/ARCH."""
    packed = COMPRESSORS["xz"](tar_archive({"kernel.btf": SMALL}))
    for place in (
        "ubuntu/20.04/x86_64/5.4.0-1009-aws",
        "ubuntu/20.04/arm64/5.4.0-1009-aws",
        "ubuntu/18.04/x86_64/4.15.0-20-generic",
        "debian/10/x86_64/4.19.0-20-amd64",
    ):
        write(tmp_path / "hub" / f"{place}.btf.tar.xz", packed)
    return tmp_path / "hub"


def names(spec: str) -> list[str]:
    return [target.name for target in open_targets(spec)]


class TestFolders:
    def test_a_tree_is_searched_to_the_bottom_from_old_to_new(self, hub: Path) -> None:
        targets = open_targets(str(hub))
        assert [target.name for target in targets] == [
            "4.15.0-20-generic",
            "4.19.0-20-amd64",
            "5.4.0-1009-aws",
            "5.4.0-1009-aws",
        ]
        assert all(target.btf.ids_named("task_struct") for target in targets)

    def test_hidden_folders_are_left_out(self, hub: Path) -> None:
        write(hub / ".git" / "6.1.btf", SMALL)
        assert "6.1" not in names(str(hub))

    def test_links_that_go_round_end(self, hub: Path) -> None:
        os.symlink(hub, hub / "ubuntu" / "again")
        os.symlink(hub / "debian", hub / "other")
        assert len(open_targets(str(hub))) == 4

    def test_modules_stand_on_the_kernel_of_their_own_folder(self, tmp_path: Path) -> None:
        for folder in ("a", "b"):
            write(tmp_path / folder / "vmlinux", SMALL)
        write(tmp_path / "b" / "loop", MODULE)
        targets = open_targets(str(tmp_path))
        assert [target.name for target in targets] == ["vmlinux", "vmlinux", "vmlinux+loop"]
        assert targets[2].base is targets[1]
        assert targets[2].btf.ids_named("loop_device")

    def test_a_folder_that_cannot_be_listed_is_told_and_hides_no_other(
        self, hub: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Root may list any folder, so the refusal is the system call's."""
        listed = os.scandir

        def scandir(path: str) -> Any:
            if str(path).endswith("18.04"):
                raise PermissionError(13, "Permission denied", path)
            return listed(path)

        monkeypatch.setattr(os, "scandir", scandir)
        found = find_fleet(str(hub))
        assert found is not None
        assert found.problems == (f"{hub}/ubuntu/18.04: permission denied",)
        assert len(found.targets) == 3
        with pytest.raises(UnreadableFileError, match=r"18\.04: permission denied"):
            open_targets(str(hub / "ubuntu/18.04"))

    def test_the_search_is_bounded(self, hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(folders, "MAX_FILES", 5)
        for spec in (f"{hub}", f"{hub}/**"):
            with pytest.raises(TargetError, match=r"more than 5 files.*name the folders in it"):
                open_targets(spec)


class TestPatterns:
    def test_files_that_fit_from_old_to_new(self, tmp_path: Path) -> None:
        for name in ("6.12.btf", "6.2.btf", "5.4.btf"):
            write(tmp_path / name, SMALL)
        write(tmp_path / "6.2.config", b"CONFIG_BPF=y")
        assert names(f"{tmp_path}/6.*") == ["6.2", "6.12"]
        assert names(f"{tmp_path}/[56].?.btf") == ["5.4", "6.2"]

    def test_folders_that_fit_are_searched(self, hub: Path) -> None:
        assert names(f"{hub}/*/*/x86_64") == ["4.19.0-20-amd64", "4.15.0-20-generic", "5.4.0-1009-aws"]
        assert names(f"{hub}/**/*aws*") == ["5.4.0-1009-aws", "5.4.0-1009-aws"]
        assert names(f"{hub}/**/20.04") == ["5.4.0-1009-aws", "5.4.0-1009-aws"]
        assert names(f"{hub}/**/debian/**/*.xz") == ["4.19.0-20-amd64"]
        assert len(open_targets(f"{hub}/**")) == 4

    def test_links_that_go_round_end_here_too(self, hub: Path) -> None:
        """glob of CPython 3.11 gives such a file under 40 names, or under none."""
        for name in ("a", "z"):
            os.symlink(hub, hub / name)
        assert len(open_targets(f"{hub}/**")) == 4

    def test_patterns_from_the_working_folder(self, hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(hub)
        assert [target.path for target in open_targets("**/arm64")] == [
            "ubuntu/20.04/arm64/5.4.0-1009-aws.btf.tar.xz"
        ]
        assert names("deb*") == ["4.19.0-20-amd64"]

    def test_a_file_of_this_very_name_goes_before(self, tmp_path: Path) -> None:
        path = write(tmp_path / "6.[12].btf", SMALL)
        write(tmp_path / "6.1.btf", SMALL)
        assert [target.path for target in open_targets(path)] == [path]

    def test_what_fits_nothing_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(TargetError, match=r"7\.\*: no file fits this pattern"):
            open_targets(f"{tmp_path}/7.*")
        write(tmp_path / "7.1.config", b"CONFIG_BPF=y")
        with pytest.raises(TargetError, match="no targets among the 1 files that fit this pattern"):
            open_targets(f"{tmp_path}/7.*")


class TestLists:
    def test_a_target_a_line_paths_from_the_lists_folder_on(self, hub: Path, tmp_path: Path) -> None:
        write(tmp_path / "6.1.btf", SMALL)
        text = "# ours\n\n  6.1.btf  \nhub/debian\nhub/ubuntu/*/arm64\n6.1.0-56-amd64\n6.1.btf\n"
        path = write(tmp_path / "kernels.txt", text.encode())
        assert names(f"@{path}") == ["6.1", "4.19.0-20-amd64", "5.4.0-1009-aws", "6.1.0-56-amd64"]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("# none\n", "kernels.txt: a list without targets"),
            ("6.1.btf\n7.99\n", 'kernels.txt:2: no target "7.99"; give a path'),
            ("@kernels.txt\n", 'kernels.txt:1: "@kernels.txt": a list in a list'),
            ("none.*\n", "none.*: no file fits this pattern"),
            ("none/**\n", "none: no such file or directory"),
            ("a\0b/*/c\n", '/a\0b/*/c"; give a path'),
        ],
    )
    def test_what_is_wrong_is_told_with_its_line(self, text: str, message: str, tmp_path: Path) -> None:
        write(tmp_path / "6.1.btf", SMALL)
        path = write(tmp_path / "kernels.txt", text.encode())
        with pytest.raises(TargetError) as caught:
            open_targets(f"@{path}")
        assert message in str(caught.value)

    def test_a_list_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableFileError, match="no such file or directory"):
            open_targets(f"@{tmp_path}/none")


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        (["a/6.1.btf", "b/6.2.btf"], ["6.1", "6.2"]),
        (["a/6.1.btf", "b/6.1.btf"], ["a/6.1", "b/6.1"]),
        # Each as few folders as do.
        (["u/20/x/6.1.btf", "u/18/x/6.1.btf", "u/a/6.1.btf"], ["20/x/6.1", "18/x/6.1", "a/6.1"]),
        (["a/6.1.btf", "a/6.1.btf.xz"], ["6.1.btf", "6.1.btf.xz"]),
        (["a/6.1.btf", "a/6.1.btf.xz", "b/6.1.btf"], ["a/6.1.btf", "6.1.btf.xz", "b/6.1.btf"]),
        (["a/6.1.btf", "a/6.1.btf"], ["6.1", "6.1"]),
    ],
)
def test_targets_of_one_name_are_told_apart_by_the_shortest_path(paths: list[str], told: list[str]) -> None:
    targets = [Target("6.2" if "6.2" in path else "6.1", f"/top/{path}", "file") for path in paths]
    tell_apart(targets)
    assert [target.name for target in targets] == told


def test_a_target_that_is_no_file_is_told_apart_by_what_it_is() -> None:
    targets = [Target("6.1", "/a/6.1.btf", "file"), Target("6.1", "/b/6.1.btf.xz", "bundled")]
    tell_apart(targets)
    assert [target.name for target in targets] == ["a/6.1", "bundled/6.1"]


def test_a_target_that_is_shown_already_keeps_its_name() -> None:
    shown, new = Target("6.1", "/a/6.1.btf", "file"), Target("6.1", "/b/6.1.btf", "file")
    tell_apart([new], known=[shown])
    assert (shown.name, new.name) == ("6.1", "b/6.1")
