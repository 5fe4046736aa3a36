"""Names of types for a shell that completes: those of the kernels that its command line names."""

from __future__ import annotations

import os

from btfview.errors import BtfviewError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Action
    from collections.abc import Iterator, Sequence

    from btfview.btf.reader import Btf

_MOST = 2000
"""Names that are offered; who wants another types a letter more."""


class NoTypeHereError(Exception):
    """Where the line ends, stands something else than a type."""


def type_names(word: str, before: Sequence[str]) -> list[str]:
    """Return names of types that begin with *word*, sorted; *before* are the words from the command on.

    They are of the kernel, program or kernels that the line names, where these can be read, or else of the
    bundled kernels. Without a letter there are none: a kernel has 15,000.

    Raises:
        NoTypeHereError: the command takes no type there.
    """
    specs = _specs(before)
    found: set[str] = set()
    if word:
        for btf in _opened(specs):
            found |= _names(btf, word)
    return sorted(found)[:_MOST]


def is_type(action: Action) -> bool:
    """Tell whether a positional argument is a type's name."""
    return action.metavar in ("TYPE", "TYPE.path") or (action.dest, action.nargs) == ("name", "*")


def _specs(before: Sequence[str]) -> list[str]:
    """Return the targets that the words before name: by ``-t``, or as arguments."""
    from btfview.cli.commands import COMMANDS, make_parser

    if not before or before[0] not in COMMANDS:
        raise NoTypeHereError
    actions = make_parser(before[0])._actions
    of_option = {option: action for action in actions for option in action.option_strings}
    needed = next(
        (at for at, action in enumerate(one for one in actions if not one.option_strings) if is_type(action)),
        None,
    )
    arguments: list[str] = []
    targets: list[str] = []
    base = ""
    words = iter(word for word in before[1:] if word != "=")  # as bash splits --base=KERNEL
    for word in words:
        if word == "--":
            raise NoTypeHereError
        option, has_value, value = word.partition("=")
        action = of_option.get(option)
        if not word.startswith("-") or action is None:
            arguments.append(word)
            continue
        if action.nargs != 0:
            given = value if has_value else next(words, None)
            if given is None:
                raise NoTypeHereError  # the option's value
            if action.metavar == "TARGET":
                targets.append(given)
            elif action.dest == "base":
                base = f"{given}+"
    if needed is None or len(arguments) < needed:
        raise NoTypeHereError
    return targets or [base + one for one in arguments[:needed]]


def _opened(specs: Sequence[str]) -> Iterator[Btf]:
    from btfview.targets.find import open_target
    from btfview.targets.kernels import bundled_targets

    count = 0
    for spec in specs:
        if os.path.exists(spec) and not os.path.isfile(spec):
            continue  # a folder has many kernels; what a pipe holds is for who reads it
        try:
            btf = open_target(spec).btf
        except BtfviewError:
            continue  # told when the line is run
        count += 1
        yield btf
    if not count:
        for target in bundled_targets():
            yield target.btf


def _names(btf: Btf, word: str) -> set[str]:
    """Return the names of types of *btf* that begin with *word*: structs, unions, enums and typedefs."""
    from btfview.btf.kinds import BtfKind

    kinds = (BtfKind.STRUCT, BtfKind.UNION, BtfKind.ENUM, BtfKind.ENUM64, BtfKind.TYPEDEF)
    try:
        held = [name for name in btf.strings_containing(word) if name.startswith(word)]
        btf.index_names(held)
        return {name for name in held if any(btf.kind(one) in kinds for one in btf.ids_named(name))}
    except BtfviewError:
        return set()  # damaged
