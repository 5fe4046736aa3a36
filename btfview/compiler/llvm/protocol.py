"""What the caller and the LLVM process say to each other: frames on pipes, plain data in them.

A frame is a tag (one byte), a length (eight bytes, little endian) and that many bytes. Both sides
import this module, so it imports nothing that costs time.
"""

from __future__ import annotations

import os

from btfview.frozen import frozen

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator

JOB, CANCEL = b"J", b"C"
"""To the process: compile this; give up the job you are at."""
READY, FAILED, ENDED = b"R", b"F", b"E"
"""From a warm process: LLVM is loaded; it cannot be (message); a job has ended (:class:`JobEnd`)."""
FRONT = b"f"
"""From a job of the front end: its result."""
OBJECT, IR_OPTIMIZED, ASM, PASSES, REFUSED, DONE = b"o", b"i", b"a", b"p", b"r", b"d"
LINKED, VERSION = b"l", b"v"
"""From a job: the artefacts; what LLVM printed of its passes; why LLVM refused the IR (stage,
newline, message); all is said; the linked modules as text, before any pass; LLVM's version."""

HEADER_SIZE = 9


@frozen
class LlvmJob:
    """One module to compile."""

    ir: str
    cpu: str
    """``v1`` .. ``v4``."""
    triple: str
    """``bpfel`` or ``bpfeb``."""
    time_limit: float
    """Seconds."""
    emit: frozenset[str] = frozenset()
    """``ir-optimized``, ``asm`` and ``passes``, where wanted beside the object."""
    functions: tuple[str, ...] = ()
    """Symbols that the passes are printed for; none for all. Without commas and spaces."""
    modules: tuple[bytes, ...] = ()
    """Bitcode, or IR as text, to link behind *ir*, which may be empty; the answer has the linked text."""


@frozen
class JobEnd:
    """How a forked job ended, and what it said; the fields of :class:`btfview.compiler.processes.Exit`."""

    code: int
    stopped: str
    """Empty when it ended by itself."""
    stdout: bytes
    stderr: str


def encode_frame(tag: bytes, payload: bytes = b"") -> bytes:
    return tag + len(payload).to_bytes(8, "little") + payload


def encode_job(job: LlvmJob) -> bytes:
    """Return the frame of *job*; characters that UTF-8 cannot hold become question marks."""
    emit, functions = ",".join(sorted(job.emit)), ",".join(job.functions)
    sizes = ",".join(str(len(module)) for module in job.modules)
    head = f"{job.cpu} {job.triple} {job.time_limit} {emit} {functions} {sizes}\n"
    return encode_frame(JOB, b"".join((head.encode(), *job.modules, job.ir.encode("utf-8", "replace"))))


def decode_job(payload: bytes) -> LlvmJob:
    head, _, rest = payload.partition(b"\n")
    cpu, triple, time_limit, emit, functions, sizes = head.decode().split(" ")
    modules = []
    for size in map(int, filter(None, sizes.split(","))):
        modules.append(rest[:size])
        rest = rest[size:]
    return LlvmJob(
        rest.decode("utf-8"),
        cpu,
        triple,
        float(time_limit),
        frozenset(filter(None, emit.split(","))),
        tuple(filter(None, functions.split(","))),
        tuple(modules),
    )


def encode_end(end: JobEnd) -> bytes:
    messages = end.stderr.encode("utf-8", "replace")
    head = f"{end.code},{end.stopped},{len(messages)}\n".encode()
    return encode_frame(ENDED, head + messages + end.stdout)


def decode_end(payload: bytes) -> JobEnd:
    head, _, rest = payload.partition(b"\n")
    code, stopped, size = head.decode().split(",")
    return JobEnd(int(code), stopped, rest[int(size) :], rest[: int(size)].decode("utf-8", "replace"))


def take_frame(heard: bytearray) -> tuple[bytes, bytes] | None:
    """Remove the first frame from *heard* and return its (tag, payload); None while it is not whole."""
    if len(heard) < HEADER_SIZE:
        return None
    end = HEADER_SIZE + int.from_bytes(heard[1:HEADER_SIZE], "little")
    if len(heard) < end:
        return None
    tag, payload = bytes(heard[:1]), bytes(heard[HEADER_SIZE:end])
    del heard[:end]
    return tag, payload


def split_frames(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (tag, payload) of each whole frame in *data*; a frame cut short is left out."""
    heard = bytearray(data)
    while (frame := take_frame(heard)) is not None:
        yield frame


def read_frame(fd: int) -> tuple[bytes, bytes] | None:
    """Return the next (tag, payload) from a blocking *fd*; None when the other side has gone."""
    header = _read_exactly(fd, HEADER_SIZE)
    if header is None:
        return None
    payload = _read_exactly(fd, int.from_bytes(header[1:], "little"))
    return None if payload is None else (header[:1], payload)


def write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _read_exactly(fd: int, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = os.read(fd, min(size - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)
