"""One line of ``btfview check``."""

from __future__ import annotations

from btfview.frozen import frozen

ERRORS, WARNINGS, NOTES = "error", "warning", "note"


@frozen
class Finding:
    """One line of ``btfview check``."""

    severity: str
    """``error``: it does not compile, or loader or kernel refuse it; ``warning``; ``note``."""
    code: str
    """rustc's code or clang's flag, a lint's name, or ``missing``, ``ambiguous``, ``refused``, ``malformed``,
    ``never there``, ``another thing``, the kind of a demand; empty where a message has none."""
    message: str
    hint: str
    """What to write instead, or to do; may be empty."""
    file: str
    """The source as the compiler knew it; the object where it says nothing about its source."""
    line: int
    """From 1; 0 where the place is not known."""
    column: int
    """From 1; 0 where the compiler recorded none."""
    targets: tuple[str, ...] = ()
    """On which it is so; none for what is wrong on every target."""
    relo: int | None = None
    """The record, as ``btfview relos`` counts."""
    program: str = ""
    """The function that it is in; empty where it is none's, or not known."""
    subject: str = ""
    """What it is about, without kernels and places: a record's kind and path, ``helper bpf_loop``. The same
    after an edit elsewhere; empty where the message is all there is."""
    listed: str = ""
    """The targets as they stand in the message, for who writes them in another way."""
