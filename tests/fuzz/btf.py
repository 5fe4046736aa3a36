"""Raw BTF, whole and found as it is asked for, shown in every form."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from btfview.btf.format.as_bpftool import format_raw
from btfview.btf.format.as_c import format_c
from btfview.btf.format.as_json import format_json
from btfview.btf.format.as_list import format_list
from btfview.btf.format.as_pahole import format_layout
from btfview.btf.query import named_types, nearest_names, types_beginning
from btfview.btf.reader import Btf
from btfview.errors import BtfFormatError
from tests.btf.build import CHAR, INT, LONG, build_btf_bytes, struct, union
from tests.hostile.objects import btf_with_long_names_in_a_tree
from tests.targets.samples import SMALL, SMALL_BIG_ENDIAN

_SHOWN = 50
"""Types, and pieces of text."""


def seeds() -> list[bytes]:
    pair = struct("pair", size=16, a=(INT, 0), b=(LONG, 64))
    either = union("either", size=8, c=(CHAR, 0), d=(LONG, 0))
    return [SMALL, SMALL_BIG_ENDIAN, build_btf_bytes(pair, either), btf_with_long_names_in_a_tree()[:3000]]


def run(data: bytes) -> None:
    lazy = Btf(data, is_lazy=True)
    for name in ("task_struct", "pair"):
        for type_id in lazy.ids_named(name):
            _text([format_layout(lazy, type_id, is_expanded=True)])
    btf = Btf(data)
    ids = range(1, min(btf.type_count, _SHOWN))
    named = named_types(btf)
    nearest_names(btf, "task_strukt")
    types_beginning(btf, "p")
    for type_id in ids:
        try:
            btf.type(type_id)
            btf.byte_size(type_id)
            format_layout(btf, type_id)
        except BtfFormatError:
            continue
    for pieces in (
        format_raw(btf, ids),
        format_c(btf, ids),
        format_json(btf, "x", ids, is_expanded=False),
        format_list(btf, [type_id for type_id, _ in named[:_SHOWN]]),
    ):
        try:
            _text(pieces)
        except BtfFormatError:
            continue


def _text(pieces: Iterable[str]) -> None:
    for piece in islice(pieces, _SHOWN):
        assert all(char.isprintable() or char in "\n\t" for char in piece)
