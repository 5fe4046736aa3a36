"""LLVM's text without what depends on addresses: a program reads the same every time, on every machine.

``BPFAbstractMemberAccess`` works through a map of calls that is ordered by their addresses. In that order it
declares the globals of relocations, numbers the calls of ``llvm.bpf.passthrough`` (which keep such calls from
being merged) and declares the types of them; metadata is numbered as the globals that have it stand.
"""

from __future__ import annotations

import re

_PASSTHROUGH_CALL = re.compile(r"(@llvm\.bpf\.passthrough\.[\w.]+\(i32 )(\d+)(?=,)")
_RELOCATION_GLOBAL = re.compile(
    r'^(@"llvm\.[^"\n]*") = external global .*!llvm\.preserve\.access\.index ', re.MULTILINE
)
_PASSTHROUGH_TYPE = re.compile(r"^declare \w+ (@llvm\.bpf\.passthrough\.[\w.]+)\(", re.MULTILINE)
_METADATA = re.compile(r'"[^"\n]*"|!(\d+)\b')
"""A string, in which LLVM writes a quote as ``\\22``; or the number of a node."""
_DEFINITION = re.compile(r"^!(\d+) = (.*)$", re.MULTILINE)
"""They come last in a module."""


def number_passthrough(line: str, numbers: dict[str, int]) -> str:
    """Return *line* with its passthrough calls numbered from 0 in the order in which they are first seen;
    *numbers* holds LLVM's numbers that were.

    >>> number_passthrough("call i64 @llvm.bpf.passthrough.i64.i64(i32 7, i64 %0)", {})
    'call i64 @llvm.bpf.passthrough.i64.i64(i32 0, i64 %0)'
    """
    if "@llvm.bpf.passthrough." not in line:
        return line
    return _PASSTHROUGH_CALL.sub(
        lambda found: f"{found[1]}{numbers.setdefault(found[2], len(numbers))}", line
    )


def steady_module(text: str) -> str:
    """Return a module of textual IR with what is ordered by addresses in the order of its first use."""
    text = _order_by_use(_order_by_use(text, _RELOCATION_GLOBAL), _PASSTHROUGH_TYPE)
    return _number_metadata(number_passthrough(text, {}))


def _order_by_use(text: str, line: re.Pattern[str]) -> str:
    """Return *text* with the lines that *line* matches (group 1: what they declare) in the order in which
    the other lines name that; they stay in the places where such lines stood."""
    lines = text.split("\n")
    places = {number: found[1] for number, one in enumerate(lines) if (found := line.match(one))}
    if len(places) < 2:
        return text
    declared = {name: lines[number] for number, name in places.items()}
    if len(declared) < len(places):  # no module declares a name twice
        return text
    names = re.compile("|".join(rf"{re.escape(name)}(?![\w.])" for name in sorted(declared, key=len)))
    used = (
        found[0] for number, one in enumerate(lines) if number not in places for found in names.finditer(one)
    )
    in_order = dict.fromkeys((*used, *sorted(declared)))
    for number, name in zip(places, in_order, strict=True):
        lines[number] = declared[name]
    return "\n".join(lines)


def _number_metadata(text: str) -> str:
    """Return *text* with its nodes of metadata numbered and defined in the order in which they are named."""
    first = _DEFINITION.search(text)
    if first is None:
        return text
    order: dict[str, int] = {}

    def renamed(found: re.Match[str]) -> str:
        return f"!{order.setdefault(found[1], len(order))}" if found[1] else found[0]

    parts = [_METADATA.sub(renamed, text[: first.start()])]
    definitions = dict(_DEFINITION.findall(text, first.start()))
    waiting = list(order)
    while waiting:
        before = len(order)
        parts += [
            f"!{order[name]} = {_METADATA.sub(renamed, definitions[name])}\n"
            for name in waiting
            if name in definitions  # what is no module of LLVM's may name one that is nowhere defined
        ]
        waiting = list(order)[before:]
    return "".join(parts)
