"""C to a BPF object, by clang or by the clang in the package ziglang.

clang compiles the text that the caller holds, which may not be on disk: it comes on standard input,
and the names in the debug info are mapped back to the source's path. The text itself is embedded in
the debug info where the file on disk is another or none: LLVM copies the source lines into ``.BTF.ext`` from
there, else from the file (``BTFDebug::populateFileContent``).
"""

from __future__ import annotations

import contextlib
import os
import re
import sys

from btfview.compiler.llvm.steady import steady_module
from btfview.compiler.options import CompileOptions
from btfview.compiler.processes import Exit, converse, spawn
from btfview.compiler.result import CompileResult
from btfview.diagnostics import Diagnostic
from btfview.errors import BtfviewError, CompilerError
from btfview.frozen import frozen, replace
from btfview.inputs import MAX_TEXT
from btfview.source import Source, Span

from .database import find_build_flags
from .explain import explain_flags, is_missing_header
from .flags import check_flags, has_target_arch
from .kernel import HEADER
from .messages import debug_path, read_clang_messages

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from btfview.compiler.llvm.worker import Worker
    from btfview.compiler.processes import Child

    from .kernel import KernelTypes

CLANG_VARIABLE = "BTFVIEW_CLANG"

_QUIET = (
    "-fno-color-diagnostics",
    "-fno-caret-diagnostics",
    "-fdiagnostics-print-source-range-info",
    "-fno-crash-diagnostics",  # or a crash leaves a copy of the source in the temporary directory
)
_ARTEFACTS = {
    "obj": ("-c",),
    "ir": ("-S", "-emit-llvm", "-Xclang", "-disable-llvm-passes"),
    "ir-optimized": ("-S", "-emit-llvm"),
    "asm": ("-S",),
}
_INCLUDE_LINE = re.compile(r"\.+ [^\n]+\n")
_OWN_ARCH = re.compile(r"^[ \t]*#[ \t]*(?:define|undef)[ \t]+__TARGET_ARCH_", re.MULTILINE)
_KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "CPATH", "C_INCLUDE_PATH")
"""What clang may know of the environment. Other variables can change what it does, or what it runs."""


@frozen
class Clang:
    """A C compiler that was found."""

    command: tuple[str, ...]
    name: str
    """What people call it: ``clang-19``."""
    is_zig: bool = False


def find_clang() -> Clang | None:
    """Return the C compiler to use, None when there is none.

    In this order: ``$BTFVIEW_CLANG`` (a path, or a name on ``PATH``), ``clang``, the ``clang-NN`` with
    the highest number, the package ziglang.

    Raises:
        CompilerError: the variable names a program that is not there.
    """
    wanted = os.environ.get(CLANG_VARIABLE)
    if wanted:
        path = wanted if "/" in wanted else _which(wanted)
        if path is None:
            raise CompilerError(f"{CLANG_VARIABLE} is {wanted!r}, and there is no such program on PATH")
        return Clang((path,), os.path.basename(wanted))
    name = "clang" if _which("clang") else _newest_clang()
    path = _which(name) if name else None
    if name and path:
        return Clang((path,), name)
    if _has_zig():
        return Clang((sys.executable, "-m", "ziglang", "cc"), "zig cc", is_zig=True)
    return None


def _has_zig() -> bool:
    return bool(sys.executable) and any(finder.find_spec("ziglang", None) for finder in sys.meta_path)


def _search_path() -> list[str]:
    # An empty entry means the current directory, where the sources are: nothing there is run.
    return [
        folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(folder)
    ]


