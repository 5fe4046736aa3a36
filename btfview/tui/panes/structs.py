"""The struct pane: the program's types, beside them those of targets, or a target's whole type."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, ClassVar, assert_never

from rich.cells import cell_len

from btfview.errors import BtfFormatError
from btfview.tui.drawing import Line, Piece, crop, pieces_of, visible, width_of
from btfview.tui.keys.bindings import bindings_of, keymap_of
from btfview.tui.messages import ReloSelected, TypeWanted
from btfview.views.layouts.struct_place import TreeRow
from btfview.views.rows import Row, Segment
from btfview.views.states import state_role

from .offset_columns import short_names
from .rows import RowsPane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType

    from btfview.analysis.result import Analysis
    from btfview.views.layouts.beside import LayoutBeside, There
    from btfview.views.layouts.struct_place import MemberColumns, StructPlace

_NAME_LIMIT = 28
"""Cells beyond which one long name does not push the numbers of all others to the right."""
_TYPE_LIMIT = 20
"""Cells of the type where targets stand beside it."""
_PLACE_WIDTH = 6
"""``2344:3``; with a glyph before it, what a target says of a field."""
_CELL_WIDTH = 1 + _PLACE_WIDTH + 1 + 7
"""The same with a size that differs behind it, as in ``▲   208 256 B``."""
_NARROW, _NARROW_PLACE = 45, 5
"""Where there are fewer cells, glyph and place stand close, and take fewer; and long names are cut, so that
they do not push the offsets out of sight."""
_LEAST_NAME = 10
_MANY_WIDTH = 100
"""Cells from which on several targets stand beside the program's type."""
_MORE_WIDTH, _TAIL_LIMIT = 14, 24
"""Cells of ``19 more: h l``, and of the records at the end of a row that targets give way to."""


class Mode(Enum):
    """What the tree shows."""

    LOCAL = "the program's types"
    BESIDE = "the program's types, those of targets beside them"
    WHOLE = "a target's whole type"


