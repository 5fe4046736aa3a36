"""Six ways in which loaders differ: a program of ours each, a kernel, and what each loader makes of it.

They stand in ``docs/loaders.md`` with the reasons; the tests compile them and ask policies and libraries.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.btf.build import INT, LONG, UNSIGNED_INT, Described, build_btf_bytes, enum, struct, typedef
from tests.paths import ROOT

DOCUMENT = ROOT / "docs" / "loaders.md"
HEAD = """\
#define SEC(name) __attribute__((section(name), used))
#define FROM_KERNEL __attribute__((preserve_access_index))
#define TYPE_SIZE(type) __builtin_preserve_type_info(*(type *)0, 1)
#define TYPE_MATCHES(type) __builtin_preserve_type_info(*(type *)0, 2)
#define ENUM_VALUE(type, name) __builtin_preserve_enum_value(*(type *)name, 1)
"""
_PROGRAM = re.compile(r"^## (.+?)\n.*?```c\n(.*?)```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Difference:
    title: str
    """The heading in the document, below which the program stands."""
    kernel: tuple[Described, ...]
    answers: dict[str, tuple[str, ...]]
    """Of each loader, what it does with each record, as ``btfview relos --loader all`` says it."""
    ends: frozenset[str]
    """The loaders that give the object up."""


DIFFERENCES = (
    Difference(
        "A field has another size",
        (struct("account", size=16, owner=(LONG, 0), count=(LONG, 64)),),
        {"libbpf": ("poison",), "cilium": ("8",), "aya": ("ends",)},
        frozenset({"aya"}),
    ),
    Difference(
        "The size of a type that is not there",
        (struct("other", size=4, a=(INT, 0)),),
        {"libbpf": ("0, missing",), "cilium": ("poison",), "aya": ("ends",)},
        frozenset({"aya"}),
    ),
    Difference(
        "Whether a type matches",
        (struct("point", size=8, x=(INT, 0), y=(INT, 32)),),
        {"libbpf": ("1",), "cilium": ("1",), "aya": ("ends",)},
        frozenset({"aya"}),
    ),
    Difference(
        "The kernel knows it by a typedef",
        (typedef("lock", struct("", size=8, depth=(INT, 0), held=(INT, 32))),),
        {"libbpf": ("poison",), "cilium": ("4",), "aya": ("poison",)},
        frozenset(),
    ),
    Difference(
        "An enumerator with the highest bit",
        (enum("flags", LOW=1, HIGH=0x80000001),),
        {"libbpf": ("ends",), "cilium": ("2147483649",), "aya": ("2147483649",)},
        frozenset({"libbpf"}),
    ),
    Difference(
        "Two structs of one name",
        (
            struct("job", size=8, id=(UNSIGNED_INT, 0), cost=(UNSIGNED_INT, 32)),
            struct("job", size=24, id=(UNSIGNED_INT, 0), name=(LONG, 64), user=(UNSIGNED_INT, 128)),
        ),
        {"libbpf": ("4", "poison"), "cilium": ("ends", "ends"), "aya": ("4", "16")},
        frozenset({"cilium"}),
    ),
)


def programs() -> dict[str, str]:
    """Return the programs of the document, by heading."""
    return dict(_PROGRAM.findall(DOCUMENT.read_text()))


def compile_program(text: str, folder: Path) -> bytes:
    """Return the object that clang makes of a program of the document."""
    source, obj = folder / "prog.c", folder / "prog.o"
    source.write_text(HEAD + text)
    command = ["clang-19", "-O2", "-g", "-mcpu=v3", "-target", "bpf", "-c", str(source), "-o", str(obj)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return obj.read_bytes()


def kernel_bytes(difference: Difference) -> bytes:
    return build_btf_bytes(*difference.kernel)
