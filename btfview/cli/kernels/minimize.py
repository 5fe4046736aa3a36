"""``btfview minimize``: of kernels no more BTF than some objects' relocations need (btfgen)."""

from __future__ import annotations

import os
import sys

from btfview.cli.arguments import (
    ALL_LOADERS,
    add_compile_arguments,
    add_jobs_argument,
    add_loader_argument,
    add_target_argument,
    choose_jobs,
    compile_options,
)
from btfview.cli.configured import add_configuration_arguments, configuration_of
from btfview.cli.fleet import add_fleet_arguments, chosen_fleet
from btfview.cli.output import STDOUT
from btfview.errors import (
    EXIT_FINDINGS,
    EXIT_NOT_COMPILED,
    EXIT_UNREADABLE,
    InputError,
    TargetError,
    UnreadableFileError,
    UsageError,
    reason_of,
)
from btfview.frozen import TYPE_CHECKING, frozen, replace

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Any

    from btfview.analysis.resolve_on import Question
    from btfview.cli.fleet import Fleet
    from btfview.minimal.make import Minimal
    from btfview.targets.target import Target

EXAMPLES = """\
  btfview minimize *.bpf.o -t /boot/vmlinuz-6.1.0-56-amd64 -o 6.1.btf    for libbpf's btf_custom_path
  btfview minimize *.bpf.o -t btfhub-archive/ubuntu -o min/         min/NAME.btf of each kernel
  btfview minimize *.bpf.o -t fleet.atlas -o min.atlas              of all kernels of an atlas: a new one
  btfview minimize prog.rs -t kernels/ --arch amd64 --exclude '*-rt*' -o min/ --json
  btfview minimize prog.bpf.o -t running -o min.btf --demands       and of its kfuncs, struct_ops, targets
"""
_SUFFIX = ".btf"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "files", metavar="FILE", nargs="+", help="BPF objects, or sources (.rs, .c, .ll), to be compiled"
    )
    add_target_argument(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        required=True,
        help="the BTF of one kernel (- is stdout); of several a folder for NAME.btf of each, told apart as"
        " everywhere; a name that ends in .atlas becomes an atlas of them",
    )
    parser.add_argument(
        "--demands",
        action="store_true",
        help="keep what kfuncs, kernel variables, struct_ops and attach targets need, too: for btfview, as"
        " libbpf asks the kernel itself for them",
    )
    add_loader_argument(parser)
    add_jobs_argument(parser)
    parser.add_argument("--json", action="store_true", help="print JSON (schema_version 1)")
    add_fleet_arguments(parser)
    add_configuration_arguments(parser)
    add_compile_arguments(parser)


@frozen
class _Made:
    """What came of one target."""

    target: Target
    output: str
    """The file; empty where none was written."""
    size: int = 0
    """Bytes of its BTF."""
    minimal: Minimal | None = None
    """Without those."""
    problem: str = ""


def run(args: Namespace) -> int:
    """Write the BTF; return 1 if a record's answer cannot be kept, 3 if a target cannot be read (the others
    are written), 4 if a source does not compile."""
    from btfview.cli.output import refuse_inputs
    from btfview.minimal.on_targets import minimal_of_each

    fleet = chosen_fleet(args, configuration_of(args))
    if not fleet.targets:
        raise UsageError("of which kernels? Name them with -t")
    jobs = choose_jobs(args.jobs, fleet.targets, 1)
    _check_output(args, fleet.targets)
    questions = _questions(args, fleet)
    if questions is None:
        return EXIT_NOT_COMPILED
    asked = {
        target: tuple(one for one, targets in questions if target in targets) for target in fleet.asked()
    }
    inputs = dict.fromkeys((*args.files, *(file for target in fleet.targets for file in target.files)))
    outputs = _Outputs(args.output, list(asked))
    for path in dict.fromkeys(map(outputs.path_of, asked)):
        refuse_inputs(path, inputs)
    made: list[_Made] = []
    with outputs:
        from .atlas_input import Progress

        progress = Progress(len(asked))
        for target, found in minimal_of_each(asked, _loaders(args), jobs):
            progress.begin(target.name)
            made.append(_write(target, found, outputs))
        progress.end()
    return _tell(args, made, questions, outputs)


def _loaders(args: Namespace) -> tuple[str, ...]:
    from btfview.core_relo.loaders.names import LOADERS

    return LOADERS if args.loader == ALL_LOADERS else (args.loader,)


def _check_output(args: Namespace, targets: list[Target]) -> None:
    if args.output != STDOUT:
        return
    if len(targets) > 1:
        raise UsageError(f"{len(targets)} kernels do not go to stdout; name a folder or an atlas with -o")
    if args.json:
        raise UsageError("--json and the BTF would both go to stdout; name a file with -o")
    if sys.stdout.isatty():
        raise UsageError("this is binary, and stdout is a terminal; name a file with -o, or redirect")


def _questions(args: Namespace, fleet: Fleet) -> list[tuple[Question, frozenset[Target]]] | None:
    """Return what each program asks, and of which targets; None where one does not compile.

    Raises:
        InputError: a file cannot be read, or has no BTF: a kernel's BTF without its part would be wrong.
    """
    from btfview.analysis.analyse import analyse
    from btfview.analysis.resolve_on import Question
    from btfview.cli.output import write_diagnostics
    from btfview.core_relo.local import read_local_relos

    found: list[tuple[Question, frozenset[Target]]] = []
    is_compiled = True
    for path in args.files:
        analysis = analyse(path, (), compile_options(args), kernels=lambda: fleet.targets)
        if analysis.source:
            write_diagnostics(analysis.diagnostics, analysis.source, "human")
        if analysis.compilation and analysis.compilation.has_errors:
            is_compiled = False
            continue
        obj = analysis.object
        if obj is None:
            raise InputError("compiles to an object without BTF: it asks nothing of a kernel", path=path)
        relos = read_local_relos(obj)
        asked = None
        if args.demands:
            from btfview.demands.asked import Asked, Loading

            asked = Asked(obj, Loading(is_judged=False))
        question = Question(obj, relos, asked=asked)
        found.append((question, frozenset(fleet.narrowed(path, obj, relos))))
    return found if is_compiled else None


