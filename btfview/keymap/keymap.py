"""Which keys are in force: the defaults, a set of them, and what the user binds anew."""

from __future__ import annotations

import re

from btfview.frozen import TYPE_CHECKING, frozen

from .names import KeyNameError, is_character, key_name, shown_key
from .places import CHAINS, PLACES, WHERE_TYPED, all_names, default_keys
from .table import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Keys = tuple[str, ...]
_IN_BRACES = re.compile(r"\{([^{}]+)\}")
NONE = "none"
"""Stands in a keymap of Textual for no key: no terminal sends one of this name."""
BOTH, VIM, ARROWS = "both", "vim", "arrows"
SETS: dict[str, dict[str, Keys]] = {
    BOTH: {},
    VIM: {
        "generate": ("ctrl+g",),  # so that g is the first line everywhere
        "back": ("less_than_sign", "ctrl+o"),
        "next_pane": ("tab", "ctrl+w"),
    },
    ARROWS: {
        "list.down": ("down",),
        "list.up": ("up",),
        "list.page_down": ("pagedown",),
        "list.page_up": ("pageup",),
        "list.half_page_down": ("shift+down",),
        "list.half_page_up": ("shift+up",),
        "list.first": ("home",),
        "list.last": ("end",),
        "list.right": ("right",),
        "list.left": ("left",),
        "cell.next_kernel": ("right",),
        "cell.previous_kernel": ("left",),
        "offsets.first_kernel": ("ctrl+home",),
        "offsets.last_kernel": ("ctrl+end",),
    },
}
"""What each set has other than the defaults, which have letters and arrows alike."""
_LISTS = frozenset(
    {"list", "rows", "structs", "records", "offsets"} | {one for one in PLACES if one.endswith(" list")}
)
"""Places of one widget, whose keys Textual keeps in one table."""


_BENEATH = ("list", "rows")
"""Those that others of the same widget are put on top of."""
_FIRST_LINE = "g"


@frozen
class Wrong:
    """Why a key is not bound as the user says."""

    name: str
    text: str


@frozen
class Keymap:
    """The keys of all names that have others than by default."""

    changed: dict[str, Keys]

    @property
    def for_textual(self) -> dict[str, str]:
        """The same as Textual takes it."""
        bound = dict(self.changed)
        if not {_FIRST_LINE} & set(self.changed.get("generate", (_FIRST_LINE,))):
            # In panes in which that key made code, nothing else is bound to it by default.
            bound.setdefault("list.first", default_keys("list")["list.first"])
        return {name: ",".join(keys) if keys else NONE for name, keys in bound.items()}

    def keys(self, name: str, place: str = "workbench") -> Keys:
        """Return the keys of *name* in a place."""
        return self.changed[name] if name in self.changed else default_keys(place).get(name, ())

    def shown(self, name: str) -> str:
        """Return the first key of *name* of the workbench as people write it, ``none`` if there is none."""
        if name not in self.changed:
            return next(key.shown for key in KEYS if key.id == name)
        return shown_key(self.changed[name][0]) if self.changed[name] else NONE

    def written(self, name: str, place: str = "workbench") -> str:
        """Return all keys of *name* in a place as people write them."""
        return " ".join(map(shown_key, self.keys(name, place))) or NONE

    def told(self, shown: str, place: str) -> str:
        """Return *shown*, default keys of a place parted by spaces (``j k``), as they are now.

        >>> Keymap({"list.down": ("ctrl+n",), "list.up": ()}).told("j k enter", "workbench")
        'ctrl+n enter'
        """
        if not self.changed:
            return shown
        found: list[str] = []
        for word in shown.split(" "):
            name = _name_of(word, place)
            if name is None or name not in self.changed:
                found.append(word)
            elif keys := self.changed[name]:
                found.append(word if _named(word) in keys else shown_key(keys[0]))
        return " ".join(dict.fromkeys(found)) or NONE

    def said(self, text: str, place: str = "workbench") -> str:
        """Return *text*, which has default keys of a place in braces, with those that are in force.

        >>> Keymap({"targets": ("f6",)}).said("{t} chooses some, {?} helps")
        'f6 chooses some, ? helps'
        """
        return _IN_BRACES.sub(lambda found: self.told(found[1], place), text)


DEFAULT = Keymap({})


def _named(word: str) -> str:
    try:
        return key_name(word)
    except KeyNameError:
        return ""


