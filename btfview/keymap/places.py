"""The keys of lists, panes and dialogues by name, place by place; the workbench's are in :mod:`.table`.

A name that stands in several places is one action: who binds it anew does so everywhere.
"""

from __future__ import annotations

from btfview.frozen import frozen

from .table import KEYS


@frozen
class Named:
    name: str
    keys: str
    """As Textual calls them, parted by commas."""
    help: str


_BROWSER_KERNELS = (
    Named("browser.next_kernel", "tab", "Next kernel"),
    Named("browser.previous_kernel", "shift+tab", "Previous kernel"),
)
_TYPING = (
    Named("typing.down", "down", "Down, while text is typed"),
    Named("typing.up", "up", "Up, while text is typed"),
    Named("typing.page_down", "pagedown", "A page down, while text is typed"),
    Named("typing.page_up", "pageup", "A page up, while text is typed"),
)
_CTRL_N = (Named("typing.down", "down,ctrl+n", "Down, while text is typed"), *_TYPING[1:])
_LEAVE = Named("leave", "escape", "Leave what is innermost: a search, an editor, a dialogue")
_CLOSE = "Close the dialogue"
_COPY = Named("copy", "y", "Copy")
_GENERATE = Named("generate", "g", "Code for the field")
_UNFOLD = Named("list.fold", "space", "Fold or unfold the line")

PLACES: dict[str, tuple[Named, ...]] = {
    "app": (
        Named(
            "palette", "ctrl+p", "Palette: every command, record, field, function, type and kernel by name"
        ),
        Named("suspend", "ctrl+z", "Suspend btfview; fg brings it back"),
    ),
    "workbench": (_LEAVE,),
    "list": (
        Named("list.down", "down,j", "Down"),
        Named("list.up", "up,k", "Up"),
        Named("list.page_down", "pagedown,ctrl+f", "Page down"),
        Named("list.page_up", "pageup,ctrl+b", "Page up"),
        Named("list.half_page_down", "ctrl+d", "Half a page down"),
        Named("list.half_page_up", "ctrl+u", "Half a page up"),
        Named("list.first", "home,g", "First line"),
        Named("list.last", "end,G", "Last line"),
        Named("list.right", "right,l", "Right; in the offsets, the next kernel"),
        Named("list.left", "left,h", "Left; in the offsets, the kernel before"),
        Named("list.activate", "enter", "Open the line"),
    ),
    "rows": (_UNFOLD,),
    "structs": (_GENERATE,),
    "records": (
        Named("list.fold", "space", "Open or close the kernels of a column"),
        Named("offsets.kernels", "K", "A column for every kernel"),
        Named("offsets.first_kernel", "0,circumflex_accent", "First kernel"),
        Named("offsets.last_kernel", "dollar_sign", "Last kernel"),
    ),
    "offsets": (_GENERATE,),
    "editor": (
        Named("editor.start", "ctrl+home", "Start of the text"),
        Named("editor.end", "ctrl+end", "End of the text"),
    ),
    "editing": (
        _LEAVE,
        Named("editor.save", "ctrl+s", "Save and compile"),
        Named("editor.next_problem", "f8", "Next problem of the text"),
    ),
    "browser": (
        _LEAVE,
        Named("browser.open", "enter", "Open what was found; follow a member to its type"),
        Named("search", "slash", "Search inside the type"),
        Named("browser.find", "ampersand", "Find another type"),
        Named("browser.back", "b,backspace,less_than_sign", "Back on the way that was followed"),
        *_BROWSER_KERNELS,
        *_TYPING,
        Named("help", "f1", "Help"),
    ),
    "browser list": (
        _GENERATE,
        _UNFOLD,
        Named("browser.fold_all", "minus", "Fold all"),
        Named("browser.unfold_all", "plus", "Unfold all"),
        Named("browser.forward", "f,greater_than_sign", "Forward on the way that was followed"),
        Named("browser.compare", "c", "The next other kernel beside it"),
        Named("browser.compare_with", "C", "Choose another kernel beside it"),
        Named("browser.differences", "d", "Only what differs"),
        Named("browser.swap", "x", "Swap the two"),
        Named("browser.kernel", "t", "Choose the kernel"),
        Named("cachelines", "K", "Cachelines"),
        Named("byte_map", "M", "Map of the bytes"),
        _COPY,
        Named("undo_write", "u", "Undo"),
        Named("next_hit", "n", "Next place found"),
        Named("previous_hit", "N", "Previous place found"),
        Named("help", "question_mark", "Help"),
        Named("close", "q", "Close the browser"),
    ),
    "map": (
        _LEAVE,
        Named("close", "q,M", _CLOSE),
        *_BROWSER_KERNELS,
        Named("browser.kernel", "t", "Choose the kernel"),
        Named("browser.compare", "c", "The next other kernel"),
        Named("browser.compare_with", "C", "Another kernel"),
        Named("map.whole", "space", "All lines"),
        _COPY,
        Named("help", "question_mark,f1", "Help"),
    ),
    "cell": (
        _LEAVE,
        Named("close", "q,B", _CLOSE),
        Named("previous", "left_square_bracket", "Previous record"),
        Named("next", "right_square_bracket", "Next record"),
        Named("previous_problem", "left_curly_bracket", "Previous problem"),
        Named("next_problem", "right_curly_bracket", "Next problem"),
        _COPY,
    ),
    "cell list": (
        Named("cell.next_kernel", "right,l", "Next kernel"),
        Named("cell.previous_kernel", "left,h", "Previous kernel"),
        Named("cell.instruction", "enter,greater_than_sign", "Go to the instruction"),
        Named("cell.right", "L", "Scroll right"),
        Named("cell.left", "H", "Scroll left"),
    ),
    "choose": (_LEAVE, Named("close", "q", _CLOSE)),
    "entries": (
        _LEAVE,
        Named("close", "q", _CLOSE),
        Named("search", "slash", "Filter"),
        Named("entries.switch", "tab,shift+tab", "From the list to the detail, and back"),
        Named("entries.next", "right_curly_bracket,n", "Next"),
        Named("entries.previous", "left_curly_bracket,N", "Previous"),
    ),
    "export": (_LEAVE,),
    "fix": (_LEAVE,),
    "fix list": (
        Named("fixing.write", "enter", "Write the fix into the source"),
        _COPY,
        Named("fixing.switch", "tab", "From the fixes to the difference, and back"),
    ),
    "generate": (_LEAVE,),
    "generate list": (
        _COPY,
        Named("code.insert", "i", "Insert it into the source"),
        Named("code.write", "w", "Write it into a file"),
        Named("code.form", "o", "Rust or C"),
    ),
    "help": (
        _LEAVE,
        Named("close", "q,question_mark,f1", _CLOSE),
        Named("search", "slash", "Search"),
        Named("next_hit", "n", "Next place found"),
        Named("previous_hit", "N", "Previous place found"),
        Named("words", "W", "Go to the words"),
    ),
    "open": (
        _LEAVE,
        *_CTRL_N,
        Named("path.complete", "tab", "Complete the path"),
        Named("path.all_files", "ctrl+t", "All files"),
    ),
    "options": (
        _LEAVE,
        Named("close", "q", _CLOSE),
        Named("option.cpu", "c", "Next cpu"),
        Named("option.endian", "e", "Next byte order"),
        Named("option.dialect", "d", "Next dialect"),
        Named("option.defaults", "backspace,0", "Defaults"),
    ),
    "palette": (_LEAVE, *_CTRL_N, Named("find.choose", "enter", "Go there, do it")),
    "targets": (
        _LEAVE,
        Named("pick.switch", "tab,shift+tab", "From the list to the path, and back"),
        Named("pick.tick", "space", "Tick the kernel, or not"),
        Named("pick.all", "a", "Tick all"),
        Named("pick.none", "n", "Tick none"),
        *_TYPING[:2],
    ),
}
"""By what is on the screen."""

