"""The command that shows in a terminal what the screen shows."""

from __future__ import annotations

import shlex

from btfview.compiler.options import CompileOptions
from btfview.core_relo.loaders.names import LIBBPF
from btfview.frozen import TYPE_CHECKING
from btfview.source import language_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.targets.target import Target

_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\x1b": "\\e"}


def explain_command(
    path: str, relo_index: int, target: Target | None, options: CompileOptions, loader: str = LIBBPF
) -> str:
    """Return ``btfview explain FILE --relo N -t T``, quoted for a POSIX shell, with the options that
    differ from the defaults."""
    by = ["--loader", loader] if loader != LIBBPF else []
    return _command("explain", path, ["--relo", str(relo_index), *by], target, options)


def demands_command(path: str, target: Target | None, options: CompileOptions) -> str:
    """Return ``btfview demands FILE -t T``, as :func:`explain_command` does."""
    return _command("demands", path, [], target, options)


def _command(
    name: str, path: str, rest: Sequence[str], target: Target | None, options: CompileOptions
) -> str:
    words = ["btfview", name, f"./{path}" if path.startswith("-") else path, *rest]
    if target is not None:
        words += ["-t", target_spec(target)]
    default = CompileOptions()
    for option in ("cpu", "endian", "dialect", "frontend"):
        if getattr(options, option) != getattr(default, option):
            words += [f"--{option}", getattr(options, option)]
    if options.program:
        kind, _, program = options.program.partition(":")
        words += [f"--{kind}", program]
    for module in options.link:
        words += ["--link", module]
    flags = options.clang_flags if language_of(path) == "c" else options.flags
    if flags:
        words += ["--", *flags]
    return " ".join(map(quote, words))


def target_spec(target: Target) -> str:
    """Return what ``-t`` must be given for *target*."""
    if target.base is not None:
        return f"{target_spec(target.base)}+{target.path}"
    return {"running": "running", "bundled": target.name}.get(target.origin, target.path)


def quote(word: str) -> str:
    """Return *word* as a shell reads it back; what is not printable becomes an escape, so that a paste into
    a terminal types no control character (``$'...'``: bash, zsh, POSIX 2024).

    >>> print(quote("a.rs"), quote("a b.rs"), quote("a\\x1b[2J.rs"))
    a.rs 'a b.rs' $'a\\e[2J.rs'
    """
    if word.isprintable():
        return shlex.quote(word)
    return "$'" + "".join(map(_escape, word)) + "'"


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    # Octal, which ends after three digits; a hexadecimal escape would go on into what follows.
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))
