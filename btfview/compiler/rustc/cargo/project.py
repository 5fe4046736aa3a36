"""A Cargo project through cargo and rustc to modules of IR for BPF."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys

from btfview import __version__
from btfview.compiler.processes import converse, spawn
from btfview.compiler.result import CompileResult
from btfview.compiler.rustc.compile_file import dialect_of
from btfview.compiler.rustc.crate_sources import is_own, read_dep_info, read_text, sources_under
from btfview.compiler.rustc.files import CrateFiles
from btfview.compiler.rustc.ir.errors import IrError
from btfview.compiler.rustc.ir.for_bpf import convert
from btfview.compiler.rustc.lints.find import find_lints
from btfview.compiler.rustc.messages import Messages, unique
from btfview.compiler.rustc.program import describe, missing, wrong_queries
from btfview.compiler.rustc.rewriting.rewrite import rewrite
from btfview.compiler.rustc.run import StandInError, compile_stand_in
from btfview.compiler.rustc.toolchain import Toolchain, find_toolchain, search_path
from btfview.diagnostics import Diagnostic
from btfview.errors import CompilerError
from btfview.frozen import frozen, replace
from btfview.source import Source, Span

from .watched import Watched
from .wrapper import DIALECT_VARIABLE, PROGRAM_VARIABLE, STAND_INS_VARIABLE

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from btfview.compiler.llvm.worker import Worker
    from btfview.compiler.options import CompileOptions
    from btfview.compiler.processes import Exit

MANIFEST = "Cargo.toml"
TIME_LIMIT = 600.0
"""Seconds for a build; the first one compiles every dependency."""
TIME_VARIABLE = "BTFVIEW_CARGO_SECONDS"
_DROPPED = frozenset(
    [
        "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER",
        "CARGO_BUILD_TARGET",
        "RUSTC_BOOTSTRAP", "CARGO_BUILD_RUSTFLAGS",
    ]
)  # fmt: skip
_NO_NETWORK = (
    "failed to download",
    "Could not resolve host",
    "unable to update registry",
    "--offline",
    "timed out",
)


def manifest_of(path: str) -> str:
    return path if os.path.basename(path) == MANIFEST else os.path.join(path, MANIFEST)


@frozen
class Target:
    """A program of a project."""

    package: str
    name: str
    kind: str
    """``bin``, ``example`` or ``lib``."""
    path: str
    """Of the file that it begins in."""


@frozen
class Built:
    """What came of a project: modules for LLVM to link, the program's own first, or diagnostics alone."""

    result: CompileResult
    """Without an object; its IR is the module of the program's own crate."""
    modules: tuple[str, ...]


class _RefusedError(Exception):
    """The project cannot be built; ``str()`` says why, :attr:`hint` what to do."""

    def __init__(self, message: str, hint: str | None = None, notes: tuple[str, ...] = ()) -> None:
        self.hint = hint
        self.notes = notes
        super().__init__(message)


def build_project(path: str, options: CompileOptions, worker: Worker | None, epoch: int) -> Built:
    """Return what cargo and rustc make of the project at *path*; *options* say which program of it.

    Raises:
        CompileCancelledError: *worker* was told to cancel since *epoch* was taken; cargo has been killed.
    """
    manifest = manifest_of(path)
    source = Source(manifest, read_text(manifest) or "")
    turn = worker.turn(epoch) if worker else contextlib.nullcontext()
    watched = Watched(os.path.dirname(manifest))
    with turn as wake_fd:  # which raises at its end, where the compile was overtaken
        try:
            built = _Build(manifest, options, wake_fd, watched).run()
        except _RefusedError as error:
            problem = Diagnostic("error", str(error), Span(0, 0), hint=error.hint, notes=error.notes)
            failed = CompileResult(source, options, (problem,), None, None, None, is_repeatable=False)
            built = Built(replace(failed, frontend="rustc"), ())
    return Built(replace(built.result, headers=watched.files()), built.modules)


