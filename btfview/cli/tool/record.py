"""``btfview record``: the screen doing what a script of keys says, as a recording for asciinema."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

from btfview.cli.arguments import add_compile_arguments, add_target_argument, compile_options
from btfview.cli.configured import add_configuration_arguments, add_to_options, configuration_of
from btfview.cli.fleet import add_fleet_arguments, choice_of, open_chosen
from btfview.errors import UnreadableFileError, UsageError, reason_of
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from btfview.analysis.kernels.target_choice import TargetChoice
    from btfview.compiler.options import CompileOptions
    from btfview.configuration.read import Configuration
    from btfview.recording.record_screen import Recording
    from btfview.recording.script_file import KeyScript
    from btfview.targets.target import Target

EXAMPLES = """\
  btfview record prog.rs -t running --keys ']]<wait 1>5<right>' -o demo.cast
  asciinema play demo.cast                      or in a web page, with asciinema-player
  btfview record prog.rs --keys '/vruntime<enter>' --size 100x30 -o a.cast --svg last-frame.svg
  btfview record prog.o --keys @keys.txt -o - | gzip > demo.cast.gz    the keys from a file
  btfview record --keys @tour.keys --animation tour.svg --stills tour/
  btfview record --keys @tour.keys -o tour.cast         a script that says what it opens

keys: characters stand for themselves; <enter> <esc> <tab> <space> <up> <down> <left> <right> <pageup>
<home> <f1> <ctrl+p> <shift+tab> ...; <lt> for <; <wait 0.5> to pause; <pace 0.1> for the seconds before each
key from there on (default 0.6). In a file # begins a comment, and a line may be one of open FILE,
target KERNEL, size COLSxROWS, theme NAME, caption TEXT, and wait TEXT, which waits until TEXT is shown.

