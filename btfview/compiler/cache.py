"""Results of compiles by what they were made from, so that the same text and options are compiled once."""

from __future__ import annotations

import threading

from btfview.frozen import replace

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import TypeAlias

    from btfview.source import Source

    from .options import CompileOptions
    from .result import CompileResult

    Key: TypeAlias = tuple[str, str, CompileOptions]

CACHED_SUFFIXES = (".rs", ".ll")
"""Sources whose text is all that a compile reads. What a C source includes, and what clang is then given, is
known for certain only after a run of clang, which is the compile itself; so C is compiled every time."""


class CompileCache:
    """The newest results of this process; every method may be called from any thread.

    Kept are results with an object, and those that the front end refused: they follow from the text. A
    failure of LLVM is not kept, for it may be one of the machine (time, memory).
    """

    def __init__(self, *, max_results: int = 64, max_bytes: int = 32 << 20) -> None:
        self._max_results = max_results
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._results: dict[Key, CompileResult] = {}
        """The one that was asked for last comes last."""
        self._byte_size = 0

    @property
    def byte_size(self) -> int:
        """Characters of text and bytes of objects that are held."""
        return self._byte_size

    def __len__(self) -> int:
        return len(self._results)

    def find(self, source: Source, options: CompileOptions, emit: frozenset[str]) -> CompileResult | None:
        """Return the earlier result for the same path, text and *options* if it has all of *emit*."""
        with self._lock:
            result = self._results.pop(key := _key(source, options), None)
            if result is None:
                return None
            self._results[key] = result
        return result if emit <= _emitted(result) else None

    def add(self, result: CompileResult) -> None:
        """Keep *result*, and what an earlier one for the same has more; the oldest give way."""
        is_of_llvm = result.has_errors and result.ir is not None
        if not result.source.path.endswith(CACHED_SUFFIXES) or is_of_llvm or not result.is_repeatable:
            return
        with self._lock:
            key = _key(result.source, result.options)
            before = self._remove(key)
            if before is not None:
                result = replace(
                    result,
                    ir_optimized=result.ir_optimized or before.ir_optimized,
                    asm=result.asm or before.asm,
                )
            self._results[key] = result
            self._byte_size += _size(result)
            while self._byte_size > self._max_bytes or len(self._results) > self._max_results:
                self._remove(next(iter(self._results)))

    def forget(self, path: str) -> None:
        """Keep nothing of the source *path*: it will be compiled again."""
        with self._lock:
            for key in [key for key in self._results if key[0] == path]:
                self._remove(key)

    def _remove(self, key: Key) -> CompileResult | None:
        result = self._results.pop(key, None)
        if result is not None:
            self._byte_size -= _size(result)
        return result


def _key(source: Source, options: CompileOptions) -> Key:
    return source.path, source.text, options


def _emitted(result: CompileResult) -> frozenset[str]:
    """Return what *result* holds of :data:`.options.EMITS`; one that failed has all that there will be."""
    if result.has_errors:
        from .options import EMITS

        return frozenset(EMITS)
    extra = {"ir-optimized": result.ir_optimized, "asm": result.asm}
    return frozenset(("obj", "ir", *(name for name, text in extra.items() if text is not None)))


def _size(result: CompileResult) -> int:
    texts = (result.source.text, result.ir, result.ir_optimized, result.asm)
    return sum(len(text) for text in texts if text) + len(result.object or b"")
