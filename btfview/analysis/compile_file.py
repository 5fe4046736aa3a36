"""Compile a source file: all that a command needs that looks at no target."""

from __future__ import annotations

import os

from btfview.errors import InputError, UsageError
from btfview.frozen import TYPE_CHECKING
from btfview.inputs import MAX_CARRIER, read_input
from btfview.source import LANGUAGES, Source, language_of, read_source

MANIFEST = "Cargo.toml"

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from btfview.compiler.cache import CompileCache
    from btfview.compiler.llvm.worker import Worker
    from btfview.compiler.options import CompileOptions
    from btfview.compiler.result import CompileResult
    from btfview.targets.target import Target


def is_bitcode_file(path: str) -> bool:
    """Return whether the file *path*, whose name is no source's, is LLVM bitcode; False where it cannot be
    read, as who reads it will tell."""
    if language_of(path) or not os.path.isfile(path):
        return False
    from btfview.compiler.llvm.bitcode import is_bitcode

    try:
        with open(path, "rb") as file:
            return is_bitcode(file.read(4))
    except OSError:
        return False


def is_project(path: str) -> bool:
    """Return whether *path* is a manifest of cargo, or a folder with one."""
    if os.path.basename(path) == MANIFEST:
        return True
    return os.path.isfile(os.path.join(path, MANIFEST))


def compile_path(
    path: str,
    options: CompileOptions | None = None,
    *,
    source: Source | None = None,
    worker: Worker | None = None,
    cache: CompileCache | None = None,
    emit: frozenset[str] = frozenset({"obj"}),
    kernels: Callable[[], Sequence[Target]] = tuple,
) -> CompileResult:
    """Return the compilation of the source or Cargo project *path*, or of bitcode under any name.

    *kernels* gives those that a C source is compiled for; it is asked for no other.

    Raises:
        InputError: the file cannot be read.
        UsageError: it is neither a source nor bitcode, or there is something to link with a source.
    """
    from btfview.compiler.compile import DEFAULT_OPTIONS, compile_source

    options = options or DEFAULT_OPTIONS
    if is_project(path):
        if options.frontend == "builtin":
            raise UsageError(f"{path}: a Cargo project needs `--frontend rustc`, as is the default")
        from btfview.compiler.compile import compile_project

        return _with_lints(compile_project(path, options, emit=emit, worker=worker))
    if options.program:
        raise UsageError(f"{path}: --{options.program.replace(':', ' ')} is for a Cargo project")
    if is_bitcode_file(path):
        return _compile_bitcode(path, options, emit, worker)
    if language_of(path) is None:
        raise UsageError(f"{path}: not a source; sources end in {', '.join(LANGUAGES)}")
    if options.link:
        raise UsageError(f"{path}: --link is for bitcode, and this is a source")
    text = source if source is not None else read_source(path)
    kernel = None
    if language_of(path) == "c":
        from .kernels.kernel_header import kernel_types

        kernel = kernel_types(kernels)
    elif options.flags:
        raise UsageError(f"{path}: flags behind -- are for clang, and this is no C source")
    result = compile_source(text, options, emit=emit, worker=worker, cache=cache, kernel=kernel)
    return _with_lints(result)


def _with_lints(result: CompileResult) -> CompileResult:
    """Return *result* with what is known of its object only; the built-in front end knows it before."""
    if result.frontend != "rustc":
        return result
    from .unguarded import with_unguarded

    return with_unguarded(result)


def _compile_bitcode(
    path: str, options: CompileOptions, emit: frozenset[str], worker: Worker | None
) -> CompileResult:
    """Return *path* compiled, linked with what *options* name.

    Raises:
        InputError: a file cannot be read, or is neither bitcode nor LLVM IR.
        UsageError: a file is named twice.
    """
    from btfview.compiler.compile import compile_bitcode
    from btfview.compiler.llvm.bitcode import is_bitcode

    modules = {path: read_input(path, MAX_CARRIER)}
    for other in options.link:
        if other in modules:
            raise UsageError(f"--link {other}: it is there already")
        modules[other] = read_input(other, MAX_CARRIER)
        if not is_bitcode(modules[other]) and language_of(other) != "llvm-ir":
            raise InputError(
                "neither bitcode nor LLVM IR, which alone can be linked",
                path=other,
                hint="make it with `clang -emit-llvm -c` or `rustc --emit=llvm-bc`",
            )
    return compile_bitcode(path, modules, options, emit=emit, worker=worker)
