"""Run a target on many inputs, with 512 MB and 2 s of processor time for each."""

from __future__ import annotations

import gc
import hashlib
import importlib
import os
import pkgutil
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Protocol, cast

import tests.fuzz
from btfview.errors import BtfviewError
from tests.fuzz.mutate import mutate

MEMORY = 512 << 20
SECONDS = 2.0
_LONGEST = 2_000
"""Characters of a traceback's part that are printed; an assertion has the input in its words."""
_NO_TARGETS = ("folder", "messages", "mutate", "mutate_text", "runner", "worker", "__main__")


class TargetModule(Protocol):
    """A module may also have its own ``mutate(random, seeds)``, for inputs that are text."""

    def seeds(self) -> Sequence[bytes]: ...

    def run(self, data: bytes) -> None: ...


class TooSlowError(Exception):
    """An input took more than two seconds of processor time."""


def targets() -> list[str]:
    """Return the names of all targets: the modules of this package."""
    names = [module.name for module in pkgutil.iter_modules(tests.fuzz.__path__)]
    return [name for name in names if name not in _NO_TARGETS and not name.startswith("test_")]


def load(name: str) -> TargetModule:
    return cast(TargetModule, importlib.import_module(f"tests.fuzz.{name}"))


def limit() -> None:
    """Give this process the limits that each input has to keep."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, _stop)


def _stop(*_: object) -> None:
    raise TooSlowError(f"more than {SECONDS:g} s of processor time")


def try_input(run: Callable[[bytes], None], data: bytes) -> BaseException | None:
    """Return what is wrong with how *data* is taken; None where it is read or refused."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        run(data)
    except BtfviewError as error:
        text = str(error)
        if not text or "\n" in text or len(text) > 10_000:
            return AssertionError(f"no message for people: {text[:200]!r}")
    except (Exception, RecursionError) as error:
        return error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def fuzz(name: str, *, count: int | None, seconds: float | None, seed: int) -> int:
    """Run the target *name*; return how many different findings there were. An input of each is kept."""
    limit()
    module = load(name)
    seeds = list(module.seeds())
    for number, one in enumerate(seeds):
        if error := try_input(module.run, one):
            raise AssertionError(f"seed {number} of {name} is not taken") from error
    change = getattr(module, "mutate", mutate)
    random, started, tried, findings = Random(seed), time.monotonic(), 0, 0
    seen: set[str] = set()
    slowest = 0.0
    while (count is None or tried < count) and (seconds is None or time.monotonic() - started < seconds):
        data = change(random, seeds)
        before = time.process_time()
        error = try_input(module.run, data)
        slowest = max(slowest, time.process_time() - before)
        tried += 1
        if tried % 1000 == 0:
            gc.collect()
        if error is not None:
            kind = _kind_of(error)
            if kind not in seen:
                seen.add(kind)
                findings += 1
                _keep(name, data, error)
    took = time.monotonic() - started
    print(
        f"{name}: {tried} inputs in {took:.0f} s (seed {seed}), {findings} findings, "
        f"the slowest {slowest * 1000:.0f} ms, at most {_peak() >> 20} MiB"
    )
    return findings


def replay(name: str, path: str) -> int:
    """Run the target on one file; return 1 if it is a finding."""
    limit()
    error = try_input(load(name).run, Path(path).read_bytes())
    if error is not None:
        traceback.print_exception(error)
    return int(error is not None)


def fuzz_with_atheris(name: str, arguments: Sequence[str]) -> None:
    """Run the target under atheris (``pip install 'btfview[fuzz]'``), which looks for new paths and keeps a
    corpus; *arguments* are libFuzzer's (``-runs=N``, ``-max_total_time=S``, a folder). Does not return."""
    import atheris

    with atheris.instrument_imports(include=["btfview"]):
        module = load(name)

    def run(data: bytes) -> None:
        try:
            module.run(data)
        except BtfviewError:
            return

    folder = Path(tempfile.gettempdir()) / f"btfview-fuzz-{name}"
    folder.mkdir(exist_ok=True)
    for one in module.seeds():
        (folder / hashlib.sha256(one).hexdigest()[:16]).write_bytes(one)
    limits = [f"-rss_limit_mb={MEMORY >> 20}", f"-timeout={SECONDS:.0f}"]
    atheris.Setup([sys.argv[0], *limits, *arguments, str(folder)], run)
    atheris.Fuzz()


def _kind_of(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:  # of the message, which nothing raised
        return type(error).__name__
    last = next((frame for frame in reversed(frames) if "btfview" in frame.filename), frames[-1])
    return f"{type(error).__name__} at {last.filename}:{last.lineno}"


def _keep(name: str, data: bytes, error: BaseException) -> None:
    path = Path(tempfile.gettempdir()) / f"btfview-{name}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    print("".join(line[:_LONGEST] for line in traceback.format_exception(error)), file=sys.stderr)
    print(f"finding: {path} ({len(data)} bytes); again: python -m tests.fuzz {name} --replay {path}")


def _peak() -> int:
    with open(f"/proc/{os.getpid()}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) << 10
