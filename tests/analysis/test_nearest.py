"""Nearest: all kernels from one on, as sorting all of them by their distance would give them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from btfview.analysis.kernels.kernel_age import arch_of, release_number, releases_apart
from btfview.analysis.kernels.nearest import Nearest
from btfview.targets.target import Target

_names = st.builds(
    "{}{}-{}".format,
    st.sampled_from(("5.4", "5.10", "5.10.3", "5.19", "6.1", "6.12", "vmlinux")),
    st.sampled_from(("", "-1", "-2")),
    st.sampled_from(("amd64", "arm64", "s390x", "own")),
)


@given(st.lists(_names, min_size=1, max_size=20, unique=True), st.data())
def test_the_nearest_comes_first_and_all_come(names: list[str], data: st.DataObject) -> None:
    kernels = [Target(name, f"{name}.btf", "file") for name in names]
    here = data.draw(st.sampled_from(kernels))
    better = data.draw(st.sets(st.sampled_from(kernels)))

    def distance(other: Target) -> tuple[object, ...]:
        away = releases_apart(release_number(here.name), release_number(other.name))
        return (arch_of(other) != arch_of(here), away, other not in better, other.name)

    assert list(Nearest(kernels).from_here(here, better.__contains__)) == sorted(kernels, key=distance)


@given(st.lists(_names, min_size=1, max_size=20, unique=True), st.data())
def test_those_between_two_releases_are_of_the_architecture(names: list[str], data: st.DataObject) -> None:
    kernels = [Target(name, f"{name}.btf", "file") for name in names]
    one, other = (release_number(data.draw(st.sampled_from(names))) for _ in range(2))
    between = {
        kernel
        for kernel in kernels
        if arch_of(kernel) == "amd64" and min(one, other) < release_number(kernel.name) < max(one, other)
    }
    assert set(Nearest(kernels).between("amd64", one, other)) == between
