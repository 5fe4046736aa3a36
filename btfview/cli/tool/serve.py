"""``btfview serve``: the screen in a browser on this machine."""

from __future__ import annotations

import json
import os
import sys

from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING

from . import screen

if TYPE_CHECKING:
    import socket
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
  btfview serve prog.rs                 open the address that it prints; ctrl+c ends it
  btfview serve prog.bpf.o -t running --port 0        a port that is free
  ssh -L 8000:localhost:8000 build-machine btfview serve prog.bpf.o     from another machine
"""
_MAX_PORT = 65535


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--host", default="localhost", metavar="HOST", help="where to listen (default localhost)"
    )
    parser.add_argument(
        "--port", type=int, default=8000, metavar="PORT", help="default 8000; 0: one that is free"
    )
    screen.add_arguments(parser)


def run(args: Namespace) -> int:
    """Serve until interrupted; each browser that opens the address has a screen of its own.

    Raises:
        InputError: a file cannot be read.
        UsageError: textual-serve is not installed, or the place to listen is taken or not of this machine.
    """
    import shlex

    from btfview.btf.format.spelling import visible
    from btfview.cli.arguments import compile_options
    from btfview.cli.fleet import choice_of, open_chosen
    from btfview.targets.kernels import known_targets

    from .record import refuse_unreadable

    try:
        from btfview.tui.web import ScreenServer
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed: pip install 'btfview[web]'") from error
    open_chosen(
        choice_of(args), args.target, known_targets(), is_told=False
    )  # an unknown target is told here, and not to each browser
    options = compile_options(args)
    for path in args.files:
        refuse_unreadable(path, options)
    job = json.dumps({name: value for name, value in vars(args).items() if name not in ("host", "port")})
    # The same packages as here: those of a zipapp are where the environment does not say.
    places = os.pathsep.join(folder for folder in sys.path if os.path.isabs(folder))
    own = ["env", f"PYTHONPATH={places}", sys.executable, "-m", "btfview.cli.tool.serve", job]
    with _listen(args.host, args.port) as listening:
        title = visible(" ".join(["btfview", *map(os.path.basename, args.files)]))
        server = ScreenServer(shlex.join(own), listening, title)
        if not _is_loopback(listening):
            print(
                f"btfview: warning: this listens beyond this machine, on {server.host}. Who has the address "
                "with its token reads and writes files as you do, and plain HTTP shows it to all on the way; "
                "ssh -L is safer",
                file=sys.stderr,
            )
        print(server.address, flush=True)
        server.run()
    return 0


def _listen(host: str, port: int) -> socket.socket:
    import socket

    if not 0 <= port <= _MAX_PORT:
        raise UsageError(f"--port {port}: a port is a number from 0 to {_MAX_PORT}")
    try:
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
        return socket.create_server(place[:2], family=family)
    except (OSError, UnicodeError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UsageError(f"cannot listen on {host}, port {port}: {reason}; see --host and --port") from error


def _is_loopback(listening: socket.socket) -> bool:
    from ipaddress import ip_address

    return ip_address(listening.getsockname()[0]).is_loopback


def main() -> int:
    """Open the screen for one browser, by the arguments that the server was given."""
    from argparse import Namespace

    return screen.run(Namespace(**json.loads(sys.argv[1])))


if __name__ == "__main__":
    sys.exit(main())
