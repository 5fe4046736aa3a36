"""Names of functions as people write them; most are so already, and cost no more than a look."""

from __future__ import annotations


def demangled(symbol: str) -> str:
    """Return the path that Rust's mangled *symbol* stands for, without hashes; any other symbol as it is.

    >>> [demangled(symbol) for symbol in ("_ZN4core3mem17h0123456789abcdefE", "_RNvC5probe6handle", "f")]
    ['core::mem', 'probe::handle', 'f']
    """
    if not symbol.startswith(("_R", "_ZN")):
        return symbol
    from .rust_mangling import read_mangled

    return read_mangled(symbol)
