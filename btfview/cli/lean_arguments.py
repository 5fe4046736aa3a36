"""Read command lines without argparse, which would cost a lean command a tenth to a quarter of its time.

Measured on ``btfview relos OBJECT -t KERNEL`` (28 ms of processor time, CPython 3.11): argparse, imported for
the one parser that is made, takes 8 ms more. Kept from asking for the width of the terminal (that imports
``shutil``) it takes 5.3 ms; and 3.4 ms where pip's script has imported ``re`` before.

A command declares its arguments once, with ``parser.add_argument``. Here they are taken by a parser that
knows the plain cases only; for help, for errors and for everything it does not know it says so, and
argparse reads the same line by the same declarations. A test holds the two to the same answers.
"""

from __future__ import annotations

from types import SimpleNamespace

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_KNOWN = frozenset(("action", "nargs", "default", "choices", "type", "required", "dest", "metavar", "help"))


class NotPlainError(Exception):
    """The line is for argparse."""


class LeanParser:
    """Stands in for an ``ArgumentParser`` in a command's ``add_arguments``."""

    def __init__(self) -> None:
        self._options: dict[str, _Argument] = {}
        self._positionals: list[_Argument] = []
        self._is_plain = True

    def add_argument(self, *names: str, **rules: object) -> None:
        argument = _Argument(names, rules)
        self._is_plain &= argument.is_plain
        if names[0].startswith("-"):
            self._options |= dict.fromkeys(names, argument)
        else:
            self._positionals.append(argument)

    def takes(self, option: str) -> bool:
        """Return whether *option* is one of the command's."""
        return option in self._options

    def add_argument_group(self, *_: object, **__: object) -> LeanParser:
        return self

    def add_mutually_exclusive_group(self, **_: object) -> LeanParser:
        self._is_plain = False
        return self

    def parse_args(self, words: Sequence[str]) -> SimpleNamespace:
        """Return the values by name, as argparse's Namespace has them.

        Raises:
            NotPlainError: argparse must read *words*.
        """
        arguments = {*self._options.values(), *self._positionals}
        values = {argument.dest: argument.default for argument in arguments}
        given: set[_Argument] = set()
        left: list[str] = []
        rest = iter(words)
        for word in rest:
            if not word.startswith("-") or word == "-":
                left.append(word)
                continue
            name, equals, value = word.partition("=")
            argument = self._options.get(name)
            if argument is None or (equals and not name.startswith("--")):
                raise NotPlainError
            given.add(argument)
            if argument.is_flag:
                if equals:
                    raise NotPlainError
                values[argument.dest] = True
                continue
            if not equals:
                value = next(rest, "-")
                if value.startswith("-"):
                    raise NotPlainError
            taken = argument.take(value)
            values[argument.dest] = [*_listed(values[argument.dest]), taken] if argument.is_list else taken
        if not self._is_plain or any(one.is_required and one not in given for one in arguments):
            raise NotPlainError
        self._take_positionals(left, values)
        return SimpleNamespace(**values)

    def _take_positionals(self, words: list[str], values: dict[str, object]) -> None:
        """Give one word to each positional, and all that are left to the last if it takes several."""
        for argument in self._positionals:
            if argument.nargs in ("*", "+") and argument is self._positionals[-1]:
                if words or argument.nargs == "*":
                    values[argument.dest] = [argument.take(word) for word in words] or _listed(
                        argument.default
                    )
                    return
                raise NotPlainError
            if argument.nargs not in (None, "?") or (not words and argument.nargs is None):
                raise NotPlainError
            if words:
                values[argument.dest] = argument.take(words.pop(0))
        if words:
            raise NotPlainError


class _Argument:
    def __init__(self, names: tuple[str, ...], rules: dict[str, object]) -> None:
        long_name = next((name for name in names if name.startswith("--")), names[0])
        action = rules.get("action", "store")
        self.dest = str(rules.get("dest") or long_name.lstrip("-").replace("-", "_"))
        self.nargs = rules.get("nargs")
        self.is_flag = action == "store_true"
        self.is_list = action == "append"
        self.default = rules.get("default", False if self.is_flag else None)
        self.is_required = bool(rules.get("required"))
        self._choices = rules.get("choices")
        self._type = rules.get("type")
        is_option = names[0].startswith("-")
        self.is_plain = (
            _KNOWN.issuperset(rules)
            and action in ("store", "store_true", "append")
            and not (is_option and self.nargs is not None)
            and not (isinstance(self.default, str) and self._type is not None)
        )

    def take(self, word: str) -> object:
        """Return the value that *word* stands for."""
        value: object = word
        if self._type is not None:
            convert: Callable[[str], object] = self._type  # type: ignore[assignment]
            try:
                value = convert(word)
            except Exception as error:  # argparse says what is wrong with it
                raise NotPlainError from error
        if self._choices is not None and value not in self._choices:  # type: ignore[operator]
            raise NotPlainError
        return value


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
