"""The files of a project that a build depends on: when one changes, it is to be built again."""

from __future__ import annotations

import os

from btfview.compiler.rustc.crate_sources import sources_under

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

LOCK = "Cargo.lock"
_SETTINGS = ("rust-toolchain.toml", "rust-toolchain", os.path.join(".cargo", "config.toml"))
MAX_FILES = 1_000
"""Files that are looked at in each poll, a few microseconds each."""


class Watched:
    """Collects them: what is known of *folder* alone, and more as cargo tells of the project."""

    def __init__(self, folder: str) -> None:
        self._folder = folder or os.curdir
        self._files: dict[str, None] = {}
        self.add(os.path.join(self._folder, name) for name in ("Cargo.toml", "build.rs", LOCK, *_SETTINGS))

    def add(self, paths: Iterable[str]) -> None:
        """Take in those of *paths* that are there; a lock file that the build writes is none of them."""
        self._files |= dict.fromkeys(path for path in map(os.path.normpath, paths) if os.path.isfile(path))

    def take_in(self, metadata: Mapping[str, Any]) -> None:
        """Take in what ``cargo metadata`` names: the manifests and build scripts of the workspace."""
        root = metadata["workspace_root"]
        self.add(os.path.join(root, name) for name in ("Cargo.toml", LOCK, *_SETTINGS))
        for package in metadata["packages"]:
            scripts = (one["src_path"] for one in package["targets"] if one["kind"] == ["custom-build"])
            self.add([package["manifest_path"], *scripts])

    def files(self) -> tuple[str, ...]:
        """Return them, with the sources below the folder, of which one may be new or not read yet."""
        source = os.path.join(self._folder, "src")
        self.add(os.path.join(source, name) for name in sources_under(source))
        return tuple(self._files)[:MAX_FILES]
