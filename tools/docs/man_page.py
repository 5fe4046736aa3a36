"""``btfview.1``, the man page, from what the reference is made of.

``python -m tools.docs.man_page >btfview.1``
"""

from __future__ import annotations

from btfview import __version__
from btfview.cli.commands import COMMANDS
from btfview.cli.environment import VARIABLES
from btfview.cli.main import HELP

from .reference import SCREEN, help_of, invocation, parser_of, shown_arguments


def man_page() -> str:
    """Return the page in the macros of man(7)."""
    about = HELP.split("\n", 1)[0].removeprefix("btfview: ")
    inputs, _, exit_codes = HELP.partition("\nA FILE is ")[2].partition("\nExit codes: ")
    lines = [
        f'.TH BTFVIEW 1 "" "btfview {__version__}" "User Commands"',
        ".SH NAME",
        "btfview \\- workbench for BPF CO-RE relocations",
        ".SH SYNOPSIS",
        ".B btfview",
        _plain("[FILE...] [-t TARGET]..."),
        ".br",
        ".B btfview",
        _plain("COMMAND ..."),
        ".SH DESCRIPTION",
        _plain(about[0].upper() + about[1:]),
        ".PP",
        *map(_plain, ("A FILE is " + inputs.partition("\nExamples:")[0]).strip().split("\n")),
    ]
    for name in (SCREEN, *COMMANDS):
        parser = parser_of(name)
        lines += [f".SH {'OPTIONS OF THE SCREEN' if name == SCREEN else name.upper()}"]
        if name != SCREEN:
            lines += [f".B btfview {name}", ".br", _plain(COMMANDS[name].capitalize() + "."), ".PP"]
        for action in shown_arguments(parser):
            lines += [".TP", f".B {_escaped(invocation(parser, action))}", _plain(help_of(parser, action))]
        examples = (parser.epilog or "").partition("\n")[2].rstrip()
        lines += [".PP", "Examples:", ".PP", ".nf", *map(_plain, examples.split("\n")), ".fi"]
    lines += [".SH ENVIRONMENT"]
    for variable in VARIABLES:
        lines += [".TP", f".B {variable.name}", _plain(variable.meaning)]
    lines += [".SH EXIT STATUS", *map(_plain, exit_codes.strip().split("\n"))]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Return *text* as roff prints it: a dash stays what a shell takes (man-pages(7), "optimal glyphs")."""
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")


def _plain(text: str) -> str:
    """Return a line of text that roff takes for no request."""
    escaped = _escaped(text)
    return f"\\&{escaped}" if escaped.startswith((".", "\\(aq")) else escaped


if __name__ == "__main__":
    print(man_page(), end="")
