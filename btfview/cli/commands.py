"""Which commands there are, and where each stands."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any, Protocol

    class Command(Protocol):
        EXAMPLES: str

        def add_arguments(self, parser: ArgumentParser) -> None: ...

        def run(self, args: Namespace) -> int: ...


COMMANDS = {
    "relos": "list the relocation records of a program, and what they become on targets",
    "explain": "say why a record has the value it has, or none; decode a loader's log",
    "check": "tell what keeps programs from loading on targets: for CI and reviews",
    "report": "write one HTML file that shows a program on every kernel",
    "rule": "list what check can find, or say what one rule means",
    "schema": "print the JSON schema of what a command prints",
    "config": "show the project's configuration, check it, or begin one",
    "keys": "list the keys of the screen by the names of their actions, as they are in force",
    "fix": "mend what fails on targets: a diff that has been compiled and resolved",
    "demands": "list what a program asks of a kernel beside its records, and whether it loads",
    "compile": "compile a source to a BPF object, to LLVM IR or to assembly",
    "verify": "load programs into the running kernel and show its verdict (root or CAP_BPF)",
    "types": "show structs of an object or a kernel, with offsets and sizes",
    "targets": "list the kernels that are at hand, or look at others",
    "atlas": "keep thousands of kernels in one file, each type once: build, add, list, show, verify, extract",
    "minimize": "write of kernels no more BTF than programs' relocations need: a file, a folder, an atlas",
    "extract": "write the raw BTF of a kernel image, a module or a packed file",
    "disasm": "show the instructions beside source and records, on a target before and after",
    "diff": "tell what differs between two programs, or between types of two kernels",
    "patch": "write an object with its relocations applied for a target",
    "bindings": "write Rust or C that reads fields of a kernel: structs, and a function for each field",
    "demo": "open the screen on a demo program, list them, or copy one",
    "record": "record the screen while keys are typed from a script, for asciinema",
    "play": "play a script of keys on the screen, live, with its pauses and captions",
    "cache": "show what is kept from one run to the next, and where; or remove it",
    "serve": "show the screen in a browser on this machine",
    "doctor": "check what of btfview works on this machine, and say what to do",
    "completion": "print a completion script for bash, zsh or fish",
}
"""Name and summary, in the order of the help."""
_FOLDERS = {
    "programs": (
        "relos",
        "explain",
        "check",
        "report",
        "rule",
        "fix",
        "demands",
        "compile",
        "disasm",
        "diff",
        "patch",
        "verify",
    ),
    "kernels": ("types", "targets", "atlas", "minimize", "extract", "bindings"),
    "tool": (
        "screen",
        "config",
        "keys",
        "schema",
        "demo",
        "record",
        "play",
        "serve",
        "cache",
        "doctor",
        "completion",
    ),
}
"""Each command is a module of one of these; ``screen`` is the one without a name on the command line."""


def make_parser(name: str) -> ArgumentParser:
    """Return the parser of a command; ``screen`` is the one without a name."""
    from argparse import ArgumentParser, RawDescriptionHelpFormatter

    command = load(name)
    parser = ArgumentParser(
        prog="btfview" if name == "screen" else f"btfview {name}",
        description=COMMANDS.get(name, "open the screen"),
        epilog=f"examples:\n{command.EXAMPLES}",
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    return parser


def load(name: str) -> Command:
    """Return the module of a command, which is imported with what it needs and nothing else."""
    folder = next(folder for folder, names in _FOLDERS.items() if name in names)
    # importlib.import_module does the same after 1 ms of imports of its own.
    module: Any = __import__(f"{__package__}.{folder}.{name}", fromlist=("run",))
    command: Command = module
    return command