def _which(name: str) -> str | None:
    for folder in _search_path():
        path = os.path.join(folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None


def _newest_clang() -> str | None:
    found = []
    for folder in _search_path():
        with contextlib.suppress(OSError):
            for name in os.listdir(folder):
                number = name.removeprefix("clang-")
                if number != name and number.isdecimal() and _which(name):
                    found.append((int(number), name))
    return max(found)[1] if found else None


def compile_c(
    source: Source,
    options: CompileOptions,
    emit: frozenset[str],
    time_limit: float,
    worker: Worker | None = None,
    kernel: KernelTypes | None = None,
) -> CompileResult:
    """Return *source* compiled by clang; all that *emit* asks for is made at the same time.

    Flags are, each able to overrule those before it: ours, those of the project's ``compile_commands.json``,
    the user's. *kernel* says which ``__TARGET_ARCH_*`` is meant, and has the ``vmlinux.h`` where none is
    found.

    Raises:
        UsageError: a flag of the user's would change what is made.
        CompileCancelledError: *worker* was told to cancel meanwhile; clang has been killed.
    """
    check_flags(options.clang_flags)
    epoch = worker.epoch if worker else 0
    try:
        clang = find_clang()
    except CompilerError as error:
        return _failed(source, options, str(error), "give a path, or unset the variable")
    if clang is None:
        return _failed(
            source,
            options,
            "C needs clang, and there is none",
            "install clang (`apt install clang`, `dnf install clang`) or `pip install ziglang`, "
            f"or set {CLANG_VARIABLE} to its path",
        )
    build = find_build_flags(source.path)
    given = (*build.flags, *options.clang_flags)
    flags = (*_kernel_flags(source, kernel, given), *given)
    result = _run(clang, source, options, flags, emit, time_limit, worker, epoch)
    reason = ""
    if kernel is not None and any(is_missing_header(one, HEADER) for one in result.diagnostics):
        try:
            header = kernel.header()
        except BtfviewError as error:
            reason = str(error)
        else:
            flags = (*flags, "-idirafter", header.folder)
            result = _run(clang, source, options, flags, emit, time_limit, worker, epoch)
            result = replace(result, header_kernel=header.kernel)
    if not result.has_errors:
        return result
    return replace(result, diagnostics=explain_flags(result.diagnostics, source, build, reason))


def _kernel_flags(source: Source, kernel: KernelTypes | None, flags: Sequence[str]) -> Iterator[str]:
    """Yield what every project would have to say: the architecture, and where Debian keeps ``asm/``."""
    if kernel and kernel.arch and not has_target_arch(flags) and not _OWN_ARCH.search(source.text):
        yield f"-D__TARGET_ARCH_{kernel.arch}"
    folder = f"/usr/include/{os.uname().machine}-linux-gnu"
    if os.path.isdir(folder) and not any(flag.startswith(("--sysroot", "-isysroot")) for flag in flags):
        yield from ("-idirafter", folder)


def _run(
    clang: Clang,
    source: Source,
    options: CompileOptions,
    flags: Sequence[str],
    emit: frozenset[str],
    time_limit: float,
    worker: Worker | None,
    epoch: int,
) -> CompileResult:
    wanted = ["obj", *sorted(emit - {"obj"})]
    turn = worker.turn(epoch) if worker else contextlib.nullcontext()
    with _input_file(source, clang) as (path, folder), turn as wake_fd:
        children: list[Child] = []
        try:
            for artefact in wanted:
                command = _command(clang, source, options, flags, path, artefact, folder)
                if artefact == "obj":
                    command.append("-H")  # says what is included, also where the compile fails
                children.append(spawn(command, _environment(folder)))
        except OSError as error:
            for child in children:
                child.kill()
            reason = (error.strerror or str(error)).lower()
            hint = f"check {CLANG_VARIABLE}" if os.environ.get(CLANG_VARIABLE) else None
            return _failed(source, options, f"{clang.command[0]} could not be started: {reason}", hint)
        text = source.text.encode("utf-8", "replace")
        talks = [(child, b"" if folder else text) for child in children]
        exits = converse(talks, time_limit=time_limit, wake_fd=wake_fd)
        outputs = {
            artefact: _output(end, folder, artefact) for artefact, end in zip(wanted, exits, strict=True)
        }
    headers, exits[0] = _split_headers(exits[0], path)
    result = _result(source, options, clang, path, exits, outputs, time_limit)
    return replace(result, headers=headers, clang_flags=tuple(flags))


def _split_headers(end: Exit, path: str) -> tuple[tuple[str, ...], Exit]:
    """Return the files that clang included, by its ``-H``, and *end* without what it said of them."""
    lines = end.stderr.splitlines(keepends=True)
    headers = [line.lstrip(".")[1:].rstrip("\n") for line in lines if _INCLUDE_LINE.match(line)]
    rest = "".join(line for line in lines if not _INCLUDE_LINE.match(line))
    return tuple(dict.fromkeys(name for name in headers if name != path)), replace(end, stderr=rest)


def trace_c(
    result: CompileResult, functions: Sequence[str], time_limit: float, worker: Worker | None = None
) -> str:
    """Return what clang's LLVM prints of its passes, with ``-print-changed``, for the C source of *result*.

    Raises:
        CompilerError: there is no clang, or it fails.
        CompileCancelledError: *worker* was told to cancel meanwhile; clang has been killed.
    """
    epoch = worker.epoch if worker else 0
    clang = find_clang()
    if clang is None or clang.is_zig:
        raise CompilerError("the passes of a C program are printed by clang, and there is none")
    source = result.source
    arguments = ["-mllvm", "-print-changed"]
    if functions:
        arguments += ["-mllvm", f"-filter-print-funcs={','.join(functions)}"]
    turn = worker.turn(epoch) if worker else contextlib.nullcontext()
    with _input_file(source, clang) as (path, folder), turn as wake_fd:
        command = _command(clang, source, result.options, result.clang_flags, path, "obj", folder)
        command[command.index("-o") + 1] = os.devnull
        try:
            child = spawn([*command, *arguments], _environment(folder), is_stderr_merged=True)
        except OSError as error:
            raise CompilerError(f"{clang.command[0]} could not be started: {error.strerror}") from error
        [end] = converse(
            [(child, source.text.encode("utf-8", "replace"))], time_limit=time_limit, wake_fd=wake_fd
        )
    if end.code or end.stopped:
        raise CompilerError(_ending(clang, end, time_limit))
    return end.stdout.decode("utf-8", "replace")


def _failed(source: Source, options: CompileOptions, message: str, hint: str | None) -> CompileResult:
    problem = Diagnostic("error", message, Span(0, 0), hint=hint)
    return CompileResult(source, options, (problem,), None, None, None)


@contextlib.contextmanager
def _input_file(source: Source, clang: Clang) -> Iterator[tuple[str, str | None]]:
    """Yield the path that the compiler reads, and a temporary directory if it needs one.

    zig reads its input twice and writes no output to a pipe, so it works on files.
    """
    if not clang.is_zig:
        yield "/dev/stdin", None
        return
    import tempfile

    with tempfile.TemporaryDirectory(prefix="btfview-") as folder:
        path = os.path.join(folder, os.path.basename(source.path).replace("=", "_"))
        with open(path, "wb") as file:
            file.write(source.text.encode("utf-8", "replace"))
        yield path, folder


def _command(
    clang: Clang,
    source: Source,
    options: CompileOptions,
    flags: Sequence[str],
    path: str,
    artefact: str,
    folder: str | None,
) -> list[str]:
    triple = "bpfel" if options.endian == "little" else "bpfeb"
    target = [f"{triple}-freestanding" if clang.is_zig else triple]
    return [
        *clang.command,
        *([] if clang.is_zig else ["--no-default-config"]),
        "-target",
        *target,
        f"-mcpu={options.cpu}",
        "-O2",
        "-g",
        "-gdwarf-5",
        *([] if _is_on_disk(source) else ["-gembed-source"]),
        f"-fdebug-prefix-map={path}={debug_path(source)}",
        f"-fmacro-prefix-map={path}={source.path}",
        "-iquote",
        os.path.dirname(source.path) or ".",
        *flags,
        *_QUIET,
        *_ARTEFACTS[artefact],
        "-o",
        os.path.join(folder, f"out.{artefact}") if folder else "-",
        "-x",
        "c",
        path,
    ]


def _is_on_disk(source: Source) -> bool:
    """Return whether LLVM finds the lines of *source* in its file. Then nothing is embedded: it would be the
    text of all headers, too, a ``vmlinux.h`` of 3 MB among them."""
    try:
        with open(debug_path(source), "rb") as file:
            return file.read(MAX_TEXT + 1) == source.text.encode("utf-8", "replace")
    except (OSError, ValueError):
        return False


def _environment(folder: str | None) -> dict[str, str]:
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    environment["LC_ALL"] = "C"
    if folder:
        environment |= {"ZIG_GLOBAL_CACHE_DIR": folder, "ZIG_LOCAL_CACHE_DIR": folder}
    return environment


def _output(end: Exit, folder: str | None, artefact: str) -> bytes | None:
    if end.code != 0 or end.stopped:
        return None
    if folder is None:
        return end.stdout
    try:
        with open(os.path.join(folder, f"out.{artefact}"), "rb") as file:
            return file.read()
    except OSError:
        return None


def _result(
    source: Source,
    options: CompileOptions,
    clang: Clang,
    path: str,
    exits: list[Exit],
    outputs: dict[str, bytes | None],
    time_limit: float,
) -> CompileResult:
    diagnostics: tuple[Diagnostic, ...] = ()
    if any(end.stderr for end in exits):
        # Every run repeats what the parser says; the run for the object adds what the back end says.
        diagnostics = read_clang_messages(exits[0].stderr, source, path)
    if not any(diagnostic.is_error for diagnostic in diagnostics):
        diagnostics += tuple(
            Diagnostic("error", _ending(clang, end, time_limit), Span(0, 0), notes=tuple(_tail(end.stderr)))
            for (artefact, output), end in zip(outputs.items(), exits, strict=True)
            if output is None
        )[:1]
    failed = any(diagnostic.is_error for diagnostic in diagnostics)
    texts = {
        name: data.decode("utf-8", "replace").replace(path, source.path)
        for name, data in outputs.items()
        if data is not None and name != "obj"
    }
    optimized = texts.get("ir-optimized")
    return CompileResult(
        source,
        options,
        diagnostics,
        None,
        texts.get("ir"),
        None if failed else outputs["obj"],
        ir_optimized=None if optimized is None else steady_module(optimized),
        asm=texts.get("asm"),
    )


def _ending(clang: Clang, end: Exit, time_limit: float) -> str:
    if end.stopped == "timeout":
        return f"{clang.name} did not finish within {time_limit:g} s and was stopped"
    if end.stopped:
        return f"{clang.name} was stopped: {end.stopped}"
    if end.code < 0:
        return f"{clang.name} was killed by signal {-end.code}"
    return f"{clang.name} failed with exit code {end.code}" if end.code else f"{clang.name} wrote no output"


def _tail(text: str, count: int = 5) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()][-count:]
