"""Three questions about two types, each answered with a reason in words.

That the answers are libbpf's is shown in test_rules.py and test_random.py; here, that the reason is the
right one.
"""

from __future__ import annotations

import pytest

from btfview.core_relo.access_spec import RefusedError
from btfview.core_relo.compat import why_fields_differ, why_no_match, why_types_differ
from tests.btf.build import (
    INT,
    LONG,
    UNSIGNED_INT,
    VOID,
    Described,
    array,
    build_btf,
    enum,
    enum64,
    float_,
    func_proto,
    fwd,
    int_,
    ptr,
    struct,
    typedef,
    union,
)


def ask(question: object, ours: Described, theirs: Described) -> str | None:
    local, target = build_btf(ours), build_btf(theirs)
    answer = question(local, local.type_count - 1, target, target.type_count - 1)  # type: ignore[operator]
    assert answer is None or isinstance(answer, str)
    return answer


@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [
        pytest.param(INT, LONG, None, id="ints"),
        pytest.param(struct("a", size=4), union("b", size=8), None, id="struct-for-union"),
        pytest.param(ptr(INT), ptr(VOID), None, id="pointers"),
        pytest.param(float_("float", 4), float_("double", 8), None, id="floats"),
        pytest.param(enum("a"), enum64("a___x"), None, id="enums"),
        pytest.param(fwd("a"), fwd("a"), None, id="forwards"),
        pytest.param(
            INT, ptr(INT), "it is a pointer there, but int (4 bytes) in the program", id="int-for-pointer"
        ),
        pytest.param(enum("a"), enum("b"), "it is enum b there, but enum a in the program", id="enum-names"),
        pytest.param(
            array(INT, 3),
            array(struct("s", size=4), 3),
            "it is struct s there, but int (4 bytes) in the program",
            id="elements",
        ),
        pytest.param(
            INT,
            int_("int", 4, bits=3, bit_offset=1),
            "one of the two is an int with a bit offset (an old-style bitfield)",
            id="old-bitfield",
        ),
        pytest.param(
            func_proto(INT),
            func_proto(INT),
            "func_proto (anonymous) cannot be a relocated field",
            id="function",
        ),
    ],
)
def test_why_fields_differ(ours: Described, theirs: Described, why: str | None) -> None:
    assert ask(why_fields_differ, ours, theirs) == why


@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [
        pytest.param(struct("a", size=4, x=(INT, 0)), struct("b", size=8), None, id="structs"),
        pytest.param(struct("a", size=4), union("a", size=4), "it is union a there", id="kind"),
        pytest.param(
            typedef("a", ptr(INT)),
            typedef("a", ptr(ptr(INT))),
            "it is a pointer there, but int (4 bytes) in the program",
            id="behind-pointers",
        ),
        pytest.param(
            func_proto(INT, a=INT),
            func_proto(INT, a=INT, b=INT),
            "the function takes 2 parameters there, 1 in the program",
            id="arity",
        ),
        pytest.param(
            func_proto(INT, a=INT),
            func_proto(INT, a=ptr(INT)),
            "parameter a: it is a pointer there",
            id="parameter",
        ),
        pytest.param(
            func_proto(INT),
            func_proto(struct("s", size=4)),
            "it is struct s there, but int (4 bytes) in the program",
            id="result",
        ),
    ],
)
def test_why_types_differ(ours: Described, theirs: Described, why: str | None) -> None:
    assert ask(why_types_differ, ours, theirs) == why


@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [
        pytest.param(
            struct("a", size=4, x=(INT, 0)),
            struct("a", size=4, x=(UNSIGNED_INT, 0)),
            "member x: it is unsigned int (4 bytes) there, but int (4 bytes) in the program",
            id="names-of-ints",
        ),
        pytest.param(
            struct("a", size=4, x=(int_("int", 4), 0)),
            struct("a", size=4, x=(INT, 0)),
            "member x: it is int (4 bytes) there, but int (4 bytes) in the program: size or sign differ",
            id="sign",
        ),
        pytest.param(
            struct("a", size=8, x=(INT, 0), y=(INT, 32)),
            struct("a", size=4, x=(INT, 0)),
            "struct a has fewer members there than in the program: 1, not 2",
            id="fewer",
        ),
        pytest.param(
            struct("a", size=4, x=(INT, 0)),
            struct("a", size=4, z=(INT, 0)),
            "member x: struct a has no member x",
            id="member",
        ),
        pytest.param(array(INT, 2), array(INT, 3), "an array of 2 has 3 elements there", id="length"),
        pytest.param(ptr(fwd("a")), ptr(fwd("a", is_union=True)), "struct and union differ", id="forwards"),
        pytest.param(ptr(VOID), ptr(INT), "it is int (4 bytes) there, but void in the program", id="void"),
        pytest.param(enum("a", A=1), enum("a", B=1), "enum a has no A there", id="enumerator"),
        pytest.param(enum("a", A=1), enum("a"), "enum a has fewer enumerators there", id="fewer-enumerators"),
        pytest.param(
            enum("a", A=1), enum64("a", A=1), "enum a has 8 bytes there, 4 in the program", id="enum-size"
        ),
    ],
)
def test_why_no_match(ours: Described, theirs: Described, why: str) -> None:
    assert ask(why_no_match, ours, theirs) == why
    assert ask(why_no_match, ours, ours) is None


def nested(function: Described, levels: int) -> Described:
    for _ in range(levels):
        function = func_proto(VOID, a=function)
    return function


@pytest.mark.parametrize("question", [why_fields_differ, why_types_differ, why_no_match])
def test_types_nested_too_deep_are_refused(question: object) -> None:
    """libbpf: 32 levels (``BPF_CORE_SPEC_MAX_LEN`` and the depths given to ``types_are_compat``)."""
    deep = INT
    for _ in range(40):
        deep = array(deep, 2)
    with pytest.raises(RefusedError, match="too deep"):
        ask(question, deep, deep)


@pytest.mark.parametrize("question", [why_types_differ, why_no_match])
def test_function_types_nested_too_deep_are_refused(question: object) -> None:
    deep = nested(INT, 60)
    with pytest.raises(RefusedError, match="too deep"):
        ask(question, deep, deep)
