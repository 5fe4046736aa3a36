"""Types as a list for people: a line each, with id, kind, size and name."""

from __future__ import annotations

from btfview.btf.sizes import size_of
from btfview.fitted import shortened
from btfview.frozen import TYPE_CHECKING

from .spelling import name_or_invalid, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from btfview.btf.reader import Btf

_SIZELESS = frozenset(("fwd", "func", "decl_tag", "type_tag"))


def format_list(btf: Btf, type_ids: Iterable[int], width: int = 0) -> Iterator[str]:
    """Yield the list in pieces: ``[114]  struct  3264  task_struct``; the size is in bytes, or ``-``. A name
    is cut that is wider than *width*: the id finds it."""
    for type_id in type_ids:
        kind = btf.kind(type_id).label
        size = "-" if kind in _SIZELESS else str(size_of(btf, type_id))
        line = f"{f'[{type_id}]':>9}  {kind:<8} {size:>8}  {visible(name_or_invalid(btf, type_id))}"
        yield f"{shortened(line, width)}\n"
