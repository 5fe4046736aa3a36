"""``btfview extract``: the raw BTF out of whatever holds it, or a BPF object out of an executable."""

from __future__ import annotations

import sys

from btfview.cli.output import STDOUT, write_output
from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  btfview extract /boot/vmlinuz-6.1.0-56-amd64 -o 6.1.btf
  btfview extract 5.4.0-1009-aws.btf.tar.xz > aws.btf
  btfview extract /usr/sbin/opensnoop --object 1 -o opensnoop.bpf.o
  btfview extract running+loop -o loop.btf      split BTF: bpftool btf dump -B KERNEL file loop.btf
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "target",
        metavar="TARGET",
        help='a kernel image, an ELF file, packed BTF, a bundled kernel, "running", or KERNEL+MODULE',
    )
    parser.add_argument(
        "--object",
        metavar="N",
        type=int,
        help="the Nth BPF object in an executable that carries them for its loader, from 1, in place of BTF",
    )
    parser.add_argument(
        "-o", "--output", metavar="OUT", default=STDOUT, help="file to write; - is stdout (the default)"
    )


def run(args: Namespace) -> int:
    """Write the BTF as ``/sys/kernel/btf`` shows it: of a module its own part, which stands on its kernel."""
    if args.output == STDOUT and sys.stdout.isatty():
        raise UsageError("this is binary, and stdout is a terminal; name a file with -o, or redirect")
    if args.object is not None:
        write_output(args.output, _embedded_object(args.target, args.object), inputs=(args.target,))
        return 0
    from btfview.targets.find import open_target

    target = open_target(args.target)
    write_output(args.output, target.btf.data, inputs=target.files)
    return 0


def _embedded_object(path: str, number: int) -> bytes:
    from btfview.bpf.embedded import find_embedded_objects
    from btfview.inputs import MAX_CARRIER, read_input

    found = find_embedded_objects(read_input(path, MAX_CARRIER))
    if not 1 <= number <= len(found):
        counted = f"there are {len(found)}, counted from 1" if found else "there is none"
        raise UsageError(f"{path}: no BPF object {number} in this file: {counted}")
    return found[number - 1].data
