"""Names that C can compile: one for each type and constant, none of them twice, none a keyword."""

from __future__ import annotations

from btfview.btf.types import Float, Fwd, Struct
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from btfview.btf.types import Enum, Int

_KEYWORDS = frozenset(
    (
        *("auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum"),
        *("extern", "float", "for", "goto", "if", "inline", "int", "long", "register", "restrict"),
        *("return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "typeof"),
        *("union", "unsigned", "void", "volatile", "while", "asm", "__int128", "_Alignas", "_Alignof"),
        *("_Atomic", "_Bool", "_Complex", "_Generic", "_Imaginary", "_Noreturn", "_Static_assert"),
        "_Thread_local",
    )
)
_BUILTIN_TYPES = frozenset(("__builtin_va_list", "__int128_t", "__uint128_t"))
"""Names that clang has already given to types."""
_INT_WORDS = frozenset(("char", "short", "int", "long", "signed", "unsigned", "__int128", "_Bool"))
_INT_OF_SIZE = {1: "char", 2: "short", 4: "int", 8: "long long", 16: "__int128"}
_FLOAT_OF_SIZE = {4: "float", 8: "double"}


class CNames:
    """Gives names in the two name spaces of C: tags, and everything else.

    A name that is taken gets ``___2`` and so on: a flavor, which CO-RE ignores. A character that C does
    not take becomes ``_``.
    """

    def __init__(self) -> None:
        self._tags: dict[int, str] = {}
        self._tag_counts: dict[str, int] = dict.fromkeys(_KEYWORDS, 1)
        self._announced: dict[str, str] = {}
        """Names that forward declarations alone have taken, and the keyword of each."""
        self._defined: dict[str, str] = {}
        """The same of definitions: a later forward declaration means them."""
        self._identifiers: dict[tuple[int, ...], str] = {}
        self._identifier_counts = dict.fromkeys((*_KEYWORDS, *_BUILTIN_TYPES), 1)

    def tag(self, found: Struct | Enum | Fwd) -> str:
        """Return keyword and name: ``struct task_struct``."""
        keyword = _keyword(found)
        name = self._tags.get(found.id)
        if name is None:
            name = self._tags[found.id] = self._new_tag(found, keyword)
        return f"{keyword} {name}"

    def _new_tag(self, found: Struct | Enum | Fwd, keyword: str) -> str:
        name = identifier(found.name)
        if isinstance(found, Fwd):
            if keyword in (self._announced.get(name), self._defined.get(name)):
                return name
            self._announced[name] = keyword
            return _unused(name, self._tag_counts)
        if self._announced.pop(name, None) == keyword:
            self._defined[name] = keyword
            return name
        self._defined.setdefault(name, keyword)
        return _unused(name, self._tag_counts)

    def identifier(self, name: str, *key: int) -> str:
        """Return the name of what *key* stands for: a typedef's id, or an enum's with more numbers."""
        found = self._identifiers.get(key)
        if found is None:
            found = self._identifiers[key] = _unused(identifier(name), self._identifier_counts)
        return found


def identifier(name: str) -> str:
    """Return *name* as C takes it.

    >>> identifier("task_struct"), identifier("Option<u8>"), identifier("4th")
    ('task_struct', 'Option_u8_', '_4th')
    """
    if not name.isidentifier() or not name.isascii():
        name = "".join(char if char.isascii() and (char.isalnum() or char == "_") else "_" for char in name)
        name = name if name and not name[0].isdigit() else f"_{name}"
    return name


def member_name(name: str) -> str:
    """Return the name of a member or parameter, which may not be a keyword."""
    name = identifier(name)
    return f"{name}_" if name in _KEYWORDS else name


def number_name(found: Int | Float) -> tuple[str, str]:
    """Return C's spelling of a number's type and, if that is no name C knows, what it is a typedef of.

    What has a size that C's type of the same name has not (``long`` of a 32-bit kernel) is spelled by
    its size; a size that no number has becomes an array of bytes in a struct.
    """
    if isinstance(found, Float):
        if _FLOAT_OF_SIZE.get(found.byte_size) == found.name:
            return found.name, ""
        return _typedef_name(found.name), _FLOAT_OF_SIZE.get(found.byte_size) or _bytes(found.byte_size)
    size = found.byte_size
    if _c_int_size(found.name) == size:
        return found.name, ""
    sign = "signed" if found.is_signed else "unsigned"
    by_size = f"{sign} {_INT_OF_SIZE[size]}" if size in _INT_OF_SIZE else _bytes(size)
    if _c_int_size(found.name) and size in _INT_OF_SIZE:
        return by_size, ""
    return _typedef_name(found.name), by_size


def _typedef_name(name: str) -> str:
    return identifier(name) if name not in _KEYWORDS else f"{name}_"


def _bytes(size: int) -> str:
    return f"struct {{ unsigned char bytes[{size}]; }}"


def _c_int_size(name: str) -> int:
    """Return ``sizeof`` the C type *name* on the BPF target; 0 for a name that is none."""
    words = name.split(" ")
    if not _INT_WORDS.issuperset(words):
        return 0
    if "char" in words or "_Bool" in words:
        return 1
    if "short" in words:
        return 2
    if "__int128" in words:
        return 16
    return 8 if "long" in words else 4


def _keyword(found: Struct | Enum | Fwd) -> str:
    if isinstance(found, Fwd):
        return "union" if found.is_union else "struct"
    if isinstance(found, Struct):
        return found.kind.label
    return "enum"


def _unused(name: str, counts: dict[str, int]) -> str:
    """Return *name*, or with ``___2`` and so on what is not yet in *counts*, and enter it there."""
    count = counts.get(name, 0)
    new = name
    while new in counts:
        count += 1
        new = f"{name}___{count}"
    counts[name] = max(count, 1)
    counts[new] = counts.get(new, 1)
    return new
