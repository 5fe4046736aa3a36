"""Write a file at once or not at all: whatever ends the program, or fills the disk, the old one is whole.

The new file is written beside the old and takes its name. Where that would lose something of the old one
(other names of it, an owner, an attribute), or the folder takes no new files, it is written where it is: room
first, then the bytes, and those from before again should even that fail.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LOCK_SECONDS, _PAUSE = 2.0, 0.01
"""Another btfview may be writing the same file: so long it is waited for."""
_TRIES = 20
"""For a file that others replace while it is opened."""


class NotExpectedError(Exception):
    """The file holds something else than it should."""


def write_file(
    path: str, data: bytes, *, expected: bytes | None = None, mode: int = 0o666, is_synced: bool = False
) -> None:
    """Make the file at *path* hold *data*; a link is followed, and a device or a pipe is written to.

    Permissions, owner, attributes and other names of the file stay. With *expected* it must hold that, and
    others that write it by this function wait. A file that was not there gets *mode*, less the umask.
    *is_synced* waits until the disk has it.

    Raises:
        NotExpectedError: it does not hold *expected*; it stays as it is.
        OSError, ValueError: it cannot be written; it is as it was then.
    """
    for _ in range(_TRIES):
        try:
            status = os.stat(path)
        except FileNotFoundError:
            if expected is not None:
                raise
            with contextlib.suppress(FileExistsError):  # made by somebody just now: then it is replaced
                _write_new(os.path.realpath(path), data, mode, is_synced=is_synced)
                return
            continue
        if not stat.S_ISREG(status.st_mode):
            with open(path, "wb") as file:
                file.write(data)
            return
        real = os.path.realpath(path)
        old = os.open(real, os.O_RDWR | os.O_CLOEXEC)
        try:
            _lock(old)
            if not os.path.samestat(os.fstat(old), os.stat(real)):
                continue  # replaced while it was waited for
            before = _read(old)
            if expected is not None and before != expected:
                raise NotExpectedError
            if os.fstat(old).st_nlink > 1 or not _replace(old, real, data, is_synced=is_synced):
                _overwrite(old, before, data)
            return
        finally:
            os.close(old)
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


def create_file(path: str, data: bytes) -> None:
    """Write a file that is not there yet.

    Raises:
        FileExistsError: there is one.
        OSError, ValueError: the path cannot be written; nothing is there then.
    """
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
    _write_new(path, data, 0o666, is_synced=False)


def is_one_of(path: str, inputs: Iterable[str]) -> bool:
    """Tell whether *path* is one of the files *inputs*, by whatever name."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return False
    for one in inputs:
        with contextlib.suppress(OSError, ValueError):
            if os.path.samestat(status, os.stat(one)):
                return True
    return False


def _write_new(path: str, data: bytes, mode: int, *, is_synced: bool) -> None:
    with _scratch(path, mode) as scratch:
        scratch.write(data, is_synced=is_synced)
        scratch.take_name(path, is_new=True)


def _replace(old: int, path: str, data: bytes, *, is_synced: bool) -> bool:
    """Put a file with *data* in the place of *old*, called *path*; false where something would be lost."""
    status = os.fstat(old)
    try:
        with _scratch(path, 0o600) as scratch:
            new = os.fstat(scratch.fd)
            if (new.st_uid, new.st_gid) != (status.st_uid, status.st_gid):
                os.fchown(scratch.fd, status.st_uid, status.st_gid)
            if not _copy_attributes(old, scratch.fd):
                return False
            os.fchmod(scratch.fd, stat.S_IMODE(status.st_mode))
            scratch.write(data, is_synced=is_synced)
            scratch.take_name(path, is_new=False)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):  # the folder, or the owner
            return False
        raise
    return True


def _copy_attributes(old: int, new: int) -> bool:
    """Give *new* the extended attributes of *old*, ACLs among them; false where one cannot be given."""
    try:
        names = os.listxattr(old)
    except OSError:  # a file system without any
        return True
    for name in names:
        with contextlib.suppress(OSError):
            value = os.getxattr(old, name)
            with contextlib.suppress(OSError):
                os.setxattr(new, name, value)
            if os.getxattr(new, name) == value:  # also where the system has given it by itself
                continue
        return False
    return True


def _overwrite(file: int, before: bytes, data: bytes) -> None:
    """Write *data* over *before*, which *file* holds."""
    try:
        if len(data) > len(before):
            os.posix_fallocate(file, 0, len(data))  # so that a full disk is met while nothing is changed
        _write_all(file, data)
        os.ftruncate(file, len(data))
        os.fsync(file)
    except OSError:
        with contextlib.suppress(OSError):
            _write_all(file, before)
        with contextlib.suppress(OSError):
            os.ftruncate(file, len(before))
        raise


def _read(file: int) -> bytes:
    data = bytearray()
    while part := os.pread(file, 1 << 20, len(data)):
        data += part
    return bytes(data)


def _write_all(file: int, data: bytes) -> None:
    left, at = memoryview(data), 0
    while left:
        count = os.pwrite(file, left, at)
        left, at = left[count:], at + count


def _lock(file: int) -> None:
    """Wait until no other btfview writes the file; file systems that know no locks have none."""
    import fcntl

    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
        except OSError:
            return
        else:
            return


class _Scratch:
    """A file that is being made; it has a name of its own only where the system cannot do without."""

    __slots__ = ("fd", "folder", "name")

    def __init__(self, fd: int, folder: str, name: str) -> None:
        self.fd = fd
        self.folder = folder
        self.name = name

    def write(self, data: bytes, *, is_synced: bool) -> None:
        _write_all(self.fd, data)
        if is_synced:
            os.fsync(self.fd)

    def take_name(self, path: str, *, is_new: bool) -> None:
        """Be the file *path* from now on; where it *is_new*, nothing may be there."""
        if is_new:
            self._link(path)
            return
        if not self.name:
            name = _scratch_name(self.folder)
            self._link(name)
            self.name = name
        os.replace(self.name, path)
        self.name = ""

    def _link(self, path: str) -> None:
        if not self.name:
            # With a folder given, which an absolute path has no use for, Python asks for the link's target.
            os.link(f"/proc/self/fd/{self.fd}", path, src_dir_fd=self.fd, follow_symlinks=True)
            return
        try:
            os.link(self.name, path)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS) or os.path.lexists(path):
                raise
            os.rename(self.name, path)  # a file system without hard links
            self.name = ""


@contextlib.contextmanager
def _scratch(path: str, mode: int) -> Iterator[_Scratch]:
    """Give a new empty file in the folder of *path*; it is gone after, unless it has taken a name."""
    folder = os.path.dirname(path) or "."
    name = ""
    try:
        fd = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, mode)
        if not os.path.exists(f"/proc/self/fd/{fd}"):
            os.close(fd)
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
            raise
        name = _scratch_name(folder)
        fd = os.open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, mode)
    scratch = _Scratch(fd, folder, name)
    try:
        yield scratch
    finally:
        os.close(fd)
        if scratch.name:
            with contextlib.suppress(OSError):
                os.unlink(scratch.name)


def _scratch_name(folder: str) -> str:
    """Return a name that nothing has; that of the file is no part of it, as that may be as long as can be."""
    return os.path.join(folder, f".btfview-{os.getpid()}-{os.urandom(4).hex()}")
