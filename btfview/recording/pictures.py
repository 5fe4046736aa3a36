"""Pictures of a screen as SVG: without what is random in Textual's, and several as one that moves."""

from __future__ import annotations

import re

from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
_ID = re.compile(r"terminal-\d+-")
_STYLE = re.compile(r"^\s*\.terminal-r(\d+) \{ ?(.*?) ?\}\n?", re.MULTILINE)
_TITLE = re.compile(r'<text class="terminal-title".*?</text>')
_BODY = re.compile(
    r'(?P<rects>(?:<rect [^>]*/>)*)\s*<g class="terminal-matrix">\s*(?P<texts>.*?)\s*</g>', re.DOTALL
)
_RECT, _TEXT = re.compile(r"<rect [^>]*/>"), re.compile(r"<text .*?</text>", re.DOTALL)
_CLASS = re.compile(r'class="terminal-r(\d+)"')
_SHOWN = {True: "visible", False: "hidden"}


@frozen
class Frame:
    """What is shown from *at*, in seconds of the script, until the next."""

    at: float
    caption: str
    svg: str
    """As Textual draws it, the caption for its title."""


def settle_svg(svg: str) -> str:
    """Return *svg* without the random part of its ids, and without fonts from the net: the reader's own
    monospace font will do."""
    return _ID.sub("terminal-", _FONT.sub("", svg))


def animate(frames: Sequence[Frame], seconds: float) -> str:
    """Return one picture that shows *frames*, each at its time, and begins anew after *seconds*.

    It needs no script: a browser does it by CSS, so that it moves in a README, too. What does not know CSS
    animations shows the last frame. What several frames have in common is in it once.
    """
    styles: dict[str, int] = {}
    shown: list[tuple[float, tuple[list[str], ...]]] = []
    for frame in frames:
        parts = _parts(frame.svg, styles)
        if not shown or shown[-1][1] != parts:
            shown.append((frame.at, parts))
    starts, every = [at for at, _ in shown], tuple(range(len(shown)))
    spans: dict[tuple[int, ...], int] = {}
    layers = []
    for layer in range(3):
        where: dict[str, list[int]] = {}
        for index, (_, parts) in enumerate(shown):
            for element in dict.fromkeys(parts[layer]):
                where.setdefault(element, []).append(index)
        groups: dict[tuple[int, ...], list[str]] = {}
        for element, indices in where.items():
            groups.setdefault(tuple(indices), []).append(element)
        layers.append(
            "".join(
                "".join(elements)
                if span == every
                else f'<g class="f{spans.setdefault(span, len(spans))}">{"".join(elements)}</g>'
                for span, elements in groups.items()
            )
        )
    rules = [f".terminal-r{number} {{ {style} }}" for style, number in styles.items()]
    for span, number in spans.items():
        states = [index in span for index in every]
        changes = [index for index in every if index == 0 or states[index] != states[index - 1]]
        steps = " ".join(
            f"{100 * starts[index] / seconds:.4g}% {{ visibility: {_SHOWN[states[index]]} }}"
            for index in changes
        )
        rules.append(f"@keyframes f{number} {{ {steps} }}")
        timing = f"animation: f{number} {seconds:g}s step-end infinite"
        rules.append(f".f{number} {{ visibility: {_SHOWN[states[-1]]}; {timing} }}")
    first = settle_svg(frames[0].svg)
    title, rects, texts = layers
    first = _BODY.sub(
        lambda _: f'{rects}\n    <g class="terminal-matrix">\n    {texts}\n    </g>', first, count=1
    )
    first = _TITLE.sub(lambda _: title, first, count=1)
    return _STYLE.sub("", first).replace("</style>", "\n".join([*rules, "    </style>"]), 1)


def _parts(svg: str, styles: dict[str, int]) -> tuple[list[str], ...]:
    """Return title, backgrounds and texts, in classes that all frames share: *styles* numbers them."""
    svg = settle_svg(svg)
    numbers = {number: styles.setdefault(style, len(styles)) for number, style in _STYLE.findall(svg)}
    body = _BODY.search(svg)
    assert body is not None, "Textual draws its SVG in another way"
    texts = [
        _CLASS.sub(lambda match: f'class="terminal-r{numbers[match[1]]}"', text)
        for text in _TEXT.findall(body["texts"])
    ]
    return _TITLE.findall(svg), _RECT.findall(body["rects"]), texts
