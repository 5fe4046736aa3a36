"""From a source to a BPF object: the one entry to the compiler."""

from __future__ import annotations

import os
import struct
import time

from btfview.diagnostics import Diagnostic
from btfview.errors import UsageError
from btfview.source import LANGUAGES, Source, Span

from .options import CPUS, DIALECTS, EMITS, ENDIANS, FRONTENDS, CompileOptions
from .result import CompileResult

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .c.kernel import KernelTypes
    from .cache import CompileCache
    from .llvm.cold import LlvmAnswer
    from .llvm.messages import CompiledText
    from .llvm.protocol import LlvmJob
    from .llvm.worker import Worker
    from .result import Program

DEFAULT_OPTIONS = CompileOptions()
DEFAULT_EMIT = frozenset({"obj"})
TIME_LIMIT = 10.0
"""Seconds for one run of LLVM or clang, of a source that is not long."""
_LINES, _LINES_A_SECOND = 2_000, 500
"""From so many lines of Rust on there is another second for so many: LLVM takes time by the square of the
strings in BTF (BTFStringTable::addString), and every line of the source is one."""


def compile_source(
    source: Source,
    options: CompileOptions = DEFAULT_OPTIONS,
    *,
    emit: frozenset[str] = DEFAULT_EMIT,
    worker: Worker | None = None,
    cache: CompileCache | None = None,
    time_limit: float = TIME_LIMIT,
    kernel: KernelTypes | None = None,
) -> CompileResult:
    """Return what became of *source*; its language is told by the suffix of its path.

    The object is always made. *emit* (of :data:`.options.EMITS`) says what else is wanted:
    ``ir-optimized`` and ``asm``, and for C also ``ir``, which is there anyway for the others.
    *kernel* is what a C source may take its types from.
    The front end and LLVM run in processes of their own, warm with a *worker*, and not at all where *cache*
    has the result; a new one goes into it. Whatever is wrong with the program, or with the compiler, is a
    diagnostic of the result.

    Raises:
        UsageError: the suffix, an option or a member of *emit* is not known.
        CompileCancelledError: :meth:`.llvm.worker.Worker.cancel` was called meanwhile.
    """
    _check_choices(options, emit)
    from btfview.frozen import replace

    started = time.perf_counter()
    found = cache.find(source, options, emit) if cache is not None else None
    if found is not None:
        took = (time.perf_counter() - started) * 1000
        return replace(found, milliseconds=took, is_cached=True)
    match os.path.splitext(source.path)[1]:
        case ".rs":
            more = max(source.line_count - _LINES, 0) / _LINES_A_SECOND
            result = _compile_rust(source, options, emit, worker, time_limit + more)
        case ".ll":
            result = _compile_ir(source, options, emit, worker, time_limit)
        case ".c":
            from .c.clang import compile_c

            result = compile_c(source, options, emit, time_limit, worker, kernel)
        case suffix:
            raise UsageError(
                f"{source.path}: {suffix or 'a file without suffix'} is not a source that btfview compiles; "
                f"known are {', '.join(LANGUAGES)}"
            )
    diagnostics = result.diagnostics + _missing_btf(result)
    elapsed = (time.perf_counter() - started) * 1000
    result = replace(result, diagnostics=diagnostics, milliseconds=elapsed)
    if cache is not None:
        cache.add(result)
    return result


def _check_choices(options: CompileOptions, emit: frozenset[str]) -> None:
    # LLVM would take a CPU that it does not know for v1, with no more than a line on stderr.
    for name, chosen, known in (
        ("cpu", {options.cpu}, CPUS),
        ("endian", {options.endian}, ENDIANS),
        ("dialect", {options.dialect}, DIALECTS),
        ("frontend", {options.frontend}, FRONTENDS),
        ("emit", emit, EMITS),
    ):
        if unknown := chosen - set(known):
            raise UsageError(f"{name}: {', '.join(sorted(unknown))} is not one of {', '.join(known)}")


def _compile_rust(
    source: Source,
    options: CompileOptions,
    emit: frozenset[str],
    worker: Worker | None,
    time_limit: float,
) -> CompileResult:
    if options.frontend == "rustc":
        return _compile_with_rustc(source, options, emit, worker, time_limit)
    result = _compile_builtin(source, options, emit, worker, time_limit)
    if not result.has_errors or result.ir is not None:
        return result  # what LLVM refuses it refuses of rustc too
    from .rustc.choice import is_beyond_builtin, say_how

    if options.frontend == "builtin":
        return say_how(result)
    if not any(map(is_beyond_builtin, result.diagnostics)):
        return result
    from .rustc.toolchain import is_there

    if not is_there():
        return say_how(result)
    whole = _compile_with_rustc(source, options, emit, worker, time_limit)
    return say_how(result, was_tried=True) if whole.has_errors else whole


