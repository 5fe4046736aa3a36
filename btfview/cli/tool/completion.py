"""``btfview completion``: a completion script for a shell, made from the commands' own parsers."""

from __future__ import annotations

from enum import Enum

from btfview.frozen import TYPE_CHECKING, assert_never, frozen

if TYPE_CHECKING:
    from argparse import Action, ArgumentParser, Namespace
    from collections.abc import Iterable

EXAMPLES = """\
  source <(btfview completion bash)                                       this bash
  btfview completion bash > ~/.local/share/bash-completion/completions/btfview
  btfview completion zsh > ~/.zfunc/_btfview                              with fpath+=~/.zfunc before compinit
  btfview completion fish > ~/.config/fish/completions/btfview.fish
"""

SHELLS = ("bash", "zsh", "fish")
SCREEN = "screen"
"""The command that has no name on the command line."""


class Takes(Enum):
    """What follows an option, or stands as a positional argument."""

    NOTHING = "nothing"
    WORDS = "words"
    TARGETS = "targets"
    TYPES = "types"
    FILES = "files"
    TEXT = "text"


@frozen
class CompletedArgument:
    """An argument, as a shell completes it."""

    flags: tuple[str, ...]
    """``-t``, ``--target``; none for a positional argument."""
    takes: Takes
    words: tuple[str, ...]
    """For Takes.WORDS."""
    help: str


def add_arguments(parser: ArgumentParser) -> None:
    from argparse import REMAINDER

    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("shell", metavar="SHELL", nargs="?", choices=SHELLS, help=" | ".join(SHELLS))
    what.add_argument(
        "--targets", action="store_true", help="print the target names that -t takes, a line each"
    )
    what.add_argument(
        "--types",
        nargs=REMAINDER,
        metavar="WORD",
        help="print the types that begin with WORD, of the kernels that the words behind it name (a line "
        "from the command on), a line each; 1 where it takes none",
    )


def run(args: Namespace) -> int:
    """Print the script, or the names that it asks for; 1 where no type stands."""
    if args.targets:
        from btfview.targets.kernels import THIS_MACHINE, bundled_targets

        names = [target.name for target in bundled_targets()]
        print("\n".join(["running", *names] if THIS_MACHINE.running_kernel() else names))
        return 0
    if args.types is not None:
        return _print_types(args.types)
    from btfview.cli.commands import COMMANDS, make_parser

    arguments = {name: _arguments(make_parser(name)) for name in (*COMMANDS, SCREEN)}
    write = {"bash": bash_script, "zsh": zsh_script, "fish": fish_script}[args.shell]
    print(write(COMMANDS, arguments), end="")
    return 0


def _print_types(words: list[str]) -> int:
    from .completed_types import NoTypeHereError, type_names

    try:
        names = type_names(words[0] if words else "", words[1:])
    except NoTypeHereError:
        return 1
    print("\n".join(names))
    return 0


def _arguments(parser: ArgumentParser) -> list[CompletedArgument]:
    return [
        CompletedArgument(tuple(action.option_strings), *takes_of(action), _first_line(action.help))
        for action in parser._actions
    ]


def takes_of(action: Action) -> tuple[Takes, tuple[str, ...]]:
    """Return what stands behind an option, or as an argument: its kind, and the words to choose from."""
    from .completed_types import is_type

    if action.choices is not None:
        return Takes.WORDS, tuple(map(str, action.choices))
    if action.nargs == 0:
        return Takes.NOTHING, ()
    if not action.option_strings and is_type(action):
        return Takes.TYPES, ()
    match action.metavar:
        case "TARGET" | "FILE|TARGET" | "KERNEL" | "PLACE":
            return Takes.TARGETS, ()
        case "RULE" | "RULE[:RECORD][@KERNELS]" | "LINT":
            from btfview.rules.catalogue import RULES

            return Takes.WORDS, tuple(rule.id for rule in RULES if rule.is_lint or action.metavar != "LINT")
        case "ARCH":
            from btfview.configuration.keys import ARCHITECTURES

            return Takes.WORDS, (*ARCHITECTURES, "all")
        case "SCHEMA":
            from .schema import NAMES

            return Takes.WORDS, NAMES
        case "DEMO":
            from btfview.session.demo import demos

            return Takes.WORDS, tuple(demo.name for demo in demos())
        case "FILE" | "OUT" | "DIR" | "MODULE" | "[FORMAT=]FILE":
            return Takes.FILES, ()
        case _:
            return Takes.TEXT, ()


