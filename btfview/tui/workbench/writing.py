"""From looking to writing: what leads from a pane to a type of a target, to code, and into the source."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from btfview.core_relo.names import essential_name
from btfview.errors import BtfviewError, InputError
from btfview.frozen import frozen
from btfview.session.demo import is_demo

if TYPE_CHECKING:
    from btfview.bindings.places import Insertion, SourceSpot
    from btfview.fixes.patch import Fix
    from btfview.source import Source
    from btfview.tui.browser.screen import TypesScreen

    from .bench import Bench


@frozen
class FieldHere:
    """The field, or the type, that the user points at."""

    root: str
    """Name of the struct, union or enum as kernels have it, without a flavor; empty for an anonymous one."""
    path: str
    """``se.vruntime``; empty for the type itself."""
    type_id: int
    """The root on the selected target; 0 where it is not there."""


class Writing:
    """What leads from the panes of *bench* to types and code."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._line_awaited = 0
        """Of code that was inserted, from 1; 0 while none is on its way."""
        self._browser: TypesScreen | None = None

    # -- where the user is ------------------------------------------------------------------------

    def _field_here(self) -> FieldHere | None:
        """Return what the cursor of the struct tree is on, in the other panes what the selected record asks
        for; None where that is nothing."""
        good = self._bench.session.good
        if good is None or good.object is None:
            return None
        try:
            return (
                self._field_of_tree()
                if self._bench.pane_in_use is self._bench.structs_pane
                else self._field_of_record()
            )
        except InputError:
            return None

    def _field_of_record(self) -> FieldHere | None:
        good = self._bench.session.good
        assert good is not None
        assert good.object is not None
        linked = self._bench.session.selected_relo
        if linked is None or self._bench.structs_pane.beside is None:
            return None
        root, _, path = linked.path.partition(".")
        root = essential_name(root.partition("::")[0].partition("[")[0])
        selection = self._bench.session.selection
        target = selection.target if selection else 0
        type_id = self._bench.structs_pane.beside.type_there(
            good.object.btf.skip_modifiers(linked.relo.type_id).id, target
        )
        return FieldHere(root, path, good.own_type_id(target, type_id) if good.targets else 0)

    def _field_of_tree(self) -> FieldHere | None:
        pane, good = self._bench.structs_pane, self._bench.session.good
        place, beside = pane.place_here, pane.beside
        if place is None or beside is None or good is None or good.object is None:
            return None
        if pane.is_whole:
            name, type_id = good.btf_of(pane.target).name(place.root), place.root
            return FieldHere(name, place.field, good.own_type_id(pane.target, type_id))
        type_id = good.own_type_id(pane.target, beside.type_there(place.root, pane.target))
        return FieldHere(essential_name(good.object.btf.name(place.root)), place.field, type_id)

    # -- types ------------------------------------------------------------------------------------

    def browse_types(self) -> None:
        """Browse the types of the selected target; from the struct tree, at the field under the cursor."""
        is_here = self._bench.pane_in_use in (self._bench.structs_pane, self._bench.offsets_pane)
        here = self._field_here() if is_here else None
        if here is not None and here.root and not here.type_id:
            self._bench.notify(
                f"{here.root} is not on the selected target; / finds other types.", title="Types"
            )
        self.open_type(here.type_id if here else 0, here.path if here else "")

    def open_type(self, type_id: int = 0, path: str = "", target: int | None = None) -> None:
        """Open the browser on a target, by default the selected one: at the member *path* of its type
        *type_id*, or at the search for 0."""
        from btfview.tui.browser.screen import TypesScreen

        session = self._bench.session
        selected = session.selection.target if session.selection else 0
        self._browser = browser = TypesScreen(
            session.targets,
            selected=selected if target is None else target,
            generate=self.generate,
            undo=self.undo,
            is_reading=session.pending is not None,
            type_id=type_id,
            path=path,
        )
        self._bench.open_dialogue(browser, self._browser_closed)

    def _browser_closed(self, _nothing: None) -> None:
        self._browser = None

    def targets_changed(self) -> None:
        """Tell the browser, where it is open, of the targets of the newest answer."""
        if self._browser is not None:
            session = self._bench.session
            self._browser.set_targets(session.targets, is_reading=session.pending is not None)

    @property
    def _form(self) -> str:
        """That of the source on show, or of the source that an object was made of."""
        good = self._bench.session.good
        if good is not None and not good.is_rust:
            return "c"
        return (good.dialect if good is not None else "") or "repr"

    def open_map(self) -> None:
        """Map the bytes of the struct that the user points at, the program's above the selected kernel's."""
        from btfview.btf.types import Struct
        from btfview.tui.screens.byte_map import ByteMapScreen, MapOf

        session, pane = self._bench.session, self._bench.structs_pane
        good, place, linked = session.good, pane.place_here, session.selected_relo
        target = session.selection.target if session.selection else 0
        is_tree = self._bench.pane_in_use is pane and place is not None
        shown: MapOf | None = None
        try:
            if good is not None and is_tree and place is not None and pane.is_whole:
                shown = MapOf(pane.target, good.own_type_id(pane.target, place.root))
            elif good is not None and good.object is not None:
                btf = good.object.btf
                root = place.root if is_tree and place is not None else linked.relo.type_id if linked else 0
                root = btf.skip_modifiers(root).id if root else 0
                if root and isinstance(btf.type(root), Struct):
                    there = pane.beside.type_there(root, target) if pane.beside is not None else 0
                    shown = MapOf(target, good.own_type_id(target, there) if there else 0, (btf, root))
        except InputError as error:
            self._bench.notify(str(error), title="Byte map", severity="error")
            return
        if shown is None:
            self._bench.notify("There is no struct here; b finds any type, and M maps it.", title="Byte map")
        else:
            self._bench.open_dialogue(ByteMapScreen(good.targets if good else (), shown))

    # -- code -------------------------------------------------------------------------------------

    def generate_here(self) -> None:
        """Make code for the field under the cursor of the struct tree, or of the selected record."""
        here = self._field_here()
        if here is None:
            key = self._bench.key_of("targets")
            self._bench.notify(
                f"There is no field here, or no target to make code for: {key} chooses some.", title="Code"
            )
        elif not here.root or not here.path:
            self._bench.notify("Code is made for a field of a struct that has a name.", title="Code")
        else:
            self.generate(f"{here.root}.{here.path}")

    def generate(self, path: str) -> None:
        """Show code for *path*, such as ``task_struct.pid``, and put it where the user wants it."""
        from btfview.tui.screens.generate import GenerateScreen

        def done(insertion: Insertion | None) -> None:
            if insertion is not None:
                self._insert(insertion)

        screen = GenerateScreen(path, self._bench.session.targets, self._form, self._spot())
        self._bench.open_dialogue(screen, done)

    def _spot(self) -> SourceSpot | str:
        """Return where code can be inserted: at the cursor of the source pane; else why it cannot."""
        latest, path = self._bench.session.latest, self._bench.session.path
        if latest is None or latest.source is None or path is None:
            return "an object has no source" if path else "no source is open"
        if latest.origin not in ("rust", "c"):
            return "the source on show is neither Rust nor C"
        if self._bench.is_editing:
            return "the source is being edited"
        if is_demo(path or ""):
            key = self._bench.key_of("edit_in_place")
            return f"a demo stays as it is, {key} in the source makes a copy to change"
        from btfview.bindings.places import SourceSpot

        return SourceSpot(
            latest.source,
            self._bench.source_pane.cursor_number,
            self._bench.session.options,
            latest.compilation.headers if latest.compilation else (),
        )

    def undo(self) -> None:
        """Take back what btfview has written into a source last."""
        bench = self._bench
        if bench.is_editing:
            bench.notify("A file is being edited: ctrl+z there takes back the last change.", title="Undo")
            return
        try:
            path = bench.writes.undo()
        except BtfviewError as error:
            bench.notify(f"{error}; nothing is taken back", title="Undo", severity="error")
            return
        if path is None:
            bench.notify("btfview has written nothing into a source yet.", title="Undo")
            return
        bench.notify(f"{path} is as it was before.", title="Undone")
        if path == bench.session.path:
            bench.start_work()

    def _insert(self, insertion: Insertion) -> None:
        if self._write(insertion.source, insertion.text, "nothing is inserted"):
            self._bench.notify(
                f"Inserted at {insertion.where}; {self._bench.key_of('undo_write')} takes it back.",
                title=os.path.basename(insertion.source.path),
            )
            self._line_awaited = insertion.line

    def _write(self, source: Source, text: str, otherwise: str) -> bool:
        """Put *text* in the place of what the file of *source* holds, and compile it; where that cannot be,
        say why, and that *otherwise* is so."""
        from btfview.session.file_edit import refuse_read_only, replace_file

        before, after = source.text.encode(), text.encode()
        try:
            refuse_read_only(source.path)
            replace_file(source.path, before, after)
        except BtfviewError as error:
            self._bench.notify(f"{error}; {otherwise}", title="Not written", severity="error")
            return False
        self._bench.writes.note(source.path, before, after)
        self._bench.start_work()
        return True

    # -- fixes ------------------------------------------------------------------------------------

    def fix_here(self) -> None:
        """Show fixes for the selected record, or what else is asked for, and write the one that is taken."""
        if self._bench.offer_copy(self.fix_here):
            return
        session = self._bench.session
        good, selection = session.good, session.selection
        if good is None or selection is None:
            self._bench.notify("There is no record here that could be fixed.", title="Fix")
        elif self._bench.is_editing:
            self._bench.notify("Leave the editor first: escape there.", title="Fix")
        elif session.latest is not good:
            key = self._bench.key_of("problems")
            self._bench.notify(f"The source has errors: mend those first; {key} lists them.", title="Fix")
        elif not good.fails(selection.relo):
            from btfview.fixes.find import why_no_place

            why = why_no_place(good, selection.relo)
            self._bench.notify(f"{why[:1].upper()}{why[1:]}. }} goes to what fails.", title="Fix")
        else:
            from btfview.fixes.mend import describe
            from btfview.tui.screens.fix import FixScreen

            def done(fix: Fix | None) -> None:
                if fix is not None and good.source is not None:
                    self._mend(good.source, fix, what)

            what = describe(good, selection.relo)
            self._bench.open_dialogue(FixScreen(good, selection.relo, what), done)

    def _mend(self, source: Source, fix: Fix, what: str) -> None:
        if self._write(source, fix.proposal.text, "nothing is changed"):
            self._bench.notify(
                f"{what} {fix.fate}; {self._bench.key_of('undo_write')} takes it back.",
                title=f"Mended {os.path.basename(source.path)}",
            )

    def go_to_awaited_line(self) -> None:
        """Put the source pane's cursor on code that was inserted, once it is there."""
        if self._line_awaited:
            self._bench.source_pane.go_to_number(self._line_awaited, self._bench.session.path)
            self._line_awaited = 0