# -- writing ---------------------------------------------------------------------------------------


class _Outputs:
    """Where the BTF goes: one file, a file for each kernel, or an atlas."""

    def __init__(self, output: str, targets: list[Target]) -> None:
        self.output = output
        self.is_atlas = output.endswith(".atlas") and not os.path.isdir(output)
        is_folder = len(targets) > 1 or output.endswith("/") or os.path.isdir(output)
        self.is_folder = is_folder and not self.is_atlas and output != STDOUT
        self._atlas: Any = None

    def path_of(self, target: Target) -> str:
        """Return the file that gets the BTF of *target*.

        Raises:
            TargetError: its name is none for a file (of an atlas anything may be one).
        """
        if not self.is_folder:
            return self.output
        parts = target.name.split("/")
        if any(part in ("", ".", "..") for part in parts) or "\0" in target.name:
            hint = "write an atlas: -o NAME.atlas"
            raise TargetError(f"{target.name!r} cannot be the name of a file", path=target.path, hint=hint)
        return os.path.join(self.output, *parts) + _SUFFIX

    def __enter__(self) -> _Outputs:
        if self.is_atlas:
            from .new_atlas import NewAtlas

            self._atlas = NewAtlas(self.output)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._atlas is not None:
            self._atlas.end(is_kept=kind is None)

    def write(self, target: Target, data: bytes) -> str:
        """Write the BTF of *target*; return the file.

        Raises:
            UnreadableFileError: it cannot be written.
        """
        path = self.path_of(target)
        if self._atlas is not None:
            self._atlas.add(target, data)
            return path
        from btfview.cli.output import write_output

        if self.is_folder:
            folder = os.path.dirname(path)
            try:
                os.makedirs(folder, exist_ok=True)
            except (OSError, ValueError) as error:
                raise UnreadableFileError(
                    f"cannot be made a folder: {reason_of(error)}", path=folder
                ) from error
        write_output(path, data, inputs=())  # none of which is one: that was looked at before all else
        return path


def _write(target: Target, found: Minimal | str, outputs: _Outputs) -> _Made:
    if isinstance(found, str):
        return _Made(target, "", problem=found)
    if found.unlike:
        problem = f"{target.name}: not written: {found.unlike[0]} has another answer"
        return _Made(target, "", minimal=found, problem=problem)
    return _Made(target, outputs.write(target, found.data), len(found.data), replace(found, data=b""))


# -- telling ---------------------------------------------------------------------------------------


def _tell(
    args: Namespace,
    made: list[_Made],
    questions: list[tuple[Question, frozenset[Target]]],
    outputs: _Outputs,
) -> int:
    from btfview.btf.format.spelling import visible

    if args.json:
        from btfview.cli.output import print_json

        print_json(_json(args, made, questions))
    written = [(one.size, one.minimal) for one in made if one.output and one.minimal]
    if written and not args.json:
        line = visible(_summary(written, questions, outputs))
        print(line, file=sys.stderr if outputs.output == STDOUT else sys.stdout)
    for one in made:
        if one.problem:
            print(f"btfview: error: {visible(one.problem)}", file=sys.stderr)
    moved = any(one.moved_ids for _, one in written)
    if moved and not args.json:
        print(
            "btfview: note: a program asks for the id of a type (bpf_core_type_id_kernel), and a minimal BTF"
            " numbers types anew",
            file=sys.stderr,
        )
    if any(one.problem and not one.minimal for one in made):
        return EXIT_UNREADABLE
    return EXIT_FINDINGS if any(one.problem for one in made) else 0


def _summary(
    written: list[tuple[int, Minimal]], questions: list[tuple[Question, frozenset[Target]]], outputs: _Outputs
) -> str:
    from btfview.words import plural

    records = sum(len(question.relos) for question, _ in questions)
    asked = f"{plural(records, 'record')} of {plural(len(questions), 'object')}"
    sizes = [size for size, _ in written]
    name = "stdout" if outputs.output == STDOUT else outputs.output
    if len(written) == 1:
        return f"{name}: {plural(written[0][1].type_count, 'type')}, {sizes[0]:,} bytes, for {asked}"
    if outputs.is_atlas:
        whole = os.path.getsize(outputs.output)
        return f"{name}: {len(written)} kernels in {whole:,} bytes, for {asked}"
    each = f"{min(sizes):,} to {max(sizes):,}" if min(sizes) < max(sizes) else f"{sizes[0]:,}"
    return f"{name}: {len(written)} kernels, {each} bytes each, {sum(sizes):,} together, for {asked}"


def _json(
    args: Namespace, made: list[_Made], questions: list[tuple[Question, frozenset[Target]]]
) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "output": args.output,
        "files": [
            {"file": path, "records": len(question.relos), "targets": len(targets)}
            for path, (question, targets) in zip(args.files, questions, strict=True)
        ],
        "targets": [
            {
                "name": one.target.name,
                "path": one.target.path,
                "output": one.output or None,
                "size": one.size if one.output else None,
                "types": one.minimal.type_count if one.minimal else None,
                "records": one.minimal.record_count if one.minimal else None,
                "moved_ids": one.minimal.moved_ids if one.minimal else None,
                "problem": one.problem or None,
            }
            for one in made
        ],
    }
