"""``btfview types``: the types of an object, a kernel or a source, in several forms."""

from __future__ import annotations

import os
import sys

from btfview.btf.kinds import byte_order_of
from btfview.cli.arguments import add_color_argument, add_compile_arguments, compile_options
from btfview.errors import EXIT_NOT_COMPILED, BtfFormatError, UsageError
from btfview.frozen import TYPE_CHECKING, assert_never
from btfview.inputs import LARGE, open_input
from btfview.source import language_of

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator
    from typing import Literal

    from btfview.btf.reader import Btf

    Format = Literal["layout", "c", "raw", "bpftool-json", "json"]

EXAMPLES = """\
  btfview types running                             every named type: id, kind, size, name
  btfview types running task_struct                 offsets, sizes, holes, cachelines
  btfview types vmlinux.btf struct sched_entity -E  with all nested structs in place
  btfview types vmlinux.btf 'task_*' --kind struct  which are there?
  btfview types prog.bpf.o --format c               a header that compiles
  btfview types vmlinux.btf page --format c         one struct, with what it needs
  btfview types loop.btf -B vmlinux.btf --format raw
  btfview types running task_struct --format json | jq '.types[].members[].name'
"""
_EXPANDED, _EXPANDED_A_WORD = 4 << 20, 200
"""Characters of expanded layouts: so many, and more for each word of the type section (a kernel has 35)."""
FORMATS = ("layout", "c", "raw", "bpftool-json", "json")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        help='a kernel (a file, a bundled name, "running", KERNEL+MODULE), a BPF object, or a source',
    )
    parser.add_argument(
        "name",
        metavar="NAME",
        nargs="*",
        help="a type: page, struct page, [114] or #114; or a pattern such as 'task_*' (default: list all)",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="layout: as pahole (default for a NAME); c: a header that compiles; raw and bpftool-json: as "
        "bpftool btf dump; json: btfview's own. Without NAME all types, but for json a list",
    )
    parser.add_argument(
        "-E", "--expand", action="store_true", help="show nested structs in place (layout, json)"
    )
    parser.add_argument("--all", action="store_true", help="all types in full, not a list")
    parser.add_argument(
        "--kind",
        action="append",
        default=[],
        metavar="KIND",
        help="only types of this kind (struct, union, enum, typedef, func ...); may be repeated",
    )
    parser.add_argument("-B", "--base", metavar="KERNEL", help="the kernel that FILE, a module's BTF, is for")
    add_color_argument(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Print the types; return 1 if none is called NAME, 4 if a source does not compile."""
    name = " ".join(args.name)
    _check(args, name)
    btf = _open(args)
    if btf is None:
        return EXIT_NOT_COMPILED
    ids, is_list = _select(btf, name, args)
    if ids is not None and not ids and name:
        return _say_nothing_found(btf, name, args)
    for piece in _list(btf, ids or [], args) if is_list else _format(btf, ids, args):
        sys.stdout.write(piece)
    return 0


def _check(args: Namespace, name: str) -> None:
    """Raise UsageError where options contradict each other."""
    from btfview.btf.query import KIND_WORDS, is_pattern

    unknown = [word for word in args.kind if word not in KIND_WORDS]
    if unknown:
        raise UsageError(f"no kind is called {unknown[0]!r}; there are {', '.join(KIND_WORDS)}")
    if args.expand and args.format in ("c", "raw", "bpftool-json"):
        raise UsageError(f"--expand has no meaning for --format {args.format}")
    if args.all and name and not is_pattern(name):
        raise UsageError("--all prints every type: leave NAME out, or give a pattern")


# -- opening ---------------------------------------------------------------------------------


def _open(args: Namespace) -> Btf | None:
    """Return the BTF to look at; None if FILE is a source that does not compile."""
    if language_of(args.file):
        return _compiled(args)
    if args.base:
        return _target(f"{args.base}+{args.file}")
    return _raw(args.file) or _target(args.file)


def _raw(path: str) -> Btf | None:
    """Return the raw BTF in the file *path*, found as far as it is asked for; None for anything else, also
    for a module's."""
    if not os.path.isfile(path):
        return None
    with open_input(path) as file:
        if not byte_order_of(file.read_at(0, 2)):
            return None
        from btfview.btf.reader import MAX_BTF, Btf

        data = file.read_large(MAX_BTF) if file.size >= LARGE else file.read(MAX_BTF)
    try:
        return Btf(data, path=path, is_lazy=True)
    except BtfFormatError:
        return None


def _target(spec: str) -> Btf:
    from btfview.targets.find import open_target

    return open_target(spec).btf


def _compiled(args: Namespace) -> Btf | None:
    from btfview.analysis.compile_file import compile_path
    from btfview.btf.reader import Btf
    from btfview.diagnostics import format_diagnostic
    from btfview.targets.open import find_btf

    if args.base:
        raise UsageError("--base is for a module's BTF, not for a source")
    result = compile_path(args.file, compile_options(args))
    for diagnostic in result.diagnostics:
        print(format_diagnostic(diagnostic, result.source), file=sys.stderr)
    if result.has_errors or result.object is None:
        return None
    return Btf(find_btf(result.object, args.file), path=args.file)


# -- choosing --------------------------------------------------------------------------------


def _select(btf: Btf, name: str, args: Namespace) -> tuple[list[int] | None, bool]:
    """Return the ids to print (None: all types of the file), and whether only a list is wanted."""
    from btfview.btf.query import find_types, is_pattern, kinds_called, match_types, named_types, split_kind

    is_list = not args.all and args.format in (None, "json")
    kinds = kinds_called(args.kind)
    if not name:
        if not is_list and not kinds and args.format in ("c", "raw", "bpftool-json", "json"):
            return None, False
        return [found for found, _ in named_types(btf, kinds)], is_list
    own_kinds, bare = split_kind(name)
    kinds = own_kinds or kinds
    if is_pattern(bare):
        return [found for found, _ in match_types(btf, bare, kinds)], is_list
    return find_types(btf, bare, kinds), False


def _say_nothing_found(btf: Btf, name: str, args: Namespace) -> int:
    from btfview.btf.format.spelling import visible
    from btfview.btf.query import is_pattern, kinds_called, nearest_names, read_type_id, split_kind

    kinds, bare = split_kind(name)
    message = f'no type "{name}" in {args.file}'
    if read_type_id(bare) is not None:
        message += f"; the last is [{btf.type_count - 1}]"
    elif not is_pattern(bare):
        near = nearest_names(btf, bare, kinds or kinds_called(args.kind))
        message += f"; did you mean {' or '.join(near)}?" if near else ""
    print(f"btfview: {visible(message)}", file=sys.stderr)
    return 1


# -- printing --------------------------------------------------------------------------------


def _list(btf: Btf, ids: list[int], args: Namespace) -> Iterator[str]:
    if args.format == "json":
        from btfview.btf.format.as_json import format_json_list

        return format_json_list(btf, args.file, ids)
    from btfview.btf.format.as_list import format_list
    from btfview.cli.color import terminal_width

    return format_list(btf, ids, terminal_width())


def _format(btf: Btf, ids: list[int] | None, args: Namespace) -> Iterator[str]:
    form: Format | None = args.format
    match form:
        case "c":
            from btfview.btf.format.as_c import format_c

            return format_c(btf, ids)
        case "raw":
            from btfview.btf.format.as_bpftool import format_raw

            return format_raw(btf, ids)
        case "bpftool-json":
            from btfview.btf.format.as_bpftool import format_bpftool_json

            return format_bpftool_json(btf, ids)
        case "json":
            from btfview.btf.format.as_json import format_json

            every = range(btf.start_id, btf.type_count)
            return format_json(btf, args.file, every if ids is None else ids, is_expanded=args.expand)
        case "layout" | None:
            return _layouts(btf, ids or [], is_expanded=args.expand)
        case _:
            assert_never(form)


def _layouts(btf: Btf, ids: list[int], *, is_expanded: bool) -> Iterator[str]:
    from btfview.btf.format.as_pahole import format_layout
    from btfview.btf.format.spelling import visible

    if len(ids) == 1:
        yield format_layout(btf, ids[0], is_expanded=is_expanded)
        return
    characters_left = _EXPANDED + _EXPANDED_A_WORD * len(btf.records()[0])
    for type_id in ids:
        if is_expanded and characters_left < 0:
            is_expanded = False
            yield "/* from here on without the structs inside: there are too many in one another */\n\n"
        try:
            text = format_layout(btf, type_id, is_expanded=is_expanded)
        except BtfFormatError as error:
            text = visible(f"/* damaged: {error} */") + "\n"
        characters_left -= len(text)
        yield f"/* [{type_id}] */\n{text}\n"
