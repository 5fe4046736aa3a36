"""Candidates: by essential name and kind, in id order, the kernel's before a module's."""

from __future__ import annotations

import pytest

from btfview.btf.reader import Btf
from btfview.core_relo.candidates import CandidateFinder
from btfview.core_relo.names import essential_name
from tests.btf.build import INT, build_btf, enum, enum64, fwd, struct, typedef, union


def found(target: Btf, name: str, local: Btf) -> list[int]:
    (type_id,) = local.ids_named(name)
    return [candidate.type_id for candidate in CandidateFinder(target).find(local, type_id)]


@pytest.mark.parametrize(
    ("name", "essence"),
    [
        ("task_struct", "task_struct"),
        ("task_struct___v5_14", "task_struct"),
        ("a___b___c", "a___b"),
        ("nm____four", "nm____four"),
        ("a____b___c", "a____b"),
        ("nm___", "nm___"),
        ("___nm", "___nm"),
        ("a___b", "a"),
        ("a___b_", "a"),
        ("a_____b", "a_____b"),
        ("", ""),
        ("___", "___"),
        ("x___é", "x"),
    ],
)
def test_essential_name(name: str, essence: str) -> None:
    """libbpf: ``bpf_core_is_flavor_sep`` wants X___Y, where X and Y are no underscores."""
    assert essential_name(name) == essence


def test_all_flavors_of_the_target_in_id_order() -> None:
    target = build_btf(
        struct("t___z", size=4), struct("t", size=4), struct("tt", size=4), struct("t___a", size=4)
    )
    assert found(target, "t___mine", build_btf(struct("t___mine", size=4))) == [1, 2, 4]


def test_the_same_kind_only_but_either_enum() -> None:
    target = build_btf(
        struct("t", size=4), union("t", size=4), fwd("t"), typedef("t", INT), enum("t"), enum64("t")
    )
    assert found(target, "t", build_btf(union("t", size=4))) == [2]
    assert found(target, "t", build_btf(enum("t"))) == [6, 7]
    assert found(target, "t", build_btf(enum64("t"))) == [6, 7]


def test_a_name_that_is_a_flavor_there_is_another_type() -> None:
    """Essence of ``nm___x___y`` is ``nm___x``; a target's ``nm___x`` has the essence ``nm``."""
    target = build_btf(struct("nm___x", size=4), struct("nm", size=4))
    assert found(target, "nm___x___y", build_btf(struct("nm___x___y", size=4))) == []
    assert found(target, "nm___y", build_btf(struct("nm___y", size=4))) == [1, 2]


def test_the_kernels_types_come_before_the_modules() -> None:
    """libbpf: ``bpf_core_find_cands`` looks into modules only if the kernel has no candidate."""
    kernel = build_btf(struct("t", size=4), INT)
    module = build_btf(struct("t", size=8), struct("m", size=8), base=kernel)
    assert found(module, "t", build_btf(struct("t", size=4))) == [1]
    assert found(module, "m", build_btf(struct("m", size=4))) == [4]


def test_names_searched_ahead_are_found_as_those_searched_one_by_one() -> None:
    target = build_btf(struct("a", size=4), struct("b___x", size=4), struct("c", size=4))
    local = build_btf(struct("a___1", size=4), struct("b", size=4), struct("none", size=4))
    ahead = CandidateFinder(target)
    ahead.prepare(["a___1", "b", "none"])
    for type_id in local.ids():
        assert ahead.find(local, type_id) == CandidateFinder(target).find(local, type_id)
