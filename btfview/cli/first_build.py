"""What a command says before it builds a Cargo project for the first time."""

from __future__ import annotations

import os
import sys

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

_NAMES = ("file", "files", "old", "new", "program")
"""What commands call the programs that they are given."""


def say_first_build(args: Namespace) -> None:
    """Say of each project among the files of *args* that building it runs code of its crates; once."""
    for path in _paths(args):
        if os.path.basename(path) != "Cargo.toml" and not os.path.isdir(path):
            continue
        from btfview.session.projects import WHAT_RUNS, is_known, project_of, remember

        project = project_of(path)
        if project is not None and not is_known(project):
            print(f"btfview: building {project} {WHAT_RUNS} (said once for a project)", file=sys.stderr)
            remember(project)


def _paths(args: Namespace) -> Iterator[str]:
    for name in _NAMES:
        given = getattr(args, name, None)
        for path in given if isinstance(given, list | tuple) else (given,):
            if isinstance(path, str):
                yield path
