"""Each rule of libbpf's relocation has the same answer by a minimal BTF."""

from __future__ import annotations

import pytest

from btfview.analysis.resolve_on import Question
from btfview.bpf.object import read_object
from btfview.btf.reader import Btf
from btfview.core_relo.loaders.names import LOADERS
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.resolve import resolve_relos
from btfview.minimal.make import make_minimal
from tests.btf.build import build_btf
from tests.core_relo.rules import RULES, Rule
from tests.objects import build_object


@pytest.mark.parametrize("rule", [pytest.param(one, id=one.id) for one in RULES])
def test_a_rule_has_the_same_answer_by_a_minimal_btf(rule: Rule) -> None:
    """Of libbpf; and where they are asked for, of the other loaders, too."""
    obj = read_object(build_object(rule.local, rule.records), path="rule.o")
    whole = build_btf(*rule.target)
    question = Question(obj, read_local_relos(obj))
    found = make_minimal([question], whole)
    assert found.unlike == ()
    small = Btf(found.data)
    before, after = (resolve_relos(obj, question.relos, btf) for btf in (whole, small))
    for mine, other in zip(before, after, strict=True):
        assert mine.outcome.status == other.outcome.status
    again = make_minimal([question], small)
    assert again.data == found.data
    assert make_minimal([question], whole, loaders=LOADERS).unlike == ()
