"""``btfview doctor``: what works on this machine, and what to do about the rest."""

from __future__ import annotations

import os
import re
import sys
from enum import StrEnum

from btfview.cli.color import terminal_width
from btfview.errors import BtfviewError, CompilerError
from btfview.fitted import beside
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.packages import PACKAGES, install_command, wanted_versions

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from btfview.packages import Package

EXAMPLES = """\
  btfview doctor                                every check, and what to do where one fails
  btfview doctor --json | jq '.checks[] | select(.status != "fine")'
"""
_SIGNS = {"fine": "✔", "limited": "!", "failed": "✖"}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON (schema_version 1)")


def run(args: Namespace) -> int:
    """Print the checks; return 1 if something fails that btfview cannot do without."""
    from btfview.btf.format.spelling import visible
    from btfview.cli.output import print_json

    checks = check_all(this_terminal(), os.environ)
    if args.json:
        found = list(checks)
        facts = [
            {
                "name": one.name,
                "status": one.status,
                "finding": one.finding,
                "advice": one.advice or None,
            }
            for one in found
        ]
        print_json({"schema_version": 1, "checks": facts})
    else:
        found, width = [], terminal_width()
        for one in checks:  # one by one: some take a moment
            found.append(one)
            print(beside(f"{_SIGNS[one.status]} {one.name:<17} ", visible(one.finding), width), flush=True)
            if one.advice:
                print(beside(f"  {'':<17} → ", visible(one.advice), width), flush=True)
        failed, limited = (sum(one.status == status for one in found) for status in (FAILED, LIMITED))
        said = f"{failed} of {len(found)} checks failed" if failed else "all that btfview needs is here"
        print(f"\n{said}{f'; {limited} with limits' if limited else ''}")
        if missing := missing_packages(found):
            print(beside("", f"what is not installed comes with: {install_command(*missing)}", width))
    return int(any(one.status == FAILED for one in found))


class Health(StrEnum):
    FINE = "fine"
    LIMITED = "limited"
    """Something works less well, or not at all, and btfview does without it."""
    FAILED = "failed"


FINE, LIMITED, FAILED = Health
OLDEST_PYTHON = (3, 11)
_OF_COMPILER = ("llvmlite", "tree_sitter", "tree_sitter_rust")
_SECONDS = 20
"""A program that is asked for its version may take so many."""
_LLVM_VERSION = "import llvmlite.binding as llvm; print('.'.join(map(str, llvm.llvm_version_info)))"
_PROBE = """\
#![feature(btf_relocations)]
#![no_std]
#[repr(Btf)]
pub struct probe {
    field: u32,
}
#[no_mangle]
pub fn exists() -> bool {
    core::btf::field_exists!(probe, field)
}
"""
_CLIPBOARD = {
    "kitty": True,
    "alacritty": True,
    "foot": True,
    "WezTerm": True,
    "ghostty": True,
    "vscode": True,
    "Apple_Terminal": False,
}
"""Terminals that take a copy (OSC 52) without being told to, and one that never does, by the first word of
TERM or by TERM_PROGRAM."""
_SMALL, _ROOMY = (80, 24), (100, 28)
"""Columns and lines that a pane needs to be readable, and all panes to stand side by side."""


@frozen
class Check:
    """One line of ``btfview doctor``, and what to do about it."""

    name: str
    status: Health
    finding: str
    advice: str = ""
    """What to do; empty where nothing is to be done."""


@frozen
class Terminal:
    """What a command knows of the terminal that it runs in."""

    is_terminal: bool
    columns: int
    lines: int
    encoding: str
    """Of stdout."""


def this_terminal() -> Terminal:
    """Return the terminal of this process; without one, 0 columns and lines."""
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    columns, lines = os.get_terminal_size() if is_terminal else (0, 0)
    return Terminal(is_terminal, columns, lines, sys.stdout.encoding or "ascii")


