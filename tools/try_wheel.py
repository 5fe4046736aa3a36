"""Install a wheel into an empty environment, and do with it what a user does first.

``python tools/try_wheel.py WHEEL`` tries it with that Python; ``--lean`` without LLVM and tree-sitter, as
docs/install.md says, ``--web`` with the extra for browsers. As root, all is done as the user ``nobody``, if
that may run this Python; always away from the checkout.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

KERNELS = ("-t", "5.10.0-46-amd64", "-t", "6.1.0-56-amd64")
LEAN = ("construct>=2.10.70,<3", "pyelftools>=0.31,<1", "textual>=8.2,<9")
"""What docs/install.md names."""
MAX_BYTES = 1_500_000
"""Of a wheel; a larger one has something in it that should not be there."""


SECONDS = 60
"""After which a server that says nothing has failed."""
PAGE = """
import asyncio, re, sys, aiohttp

async def main(address):
    drawn = ""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.get(address) as answer:
            assert answer.status == 200 and "xterm" in await answer.text(), answer.status
        here = address.split("/?")[0]
        async with session.ws_connect(here + "/ws?width=140&height=40") as line:
            for wanted in ("#0 ", "#1 "):
                while not re.search("relocation +" + wanted + "|" + wanted + "field_", drawn):
                    said = await line.receive(timeout=SECONDS)
                    assert said.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), said
                    text = said.data if isinstance(said.data, str) else said.data.decode("utf-8", "replace")
                    drawn += re.sub(r"\x1b\\[[\\d;?]*[a-zA-Z]", "", text)
                drawn = ""
                await line.send_json(["stdin", "]"])

asyncio.run(main(sys.argv[1]))
""".replace("SECONDS", str(SECONDS))
"""Opens the page as a browser does, waits for the first record, and goes to the second by a key."""


def main() -> int:
    """Return 0 where all works; what does not is printed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--lean", action="store_true")
    parser.add_argument("--web", action="store_true")
    args = parser.parse_args()
    size = args.wheel.stat().st_size
    print(f"{args.wheel.name}: {size / 1e6:.2f} MB")
    if size > MAX_BYTES:
        print(f"it is larger than {MAX_BYTES / 1e6:.1f} MB", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        wheel = Path(shutil.copy(args.wheel, home))
        home.chmod(0o755)
        if is_for_nobody():
            shutil.chown(home, "nobody")
        run(home, sys.executable, "-m", "venv", "env")
        pip = (str(home / "env/bin/pip"), "install", "--quiet", "--disable-pip-version-check")
        if args.lean:
            run(home, *pip, "--no-deps", str(wheel))
            run(home, *pip, *LEAN)
        else:
            run(home, *pip, f"{wheel}[web]" if args.web else str(wheel))
        failed = try_commands(home, is_lean=args.lean)
        return try_serve(home) | failed if args.web else failed


def is_for_nobody() -> bool:
    """Tell whether this is root's process, and its Python one that every user may run."""
    folders = Path(sys.executable).resolve().parents
    return os.geteuid() == 0 and all(folder.stat().st_mode & 1 for folder in folders)


def try_commands(home: Path, *, is_lean: bool) -> int:
    """Run what a user does first; return 1 if a command ends otherwise than it should."""
    btfview = str(home / "env/bin/btfview")
    compiled = 4 if is_lean else 0  # Rust is not compiled
    wanted = (
        (0, ("--version",)),
        (0, ("doctor",)),
        (0, ("demo", "renamed_field", "-o", "prog.rs")),
        (compiled, ("compile", "prog.rs", "-o", "prog.o")),
        (compiled or 1, ("relos", "prog.rs", *KERNELS)),
        (compiled or 1, ("check", "prog.rs", *KERNELS)),
        (compiled, ("fix", "prog.rs", *KERNELS)),
        (0, ("types", "6.1.0-56-amd64", "task_struct")),
        (0, ("diff", "5.10.0-46-amd64", "6.1.0-56-amd64", "load_weight")),
        *(() if is_lean else ((0, ("record", "prog.o", "--keys", "<pace 0.05>]", "--svg", "last.svg")),)),
    )
    failed = 0
    for code, arguments in wanted:
        done = run(home, btfview, *arguments, check=False)
        is_right = done.returncode == code and "Traceback" not in done.stderr
        print(f"{'ok' if is_right else 'FAILED'}  btfview {' '.join(arguments)}: {done.returncode}")
        if not is_right:
            print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
            failed = 1
    return failed


def try_serve(home: Path) -> int:
    """Serve the screen, and go from a record to the next in it; return 1 if that does not work."""
    command = [str(home / "env/bin/btfview"), "serve", "prog.o", "-t", KERNELS[1], "--port", "0"]
    with subprocess.Popen(
        command, **surroundings(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        address = server.stdout.readline().strip()
        done = run(home, str(home / "env/bin/python"), "-c", PAGE, address, check=False)
        server.terminate()
        _, said = server.communicate(timeout=SECONDS)
    print(
        f"{'FAILED' if done.returncode else 'ok'}  btfview {' '.join(command[1:])}, opened as a browser does"
    )
    if done.returncode:
        print(done.stdout, done.stderr, said, sep="\n", file=sys.stderr)
    return int(bool(done.returncode))


def surroundings(home: Path) -> dict[str, Any]:
    """Return where a command runs: in *home*, as an ordinary user; of this environment it has only the way to
    a registry."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("PIP_", "http", "HTTP", "no_", "NO_P"))
    }
    environ = {**kept, "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8"}
    user = "nobody" if is_for_nobody() else None
    return {"cwd": home, "env": environ, "user": user, "extra_groups": [] if user else None}


def run(home: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command where :func:`surroundings` says."""
    done = subprocess.run(command, **surroundings(home), capture_output=True, text=True)
    if check and done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        raise SystemExit(f"{command[0]} ended with {done.returncode}")
    return done


if __name__ == "__main__":
    sys.exit(main())
