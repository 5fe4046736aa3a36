"""What of ``core`` a program may name, and under which paths."""

from __future__ import annotations

from btfview.compiler.rust.types.kinds import C_TYPES, Type
from btfview.compiler.rust.types.layout import INFALLIBLE, TRY_FROM_INT_ERROR

EXTRA_MACROS = (
    "field_is_signed", "field_lshift", "field_rshift", "type_exists", "type_size", "type_matches",
    "type_id_local", "type_id_target", "enum_value_exists", "enum_value", "field_ref", "field_ptr",
)  # fmt: skip
"""What the prelude has beyond the RFC, behind btfview's own gate."""
QUERY_MACROS = {
    ("core", "btf", name): name
    for name in ("field_byte_offset", "field_byte_size", "field_exists", *EXTRA_MACROS)
}
"""The macros of the prelude (:mod:`.macros`)."""
OLD_QUERIES = {f"btf_{name}": name for name in ("field_byte_offset", "field_byte_size", "field_exists")}
"""Intrinsics of earlier drafts, called as ``core::intrinsics::btf_field_byte_offset::<T>(0, 1)``."""
LIBRARY_MACROS = {("core", "mem", "offset_of"), ("core", "ptr", "addr_of"), ("core", "ptr", "addr_of_mut")}
_LIBRARY_FUNCTIONS = {
    "mem": "size_of align_of size_of_val align_of_val transmute swap replace take zeroed drop forget",
    "ptr": "null null_mut read read_volatile read_unaligned write write_volatile write_unaligned",
    "hint": "black_box unreachable_unchecked assert_unchecked spin_loop",
    "cmp": "min max",
}
LIBRARY_FUNCTIONS = {
    ("core", module, name) for module, names in _LIBRARY_FUNCTIONS.items() for name in names.split()
}
"""What :mod:`.check_library` knows; ``transmute`` is in :mod:`.check_helper`."""
PANIC_INFO = ("core", "panic", "PanicInfo")
"""Only the panic handler names it, which is left out."""
MARKERS = {("core", "marker", "Sync"), ("core", "marker", "Send")}
MAYBE_UNINIT = ("core", "mem", "MaybeUninit")
LIBRARY_TYPES: dict[tuple[str, ...], Type] = {
    **{("core", "ffi", name): known for name, known in C_TYPES.items()},
    ("core", "num", "TryFromIntError"): TRY_FROM_INT_ERROR,
    ("core", "convert", "Infallible"): INFALLIBLE,
}
OPTION = ("core", "option", "Option")
RESULT = ("core", "result", "Result")
SOME, NONE = (*OPTION, "Some"), (*OPTION, "None")
SIDES = ((*RESULT, "Ok"), (*RESULT, "Err"))
_LIBRARY = {
    *QUERY_MACROS, *LIBRARY_MACROS, *LIBRARY_FUNCTIONS, *LIBRARY_TYPES,
    *MARKERS, PANIC_INFO, OPTION, RESULT, MAYBE_UNINIT, SOME, NONE, *SIDES,
}  # fmt: skip
_MODULES = {path[:length] for path in _LIBRARY for length in range(1, len(path))}
_MEM = ("size_of", "size_of_val", "align_of", "align_of_val", "drop")
PRELUDE_NAMES = {
    "Option": OPTION, "Some": SOME, "None": NONE,
    "Result": RESULT, "Ok": SIDES[0], "Err": SIDES[1],
    **{name: ("core", "mem", name) for name in _MEM},
}  # fmt: skip
KEYWORDS = frozenset(
    [
        "as",
        "async",
        "await",
        "break",
        "const",
        "continue",
        "crate",
        "dyn",
        "else",
        "enum",
        "extern",
        "false",
        "fn",
        "for",
        "if",
        "impl",
        "in",
        "let",
        "loop",
        "match",
        "mod",
        "move",
        "mut",
        "pub",
        "ref",
        "return",
        "self",
        "Self",
        "static",
        "struct",
        "super",
        "trait",
        "true",
        "type",
        "unsafe",
        "use",
        "where",
        "while",
        "abstract",
        "become",
        "box",
        "do",
        "final",
        "gen",
        "macro",
        "override",
        "priv",
        "try",
        "typeof",
        "unsized",
        "virtual",
        "yield",
    ]
)
"""Words that name nothing without ``r#`` (reference: keywords, edition 2024)."""


def is_library_path(path: tuple[str, ...]) -> bool:
    """Whether *path* is a module or an item of ``core`` that we know."""
    return path in _LIBRARY or path in _MODULES
