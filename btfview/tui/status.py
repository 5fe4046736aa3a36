"""The words of the header: what is open, how it stands, how much there is."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from btfview.compiler.options import choices_differing
from btfview.core_relo.loaders.names import LIBBPF
from btfview.session.copies import shown_path
from btfview.source import language_of
from btfview.views.asks import ask_number
from btfview.views.kernels.strip import fate_sentence
from btfview.views.rows import Segment
from btfview.words import plural

from .drawing import Piece, visible, width_of
from .option_names import option_title
from .widgets.bars import file_piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.fates import Fates
    from btfview.analysis.result import Analysis
    from btfview.session.state import Session

_ORIGINS = {"c": "C", "llvm-ir": "LLVM IR", "bitcode": "bitcode", "object": "object"}
_SEPARATOR: Piece = (" · ", "dim")
_LEAST_GAP = 3
"""Cells between the left side of the header and the right, which would read as one otherwise."""
_FORMS = (
    (0, True, False),
    (1, True, False),
    (1, True, True),
    (2, True, True),
    (3, True, True),
    (3, False, True),
    (4, False, True),
)
"""Of the header, the richest first: form of the left side, has counts at the right, are they short."""
_SMALLEST = 30
"""Cells below which the last of those is shown: the strip takes half of them."""


def clock(seconds: float) -> str:
    """Return the local time of day: ``12:04:31``."""
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def header_pieces(
    session: Session, width: int, *, is_slow: bool, verdict: Piece | None = None, which: str = ""
) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return what stands at the left and at the right of the header, as rich as *width* cells allow.

    *is_slow* says that work has been under way for longer than a moment; *verdict* is the kernel's, if it was
    asked; *which* of several files is on show.
    """
    for form, has_counts, is_short in _FORMS[:-1] if width >= _SMALLEST else _FORMS[-1:]:
        left = _left(session, width, form, is_slow, verdict, which)
        right = _counts(session, is_short=is_short) if has_counts else ()
        if width_of(left) + width_of(right) + (_LEAST_GAP if right else 0) <= width:
            break
    return left, right


def fate_words(session: Session) -> tuple[Fates | None, tuple[Segment, ...], Sequence[str]]:
    """Return what the strip of the header is made of: the fates of the program, on how many kernels something
    fails in longer and shorter words, and the names of the kernels."""
    good, views = session.good, session.views
    if good is None or views is None:
        return None, (), ()
    sentences = tuple(fate_sentence(views.fates, good, is_short=is_short) for is_short in (False, True))
    if session.progress is not None:
        done, total = session.progress
        sentences = tuple(
            Segment(f"{one.text} · {done}/{total or '…'} so far", one.role) for one in sentences
        )
    elif session.stale_since is not None:  # of the last good result, which no longer is what stands there
        sentences = tuple(Segment(f"~ before: {one.text[2:]}", "dim") for one in sentences)
    return views.fates, sentences, [target.name for target in good.targets]


