"""The help screen: the keys of the pane in use, what the panes show, what signs, keys and words mean."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from btfview.analysis.result import CellState
from btfview.glossary import GLOSSARY, PARTS, words_in
from btfview.keymap.keymap import DEFAULT
from btfview.keymap.table import BROWSER, KEYS, MOTIONS, SCOPES
from btfview.tui.drawing import Line, width_of
from btfview.tui.keys.bindings import PLACE_OF, bindings_of, keymap_of
from btfview.tui.keys.pane_keys import PANE_KEYS
from btfview.tui.pane_search import Search
from btfview.tui.roles import ROLE_CLASSES
from btfview.tui.widgets.bars import KeyBar, TabBar
from btfview.tui.widgets.choice_list import ChoiceList
from btfview.tui.widgets.search_bar import SearchBar
from btfview.views.states import state_role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.binding import BindingType

    from btfview.glossary import Entry
    from btfview.keymap.keymap import Keymap
    from btfview.tui.drawing import Piece
    from btfview.tui.widgets.line_list import LineList

_STORY = (
    ("Source", "asks the compiler: where is this field, how big is it, does it exist?  ◆ marks a question"),
    ("Structs", "the layout that the program was compiled with, and that of the kernel beside it"),
    ("IR", "the compiler keeps the path of each question as a chain of preserve.* intrinsics"),
    (
        "Relocations",
        "each question becomes a record in .BTF.ext: instruction, type, path in numbers, kind",
    ),
    ("Offsets", "the loader finds the path in the kernel's BTF and writes the answer into the instruction"),
    (
        "Demands",
        "what else the object asks of a kernel (helpers, kfuncs, attach targets): d0, d1 behind records",
    ),
    ("Detail", "how it was found, or why not: every type that was tried, step by step"),
)
_SIGNS = {
    CellState.AS_COMPILED: "the kernel agrees with the value compiled in",
    CellState.MOVED: "the kernel's value differs; the loader corrects the instruction, nothing is wrong",
    CellState.MISSING_GUARDED: "not on that kernel, and the program asks field_exists first, so that is fine",
    CellState.UNKNOWN: "that kernel's BTF was trimmed of what is asked for: a whole one tells ({t})",
    CellState.MISSING: "not on that kernel; the instruction is poisoned: the program must not reach it",
    CellState.AMBIGUOUS: "several types fit and disagree; libbpf refuses to load the object",
    CellState.ERROR: "libbpf refuses the record",
}
_MARKS = (
    ("▌", "marker", "selected", "lines of the selected record"),
    ("▏", "marker", "related", "other records of the same field; what is not related is paler"),
    ("~", "warning", "stale", "the last good result; the source has errors"),
    ("?", "warning", "after a target", "it has not all of its kernel's types"),
    ("│", "marker", "before a value", "it is not that of the kernel to the left"),
    ("≠", "warning", "before a size", "or a type: that of the kernel, where it is not the program's"),
    ("┆", "dim", "before a field", "it is of an anonymous struct or union: a path does not name that"),
    (
        "⇄",
        "warning",
        "beside a record",
        "loaders differ on it on the selected kernel: the detail says how",
    ),
    ("±", "warning", "+ new", "the last edit changed or added the record; + and ± in the offsets too"),
)
"""Sign, its role, where it stands, and what it says of that."""

_MOUSE = (
    (
        "click",
        "a line selects it, a second click opens it; a tab, a key below, a kernel of the strip as named",
    ),
    ("", "in the header: problems, targets, records, options, watching"),
    ("drag", "over text copies it; a border moves it"),
    ("shift+drag", "the terminal's own selection, over all that stands on the screen"),
    ("outside", "a click beside a dialogue closes it"),
    ("wheel", "scrolls what it is over"),
)
BROWSER_PANE = "types"
"""Stands for the type browser, which is no pane, in :class:`HelpScreen`."""
_GLOSSARY_TITLE = "Glossary"

_LEAST_WIDTH = 20
"""Cells of a line of the help, behind the key; on a narrower terminal it is cut."""


class _Shown:
    """The list of *screen*, as a search sees it."""

    def __init__(self, screen: HelpScreen) -> None:
        self._screen = screen

    @property
    def pane_in_use(self) -> LineList:
        return self._screen.query_one(ChoiceList)

    def arrange(self) -> None:
        self._screen.query_one(KeyBar).display = not self._screen.query_one(SearchBar).display


class HelpScreen(ModalScreen[None]):
    """One long list; it scrolls and is searched as all lists are."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "help",
        {
            "leave": "leave",
            "close": "dismiss",
            "search": "search",
            "next_hit": "next_hit(1)",
            "previous_hit": "next_hit(-1)",
            "words": "go_to_words",
        },
    )
    HINTS = (
        ("j k", "scroll", ""),
        ("/", "search", "search"),
        ("W", "words", "go_to_words"),
        ("esc", "close", "dismiss"),
    )

    def __init__(self, pane: str = "", line: str = "", about: str = "") -> None:
        """Begin with the keys of *pane*; with *line*, the text under the cursor, with the words of that and
        then of what is told *about* the selection."""
        super().__init__()
        self._pane = pane
        self._entries = words_in(f"{line}\n{about}") if line or about else ()
        self._search = Search(self, _Shown(self))

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-tall") as dialog:
            dialog.border_title = "Help"
            yield ChoiceList(id="choices")
            yield KeyBar(self.HINTS, "help")
            yield SearchBar()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_lines)

    @property
    def _list(self) -> ChoiceList:
        return self.query_one(ChoiceList)

    def _show_lines(self) -> None:
        self._list.set_lines(
            help_lines(self._list.size.width - 1, self._pane, self._entries, keymap_of(self))
        )

    # -- search -----------------------------------------------------------------------------------

    def on_search_bar_typed(self, message: SearchBar.Typed) -> None:
        self._search.typed(message.query)

    def on_search_bar_ended(self, message: SearchBar.Ended) -> None:
        self._search.ended(is_kept=message.is_kept)

    def action_search(self) -> None:
        self._search.begin()

    def action_next_hit(self, direction: int) -> None:
        self._search.next_hit(direction)

    def action_leave(self) -> None:
        """End the search; without one, close."""
        if self._search.is_on:
            self._search.end()
        else:
            self.dismiss()

    def action_go_to_words(self) -> None:
        """Go to where the glossary begins."""
        texts = self._list.search_texts()
        at = next(index for index, text in enumerate(texts) if text == _GLOSSARY_TITLE)
        self._list.place_cursor(self._list.line_count - 1)
        self._list.place_cursor(at)


