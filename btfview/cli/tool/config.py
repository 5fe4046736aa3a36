"""``btfview config``: the project's and the user's own, what is wrong with it, and one to begin with."""

from __future__ import annotations

import os
import sys

from btfview.errors import EXIT_FINDINGS, EXIT_FINE, EXIT_USAGE, UnreadableFileError, UsageError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence
    from typing import Any

    from btfview.configuration.key import Key
    from btfview.configuration.read import Configuration

EXAMPLES = """\
  btfview config show             what is in force here, and where it comes from
  btfview config show --json
  btfview config validate         all that is wrong with it, a line each
  btfview config path             the file that is taken
  btfview config init             write a btfview.toml that has each key as a comment
  btfview config init pyproject.toml    the same, put at the end of that
  btfview config init --user      write your own, for the screen: theme, keys, arrangement, targets
  btfview config path --user      where that is
"""
_NONE = "there is no btfview.toml, and no pyproject.toml with [tool.btfview], from here upwards"
ACTIONS = ("show", "validate", "path", "init")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", metavar="ACTION", choices=ACTIONS, help=" | ".join(ACTIONS))
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        default="",
        help="a btfview.toml or pyproject.toml (default: the nearest upwards from here)",
    )
    parser.add_argument("--user", action="store_true", help="your own configuration, not the project's")
    parser.add_argument("--json", action="store_true", help="of show: print JSON (schema_version 1)")


def run(args: Namespace) -> int:
    """Do what is asked; return 2 where something is wrong with the configuration, 1 where path finds none."""
    if args.json and args.action != "show":
        raise UsageError("--json is for btfview config show")
    if args.user and args.file:
        raise UsageError("--user is your own file, so none is named")
    if args.action == "init":
        return _init_user() if args.user else _init(args.file or "btfview.toml")
    from btfview.btf.format.spelling import visible
    from btfview.configuration.find import find_configuration
    from btfview.configuration.keys import KEYS
    from btfview.configuration.read import problems_in, read_configuration
    from btfview.configuration.screen import user_path
    from btfview.configuration.user_keys import USER_KEYS

    keys = USER_KEYS if args.user else KEYS
    path: str | None
    if args.user:
        path = user_path() if os.path.lexists(user_path()) or args.action == "path" else None
    else:
        found = args.file or find_configuration(os.getcwd())
        path = os.path.relpath(found) if found and not args.file else found
    if args.action == "show":
        return _show(read_configuration(path, keys) if path else None, keys, as_json=args.json)
    if path is None:
        is_asked = args.action == "path"
        none, option = (f"there is no {user_path()}", " --user") if args.user else (_NONE, "")
        print(f"btfview: note: {none}; btfview config init{option} writes one", file=sys.stderr)
        return EXIT_FINDINGS if is_asked else EXIT_FINE
    if args.action == "path":
        if args.file:
            read_configuration(path)
        print(os.path.abspath(path))
        return EXIT_FINE
    problems = problems_in(path, keys)
    for place, problem in problems:
        print(visible(f"btfview: error: {place}: {problem.text}"), file=sys.stderr)
    if not problems:
        print(visible(f"{path} is fine"))
    return EXIT_USAGE if problems else EXIT_FINE


def _show(configuration: Configuration | None, keys: Sequence[Key], *, as_json: bool) -> int:
    from btfview.btf.format.spelling import visible
    from btfview.cli.color import terminal_width
    from btfview.configuration.write import shown_text

    if as_json:
        from btfview.cli.output import print_json

        print_json(_json(configuration, keys))
        return EXIT_FINE
    told = visible(configuration.path) if configuration else "no file: all are defaults"
    print(f"# {told}\n{shown_text(configuration, keys, terminal_width())}")
    return EXIT_FINE


def _json(configuration: Configuration | None, keys: Sequence[Key]) -> dict[str, Any]:
    values = []
    for key in keys:
        place = configuration.places.get(key.name) if configuration else None
        value = configuration.get(key.name) if configuration else key.default
        values.append(
            {
                "key": key.name,
                "value": list(value) if isinstance(value, tuple) else value,
                "file": place and place.path,
                "line": (place and place.line) or None,
                "doc": key.doc.replace("\n", " "),
            }
        )
    return {"schema_version": 1, "file": configuration and configuration.path, "values": values}


def _init_user() -> int:
    from btfview.configuration.screen import user_path
    from btfview.configuration.user_keys import USER_KEYS
    from btfview.configuration.write import starter_text
    from btfview.session.write_file import create_file

    path = user_path()
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        create_file(path, starter_text(keys=USER_KEYS).encode())
    except FileExistsError as error:
        raise UnreadableFileError("is there already, and init overwrites nothing", path=path) from error
    except OSError as error:
        raise UnreadableFileError(os.strerror(error.errno or 0).lower(), path=path) from error
    print(f"{path} has each key as a comment")
    return EXIT_FINE


def _init(path: str) -> int:
    from btfview.cli.output import STDOUT, write_output
    from btfview.configuration.find import SHARED, has_table
    from btfview.configuration.write import starter_text
    from btfview.inputs import MAX_TEXT, read_input

    is_shared = os.path.basename(path) == SHARED
    text = starter_text("tool.btfview" if is_shared else "")
    if path == STDOUT:
        print(text, end="")
        return EXIT_FINE
    if os.path.lexists(path):
        before = read_input(path, MAX_TEXT) if is_shared else b""
        if not is_shared or has_table(before):
            raise UnreadableFileError("is there already, and init overwrites nothing", path=path)
        joint = b"" if before.endswith(b"\n") or not before else b"\n"
        write_output(path, before + joint + b"\n" + text.encode(), inputs=())
    else:
        write_output(path, text.encode(), inputs=())
    print(f"{path} has each key as a comment")
    return EXIT_FINE
