"""Keys become bindings of Textual, each with the name that a keymap calls it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual._context import NoActiveAppError
from textual.binding import Binding

from btfview.keymap.keymap import DEFAULT
from btfview.keymap.places import PLACES
from btfview.keymap.table import KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.binding import BindingType
    from textual.dom import DOMNode

    from btfview.keymap.keymap import Keymap

PLACE_OF = {"structs": "structs", "offsets": "records", "relocations": "rows"}
"""The place of :data:`~btfview.keymap.places.PLACES` whose keys a pane has; else the workbench's."""
_FOCUS_ACTIONS = ("show_pane", "next_pane", "search")
"""They move the focus, so they are done before the next key is looked at: it belongs to the new focus."""


def keymap_of(widget: DOMNode) -> Keymap:
    """Return the keys that are in force in the app of *widget*; the default ones of a widget without one."""
    try:
        keymap: Keymap = getattr(widget.app, "keys_in_force", DEFAULT)
    except NoActiveAppError:
        return DEFAULT
    return keymap


def workbench_bindings() -> list[BindingType]:
    """Return the bindings of the workbench."""
    own = [
        Binding(
            key.keys,
            key.action,
            key.help.partition(";")[0],
            show=False,
            id=key.id,
            priority=key.action.startswith(_FOCUS_ACTIONS),
        )
        for key in KEYS
    ]
    return [*own, *bindings_of("workbench", {"leave": "end_search"})]


def bindings_of(place: str, actions: Mapping[str, str], *, first: tuple[str, ...] = ()) -> list[BindingType]:
    """Return the bindings of a place of :data:`~btfview.keymap.places.PLACES`: *actions* has Textual's action
    for each of its names; those of *first* are done before the focus is asked."""
    return [
        Binding(one.keys, actions[one.name], one.help, show=False, id=one.name, priority=one.name in first)
        for one in PLACES[place]
    ]
