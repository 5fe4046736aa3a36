"""``use`` declarations: what they bring into a module, and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from btfview.compiler.rust.report import Report
from btfview.compiler.rust.syntax.tree import Tree
from btfview.compiler.rust.types.kinds import ModulePath
from btfview.frozen import frozen
from btfview.source import Span

from .core_names import is_library_path
from .names import Names, is_block, path_segments, step_from

if TYPE_CHECKING:
    from btfview.compiler.rust.syntax.tree import Node


@frozen
class Import:
    """One name that a ``use`` brings."""

    module: ModulePath
    node: Node
    name: str
    """``*`` for all of a module."""
    path: tuple[str, ...]
    """From ``crate`` or another crate."""
    visibility: ModulePath
    is_public: bool
    """``pub`` without more."""


def read_use(
    tree: Tree, names: Names, node: Node, module: ModulePath, visibility: ModulePath, report: Report
) -> list[Import]:
    """Enter what a ``use`` declaration of *module* imports; return it, to be checked."""
    argument = node.child_by_field_name("argument")
    found: list[tuple[Node, str, tuple[str, ...]]] = []
    if argument is not None:
        _read_use_tree(tree, names, argument, (), module, report, found)
    is_public = is_pub(tree, node)
    for _, name, _ in found:
        names.import_visibility[module, name] = visibility
    return [Import(module, part, name, path, visibility, is_public) for part, name, path in found]


def is_pub(tree: Tree, node: Node) -> bool:
    """Whether the item *node* is ``pub`` without more."""
    marker = tree.child(node, "visibility_modifier")
    return marker is not None and tree.text(marker) == "pub"


def _read_use_tree(
    tree: Tree,
    names: Names,
    node: Node,
    prefix: tuple[str, ...],
    module: ModulePath,
    report: Report,
    found: list[tuple[Node, str, tuple[str, ...]]],
) -> None:
    kind = node.type
    if kind == "use_list":
        for child in tree.children(node):
            _read_use_tree(tree, names, child, prefix, module, report, found)
        return
    if kind == "scoped_use_list":
        outer, items = node.child_by_field_name("path"), node.child_by_field_name("list")
        before = path_segments(tree, outer) if outer is not None else ()
        if before is not None and items is not None:
            _read_use_tree(tree, names, items, prefix + before, module, report, found)
            return
    alias: str | None = None
    target: Node | None = node
    if kind == "use_as_clause":
        target, renamed = node.child_by_field_name("path"), node.child_by_field_name("alias")
        alias = tree.name(renamed) if renamed is not None else None
    elif kind == "use_wildcard":
        target = next(iter(tree.children(node)), None)
    segments = path_segments(tree, target) if target is not None else ()
    if segments is None or not prefix + segments:
        report.error(tree.span(node), "this import is not supported", hint="as in: `use core::btf;`")
        return
    if segments == ("self",) and prefix:
        segments = ()
    path = _from_root(names, prefix + segments, module)
    name = alias or path[-1]
    if kind == "use_wildcard":
        if path[0] == "core":
            message = "this import is not supported"
            report.error(tree.span(node), message, hint="import single names: `use core::btf;`")
            return
        names.globs.setdefault(module, []).append(path)
        found.append((node, "*", path))
        return
    if names.imports.get((module, name), path) != path:
        report.error(tree.span(node), f"the name `{name}` is defined multiple times", code="E0252")
        return
    if name != "_":
        names.imports[module, name] = path
    found.append((node, name, path))


def _from_root(names: Names, path: tuple[str, ...], module: ModulePath) -> tuple[str, ...]:
    """Return the path of an import so that it begins with ``crate`` or with another crate's name."""
    first = path[0]
    if first in ("crate", "self", "super"):
        while path and path[0] in ("crate", "self", "super"):
            module = step_from(module, path[0])
            path = path[1:]
        return ("crate", *module, *path)
    while is_block(module) and not _is_start(names, module, first):
        module = module[:-1]
    if (module, first) in names.imports:
        return names.imports[module, first] + path[1:]
    key = "::".join((*module, first))
    if (*module, first) in names.modules or key in names.types:
        return ("crate", *module, *path)
    if names.globs.get(module) and first not in ("core", "std", "alloc"):
        return ("crate", *module, *path)  # it may come with one of those
    return ("core", *path[1:]) if first == "std" and path[1:2] != ("btf",) else path


