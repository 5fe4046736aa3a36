"""What the project's configuration says for a command that takes ``--config``."""

from __future__ import annotations

import os

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from btfview.configuration.read import Configuration
    from btfview.configuration.screen import ScreenSettings


def add_configuration_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("the project's configuration (see btfview config)")
    group.add_argument(
        "--config",
        metavar="FILE",
        help="a btfview.toml or pyproject.toml (default: the nearest upwards from here)",
    )
    group.add_argument("--isolated", action="store_true", help="look for no configuration")


def add_to_options(args: Namespace, configuration: Configuration | None) -> None:
    """Put the flags and the front end of the configuration where the command line says nothing."""
    if configuration is not None:
        args.configured_flags = list(configuration.get("flags"))
        if args.frontend == "auto":
            args.frontend = configuration.get("frontend")


def settings_of_screen(args: Namespace) -> ScreenSettings:
    """Return what the user's own configuration and the project's say for the screen; what is wrong with them
    is among it, and the rest holds."""
    from btfview.configuration.screen import DEFAULTS, read_settings

    if args.isolated and not args.config:
        return DEFAULTS
    return read_settings(os.getcwd(), args.config or "", is_isolated=args.isolated)


def configuration_of(args: Namespace) -> Configuration | None:
    """Return the configuration that is in force; None where there is none.

    Raises:
        ConfigurationError: it says something wrong.
        InputError: it cannot be read.
    """
    if args.isolated and not args.config:
        return None
    from btfview.configuration.find import find_configuration

    path = args.config or find_configuration(os.getcwd())
    if path is None:
        return None
    from btfview.configuration.read import read_configuration

    return read_configuration(path if args.config else os.path.relpath(path))
