"""What cargo calls in place of rustc: the same rustc, with IR beside what cargo asks for.

``cargo check`` has everything compiled that a build needs and nothing linked. A crate that is checked gets
its IR written next to its metadata; build scripts and procedural macros, which run here, are left alone.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Sequence

STAND_INS_VARIABLE = "BTFVIEW_STAND_INS"
"""Where the stand-ins are: a path for each dialect, ``repr`` first, with a colon between them."""
DIALECT_VARIABLE = "BTFVIEW_DIALECT"
PROGRAM_VARIABLE = "BTFVIEW_PROGRAM"
"""The file that the program begins in which is wanted."""
_CHECKED = "--emit=dep-info,metadata"
MIRRORS = "btfview-sources"
"""Folder beside the output of a crate that its rewritten sources are in, by the name of that output."""


def main(argv: Sequence[str]) -> int:
    """Run ``argv[0]``, which is rustc, with the rest; return its exit code."""
    rustc, arguments = argv[0], list(argv[1:])
    if _CHECKED not in arguments or "proc-macro" in arguments:
        os.execv(rustc, [rustc, *arguments])  # noqa: S606
    from btfview.compiler.rustc.crate_sources import is_own, mirror, needs_rewriting, read_text, sources_under
    from btfview.compiler.rustc.flags import CODEGEN, LINTS
    from btfview.compiler.rustc.rewriting.rewrite import STAND_IN

    root = next(
        (index for index, word in enumerate(arguments) if word.endswith(".rs") and word[0] != "-"), -1
    )
    folder = os.path.dirname(os.path.abspath(arguments[root])) if root >= 0 else ""
    output = _after(arguments, "--out-dir")
    name = _after(arguments, "--crate-name") + _codegen(arguments, "extra-filename")
    repr_path, option_path = os.environ[STAND_INS_VARIABLE].split(os.pathsep)
    arguments[arguments.index(_CHECKED)] = f"{_CHECKED},llvm-ir"
    copy = ""
    texts = (read_text(os.path.join(folder, path)) for path in sources_under(folder)) if folder else iter(())
    own = is_own(folder)
    if root >= 0 and os.path.abspath(arguments[root]) == os.environ.get(PROGRAM_VARIABLE):
        arguments.append("-Clink-dead-code")  # what is `pub` stays, also where no other crate can name it
    if any(text is not None and needs_rewriting(text, is_own=own) for text in texts):
        copy = os.path.join(output, MIRRORS, name)
        changed = mirror(folder, copy)
        markers = {struct.marker for one in changed for struct in one.marked}
        dialect = os.environ.get(DIALECT_VARIABLE, "auto")
        if dialect == "auto":
            dialect = "option" if markers == {"btf_relocatable"} else "repr"
        arguments[root] = os.path.join(copy, os.path.basename(arguments[root]))
        arguments += [f"--remap-path-prefix={copy}={folder}"]
        arguments += [f"--extern={STAND_IN}={option_path if dialect == 'option' else repr_path}"]
    arguments += [
        *(f"-Ldependency={os.path.dirname(path)}" for path in (repr_path, option_path)),
        *CODEGEN,
        *LINTS,
    ]
    # `subprocess` takes longer to import than all else here.
    pid = os.posix_spawnp(rustc, [rustc, *arguments], os.environ)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if copy and not code:
        _name_originals(os.path.join(output, f"{name}.d"), copy, folder)
    return code


def _name_originals(path: str, copy: str, folder: str) -> None:
    """Have cargo read in *path* that the crate's own files are what it is made of."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(copy, folder))


def _after(arguments: Sequence[str], option: str) -> str:
    for index, word in enumerate(arguments[:-1]):
        if word == option:
            return arguments[index + 1]
    return ""


def _codegen(arguments: Sequence[str], option: str) -> str:
    for index, word in enumerate(arguments):
        value = word.removeprefix("-C") or (arguments[index + 1] if index + 1 < len(arguments) else "")
        if word.startswith("-C") and value.strip().startswith(f"{option}="):
            return value.strip().partition("=")[2]
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