def _compile_with_rustc(
    source: Source,
    options: CompileOptions,
    emit: frozenset[str],
    worker: Worker | None,
    time_limit: float,
) -> CompileResult:
    from btfview.frozen import replace

    from .rustc.compile_file import build_with_rustc

    with _Llvm(worker) as llvm:  # loads LLVM while rustc works
        built = replace(build_with_rustc(source, options, worker, llvm.epoch), frontend="rustc")
        if built.has_errors or built.ir is None:
            return replace(built, ir=None)
        answer = llvm.run(_job(built.ir, options, emit, time_limit))
    text = _compiled_text(built.source, built.ir, built.program, time_limit)
    return replace(
        _finish(built.source, options, built.diagnostics, text, answer),
        frontend="rustc",
        headers=built.headers,
        is_repeatable=built.is_repeatable,
    )


def _compile_builtin(
    source: Source,
    options: CompileOptions,
    emit: frozenset[str],
    worker: Worker | None,
    time_limit: float,
) -> CompileResult:
    with _Llvm(worker) as llvm:  # loads LLVM while the front end works
        from .rust.apart import build_apart

        front = build_apart(source, options, time_limit, worker, llvm.epoch)
        for module, content in front.modules:
            source = source.with_module(Source(module, content))
        failed = CompileResult(
            source,
            options,
            front.diagnostics,
            front.program,
            front.ir,
            None,
            headers=tuple(module.path for module in source.modules),
            is_repeatable=front.is_repeatable,
        )
        if failed.has_errors:
            return failed
        if front.ir is None:
            raise AssertionError("the front end gave neither IR nor an error")
        answer = llvm.run(_job(front.ir, options, emit, time_limit))
    text = _compiled_text(source, front.ir, front.program, time_limit)
    finished = _finish(source, options, front.diagnostics, text, answer)
    if not source.modules:
        return finished
    from btfview.frozen import replace

    return replace(finished, headers=failed.headers, is_repeatable=False)


def _compile_ir(
    source: Source,
    options: CompileOptions,
    emit: frozenset[str],
    worker: Worker | None,
    time_limit: float,
) -> CompileResult:
    from .llvm.ir_source import check_ir_source

    problems = check_ir_source(source, options)
    if any(problem.is_error for problem in problems):
        return CompileResult(source, options, problems, None, source.text, None)
    with _Llvm(worker) as llvm:
        answer = llvm.run(_job(source.text, options, emit, time_limit))
    text = _compiled_text(source, source.text, None, time_limit)
    return _finish(source, options, problems, text, answer)


def compile_project(
    path: str,
    options: CompileOptions = DEFAULT_OPTIONS,
    *,
    emit: frozenset[str] = DEFAULT_EMIT,
    worker: Worker | None = None,
    time_limit: float = TIME_LIMIT,
) -> CompileResult:
    """Return what became of the Cargo project *path*, a manifest or its folder, built by cargo and rustc.

    The source of the result is the file that the program begins in; that of an error about the project as a
    whole is the manifest.

    Raises:
        UsageError: an option or a member of *emit* is not known.
        CompileCancelledError: :meth:`.llvm.worker.Worker.cancel` was called meanwhile.
    """
    _check_choices(options, emit)
    from btfview.frozen import replace

    from .llvm.protocol import LlvmJob
    from .rustc.cargo.project import build_project

    started = time.perf_counter()
    with _Llvm(worker) as llvm:
        built = build_project(path, options, worker, llvm.epoch)
        result = built.result
        if not result.has_errors and built.modules:
            triple = "bpfel" if options.endian == "little" else "bpfeb"
            answer = llvm.run(
                LlvmJob(
                    built.modules[0],
                    options.cpu,
                    triple,
                    time_limit,
                    emit & {"ir-optimized", "asm"},
                    modules=tuple(text.encode() for text in built.modules[1:]),
                )
            )
            text = _compiled_text(result.source, built.modules[0], result.program, time_limit)
            finished = _finish(result.source, options, result.diagnostics, text, answer)
            result = replace(finished, headers=result.headers)
            result = replace(result, diagnostics=result.diagnostics + _missing_btf(result))
    elapsed = (time.perf_counter() - started) * 1000
    return replace(result, frontend="rustc", milliseconds=elapsed, is_repeatable=False)


