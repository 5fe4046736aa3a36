"""Print the functions of the running kernel whose BTF names them as no symbol does: gcc renamed them.

The list is in btfview/demands/kernel/cloned_functions.py. Needs root, or kernel.kptr_restrict=0.
"""

from __future__ import annotations

import re
import sys

from btfview.btf.kinds import BtfKind
from btfview.btf.query import named_types
from btfview.btf.reader import Btf

_ENDING = re.compile(r"\.(?:isra|constprop|part)\b.*$")


def main() -> int:
    """Print the names, one a line."""
    with open("/sys/kernel/btf/vmlinux", "rb") as file:
        btf = Btf(file.read())
    functions = {name for _, name in named_types(btf, {BtfKind.FUNC})}
    with open("/proc/kallsyms", encoding="utf-8") as lines:
        symbols = {line.split()[2] for line in lines}
    renamed = {_ENDING.sub("", symbol) for symbol in symbols if _ENDING.search(symbol)}
    print("\n".join(sorted((functions - symbols) & renamed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
