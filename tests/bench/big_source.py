"""Sources of any length, in Rust for our front end and in C for clang's: real programs, over and over."""

from __future__ import annotations

import re

from tests.paths import DEMO, ROOT

_GATES = "#![feature(btf_relocations, btf_relocations_extra)]\n#![no_std]\n#![no_main]\n"
_FIXED = re.compile(r"(#\[unsafe\(no_mangle\)\]\n#\[.*\]\npub (?:static(?: mut)?|extern \"C\" fn) )(\w+)")


def rust_source(lines: int) -> str:
    """Return the demos of the dialect ``repr``, a module each, until there are *lines* lines."""
    demos = {path.stem: path.read_text() for path in sorted((DEMO).glob("*.rs"))}
    demos = {name: text for name, text in demos.items() if "#[repr(Btf)]" in text}
    parts: list[str] = [_GATES]
    count, number = _GATES.count("\n"), 0
    while count < lines:
        for name, text in demos.items():
            part = _module(f"{name}_{number}", text)
            if count < lines:
                parts.append(part)
                count += part.count("\n")
        number += 1
    return "".join(parts)


def _module(name: str, text: str) -> str:
    """Return a demo as a module; what keeps its symbol gets one of its own."""
    text = re.sub(r"^(?://!|#!\[).*\n", "", text, flags=re.MULTILINE)
    for fixed in {match[2] for match in _FIXED.finditer(text)}:
        text = re.sub(rf"\b{fixed}\b", f"{fixed}_{name}", text)
    return f"mod {name} {{\n{text}}}\n"


def c_source(lines: int) -> str:
    """Return ``sched.c``, under other names, until there are *lines* lines."""
    text = (ROOT / "tests" / "bench" / "sched.c").read_text()
    names = "|".join(["load_weight", "sched_entity", "task_struct", "sched_vruntime", "sched_load_weight"])
    numbers = range(lines // text.count("\n") + 1)
    return "".join(re.sub(rf"\b({names})\b", rf"\1_{number}", text) for number in numbers)
