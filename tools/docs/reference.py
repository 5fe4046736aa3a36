"""The pages of the reference, as Markdown: made from what the commands, the screen and the checks declare.

``python -m tools.docs.reference FOLDER`` writes them; ``make docs`` builds them with the others.
"""

from __future__ import annotations

import json
import sys
from argparse import SUPPRESS, RawDescriptionHelpFormatter
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from btfview.cli.commands import COMMANDS, make_parser
from btfview.cli.environment import VARIABLES
from btfview.cli.main import HELP
from btfview.cli.tool.schema import NAMES, schema_text
from btfview.configuration.key import EXPECTED
from btfview.configuration.keys import KEYS as CONFIGURATION
from btfview.configuration.user_keys import USER_KEYS
from btfview.configuration.write import toml_value
from btfview.glossary import GLOSSARY, PARTS
from btfview.keymap.keymap import DEFAULT, table_rows
from btfview.keymap.table import SCOPES
from btfview.rules.catalogue import RULES

if TYPE_CHECKING:
    from argparse import Action, ArgumentParser
    from collections.abc import Iterable, Sequence


SCREEN = "screen"
"""The command without a name."""
_WIDTH = 100
_EXIT_CODES = HELP.partition("Exit codes: ")[2].replace("\n", " ").strip()


def pages() -> dict[str, str]:
    """Return the text of each page by its path in the documentation."""
    return {
        "reference/commands.md": commands(),
        "reference/keys.md": keys(),
        "reference/configuration.md": configuration(),
        "reference/rules.md": rules(),
        "reference/json.md": schemas(),
        "reference/environment.md": environment(),
        "reference/glossary.md": glossary(),
    }


def parser_of(name: str) -> ArgumentParser:
    """Return the parser of a command, which writes its usage in lines of one width, uncoloured."""
    parser = make_parser(name)
    parser.formatter_class = partial(RawDescriptionHelpFormatter, width=_WIDTH)
    setattr(parser, "color", False)  # noqa: B010 (Python 3.14 has it)
    return parser


def help_of(parser: ArgumentParser, action: Action) -> str:
    """Return the help of an argument, what stands for its default and choices filled in."""
    return " ".join(parser._get_formatter()._expand_help(action).split()) if action.help else ""


def shown_arguments(parser: ArgumentParser) -> list[Action]:
    return [action for action in parser._actions if action.help != SUPPRESS]


def invocation(parser: ArgumentParser, action: Action) -> str:
    """Return ``-t, --target TARGET``, or the name of a positional argument."""
    return parser._get_formatter()._format_action_invocation(action)


def commands() -> str:
    """Return the page of all commands, options and examples."""
    parts = [
        "# Commands\n\n",
        "`btfview FILE... -t TARGET...` opens the [screen](keys.md); all else is a command. Errors go to "
        f"stderr. Exit codes: {_EXIT_CODES}\n\n",
    ]
    for name in (SCREEN, *COMMANDS):
        parser = parser_of(name)
        usage = parser.format_usage().removeprefix("usage: ").rstrip()
        title = "btfview" if name == SCREEN else f"btfview {name}"
        parts.append(f"## {title}\n\n{_sentence(parser.description or '')}\n\n```text\n{usage}\n```\n\n")
        rows = [(_code(invocation(parser, one)), help_of(parser, one)) for one in shown_arguments(parser)]
        parts.append(_table(("argument", "means"), rows))
        examples = (parser.epilog or "").partition("\n")[2]
        lines = "\n".join(line.removeprefix("  ") for line in examples.rstrip().split("\n"))
        parts.append(f'```text title="Examples"\n{lines}\n```\n\n')
    return "".join(parts)


def keys() -> str:
    """Return the page of the screen's keys."""
    parts = [
        "# Keys\n\nThe keys of the screen; `?` shows them there, those of the pane in use first, and "
        "`btfview keys` those in force. Each can be bound anew by its name: "
        "[Configuration](../configuration.md).\n\n"
    ]
    for place, held in groupby(table_rows(DEFAULT), key=lambda row: row[0]):
        rows = [(_code(shown), _sentence(about), _code(name)) for _, name, shown, about in held]
        parts.append(f"## {place}\n\n" + _table(("key", "does", "name"), rows))
    scopes = [(_code(letter), _sentence(about)) for letter, about in SCOPES]
    parts.append("## First letters in the palette\n\n" + _table(("letter", "finds"), scopes))
    return "".join(parts)


def configuration() -> str:
    """Return the page of the keys of both files."""
    files = (("The project: btfview.toml", CONFIGURATION), ("Your own: btfview/config.toml", USER_KEYS))
    parts = [
        "# Keys of the configuration\n\n[Configuration](../configuration.md) says where the files are and "
        "which counts; `btfview config init` (`--user` for your own) writes one, each key as a comment.\n\n"
    ]
    for title, declared in files:
        parts.append(f"## {title}\n\n")
        for key in declared:
            default = "none" if key.default is None else _code(toml_value(key.default))
            facts = [f"Kind: {EXPECTED[key.kind]}", f"default: {default}"]
            if key.choices:
                facts.append(f"one of {', '.join(map(_code, key.choices))}")
            if key.columns:
                facts.append(f"with the keys {', '.join(map(_code, key.columns))}")
            doc = _cell(" ".join(key.doc.split()))
            parts.append(f"### {key.name}\n\n{doc}\n\n{'; '.join(facts)}.\n\n")
            parts.append(f"```toml\n{key.name} = {key.example}\n```\n\n")
    return "".join(parts)


