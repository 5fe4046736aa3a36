"""The process that loads: ``python -m btfview.verifier.child``, an object on standard input.

Its first argument is a JSON object (``programs``: names, or null for all; ``whole_logs``: whether what is
refused is loaded again for its log). It writes a line of JSON for the
library, then one for each program as soon as its verdict is there, so that what is known survives when it
is killed.
"""

from __future__ import annotations

import ctypes
import json
import sys
from typing import TYPE_CHECKING, Any

from .libbpf import STRUCT_OPS, Libbpf, LibbpfMissingError

if TYPE_CHECKING:
    from collections.abc import Iterator

_STATS, _EVERY_INSN = 4, 1
"""``BPF_LOG_STATS``, ``BPF_LOG_LEVEL1`` (linux/bpf_verifier.h)."""
_SHORT_LOG, _LONG_LOG = 1 << 16, 1 << 24
"""Bytes. Since 6.4 the kernel keeps the end of a log that is too long, before it refused the load
(ENOSPC)."""
_STRUCT_OPS_PROGRAM = 27
_PR_SET_PDEATHSIG, _SIGKILL = 1, 9


def main() -> int:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    job = json.loads(sys.argv[1])
    wanted = job["programs"]
    data = sys.stdin.buffer.read()
    try:
        libbpf = Libbpf()
    except LibbpfMissingError as error:
        _say({"missing": str(error)})
        return 0
    _say({"libbpf": libbpf.version})
    for index, name in enumerate(_names(libbpf, data)):
        if wanted is None or name in wanted:
            _say(_verdict(libbpf, data, index, has_whole_log=job["whole_logs"]))
    return 0


def _say(value: dict[str, Any]) -> None:
    print(json.dumps(value), flush=True)


def _open(libbpf: Libbpf, data: bytes) -> int | None:
    handle: int | None = libbpf.bpf_object__open_mem(data, len(data), None)
    return handle


def _each(following: Any, handle: int) -> Iterator[int]:
    item = following(handle, None)
    while item:
        yield item
        item = following(handle, item)


def _names(libbpf: Libbpf, data: bytes) -> list[str]:
    handle = _open(libbpf, data)
    if handle is None:
        _say({"refused": libbpf.take_messages(), "errno": ctypes.get_errno()})
        return []
    names = [
        libbpf.bpf_program__name(program).decode("utf-8", "replace")
        for program in _each(libbpf.bpf_object__next_program, handle)
    ]
    libbpf.bpf_object__close(handle)
    return names


def _verdict(libbpf: Libbpf, data: bytes, index: int, *, has_whole_log: bool) -> dict[str, Any]:
    """Load program *index* alone: first for its statistics; where that fails, again for the whole log."""
    verdict = _load(libbpf, data, index, _STATS, _SHORT_LOG)
    if verdict["errno"] and has_whole_log:
        verdict = _load(libbpf, data, index, _STATS | _EVERY_INSN, _LONG_LOG)
    return verdict


def _load(libbpf: Libbpf, data: bytes, index: int, log_level: int, log_size: int) -> dict[str, Any]:
    libbpf.take_messages()
    handle = _open(libbpf, data)
    assert handle is not None  # it has been opened before
    programs = list(_each(libbpf.bpf_object__next_program, handle))
    chosen = programs[index]
    is_wanted = bool(libbpf.bpf_program__autoload(chosen))
    for program in programs:
        libbpf.bpf_program__set_autoload(program, program == chosen)
    if libbpf.bpf_program__type(chosen) != _STRUCT_OPS_PROGRAM:  # whose maps would load all their programs
        for bpf_map in _each(libbpf.bpf_object__next_map, handle):
            if libbpf.bpf_map__type(bpf_map) == STRUCT_OPS:
                libbpf.bpf_map__set_autocreate(bpf_map, False)
    log = ctypes.create_string_buffer(log_size)
    libbpf.bpf_program__set_log_buf(chosen, log, log_size)
    libbpf.bpf_program__set_log_level(chosen, log_level)
    result = libbpf.bpf_object__load(handle)
    is_loaded = result == 0 and libbpf.bpf_program__fd(chosen) >= 0
    verdict = {
        "program": libbpf.bpf_program__name(chosen).decode("utf-8", "replace"),
        "section": libbpf.bpf_program__section_name(chosen).decode("utf-8", "replace"),
        "is_on_by_default": is_wanted,
        "errno": 0 if is_loaded else -result,
        "log": log.value.decode("utf-8", "replace"),
        "messages": libbpf.take_messages(),
    }
    libbpf.bpf_object__close(handle)
    return verdict


if __name__ == "__main__":
    sys.exit(main())
