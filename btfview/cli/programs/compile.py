"""``btfview compile``: a source to an object, IR or assembly."""

from __future__ import annotations

import os
import sys

from btfview.cli.arguments import add_compile_arguments, add_message_argument, compile_options
from btfview.cli.output import STDOUT, format_json, write_diagnostics, write_header_note, write_output
from btfview.compiler.options import EMITS
from btfview.errors import EXIT_NOT_COMPILED, UsageError
from btfview.frozen import TYPE_CHECKING, assert_never
from btfview.source import language_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Literal

    from btfview.compiler.result import CompileResult

    Emit = Literal["obj", "ir", "ir-optimized", "asm"]

PASSES = "passes"
EXAMPLES = """\
  btfview compile prog.rs                       writes prog.o
  btfview compile prog.rs -o out/prog.bpf.o --cpu v4
  btfview compile prog.rs --emit ir             the intrinsics, before any pass (stdout)
  btfview compile prog.rs --emit asm -o prog.s
  btfview compile prog.rs --emit passes --function walk
                                                what each pass of LLVM changed: queries become records
  btfview compile prog.rs --emit passes --json | jq '.functions[].passes[] | select(.step != "")'
  btfview compile prog.rs --endian big          for a kernel of s390x
  btfview compile prog.rs --message-format json diagnostics as rustc writes them (stderr)
  btfview compile --show-prelude --dialect option    the source of core::btf
"""


_WRITTEN_BY_HAND = (".rs", ".c", ".h")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", nargs="?", help="a source (.rs, .c, .ll)")
    parser.add_argument("-o", "--output", metavar="OUT", help="file to write; - is stdout")
    parser.add_argument(
        "--emit",
        choices=(*EMITS, PASSES),
        default="obj",
        help="what to write (default obj; the others go to stdout without -o)",
    )
    parser.add_argument(
        "--function",
        metavar="NAME",
        action="append",
        default=[],
        help=f"with --emit {PASSES}: of this function alone, by symbol or as Type::name; repeatable",
    )
    parser.add_argument(
        "--json", action="store_true", help=f"with --emit {PASSES}: print JSON (schema_version 1)"
    )
    parser.add_argument(
        "--show-prelude",
        action="store_true",
        help="write the Rust source of core::btf (of --dialect; auto: repr), and to stderr its path",
    )
    add_message_argument(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Write what was asked for; return 4 if the source does not compile."""
    from btfview.analysis.compile_file import compile_path

    if args.show_prelude:
        return _show_prelude(args)
    if args.file is None:
        raise UsageError("no FILE is given; sources end in .rs, .c or .ll")
    if args.emit == PASSES:
        return _write_passes(args)
    if args.function or args.json:
        given = "--function" if args.function else "--json"
        raise UsageError(f"{given} goes with --emit {PASSES}")
    result = compile_path(args.file, compile_options(args), emit=frozenset({"obj", args.emit}))
    write_header_note(result.header_kernel, args.message_format)
    write_diagnostics(result.diagnostics, result.source, args.message_format)
    # The front end's IR is worth seeing even where LLVM refused it.
    if result.has_errors and not (args.emit == "ir" and result.ir is not None):
        return EXIT_NOT_COMPILED
    output = args.output or (_object_name(args.file) if args.emit == "obj" else STDOUT)
    if os.path.splitext(output)[1] in _WRITTEN_BY_HAND and os.path.exists(output):
        # It may well be one of this program's: a header, or a file of its crate.
        raise UsageError(f"{output} is a source, which this would replace; give another name with -o")
    write_output(output, _product(result, args.emit), inputs=(args.file,))
    return EXIT_NOT_COMPILED if result.has_errors else 0


def _write_passes(args: Namespace) -> int:
    from btfview.analysis.analyse import analyse
    from btfview.analysis.compile_file import is_bitcode_file
    from btfview.btf.format.spelling import visible
    from btfview.compiler.passes import trace_passes
    from btfview.views.stages.passes import passes_json, passes_text

    if language_of(args.file) is None and not is_bitcode_file(args.file):
        raise UsageError(f"{args.file}: not a source; an object does not say how it was made")
    analysis = analyse(args.file, (), compile_options(args))
    compilation = analysis.compilation
    assert compilation is not None
    write_diagnostics(analysis.diagnostics, compilation.source, args.message_format)
    if compilation.has_errors:
        return EXIT_NOT_COMPILED
    known = compilation.program.functions if compilation.program else ()
    symbols = {function.name: function.symbol for function in known}
    wanted = [symbols.get(name, name) for name in args.function]
    traces = trace_passes(compilation, wanted)
    missing = [name for name in wanted if name not in {trace.symbol for trace in traces}]
    if missing:
        raise UsageError(f"{args.file} has no function {', '.join(missing)}")
    if args.json:
        data = {"schema_version": 1, "file": args.file, "functions": passes_json(analysis, traces)}
        text = f"{format_json(data)}\n"
    else:
        text = "\n".join(map(visible, passes_text(analysis, traces).split("\n")))
    write_output(args.output or STDOUT, text.encode(), inputs=(args.file,))
    return 0


def _show_prelude(args: Namespace) -> int:
    from btfview.compiler.rust.syntax.query_macros import prelude_path, prelude_text

    if args.file is not None:
        raise UsageError(f"--show-prelude compiles nothing: leave out {args.file}")
    dialect = "option" if args.dialect == "option" else "repr"
    print(prelude_path(dialect), file=sys.stderr)
    write_output(args.output or STDOUT, prelude_text(dialect).encode(), inputs=(prelude_path(dialect),))
    return 0


def _object_name(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0] + ".o"


def _product(result: CompileResult, emit: Emit) -> bytes:
    match emit:
        case "obj":
            return result.object or b""
        case "ir":
            text = result.ir
        case "ir-optimized":
            text = result.ir_optimized
        case "asm":
            text = result.asm
        case _:
            assert_never(emit)
    return (text or "").encode()
