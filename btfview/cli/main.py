"""The entry: which command, and how its errors end.

Only the command that runs is imported, and textual only by the screen: a lean command starts in 30 ms.
"""

from __future__ import annotations

import errno
import gc
import os
import sys

from btfview.errors import EXIT_FINE, EXIT_INTERNAL, EXIT_UNREADABLE, BtfviewError, error_text
from btfview.frozen import TYPE_CHECKING

from .commands import COMMANDS, load, make_parser
from .lean_arguments import LeanParser, NotPlainError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from typing import Any, TextIO

_EXIT_INTERRUPTED = 130
_CANNOT_WRITE = (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT, errno.EBADF)

HELP = """\
btfview: what did the compiler record, what will the loader write on that kernel, and why?

Usage: btfview [FILE...] [-t TARGET]...     open the screen (without a terminal: every pane as text)
       btfview COMMAND ...                  see btfview COMMAND --help

Commands:
{commands}
A FILE is a Rust (.rs), C (.c) or LLVM IR (.ll) source, LLVM bitcode, or a compiled BPF object.
A TARGET is a file that holds BTF (raw, an ELF file, a kernel image such as /boot/vmlinuz-*; packed or not),
a folder of such files and those below it, a quoted pattern, an atlas (FILE or FILE:PATTERN), @LIST (a file
with a target a line), the name of a bundled kernel, "running" for this machine's kernel, or KERNEL+MODULE.
btfview targets lists what is at hand.
Of a C source, flags for clang stand behind --: FILE -t TARGET -- -Iinclude -DX=1.

Examples:
  btfview demo                                     the screen, on a demo program
  btfview prog.bpf.o -t running -t vmlinux.btf     an object, on this kernel and another
  btfview relos prog.bpf.o -t 6.1.0-56-amd64       the same facts as text ...
  btfview relos prog.bpf.o -t running --json       ... or as JSON
  btfview compile prog.rs -o prog.o --cpu v4
  btfview types running task_struct

Options of the screen:
  -t, --target TARGET   resolve on this target; may be given several times
      --cpu v1..v4      BPF instruction set to compile for (default v3)
      --endian little|big
      --dialect auto|repr|option
      --frontend auto|builtin|rustc
      --bin, --example, --package NAME  of a Cargo project
      --config FILE     a project's configuration in place of the nearest btfview.toml upwards
      --isolated        no configuration, neither the project's nor your own
      --plain           every pane as linear text, for a screen reader or a pipe
      --fresh           as if nothing had been arranged on the screen before
  -h, --help            this text
      --debug FILE      write a log of what the screen does, for a report of a bug
      --version         the version, and those of Python, the packages and the kernel

Exit codes: 0 fine, 1 findings (a record fails on a target; what is compared differs), 2 usage,
3 input unreadable (the rest is done all the same), 4 compile failed, 70 internal error.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line *argv* (default: the process's) and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _replace_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")  # a glyph that the locale has not is no reason to fail
    stderr = sys.stderr
    sys.stderr = VisibleStream(stderr)
    try:
        return _run(arguments, ends_process=argv is None)
    finally:
        sys.stderr = stderr


class VisibleStream:
    """Text for *stream*, where control characters (of a path that is told, mostly) become Python escapes.

    Here, so that no message can forget it, argparse's among them.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        if not text.replace("\n", "").replace("\t", "").isprintable():
            from btfview.btf.format.spelling import visible

            lines = text.split("\n")
            text = "\n".join("\t".join(map(visible, line.split("\t"))) for line in lines)
        return self._stream.write(text)


def _run(arguments: list[str], *, ends_process: bool) -> int:
    """Run the command line *arguments* and return its exit code."""
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
        if ends_process:
            gc.freeze()  # the process ends: a last search for cycles would cost 1 ms
    except BrokenPipeError:
        # The reader (head, less) went away: not our error, and nothing more can be said to it.
        _silence(sys.stdout)
        return EXIT_FINE
    except KeyboardInterrupt:
        return _EXIT_INTERRUPTED
    except Exception as error:
        return _tell_error(error, arguments)
    return code


