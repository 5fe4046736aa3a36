"""``btfview disasm``: instructions beside source lines and records; with a target before and after."""

from __future__ import annotations

from btfview.cli.arguments import (
    add_color_argument,
    add_compile_arguments,
    add_one_target_argument,
    compile_options,
    open_one_target,
)
from btfview.errors import EXIT_UNREADABLE, UsageError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from btfview.analysis.instructions.disassembly import FunctionListing
    from btfview.analysis.result import Analysis

EXAMPLES = """\
  btfview disasm prog.bpf.o                      in the words of the kernel's verifier
  btfview disasm prog.bpf.o -t running           what libbpf would load here, and what is dead code
  btfview disasm prog.rs --cpu v4 -t 6.1.0-56-amd64
  btfview disasm prog.bpf.o --function handle_exec    of several FILEs those that have it
  btfview disasm prog.bpf.o -t running --json | jq '.functions[].insns[] | select(.poisoned)'
"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="BPF objects, or sources (.rs, .c, .ll), to be compiled"
    )
    add_one_target_argument(parser)
    parser.add_argument("-f", "--function", metavar="NAME", help="only this function (ELF symbol)")
    parser.add_argument("--json", action="store_true", help="print JSON (schema_version 1)")
    add_color_argument(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Print the listings; return 1 if a record fails on the target, 3 if the target or one of several files
    cannot be read, 4 if a source does not compile."""
    from btfview.analysis.instructions.disassembly import disassemble, disassembly_json
    from btfview.cli.output import print_json

    from .relos import analyse_each, has_results, tell_trouble

    target = open_one_target(args.target)
    code, reports, names = 0, [], set()
    has_function = args.function is None
    for analysis in analyse_each(args.files, target, compile_options(args)):
        code = max(code, EXIT_UNREADABLE if analysis is None else tell_trouble(analysis))
        if analysis is None or not has_results(analysis):
            continue
        target_index = 0 if analysis.targets else None
        functions = disassemble(analysis, target_index)
        if args.function is not None:
            names |= {function.name for function in functions if function.name}
            functions = tuple(function for function in functions if function.name == args.function)
            if not functions:
                continue
            has_function = True
        code = max(code, int(bool(analysis.problem_count)))
        if args.json:
            reports.append(disassembly_json(analysis, functions, target_index))
        else:
            _print(analysis, functions, target_index, is_titled=len(args.files) > 1)
    if not has_function and code < 3:
        where = args.files[0] if len(args.files) == 1 else "none of the files"
        known = ", ".join(sorted(names)) or "none"
        has, have = ("has no", "it has") if len(args.files) == 1 else ("has a", "they have")
        raise UsageError(f'{where} {has} function "{args.function}"; {have}: {known}')
    if args.json and len(args.files) > 1:
        print_json({"schema_version": 1, "files": reports})
    elif reports:
        print_json(reports[0])
    return code


def _print(
    analysis: Analysis, functions: tuple[FunctionListing, ...], target_index: int | None, *, is_titled: bool
) -> None:
    from btfview.btf.format.spelling import visible
    from btfview.cli.output import print_rows
    from btfview.views.stages.disasm import disasm_rows

    if is_titled:
        print(visible(f"{analysis.path}:"))
    print_rows(disasm_rows(analysis, functions, target_index))
