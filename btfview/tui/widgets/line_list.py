"""A list of lines with a cursor, drawn with the line API: its cost is that of the lines in view."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from btfview.tui.drawing import Line, Piece, crop, visible, width_of
from btfview.tui.keys.bindings import bindings_of
from btfview.tui.roles import mix_style
from btfview.tui.searching import find_texts, light_hits

from .marking import Marking

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from textual.binding import BindingType
    from textual.events import Click, MouseDown, MouseMove

_MEASURED_LINES = 300
"""Of a long list, the lines that its width is chosen by."""
_TITLE_WIDTH = 17
"""Cells of a pane in whose frame each short title of the workbench stands whole, as ``4 Relocations``, also
with the sign that it is stale; however little the pane holds."""
MARKER, ALIKE_MARKER = "▌", "▏"
"""Of the lines of the selected record, and of those of records that ask about the same field."""


class LineList(ScrollView, can_focus=True):
    """Lines, a cursor, and one selected record whose lines are lit.

    A subclass says what the lines are (:attr:`line_count`, :meth:`line`; :meth:`lines_changed` once they are
    others) and may say what choosing one means (:meth:`cursor_moved`, :meth:`activate`). Lines above the list
    that do not scroll are :attr:`headings`. Whatever takes the index of a line is called with one that is
    there: a list may be empty, or shorter than it was, at every key.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_of(
        "list",
        {
            "list.down": "move(1)",
            "list.up": "move(-1)",
            "list.page_down": "page(1)",
            "list.page_up": "page(-1)",
            "list.half_page_down": "page(0.5)",
            "list.half_page_up": "page(-0.5)",
            "list.first": "move_to(0)",
            "list.last": "move_to(-1)",
            "list.right": "sideways(1)",
            "list.left": "sideways(-1)",
            "list.activate": "activate",
        },
    )

    SIDEWAYS_STEP = 8
    """Cells for one press of left or right."""

    class CursorMoved(Message):
        """The user moved the cursor to line *index*."""

        def __init__(self, line_list: LineList, index: int) -> None:
            super().__init__()
            self.line_list = line_list
            self.index = index

        @property
        def control(self) -> LineList:
            return self.line_list

    class Activated(CursorMoved):
        """The user pressed enter on line *index*."""

    def __init__(self, *, id: str | None = None, title: str = "") -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.cursor = 0
        """Line that the cursor is on; 0 in an empty list, where :attr:`here` says that it is on none."""
        self.selected_relo: int | None = None
        self.alike: frozenset[int] = frozenset()
        """Records that ask about the same field as the selected one, itself among them."""
        self.headings: tuple[Line, ...] = ()
        self.empty_text = ""
        """Shown when there is no line."""
        self._left = 0
        """Cells by which the lines are scrolled sideways."""
        self._styles: dict[str, Style] = {}
        self._query = ""
        """What is searched for; lit where it stands."""
        self._texts: Sequence[str] | None = None
        """What a search looks at, made by the first one."""
        self._hits: Sequence[int] = ()
        """Places of the query, ascending."""
        self._titles: tuple[str, ...] = (title,)
        self._note = self._about = ""
        self._shown_frame: tuple[str, str] | None = None
        self._marking = Marking(self._line_strip, lambda: self.margin)
        self._wanted_width: tuple[int, int] | None = None
        self._assumed_width = 0
        """While lines are measured, cells that they are made for in place of those there are."""
        self._framing: tuple[Region, ...] = ()
        """While the frame's words are exchanged, the lines that they stand on."""

    # -- what a subclass says ---------------------------------------------------------------------

    @property
    def line_count(self) -> int:
        """How many lines there are. Asked anew each time: nothing can be kept that would go stale."""
        raise NotImplementedError

    def line(self, index: int) -> Line:
        """Return line *index* (from 0). Its texts must have gone through :func:`.drawing.visible`."""
        raise NotImplementedError

    def cursor_moved(self, index: int) -> None:
        """The user moved the cursor to line *index*."""
        self.report(self.CursorMoved(self, index))

    def activate(self, index: int) -> None:
        """The user pressed enter on line *index*."""
        self.report(self.Activated(self, index))

    LEAST_WIDTH = 36
    """Cells with which the lines of this list are of use, though some may be cut."""
    margin = 1
    """Cells at the left that are no text: here the mark of the selection."""
    is_awaited = False
    """What it shows is being made."""

    @property
    def is_idle(self) -> bool:
        """There is nothing that it could show."""
        return not self.line_count and not self.is_awaited

    @property
    def drawn_width(self) -> int:
        """The cells that lines are made for."""
        return self._assumed_width or self.size.width

    @property
    def wanted_width(self) -> tuple[int, int]:
        """The cells with which the lines are of use, and those with which none of them is cut."""
        if self._wanted_width is None:
            best = max(self.measure(), _TITLE_WIDTH)
            if not self.line_count:
                best = max(best, self.LEAST_WIDTH)
            self._wanted_width = min(self.LEAST_WIDTH, best), best
        return self._wanted_width

    @property
    def wanted_height(self) -> int:
        """How many lines there are, with the headings above them."""
        return self.line_count + len(self.headings)

    def measure(self, width: int = 400) -> int:
        """Return the cells of the widest of the first lines, made for *width* cells."""
        before, self._assumed_width = self._assumed_width, width
        try:
            lines = [self.line(index) for index in range(min(self.line_count, _MEASURED_LINES))]
        finally:
            self._assumed_width = before
        lines += self.headings
        return 1 + max((sum(map(width_of, (one.gutter, one.pieces, one.tail))) for one in lines), default=0)

    def report(self, message: Message) -> None:
        """Post *message* straight to the screen: passed up through the containers it would come too late for
        the frame in which the list itself is drawn."""
        self.screen.post_message(message)

    def decorate(self, line: Line) -> Line:
        """Return *line* as it looks with the selection of the moment."""
        return line

    def relos_of(self, index: int) -> Sequence[int]:
        """Return the records of line *index*."""
        return self.line(index).relos

    def search_texts(self) -> Sequence[str]:
        """Return the text at each place that a search looks at; here the lines are the places."""
        return [self.text(index) for index in range(self.line_count)]

    def place_of(self, index: int) -> int:
        """Return the place that line *index* shows."""
        return index

    def line_of_place(self, place: int) -> int:
        """Return the line that shows *place*, after making it visible."""
        return place

    def text(self, index: int) -> str:
        """Return what line *index* says."""
        line = self.line(index)
        return "".join(text for text, _ in (*line.pieces, *line.tail))

    def copy_text(self, index: int) -> str:
        """Return what is copied from line *index*."""
        return self.text(index).strip()

    # -- content ----------------------------------------------------------------------------------

    @property
    def here(self) -> int | None:
        """The line that the cursor is on; None in an empty list."""
        return self.cursor if self.cursor < self.line_count else None

    def _nearest(self, index: int) -> int:
        """Return the line that is there and nearest to *index*; 0 in an empty list."""
        return max(0, min(index, self.line_count - 1))

    def copy_line(self) -> None:
        """Copy the line under the cursor."""
        self.copy(self.copy_text(self.here) if self.here is not None else "")

    def copy(self, text: str) -> None:
        """Put *text* into the clipboard by OSC 52, which goes through ssh and which some terminals refuse."""
        if not text.strip():
            self.notify("There is nothing to copy on this line.", title="Copy")
            return
        self.app.copy_to_clipboard(text)
        self.notify(text.strip(), title="Copied")

    def lines_changed(self, *, cursor: int | None = None) -> None:
        """Take in that there are other lines now; the cursor goes to *cursor* or stays.

        Where it goes, the list scrolls with it, so that what the user looks at stays where it is.
        """
        self._wanted_width = None
        top, count = round(self.scroll_y), self.line_count
        if cursor is not None and top <= self.cursor < top + self._body_height:
            top = max(0, min(cursor - (self.cursor - top), count - self._body_height))
        else:
            cursor = self.cursor if cursor is None else cursor
        # Set past the reactive, which would lay out the whole screen anew: with no scrollbar on show, nothing
        # else depends on it.
        self.set_reactive(LineList.virtual_size, Size(0, count + len(self.headings)))
        self.cursor = self._nearest(cursor)
        if top != round(self.scroll_y):
            self.scroll_to(y=top, animate=False, force=True)
        self._keep_cursor_in_view()
        self._left = min(self._left, self._widest_left())
        self._texts = None
        if self._query:
            self.set_query(self._query)
        self._update_frame()
        self.refresh()

    def set_title(self, *titles: str) -> None:
        """Put the first of *titles* that fits into the frame; they are text, not markup."""
        self._titles = tuple(visible(title) for title in titles)
        self._update_frame()

    def set_note(self, note: str) -> None:
        """Put a few words into the frame, before the position."""
        self._note = visible(note)
        self._update_frame()

    def set_context(self, context: str) -> None:
        """Say what is selected; shown where the frame is but one line (see :attr:`is_flat`)."""
        self._about = visible(context)
        self._update_frame()

    always_shows_cursor = False
    is_flat = False
    """The frame is a line above the list, so that title, context, note and position share it."""

    def set_flat(self, is_flat: bool) -> None:
        self.is_flat = is_flat
        self.set_class(is_flat, "-flat")
        self._update_frame()

    def _update_frame(self) -> None:
        # What Textual leaves of the frame for a title: less the corners, a dash and a space on each side.
        room = self.size.width - (2 if self.is_flat else 4) if self.size.width else 1000
        title = next((text for text in self._titles if cell_len(text) <= room), self._titles[-1])
        is_long = self.line_count > self._body_height > 0
        position = f"{self.cursor + 1}/{self.line_count}" if is_long else ""
        if self._query:
            position = " · ".join(part for part in (self.found_text, position) if part)
        if self.is_flat:
            about, note = self._about, self._note
            choices: list[tuple[str, ...]] = [(text, about, note, position) for text in self._titles]
            if self.has_class("-stale"):  # the title says so
                choices += [(self._titles[-1], about, "", position), (self._titles[-1], about)]
            else:
                choices += [(about, note, position), (about, position)]
            upper = _first_fitting([*choices, (about or title,)], room)
            lower = ""
        else:
            upper, lower = title, _first_fitting([(self._note, position), (self._note or position,)], room)
        if (upper, lower) != self._shown_frame:
            before, self._shown_frame = self._shown_frame, (upper, lower)
            left, top = self.content_offset
            width, height = self.outer_size
            if before is None or upper != before[0]:
                self._framing = (Region(-left, -top, width, 1),)
                self.border_title = Content(upper or " ")
            if before is None or lower != before[1]:
                self._framing = (Region(-left, height - 1 - top, width, 1),)
                self.border_subtitle = Content(lower) if lower else None
            self._framing = ()

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """Draw again; while the frame's words are exchanged, the frame alone: Textual would draw all lines of
        the list, at each key that moves its cursor."""
        chosen = regions or self._framing
        return super().refresh(*chosen, repaint=repaint, layout=layout, recompose=recompose)

    # -- cursor -----------------------------------------------------------------------------------

    @property
    def allow_vertical_scroll(self) -> bool:
        """The wheel scrolls whatever does not fit, although no scrollbar is on show."""
        return self.line_count > self._body_height

    @property
    def _body_height(self) -> int:
        return max(0, self.size.height - len(self.headings))

    def place_cursor(self, index: int, *, with_context: bool = False) -> None:
        """Move the cursor without telling anyone.

        *with_context* puts a line that is out of view a third of the way down instead of at an edge.
        """
        index = self._nearest(index)
        before, self.cursor = self.cursor, index
        self.refresh_list_line(before)
        self.refresh_list_line(index)
        self._keep_cursor_in_view(with_context=with_context)
        self._update_frame()

    def _keep_cursor_in_view(self, *, with_context: bool = False) -> None:
        height = self._body_height
        if height <= 0:
            return
        top = round(self.scroll_y)
        if top <= self.cursor < top + height and top <= max(0, self.line_count - height):
            return
        if with_context:
            top = self.cursor - height // 3
        elif self.cursor < top:
            top = self.cursor
        elif self.cursor >= top + height:
            top = self.cursor - height + 1
        self.scroll_to(y=max(0, min(top, self.line_count - height)), animate=False, force=True)

    def refresh_list_line(self, index: int) -> None:
        """Draw line *index* again, if it is in view."""
        y = index - round(self.scroll_y) + len(self.headings)
        if len(self.headings) <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _user_moves(self, index: int) -> None:
        index = self._nearest(index)
        if self.here is not None and index != self.cursor:
            # Told before anything is marked for drawing, so that the screen draws all panes at once.
            self.cursor_moved(index)
            self.place_cursor(index)

    def action_move(self, delta: int) -> None:
        self._user_moves(self.cursor + delta)

    def action_page(self, pages: float) -> None:
        self._user_moves(self.cursor + round(pages * max(1, self._body_height - 1)))

    def action_move_to(self, index: int) -> None:
        self._user_moves(index if index >= 0 else self.line_count + index)

    def action_sideways(self, direction: int) -> None:
        left = max(0, min(self._left + direction * self.SIDEWAYS_STEP, self._widest_left()))
        if left != self._left:
            self._left = left
            self.refresh()

    def action_activate(self) -> None:
        if self.here is not None:
            self.activate(self.here)

    def _lines_in_view(self) -> range:
        top = round(self.scroll_y)
        return range(top, min(top + self._body_height, self.line_count))

    def _widest_left(self) -> int:
        """Return how far the lines in view can be scrolled sideways before the longest ends."""
        widest = 0
        for index in self._lines_in_view():
            line = self.line(index)
            room = self.size.width - 1 - width_of(line.gutter) - self._tail_width(line)
            widest = max(widest, width_of(line.pieces) - room)
        return widest

    ALLOW_SELECT = False
    """By Textual, which gives each piece of each line a style of its own for it; see :class:`Marking`."""

    def on_mouse_down(self, event: MouseDown) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and event.button == 1:
            self._marking.begin((offset.y, offset.x))
            self.capture_mouse()  # so that we hear of the button wherever it is let go

    def on_mouse_move(self, event: MouseMove) -> None:
        if not self._marking.is_begun:
            return
        left, top, width, height = self.content_region
        x, y = round(event.screen_x) - left, round(event.screen_y) - top
        if self._marking.extend((max(0, min(y, height - 1)), max(0, min(x, width - 1)))):
            self.refresh()

    def on_mouse_up(self) -> None:
        """Copy what is marked, as ``y`` does."""
        text = self._marking.end()
        self.release_mouse()
        if self._marking.was_used:
            self.copy(text)
        self.refresh()

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or offset.y < len(self.headings) or self._marking.was_used:
            return
        index = offset.y - len(self.headings) + round(self.scroll_y)
        if 0 <= index < self.line_count:
            was_there = index == self.cursor
            self._user_moves(index)
            self.clicked(index, offset.x)
            if was_there or event.chain > 1:
                self.activate(index)

    def clicked(self, index: int, x: int) -> None:
        """The user clicked line *index*, *x* cells from the left edge."""

    # -- search -----------------------------------------------------------------------------------

    def set_query(self, query: str) -> None:
        """Look for *query* and light it; an empty one ends the search."""
        self._query = query
        if not query:
            self._texts, self._hits = None, ()
        else:
            if self._texts is None:
                self._texts = self.search_texts()
            self._hits = find_texts(self._texts, query)
        self._update_frame()
        self.refresh()

    @property
    def found_text(self) -> str:
        """``/pid 2 of 3``, ``/pid 3 found`` where the cursor is on none of them."""
        count = len(self._hits)
        place = self._place_here
        at = bisect_left(self._hits, place)
        is_on = at < count and self._hits[at] == place
        found = f"{at + 1} of {count}" if is_on else f"{count} found" if count else "not found"
        return f"/{visible(self._query)} {found}"

    @property
    def _place_here(self) -> int:
        """The place that the cursor is on; -1, before all others, where it is on none."""
        return self.place_of(self.here) if self.here is not None else -1

    def _next_hit(self, place: int, direction: int, *, is_inclusive: bool = False) -> int | None:
        """Return the place of the hit after (before) *place*, past either end from the other; None without
        one."""
        if not self._hits:
            return None
        if direction > 0:
            at = (bisect_left if is_inclusive else bisect_right)(self._hits, place)
        else:
            at = bisect_left(self._hits, place) - 1
        return self._hits[at % len(self._hits)]

    def show_hit(self, place: int) -> None:
        """Put the cursor on *place* without telling anyone."""
        self.place_cursor(self.line_of_place(place), with_context=True)

    def search_from(self, index: int) -> bool:
        """Put the cursor on the first hit from line *index* on, without telling anyone, and back on that line
        if there is none; return whether there is."""
        index = self._nearest(index)
        place = self.place_of(index) if index < self.line_count else -1
        hit = self._next_hit(place, 1, is_inclusive=True)
        if hit is not None:
            self.show_hit(hit)
        else:
            self.place_cursor(index)
        return hit is not None

    def choose_here(self) -> None:
        """Stay on the hit under the cursor, as if the user had gone there."""
        if self._hits and self.here is not None:
            self.choose_hit(self._place_here)

    def go_to_hit(self, direction: int) -> bool:
        """Move to the next or previous hit; false if there is none."""
        hit = self._next_hit(self._place_here, direction)
        if hit is None:
            return False
        self.choose_hit(hit)
        return True

    def choose_hit(self, place: int) -> None:
        """Move to *place* as if the user had gone there."""
        index = self._nearest(self.line_of_place(place))
        if self.here is not None:
            self.cursor_moved(index)
        self.place_cursor(index, with_context=True)

    # -- selection --------------------------------------------------------------------------------

    def show_relo(self, relo: int | None) -> None:
        """Light the lines of record *relo*; the cursor stays where it is."""
        before, self.selected_relo = self.selected_relo, relo
        if before == relo:
            return
        for index in self._lines_in_view():
            relos = self.relos_of(index)
            if before in relos or relo in relos:
                self.refresh_list_line(index)

    def show_alike(self, relos: frozenset[int]) -> None:
        """Light the lines of these records too, and dim all others where the pane does that."""
        before, self.alike = self.alike, relos
        if before == relos:
            return
        if self.dims_rest and bool(before) != bool(relos):
            self.refresh()
            return
        for index in self._lines_in_view():
            held = self.line(index).relos
            if not (before.isdisjoint(held) and relos.isdisjoint(held)):
                self.refresh_list_line(index)

    dims_rest = False
    """Lines that have nothing to do with the selection are drawn paler."""

    # -- drawing ----------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        self._styles.clear()
        super().notify_style_update()

    def watch_has_focus(self, _has_focus: bool) -> None:
        self._styles.clear()
        super().watch_has_focus(_has_focus)

    def on_resize(self) -> None:
        self._keep_cursor_in_view()
        self._left = min(self._left, self._widest_left())
        self._update_frame()

    def role_style(self, roles: str, row_part: str = "") -> Style:
        """Return the style of a piece with *roles* in a row that is ``cursor``, ``lit`` or nothing."""
        names = f"{row_part} {roles}"
        style = self._styles.get(names)
        if style is None:
            style = self._styles[names] = mix_style(self, names)
        return style

    def render_line(self, y: int) -> Strip:
        strip = self._line_strip(y)
        return self._marking.mark(strip, y) if self._marking.is_on else strip

    def _line_strip(self, y: int) -> Strip:
        width = self.size.width
        if y < len(self.headings):
            return self._draw(self.headings[y], width, "heading", " ")
        index = y - len(self.headings) + round(self.scroll_y)
        if index >= self.line_count:
            if y == len(self.headings) and not self.line_count and self.empty_text:
                return self._draw(Line(((visible(self.empty_text), "dim"),)), width, "", " ")
            return Strip.blank(width, self.role_style(""))
        line = self.decorate(self.line(index))
        is_lit = self.selected_relo is not None and self.selected_relo in line.relos
        is_alike = not is_lit and not self.alike.isdisjoint(line.relos)
        if index == self.cursor and (self.has_focus or self.always_shows_cursor):
            part = "cursor"
        elif is_lit:
            part = "lit"
        elif is_alike:
            part = "alike"
        else:
            part = "unlit" if self.alike and self.dims_rest and not _is_title(line) else ""
        return self._draw(line, width, part, MARKER if is_lit else ALIKE_MARKER if is_alike else " ")

    def _tail_width(self, line: Line) -> int:
        return min(width_of(line.tail), self.size.width // 2) if line.tail else 0

    def _draw(self, line: Line, width: int, part: str, marker: str) -> Strip:
        drawn: list[Piece] = [(marker, "marker"), *line.gutter]
        tail_width = self._tail_width(line)
        room = width - width_of(drawn) - tail_width
        if room < 1:  # too narrow for anything pinned
            drawn, room, tail_width = [(marker, "marker")], width - 1, 0
        drawn += crop(self._lit(line.pieces), self._left or line.start, room)
        if tail_width:
            used = width_of(drawn)
            drawn.append((" " * (width - tail_width - used), ""))
            drawn += crop(self._lit(line.tail), 0, tail_width)
        return self._strip(drawn, width, part)

    def _lit(self, pieces: Sequence[Piece]) -> Sequence[Piece]:
        return light_hits(pieces, self._query) if self._query else pieces

    def _strip(self, drawn: Iterable[Piece], width: int, part: str) -> Strip:
        segments = [Segment(text, self.role_style(roles, part)) for text, roles in drawn if text]
        used = sum(cell_len(segment.text) for segment in segments)
        if used < width:
            segments.append(Segment(" " * (width - used), self.role_style("", part)))
        return Strip(segments, max(used, width)).crop(0, width)


def _is_title(line: Line) -> bool:
    return not line.relos and any("title" in role.split() for _, role in line.pieces)


def _first_fitting(choices: Sequence[Sequence[str]], room: int) -> str:
    """Return the first of *choices*, its parts joined, that fits into *room* cells; else the last, cut."""
    text = ""
    for parts in choices:
        text = " · ".join(part for part in parts if part)
        if cell_len(text) <= room:
            return text
    return "".join(part for part, _ in crop([(text, "")], 0, room))