Targets and flags are those of the command line, then of the script, then of the project's btfview.toml. Your
own configuration (theme, keys, arrangement) does not count: a script shows the same whoever plays it.
"""

DEFAULT_SIZE = (160, 50)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        help="a source (.rs, .c, .ll) or a BPF object; default: a copy of what the script opens",
    )
    parser.add_argument("--keys", required=True, metavar="KEYS", help="what is typed; @FILE reads it there")
    parser.add_argument("-o", "--output", metavar="OUT", help="asciicast v2 file to write; - is stdout")
    parser.add_argument("--svg", metavar="OUT", help="also (or only) the last frame, as a picture")
    parser.add_argument("--animation", metavar="OUT", help="the whole recording as one SVG that moves by CSS")
    parser.add_argument(
        "--stills", metavar="FOLDER", help="a picture of what each caption ends with: 01.svg, 02.svg ..."
    )
    parser.add_argument(
        "--size",
        metavar="COLSxROWS",
        help="of the screen (default: the script's, or 160x50, in which nothing of the demo is cut)",
    )
    parser.add_argument(
        "--time-limit", type=float, default=120.0, metavar="S", help="seconds it may take (default 120)"
    )
    add_target_argument(parser)
    add_fleet_arguments(parser)
    add_configuration_arguments(parser)
    add_compile_arguments(parser)


def run(args: Namespace) -> int:
    """Write the recording; the terminal that it is called from, if any, stays as it is."""
    from btfview.cli.output import STDOUT, refuse_inputs, write_output
    from btfview.recording.record_screen import record_screen
    from btfview.recording.script_file import parse_size

    outputs = [name for name in (args.output, args.svg, args.animation) if name]
    if not outputs and not args.stills:
        raise UsageError(
            "name what to write: -o OUT.cast, --svg OUT.svg, --animation OUT.svg, --stills FOLDER"
        )
    script = given_script(args.keys)
    size = parse_size(args.size, "--size") if args.size else script.size or DEFAULT_SIZE
    path = given_file(args, script)
    if not args.time_limit > 0:  # nor not a number
        raise UsageError(f"--time-limit {args.time_limit:g}: some time is needed")
    choice, targets = chosen_for(args, script, configuration_of(args))
    scripts = (args.keys[1:],) if args.keys.startswith("@") else ()
    inputs = (path, *scripts, *(file for target in targets for file in target.files))
    for output in outputs:
        refuse_inputs(output, inputs)
        if output != STDOUT and outputs.count(output) > 1:
            raise UsageError(f"{output} cannot be two of the recording and the pictures; give other names")
    options = compile_options(args)
    with shown_file(args.file, script) as shown:
        refuse_unreadable(shown, options)
        found = record_screen(
            shown,
            args.target,
            options,
            script,
            size=size,
            time_limit=args.time_limit,
            has_frames=bool(args.animation or args.stills),
            choice=choice.values(),
            prepare=lambda state: remember_project(shown, state),
        )
    if args.output:
        cast = found.asciicast(f"btfview {os.path.basename(path)}")
        write_output(args.output, cast.encode("utf-8", "replace"), inputs=inputs)
    if args.svg:
        write_output(args.svg, found.svg.encode(), inputs=inputs)
    if args.animation:
        write_output(args.animation, found.animation.encode(), inputs=inputs)
    if args.stills:
        _write_stills(args.stills, found, inputs)
    told = [name for name in (*outputs, args.stills) if name and name != STDOUT]
    if told:
        print(f"{', '.join(told)}: {found.events[-1][0]:.1f} s", file=sys.stderr)
    return 0


def _write_stills(folder: str, found: Recording, inputs: tuple[str, ...]) -> None:
    """Write a picture for each caption, in the order of the script: ``01.svg``, ``02.svg`` ..."""
    from btfview.cli.output import write_output
    from btfview.recording.pictures import settle_svg

    try:
        os.makedirs(folder, exist_ok=True)
    except (OSError, ValueError) as error:
        raise UnreadableFileError(f"cannot be made: {reason_of(error)}", path=folder) from error
    for number, frame in enumerate(found.stills, start=1):
        write_output(os.path.join(folder, f"{number:02}.svg"), settle_svg(frame.svg).encode(), inputs=inputs)


def given_script(keys: str) -> KeyScript:
    """Return the script that ``--keys`` gives: keys, or @ and the name of a file."""
    from btfview.recording.key_script import parse_keys
    from btfview.recording.script_file import KeyScript, read_script

    return read_script(keys[1:]) if keys.startswith("@") and len(keys) > 1 else KeyScript(parse_keys(keys))


def chosen_for(
    args: Namespace, script: KeyScript, configuration: Configuration | None
) -> tuple[TargetChoice, list[Target]]:
    """Return what is said of the targets that are shown, and those of them that are known before; *args* get
    the targets and flags that the *script*, or else the project's *configuration*, says.

    Raises:
        UsageError, TargetError: as :func:`.open_chosen` says, before anything is made.
    """
    from btfview.targets.kernels import known_targets

    add_to_options(args, configuration)
    args.target = args.target or list(script.targets)
    architectures: tuple[str, ...] = ()
    if configuration is not None and not args.target:
        args.target, architectures = list(configuration.get("targets")), configuration.get("architectures")
    choice = choice_of(args, tuple(architectures), configuration.path if configuration else "")
    is_narrowed = args.arch or args.exclude or architectures
    return choice, open_chosen(choice, args.target, known_targets() if is_narrowed else ()).targets


def given_file(args: Namespace, script: KeyScript) -> str:
    """Return the file that is to be shown.

    Raises:
        UsageError: neither the command nor the script names one.
    """
    if path := args.file or script.file:
        return str(path)
    raise UsageError("name the FILE to show, or let the script say it: open FILE")


@contextmanager
def shown_file(path: str, script: KeyScript) -> Iterator[str]:
    """Give *path*, or without one a copy of what *script* opens, by its own name in a folder that is removed:
    a script that writes a fix writes it there."""
    if path:
        yield path
        return
    import tempfile

    from btfview.inputs import MAX_CARRIER, read_input
    from btfview.session.copies import COPY_PREFIX

    data = read_input(script.file, MAX_CARRIER)
    with tempfile.TemporaryDirectory(prefix=COPY_PREFIX) as folder:
        copy = os.path.join(folder, os.path.basename(script.file))
        with open(copy, "xb") as file:
            file.write(data)
        yield copy


def remember_project(path: str, state: str) -> None:
    """Have the screen not ask whether to build a project: this command has built it."""
    from btfview.session.projects import project_of, remember

    project = project_of(path)
    if project is not None:
        remember(project, state)


def refuse_unreadable(path: str, options: CompileOptions) -> None:
    """Raise what the screen could only complain of: that a file is neither a source nor a BPF object. A
    source with errors is worth a recording."""
    from btfview.analysis.analyse import analyse
    from btfview.session.answer import refuse_endless

    refuse_endless(path)
    analyse(path, (), options)