def _left(
    session: Session, width: int, form: int, is_slow: bool, verdict: Piece | None, which: str
) -> tuple[Piece, ...]:
    """Return the left side; *form* 0 is the richest."""
    path = session.path or (session.pending.path if session.pending else None)
    pieces: list[Piece] = [(" btfview  " if form < 2 else " ", "dim")]
    if path is None:
        return (*pieces, ("nothing is open", "title"))
    shown = shown_path(path) if form == 0 else os.path.basename(path) or path
    if form == 4:  # on the smallest terminals the sign alone, where nothing cuts it
        state = _state(session, is_slow, is_short=True)
        return (*pieces, *((f"{text[:1]} ", role) for text, role in state[:1]), file_piece(shown, 12))
    pieces += [file_piece(shown, max(12, width // 2 if form < 2 else width // 3)), ("  ", "")]
    if which:
        pieces.append((f"{which}  ", "dim"))
    pieces += _state(session, is_slow, is_short=form >= 2)
    if (loader := session.good.loader if session.good else session.loader) != LIBBPF:
        pieces += [_SEPARATOR, (f"by {loader}", "moved")]
    if verdict is not None:
        pieces += [_SEPARATOR, verdict]
    if form < 2 and session.latest is not None and session.error is None:
        for word in _details(session.latest):
            pieces += [_SEPARATOR, (word, "dim")]
    elif session.latest is not None and session.latest.compilation is not None:
        for name, choice in choices_differing(session.latest.compilation.options):
            if name != "dialect" or session.latest.origin == "rust":
                pieces += [_SEPARATOR, (option_title(name, choice), "dim")]
    if form < 3 or not session.is_watching:
        pieces += [_SEPARATOR, ("watching" if session.is_watching else "not watching", "dim")]
    return tuple(pieces)


def _state(session: Session, is_slow: bool, *, is_short: bool) -> list[Piece]:
    latest = session.latest
    pieces: list[Piece]
    if session.pending is not None and (is_slow or latest is None):
        verb = "compiling" if language_of(session.pending.path) else "reading"
        return [(f"… {verb}", "moved")]
    if session.error is not None:
        problem = getattr(session.error, "problem", str(session.error))
        pieces = [(f"✖ {visible(problem)}", "error")]
    elif latest is None:
        return [("", "")]
    elif count := sum(diagnostic.is_error for diagnostic in latest.diagnostics):
        pieces = [(f"✖ {plural(count, 'error')}", "error")]
    else:
        verb = "" if is_short else "read " if latest.origin == "object" else "compiled "
        took = latest.compilation.milliseconds if latest.compilation else latest.milliseconds
        done = f"{verb}{took:.0f} ms"
        if latest.compilation is not None and latest.compilation.is_cached:
            done = "unchanged" if session.is_unchanged else "cached"
        pieces = [(f"✔ {done}", "as-compiled")]
        warnings = sum(diagnostic.severity == "warning" for diagnostic in latest.diagnostics)
        if warnings:
            pieces += [_SEPARATOR, (f"▲ {plural(warnings, 'warning')}", "warning")]
    if session.stale_since is not None:
        pieces += [_SEPARATOR, (f"~ stale since {clock(session.stale_since)}", "warning")]
    return pieces


def _details(analysis: Analysis) -> list[str]:
    compilation = analysis.compilation
    if compilation is None:
        is_embedded = analysis.object is not None and analysis.object.embedded_at is not None
        return ["object in an executable" if is_embedded else _ORIGINS[analysis.origin]]
    words = [f"cpu {compilation.options.cpu}"]
    if compilation.options.endian != "little":
        words.append("big endian")
    if compilation.program is not None:
        is_set = compilation.options.dialect != "auto"
        by = ["rustc"] if compilation.frontend == "rustc" else []
        return [
            f"dialect {compilation.program.dialect}" if is_set else compilation.program.dialect,
            *by,
            *words,
        ]
    if compilation.header_kernel:
        words.append(visible(f"vmlinux.h of {compilation.header_kernel}"))
    return [_ORIGINS[analysis.origin], *words] if analysis.origin in _ORIGINS else words


def _counts(session: Session, *, is_short: bool) -> tuple[Piece, ...]:
    good, views = session.good, session.views
    if good is None or views is None:
        return ()
    problems = views.problem_count
    count: tuple[Piece, ...] = (
        _SEPARATOR,
        (f"✖ {plural(problems, 'problem')}", "error") if problems else ("0 problems", "dim"),
    )
    if not problems and session.latest is not None and session.latest is not good:
        count = ()  # the left side tells of errors
    return (
        (_asked_for(good, is_short=is_short), "dim"),
        *_changes(session, is_short=is_short),
        *count,
        _SEPARATOR,
        _targets(session, good),
        *([(f" · ✖ {len(session.broken_targets)} broken", "error")] if session.broken_targets else []),
        (" ", ""),
    )


def _targets(session: Session, good: Analysis) -> Piece:
    """Return how many targets there are, ``7/31 targets`` while others are still to come."""
    if session.progress is not None:
        done, total = session.progress
        return f"{done}/{total or '…'} targets", "moved"
    return plural(len(good.targets), "target"), "dim"


def _asked_for(good: Analysis, *, is_short: bool) -> str:
    """Return ``4 records, 2 demands``; what there is none of is left out."""
    parts = [plural(len(good.relos), "record")] if good.relos or not good.asks else []
    if good.asks and not (is_short and parts):
        parts.append(plural(len(good.asks), "demand"))
    return ", ".join(parts)


def _changes(session: Session, *, is_short: bool) -> list[Piece]:
    """Return what the last edit did to records and code: ``1 new, 2 changed, 9 instructions``, short
    ``+1 ±2``."""
    changes = session.changes
    counts = (
        ("new", "+", len(changes.new)),
        ("changed", "±", len(changes.changed)),
        ("gone", "-", len(changes.gone)),
    )
    words = [
        f"{sign}{count}" if is_short else f"{sign} {count} {word}" for word, sign, count in counts if count
    ]
    insns = session.object_changes.insn_count if session.object_changes is not None else 0
    if insns and not is_short:
        words.append(plural(insns, "instruction"))
    text = (" " if is_short else ", ").join(words)
    return [(" (", "dim"), (text, "warning"), (")", "dim")] if text else []


def selection_text(session: Session) -> str:
    """Return ``#1 of 4 · field_byte_offset · task_struct.se.vruntime``, of what else is asked for
    ``d3 of 20 · helper · bpf_loop``; empty without a selection."""
    linked, good, selection = session.selected_relo, session.good, session.selection
    if good is None or selection is None:
        return ""
    if ask := session.selected_ask:
        optional = f" · {ask.optional}" if ask.optional else ""
        number = ask_number(good, selection.relo)
        return f"{number} of {len(good.asks)} · {ask.kind} · {ask.subject}{optional}"
    if linked is None:
        return ""
    return f"#{linked.index} of {len(good.relos)} · {linked.relo.kind_label} · {linked.path}"


def detail_titles(session: Session) -> tuple[str, ...]:
    """Return titles of the detail drawer, the longest first."""
    linked, good = session.selected_relo, session.good
    if good is None or session.selection is None:
        return ("Detail",)
    where = f" on {good.targets[session.selection.target].name}" if good.targets else ""
    if ask := session.selected_ask:
        number = f"Detail · {ask_number(good, session.selection.relo)}"
        return f"{number} {ask.kind} {ask.subject}{where}", f"{number} {ask.subject}{where}", number
    if linked is None:
        return ("Detail",)
    number = f"Detail · #{linked.index}"
    full = f"{number} {linked.relo.kind_label} {linked.path}{where}"
    return full, f"{number} {linked.relo.kind_label}{where}", f"{number}{where}", number
