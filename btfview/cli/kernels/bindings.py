"""``btfview bindings``: code for fields of a kernel, in Rust or in C."""

from __future__ import annotations

import os
import sys

from btfview.cli.arguments import add_target_argument, open_targets
from btfview.cli.fleet import add_fleet_arguments, chosen, wanted_architectures
from btfview.cli.output import STDOUT, write_output
from btfview.errors import EXIT_UNREADABLE, InputError, UnreadableFileError, UsageError, reason_of
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from btfview.targets.target import Target

EXAMPLES = """\
  btfview bindings task_struct.se.vruntime task_struct.pid -t running
  btfview bindings task_struct.state -t 5.10.0-46-amd64 -t 6.1.0-56-amd64    renamed in between
  btfview bindings 'mm_struct.rss_stat[1].count' -t running --dialect option
  btfview bindings sock.__sk_common.skc_family -t btfs/ -o sock.rs           for a folder of kernels
  btfview bindings task_struct.state -t btfs/ --lang c -o task_state.h       with libbpf's macros
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        metavar="TYPE.path",
        nargs="+",
        help="a field, as in task_struct.se.vruntime; with --lang c also a type, or ENUM::VALUE",
    )
    add_target_argument(parser)
    add_fleet_arguments(parser, by_default=False)
    parser.add_argument(
        "--lang",
        choices=("rust", "c"),
        default="rust",
        help="rust (default), or c: compiled with clang, and resolved on the targets, before it is written",
    )
    parser.add_argument(
        "--dialect",
        choices=("repr", "option"),
        help="of Rust's queries: #[repr(Btf)] (default), or #[btf_relocatable] with Option",
    )
    parser.add_argument(
        "-o", "--output", metavar="OUT", default=STDOUT, help="file to write (default stdout)"
    )


def run(args: Namespace) -> int:
    """Write the source; what a user should know of it goes to stderr. Return 3 if a target cannot be read:
    then it is for the others."""
    from btfview.bindings import c, rust
    from btfview.bindings.make import make_bindings
    from btfview.btf.format.spelling import visible
    from btfview.targets.kernels import THIS_MACHINE

    if args.lang == "c" and args.dialect:
        raise UsageError("--dialect is of Rust, and --lang c asks for C: leave one of them out")
    targets = chosen(open_targets(args.target), wanted_architectures(args.arch), args.exclude)
    if not args.target:
        running = THIS_MACHINE.running_kernel()
        if running is None:
            raise UsageError("the running kernel shows no BTF: name a kernel with -t")
        targets = [running]
    usable = [target for target in targets if _is_readable(target)]
    if not usable:
        return EXIT_UNREADABLE
    bindings = make_bindings(args.paths, usable, "c" if args.lang == "c" else args.dialect or "repr")
    if args.output != STDOUT:
        _refuse_foreign(args.output, (rust.HEADING, c.HEADING))
    write_output(args.output, bindings.text.encode(), inputs=[file for one in targets for file in one.files])
    for note in bindings.notes:
        print(f"btfview: note: {visible(note)}", file=sys.stderr)
    return 0 if len(usable) == len(targets) else 3


def _is_readable(target: Target) -> bool:
    """Tell whether the BTF of *target* can be read; if not, say why on stderr. A kernel of an atlas is not
    read for that: what is asked of it is found by name."""
    from btfview.btf.format.spelling import visible

    if target.can_share:
        return True
    try:
        _ = target.btf
    except InputError as error:
        print(f"btfview: error: {visible(str(error))}", file=sys.stderr)
        return False
    return True


def _refuse_foreign(path: str, headings: tuple[str, ...]) -> None:
    """Do nothing where *path* is new, or was made by this command.

    Raises:
        UsageError: somebody wrote it.
        UnreadableFileError: it cannot be read.
    """
    if not os.path.exists(path):
        return
    try:
        with open(path, "rb") as file:
            start = file.read(max(map(len, headings)))
    except OSError as error:
        raise UnreadableFileError(reason_of(error), path=path) from error
    if start and not start.startswith(tuple(heading.encode() for heading in headings)):
        raise UsageError(f"{path} exists and was not made by btfview bindings; give another name with -o")
