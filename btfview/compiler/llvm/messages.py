"""What LLVM said, as diagnostics about the user's source."""

from __future__ import annotations

import re

from btfview.diagnostics import Diagnostic, short_line
from btfview.frozen import frozen, replace
from btfview.source import Source, Span

from .bitcode import is_bitcode, major_version, producer_of

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from btfview.compiler.result import Program

    from .cold import LlvmAnswer

REPORT_HINT = "this is a fault of btfview: please report it together with the source"

_NOWHERE = Span(0, 0)
_MAX_SHOWN, _MAX_NOTES = 100, 20
"""Messages of LLVM, and lines of one."""

_MESSAGE = re.compile(
    r"^(?P<severity>error|warning|note|remark): "
    r"(?:(?P<file>[^\n]*?):(?P<line>\d+):(?P<column>\d+): )?"
    r"(?:in function (?P<function>\S+) [^\n]*?\): )?"
    r"(?P<text>[^\n]*)$",
    re.MULTILINE,
)
_PARSE_ERROR = re.compile(r"^<string>:(\d+):(\d+): error: (.*)$", re.MULTILINE)
_NEWER_IR = re.compile(r"attribute|invalid field|expected (?:instruction opcode|metadata)|specialized MDNode")
_NEWER_IR_HINT = "btfview reads the textual IR of LLVM 22 and older"
_FATAL = re.compile(r"^LLVM ERROR: (.*)$", re.MULTILINE)
_DAG_NODE, _DAG_PLACE = re.compile(r"\S+: \S+ = \w+<"), re.compile(r", \S+:\d+:\d+ ")
_ASSERTION = re.compile(r"Assertion `(.*)' failed\.")

_EXPLANATIONS: tuple[tuple[str, str, str], ...] = (
    (
        r"unsupported signed division",
        "signed division and remainder need cpu v4",
        "compile with --cpu v4, or divide unsigned integers",
    ),
    (
        r"BPF stack limit is exceeded",
        "the function needs more than the 512 bytes of stack that BPF has",
        "make the largest local variable smaller, or move it into a map or a static",
    ),
    (
        r"too many arguments",
        "a call passes more than five arguments, and BPF has five registers for them",
        "pass a pointer to a struct that holds them",
    ),
    (
        r"stack arguments are not supported",
        "the function takes more than five arguments, and BPF has five registers for them",
        "pass a pointer to a struct that holds them",
    ),
    (
        r"aggregate returns are not supported|unable to allocate function return",
        "the function returns more than 64 bits, and BPF returns one register",
        "write the result through a pointer argument",
    ),
    (
        r"unsupported dynamic stack allocation",
        "a local variable has a size that is not known when compiling",
        "give it a fixed size; all of a function's stack is 512 bytes",
    ),
    (
        r"built-in function '(?:memcpy|memset|memmove|memcmp)'",
        "a copy or fill of memory is too long to be written out as instructions",
        "copy less at once, or call bpf_probe_read_kernel",
    ),
    (
        r"built-in function '__(?:mul|div|udiv|mod|umod|ash[lr]|lshr)ti3'",
        "128-bit arithmetic has no BPF instructions",
        "use 64-bit integers",
    ),
    (
        r"built-in function '__\w{0,20}[sdt]f\w{0,20}'",
        "floating point has no BPF instructions",
        "use integers",
    ),
    (
        r"sequentially consistent",
        "a sequentially consistent atomic load or store has no BPF instruction",
        "use an acquire load or a release store with --cpu v4, or a read-modify-write operation",
    ),
    (
        r"Missing metadata for llvm\.preserve",
        "a call of an access intrinsic has no !llvm.preserve.access.index",
        "attach the debug-info type of the container that the step walks into",
    ),
    (
        r"Incorrect info_kind",
        "the second argument of llvm.bpf.preserve.field.info is no kind of field query",
        "use 0 byte_offset, 1 byte_size, 2 exists, 3 signed, 4 lshift_u64 or 5 rshift_u64",
    ),
)


@frozen
class CompiledText:
    """What LLVM was given, and what its messages can be mapped back to."""

    source: Source
    ir: str
    program: Program | None
    is_ir_source: bool
    """The user wrote the IR: its mistakes are theirs."""
    time_limit: float


def explain_backend_error(text: str) -> tuple[str, str | None]:
    """Return LLVM's BPF *text* in words, and what to do about it; the text itself when it is not known."""
    for pattern, message, hint in _EXPLANATIONS:
        if re.search(pattern, text):
            return message, hint
    return without_dag_node(text), None


def without_dag_node(text: str) -> str:
    """Return *text* without the selection DAG node that LLVM prints before some, an address in it.

    >>> without_dag_node("t3: i64 = GlobalAddress<ptr @g> 0, a.c:2:22 too many arguments")
    'too many arguments'
    """
    node = _DAG_NODE.match(text)
    close = text.find(">", node.end()) if node else -1
    place = _DAG_PLACE.search(text, close) if close >= 0 else None
    return text[place.end() :] if place else text