def _is_start(names: Names, module: ModulePath, name: str) -> bool:
    """Whether a path that begins with *name* begins in *module*."""
    if (*module, name) in names.modules or names.holds(module, name):
        return True
    with names.inside(()):
        return any(names.is_known(names.expand((*glob, name))) for glob in names.globs.get(module, ()))


def check_imports(tree: Tree, names: Names, found: list[Import], report: Report) -> None:
    """Complain about imports of nothing, of what is private, and of what the module has itself."""
    for one in found:
        with names.inside(()):
            full = names.expand(one.path)
        with names.inside(one.module):
            _check_import(tree, names, one, full, report)


def _check_import(tree: Tree, names: Names, one: Import, full: tuple[str, ...], report: Report) -> None:
    path, name, span = one.path, one.name, tree.span(one.node)
    is_module = path[1:] in names.modules
    hidden = names.private_module((*path, "*") if name == "*" or is_module else path)
    if hidden is not None and path[0] == "crate":
        report.error(span, f"module `{hidden}` is private", code="E0603", hint="make it `pub`")
    elif path[0] == "crate" and (len(path) == 1 or is_module or names.is_known(full)):
        if not _is_taken(names, one, full, span, report):
            _check_access(names, one, full, span, report)
    elif path[0] == "crate" or not is_library_path(full):
        text = tree.text(one.node).split(" as ")[0].strip()
        if text.startswith("super") and path[0] == "crate" and not one.module:
            report.error(span, "too many leading `super` keywords", code="E0433")
            return
        shown = path[-1] if path[0] == "crate" else text
        names.imports.pop((one.module, name), None)  # so that it is no near name of what is not found
        names.told_missing.add(name)
        if path[0] not in ("crate", "core"):
            first = path[0].removeprefix("::")
            message = f"unresolved import `{text}`: there is no module `{first}`"
            hint = f"for a file beside this one write `mod {first};`"
            report.error(span, message, code="E0432", hint=hint)
            return
        report.error(
            span,
            f"unresolved import `{shown}`",
            code="E0432",
            hint="known are the items of this file, core::btf, core::ffi, core::mem, core::ptr",
        )


def _is_taken(names: Names, one: Import, full: tuple[str, ...], span: Span, report: Report) -> bool:
    """Whether the module has an item of the imported name itself; tell if so."""
    key = "::".join((*one.module, one.name))
    item = names.item(key)
    is_same_kind = (full[0] in names.values) == (key in names.values) or full == (key,)
    if item is not None and len(full) == 1 and is_same_kind:
        span = max(span, item.span, key=lambda place: place.start)
    elif not ((*one.module, one.name) in names.modules and one.path[1:] in names.modules):
        return False
    report.error(span, f"the name `{one.name}` is defined multiple times", code="E0255")
    return True


def _check_access(names: Names, one: Import, full: tuple[str, ...], span: Span, report: Report) -> None:
    """Complain about the import of what is private, or less visible than the import makes it."""
    holder, name = one.path[1:-1], one.path[-1]
    item = names.item("::".join((*holder, name)))
    if len(one.path) == 1 or (one.name == "*" and len(full) == 1 and full[0] not in names.types):
        return
    if item is not None:
        visibility, is_public = item.visibility, names.is_public(item)
        code = "E0364" if full[0] in names.values else "E0365"
    elif one.path[1:] in names.modules:
        visibility, is_public = names.modules[one.path[1:]], one.path[1:] in names.public_modules
        code = "E0365"
    elif (holder, name) in names.import_visibility:
        visibility, is_public = names.import_visibility[holder, name], True
        code = "E0364"
    else:
        return
    if not names.is_visible(visibility):
        names.told_private.add(item)
        report.error(span, f"`{name}` is private", code="E0603", hint="make it `pub`")
    elif (one.is_public and not is_public) or len(one.visibility) < len(visibility):
        message = f"`{name}` is private to a part of the file and cannot be re-exported to more of it"
        report.error(span, message, code=code, hint="make it `pub`, or import it with `pub(crate) use`")