def check_all(terminal: Terminal, environ: Mapping[str, str]) -> Iterator[Check]:
    """Yield every check; none of them uses the net, and none raises."""
    yield _check_python(sys.version_info[:3])
    wanted = wanted_versions()
    for package in PACKAGES:
        yield _check_package(package, wanted.get(package.name, ""))
    yield _guarded("compiler", _check_compiler)
    yield _guarded("C compiler", _check_clang, LIMITED)
    yield _guarded("bundled kernels", _check_bundled)
    yield _guarded("demo programs", _check_demo, LIMITED)
    yield _guarded("running kernel", _check_running, LIMITED)
    yield _guarded("screen", _check_screen)
    yield _guarded("cache", _check_cache, LIMITED)
    yield _check_folder(
        "recent files", _state_folder(), "the list of files opened lately is not kept", "XDG_STATE_HOME"
    )
    yield from check_terminal(terminal, environ)


def _guarded(name: str, check: Callable[[], Check], status: Health = FAILED) -> Check:
    try:
        return check()
    except (BtfviewError, OSError) as error:
        return Check(name, status, str(error))
    except ImportError as error:
        return Check(name, status, f"not tried: {error}", "install what is missing above")


def _check_python(version: tuple[int, ...]) -> Check:
    text = ".".join(map(str, version))
    if tuple(version[:2]) < OLDEST_PYTHON:
        return Check("Python", FAILED, text, "install Python 3.11 or newer")
    return Check("Python", FINE, f"{text}, {sys.executable}")


def _check_package(package: Package, wanted: str) -> Check:
    from importlib.metadata import PackageNotFoundError, version

    name, install = package.name, install_command(package.name)
    try:
        found = version(name)
    except PackageNotFoundError:
        status = FAILED if package.is_for_all else LIMITED
        return Check(name, status, f"not installed: {package.missing}", install)
    for sign, bound in re.findall(r"(>=|<)\s*([\d.]+)", wanted):
        if sign == ">=" and _numbers(found) < _numbers(bound):
            return Check(name, FAILED, f"{found} is too old: btfview needs {bound} or newer", install)
        if sign == "<" and _numbers(found) >= _numbers(bound):
            return Check(name, LIMITED, f"{found}: btfview was made for versions before {bound}", install)
    return Check(name, FINE, found)


def missing_packages(checks: Iterable[Check]) -> tuple[str, ...]:
    """Return the packages that *checks* found missing."""
    names = {package.name for package in PACKAGES}
    return tuple(one.name for one in checks if one.name in names and one.finding.startswith("not installed"))


def _numbers(version: str) -> tuple[int, ...]:
    """Return what versions are compared by.

    >>> _numbers("0.24.1") < _numbers("0.25"), _numbers("2.0rc1"), _numbers("8.2") == _numbers("8.2.0")
    (True, (2,), True)
    """
    numbers = [int(part) for part in re.findall(r"\d+", re.split(r"[^\d.]", version)[0])]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _check_compiler() -> Check:
    """Compile a program with one query, and look for its record: that LLVM is there is not enough."""
    from importlib.util import find_spec

    from btfview.analysis.analyse import analyse
    from btfview.source import Source

    name = "compiler"
    for package in PACKAGES:
        if package.module in _OF_COMPILER and find_spec(package.module) is None:
            return Check(name, LIMITED, f"not tried: {package.name} is not installed", "see above")
    analysis = analyse("probe.rs", source=Source("probe.rs", _PROBE))
    version = _ask_python(_LLVM_VERSION) or "of unknown version"
    errors = [one.message for one in analysis.diagnostics if one.is_error]
    if errors:
        return Check(name, FAILED, f"LLVM {version}: {errors[0]}", "pip install --force-reinstall llvmlite")
    if [linked.relo.kind_label for linked in analysis.relos] != ["field_exists"]:
        advice = "report this, with the output of pip list"
        return Check(name, FAILED, f"LLVM {version} wrote no relocation record", advice)
    return Check(name, FINE, f"LLVM {version} makes BPF objects with relocations from Rust and IR")


