"""``btfview disasm``: instructions beside source lines and records; with a target before and after."""

from __future__ import annotations

from ..record import TYPE_CHECKING
from .arguments import add_compile_arguments, add_one_target_argument, compile_options, open_one_target

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  btfview disasm prog.bpf.o                      in the words of the kernel's verifier
  btfview disasm prog.bpf.o -t running           what libbpf would load here, and what is dead code
  btfview disasm prog.rs --cpu v4 -t 6.1.0-56-amd64
  btfview disasm prog.bpf.o --function handle_exec
  btfview disasm prog.bpf.o -t running --json | jq '.functions[].insns[] | select(.poisoned)'
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a BPF object, or a source (.rs, .c, .ll)")
    add_one_target_argument(parser)
    parser.add_argument("-f", "--function", metavar="NAME", help="only this function (ELF symbol)")
    parser.add_argument("--json", action="store_true", help="print JSON (schema_version 1)")
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Print the listing; return 1 if a record fails on the target, 4 if the source does not compile."""
    from ..errors import UsageError
    from ..workspace.disassembly import disassemble, disassembly_json
    from ..workspace.pipeline import analyse
    from .output import print_json, print_rows
    from .relos import print_diagnostics

    analysis = analyse(args.file, open_one_target(args.target), compile_options(args))
    print_diagnostics(analysis)
    if analysis.compilation and analysis.compilation.has_errors:
        return 4
    target_index = 0 if analysis.targets else None
    functions = disassemble(analysis, target_index)
    if args.function is not None:
        names = [function.name for function in functions]
        functions = tuple(function for function in functions if function.name == args.function)
        if not functions:
            known = ", ".join(name for name in names if name) or "none"
            raise UsageError(f'{args.file} has no function "{args.function}"; it has: {known}')
    if args.json:
        print_json(disassembly_json(analysis, functions, target_index))
    else:
        from ..workspace.disasm_rows import disasm_rows

        print_rows(disasm_rows(analysis, functions, target_index))
    return 1 if analysis.problem_count else 0
