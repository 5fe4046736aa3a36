"""``btfview extract``: the raw BTF out of whatever holds it."""

from __future__ import annotations

import sys

from ..errors import UsageError
from ..record import TYPE_CHECKING
from .output import STDOUT, write_output

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  btfview extract /boot/vmlinuz-6.1.0-56-amd64 -o 6.1.btf
  btfview extract 5.4.0-1009-aws.btf.tar.xz > aws.btf
  btfview extract running+loop -o loop.btf      split BTF: bpftool btf dump -B KERNEL file loop.btf
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "target",
        metavar="TARGET",
        help='a kernel image, an ELF file, packed BTF, a bundled kernel, "running", or KERNEL+MODULE',
    )
    parser.add_argument(
        "-o", "--output", metavar="OUT", default=STDOUT, help="file to write; - is stdout (the default)"
    )


def run(args: Namespace) -> int:
    """Write the BTF as ``/sys/kernel/btf`` shows it: of a module its own part, which stands on its kernel."""
    from ..targets.find import open_target

    if args.output == STDOUT and sys.stdout.isatty():
        raise UsageError("BTF is binary, and stdout is a terminal; name a file with -o, or redirect")
    target = open_target(args.target)
    write_output(args.output, target.btf.data, source=target.path)
    return 0
