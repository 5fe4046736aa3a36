"""The front end, seen from the caller: a source goes in, a result comes out, whatever becomes of it there."""

from __future__ import annotations

from btfview.compiler.llvm import protocol
from btfview.diagnostics import Diagnostic
from btfview.source import Source, Span

from .transfer import FrontEndResult, decode_result, encode_job

TYPE_CHECKING = False

if TYPE_CHECKING:
    from btfview.compiler.llvm.protocol import JobEnd
    from btfview.compiler.llvm.worker import Worker
    from btfview.compiler.options import CompileOptions

_REPORT = "this is a fault of btfview: please report it together with the source"


def build_apart(
    source: Source, options: CompileOptions, time_limit: float, worker: Worker | None, epoch: int
) -> FrontEndResult:
    """Return what the front end makes of *source*, within limits of time and memory.

    It runs in the warm process of *worker*; without one, or where none can be started, in this process.

    Raises:
        CompileCancelledError: :meth:`.Worker.cancel` was called since *epoch* was taken.
    """
    end: JobEnd | None = None
    if worker is not None:
        end = worker.build(encode_job(source, options, time_limit), time_limit, epoch)
    if end is None:
        from .process import answer_here

        end = answer_here(source, options, time_limit)
    said = dict(protocol.split_frames(end.stdout))
    if protocol.FRONT in said and not end.stopped:
        return decode_result(said[protocol.FRONT])
    fault = said.get(protocol.FAILED, b"").decode("utf-8", "replace")
    return FrontEndResult(None, None, (_failure(end, fault, time_limit),), is_repeatable=False)


def _failure(end: JobEnd, fault: str, time_limit: float) -> Diagnostic:
    hint = _REPORT
    if end.stopped == "timeout":
        message = f"the front end did not finish within {time_limit:g} s and was stopped"
        hint = "divide the source"
    elif end.stopped:
        message = f"the front end was stopped: {end.stopped}"
    elif fault:
        message = f"internal error: {fault}"
    elif end.code < 0:
        message = f"the front end ended with signal {-end.code}"
    else:
        message = f"the front end ended with exit code {end.code}"
    return Diagnostic("error", message, Span(0, 0), hint=hint)