def _name_of(word: str, place: str) -> str | None:
    """Return what a default key does in *place*, or in a list or above it."""
    key = _named(word)
    chain = next((one for one in CHAINS if place in one), CHAINS[0])
    for where in (*(one for one in chain if one == place), *(one for one in chain if one != place)):
        for name, keys in default_keys(where).items():
            if key in keys:
                return name
    return None


def read_keymap(key_set: str, bound: Mapping[str, object]) -> tuple[Keymap, tuple[Wrong, ...]]:
    """Return the keymap of a set and of what is *bound* anew: names, with a key or a list of them. What is
    wrong is left out and told: a name that does not exist, a key that is none, one key for two actions."""
    changed = dict(SETS.get(key_set, {}))
    wrong: list[Wrong] = []
    names = all_names()
    for name, value in bound.items():
        if name not in names:
            wrong.append(Wrong(name, _unknown(name, names)))
            continue
        written = [value] if isinstance(value, str) else value
        if not isinstance(written, list) or not all(isinstance(one, str) for one in written):
            wrong.append(Wrong(name, f"{name} should be a key, as text, or a list of them"))
            continue
        keys = []
        for one in written:
            try:
                keys.append(_checked(name, one))
            except KeyNameError as error:
                wrong.append(Wrong(name, f'{name}: the key "{one[:20]}": {error}'))
                break
        else:
            changed[name] = tuple(dict.fromkeys(keys))
            if all(set(keys) == set(default_keys(place).get(name, keys)) for place in PLACES):
                del changed[name]
    for conflict in _conflicts(changed):
        if not any(one.name == conflict.name for one in wrong):
            wrong.append(conflict)
    for conflict in wrong:
        changed.pop(conflict.name, None)
    while left := next(_conflicts(changed), None):  # what was left out has its old key, which may be taken
        changed.pop(left.name)
    return Keymap(changed), tuple(wrong)


def _checked(name: str, written: str) -> str:
    if not written:
        raise KeyNameError("is empty; [] is no key at all")
    key = key_name(written)
    if name in WHERE_TYPED and is_character(key):
        raise KeyNameError("is text where this is used; take one as ctrl+x or f5")
    return key


def _unknown(name: str, names: Mapping[str, str]) -> str:
    from difflib import get_close_matches

    words = {one.lower(): one for one in names}
    near = get_close_matches(name.lower().replace("-", "_")[:60], words, n=1)
    meant = f"did you mean {words[near[0]]}?" if near else "btfview keys lists all"
    return f'no action is called "{name[:60]}"; {meant}'


def _conflicts(changed: Mapping[str, Keys]) -> Iterator[Wrong]:
    """Yield, for each name bound anew, that another action in force at the same time has its key."""
    told: set[str] = set()
    for chain in CHAINS:
        held: dict[str, list[tuple[str, str]]] = {}
        for place in chain:
            for name, keys in default_keys(place).items():
                for key in changed.get(name, keys):
                    held.setdefault(key, []).append((name, place))
        for key, holders in held.items():
            for name, place in holders:
                for other, where in holders:
                    if other == name or name not in changed or name in told:
                        continue
                    if _is_by_default(key, (name, place), (other, where), changed):
                        continue
                    told.add(name)
                    text = f"{shown_key(key)} is the key of {name} and of {other}: bind one of them anew"
                    yield Wrong(name, text)


def _is_by_default(
    key: str, one: tuple[str, str], other: tuple[str, str], changed: Mapping[str, Keys]
) -> bool:
    """Tell whether two actions share *key* by default, so that the inner one has it, and still may."""
    kept = [default_keys(place)[name] for name, place in (one, other)]
    if not all(key in keys for keys in kept):
        return False
    for (name, place), mine, its in zip((one, other), kept, reversed(kept), strict=True):
        if (
            place in _BENEATH
            and {one[1], other[1]} <= _LISTS
            and name in changed
            and not set(mine) <= set(its)
        ):
            return False  # Textual would take the key from the inner one
    return True


def table_rows(keymap: Keymap) -> Iterator[tuple[str, str, str, str]]:
    """Yield place, name, keys as people write them, and what they do, for every key there is."""
    for key in KEYS:
        yield "workbench", key.id, keymap.written(key.id), key.help
    for place, entries in PLACES.items():
        for one in entries:
            yield place, one.name, keymap.written(one.name, place), one.help
