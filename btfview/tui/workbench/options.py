"""Choose how a source is compiled: cpu, byte order, dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.options import MEANINGS
from btfview.frozen import replace

if TYPE_CHECKING:
    from btfview.compiler.options import CompileOptions

    from .bench import Bench


class Options:
    """The compile options of the session of *bench*."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def open(self) -> None:
        """Let the user choose; for an object there is nothing to choose, and that is said."""
        from btfview.tui.screens.options import OptionsScreen

        session = self._bench.session
        path = session.pending.path if session.pending else session.path
        latest = session.latest
        if latest is not None and latest.origin == "object" and path == session.path:
            self._bench.notify(
                f"{path} is compiled already. Open the source that it was made from to compile it otherwise.",
                title="Compile options",
            )
            return
        note = "each switch compiles again"
        if path is None:
            note = "used when a source is opened"
        elif not path.endswith(".rs"):
            note = "each switch compiles again; the dialect is a matter of Rust alone"
        self._bench.open_dialogue(OptionsScreen(session.options, self.choose, note=note))

    def choose(self, options: CompileOptions) -> None:
        """Compile with *options* from now on, and what is open at once."""
        session = self._bench.session
        if options == session.options:
            return
        session.options = options
        latest = session.latest
        if session.path is None and session.pending is None:
            self._bench.show_header()
        elif latest is None or latest.origin != "object" or session.pending is not None:
            self._bench.start_work()

    def switch(self, name: str, choice: str) -> None:
        """Switch one option, as the palette does."""
        session = self._bench.session
        if session.latest is not None and session.latest.origin == "object" and session.pending is None:
            self.open()
            return
        options = replace(session.options, **{name: choice})
        if options == session.options:
            self._bench.notify(f"It is so already: {MEANINGS[name][choice]}", title=f"{name} {choice}")
        self.choose(options)