def read_llvm_messages(answer: LlvmAnswer, text: CompiledText) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of *answer*, one error at least when it holds no object."""
    return _bounded(_messages(answer, text))


def _bounded(found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """Return as many of *found*, with as much in a line, as people read; LLVM quotes names of any length."""
    if len(found) > _MAX_SHOWN:
        more = f"{len(found) - _MAX_SHOWN:,} more messages of LLVM are not shown"
        first = sorted(found, key=lambda one: not one.is_error)[:_MAX_SHOWN]
        found = (*first, Diagnostic("note", more, _NOWHERE))
    return tuple(
        replace(one, message=short_line(one.message), notes=tuple(map(short_line, one.notes[:_MAX_NOTES])))
        for one in found
    )


def _messages(answer: LlvmAnswer, text: CompiledText) -> tuple[Diagnostic, ...]:
    match answer.failure:
        case None:
            return (*_printed(answer.stderr, text), *_unexplained(answer.stderr))
        case "parse":
            return (_parse_error(answer.message, text),)
        case "verify":
            return (_verifier_error(answer.message, text),)
        case "exit" | "signal":
            return (
                tuple(_printed(answer.stderr, text)) if _has_error(answer.stderr) else (_death(answer, text),)
            )
        case "timeout":
            return (
                _error(
                    f"LLVM did not finish within {text.time_limit:g} s and was stopped",
                    hint="look for a very large array, constant or unrolled loop",
                ),
            )
        case "too much output":
            return (
                _error("the object would be larger than 256 MiB", hint="make the largest static smaller"),
            )
        case "start":
            return (
                _error(
                    f"LLVM could not be started: {answer.message}",
                    hint="`pip install llvmlite`, or reinstall btfview",
                ),
            )
        case _:
            return (_error(f"internal error: LLVM's process raised {answer.message!r}", hint=REPORT_HINT),)


def explain_modules(answer: LlvmAnswer, modules: Mapping[str, bytes]) -> tuple[Diagnostic, ...]:
    """Return what is wrong with one of *modules* (by file) rather than with the program; empty if nothing.

    Bitcode of a newer LLVM may be refused, or may end ours: either way the message names both versions.
    """
    return _bounded(_module_messages(answer, modules))


def _module_messages(answer: LlvmAnswer, modules: Mapping[str, bytes]) -> tuple[Diagnostic, ...]:
    if answer.failure is None or answer.failure in ("start", "timeout", "too much output"):
        return ()
    ours = answer.llvm_version
    if (newer := _newer_modules(ours, modules)) and answer.failure != "link module":
        [(name, producer), *_] = newer
        reason = answer.message.partition("\n")[2].strip() or _last_words(answer)
        return (
            _error(
                f"{name} was written by {_spaced(producer)}, newer than the LLVM {ours} in btfview: {reason}",
                hint=f"make it with LLVM {ours.partition('.')[0]} or older, or install a newer llvmlite",
            ),
        )
    if answer.failure not in ("parse module", "link module"):
        return ()
    position, _, reason = answer.message.partition("\n")
    name = list(modules)[int(position)]
    if answer.failure == "link module":
        return (_error(f"{name} does not link with what stands before it: {reason.strip()}"),)
    maker = producer_of(modules[name])
    made = f" of {_spaced(maker)}" if maker else ""
    what = "bitcode" if is_bitcode(modules[name]) else "LLVM IR"
    return (_error(f"{name}: LLVM {ours} cannot read this {what}{made}: {reason.strip()}"),)


def _newer_modules(version: str, modules: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """Return (file, producer) of those whose LLVM is newer than *version*, ours."""
    ours = version.partition(".")[0]
    found = []
    for name, data in modules.items():
        producer = producer_of(data)
        major = major_version(producer) if producer else None
        if producer and major and ours and major > int(ours):
            found.append((name, producer))
    return found


def _spaced(producer: str) -> str:
    return f"LLVM {producer.removeprefix('LLVM')}" if producer.startswith("LLVM") else producer


def _error(
    message: str, span: Span = _NOWHERE, *, hint: str | None = None, notes: tuple[str, ...] = ()
) -> Diagnostic:
    return Diagnostic("error", message, span, hint=hint, notes=notes)


def _has_error(stderr: str) -> bool:
    return any(match["severity"] == "error" for match in _MESSAGE.finditer(stderr))


def _printed(stderr: str, text: CompiledText) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each ``severity: FILE:LINE:COL: in function ..`` that LLVM printed."""
    for match in _MESSAGE.finditer(stderr):
        printed = without_dag_node(match["text"].strip())
        message, hint = explain_backend_error(printed)
        notes = [f"LLVM: {printed}"] if message != printed else []
        span, place = _place(match, text)
        if place:
            notes.append(place)
        severity = "note" if match["severity"] == "remark" else match["severity"]
        yield Diagnostic(severity, message, span, hint=hint, notes=tuple(notes))


