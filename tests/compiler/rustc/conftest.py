"""What tests of whole programs share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from btfview.compiler.rustc import compile_file


def shared_folder(factory: pytest.TempPathFactory, name: str) -> str:
    """Return a folder that all workers of this run have in common."""
    base = factory.getbasetemp()
    return str((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name)


@pytest.fixture(scope="module")
def shared_target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have all projects share what cargo builds of their dependencies, also those of other workers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARGO_TARGET_DIR", shared_folder(tmp_path_factory, "cargo-target"))
        yield


@pytest.fixture(scope="module", autouse=True)
def shared_stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have the stand-in for ``core::btf`` compiled once, as it is for users: half of what a program takes."""
    folder = shared_folder(tmp_path_factory, "stand-in")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compile_file, "_cache_folder", lambda _own: folder)
        yield
