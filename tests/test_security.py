"""The bounds in SECURITY.md are the numbers in the code, each of them."""

from __future__ import annotations

import re

import pytest

from btfview import inputs
from btfview.analysis.by_kernel import wire
from btfview.atlas import packing, read
from btfview.bpf import elf, embedded, explore
from btfview.btf import ext, layout_rows, reader, strings
from btfview.btf.format import as_pahole
from btfview.compiler import compile as compiling
from btfview.compiler import processes
from btfview.compiler.llvm import messages
from btfview.compiler.rust import build_ir, process, report
from btfview.configuration import find
from btfview.configuration import read as configuration
from btfview.loader_log import complaints
from btfview.targets import folders
from btfview.targets.unpacking import archive, budget, compression, unpack
from tests.paths import ROOT


def mib(size: int) -> str:
    assert size % (1 << 20) == 0
    return f"{size >> 20} MiB"


RECORDS = ext._MAX_RECORDS
BOUNDS: dict[str, tuple[object, ...]] = {
    "source, key script, list of recent files, arrangement of the screen, kernel configuration": (
        mib(inputs.MAX_TEXT),
    ),
    "Rust source": (build_ir.MAX_LINES, build_ir.MAX_CHARACTERS),
    "loader's log": (mib(inputs.MAX_LOG), complaints.MAX_LINE),
    "BPF object": (mib(inputs.MAX_OBJECT), elf._MAX_SECTIONS),
    "executable that carries objects": (
        mib(inputs.MAX_CARRIER),
        mib(embedded._MAX_SIZE),
        embedded._MAX_TRIED,
    ),
    "records of `.BTF.ext`": (RECORDS["core_relo"], RECORDS["line_info"], RECORDS["func_info"]),
    "target that is read whole": (mib(inputs.MAX_KERNEL),),
    "BTF": (mib(reader.MAX_BTF),),
    "a name in BTF or ELF": (strings.MAX_NAME, strings._MAX_OVERLAP),
    "what a packed file unpacks to": (
        budget._MAX_RATIO,
        mib(budget._MIN_BOUND),
        mib(budget.MAX_UNPACKED),
        mib(budget._MAX_TOGETHER),
    ),
    "pieces that it is packed in": (f"{budget._PIECE >> 10} KiB",),
    "strings and types of an atlas": (
        read._MAX_RATIO,
        mib(read._ALWAYS),
        mib(packing.MAX_BLOB),
        read.MAX_DEPTH,
    ),
    "list of targets, baseline": (mib(inputs.MAX_TEXT),),
    "configuration": (mib(find.MAX_BYTES), configuration._MAX_EXTENDED),
    "folder of kernels": (folders.MAX_FILES,),
    "an answer that `check` has kept": (mib(wire.MAX_ANSWER),),
    "wrappings inside one another": (unpack._MAX_LAYERS, archive._MAX_MEMBERS),
    "xz dictionary": (mib(compression._MAX_DICTIONARY),),
    "rows of one layout": (layout_rows._MAX_ROWS,),
    "steps of an object's programs": (explore.MAX_STEPS, explore.MAX_STEPS_OF_ALL),
    "LLVM, clang": (f"{compiling.TIME_LIMIT:g} s", f"{processes.MEMORY_LIMIT >> 30} GiB"),
    "Rust front end": (f"{compiling.TIME_LIMIT:g} s", f"{process.MEMORY_LIMIT >> 30} GiB"),
    "messages about a source": (report.MAX_SHOWN,),
}
"""What the row of each input says, in its order."""


def rows() -> dict[str, str]:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| (.*?) \| (.*) \|$", text, re.MULTILINE)
    return {name: bound for name, bound in table if name not in ("input", "---")}


def test_every_bound_is_compared() -> None:
    assert rows().keys() == BOUNDS.keys()


@pytest.mark.parametrize("name", BOUNDS)
def test_a_bound_is_that_of_the_code(name: str) -> None:
    numbers = re.findall(r"[0-9][0-9,]*(?: (?:[KMG]iB|s)\b)?|\beight\b", rows()[name])
    written = [f"{one:,}" if isinstance(one, int) else one for one in BOUNDS[name]]
    assert [{"eight": "8"}.get(number, number.rstrip(",")) for number in numbers] == written


def test_bounds_that_share_a_number() -> None:
    assert elf._MAX_SYMBOLS == elf._MAX_SECTIONS
    assert as_pahole._MAX_LINES == layout_rows._MAX_ROWS
    assert messages._MAX_SHOWN == report.MAX_SHOWN
