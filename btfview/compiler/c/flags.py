"""Flags for clang: the user's, and those of a build that are meant for another compile than ours."""

from __future__ import annotations

import os

from btfview.errors import UsageError

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Sequence

_PATHS = ("-I", "-isystem", "-iquote", "-idirafter", "-include", "-imacros", "-isysroot", "-iprefix", "-F")
"""Flags whose value is a path, in the same word or the next."""
_WITH_VALUE = (*_PATHS, "-D", "-U", "-Xclang", "-mllvm", "-std", "--sysroot", "-iwithprefix")
_NOT_OURS = {
    "-o": "btfview compile has an -o of its own",
    "-c": "what is made is --emit's",
    "-S": "what is made is --emit's: --emit asm",
    "-E": "what is made is --emit's",
    "-emit-llvm": "what is made is --emit's: --emit ir",
    "-fsyntax-only": "btfview check does no more than say what is wrong",
    "-M": "included files are watched without it",
    "-MM": "included files are watched without it",
    "-MD": "included files are watched without it",
    "-MMD": "included files are watched without it",
    "-MF": "included files are watched without it",
    "-MT": "included files are watched without it",
    "-MQ": "included files are watched without it",
    "-MP": "included files are watched without it",
    "-MG": "included files are watched without it",
    "-MJ": "a compile_commands.json is read, not written",
    "-target": "it is BPF, of the byte order that --endian says",
    "--target": "it is BPF, of the byte order that --endian says",
    "-mcpu": "--cpu says it",
    "-mlittle-endian": "--endian says it",
    "-mbig-endian": "--endian says it",
    "-x": "the file's suffix says it",
    "-g0": "without debug info there are no records",
    "-###": "it compiles nothing",
}
"""What would change the output or the target, and what btfview has for it."""
_BUILD = (
    "-I",
    "-D",
    "-U",
    "-isystem",
    "-iquote",
    "-idirafter",
    "-include",
    "-imacros",
    "-isysroot",
    "--sysroot",
)
"""Of a build's flags those with a value that are kept."""
_BUILD_PLAIN = ("-std=", "-O", "-W", "-f", "-nostdinc", "-nostdlibinc", "-undef", "-ansi", "-pedantic", "-w")
"""Beginnings of those without one."""
_BUILD_LEFT = (
    "-Wp,", "-Wl,", "-Wa,", "-fplugin", "-fpass-plugin", "-fsyntax-only", "-flto", "-fsanitize", "-fsave-",
    "-foptimization-record", "-fmodule", "-ftime-trace", "-fstack-usage", "-fproc-stat-report", "-fprofile",
    "-fcrash-diagnostics", "-fcoverage", "-fcs-profile", "-fdump", "-fdiagnostics-format", "-fembed",
)  # fmt: skip
"""Exceptions: they write files, run code, or are for another target or step."""


def check_flags(flags: Sequence[str]) -> None:
    """Do nothing for flags that a compile for records can have.

    Raises:
        UsageError: one is no flag, lacks its value, or would change what is made; it names what to do.
    """
    rest = iter(flags)
    for flag in rest:
        name = flag.partition("=")[0]
        if reason := _NOT_OURS.get(name) or (_NOT_OURS.get("-o") if _is_output(flag) else None):
            raise UsageError(f"-- {flag}: clang's output and target are btfview's: {reason}")
        if not flag.startswith("-") or flag == "-":
            raise UsageError(f"-- {flag}: behind -- stand flags for clang; files stand before it")
        if flag in _WITH_VALUE and flag != "-std" and next(rest, None) is None:
            raise UsageError(f"-- {flag}: its value is missing")


def _is_output(flag: str) -> bool:
    return flag.startswith("-o") and not flag.startswith("-objc")


def has_target_arch(flags: Sequence[str]) -> bool:
    """Return whether *flags* say which ``__TARGET_ARCH_*`` is meant."""
    return any("__TARGET_ARCH_" in flag for flag in flags)


def build_flags(words: Sequence[str], folder: str) -> tuple[str, ...]:
    """Return those flags of a build's command *words* (without the compiler) that say what the source means,
    with paths taken from *folder*; the others are for what the build makes, on its target."""
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        flag, value = _split(word)
        if flag in _BUILD:
            given = next(rest, "") if value is None else value
            if given:
                kept += _spelled(
                    flag, _absolute(given, folder) if flag in _PATHS or flag == "--sysroot" else given
                )
        elif word.startswith("-mcpu=") or (
            word.startswith(_BUILD_PLAIN) and not word.startswith(_BUILD_LEFT)
        ):
            kept.append(word)
        elif word in ("-o", "-x", "-target", "-MF", "-MT", "-MQ", "-MJ", "-Xclang", "-mllvm", "-arch", "-T"):
            next(rest, None)
    return tuple(kept)


def _split(word: str) -> tuple[str, str | None]:
    """Return the flag and its value, None where that is the next word."""
    if word.startswith("--sysroot="):
        return "--sysroot", word[len("--sysroot=") :]
    for flag in sorted(_BUILD, key=len, reverse=True):
        if word == flag:
            return flag, None
        if word.startswith(flag) and flag != "--sysroot":
            return flag, word[len(flag) :]
    return word, None


def _spelled(flag: str, value: str) -> list[str]:
    if flag == "--sysroot":
        return [f"--sysroot={value}"]
    return [flag + value] if len(flag) == 2 else [flag, value]


def _absolute(path: str, folder: str) -> str:
    return path if path.startswith("=") else os.path.normpath(os.path.join(folder, path))
