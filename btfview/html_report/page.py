"""The whole page."""

from __future__ import annotations

import os

from btfview import __version__
from btfview.analysis.fates import fates_of
from btfview.analysis.result import CellState
from btfview.checks.kernel_groups import KernelGroups
from btfview.core_relo.loaders.names import LIBBPF
from btfview.frozen import TYPE_CHECKING
from btfview.views.kernels.strip import fate_sentence
from btfview.views.states import state_role
from btfview.words import plural

from .items import item_sections
from .markup import escaped, span
from .matrix import Shown, chosen_items, matrix, strip
from .source import source_listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.analysis.findings.by_loader import LoadedBy
    from btfview.analysis.result import Analysis

MAX_ITEMS = 1000
"""Records and demands of a file that have a row; of more those that fail come first."""
MAX_CELLS = 60_000
"""Of the table, some 8 MB."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Nothing runs and nothing is fetched, whatever stands in the page (W3C, "Content Security Policy")."""


def report_page(
    analyses: Sequence[Analysis], problems: Sequence[str] = (), *, has_differences: bool = False
) -> str:
    """Return the report on some files; *problems* say what could not be read, *has_differences* asks all
    loaders about each record."""
    names = [os.path.basename(one.path) for one in analyses]
    title = escaped(f"{', '.join(names[:3])}{' …' if len(names) > 3 else ''} · btfview")
    parts = [
        _file(one, f"f{number}-" if len(analyses) > 1 else "", has_differences=has_differences)
        for number, one in enumerate(analyses)
    ]
    told = "".join(f'<p class="error">{escaped(problem)}</p>' for problem in problems)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escaped(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_style()}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">to the report</a>\n<main id="main">\n'
        f"{told}{''.join(parts)}\n"
        f"</main>\n<footer>{_legend()}<p>made by btfview {escaped(__version__)}</p></footer>\n"
        "</body>\n</html>\n"
    )


def _style() -> str:
    with open(os.path.join(os.path.dirname(__file__), "style.css"), encoding="utf-8") as file:
        return file.read()


def _file(analysis: Analysis, prefix: str, *, has_differences: bool) -> str:
    fates = fates_of(analysis)
    groups = KernelGroups([target.name for target in analysis.targets])
    most = max(1, min(MAX_ITEMS, MAX_CELLS // max(1, len(fates.classes))))
    items = chosen_items(analysis, fates, most)
    loads: tuple[LoadedBy, ...] = ()
    if has_differences:
        from btfview.analysis.findings.by_loader import loaded_by_all

        loads = loaded_by_all(analysis)
    shown = Shown(analysis, fates, groups, items, prefix, loads)
    facts = [
        plural(len(analysis.relos), "record"),
        plural(len(analysis.asks), "demand"),
        plural(len(analysis.targets), "kernel"),
        f"{plural(len(fates.classes), 'class', 'classes')} of kernels with the same answers",
    ]
    parts = [
        f"<article><header><h1>{escaped(analysis.path)}</h1>",
        f'<p class="verdict">{_verdict(shown)}</p><p class="dim">{escaped(" · ".join(facts))}</p>',
        _loader(shown),
        strip(shown, None, is_labelled=True) if analysis.targets else "",
        _links(shown),
        "</header>",
    ]
    if items and analysis.targets:
        parts.append(f'<h2 id="{prefix}kernels">Kernels and records</h2>{matrix(shown)}')
    if items:
        parts.append(f'<h2 id="{prefix}records">Record by record</h2>{item_sections(shown)}')
    parts.append(f'<h2 id="{prefix}source">Source</h2>{source_listing(shown)}</article>\n')
    return "".join(parts)


def _verdict(shown: Shown) -> str:
    errors = sum(one.is_error for one in shown.analysis.diagnostics)
    if errors:
        return span(f"✖ it does not compile: {plural(errors, 'error')}", "error")
    if not shown.analysis.targets:
        return span("no kernel was given: the program alone", "dim")
    said = fate_sentence(shown.fates, shown.analysis)
    return span(said.text, said.role)


def _loader(shown: Shown) -> str:
    """Return by which loader's rules it is, where that is not libbpf, and where that gives up."""
    analysis = shown.analysis
    if analysis.loader == LIBBPF:
        return ""
    from btfview.analysis.findings.by_loader import load_of
    from btfview.views.loaders import load_text

    said = (f"<p>{escaped(line)}</p>" for line in load_text(load_of(analysis)).splitlines())
    return "".join(said)


def _links(shown: Shown) -> str:
    links = [("source", "source")]
    if shown.items:
        links.insert(0, ("records", "record by record"))
        if shown.analysis.targets:
            links.insert(0, ("kernels", "kernels and records"))
    made = "".join(f'<a href="#{shown.prefix}{name}">{text}</a>' for name, text in links)
    return f'<nav aria-label="parts of {escaped(os.path.basename(shown.analysis.path))}">{made}</nav>'


def _legend() -> str:
    told = "".join(f'<span class="{state_role(state)}">{state.glyph} {state}</span>' for state in CellState)
    return f'<p class="legend">{told}</p>'
