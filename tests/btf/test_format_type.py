"""Types in C's spelling."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from btfview.btf.format.spelling import declare, format_type, visible
from btfview.targets.open import read_btf_file
from tests.btf.build import (
    CHAR,
    INT,
    LONG,
    Described,
    array,
    build_btf,
    const,
    enum,
    func_proto,
    fwd,
    ptr,
    restrict,
    struct,
    type_tag,
    typedef,
    union,
    volatile,
)

DECLARATIONS = {
    "int x": INT,
    "const char *x": ptr(const(CHAR)),
    "char *const x": const(ptr(CHAR)),
    "char *const volatile *restrict x": restrict(ptr(const(volatile(ptr(CHAR))))),
    "int x[2][3]": array(array(INT, 3), 2),
    "int (*x)[3]": ptr(array(INT, 3)),
    "int *x[3]": array(ptr(INT), 3),
    "void (*x)(int, long)": ptr(func_proto(None, a=INT, b=LONG)),
    "int *(*x[4])(void)": array(ptr(func_proto(ptr(INT))), 4),
    "void (*(*x)(int))(long)": ptr(func_proto(ptr(func_proto(None, b=LONG)), a=INT)),
    "const int x[3]": const(array(const(INT), 3)),
    "struct s *x": ptr(struct("s", size=0)),
    "union u *x": ptr(fwd("u", is_union=True)),
    "enum e x": enum("e", A=1),
    "number x": typedef("number", LONG),
}


def spelled(described: Described, name: str) -> str:
    btf = build_btf(described)
    return declare(btf, btf.type_count - 1, name)


@pytest.mark.parametrize(("text", "described"), DECLARATIONS.items(), ids=DECLARATIONS.keys())
def test_declarations(text: str, described: Described) -> None:
    assert spelled(described, "x").replace("int a", "int").replace("long b", "long") == text


@pytest.mark.debian_tool("clang-19")
def test_clang_reads_a_declaration_as_the_type_it_was(tmp_path: Path) -> None:
    """Each declaration, compiled, has the same type in the object's BTF as it was written from."""
    prelude = "struct s {}; union u; enum e { A = 1 }; typedef long number;\n"
    texts = [
        text.replace(" x", f" v{index}", 1).replace("*x", f"*v{index}", 1).replace("(*x", f"(*v{index}", 1)
        for index, text in enumerate(DECLARATIONS)
        if "const" not in text
    ]
    source = tmp_path / "v.c"
    source.write_text(prelude + "".join(f"{text};\n" for text in texts))
    command = ["clang-19", "-target", "bpf", "-g", "-c", str(source), "-o", str(tmp_path / "v.o")]
    subprocess.run(command, check=True)
    btf = read_btf_file(str(tmp_path / "v.o"))
    for text in texts:
        name = next(
            word
            for word in text.replace("(", " ").replace("*", " ").replace("[", " ").replace(")", " ").split()
            if word.startswith("v") and word[1:].isdecimal()
        )
        variable = btf.type(btf.ids_named(name)[0])
        assert declare(btf, variable.type_id, name) == text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("described", "text"),
    [
        pytest.param(array(CHAR, 16), "char[16]", id="array"),
        pytest.param(ptr(func_proto(INT, p=ptr(None))), "int (*)(void *p)", id="function-pointer"),
        pytest.param(struct("", size=0), "struct {...}", id="anonymous-struct"),
        pytest.param(ptr(union("", size=0)), "union {...} *", id="pointer-to-anonymous-union"),
        pytest.param(ptr(type_tag("rcu", INT)), "int *", id="type-tag"),
        pytest.param(ptr(None), "void *", id="void-pointer"),
    ],
)
def test_types_without_a_name_to_declare(described: Described, text: str) -> None:
    btf = build_btf(described)
    assert format_type(btf, btf.type_count - 1) == text


def test_a_type_that_does_not_exist_is_spelled_by_its_id() -> None:
    assert format_type(build_btf(INT), 99) == "<type [99]>"


def test_functions_of_functions_end_in_dots() -> None:
    described: Described = INT
    for _ in range(60):
        described = ptr(func_proto(described, a=described, b=described))
    text = spelled(described, "x")
    assert "..." in text
    assert len(text) < 100_000


def test_what_does_not_print_is_escaped() -> None:
    assert visible("plain ü") == "plain ü"
    assert visible("a\x1b[2J\n\x9b\u202e") == r"a\x1b[2J\n\x9b\u202e"