def help_lines(
    width: int, pane: str = "", entries: Sequence[Entry] = (), keymap: Keymap = DEFAULT
) -> list[Line]:
    """Return the whole help, wrapped to *width* cells: first what *entries* mean and the keys of *pane*, then
    all that *keymap* says."""
    lines: list[Line] = []
    if entries:
        lines = [
            _title("Words of this line and of the selected record"),
            *_glossary_lines(entries, width, keymap),
        ]
        lines.append(Line())
    if pane in PANE_KEYS:
        name = "Detail" if pane == "detail" else TabBar.LABELS[pane][0]
        lines.append(_title(f"Keys here: {name}"))
        for own in PANE_KEYS[pane]:
            lines += _entry(keymap.told(own.shown, PLACE_OF.get(pane, "workbench")), own.help, width)
        lines.append(Line())
    if pane == BROWSER_PANE:
        lines += [*_browser_lines("Keys here: type browser", width, keymap), Line()]
    lines.append(_title("What you see: one question, followed through all panes"))
    for name, text in _STORY:
        lines += _entry(name, text, width)
    lines += [Line(), _title("Signs")]
    states = [(state.glyph, state_role(state), state, text) for state, text in _SIGNS.items()]
    for glyph, role, name, text in (*states, *_MARKS):
        lines += _wrapped(((f"  {glyph} ", role), (f"{name:<18}", "")), keymap.said(text), "dim", width)
    group = ""
    for key in KEYS:
        if key.group != group:
            group = key.group
            lines += [Line(), _title(f"Keys: {group}")]
        shown = key.shown if key.id not in keymap.changed else keymap.written(key.id)
        lines += _entry(shown, key.help, width)
    lines += [Line(), _title("Keys: in a list")]
    for keys, text in MOTIONS:
        lines += _entry(keymap.told(keys, "records"), text, width)
    lines += [Line(), _title("The mouse")]
    for what, text in _MOUSE:
        lines += _entry(what, text, width)
    if pane != BROWSER_PANE:
        lines += [
            Line(),
            *_browser_lines(f"Keys: in the type browser ({keymap.shown('types')})", width, keymap),
        ]
    lines += [Line(), _title("In the palette, a first letter asks for one kind alone")]
    for letter, text in SCOPES:
        lines += _entry(letter, text, width)
    lines += [Line(), _title(_GLOSSARY_TITLE)]
    for part, title in PARTS.items():
        lines += [Line(((title, "heading"),))]
        lines += _glossary_lines([entry for entry in GLOSSARY if entry.part == part], width, keymap)
        lines.append(Line())
    return lines


def _glossary_lines(entries: Sequence[Entry], width: int, keymap: Keymap) -> Iterator[Line]:
    for entry in entries:
        meaning = keymap.said(entry.meaning)
        yield from _wrapped(((f"  {entry.word:<20}", "key"),), meaning, "text", width)


def _browser_lines(title: str, width: int, keymap: Keymap) -> list[Line]:
    lines = [_title(title)]
    for keys, text in BROWSER:
        lines += _entry(keymap.told(keys, "browser list"), text, width)
    return lines


def _title(text: str) -> Line:
    return Line(((text, "title"),))


def _entry(name: str, text: str, width: int) -> list[Line]:
    return _wrapped(((f"  {name:<14}", "key"),), text, "text", width)


def _wrapped(head: tuple[Piece, ...], text: str, role: str, width: int) -> list[Line]:
    """Return *text* behind *head*, as many lines as it needs, each as far in as the first."""
    indent = width_of(head)
    parts = textwrap.wrap(text, max(_LEAST_WIDTH, width - indent))
    return [
        Line((*head, (parts[0], role))),
        *(Line(((" " * indent, ""), (part, role))) for part in parts[1:]),
    ]