@frozen
class _Command:
    """A call of cargo."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    limit: float
    """Seconds."""


@frozen
class _Prepared:
    """The build of one program."""

    target: Target
    command: _Command


_known: dict[str, dict[str, Any]] = {}
"""What cargo last said of the project of a manifest."""


class _Build:
    def __init__(self, manifest: str, options: CompileOptions, wake_fd: int | None, watched: Watched) -> None:
        self._watched = watched
        self._manifest = os.path.abspath(manifest)
        self._shown = manifest
        self._folder = os.path.dirname(self._manifest)
        self._options = options
        self._wake_fd = wake_fd
        try:
            self._toolchain: Toolchain = find_toolchain(self._folder)
        except CompilerError as error:
            message, _, hint = str(error).partition("; ")
            raise _RefusedError(message, hint or None) from error
        cargo = os.environ.get("CARGO") or search_path("cargo")
        if cargo is None:
            raise _RefusedError(
                "a project needs cargo, and there is none on PATH", "install it: https://rustup.rs"
            )
        self._cargo = cargo

    def run(self) -> Built:
        arguments = ("metadata", "--no-deps", "--format-version=1", f"--manifest-path={self._manifest}")
        asked, before = _Command(arguments, {}, 60.0), _known.get(self._manifest)
        # It is nearly always what it was; whether it is, is asked while the build goes on.
        build = None
        if before is not None:
            with contextlib.suppress(_RefusedError):  # said of what it is now
                build = self._prepare(before)
                self._watched.take_in(before)
        ends = self._run_all([asked, *([build.command] if build else [])])
        metadata = _read_metadata(ends[0])
        if build is None or metadata != before:
            _known[self._manifest] = metadata
            self._watched.take_in(metadata)
            build = self._prepare(metadata)
            ends = self._run_all([build.command])
        target, says = build.target, ends[-1].stderr
        lines = ends[-1].stdout.decode("utf-8", "replace").splitlines()
        messages = [json.loads(line) for line in lines if line.startswith("{")]
        artefacts = [message for message in messages if message.get("reason") == "compiler-artifact"]
        main = next((one for one in artefacts if _is_target(one["target"], target)), None)
        main_file = rewrite(Source(target.path, read_text(target.path) or ""))
        output_folder = os.path.normpath(metadata["target_directory"])
        files = CrateFiles(
            main_file,
            lambda path: is_own(os.path.dirname(path)) and not path.startswith(f"{output_folder}{os.sep}"),
            base=metadata["workspace_root"],
            show=self._show,
        )
        files.add(target.path, main_file)
        found: list[Diagnostic] = []
        for artefact in artefacts:
            root = artefact["target"]["src_path"]
            if is_own(os.path.dirname(root)) and artefact["target"]["kind"] != ["custom-build"]:
                parts = [os.path.join(metadata["workspace_root"], name) for name in _parts_of(artefact)]
                self._watched.add([artefact["manifest_path"], *parts])
                found += files.own_diagnostics(files.find(root) or main_file, files.take_in([root, *parts]))
        if main is None:
            parts = [os.path.join(os.path.dirname(target.path), name) for name in _sources_of(target)]
            self._watched.add(parts)
            found += files.own_diagnostics(main_file, files.take_in([target.path, *parts]))
        reader = Messages(files)
        found += _diagnostics(messages, reader, target)
        finished = any(
            message.get("reason") == "build-finished" and message["success"] for message in messages
        )
        if not finished and not any(one.is_error for one in found):
            raise _RefusedError(*_why(says))
        if any(one.is_error for one in found) or main is None:
            result = CompileResult(
                files.source, self._options, unique(iter(found)), None, None, None, is_repeatable=False
            )
            return Built(replace(result, frontend="rustc"), ())
        texts = list(_modules(main, artefacts))
        try:
            converted = convert(texts, files.shown, self._options, is_library=target.kind == "lib")
        except IrError as error:
            text = f"the IR of rustc {self._toolchain.version} is not what btfview reads: {error}"
            raise _RefusedError(text) from error
        found += wrong_queries(converted, files)
        found += missing(converted, files)
        dialect = dialect_of((one for _, one in files.all()), self._options)
        program = describe(converted, files, dialect)
        lints, baked_in = find_lints(converted, files, program, reader.touched)
        program = replace(program, baked_in=baked_in)
        found += lints
        result = CompileResult(
            files.source,
            self._options,
            unique(iter(found)),
            program,
            converted.modules[0],
            None,
            is_repeatable=False,
        )
        return Built(replace(result, frontend="rustc"), converted.modules)

    def _show(self, path: str) -> str:
        """Return *path* as it is from where the manifest was named."""
        relative = os.path.relpath(path, self._folder)
        if relative.startswith(os.pardir):
            return path
        return os.path.normpath(os.path.join(os.path.dirname(self._shown), relative))

    # ---- cargo

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
        if self._toolchain.rustc != search_path("rustc"):
            kept["RUSTC"] = self._toolchain.rustc
        return {
            **kept, "CARGO_INCREMENTAL": "0", "CARGO_TERM_COLOR": "never", "RUSTUP_AUTO_INSTALL": "0",
            "CARGO_TERM_PROGRESS_WHEN": "never",
        }  # fmt: skip

    def _run_all(self, commands: list[_Command]) -> list[Exit]:
        """Return how each of *commands* ended, run at once."""
        limit = max(command.limit for command in commands)
        enter = ["/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", self._folder, self._cargo]
        try:
            children = [
                (spawn([*enter, *command.arguments], {**self._environment(), **command.environment}), b"")
                for command in commands
            ]
            ends = converse(children, time_limit=limit, wake_fd=self._wake_fd)
        except OSError as error:
            raise _RefusedError(f"{self._cargo} could not be started: {error.strerror}") from error
        for end in ends:
            if end.stopped == "timeout":
                raise _RefusedError(
                    f"cargo did not finish within {limit:g} s and was stopped, with all that it had started",
                    f"a build script may wait for something; {TIME_VARIABLE} gives it more time",
                )
            if end.stopped:
                raise _RefusedError(f"cargo was stopped: {end.stopped}")
        return ends

    def _choose(self, metadata: Mapping[str, Any]) -> Target:
        """Return the program to compile: the one that the options name, or the only one there is."""
        programs: list[Target] = []
        here = [one for one in metadata["packages"] if one["manifest_path"] == self._manifest]
        for package in here or metadata["packages"]:
            for target in package["targets"]:
                kind = next((word for word in target["kind"] if word in ("bin", "example")), "lib")
                if "proc-macro" in target["kind"] or target["kind"] in (
                    ["custom-build"],
                    ["test"],
                    ["bench"],
                ):
                    continue
                programs.append(Target(package["name"], target["name"], kind, target["src_path"]))
        wanted = self._options.program
        if wanted:
            kind, _, name = wanted.partition(":")
            matching = [one for one in programs if (one.kind, one.name) == (kind, name)]
            matching = matching or [one for one in programs if kind == "package" and one.package == name]
            if not matching:
                known = ", ".join(f"--{one.kind} {one.name}" for one in programs if one.kind != "lib")
                raise _RefusedError(f"no {kind} `{name}` in {self._shown}", f"there are {known or 'none'}")
            programs = matching
        bins = [one for one in programs if one.kind == "bin"] or [
            one for one in programs if one.kind == "lib"
        ]
        bins = bins or programs
        if not bins:
            raise _RefusedError(f"{self._shown} has no program")
        if len(bins) > 1:
            known = ", ".join(f"--{one.kind} {one.name}" for one in programs if one.kind != "lib")
            raise _RefusedError(f"{self._shown} has {len(bins)} programs", f"name one: {known}")
        return bins[0]

    def _prepare(self, metadata: Mapping[str, Any]) -> _Prepared:
        """Return the build of the program that the options name in the project that *metadata* describes."""
        target = self._choose(metadata)
        output = os.path.join(metadata["target_directory"], f"btfview-{__version__}")
        os.makedirs(output, exist_ok=True)
        try:
            stand_ins = [
                compile_stand_in(self._toolchain, dialect, output, 60.0, self._wake_fd)
                for dialect in ("repr", "option")
            ]
        except (OSError, StandInError) as error:
            raise _RefusedError(f"rustc {self._toolchain.version} could not be run: {error}") from error
        arguments = [
            "check", "--message-format=json", f"--manifest-path={self._manifest}", f"--target-dir={output}",
            f"--target={self._toolchain.host}", f"--package={target.package}",
            *([f"--{target.kind}={target.name}"] if target.kind != "lib" else ["--lib"]),
        ]  # fmt: skip
        environment = {
            "RUSTC_WRAPPER": _write_wrapper(output),
            STAND_INS_VARIABLE: os.pathsep.join(stand_ins),
            DIALECT_VARIABLE: self._options.dialect,
            PROGRAM_VARIABLE: target.path,
        }
        limit = TIME_LIMIT
        with contextlib.suppress(ValueError):
            limit = float(os.environ.get(TIME_VARIABLE, "") or TIME_LIMIT)
        return _Prepared(target, _Command(tuple(arguments), environment, limit))


def _read_metadata(end: Exit) -> dict[str, Any]:
    if end.code:
        raise _RefusedError(*_why(end.stderr))
    found: dict[str, Any] = json.loads(end.stdout)
    return found


def _is_target(found: Mapping[str, Any], target: Target) -> bool:
    return bool(found["src_path"] == target.path and found["name"] == target.name)


def _diagnostics(
    messages: Iterable[Mapping[str, Any]], reader: Messages, target: Target
) -> Iterator[Diagnostic]:
    for message in messages:
        if message.get("reason") != "compiler-message":
            continue
        for one in reader.diagnostic(message["message"]):
            is_own = message["target"]["src_path"] == target.path
            if is_own:
                yield one
            elif one.is_error:
                name = message["target"]["name"]
                yield replace(one, span=Span(0, 0), notes=(f"in the crate `{name}`", *one.notes))


def _parts_of(artefact: Mapping[str, Any]) -> list[str]:
    """Return the files that a crate is made of, from the folder of the workspace."""
    for name in artefact["filenames"]:
        folder, base = os.path.split(name)
        if base.endswith((".rmeta", ".rlib")):
            base = os.path.splitext(base)[0].removeprefix("lib")
            return read_dep_info(os.path.join(folder, f"{base}.d"))
    return []


def _sources_of(target: Target) -> Iterator[str]:
    """Yield the Rust files beside a program that rustc did not come to the end of; another program's own are
    none of it."""
    for name in sources_under(os.path.dirname(target.path)):
        is_another = name in ("main.rs", "lib.rs") or name.partition(os.sep)[0] in ("bin", "examples")
        if not is_another or os.path.basename(target.path) == name:
            yield name


def _modules(main: Mapping[str, Any], artefacts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the IR of the program's crate, then that of the crates that it uses."""
    others = [one for one in artefacts if one is not main]
    for artefact in (main, *others):
        for name in artefact["filenames"]:
            folder, base = os.path.split(name)
            path = os.path.join(folder, base.removeprefix("lib").removesuffix(".rmeta") + ".ll")
            if base.endswith(".rmeta") and os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    yield file.read()