def _first_line(text: str | None) -> str:
    return (text or "").split("\n", 1)[0].replace("%%", "%")


def _options(arguments: Iterable[CompletedArgument]) -> list[CompletedArgument]:
    return [argument for argument in arguments if argument.flags]


def _positionals(arguments: Iterable[CompletedArgument]) -> list[CompletedArgument]:
    """Return the arguments without flags; of those with types among them these alone: btfview tells where on
    the line they begin, and before them stand targets."""
    found = [argument for argument in arguments if not argument.flags]
    return [argument for argument in found if argument.takes == Takes.TYPES] or found


# -- bash ------------------------------------------------------------------------------------

_BASH = """\
# bash completion for btfview; made by "btfview completion bash"
_btfview() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=screen words=
    # bash splits --cpu=v4 into three words
    if [[ $cur == '=' ]]; then cur=; elif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
    COMPREPLY=()
    case ${COMP_WORDS[1]} in
        @COMMANDS@) [[ $COMP_CWORD -gt 1 ]] && command=${COMP_WORDS[1]} ;;
    esac
    case $command:$prev in
@VALUES@
    esac
    if [[ $cur == -* ]]; then
        case $command in
@OPTIONS@
        esac
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
        return
    fi
    case $command in
@POSITIONALS@
    esac
    [[ $COMP_CWORD -eq 1 ]] && words="@COMMAND_WORDS@"
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur"; compgen -f -- "$cur")
    compopt -o filenames
}
_btfview_targets() {
    local names=$(btfview completion --targets 2>/dev/null)
    mapfile -t COMPREPLY < <(compgen -W "$names" -- "$1"; compgen -f -- "$1")
    compopt -o filenames
}
_btfview_types() {
    local names
    names=$(btfview completion --types "$1" "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null) ||
        { _btfview_targets "$1"; return; }
    mapfile -t COMPREPLY < <(compgen -W "$names" -- "$1")
}
complete -F _btfview btfview
"""


def bash_script(commands: dict[str, str], arguments: dict[str, list[CompletedArgument]]) -> str:
    """Return the script for bash 4.4 and newer."""
    values, options, positionals = [], [], []
    for command, found in arguments.items():
        for argument in _options(found):
            if argument.takes != Takes.NOTHING:
                pattern = "|".join(f"{command}:{flag}" for flag in argument.flags)
                values.append(f"        {pattern}) {_bash_value(argument)}; return ;;")
        flags = " ".join(flag for argument in _options(found) for flag in argument.flags)
        options.append(f'            {command}) words="{flags}" ;;')
        for argument in _positionals(found):
            if argument.takes == Takes.TARGETS:
                positionals.append(f'        {command}) _btfview_targets "$cur"; return ;;')
            elif argument.takes == Takes.TYPES:
                positionals.append(f'        {command}) _btfview_types "$cur"; return ;;')
            elif argument.takes == Takes.WORDS:
                words = " ".join(argument.words)
                positionals.append(
                    f'        {command}) mapfile -t COMPREPLY < <(compgen -W "{words}" -- "$cur"); return ;;'
                )
    filled = _BASH.replace("@COMMANDS@", "|".join(commands)).replace("@VALUES@", "\n".join(values))
    filled = filled.replace("@OPTIONS@", "\n".join(options)).replace("@POSITIONALS@", "\n".join(positionals))
    return filled.replace("@COMMAND_WORDS@", " ".join(commands))


def _bash_value(argument: CompletedArgument) -> str:
    match argument.takes:
        case Takes.WORDS:
            return f'mapfile -t COMPREPLY < <(compgen -W "{" ".join(argument.words)}" -- "$cur")'
        case Takes.TARGETS:
            return '_btfview_targets "$cur"'
        case Takes.FILES:
            return 'mapfile -t COMPREPLY < <(compgen -f -- "$cur"); compopt -o filenames'
        case Takes.TYPES | Takes.TEXT | Takes.NOTHING:
            return ":"
        case _:
            assert_never(argument.takes)


# -- zsh -------------------------------------------------------------------------------------

