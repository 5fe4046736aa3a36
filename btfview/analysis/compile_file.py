"""Compile a source file: all that a command needs that looks at no target."""

from __future__ import annotations

from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING
from btfview.source import LANGUAGES, Source, language_of, read_source

if TYPE_CHECKING:
    from btfview.compiler.cache import CompileCache
    from btfview.compiler.llvm.worker import Worker
    from btfview.compiler.options import CompileOptions
    from btfview.compiler.result import CompileResult


def compile_path(
    path: str,
    options: CompileOptions | None = None,
    *,
    source: Source | None = None,
    worker: Worker | None = None,
    cache: CompileCache | None = None,
    emit: frozenset[str] = frozenset({"obj"}),
) -> CompileResult:
    """Return the compilation of the source *path*.

    Raises:
        InputError: the file cannot be read.
        UsageError: its suffix is no language that btfview compiles.
    """
    from btfview.compiler.compile import DEFAULT_OPTIONS, compile_source

    if language_of(path) is None:
        raise UsageError(f"{path}: not a source; sources end in {', '.join(LANGUAGES)}")
    text = source if source is not None else read_source(path)
    return compile_source(text, options or DEFAULT_OPTIONS, emit=emit, worker=worker, cache=cache)
