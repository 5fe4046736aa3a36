"""The verdict against real kernels: every pair of ``shared/loads``.

There libbpf loaded each object, each of its maps alone and each of its programs alone on booted kernels. The
prediction must be what happened, or *unknown*; and unknown only where the rules that were written beside the
truth (``from_btf``) do not decide, or decide wrongly.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from btfview.bpf.object import read_object
from btfview.btf.reader import Btf
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.resolve import resolve_relos
from btfview.demands import demand as d
from btfview.demands.collect import collect
from btfview.demands.kernel.kernel import Kernel
from btfview.demands.object.facts import ObjectFacts
from btfview.demands.reasons import FAILS, LOADS, UNKNOWN
from btfview.demands.verdict import PartVerdict, Verdict, judge

pytestmark = pytest.mark.shared

REFUSED = "refused"
"""The sandbox of one kernel refuses tracing programs whatever they ask for: no truth."""
OUTSIDE_BTF = {d.KCONFIG, d.KSYM}
"""Demands that something else than BTF decides: of a whole object they alone may be the reason."""


@cache
def open_kernel(name: str, kernel_btf: Callable[[str], Path]) -> Kernel:
    return Kernel(Btf(kernel_btf(name).read_bytes()), name)


@cache
def predict(path: Path, kernel: Kernel, loader: str) -> Verdict:
    obj = read_object(path.read_bytes(), path=str(path))
    facts, local = ObjectFacts(obj, loader), read_local_relos(obj)
    return judge(facts, collect(facts), kernel, local, resolve_relos(obj, local, kernel.btf))


def rows(truth: dict[str, Any], verdict: Verdict) -> Iterator[tuple[str, dict[str, Any], str, bool]]:
    """Yield what it is, the truth, the prediction, and whether unknown is an answer to it."""
    maps = {part.name: part for part in verdict.maps}
    programs = {part.name: part for part in verdict.programs}

    def row(what: str, fact: dict[str, Any], part: PartVerdict) -> tuple[str, dict[str, Any], str, bool]:
        decided = fact.get("from_btf", {}).get("load")
        is_open = decided is None or decided != (fact["verdict"] == LOADS)
        return what, fact, part.verdict, is_open

    parts = [row("map", fact, maps[fact["name"]]) for fact in truth["maps"]]
    parts += [row("program", fact, programs[fact["name"]]) for fact in truth["programs"]]
    yield from parts
    is_open = any(said == UNKNOWN and may for _, _, said, may in parts)
    is_open |= any(reason.demand in OUTSIDE_BTF for reason in verdict.reasons)
    yield "object", truth["whole"], verdict.verdict, is_open


@pytest.mark.parametrize(("folder", "loader"), [("truth", "1.7.0"), ("truth-libbpf1.1", "1.1.2")])
def test_what_is_predicted_is_what_happened_or_unknown_where_btf_does_not_tell(
    folder: str,
    loader: str,
    shared: Path,
    kernel_btf: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    table: Counter[tuple[str, str]] = Counter()
    wrong, needless = [], []
    for path in sorted((shared / "loads" / folder).glob("*.json")):
        if "+modules" in path.name or "~" in path.name:
            continue
        truth = json.loads(path.read_text())
        kernel = open_kernel(truth["btf"].removesuffix(".btf.xz"), kernel_btf)
        verdict = predict(shared / "loads" / "objs" / truth["object"], kernel, loader)
        for what, fact, said, is_open in rows(truth, verdict):
            happened = fact["verdict"]
            name = f"{path.stem}: {what} {fact['name']}: {happened}, predicted {said}"
            if happened == REFUSED:
                word = "no truth"
            elif said == happened:
                word = "right"
            elif said == UNKNOWN:
                word = "unknown"
                needless += [] if is_open else [name]
            else:
                word = "wrong"
                wrong.append(name)
            table[what, word] += 1
    with capsys.disabled():
        words = ("right", "unknown", "wrong", "no truth")
        print(f"\nlibbpf {loader}" + "".join(f"{word:>10}" for word in words))
        for what in ("object", "map", "program"):
            counts = (table[what, word] for word in words)
            print(f"{what:>12}" + "".join(f"{count:>10}" for count in counts))
    assert not wrong
    assert not needless
    assert table["program", "right"] > 2 * table["program", "unknown"]


def test_attaching_is_predicted_as_it_happened_or_not_at_all(
    shared: Path, kernel_btf: Callable[[str], Path]
) -> None:
    wrong: list[str] = []
    decided = 0
    for path in sorted((shared / "loads" / "truth").glob("*.json")):
        if "+modules" in path.name or "~" in path.name:
            continue
        truth = json.loads(path.read_text())
        kernel = open_kernel(truth["btf"].removesuffix(".btf.xz"), kernel_btf)
        verdict = predict(shared / "loads" / "objs" / truth["object"], kernel, "1.7.0")
        programs = {part.name: part for part in verdict.programs}
        for fact in truth["programs"]:
            said = programs[fact["name"]].attach
            if (
                fact["verdict"] != LOADS
                or fact.get("attach") not in ("ok", "failed")
                or said in ("", UNKNOWN)
            ):
                continue
            decided += 1
            if (said == "ok") != (fact["attach"] == "ok"):
                wrong.append(f"{path.stem}: {fact['name']}: {fact['attach']}, predicted {said}")
    assert not wrong
    assert decided > 500  # of some 740


def test_a_trimmed_kernel_makes_no_verdict(shared: Path) -> None:
    from btfview.targets.kernels import bundled_targets

    target = next(one for one in bundled_targets() if one.name.startswith("6.12"))
    kernel = Kernel(target.btf, target.name, is_trimmed=True)
    for name in ("mixed.o", "kfunc_strong.task_acquire.o", "optional.o", "ops_plain.o"):
        verdict = predict(shared / "loads" / "objs" / name, kernel, "1.7.0")
        assert verdict.verdict == UNKNOWN, name
        assert FAILS not in {part.verdict for part in verdict.programs}, name
        assert any("trimmed" in reason.why for reason in verdict.reasons)
