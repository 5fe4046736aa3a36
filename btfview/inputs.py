"""Read what a user names: a file or a pipe, to its end, within a bound.

All inputs come through here. A device may have no end, and opening a named pipe may wait for ever; of a file
that grows or shrinks while it is read, no more than the bound is taken, and what is missing is said. Nothing
that somebody can write is mapped: where a mapped file is cut, looking at it ends the process (SIGBUS).
"""

from __future__ import annotations

import os
import stat
import sys
from io import BytesIO

from .errors import InputError, UnreadableFileError, reason_of
from .frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from mmap import mmap
    from typing import Any

MAX_TEXT = 16 << 20
"""Bytes of a source, a script of keys or a list; LLVM takes minutes for a tenth of it."""
MAX_LOG = 256 << 20
"""Bytes of a loader's log; the kernel's verifier writes at most 16 MiB a program (``log_buf``)."""
MAX_OBJECT = 64 << 20
"""Bytes of a BPF object; with DWARF, large ones have some 10 MiB."""
MAX_CARRIER = 256 << 20
"""Bytes of an executable that carries objects."""
MAX_KERNEL = 128 << 20
"""Bytes of a target that is read whole; of a larger ELF file (a vmlinux with debug information) only what is
looked at is read."""
STDIN = "-"
_CHUNK = 1 << 16
_MADV_HUGEPAGE, _MADV_POPULATE_WRITE = 14, 23
LARGE = 1 << 20
"""Bytes from which :meth:`OpenInput.read_large` pays."""


def read_input(path: str, most: int) -> bytes:
    """Return the bytes of the regular file or the pipe *path* (``<(zcat FILE)``, ``/dev/stdin``), at most
    *most*.

    Raises:
        UnreadableFileError: the operating system refuses; it is a directory, a device, a socket or a named
            pipe; or a file that was cut short meanwhile.
        InputError: it has more bytes.
    """
    with open_input(path) as file:
        return file.read(most)


def read_stdin(most: int) -> bytes:
    """Return what stands on standard input, whatever that is, to its end; errors as of :func:`read_input`."""
    try:
        return _read_on(sys.stdin.buffer.read, most, "standard input")
    except OSError as error:
        raise UnreadableFileError(reason_of(error), path="standard input") from error


def open_input(path: str) -> OpenInput:
    """Return the file or pipe *path*, to be read whole or in parts; errors as of :func:`read_input`."""
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
        raise UnreadableFileError(reason_of(error), path=path) from error
    try:
        return OpenInput(path, descriptor)
    except BaseException:
        os.close(descriptor)
        raise


class OpenInput:
    """A file or pipe that is open; a context manager that closes it."""

    def __init__(self, path: str, descriptor: int) -> None:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableFileError("is a directory", path=path)
        self.is_pipe = stat.S_ISFIFO(status.st_mode)
        if self.is_pipe and _is_named(path):
            hint = "save it to a file first, or use <(...)"
            raise UnreadableFileError("is a named pipe", path=path, hint=hint)
        if not self.is_pipe and not stat.S_ISREG(status.st_mode):
            raise UnreadableFileError("is not a file", path=path, hint="save it to a file first")
        if self.is_pipe:
            os.set_blocking(descriptor, True)
        self.path = path
        self.size = status.st_size
        """Bytes; 0 for a pipe, and for some files that the kernel makes up."""
        self._descriptor = descriptor
        self._device = status.st_dev

    def __enter__(self) -> OpenInput:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def read(self, most: int) -> bytes:
        """Return all from where it stands, at most *most* bytes; errors as of :func:`read_input`."""
        if self.size > most:
            raise too_large(self.path, self.size, most)
        try:
            # One byte more than there should be shows the end. What the kernel makes up comes by pages.
            start = os.read(self._descriptor, self.size + 1) if self.size else b""
            if len(start) == self.size and start:
                return start
            whole = _read_on(lambda size: os.read(self._descriptor, size), most, self.path, start)
        except OSError as error:
            raise UnreadableFileError(reason_of(error), path=self.path) from error
        if len(whole) < self.size:
            raise self.cut_short()
        return whole

    def read_large(self, most: int) -> bytes:
        """Return what :meth:`read` does, with the interface of bytes: of a kernel, in a third of the time.

        Memory comes in large pages, since 1,300 small ones alone take 2 ms. What the kernel shows in sysfs
        nobody can cut, so it is mapped (from Linux 6.16 on).
        """
        if self.size > most:
            raise too_large(self.path, self.size, most)
        import mmap

        try:
            memory = self._mapped() if self._is_in_sysfs else None
            if memory is None:
                memory = mmap.mmap(-1, self.size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
                if not _read_into(self._descriptor, memory):
                    raise self.cut_short()
        except OSError as error:
            raise UnreadableFileError(reason_of(error), path=self.path) from error
        whole: Any = memory
        data: bytes = whole
        return data

    def read_at(self, offset: int, size: int) -> bytes:
        """Return *size* bytes from *offset*, fewer at the end of the file.

        Raises:
            UnreadableFileError: the operating system refuses, or the file was cut short meanwhile.
        """
        size = max(min(size, self.size - offset), 0)
        try:
            found = os.pread(self._descriptor, size, offset)
            while found and len(found) < size:
                more = os.pread(self._descriptor, size - len(found), offset + len(found))
                if not more:
                    break
                found += more
        except OSError as error:
            raise UnreadableFileError(reason_of(error), path=self.path) from error
        if len(found) < size:
            raise self.cut_short()
        return found

    def _mapped(self) -> mmap | None:
        import mmap

        try:
            return mmap.mmap(self._descriptor, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
        except OSError:  # of kernels before 6.16
            return None

    @property
    def _is_in_sysfs(self) -> bool:
        try:
            root = os.stat("/sys")
        except OSError:
            return False
        return root.st_ino == 1 and root.st_dev == self._device  # of a folder where none is mounted, another

    def cut_short(self) -> UnreadableFileError:
        problem = f"had {self.size} bytes, and was cut short while it was read"
        return UnreadableFileError(problem, path=self.path)


def _read_into(descriptor: int, memory: mmap) -> bool:
    """Fill *memory* from the file; tell whether there was enough."""
    try:
        memory.madvise(_MADV_HUGEPAGE)
        memory.madvise(_MADV_POPULATE_WRITE)
    except OSError:  # a kernel without huge pages, or before 5.14: slower
        pass
    with memoryview(memory) as view:
        position = 0
        while position < len(view):
            with view[position:] as rest:
                size = os.readv(descriptor, [rest])
            if not size:
                return False
            position += size
    return True


def too_large(path: str, size: int, most: int) -> InputError:
    return InputError(f"has {size} bytes; more than {most >> 20} MiB are not read", path=path)


def _read_on(read: Callable[[int], bytes], most: int, path: str, start: bytes = b"") -> bytes:
    whole = BytesIO()  # gives its bytes away without a copy
    left = most - whole.write(start)
    while part := read(_CHUNK):
        left -= whole.write(part)
        if left < 0:
            raise InputError(f"has more than the {most >> 20} MiB that are read", path=path)
    return whole.getvalue()


def _is_named(path: str) -> bool:
    """Tell whether a pipe has a place in a file system: that of a shell's ``<(...)`` has none."""
    try:
        return stat.S_ISFIFO(os.lstat(os.path.realpath(path)).st_mode)
    except OSError:
        return False
