"""What cilium/ebpf and aya look up otherwise than libbpf, on kernels made for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from btfview.btf.reader import Btf
from btfview.cli.main import main
from btfview.core_relo.loaders.names import AYA, CILIUM
from btfview.demands import demand as d
from btfview.demands.kernel.kernel import Kernel
from btfview.demands.reasons import FAILS, UNKNOWN
from tests.btf.build import INT, Described, build_btf, build_btf_bytes, enum, func, func_proto
from tests.demands.loaders.judged import compiled, verdict_on

pytestmark = pytest.mark.debian_tool("clang-19")
PROGRAM = """
extern int CONFIG_HZ KCONFIG;
extern void some_symbol KSYM;
ON("fentry/twice") { return 0; }
SEC("fentry/in_module") int g(void *ctx) { return 0; }
RAW_OF(h) { return CONFIG_HZ + (long)&some_symbol; }
"""


LISTS = enum("bpf_func_id", BPF_FUNC_unspec=0)
"""A kernel with one of these lists was not trimmed."""


def function(name: str) -> Described:
    return func(name, func_proto(INT))


def kernel_of(*functions: str, config: dict[str, str] | None = None, module: str = "") -> Kernel:
    """Return a kernel that has functions, its module another one."""
    base = build_btf(LISTS, *map(function, functions))
    modules: tuple[tuple[str, Btf], ...] = ()
    if module:
        modules = (("mod", build_btf(function(module), base=base)),)
    return Kernel(base, "kernel", modules=modules, config=config)


def test_each_loader_searches_in_its_own_way(tmp_path: Path) -> None:
    [path] = compiled(tmp_path, [PROGRAM])

    def found(loader: str, kernel: Kernel) -> dict[str, str]:
        verdict = verdict_on(path, kernel, loader)
        asked = [one for one in verdict.reasons if one.demand in (d.ATTACH_TARGET, d.KCONFIG, d.KSYM)]
        return {f"{reason.subject} {reason.verdict}": reason.why for reason in asked}

    once = kernel_of("twice", module="in_module", config={"CONFIG_HZ": "250"})
    twice = kernel_of("twice", "twice", "in_module")
    assert found(CILIUM, once) == {
        f"some_symbol {UNKNOWN}": "whether the kernel has the symbol some_symbol is in kallsyms, not in BTF"
    }
    of_two = found(CILIUM, twice)
    assert set(of_two) == {f"twice {FAILS}", f"some_symbol {UNKNOWN}", f"CONFIG_HZ {UNKNOWN}"}
    assert of_two[f"twice {FAILS}"].endswith("multiple matching types: twice is [4] and [6] in the BTF")
    zero = "aya knows no externs: it leaves the address 0"
    externs = {
        f"CONFIG_HZ {FAILS}": f"{zero}, and the verifier refuses to read there",
        f"some_symbol {UNKNOWN}": zero,
    }
    in_module = "unknown BTF type `in_module`: it is in module mod, and aya searches no modules"
    assert found(AYA, once) == {f"in_module {FAILS}": in_module, **externs}
    assert found(AYA, twice) == externs
    assert verdict_on(path, twice, AYA).verdict == FAILS


KFUNCS = """
extern int asked(void) KSYM WEAK;
extern int called(void) KSYM WEAK;
RAW { if (called) called(); return asked ? 1 : 0; }
"""


def test_aya_takes_no_call_of_a_kfunc(tmp_path: Path) -> None:
    [path] = compiled(tmp_path, [KFUNCS])
    kernel = kernel_of("asked", "called")

    def own_reasons(loader: str) -> list[str]:
        kfuncs = [one for one in verdict_on(path, kernel, loader).reasons if one.demand == d.KFUNC]
        return [one.subject for one in kfuncs if one.rule.startswith(loader)]

    assert {loader: own_reasons(loader) for loader in (AYA, CILIUM)} == {AYA: ["called"], CILIUM: []}


def test_a_finding_names_the_loaders_that_it_concerns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [path] = compiled(tmp_path, [PROGRAM])
    kernel = tmp_path / "kernel.btf"
    kernel.write_bytes(build_btf_bytes(LISTS, *map(function, ("twice", "twice", "in_module"))))
    assert main(["check", str(path), "-t", str(kernel), "--loader", "all"]) == 1
    said = capsys.readouterr().out
    assert "error: with aya: kconfig CONFIG_HZ: fails on kernel: aya knows no externs" in said
    assert "note: with cilium: kconfig CONFIG_HZ: may fail on kernel" in said
    assert "error: with cilium: attach target twice: fails on kernel: attaching to ambiguous" in said