def _unexplained(stderr: str) -> Iterator[Diagnostic]:
    """Yield what LLVM printed in another form and went on: rare, but not ours to hide."""
    for line in _MESSAGE.sub("", stderr).splitlines():
        if line.strip():
            yield Diagnostic("warning", f"LLVM says: {line.strip()}", _NOWHERE)


def _place(match: re.Match[str], text: CompiledText) -> tuple[Span, str | None]:
    """Return the span that a message is about, and a note for a place that is in no text we have."""
    line, column = int(match["line"] or 0), int(match["column"] or 0)
    if line and not text.is_ir_source:
        return token_span(text.source, line, column), None
    place = f"the debug info says {match['file']}:{line}:{column}" if line else None
    return _function_span(match["function"], text), place


def _function_span(symbol: str | None, text: CompiledText) -> Span:
    if symbol is None:
        return _NOWHERE
    if text.program is not None:
        for function in text.program.functions:
            if function.symbol == symbol:
                return function.span
    if text.is_ir_source:
        name = re.escape(symbol)
        found = re.search(rf'^define\b[^\n]*?(@(?:{name}|"{name}"))\(', text.source.text, re.MULTILINE)
        if found:
            return Span(found.start(1), found.end(1))
    return _NOWHERE


def token_span(source: Source, line: int, column: int) -> Span:
    """Return the word that begins at a place, or one character of the line, or nothing at its end.

    Column 0 (LLVM: not known) is the first character of the line that is not a blank.
    """
    content = source.line(line)
    if column < 1:
        column = len(content) - len(content.lstrip()) + 1
    start = source.offset(line, column)
    rest = content[column - 1 :]
    word = re.match(r"\w+", rest)
    return Span(start, start + (word.end() if word else len(rest[:1])))


def character_column(line: str, byte_column: int) -> int:
    """Return the 1-based character of *line* at a 1-based UTF-8 byte, as LLVM and clang count.

    >>> character_column("é = x", 6)
    5
    """
    return len(line.encode("utf-8", "replace")[: max(byte_column - 1, 0)].decode("utf-8", "ignore")) + 1


def _parse_error(message: str, text: CompiledText) -> Diagnostic:
    found = _PARSE_ERROR.search(message)
    if found is None:
        what = message.strip() or "LLVM could not read the IR"
        return _error(what, hint=None if text.is_ir_source else REPORT_HINT)
    line, column, what = int(found[1]), int(found[2]), found[3]
    if not text.is_ir_source:
        ir_line = "".join(text.ir.splitlines()[line - 1 : line]).strip()
        return _error(
            f"internal error: LLVM does not accept the IR that btfview wrote: {what}",
            hint=REPORT_HINT,
            notes=(f"IR line {line}, column {column}: {ir_line}",),
        )
    column = character_column(text.source.line(line), column)
    return _error(
        what,
        token_span(text.source, line, column),
        hint=_NEWER_IR_HINT if _NEWER_IR.search(what) else None,
    )


def _verifier_error(message: str, text: CompiledText) -> Diagnostic:
    what, *lines = [line.rstrip() for line in message.strip().splitlines()] or ["the module is not valid"]
    notes = tuple(line.strip() for line in lines)
    if not text.is_ir_source:
        message = f"internal error: LLVM does not accept the IR that btfview wrote: {what}"
        return _error(message, hint=REPORT_HINT, notes=notes)
    return _error(what, _find_line(text.source, notes[-_MAX_NOTES:]), notes=notes)


def _find_line(source: Source, candidates: tuple[str, ...]) -> Span:
    """Return the last of *candidates* that is a line of *source*; the verifier quotes the culprit last."""
    for candidate in reversed(candidates):
        found = re.search(rf"^[ \t]*({re.escape(candidate)})", source.text, re.MULTILINE)
        if candidate and found:
            return Span(found.start(1), found.end(1))
    return _NOWHERE


def _death(answer: LlvmAnswer, text: CompiledText) -> Diagnostic:
    """Return the diagnostic for a process that ended without an error message of the usual form."""
    what = _last_words(answer)
    message, hint = explain_backend_error(what)
    if hint is not None:
        return _error(message, hint=hint, notes=(f"LLVM: {what}",))
    if "out of memory" in what or "bad_alloc" in what:
        return _error("LLVM ran out of memory", hint="look for a very large array, constant or unrolled loop")
    if text.is_ir_source:
        return _error(f"LLVM stopped on this module: {what}")
    return _error(f"internal error: LLVM stopped on this program: {what}", hint=REPORT_HINT)


def _last_words(answer: LlvmAnswer) -> str:
    for pattern in (_FATAL, _ASSERTION):
        found = pattern.search(answer.stderr)
        if found:
            return found[1].strip()
    lines = [line.strip() for line in answer.stderr.splitlines() if line.strip()]
    if lines:
        return lines[-1]
    if answer.code < 0:
        import signal

        try:
            return signal.strsignal(-answer.code) or f"signal {-answer.code}"
        except ValueError:
            return f"signal {-answer.code}"
    return f"exit code {answer.code}, and not a word"
