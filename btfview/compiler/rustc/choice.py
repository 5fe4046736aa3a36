"""Which front end a program needs, where the user leaves it open."""

from __future__ import annotations

import shlex

from btfview.compiler.result import CompileResult
from btfview.diagnostics import Diagnostic
from btfview.frozen import replace

_BEYOND = frozenset(
    [
        "E0405",
        "E0412",
        "E0422",
        "E0425",
        "E0432",
        "E0433",
        "E0531",
        "E0574",
        "E0599",
        "E0635",
        "E0282",
        "E0369",
    ]
)
"""Codes of names, methods and operators that rustc may find where the built-in front end knows none."""
NEEDS = "this needs `--frontend rustc`"


def is_beyond_builtin(diagnostic: Diagnostic) -> bool:
    """Return whether rustc may take what the built-in front end calls an error: a word of Rust that it does
    not know has no code of rustc's, and a name of a crate or of the library is one that it cannot find."""
    return diagnostic.is_error and (diagnostic.code is None or diagnostic.code in _BEYOND)


def says_unsupported(diagnostic: Diagnostic) -> bool:
    return diagnostic.is_error and diagnostic.code is None and "supported" in diagnostic.message


def say_how(result: CompileResult, *, was_tried: bool = False) -> CompileResult:
    """Return *result*, which has errors, with a word on rustc at each of what is only not supported.

    Where rustc *was_tried* and refused it, too, the word is on what it said.
    """
    command = f"`btfview compile {shlex.quote(result.source.path)} --frontend rustc`"
    note = f"rustc refuses this source, too: {command} tells why" if was_tried else f"{NEEDS}: {command}"
    found = tuple(
        replace(one, notes=(*one.notes, note)) if says_unsupported(one) else one for one in result.diagnostics
    )
    return replace(result, diagnostics=found)