class StructsPane(RowsPane):
    """A tree of types: name, offset, size and type of each member, and what becomes of it on targets.

    In a narrow pane one target stands beside the program's type, the selected one; in a wide one as many as
    fit. Members of anonymous structs and unions, which count as members of the struct around them, stand
    behind a dotted line.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("structs", {"generate": "screen.generate"})
    dims_rest = True

    def __init__(self) -> None:
        super().__init__(id="structs", title="2 Structs")
        self._name_width = self._offset_width = self._size_width = 0
        self._name_widths: Sequence[int] = ()
        """Of the rows on show: that of the names below the same root."""
        self._tail_cells = 0
        """Of the records that use a member."""
        self._analysis: Analysis | None = None
        self._beside: LayoutBeside | None = None
        self._tree: Sequence[TreeRow] = ()
        """The program's own types."""
        self._places: Sequence[StructPlace | None] = ()
        """Of the rows on show."""
        self._members: Sequence[MemberColumns | None] = ()
        """Of the rows on show; None for what is no member."""
        self._target = 0
        self._before: int | None = None
        """The target before the last step, to which what is other now is marked."""
        self._wanted_mode = Mode.BESIDE
        self._cachelines: bool | None = None
        """None: in the target's whole type only."""
        self._root = 0
        """Local type whose counterpart is on show as a whole."""
        self._open: set[tuple[int, ...]] = set()
        """Paths of the structs that are unfolded in it."""
        self._names: Sequence[str] | None = None
        """Short ones of the targets; None until they are drawn."""
        self._columns = range(0)
        """Targets in view."""

    # -- content ----------------------------------------------------------------------------------

    def set_tree(self, analysis: Analysis, tree: Sequence[TreeRow]) -> bool:
        """Show *tree*, which is that of *analysis*, and its targets; the cursor stays on the row with the
        same key. Return whether that is still there."""
        from btfview.views.layouts.beside import LayoutBeside  # not before the first frame

        self._analysis = analysis
        root_key = next((one.row.key for one in self._tree if one.place and one.place.root == self._root), "")
        roots = {one.place.root for one in tree if one.place is not None}
        has_targets = bool(analysis.targets) and analysis.object is not None
        self._beside = LayoutBeside(analysis, roots) if has_targets else None
        self._tree = tree
        self._target = max(0, min(self._target, len(analysis.targets) - 1))
        self._names = None
        if self._has_cachelines and self.mode != Mode.WHOLE:
            self._tree = _with_cachelines(analysis, has_cachelines=True)
        # The same type has another id after a recompile.
        self._root = next((one.place.root for one in tree if one.place and one.row.key == root_key), 0)
        return self._fill()

    def clear(self) -> None:
        """Show nothing."""
        self._analysis = self._beside = self._names = None
        self._tree = ()
        self._fill()

    def set_target(self, target: int, before: int | None = None) -> None:
        """Put the target at index *target* beside the program's types, and say what was otherwise on the one
        *before*, where that is given."""
        if (target, before) == (self._target, self._before) or self._beside is None:
            return
        self._target, self._before = target, before
        if self.mode == Mode.WHOLE:
            self._fill()
        else:
            self._fit_columns()
            self.refresh()

    @property
    def mode(self) -> Mode:
        return self._wanted_mode if self._beside is not None else Mode.LOCAL

    @property
    def _has_cachelines(self) -> bool:
        return self.mode == Mode.WHOLE if self._cachelines is None else self._cachelines

    def _fill(self) -> bool:
        """Show the rows of the mode; the cursor stays on the same field. Return whether that is there."""
        place = self.place_here
        tree = self._whole_tree() if self.mode == Mode.WHOLE else self._tree
        self._places = [one.place for one in tree]
        self._members = [one.columns for one in tree]
        self._measure(tree)
        self._fit_columns()  # before the lines are counted: those above the list count with them
        is_kept = super().set_rows([one.row for one in tree])
        if not is_kept and place is not None:
            is_kept = self._go_to_field(place.field)
        self._fit_columns()  # above the columns of the root that the cursor is in
        return is_kept

    def set_rows(self, rows: Sequence[Row]) -> bool:
        """Show *rows* that stand for no types."""
        self._tree = [TreeRow(row, None) for row in rows]
        return self._fill()

    def _whole_tree(self) -> Sequence[TreeRow]:
        beside = self._beside
        assert beside is not None
        root = self._root or self._root_of_selection()
        self._root = root
        if not root:
            return ()
        try:
            tree = beside.whole_rows(
                root, self._target, self._open.__contains__, has_cachelines=self._has_cachelines
            )
        except BtfFormatError as error:
            return [TreeRow(Row((Segment(f"not readable: {error.problem}", "error"),)), None)]
        if not tree:
            assert self._analysis is not None
            assert self._analysis.object is not None
            found = self._analysis.object.btf.type(root)
            text = f"{found.kind.label} {found.name or '(anonymous)'}: none with members there"
            return [TreeRow(Row((Segment(text, "warning"),)), None)]
        return tree

    def _root_of_selection(self) -> int:
        relo = self.selected_relo
        for one in self._tree:
            if one.place is not None and (relo is None or relo in one.row.relos):
                return one.place.root
        return 0

    def _go_to_field(self, field: str) -> bool:
        for index, row in enumerate(self._shown):
            place = self._places[row]
            if field and place is not None and place.field == field:
                self.place_cursor(index, with_context=True)
                return True
        return False

    def _measure(self, tree: Sequence[TreeRow]) -> None:
        offsets, sizes, tails = [0], [0], [0]
        widths: list[int] = []
        roots: list[int] = []
        """Of each row the index in *widths*."""
        for one in tree:
            if not one.row.depth or not widths:
                widths.append(0)
            roots.append(len(widths) - 1)
            if (columns := one.columns) is not None:
                name = 2 * one.row.depth + cell_len(visible(columns.name.text))
                widths[-1] = max(widths[-1], name if name <= _NAME_LIMIT else 0)
                offsets.append(len(columns.offset))
                sizes.append(len(columns.size))
                tails.append(sum(len(part.text) for part in columns.tail))
        self._name_width = max(widths, default=0)
        self._name_widths = [widths[root] for root in roots]
        self._offset_width, self._size_width = max(offsets), max(sizes)
        self._tail_cells = min(max(tails), _TAIL_LIMIT)

    # -- what is chosen ---------------------------------------------------------------------------

    @property
    def place_here(self) -> StructPlace | None:
        """What the row under the cursor stands for."""
        if self.here is None:
            return None
        row = self._shown[self.here]
        return self._places[row] if row < len(self._places) else None

    @property
    def _row_here(self) -> int | None:
        return self._shown[self.here] if self.here is not None else None

    @property
    def target(self) -> int:
        """Index of the target that stands beside the program's types."""
        return self._target

    @property
    def is_whole(self) -> bool:
        """The places are those of the target's type, not of the program's."""
        return self.mode == Mode.WHOLE

    @property
    def beside(self) -> LayoutBeside | None:
        return self._beside

    def cycle_mode(self) -> Mode:
        """Show the program's types, the target's beside them, the target's whole type; return which."""
        if self._beside is None:
            return Mode.LOCAL
        place = self.place_here
        if self.mode != Mode.WHOLE and place is not None:
            self._root = place.root
        modes = list(Mode)
        self._wanted_mode = modes[(modes.index(self._wanted_mode) + 1) % len(modes)]
        self._fill()
        return self._wanted_mode

    def toggle_cachelines(self) -> bool:
        """Show or hide the boundaries of cachelines; return whether they are on show."""
        self._cachelines = not self._has_cachelines
        if self._analysis is not None and self._analysis.object is not None:
            self._tree = _with_cachelines(self._analysis, has_cachelines=self._cachelines)
        self._fill()
        return self._cachelines

    # -- lines ------------------------------------------------------------------------------------

    LEAST_WIDTH = _NARROW

    def measure(self, width: int = _NARROW) -> int:
        """Return the width with one target beside the types: more of them come where there is room."""
        return super().measure(width)

    def on_resize(self) -> None:
        self._fit_columns()
        super().on_resize()

    @property
    def _short_names(self) -> Sequence[str]:
        if self._names is None:
            targets = self._analysis.targets if self._analysis is not None else ()
            short = short_names([visible(target.name) for target in targets])
            self._names = [
                f"{version}{_between(rest)}{rest}" + ("?" if target.badge else "")
                for (version, rest), target in zip(short, targets, strict=True)
            ]
        return self._names

    @property
    def _is_many(self) -> bool:
        count = len(self._analysis.targets) if self._analysis is not None else 0
        return self.mode == Mode.BESIDE and count > 1 and self.drawn_width >= _MANY_WIDTH

    @property
    def _is_narrow(self) -> bool:
        return self.drawn_width < _NARROW

    def _name_room(self, row: int | None) -> int:
        """Return the cells up to the offset of a row, indent included: what stands below one root has columns
        of its own, where no other targets stand beside it."""
        of_root = self._name_width
        if row is not None and row < len(self._name_widths) and not self._is_many:
            of_root = self._name_widths[row]
        if not self._is_narrow:
            return of_root
        numbers = 1 + self._offset_width + (1 + _NARROW_PLACE if self.mode == Mode.BESIDE else 0)
        edges = 4  # the mark of the selection, the sign of a fold, and a sign that more follows
        return min(of_root, max(_LEAST_NAME, self.drawn_width - edges - numbers))

    @property
    def _label_width(self) -> int:
        """Cells of name, offset, size and type, where several targets stand beside them."""
        return 2 + self._name_width + 1 + self._offset_width + 1 + self._size_width + 2 + _TYPE_LIMIT + 1

    def _fit_columns(self) -> None:
        """Choose the targets in view, the selected one among them, and write their names above."""
        if self.mode != Mode.BESIDE:
            self.headings = ()
        elif not self._is_many:
            self._columns = range(self._target, self._target + 1)
            name = self._short_names[self._target]
            gap = " " * (2 + self._name_room(self._row_here) + 1)
            text = f"{gap}{'local':>{self._offset_width}} {name:<{_PLACE_WIDTH + 1}}"
            self.headings = (Line(((text, "dim"),)),)
        else:
            room = self.size.width - 1 - self._label_width
            count = (room - self._tail_cells) // (_CELL_WIDTH + 1)
            if count < len(self._short_names):
                count = (room - max(self._tail_cells, _MORE_WIDTH)) // (_CELL_WIDTH + 1)
            count = max(1, min(len(self._short_names), count))
            first = max(0, min(self._columns.start, self._target, len(self._short_names) - count))
            first = max(first, self._target - count + 1)
            self._columns = range(first, first + count)
            hidden = len(self._short_names) - count
            names = [self._heading(column) for column in self._columns]
            gap = f"{'local':>{2 + self._name_width + 1 + self._offset_width}}".ljust(self._label_width)
            more: tuple[Piece, ...] = (
                ((f" {hidden} more: {keymap_of(self).told('h l', 'structs')}", "dim"),) if hidden else ()
            )
            self.headings = (Line((*names, *more), gutter=((gap, "dim"),)),)
        self._update_note()
        self.refresh()

    def _heading(self, column: int) -> Piece:
        name = "".join(part for part, _ in crop([(self._short_names[column], "")], 0, _CELL_WIDTH))
        gap = " " * (_CELL_WIDTH + 1 - cell_len(name))
        return name + gap, "title" if column == self._target else "dim"

    def line(self, index: int) -> Line:
        number = self._shown[index]
        row, place = self._rows[number], self._places[number]
        fold = self._fold(number)
        columns = self._members[number]
        if columns is None:
            pieces = [fold, *pieces_of(row.segments)]
            if self._is_many and place is not None and self._there(place, self._target) is not None:
                return self._beside_many(pieces, place, row.relos)
            there = self._there(place, self._target) if self.mode == Mode.BESIDE else None
            if there is not None:
                known = there.size or f"{there.glyph} {there.place or there.why}"
                pieces.append((f"  │ {visible(known)}", "dim" if there.size else _role(there)))
            return Line(tuple(pieces), row.relos)
        name = visible(columns.name.text)
        room = self._name_room(number) - 2 * row.depth
        if self._is_narrow:
            name = "".join(part for part, _ in crop([(name, "")], 0, room))
        gap = " " * (room - cell_len(name))
        label: list[Piece] = [
            fold,
            (f"{name}{gap}", columns.name.role),
            (f" {columns.offset:>{self._offset_width}}", "number"),
        ]
        type_piece: Piece = (visible(columns.type_name.text), columns.type_name.role)
        tail = pieces_of(columns.tail)
        size_piece: Piece = (f" {columns.size:>{self._size_width}}", "number")
        there = self._there(place, self._target) if self.mode == Mode.BESIDE else None
        tail = [*self._was(place, there), *tail]
        if self.mode != Mode.BESIDE:
            return Line((*label, size_piece, ("  ", ""), type_piece, *tail), row.relos)
        if self._is_many:
            label += [size_piece, ("  ", ""), type_piece]
            return self._beside_many(label, place, row.relos, tail)
        sign = self._sign(there)
        if self._is_narrow:
            sign = sign[:1] + sign[1:].lstrip()
            cell = [(f" {sign:<{_NARROW_PLACE}}", _role(there))]
        else:
            cell = [(f" {sign:<{_PLACE_WIDTH + 1}}", _role(there))]
        other_size: list[Piece] = [(f"≠{there.size}", "warning")] if there and there.size else []
        other_type: list[Piece] = (
            [(f" ≠ {visible(there.type_name)}", "warning")] if there and there.type_name else []
        )
        return Line(
            (*label, *cell, size_piece, *other_size, ("  ", ""), type_piece, *other_type, *tail), row.relos
        )

    def _fold(self, number: int) -> Piece:
        row, place = self._rows[number], self._places[number]
        unnamed = place.unnamed_depths if place is not None else ()
        indent = "".join("┆ " if level in unnamed else "  " for level in range(row.depth))
        sign = "  "
        if row.has_children:
            sign = "▸ " if self._is_closed(number) else "▾ "
        return indent + sign, "dim"

    def _is_closed(self, number: int) -> bool:
        row, place = self._rows[number], self._places[number]
        if self.mode != Mode.WHOLE or place is None or not place.path:
            return row.key in self._folded
        return number + 1 >= len(self._rows) or self._rows[number + 1].depth <= row.depth

    def _there(self, place: StructPlace | None, target: int) -> There | None:
        if place is None or self._beside is None:
            return None
        return self._beside.cell(place, target)

    def _was(self, place: StructPlace | None, there: There | None) -> list[Piece]:
        """Return what a field was on the kernel before the last step, where that was another place."""
        if self._before is None or there is None:
            return []
        old = self._there(place, self._before)
        if old is None or (old.place, old.size, old.type_name) == (there.place, there.size, there.type_name):
            return []
        return [(f"  ± was {visible(old.place or old.why or str(old.state))}", "warning")]

    @staticmethod
    def _sign(there: There | None) -> str:
        if there is None:
            return ""
        if there.size and not there.place:  # a root
            return " " * (_PLACE_WIDTH + 1)
        return f"{there.glyph}{there.place or '—':>{_PLACE_WIDTH}}"

    def _cell(self, place: StructPlace | None, column: int) -> Piece:
        there = self._there(place, column)
        text = self._sign(there)
        if there is not None:
            text += f" {there.size}" if there.size else " ≠type" if there.type_name else ""
        text = "".join(part for part, _ in crop([(text, "")], 0, _CELL_WIDTH))
        return text + " " * (_CELL_WIDTH + 1 - cell_len(text)), _role(there)

    def _beside_many(
        self,
        label: list[Piece],
        place: StructPlace | None,
        relos: tuple[int, ...],
        tail: Sequence[Piece] = (),
    ) -> Line:
        """Return a line with *label*, cut to the width that all labels have, and a cell for each target in
        view."""
        label = crop(label, 0, self._label_width - 1)
        label.append((" " * (self._label_width - width_of(label)), ""))
        cells = tuple(self._cell(place, column) for column in self._columns)
        return Line(cells, relos, tuple(label), tuple(tail))

    def _update_note(self) -> None:
        """Say what stands beside the types, and of the row under the cursor what its cell has no room for."""
        if self._analysis is None or self._beside is None:
            self.set_note("")
            return
        name = self._analysis.targets[self._target].name
        there = self._there(self.place_here, self._target) if self.mode == Mode.BESIDE else None
        if there is not None and (there.why or there.size or there.type_name):
            self.set_note(f"{self._short_names[self._target]}: {there.facts}")
        else:
            self.set_note(self._mode_on(name))

    def _mode_on(self, target: str) -> str:
        match self.mode:
            case Mode.LOCAL:
                return "local"
            case Mode.BESIDE:
                return f"local | {target}"
            case Mode.WHOLE:
                return f"whole type on {target}"
            case _:
                assert_never(self.mode)

    def place_cursor(self, index: int, *, with_context: bool = False) -> None:
        before = self._name_room(self._row_here)
        super().place_cursor(index, with_context=with_context)
        if self._name_room(self._row_here) != before:
            self._fit_columns()  # their names stand above those of the root that the cursor is in
        self._update_note()

    # -- what the user does -----------------------------------------------------------------------

    def activate(self, index: int) -> None:
        """Fold or unfold; go through the records of a field; of one without, show the type on the target."""
        number = self._shown[index]
        row, place = self._rows[number], self._places[number]
        if self.mode == Mode.WHOLE and row.has_children and place is not None and place.path:
            self._open ^= {place.path}
            self._fill()
        elif row.has_children or row.relos:
            super().activate(index)
        elif place is not None:
            self.report(TypeWanted())

    def action_sideways(self, direction: int) -> None:
        """Where several targets are in view, choose the next; else scroll."""
        if not self._is_many:
            super().action_sideways(direction)
            return
        target = max(0, min(self._target + direction, len(self._short_names) - 1))
        if self.selected_relo is not None:
            self.report(ReloSelected(self, self.selected_relo, target))
        self.set_target(target)

    # -- selection --------------------------------------------------------------------------------

    def show_selection(self, relo: int | None) -> None:
        if self.mode == Mode.WHOLE and relo is not None:
            root = next((one.place.root for one in self._tree if one.place and relo in one.row.relos), 0)
            if root and root != self._root:
                self.selected_relo = relo
                self._root = root
                self._fill()
        super().show_selection(relo)


def _with_cachelines(analysis: Analysis, *, has_cachelines: bool) -> Sequence[TreeRow]:
    from btfview.views.layouts.struct_tree import struct_tree

    return struct_tree(analysis, has_cachelines=has_cachelines)


def _between(rest: str) -> str:
    """Return what parts the short name of a kernel: ``6.12.107-s390x``, ``6.12-arm64``."""
    return "." if rest[:1].isdigit() else "-" if rest else ""


def _role(there: There | None) -> str:
    return state_role(there.state) if there is not None else "dim"
