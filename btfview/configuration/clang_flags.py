"""Which flags for clang a project's file may give: those that say what a source means.

A project's file may be a stranger's: none that runs code (``-fplugin``, ``-Xclang -load``, ``-B``), writes a
file (``-o``, ``-MF``, ``-foptimization-record-file``) or reads further flags (``@FILE``, ``--config``) is.
"""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PATHS = ("-I", "-isystem", "-iquote", "-idirafter", "-include", "-imacros")
"""Flags whose value is a path, in the same word or the next."""
_WITH_VALUE = (*PATHS, "-D", "-U")
_PLAIN = ("-std=c", "-std=gnu", "-fno-builtin", "-fms-extensions", "-fshort-enums")
_WHOLE = (
    "-funsigned-char",
    "-fwrapv",
    "-g",
    "-O1",
    "-O2",
    "-O3",
    "-Os",
    "-w",
    "-ansi",
    "-pedantic",
    "-nostdinc",
)
_NO_WARNING = ("-Wp,", "-Wl,", "-Wa,")
ALLOWED = (
    "-I, -isystem, -iquote, -idirafter, -include, -imacros, -D, -U, -std=, -O1 to -O3, -W and a few of -f"
)


def refused(flags: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the index of each flag that a project's file may not give, and why."""
    rest = iter(enumerate(flags))
    for index, flag in rest:
        name, value = split_flag(flag)
        if name:
            if not value and next(rest, None) is None:
                yield index, f"{flag} lacks its value"
        elif not _is_plain(flag):
            yield index, f"a project may not give clang {flag}; it may give {ALLOWED}"


def _is_plain(flag: str) -> bool:
    is_warning = flag.startswith("-W") and not flag.startswith(_NO_WARNING)
    return flag in _WHOLE or is_warning or (flag.startswith(_PLAIN) and "/" not in flag)


def split_flag(flag: str) -> tuple[str, str]:
    """Return a flag that has a value, and that, empty where it is the next word; for others nothing.

    >>> split_flag("-Iinclude"), split_flag("-isystem"), split_flag("-Wall")
    (('-I', 'include'), ('-isystem', ''), ('', ''))
    """
    for name in sorted(_WITH_VALUE, key=len, reverse=True):
        if flag.startswith(name):
            return name, flag[len(name) :]
    return "", ""
