"""The user's files of a program: found by rustc's names, and all of them in one source.

Places in another file than the program begins in lie behind its text, as :class:`~btfview.source.Source` has
it; a file is taken in where something is said of it.
"""

from __future__ import annotations

import os

from btfview.diagnostics import Diagnostic
from btfview.frozen import replace
from btfview.source import Source, Span

from .crate_sources import needs_rewriting, read_text
from .ir.converted import SourceFile
from .rewriting.rewrite import Rewritten, rewrite

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from btfview.compiler.rust.syntax.tree import Tree


def public_functions(tree: Tree) -> frozenset[tuple[int, str]]:
    """Return line and name of the functions of *tree* that are ``pub``."""
    found: set[tuple[int, str]] = set()
    pending = [tree.root]
    while pending:
        node = pending.pop()
        if node.type in ("source_file", "mod_item", "impl_item", "declaration_list"):
            pending += node.children
        elif node.type == "function_item":
            visibility = tree.child(node, "visibility_modifier")
            name = node.child_by_field_name("name")
            if name is not None and visibility is not None and tree.text(visibility) == "pub":
                found.add((tree.source.location(tree.span(node).start).line, tree.name(name)))
    return frozenset(found)


def owns_nothing(_path: str) -> bool:
    """Return False: only files that are added are the user's."""
    return False


class CrateFiles:
    """*main* is where the program begins; *owns* tells of a whole path whether it is the user's."""

    def __init__(
        self,
        main: Rewritten,
        owns: Callable[[str], bool],
        *,
        base: str = "",
        show: Callable[[str], str] = str,
    ) -> None:
        self.main = main
        self._owns = owns
        self._base = base
        """What names that are not absolute begin from."""
        self._show = show
        self._known: dict[str, Rewritten | None] = {}
        self._shown: dict[int, SourceFile] = {}
        self._places: dict[int, int] = {id(main): 0}
        self._source = Source(show(main.edited.original.path), main.edited.original.text)

    @property
    def source(self) -> Source:
        """The file that the program begins in, with those of which something is said."""
        return self._source

    @property
    def others(self) -> tuple[str, ...]:
        """The paths of the files that the program has beside the one that it begins in."""
        return tuple(self.path_of(one) for _, one in self.all() if one is not self.main)

    def add(self, path: str, rewritten: Rewritten) -> None:
        """Have the file *path*, absolute or from the folder that rustc's names begin in, be *rewritten*."""
        self._known[self._whole(path)] = rewritten

    def all(self) -> Iterator[tuple[str, Rewritten]]:
        """Yield the files that are known, each under its path."""
        for path, found in self._known.items():
            if found is not None:
                yield path, found

    def find(self, name: str) -> Rewritten | None:
        """Return the user's file that rustc calls *name*; None for one that is not the user's."""
        path = self._whole(name)
        if path not in self._known:
            text = read_text(path) if path.endswith(".rs") and self._owns(path) else None
            self._known[path] = rewrite(Source(path, text)) if text is not None else None
        return self._known[path]

    def path_of(self, rewritten: Rewritten) -> str:
        """Return the path of a file as the user knows it."""
        return self._show(rewritten.edited.original.path)

    def shown(self, name: str) -> SourceFile | None:
        """Return the user's file that rustc calls *name* as the user knows it."""
        found = self.find(name)
        if found is None:
            return None
        shown = self._shown.get(id(found))
        if shown is None:  # it is asked for of each crate
            text, public = found.edited.original.text, public_functions(found.tree)
            shown = self._shown[id(found)] = SourceFile(self.path_of(found), text, public)
        return shown

    def span(self, rewritten: Rewritten, span: Span) -> Span:
        """Return the place of *span*, which counts in the file's own text, in :attr:`source`."""
        if id(rewritten) not in self._places:
            self._places[id(rewritten)] = self._source.end
            original = rewritten.edited.original
            self._source = self._source.with_module(Source(self._show(original.path), original.text))
        start = self._places[id(rewritten)]
        return Span(start + span.start, start + span.end)

    def take_in(self, paths: Iterable[str]) -> list[Rewritten]:
        """Return which of the files *paths* are not as the user wrote them."""
        found = []
        for path in map(self._whole, paths):
            if path not in self._known:
                text = read_text(path)
                if text is not None and needs_rewriting(text, is_own=True):
                    self._known[path] = rewrite(Source(path, text))
            one = self._known.get(path)
            if one is not None:
                found.append(one)
        return found

    def own_diagnostics(self, root: Rewritten, parts: Iterable[Rewritten]) -> Iterator[Diagnostic]:
        """Yield what is wrong in *parts* before rustc sees it; they are of the crate that begins in *root*
        and have its gates."""
        for rewritten in parts:
            for one in rewritten.diagnostics:
                is_given = any(f"feature({gate})" in (one.hint or "") for gate in root.gates)
                if rewritten is root or not is_given:
                    yield self.moved(rewritten, one)

    def moved(self, rewritten: Rewritten, one: Diagnostic) -> Diagnostic:
        """Return a diagnostic of a file at its place in :attr:`source`."""
        labels = tuple(replace(label, span=self.span(rewritten, label.span)) for label in one.labels)
        return replace(one, span=self.span(rewritten, one.span), labels=labels)

    def _whole(self, name: str) -> str:
        return os.path.normpath(os.path.join(self._base, name))
