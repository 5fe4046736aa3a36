"""What other loaders make of the kernels of an atlas: each finds candidates by rules of its own, so that an
answer which kernels share must hold by those."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.cli.main import main
from btfview.core_relo.loaders.names import AYA, CILIUM, LIBBPF, OLD_LIBBPF
from btfview.demands.asked import Loading
from btfview.targets.find import open_targets
from btfview.views.loaders import answer_word
from tests.atlas.test_exact import loaded, loader_facts
from tests.btf.build import INT, LONG, Described, build_btf_bytes, struct, typedef
from tests.core_relo.loaders.differences import compile_program, programs

LOCK = struct("", size=8, depth=(INT, 0), held=(INT, 32))
BASE = struct("base", size=8, a=(LONG, 0))
OTHER = struct("other", size=4, a=(INT, 0))
KERNELS: dict[str, tuple[Described, ...]] = {
    "5.1.0-1-amd64": (typedef("lock", LOCK),),
    "5.2.0-1-amd64": (OTHER, typedef("lock", LOCK)),
    "5.3.0-1-amd64": (OTHER,),
    # To cilium/ebpf and aya a name that ends in three underscores has an empty flavor (newEssentialName,
    # flavorless_name); to libbpf there must be something behind them (bpf_core_essential_name_len).
    "5.4.0-1-amd64": (struct("lock___", size=12, held=(INT, 64)),),
    "5.5.0-1-amd64": (OTHER, struct("lock___", size=12, held=(INT, 64))),
}
ANSWERS = {
    LIBBPF: ["poison"] * 5,
    OLD_LIBBPF: ["poison"] * 5,
    CILIUM: ["4", "4", "poison", "8", "8"],
    AYA: ["poison", "poison", "poison", "8", "8"],
}
CLASSES = {
    LIBBPF: ((0, 1), (2, 3, 4)),
    OLD_LIBBPF: ((0, 1), (2, 3, 4)),
    CILIUM: ((0, 1), (2,), (3, 4)),
    AYA: ((0, 1), (2,), (3, 4)),
}
"""Kernels that share an answer: all types of a name that is looked up must be the same."""


@pytest.mark.debian_tool("clang-19")
def test_kernels_share_what_is_the_same_by_the_loaders_rules(tmp_path: Path) -> None:
    compile_program(programs()["The kernel knows it by a typedef"], tmp_path)
    folder, atlas = tmp_path / "kernels", str(tmp_path / "fleet.atlas")
    folder.mkdir()
    for name, types in KERNELS.items():
        (folder / f"{name}.btf").write_bytes(build_btf_bytes(BASE, *types))
    assert main(["atlas", "build", str(folder), "-o", atlas]) == 0
    of_files = loaded(tmp_path / "prog.o", open_targets(str(folder)), is_shared=False)
    of_atlas = loaded(tmp_path / "prog.o", open_targets(atlas), is_shared=True)
    for load, other in zip(of_atlas.loads, of_files.loads, strict=True):
        assert loader_facts(load) == loader_facts(other), load.loader
        assert [answer_word(result) for result in load.analysis.results[0]] == ANSWERS[load.loader]
        assert load.analysis.alike == CLASSES[load.loader], load.loader
    assert of_atlas.findings == of_files.findings


VERSIONS = """\
extern int LINUX_KERNEL_VERSION __attribute__((section(".kconfig")));
SEC("raw_tp/x") int version(void *ctx) { return LINUX_KERNEL_VERSION > 5; }
SEC("fentry/some_module:f") int module(void *ctx) { return 0; }
"""


@pytest.mark.debian_tool("clang-19")
def test_a_program_that_asks_for_the_release_has_one_answer_a_release(tmp_path: Path) -> None:
    """The rest of a kernel's name has no part in it: thousands of a series share an answer."""
    compile_program(VERSIONS, tmp_path)
    folder, atlas = tmp_path / "kernels", str(tmp_path / "fleet.atlas")
    folder.mkdir()
    for name in ("6.1.0-50-amd64", "6.1.0-56-amd64", "6.1.0-56-cloud-amd64", "6.2.0-39-generic-amd64"):
        (folder / f"{name}.btf").write_bytes(build_btf_bytes(BASE, LONG))
    assert main(["atlas", "build", str(folder), "-o", atlas]) == 0
    found = [
        analyse(str(tmp_path / "prog.o"), open_targets(place), loading=Loading(), is_shared=True)
        for place in (str(folder), atlas)
    ]
    assert found[1].alike == ((0, 1, 2), (3,))
    assert found[0].verdicts == found[1].verdicts