def _check_clang() -> Check:
    from btfview.compiler.c.clang import CLANG_VARIABLE, find_clang

    name = "C compiler"
    install = f"for C: apt install clang, dnf install clang, pip install ziglang, or set {CLANG_VARIABLE}"
    try:
        clang = find_clang()
    except CompilerError as error:
        return Check(name, LIMITED, str(error), f"give a path, or unset {CLANG_VARIABLE}")
    if clang is None:
        return Check(name, LIMITED, "none found; Rust and IR need none", install)
    said = _ask([*clang.command, "--version"])
    if said is None:
        return Check(name, LIMITED, f"{clang.command[0]} does not run", install)
    version = said.split("\n", 1)[0]
    targets = "bpf" if clang.is_zig else _ask([*clang.command, "--print-targets"]) or ""
    if "bpf" not in targets:
        return Check(name, LIMITED, f"{clang.name}: {version}, without the BPF target", install)
    return Check(name, FINE, f"{clang.name}: {version}")


def _check_bundled() -> Check:
    from btfview.targets.kernels import bundled_targets

    targets = bundled_targets()
    for target in targets:
        _ = target.btf
        target.forget()
    if not targets:
        return Check("bundled kernels", FAILED, "none in this installation", "install btfview again")
    return Check("bundled kernels", FINE, ", ".join(target.name for target in targets))


def _check_demo() -> Check:
    from btfview.session.demo import demo_path

    path = demo_path()
    if path is None:
        return Check("demo programs", LIMITED, "not in this installation", "install btfview again")
    return Check("demo programs", FINE, os.path.dirname(path) or ".")


def _check_running() -> Check:
    from btfview.targets.kernels import THIS_MACHINE

    name = "running kernel"
    target = THIS_MACHINE.running_kernel()
    if target is None:
        return Check(
            name,
            LIMITED,
            f"{os.uname().release} shows no BTF",
            f"for -t running a kernel with CONFIG_DEBUG_INFO_BTF=y is needed ({THIS_MACHINE.sysfs_vmlinux})",
        )
    count = target.btf.type_count
    target.forget()
    return Check(name, FINE, f"{target.name}: {count} types, {target.path}")


def _check_screen() -> Check:
    """Only the screen imports Textual, so another process does it."""
    if _ask_python("import btfview.tui.app") is None:
        return Check("screen", FAILED, "it cannot be loaded", "pip install --force-reinstall textual")
    return Check("screen", FINE, "loads")


def _check_cache() -> Check:
    from btfview.targets.cache import VARIABLE, state

    cache, slower = state(), "a packed kernel is unpacked each time it is opened"
    if not cache.limit:
        return Check("cache", LIMITED, f"turned off: {slower}", f"unset {VARIABLE} to turn it on")
    return _check_folder("cache", cache.folder, slower, "XDG_CACHE_HOME")


def _state_folder() -> str:
    from btfview.session.recent import state_folder

    return state_folder()


def _check_folder(name: str, folder: str, loss: str, variable: str) -> Check:
    there = folder
    while not os.path.exists(there) and os.path.dirname(there) != there:
        there = os.path.dirname(there)
    if os.path.isdir(there) and os.access(there, os.W_OK | os.X_OK):
        return Check(name, FINE, folder)
    return Check(name, LIMITED, f"{folder} cannot be written: {loss}", f"set {variable} to a folder that can")


# -- the terminal ----------------------------------------------------------------------------


def check_terminal(terminal: Terminal, environ: Mapping[str, str]) -> Iterator[Check]:
    """Yield what the screen will find; without a terminal only that there is none."""
    kind = environ.get("TERM", "")
    if not terminal.is_terminal:
        said = "none here (stdin or stdout is no terminal): commands work, the screen does not open"
        yield Check("terminal", LIMITED, said, "run btfview doctor in the terminal itself to check it")
        return
    if kind in ("", "dumb", "unknown"):
        said = f"TERM is {kind or 'not set'}: the screen cannot draw"
        yield Check("terminal", LIMITED, said, "set TERM, for instance TERM=xterm-256color")
    else:
        program = environ.get("TERM_PROGRAM", "")
        yield Check("terminal", FINE, f"TERM={kind}{f', {program}' if program else ''}")
    yield _check_size(terminal)
    yield _check_colours(environ, kind)
    yield _check_glyphs(terminal)
    yield _check_clipboard(environ, kind)


