"""A field that changed more than once is followed through the kernels between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.btf.reader import Btf
from btfview.hints.answer import Field, Named
from btfview.hints.grades import IS_NOW
from btfview.hints.kernel import Kernel
from btfview.hints.question import Step
from btfview.hints.stepping import find_by_steps
from tests.btf.build import INT, build_btf, struct

PID = (INT, 0)
WAY = (
    *("5.4.0-216-generic", "5.15.0-204-generic", "5.19.0-50-generic", "6.1.0-56", "6.2.0-39-generic"),
    *("6.12.117+deb12", "6.14.0-37-generic", "6.18.44-fc"),
)


def kernel(name: str, **fields: int) -> Kernel:
    """A kernel whose ``pair`` has *fields* at these byte offsets, between two that never change."""
    placed = {field: (INT, 8 * at) for field, at in fields.items()}
    return Kernel(name, build_btf(struct("pair", size=64, first=PID, **placed, last=(INT, 480))))


def asked(field: str) -> Field:
    return Field("pair", (Step(field),))


def test_two_changes_are_followed_one_after_the_other() -> None:
    old = kernel("5.4", mount_count=4)
    between = kernel("5.10", mount_number=4)
    new = kernel("6.1", vfs_number=4)
    answer = find_by_steps(asked("mount_count"), [old, between, new])
    assert isinstance(answer, Named)
    hint = answer.hints[0]
    assert (hint.path, hint.reference) == ("pair.vfs_number", "5.4")
    assert "(from 5.10 on): pair.mount_number; then" in hint.why
    assert hint.why.endswith("(from 6.1 on)")


def test_a_sure_answer_in_one_step_needs_no_others() -> None:
    kernels = [kernel("5.4", state=4), kernel("5.10", status=4), kernel("6.1", __state=4)]
    answer = find_by_steps(asked("state"), kernels)
    assert isinstance(answer, Named)
    assert (answer.hints[0].path, answer.hints[0].grade) == ("pair.__state", IS_NOW)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("path", "became"),
    [
        # pahole -C STRUCT on each kernel between
        pytest.param("file.f_count", "file.f_ref", id="6.13-file_ref_t"),
        pytest.param("cgroup.ancestor_ids", "cgroup.ancestors", id="6.1-pointers"),
        pytest.param("page.objects", "slab.objects", id="5.17-a-type-of-its-own"),
    ],
)
def test_over_eleven_releases_the_steps_find_what_one_step_does_not(
    path: str, became: str, kernel_btf: Callable[[str], Path]
) -> None:
    kernels = [Kernel(name, Btf(kernel_btf(f"{name}-amd64").read_bytes())) for name in WAY]
    root, _, name = path.partition(".")
    answer = find_by_steps(Field(root, (Step(name),)), kernels)
    assert isinstance(answer, Named)
    assert answer.hints[0].path == became