def rules() -> str:
    """Return the page of what ``check`` can find."""
    parts = [
        "# Rules\n\nWhat `btfview check` can find; `btfview rule ID` prints the same. Codes of compilers "
        "(`E0609`, `-Wunused`) are rules, too.\n\n"
    ]
    for rule in sorted(RULES, key=lambda rule: rule.id):
        kind = "a lint" if rule.is_lint else "a finding"
        parts.append(f"## {rule.id}\n\n{_sentence(rule.summary)} Severity: {rule.severity}; {kind}.\n\n")
        parts.append("".join(f"{_cell(paragraph)}\n\n" for paragraph in rule.text.split("\n\n") if paragraph))
    return "".join(parts)


def schemas() -> str:
    """Return the page of every JSON output."""
    parts = [
        "# JSON\n\nEvery output of `--json` has a schema, which `btfview schema NAME` prints. What is there "
        "keeps its name and meaning; more may come. `schema_version` grows when something is renamed or "
        "taken away.\n\n"
    ]
    for name in NAMES:
        schema = json.loads(schema_text(name))
        parts.append(f"## {name}\n\n`{schema['title']}`: {_sentence(_cell(schema['description']))}\n\n")
        parts.append(_table(("member", "type", "means"), list(_members(schema, ""))))
        for inner, definition in schema.get("$defs", {}).items():
            means = definition.get("description", "")
            parts.append(f"**{inner}**{f': {_cell(means)}' if means else ''}\n\n")
            rows = list(_members(definition, ""))
            parts.append(_table(("member", "type", "means"), rows) if rows else f"{_type(definition)}\n\n")
    return "".join(parts)


def _members(schema: dict[str, Any], above: str) -> Iterable[tuple[str, str, str]]:
    """Yield a row a member: those of a member behind it, with dots."""
    for word in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(word, ()):
            yield from _members(one, above)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _members(schema["additionalProperties"], f"{above}*.")
    for name, member in schema.get("properties", {}).items():
        items = member.get("items", {})
        yield (
            _code(above + name),
            _type(member),
            member.get("description", "") or items.get("description", ""),
        )
        yield from _members(member, f"{above}{name}.")
        if isinstance(items, dict):
            yield from _members(items, f"{above}{name}[].")


def _type(schema: Any) -> str:
    if not isinstance(schema, dict):
        return "anything"
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return _code(json.dumps(schema["const"]))
    if "enum" in schema:
        return ", ".join(_code(json.dumps(value)) for value in schema["enum"])
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return " or ".join(_type(one) for one in schema[word])
    kind = schema.get("type", "anything")
    said = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"array of {_type(schema['items'])}" if kind == "array" and "items" in schema else said


def environment() -> str:
    """Return the page of the environment variables."""
    rows = [(_code(one.name), one.meaning) for one in VARIABLES]
    return "# Environment variables\n\n" + _table(("variable", "means"), rows)


def glossary() -> str:
    """Return the page of the words, which ``W`` explains on the screen."""
    parts = [
        "# Glossary\n\nThe words of the screen and the commands; `W` explains those of a line there.\n\n"
    ]
    for part, title in PARTS.items():
        parts.append(f"## {title}\n\n")
        for entry in GLOSSARY:
            if entry.part == part:
                also = f" (also {', '.join(entry.also)})" if entry.also else ""
                parts.append(f"**{_cell(entry.word)}**{_cell(also)}\n:   {_cell(entry.meaning)}\n\n")
    return "".join(parts)


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *([_cell(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def _code(text: str) -> str:
    """Return *text* as code of Markdown, for a cell of a table too; its backticks stay.

    >>> _code("a|b"), _code("`")
    ('`a|b`', '`` ` ``')
    """
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _cell(text: str) -> str:
    """Return *text* with nothing in it that Markdown takes for HTML or the end of a cell, but for code.

    >>> _cell("BPF_CORE_READ(a, b) < *c* | `x<y|z`")
    'BPF\\\\_CORE\\\\_READ(a, b) &lt; \\\\*c\\\\* \\\\| `x<y\\\\|z`'
    """
    pieces = text.split("`")
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            for sign in "*_[]":
                piece = piece.replace(sign, f"\\{sign}")
            piece = piece.replace("<", "&lt;")
        pieces[index] = piece.replace("|", "\\|")
    return "`".join(pieces).replace("\n", " ")


def _sentence(text: str) -> str:
    """Return *text* with a capital and a full stop.

    >>> _sentence("list the records")
    'List the records.'
    """
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"


if __name__ == "__main__":
    for path, text in pages().items():
        target = Path(sys.argv[1]) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
