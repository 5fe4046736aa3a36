"""Everything btfview raises for its own reasons, with the exit code each becomes.

::

    BtfviewError                 70  (never raised itself)
    ├── UsageError                2  an option or argument makes no sense
    │   └── ConfigurationError       nor does what a project's configuration says
    ├── InputError                3  a file cannot be read at all
    │   ├── UnreadableFileError      missing, a directory, no permission
    │   ├── FileChangedError         not what it was when it was read
    │   ├── BtfFormatError           .BTF or .BTF.ext is damaged
    │   ├── ObjectFormatError        not an ELF file, or not a BPF object
    │   ├── TargetError              a target holds no usable BTF, or its name is unknown
    │   └── DamagedTargetsError          or turns out damaged later on (in analysis/resolve_on.py)
    ├── CompilerError             4  the compiler could not be run (what is wrong with a
    │                                *program* is a Diagnostic, not an exception)
    └── RecordingError           70  the screen that is recorded ended (in recording/record_screen.py)

A relocation that fails is an outcome (:mod:`btfview.core_relo.outcome`), not an exception.
"""

from __future__ import annotations

EXIT_FINE, EXIT_FINDINGS, EXIT_USAGE, EXIT_UNREADABLE, EXIT_NOT_COMPILED, EXIT_INTERNAL = 0, 1, 2, 3, 4, 70
"""What a command ends with; of several the highest."""


def error_text(error: Exception) -> str:
    """Return what a user is told of *error*: the words of a :class:`BtfviewError`; any other is a fault of
    btfview, and told as one.

    >>> error_text(ZeroDivisionError("division by zero"))
    'internal error: ZeroDivisionError: division by zero'
    """
    if isinstance(error, BtfviewError):
        return str(error)
    return f"internal error: {type(error).__name__}: {error}"


def reason_of(error: OSError | ValueError) -> str:
    """Return why the operating system, or Python before it, refused a path, to stand behind that path.

    >>> reason_of(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    """
    if "embedded null" in str(error):  # in other words in each version of Python
        return "the name holds a null byte"
    return (getattr(error, "strerror", None) or str(error)).lower()


class BtfviewError(Exception):
    """Base of the tree. ``str(error)`` is one line that a user can act on."""

    exit_code = EXIT_INTERNAL


class UsageError(BtfviewError):
    exit_code = EXIT_USAGE


class ConfigurationError(UsageError):
    """A project's configuration, the file *path*, says something wrong in *line* (from 1; 0: not known)."""

    def __init__(self, problem: str, *, path: str, line: int = 0) -> None:
        self.problem = problem
        self.path = path
        self.line = line
        super().__init__(f"{path}{f':{line}' if line else ''}: {problem}")


class InputError(BtfviewError):
    """*path* cannot be used because of *problem*."""

    exit_code = EXIT_UNREADABLE

    def __init__(self, problem: str, *, path: str | None = None, hint: str | None = None) -> None:
        self.problem = problem
        self.path = path
        self.hint = hint
        super().__init__(problem)

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{where}{self.problem}{hint}"


class UnreadableFileError(InputError):
    """The operating system refused the file."""


class FileChangedError(InputError):
    """The file is not what it was when it was read, so it is not written."""


class BtfFormatError(InputError):
    """``.BTF`` or ``.BTF.ext`` data breaks the format at *offset* (bytes into *section*)."""

    def __init__(
        self, problem: str, *, section: str = ".BTF", offset: int | None = None, path: str | None = None
    ) -> None:
        self.section = section
        self.offset = offset
        place = section if offset is None else f"{section} offset {offset}"
        super().__init__(f"{place}: {problem}", path=path)


class ObjectFormatError(InputError):
    """The file is not an ELF file, or not one that holds BPF."""


class TargetError(InputError):
    """A target has no BTF, is of no known form, or its name is unknown."""


class CompilerError(BtfviewError):
    """The compiler process could not be started or did not answer."""

    exit_code = EXIT_NOT_COMPILED