_ZSH = """\
#compdef btfview
# zsh completion for btfview; made by "btfview completion zsh"
_btfview_targets() {
    local -a names=(${(f)"$(btfview completion --targets 2>/dev/null)"})
    _alternative 'targets:target:compadd -a names' 'files:file:_files'
}
_btfview_types() {
    local found
    found=$(btfview completion --types "$PREFIX" "${(@)words[1,CURRENT-1]}" 2>/dev/null) ||
        { _btfview_targets; return }
    local -a names=(${(f)found})
    compadd -a names
}
_btfview() {
    local -a commands=(
@COMMANDS@
    )
    if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
        _describe command commands
        _files
        return
    fi
    case $words[2] in
@CASES@
    esac
}
if [[ $funcstack[1] == _btfview ]]; then _btfview "$@"; else compdef _btfview btfview; fi
"""


def zsh_script(commands: dict[str, str], arguments: dict[str, list[CompletedArgument]]) -> str:
    """Return the script for zsh, to be found in ``fpath`` or sourced."""
    described = "\n".join(f"        {_quoted(f'{name}:{text}')}" for name, text in commands.items())
    cases = []
    for command, found in arguments.items():
        specs = " ".join(_zsh_spec(argument) for argument in (*_options(found), *_zsh_positionals(found)))
        if command == SCREEN:
            cases.append(f"        *) _arguments {specs} ;;")
        else:
            cases.append(f"        {command}) shift words; (( CURRENT-- )); _arguments {specs} ;;")
    return _ZSH.replace("@COMMANDS@", described).replace("@CASES@", "\n".join(cases))


def _zsh_positionals(arguments: Iterable[CompletedArgument]) -> list[CompletedArgument]:
    """Return one for all: _arguments takes one rule for the rest of a line. Where the first is a file and the
    next a target, the rule of targets offers files, too."""
    found = _positionals(arguments)
    return [one for one in found if one.takes == Takes.TARGETS][:1] or found[:1]


def _zsh_spec(argument: CompletedArgument) -> str:
    action = {
        Takes.WORDS: f"({' '.join(argument.words)})",
        Takes.TARGETS: "_btfview_targets",
        Takes.TYPES: "_btfview_types",
        Takes.FILES: "_files",
        Takes.TEXT: " ",
    }.get(argument.takes)
    value = "" if action is None else f":value:{action}"
    if not argument.flags:
        return _quoted(f"*{value}")
    text = argument.help.translate(str.maketrans("[]:", "() "))
    flags = "{" + ",".join(argument.flags) + "}" if len(argument.flags) > 1 else argument.flags[0]
    return f"'*'{flags}{_quoted(f'[{text}]{value}')}"


# -- fish ------------------------------------------------------------------------------------

_FISH = """\
# fish completion for btfview; made by "btfview completion fish"
complete -c btfview -f
"""
_FISH_TYPES = "(btfview completion --types (commandline -ct) (commandline -opc)[2..] 2>/dev/null)"


def fish_script(commands: dict[str, str], arguments: dict[str, list[CompletedArgument]]) -> str:
    """Return the script for fish 3."""
    lines = [
        f"complete -c btfview -n __fish_use_subcommand -a {name} -d {_quoted(text, fish=True)}"
        for name, text in commands.items()
    ]
    for command, found in arguments.items():
        seen = f"__fish_seen_subcommand_from {command}"
        condition = _quoted(
            f"not __fish_seen_subcommand_from {' '.join(commands)}" if command == SCREEN else seen
        )
        for argument in found:
            flags = " ".join(
                f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in argument.flags
            )
            value = {
                Takes.WORDS: f"-a {_quoted(' '.join(argument.words), fish=True)}",
                Takes.TARGETS: "-F -a '(btfview completion --targets 2>/dev/null)'",
                Takes.TYPES: f"-a '{_FISH_TYPES}'",
                Takes.FILES: "-F",
            }.get(argument.takes, "")
            if flags and argument.takes != Takes.NOTHING:
                # Exclusive: no file stands here.
                value = (
                    f"-x {value}".rstrip() if argument.takes in (Takes.WORDS, Takes.TEXT) else f"-r {value}"
                )
            text = f"-d {_quoted(argument.help, fish=True)}" if flags else ""
            parts = ["complete -c btfview -n", condition, flags, value, text]
            lines.append(" ".join(part for part in parts if part))
    return _FISH + "\n".join(lines) + "\n"


def _quoted(text: str, *, fish: bool = False) -> str:
    """Return *text* as one word of a shell script."""
    if fish:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + text.replace("'", "'\\''") + "'"