def _tell_error(error: Exception, arguments: list[str]) -> int:
    """Print what went wrong as one line (a bug of ours: a paragraph), and return its exit code."""
    if isinstance(error, BtfviewError):
        from btfview.btf.format.spelling import visible

        said, code = f"error: {visible(str(error))}", error.exit_code  # a line end in a path, too
    elif isinstance(error, OSError) and error.filename is None and error.errno in _CANNOT_WRITE:
        for stream in (sys.stdout, sys.stderr):  # either may be the one
            try:
                stream.flush()
            except OSError:
                _silence(stream)
        said, code = f"error: stdout cannot be written: {os.strerror(error.errno).lower()}", EXIT_UNREADABLE
    elif os.environ.get("BTFVIEW_TRACEBACK"):
        raise error
    elif isinstance(error, ModuleNotFoundError):
        from btfview.packages import missing_text

        said = f"error: {missing_text(error.name or '')}"
        code = EXIT_INTERNAL
    else:
        from btfview.btf.format.spelling import visible
        from btfview.session.crash_report import crash_text, write_crash_report

        report = write_crash_report(error, arguments)
        said = f"{visible(error_text(error))}\n{visible(crash_text(report))}"
        code = EXIT_INTERNAL
    try:
        print(f"btfview: {said}", file=sys.stderr, flush=True)
    except OSError:  # then the exit code says it alone
        _silence(sys.stderr)
    return code


def _replace_closed_streams() -> None:
    """Put ``/dev/null`` where the caller closed stdin, stdout or stderr (``>&-``): the next file to be opened
    would take the place, and be written to."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115


def _silence(stream: TextIO) -> None:
    """Drop what is still to be written, or Python would complain of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _dispatch(arguments: list[str]) -> int:
    first = arguments[0] if arguments else ""
    if first in COMMANDS:
        return _run_command(first, arguments[1:])
    if first in ("-h", "--help", "help"):
        commands = "".join(f"  {name:<12} {summary}\n" for name, summary in COMMANDS.items())
        print(HELP.format(commands=commands), end="")
        return EXIT_FINE
    if first == "--version":
        from btfview.versions import version_lines

        print("\n".join(version_lines()))
        return EXIT_FINE
    return _run_command("screen", arguments)


def _run_command(name: str, arguments: list[str]) -> int:
    if name != "screen":
        # A command makes many small objects and ends soon; looking for cycles would cost 5 ms.
        gc.disable()
    command = load(name)
    args: Any
    lean: Any = LeanParser()
    command.add_arguments(lean)
    flags: list[str] = []
    if "--" in arguments and lean.takes("--cpu"):  # it compiles: behind -- may stand flags for clang
        at = arguments.index("--")
        if arguments[at + 1 : at + 2] and arguments[at + 1].startswith("-"):
            arguments, flags = arguments[:at], arguments[at + 1 :]
    try:
        args = lean.parse_args(arguments)
    except NotPlainError:
        args = None
    try:
        args = args or _parse_with_argparse(name, arguments)
    except SystemExit as exit_:  # argparse has said what is wrong, or printed the help
        return exit_.code if isinstance(exit_.code, int) else EXIT_FINE
    args.flags, args.configured_flags = flags, []
    if name != "screen" and hasattr(args, "frontend"):
        from .first_build import say_first_build

        say_first_build(args)
    color = getattr(args, "color", "never")
    if color == "never" or (color == "auto" and not sys.stdout.isatty()) or name == "check":
        return command.run(args)  # check has colours of its own
    from .color import has_json, in_colour

    with in_colour("never" if has_json(args) else color, name):
        return command.run(args)


def _parse_with_argparse(name: str, arguments: list[str]) -> Namespace:
    parser = make_parser(name)
    # Options may stand between FILE and NAME; completion's SHELL or --targets is beyond that method.
    return (parser.parse_args if name == "completion" else parser.parse_intermixed_args)(arguments)
