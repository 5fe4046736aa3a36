"""With demands, a minimal BTF answers what it holds as the kernel does, and never says more than that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.analysis.resolve_on import Question
from btfview.bpf.object import read_object
from btfview.btf.reader import Btf
from btfview.core_relo.local import read_local_relos
from btfview.demands import demand as d
from btfview.demands.asked import Asked, Loading
from btfview.demands.kernel.kernel import Kernel
from btfview.minimal.make import make_minimal
from btfview.targets.target import Target
from btfview.targets.trimmed import is_trimmed

KINDS = (d.KFUNC, d.KSYM, d.STRUCT_OPS, d.ATTACH_TARGET)
OBJECTS = (
    *("kfunc_strong.task_acquire", "kfunc_strong.argkind", "kfunc_strong.fwdarg", "kfunc_weak"),
    *("ksym_vars.typed_percpu_int", "ksym_vars.typed_wrong_weak", "ops_tcp", "ops_scx"),
    *("lsm_hooks", "fentry_targets", "tp_btf"),
)
KERNEL = "7.2.13+deb14-amd64"


def asked_of(path: Path) -> Question:
    obj = read_object(path.read_bytes(), path=str(path))
    return Question(obj, read_local_relos(obj), asked=Asked(obj, Loading(is_judged=False)))


@pytest.fixture(scope="module")
def kernel(kernel_btf: Callable[[str], Path]) -> Target:
    return Target(KERNEL, str(kernel_btf(KERNEL)), "file")


def test_demands_are_answered_as_by_the_kernel_or_not_at_all(kernel: Target, shared: Path) -> None:
    """What the kernel lacks a minimal BTF cannot know to be lacking: then it does not tell."""
    questions = [asked_of(shared / "loads" / "objs" / f"{name}.o") for name in OBJECTS]
    kernels = [one.asked.kernel(kernel) for one in questions if one.asked]
    small = Btf(make_minimal(questions, kernel.btf, kernels).data)
    assert is_trimmed(small)
    seen: Counter[tuple[str, str]] = Counter()
    for question, whole in zip(questions, kernels, strict=True):
        assert question.asked is not None
        before, after = (question.asked.answers(one) for one in (whole, Kernel(small, KERNEL)))
        for demand, mine, other in zip(question.asked.demands, before, after, strict=True):
            if demand.kind not in KINDS:
                continue
            if isinstance(other, d.Unknown) and other.is_trimmed:
                seen[demand.kind, "not told"] += 1
                continue
            seen[demand.kind, mine.status] += 1
            assert (other.status, other.why) == (mine.status, mine.why), demand
    assert seen[d.KFUNC, "met"] >= 2, seen
    assert seen[d.KFUNC, "not met"] >= 2, seen
    assert seen[d.ATTACH_TARGET, "met"] >= 10, seen
    assert seen[d.STRUCT_OPS, "met"] >= 2, seen
    assert seen[d.KSYM, "met"] + seen[d.KSYM, "unknown"] >= 1, seen


def test_demands_cost_nothing_where_there_are_none(kernel: Target, shared: Path) -> None:
    question = asked_of(shared / "corpus" / "obj" / "k06_enumval.v3.o")
    assert question.asked is not None
    with_demands = make_minimal([question], kernel.btf, [question.asked.kernel(kernel)])
    assert with_demands == make_minimal([question], kernel.btf)