_BASE = ("app", "workbench")
CHAINS: tuple[tuple[str, ...], ...] = (
    ("list", "rows", "structs", *_BASE),
    ("list", "rows", "records", "offsets", *_BASE),
    ("editor", "editing", *_BASE),
    ("list", "browser list", "browser", "app"),
    ("list", "map", "app"),
    ("list", "cell list", "cell", "app"),
    ("list", "fix list", "fix", "app"),
    ("list", "generate list", "generate", "app"),
    *(("list", place, "app") for place in ("choose", "entries", "help", "options", "targets")),
    *((place, "app") for place in ("export", "open", "palette")),
)
"""Places whose keys are in force at one time, the innermost first: there no key may have two actions."""

WHERE_TYPED = frozenset(
    {"leave", "browser.open", "find.choose", "path.complete", "pick.switch", "entries.switch"}
    | {one.name for one in (*_TYPING, *_BROWSER_KERNELS, *PLACES["editing"], *PLACES["editor"])}
)
"""Names whose keys must not be characters, for those are text there."""


def default_keys(place: str) -> dict[str, tuple[str, ...]]:
    """Return the keys of each name of a place that nobody has bound anew."""
    found = {one.name: tuple(one.keys.split(",")) for one in PLACES[place]}
    if place == "workbench":
        found |= {key.id: tuple(key.keys.split(",")) for key in KEYS}
    return found


def all_names() -> dict[str, str]:
    """Return what each name does, the workbench's first."""
    found = {key.id: key.help for key in KEYS}
    for place in PLACES.values():
        for one in place:
            found.setdefault(one.name, one.help)
    return found
