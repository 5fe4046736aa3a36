"""Load the programs of an object into the running kernel, one at a time, within a time limit."""

from __future__ import annotations

import json
import os
import sys

from btfview.compiler.processes import converse, spawn
from btfview.errors import InputError, reason_of
from btfview.frozen import TYPE_CHECKING, frozen

from .log import VerifierLog, read_verifier_log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, TypeAlias

TIME_LIMIT = 60.0
"""Seconds for all programs together: a million instructions take the verifier a few."""
_EPERM = 1


class VerifierMissingError(InputError):
    """Nothing here can load a program: no libbpf, or no permission."""


@frozen
class Loads:
    """The kernel took the program."""


@frozen
class RefusedByVerifier:
    """The verifier looked at the program, and refused it."""

    errno: int


@frozen
class RefusedBefore:
    """It never came to the verifier: libbpf refused the object, or the kernel a map or an attach target."""

    errno: int
    messages: tuple[str, ...]
    """libbpf's, without its name."""


@frozen
class NotPermitted:
    """The kernel does not let this user, or anybody, load such a program: it says nothing of the program."""


@frozen
class NotFinished:
    """The time was over, or the load was cancelled, before the kernel answered."""

    why: str


if TYPE_CHECKING:
    Answer: TypeAlias = Loads | RefusedByVerifier | RefusedBefore | NotPermitted | NotFinished


@frozen
class ProgramVerdict:
    """What the kernel said of one program, loaded as if it alone were in the object."""

    program: str
    section: str
    is_on_by_default: bool
    """False where its section begins with ``?``."""
    answer: Answer
    log: VerifierLog
    log_text: str


@frozen
class Verification:
    """What the running kernel said of an object."""

    libbpf: str
    """Version of the library that loaded."""
    programs: tuple[ProgramVerdict, ...]
    """As far as there are answers."""
    refused: RefusedBefore | None = None
    """Why libbpf did not even open the object."""
    unfinished: NotFinished | None = None

    @property
    def has_refusals(self) -> bool:
        """Whether the object is refused, or a program that is loaded unless somebody switches it off."""
        return self.refused is not None or any(
            isinstance(verdict.answer, (RefusedByVerifier, RefusedBefore)) and verdict.is_on_by_default
            for verdict in self.programs
        )

    @property
    def is_known(self) -> bool:
        """Whether the kernel answered for every program."""
        return self.unfinished is None and not any(
            isinstance(verdict.answer, NotPermitted) and verdict.is_on_by_default for verdict in self.programs
        )


def verify_programs(
    data: bytes,
    *,
    programs: Sequence[str] | None = None,
    has_whole_logs: bool = True,
    time_limit: float = TIME_LIMIT,
    wake_fd: int | None = None,
) -> Verification:
    """Return what the running kernel says of the programs of the object *data*: of all, or of those named.

    One that is refused is loaded a second time, to have the log of every instruction; without
    *has_whole_logs* the end of a short one is all that is there.

    Programs are loaded, never attached, in a process that ends; nothing stays. When *time_limit*
    (seconds) is over, or *wake_fd* becomes readable, it is killed, and the answers until then are returned.

    Raises:
        VerifierMissingError: this system has no libbpf, or one that is too old; or no process can be started.
    """
    wanted = None if programs is None else list(programs)
    job = json.dumps({"programs": wanted, "whole_logs": has_whole_logs})
    # An editable installation may be on no path: a hook of site-packages, which -S skips, finds it.
    ours = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([ours, *filter(None, sys.path)])}
    try:
        child = spawn([sys.executable, "-S", "-m", "btfview.verifier.child", job], environment)
    except OSError as error:
        problem = f"no process can be started that loads: {reason_of(error)}"
        raise VerifierMissingError(problem, path=sys.executable) from error
    (end,) = converse([(child, data)], time_limit=time_limit, wake_fd=wake_fd)
    said: list[dict[str, Any]] = [json.loads(line) for line in end.stdout.split(b"\n")[:-1]]
    if not said and not end.stopped:
        last = end.stderr.strip().splitlines()[-1:] or [str(end.code)]
        raise VerifierMissingError(f"the process that loads ended: {last[0]}")
    libbpf, refused, verdicts = "", None, []
    for one in said:
        if "missing" in one:
            raise VerifierMissingError(
                str(one["missing"]), hint="install it (Debian, Ubuntu: libbpf1; Fedora: libbpf)"
            )
        if "libbpf" in one:
            libbpf = one["libbpf"]
        elif "refused" in one:
            refused = RefusedBefore(one["errno"], _messages(one["refused"]))
        else:
            verdicts.append(_verdict(one))
    unfinished = None
    if end.stopped:
        unfinished = NotFinished(
            "cancelled" if end.stopped == "cancelled" else f"no answer in {time_limit:g} s"
        )
    elif end.code:
        unfinished = NotFinished(f"the process that loads ended with {end.code}")
    return Verification(libbpf, tuple(verdicts), refused, unfinished)


def _verdict(one: dict[str, Any]) -> ProgramVerdict:
    log = read_verifier_log(one["log"])
    answer: Answer
    if not one["errno"]:
        answer = Loads()
    elif log.stopped_at is not None or log.reason:
        answer = RefusedByVerifier(one["errno"])
    elif one["errno"] == _EPERM:
        answer = NotPermitted()
    else:
        answer = RefusedBefore(one["errno"], _messages(one["messages"]))
    return ProgramVerdict(one["program"], one["section"], one["is_on_by_default"], answer, log, one["log"])


def _messages(text: str) -> tuple[str, ...]:
    """Return libbpf's messages but those that only repeat that something failed."""
    lines = (line.strip().removeprefix("libbpf: ") for line in text.splitlines())
    return tuple(
        line
        for line in lines
        if line
        and not line.startswith(("failed to load object", "permission error while running"))
        and "failed to load: -" not in line
        and "BPF program load failed" not in line
    )
