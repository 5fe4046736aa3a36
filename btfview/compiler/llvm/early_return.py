"""Programs that panic, made to end there: BPF has no other way out than to return.

The front end leaves a call of :data:`PANIC` with ``unreachable`` behind it. Once everything is inlined, the
function around it is the program itself, and both become its ``ret``. What else LLVM takes to be unreachable
returns as well: LLVM 22 would write a call of ``__bpf_trap`` there, which no kernel knows.
"""

from __future__ import annotations

import re

PANIC = "__btf_panic"
SOURCE = 'source_filename = "rustc"'
_CALL = re.compile(rf" call void @{PANIC}\(\)")
_PERSONALITY = " personality ptr @"
_NAMED = re.compile(r" personality ptr @[-\w.$]+")
_TYPE = re.compile(r"(void|ptr|i\d+|\{[^{}]*\}|\[[^\[\]]*\])\s*$")
_DEBUG = re.compile(r", !dbg !\d+")


def is_of_rustc(text: str) -> bool:
    """Return whether the module *text* is one that may panic: those of rustc say where they are from."""
    return text.startswith(SOURCE)


def has_panics(text: str) -> bool:
    return f"@{PANIC}(" in text or "\n  unreachable" in text or _PERSONALITY in text


def return_early(text: str) -> str:
    """Return the module *text* with a return in place of each panic and of each ``unreachable``."""
    lines: list[str] = []
    result, debug = "void", ""
    for line in text.split("\n"):
        if line.startswith("define "):
            line = _NAMED.sub("", line)  # what unwinds is gone, as nothing here does
            found = _TYPE.search(line.partition("@")[0])
            result = found[1] if found else "void"
        elif _CALL.search(line):
            place = _DEBUG.search(line)
            debug = place[0] if place else ""
            continue
        elif line.startswith("  unreachable"):
            place = _DEBUG.search(line)
            value = (
                "void" if result == "void" else f"{result} {'null' if result == 'ptr' else 'zeroinitializer'}"
            )
            value = f"{result} 0" if result[0] == "i" else value
            line = f"  ret {value}{place[0] if place else debug}"
        lines.append(line)
    return "\n".join(lines)