def _write_wrapper(output: str) -> str:
    """Return the path of the program that cargo is to call for rustc."""
    from btfview.compiler.llvm.cold import folder_of

    root, packages = folder_of("btfview"), folder_of("tree_sitter_rust")
    path = os.path.join(output, "rustc-wrapper")
    code = (
        f"import sys; sys.path.extend([{root!r}, {packages!r}]); "
        "from btfview.compiler.rustc.cargo.wrapper import main; sys.exit(main(sys.argv[1:]))"
    )
    import shlex

    text = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -I -S -c {shlex.quote(code)} "$@"\n'
    if read_text(path) != text:
        part = f"{path}.{os.getpid()}"
        with open(part, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(part, stat.S_IRWXU)
        os.replace(part, path)
    return path


def _why(says: str) -> tuple[str, str | None, tuple[str, ...]]:
    """Return what cargo's stderr comes to: a message, a hint, notes."""
    lines = [line.rstrip() for line in says.splitlines() if line.strip()]
    first = next((line for line in lines if line.startswith("error")), lines[-1] if lines else "cargo failed")
    message = first.partition(": ")[2] or first
    notes = tuple(line.strip() for line in lines[lines.index(first) + 1 :][:12]) if first in lines else ()
    hint = None
    if any(word in says for word in _NO_NETWORK):
        hint = "a dependency is missing, and the registry is not reachable; `cargo fetch` where it is"
    elif "custom build command" in says:
        hint = "the build script of a dependency failed; `cargo check` shows the same"
    elif "lock file" in says:
        hint = "`cargo update`, or a newer cargo"
    return f"cargo: {message}", hint, notes
