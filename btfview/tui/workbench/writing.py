"""From looking to writing: what leads from a pane to a type of a target, to code, and into the source."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING

from btfview.core_relo.names import essential_name
from btfview.errors import BtfFormatError, BtfviewError
from btfview.frozen import frozen
from btfview.tui.messages import TypeWanted

from .arrangement import PaneScreen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from btfview.bindings.insertion import Insertion, SourceSpot
    from btfview.session.state import Session
    from btfview.targets.target import Target
    from btfview.tui.widgets.source_editor import SourceEditor

    from .editing import InPlaceEdit

_REMEMBERED = 20
"""Writes that can be taken back."""


@frozen
class FieldHere:
    """The field, or the type, that the user points at."""

    root: str
    """Name of the struct, union or enum as kernels have it, without a flavor; empty for an anonymous one."""
    path: str
    """``se.vruntime``; empty for the type itself."""
    type_id: int
    """The root on the selected target; 0 where it is not there."""


class WritingScreen(PaneScreen):
    """The part of the workbench that opens types and makes code."""

    session: Session

    def __init__(self) -> None:
        super().__init__()
        self.editing: InPlaceEdit | None = None
        """The file that is edited in place."""
        self._writes: deque[tuple[str, bytes, bytes]] = deque(maxlen=_REMEMBERED)
        """What btfview has written into sources: path, bytes before and after."""
        self._line_awaited = 0
        """Of code that was inserted, from 1; 0 while none is on its way."""

    def start_work(
        self,
        path: str | None = None,
        *,
        targets: Iterable[Target | str] | None = None,
        is_forced: bool = False,
    ) -> None:
        raise NotImplementedError

    # -- the file ---------------------------------------------------------------------------------

    async def action_edit_in_place(self) -> None:
        """Turn the source pane into an editor."""
        path, latest = self.session.path, self.session.latest
        if self.editing is not None:
            self.show_pane("source")
            return
        if path is None:
            self.notify("Nothing is open: press o.", title="Edit")
            return
        if latest is not None and latest.origin == "object":
            self.notify(
                f"{path} is a compiled object, there is no text to edit. Edit the source it is built from; "
                "the object is read again when it changes.",
                title="Edit",
            )
            return
        from .editing import InPlaceEdit

        try:
            self.editing = InPlaceEdit(self, path)
        except BtfviewError as error:
            self.notify(str(error), title="Edit", severity="error")
            return
        self.end_search()
        await self.editing.begin()

    def on_source_editor_command(self, message: SourceEditor.Command) -> None:
        self.action_editor(message.name)

    def action_editor(self, name: str) -> None:
        """Do what a key of the editor does: save, leave, undo, redo, next_problem."""
        if self.editing is not None:
            self.editing.command(name)

    def on_text_area_changed(self) -> None:
        if self.editing is not None:
            self.editing.show_title()

    def note_write(self, path: str, before: bytes, after: bytes) -> None:
        """Remember what was written into a source, so that it can be taken back."""
        if before != after:
            self._writes.append((path, before, after))

    def action_undo_write(self) -> None:
        """Take back what btfview has written into the source last."""
        if self.editing is not None:
            self.notify("A file is being edited: ctrl+z there takes back the last change.", title="Undo")
            return
        if not self._writes:
            self.notify("btfview has written nothing into a source yet.", title="Undo")
            return
        from btfview.session.file_edit import replace_file

        path, before, after = self._writes[-1]
        try:
            replace_file(path, after, before)
        except BtfviewError as error:
            self.notify(f"{error}; nothing is taken back", title="Undo", severity="error")
            return
        self._writes.pop()
        self.notify(f"{path} is as it was before.", title="Undone")
        if path == self.session.path:
            self.start_work()

    # -- where the user is ------------------------------------------------------------------------

    def _field_here(self) -> FieldHere | None:
        """Return what the cursor of the struct tree is on, in the other panes what the selected record asks
        for; None where that is nothing."""
        good = self.session.good
        if good is None or good.object is None:
            return None
        try:
            return self._field_of_tree() if self.pane_in_use is self.structs_pane else self._field_of_record()
        except BtfFormatError:
            return None

    def _field_of_record(self) -> FieldHere | None:
        good = self.session.good
        assert good is not None
        assert good.object is not None
        linked = self.session.selected_relo
        if linked is None or self.structs_pane.beside is None:
            return None
        root, _, path = linked.path.partition(".")
        root = essential_name(root.partition("::")[0].partition("[")[0])
        selection = self.session.selection
        target = selection.target if selection else 0
        type_id = self.structs_pane.beside.type_there(
            good.object.btf.skip_modifiers(linked.relo.type_id).id, target
        )
        return FieldHere(root, path, type_id)

    def _field_of_tree(self) -> FieldHere | None:
        pane, good = self.structs_pane, self.session.good
        place, beside = pane.place_here, pane.beside
        if place is None or beside is None or good is None or good.object is None:
            return None
        if pane.is_whole:
            return FieldHere(good.targets[pane.target].btf.name(place.root), place.field, place.root)
        type_id = beside.type_there(place.root, pane.target)
        return FieldHere(essential_name(good.object.btf.name(place.root)), place.field, type_id)

    # -- types ------------------------------------------------------------------------------------

    def on_type_wanted(self, _message: TypeWanted) -> None:
        self.action_browse_types()

    def action_browse_types(self) -> None:
        """Browse the types of the selected target; from the struct tree, at the field under the cursor."""
        is_here = self.pane_in_use in (self.structs_pane, self.offsets_pane)
        here = self._field_here() if is_here else None
        if here is not None and here.root and not here.type_id:
            self.notify(f"{here.root} is not on the selected target; / finds other types.", title="Types")
        self.open_type(here.type_id if here else 0, here.path if here else "")

    def open_type(self, type_id: int = 0, path: str = "", target: int | None = None) -> None:
        """Open the browser on a target, by default the selected one: at the member *path* of its type
        *type_id*, or at the search for 0."""
        from btfview.tui.screens.types import TypesScreen

        session = self.session
        selected = session.selection.target if session.selection else 0
        self.app.push_screen(
            TypesScreen(
                session.targets,
                selected=selected if target is None else target,
                generate=self.generate,
                type_id=type_id,
                path=path,
            )
        )

    @property
    def dialect(self) -> str:
        """That of the source on show."""
        good = self.session.good
        program = good.compilation.program if good is not None and good.compilation else None
        return program.dialect if program else "repr"

    # -- code -------------------------------------------------------------------------------------

    def action_generate(self) -> None:
        """Make code for the field under the cursor of the struct tree, or of the selected record."""
        here = self._field_here()
        if here is None:
            self.notify(
                "There is no field here, or no target to make code for: t chooses some.", title="Code"
            )
        elif not here.root or not here.path:
            self.notify("Code is made for a field of a struct that has a name.", title="Code")
        else:
            self.generate(f"{here.root}.{here.path}")

    def generate(self, path: str) -> None:
        """Show code for *path*, such as ``task_struct.pid``, and put it where the user wants it."""
        from btfview.tui.screens.generate import GenerateScreen

        def done(insertion: Insertion | None) -> None:
            if insertion is not None:
                self._insert(insertion)

        screen = GenerateScreen(path, self.session.targets, self.dialect, self._spot())
        self.app.push_screen(screen, done)

    def _spot(self) -> SourceSpot | str:
        """Return where code can be inserted: at the cursor of the source pane; else why it cannot."""
        latest, path = self.session.latest, self.session.path
        if latest is None or latest.source is None or path is None:
            return "an object has no source: y copies, w writes a file" if path else "no source is open"
        if latest.origin != "rust":
            return "the source on show is not Rust: y copies, w writes a file"
        if self.editing is not None:
            return "leave the editor first: escape there"
        from btfview.bindings.insertion import SourceSpot

        return SourceSpot(latest.source, self.source_pane.cursor_number, self.session.options)

    def _insert(self, insertion: Insertion) -> None:
        from btfview.session.file_edit import replace_file

        source = insertion.source
        before, after = source.text.encode(), insertion.text.encode()
        try:
            replace_file(source.path, before, after)
        except BtfviewError as error:
            self.notify(f"{error}; nothing is inserted", title="Code", severity="error")
            return
        self.note_write(source.path, before, after)
        self.notify(f"Inserted at {insertion.where}; u takes it back.", title=os.path.basename(source.path))
        self._line_awaited = insertion.line
        self.start_work()

    def go_to_awaited_line(self) -> None:
        """Put the source pane's cursor on code that was inserted, once it is there."""
        if self._line_awaited:
            self.source_pane.go_to_number(self._line_awaited)
            self._line_awaited = 0

    # -- the struct tree --------------------------------------------------------------------------

    def action_cycle_structs(self) -> None:
        """Show the program's types, the target's beside them, or the target's whole type."""
        if self.structs_pane.beside is None:
            self.notify("There is no target to compare with: t chooses some.", title="Structs")
            return
        self.structs_pane.cycle_mode()
        self._bring_up("structs")

    def action_toggle_cachelines(self) -> None:
        self.structs_pane.toggle_cachelines()
        self._bring_up("structs")

    def _bring_up(self, name: str) -> None:
        """Show a pane that stands behind others."""
        if not self._pane(name).display:
            self._activate(name)
