"""What ``pahole -F btf`` prints, and the form in which btfview's layouts are compared with it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

_U32 = 0xFFFFFFFF


def pahole(path: Path, *options: str) -> str:
    command = ["pahole", "-F", "btf", *options, str(path)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def pahole_structs(path: Path, *options: str) -> Iterator[tuple[str, str, str]]:
    """Yield keyword, name and text of each struct and union that pahole prints, each name once.

    Left out are the few with a qualified struct shown inside: there pahole prints a footer in the middle,
    and forgets the member's name.
    """
    seen = set()
    for text in re.split(r"(?m)^(?=(?:struct|union) \w+ \{$)", pahole(path, *options)):
        head = re.match(r"(struct|union) (\w+) \{", text)
        has_inner_footer = re.search(r"(?m)^\t\t+/\* size: ", text)
        if head and head.groups() not in seen and not has_inner_footer:
            seen.add(head.groups())
            yield head[1], head[2], text


def comparable(text: str) -> list[str]:
    """Return the lines of a layout without what pahole 1.24 is known to print otherwise:

    - blanks: pahole puts a second one after ``const X`` and none between ``}`` and a name;
    - qualifiers: it moves those of a pointer to what is pointed to, and prints those of an array twice;
    - a pointer to an array, whose dimensions it drops;
    - enum values, which it prints unsigned (its BTF loader is older than signed enums).
    """
    lines = [_comparable_line(line.strip()) for line in text.splitlines()]
    return [line for line in lines if line]


def _comparable_line(line: str) -> str:
    parts = re.split(r"(/\*.*?\*/)", line)
    code = "".join(part for part in parts if not part.startswith("/*"))
    comments = [re.sub(r"\s+", " ", part) for part in parts if part.startswith("/*")]
    value = re.fullmatch(r"\s*(\w+)\s*= (-?\d+),", code)
    if value:
        return f"{value[1]} = {int(value[2]) & _U32}"
    code = re.sub(r"\b(const|volatile|restrict)\b", " ", code)
    code = re.sub(r"\(\*\s*(\w+)\)\[\d+\]", r"*\1", code)
    code = re.sub(r"\s*([^\w\s])\s*", r"\1", code)
    return " ".join((*re.sub(r"\s+", " ", code.strip()).split(" "), *comments))
