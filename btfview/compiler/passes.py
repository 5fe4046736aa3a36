"""LLVM pass by pass: what each changes in a function, from the front end's IR to machine instructions.

LLVM says so itself (``-print-changed``). It runs the passes again for that, in a process of its own; the
object is the same.
"""

from __future__ import annotations

import re

from btfview.errors import CompilerError
from btfview.frozen import frozen

from .llvm.steady import number_passthrough

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .llvm.worker import Worker
    from .result import CompileResult

TIME_LIMIT = 20.0
"""Seconds: printing takes longer than compiling."""
START = "At Start"
_HEADING = re.compile(r"^\*\*\* IR (?P<what>.*) \*\*\*$")
_DUMPED = re.compile(r"Dump After (?P<name>.*) on \(?(?P<unit>[^()]*)\)?$")
_PLAIN = re.compile(r"[\w.$]+")
_IR_BEGIN = re.compile(r'define .*?@(?:"([^"]*)"|([\w.$-]+))\(')
_MACHINE_BEGIN = re.compile(r"# Machine code for function ([^:]+):")
_MACHINE_END = "# End machine code for function "
_LOCATION = re.compile(r",? ?!dbg !\d+|, debug-location !\d+")
_IDIOM = re.compile(r"^(?P<title>.*) \((?P<name>[\w-]+)\)$")


@frozen
class PassStep:
    """One pass that changed a function."""

    name: str
    """``BPFAbstractMemberAccessPass``; of a machine pass LLVM's argument: ``bpf-isel``."""
    title: str
    """What LLVM says beside the name of a machine pass: ``BPF DAG->DAG Pattern Instruction Selection``."""
    lines: tuple[str, ...]
    """The function after it, without the numbers of debug locations; calls of ``llvm.bpf.passthrough`` are
    numbered from 0 in each function."""
    is_machine: bool
    """They are machine instructions, no longer IR."""


@frozen
class FunctionTrace:
    symbol: str
    start: tuple[str, ...]
    """The function before any pass."""
    steps: tuple[PassStep, ...]
    """The passes that changed it, in order; those that changed its attributes' numbers alone are left out."""


def trace_passes(
    result: CompileResult,
    functions: Sequence[str] = (),
    *,
    worker: Worker | None = None,
    time_limit: float = TIME_LIMIT,
) -> tuple[FunctionTrace, ...]:
    """Return how the passes changed *functions* (ELF symbols; by default all) of a compiled source.

    Raises:
        CompilerError: *result* has no object, a name is none that LLVM can pick out, or LLVM fails.
        CompileCancelledError: *worker* was told to cancel meanwhile.
    """
    if result.object is None:
        raise CompilerError(f"{result.source.path} did not compile, so no pass has seen it whole")
    for symbol in functions:
        if not _PLAIN.fullmatch(symbol):
            raise CompilerError(f"{symbol!r}: LLVM cannot pick out a function of this name")
    if result.source.path.endswith(".c"):
        from .c.clang import trace_c

        printed = trace_c(result, functions, time_limit, worker)
    else:
        printed = _trace_ir(result, functions, worker, time_limit)
    return read_passes(printed, functions)


def _trace_ir(
    result: CompileResult, functions: Sequence[str], worker: Worker | None, time_limit: float
) -> str:
    from .llvm.cold import ColdLlvm
    from .llvm.protocol import LlvmJob

    triple = "bpfel" if result.options.endian == "little" else "bpfeb"
    job = LlvmJob(
        result.ir or "", result.options.cpu, triple, time_limit, frozenset({"passes"}), tuple(functions)
    )
    if worker is not None:
        answer = worker.run(job)
    else:
        with ColdLlvm() as llvm:
            cold = llvm.run(job)
        assert cold is not None  # nothing cancels it
        answer = cold
    if answer.passes is None:
        why = {"timeout": f"it took more than {time_limit:g} s", "start": answer.message}.get(
            answer.failure or "", answer.message or answer.failure or ""
        )
        raise CompilerError(f"LLVM did not print its passes: {why}; name fewer functions")
    if answer.object != result.object:
        raise CompilerError("LLVM made another object this time; its passes are not those of this one")
    return answer.passes


def read_passes(printed: str, wanted: Sequence[str] = ()) -> tuple[FunctionTrace, ...]:
    """Return what LLVM *printed* with ``-print-changed``, function by function in the order of the module; of
    *wanted* functions alone, where any are named."""
    starts: dict[str, tuple[str, ...]] = {}
    steps: dict[str, list[PassStep]] = {}
    numbers: dict[str, dict[str, int]] = {}
    for what, lines in _dumps(printed):
        found = _DUMPED.match(what)
        if what != f"Dump {START}" and found is None:
            continue
        for symbol, shown, is_machine in _functions(lines, wanted):
            known = numbers.setdefault(symbol, {})
            body = tuple(number_passthrough(line, known) for line in shown)
            if found is None:
                starts[symbol], steps[symbol] = body, []
                continue
            before = steps[symbol][-1].lines if steps.get(symbol) else starts.get(symbol, ())
            if [_plain(line) for line in before] != [_plain(line) for line in body]:
                idiom = _IDIOM.match(found["name"])
                name, title = (idiom["name"], idiom["title"]) if idiom else (found["name"], "")
                steps.setdefault(symbol, []).append(PassStep(name, title, body, is_machine))
    return tuple(
        FunctionTrace(symbol, starts.get(symbol, ()), tuple(taken)) for symbol, taken in steps.items()
    )


def _dumps(printed: str) -> Iterator[tuple[str, list[str]]]:
    """Yield (heading, lines) of each dump; headings that no lines follow (passes without effect) too."""
    what: str | None = None
    lines: list[str] = []
    for line in printed.split("\n"):
        heading = _HEADING.match(line)
        if heading is None:
            lines.append(line)
            continue
        if what is not None:
            yield what, lines
        what, lines = heading["what"], []
    if what is not None:
        yield what, lines


def _functions(lines: Sequence[str], wanted: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Yield (symbol, lines, whether they are machine instructions) of each *wanted* function in a dump."""
    symbol: str | None = None
    is_machine = False
    body: list[str] = []
    for line in lines:
        if symbol is None:
            begin = _IR_BEGIN.match(line) or _MACHINE_BEGIN.match(line)
            if begin is None:
                continue
            is_machine = begin.re is _MACHINE_BEGIN
            quoted, *others = begin.groups()
            symbol, body = (read_ir_name(quoted) if quoted and not is_machine else quoted or others[0]), []
        if line.startswith(_MACHINE_END) or (line == "}" and not is_machine):
            if not wanted or symbol in wanted:
                shown = [_LOCATION.sub("", one) for one in body if one.strip()]
                yield symbol, tuple(shown if is_machine else [*shown, line]), is_machine
            symbol = None
        else:
            body.append(line)


def read_ir_name(quoted: str) -> str:
    r"""Return the symbol that textual IR writes between quotes (LLVM LangRef: ``\xx`` is a byte in hex).

    >>> read_ir_name(r"a\1Bb")
    'a\x1bb'
    """
    data = re.sub(
        rb"\\([0-9A-Fa-f]{2})",
        lambda match: bytes.fromhex(match[1].decode()),
        quoted.encode("utf-8", "surrogateescape"),
    )
    return data.decode("utf-8", "replace")


def _plain(line: str) -> str:
    """Return *line* without what passes renumber elsewhere: attribute groups and metadata."""
    return re.sub(r"[!#]\d+", "#", line)