def _check_size(terminal: Terminal) -> Check:
    said = f"{terminal.columns} x {terminal.lines}"
    if terminal.columns < _SMALL[0] or terminal.lines < _SMALL[1]:
        return Check("size", LIMITED, said, "80 x 24 is the least in which a pane is readable")
    if terminal.columns < _ROOMY[0] or terminal.lines < _ROOMY[1]:
        return Check("size", FINE, f"{said}: panes are tabs; from 100 x 28 on all are on show")
    return Check("size", FINE, said)


def _check_colours(environ: Mapping[str, str], kind: str) -> Check:
    if environ.get("NO_COLOR"):
        return Check("colours", LIMITED, "NO_COLOR is set: black and white", "unset NO_COLOR for colours")
    if environ.get("COLORTERM") in ("truecolor", "24bit"):
        return Check("colours", FINE, "16 million")
    if "256" in kind or "kitty" in kind or "direct" in kind:
        advice = "if the terminal has 16 million: export COLORTERM=truecolor"
        return Check("colours", FINE, "256 (COLORTERM is not truecolor)", advice)
    return Check(
        "colours", LIMITED, f"16, as far as TERM={kind} tells", "export TERM=xterm-256color, if it is true"
    )


def _check_glyphs(terminal: Terminal) -> Check:

    from btfview.analysis.result import CellState

    glyphs = "".join(state.glyph for state in CellState)
    try:
        f"{glyphs}│─".encode(terminal.encoding)
    except (UnicodeEncodeError, LookupError):
        return Check("characters", LIMITED, f"{terminal.encoding} has no {glyphs}", "export LC_ALL=C.UTF-8")
    return Check("characters", FINE, f"{terminal.encoding} ({glyphs})")


def _check_clipboard(environ: Mapping[str, str], kind: str) -> Check:
    """A terminal does not answer whether it takes OSC 52; what is known of its name must do."""
    if environ.get("TMUX"):
        setting = _ask(["tmux", "show-options", "-gv", "set-clipboard"])
        if setting == "on":
            return Check("clipboard", FINE, "tmux passes copies on to the terminal (set-clipboard on)")
        said = f"tmux keeps copies to itself (set-clipboard {setting or 'unknown'})"
        return Check("clipboard", LIMITED, said, "tmux set -g set-clipboard on")
    if environ.get("STY"):
        return Check(
            "clipboard", LIMITED, "GNU screen passes no copies on", "y and Y need tmux or no multiplexer"
        )
    names = (environ.get("TERM_PROGRAM", ""), kind.removeprefix("xterm-").partition("-")[0])
    known = next((_CLIPBOARD[name] for name in names if name in _CLIPBOARD), None)
    if known or environ.get("WT_SESSION"):
        return Check("clipboard", FINE, "this terminal takes copies (OSC 52)")
    if known is None:
        said = "not known whether this terminal takes copies (OSC 52): try y"
        return Check(
            "clipboard", FINE, said, "xterm: disallowedWindowOps without SetSelection; iTerm2: a setting"
        )
    return Check(
        "clipboard", LIMITED, "this terminal takes no copies (OSC 52)", "select with shift and the mouse"
    )


def _ask_python(code: str) -> str | None:
    """Return what *code* prints in a process that finds the same packages as this one."""
    import btfview

    # An editable installation is found by a hook, which is not there without site.
    own = os.path.dirname(os.path.dirname(os.path.abspath(btfview.__file__)))
    path = [own, *(folder for folder in sys.path if os.path.isabs(folder))]
    return _ask([sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:] = {path!r}; {code}"])


def _ask(command: list[str]) -> str | None:
    """Return what a program prints, None if it cannot be run or fails."""
    import subprocess

    try:
        run = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return run.stdout.strip()