def compile_bitcode(
    path: str,
    modules: Mapping[str, bytes],
    options: CompileOptions = DEFAULT_OPTIONS,
    *,
    emit: frozenset[str] = DEFAULT_EMIT,
    worker: Worker | None = None,
    time_limit: float = TIME_LIMIT,
) -> CompileResult:
    """Return what became of *modules*, bitcode or IR by the files' names, linked in their order.

    The source of the result is the linked module as text, under the name *path*.

    Raises:
        UsageError: an option or a member of *emit* is not known.
        CompileCancelledError: :meth:`.llvm.worker.Worker.cancel` was called meanwhile.
    """
    _check_choices(options, emit)
    from btfview.frozen import replace

    from .llvm.ir_source import check_ir_source
    from .llvm.messages import explain_modules
    from .llvm.protocol import LlvmJob

    started = time.perf_counter()
    triple = "bpfel" if options.endian == "little" else "bpfeb"
    job = LlvmJob(
        "", options.cpu, triple, time_limit, emit & {"ir-optimized", "asm"}, modules=tuple(modules.values())
    )
    with _Llvm(worker) as llvm:
        answer = llvm.run(job)
    source = Source(path, answer.linked or "")
    problems = check_ir_source(source, options)
    if any(problem.is_error for problem in problems):
        result = CompileResult(source, options, problems, None, answer.linked, None)
    elif explained := explain_modules(answer, modules):
        result = CompileResult(source, options, explained, None, answer.linked, None)
    else:
        result = _finish(
            source, options, problems, _compiled_text(source, source.text, None, time_limit), answer
        )
        result = replace(result, diagnostics=result.diagnostics + _missing_btf(result))
    return replace(result, milliseconds=(time.perf_counter() - started) * 1000)


class _Llvm:
    """The warm worker where there is one, else a cold process that starts on entry."""

    def __init__(self, worker: Worker | None) -> None:
        from .llvm.cold import ColdLlvm

        self._worker = worker
        self.epoch = worker.epoch if worker else 0
        self._cold = None if worker else ColdLlvm()

    def __enter__(self) -> _Llvm:
        if self._cold:
            self._cold.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._cold:
            self._cold.__exit__(*exception)

    def run(self, job: LlvmJob) -> LlvmAnswer:
        if self._worker:
            return self._worker.run(job, self.epoch)
        answer = self._cold.run(job) if self._cold else None
        if answer is None:
            raise AssertionError("a cold compile cannot be cancelled")
        return answer


def _job(ir: str, options: CompileOptions, emit: frozenset[str], time_limit: float) -> LlvmJob:
    from .llvm.protocol import LlvmJob

    triple = "bpfel" if options.endian == "little" else "bpfeb"
    return LlvmJob(ir, options.cpu, triple, time_limit, emit & {"ir-optimized", "asm"})


def _compiled_text(source: Source, ir: str, program: Program | None, time_limit: float) -> CompiledText:
    from .llvm.messages import CompiledText

    return CompiledText(source, ir, program, program is None, time_limit)


def _finish(
    source: Source,
    options: CompileOptions,
    diagnostics: tuple[Diagnostic, ...],
    text: CompiledText,
    answer: LlvmAnswer,
) -> CompileResult:
    if answer.failure or answer.stderr:
        from .llvm.messages import read_llvm_messages

        diagnostics += read_llvm_messages(answer, text)
    return CompileResult(
        source,
        options,
        diagnostics,
        text.program,
        text.ir,
        answer.object,
        ir_optimized=answer.ir_optimized,
        asm=answer.asm,
    )


def _missing_btf(result: CompileResult) -> tuple[Diagnostic, ...]:
    """Return a warning when the object has no ``.BTF``: then nothing in it can be relocated."""
    if result.object is None:
        return ()

    if ".BTF" in section_names(result.object):
        return ()
    hint = "LLVM writes BTF for the functions and globals of the file: define one"
    if result.source.path.endswith(".ll") and "!llvm.dbg.cu" not in result.source.text:
        hint = "the IR has no debug info (!llvm.dbg.cu); make it with `clang -g` or `rustc -g`"
    return (
        Diagnostic("warning", "the object has no .BTF section and no relocations", Span(0, 0), hint=hint),
    )


def section_names(data: bytes) -> frozenset[str]:
    """Return the names of the sections of the 64-bit ELF file *data*, of either byte order."""
    order = "<" if data[5] == 1 else ">"
    (table,) = struct.unpack_from(order + "Q", data, 0x28)
    entry_size, count, names_index = struct.unpack_from(order + "HHH", data, 0x3A)
    if count == 0:  # 65,280 sections and more: the number is in the first entry (ELF, e_shnum)
        (count,) = struct.unpack_from(order + "Q", data, table + 0x20)
    if names_index == 0xFFFF:
        (names_index,) = struct.unpack_from(order + "I", data, table + 0x28)
    (names,) = struct.unpack_from(order + "Q", data, table + names_index * entry_size + 0x18)
    found = set()
    for index in range(count):
        (offset,) = struct.unpack_from(order + "I", data, table + index * entry_size)
        start = names + offset
        found.add(data[start : data.index(b"\0", start)].decode("utf-8", "replace"))
    return frozenset(found)
