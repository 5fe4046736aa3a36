"""Work shared out over the workers of a Dask cluster, by joblib (the extra ``btfview[cluster]``).

What a worker had not finished when it was lost another does again (Dask); a scheduler that is lost ends the
command, and nothing was written by then. A scheduler is trusted: what it and its workers send is unpickled.
"""

from __future__ import annotations

import os
import sys

from . import __version__
from .errors import InputError, UsageError
from .frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Any, Self, TypeVar

    _Answer = TypeVar("_Answer")

WAIT_SECONDS = 10
"""For a scheduler to answer, and for it to have a worker."""
_EXTRA = "pip install 'btfview[cluster]'"
_SCHEMES = ("tcp", "tls", "ucx", "ws", "wss")


class Cluster:
    """A scheduler with its workers; a context manager."""

    def __init__(self, address: str) -> None:
        """Connect to the scheduler at *address* (``HOST:PORT``, ``tls://HOST:PORT``).

        Raises:
            UsageError: it is no address, a package is missing, or a worker has another btfview.
            InputError: nobody answers, or there is no worker.
        """
        self._address = _checked_address(address)
        try:
            import joblib  # noqa: F401  asked for before anything is sent
            from distributed import Client
        except ImportError as error:
            raise UsageError(f"--scheduler needs the package {error.name}: {_EXTRA}") from error
        import logging

        # What goes wrong is told in a line; Dask has given each of its loggers a level.
        for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            connect: Any = Client
            self._client: Any = connect(address, timeout=WAIT_SECONDS, set_as_default=True)
        except (OSError, ValueError, TypeError) as error:
            raise InputError(
                f"no Dask scheduler answers at {address}: {_reason(error)}",
                hint="dask scheduler begins one, dask worker ADDRESS joins it",
            ) from error
        try:
            self._meet_workers()
        except BaseException:
            self._client.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close(timeout=1)

    def _meet_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=WAIT_SECONDS)
            # The scheduler reads what is sent, too, and where it cannot, joblib waits for ever.
            found: dict[str, tuple[str, str]] = {"the scheduler": self._client.run_on_scheduler(versions)}
            found |= self._client.run(versions)
        except TimeoutError as error:
            hint = f"dask worker {self._address}"
            raise InputError(f"the scheduler {self._address} has no worker", hint=hint) from error
        except ImportError as error:
            raise UsageError(
                f"the scheduler {self._address} or a worker has not the package {error.name}: {_EXTRA} there"
            ) from error
        except Exception as error:
            raise self._lost(error) from error
        others = sorted(
            f"{worker} has {version}" for worker, (version, _) in found.items() if version != __version__
        )
        if others:
            raise UsageError(
                f"the cluster has another btfview than this one, {__version__}: {', '.join(others)}"
            )
        pythons = sorted(
            f"{worker} {python}" for worker, (_, python) in found.items() if python != versions()[1]
        )
        if pythons:
            message = f"note: the cluster has another Python than {versions()[1]}: {', '.join(pythons)}"
            print(f"btfview: {message}", file=sys.stderr)

    def run(
        self, work: Callable[..., _Answer], parts: Iterable[tuple[Any, ...]], shared: Any = None
    ) -> list[_Answer]:
        """Return what *work*, a function of a module, makes of each of *parts*, its arguments, in order;
        *shared* is one of them that is sent once to each worker.

        Raises:
            InputError: the scheduler is lost.
        """
        import joblib

        options = {} if shared is None else {"scatter": [shared]}
        try:
            with joblib.parallel_config(backend="dask", wait_for_workers_timeout=WAIT_SECONDS, **options):
                found: list[_Answer] = joblib.Parallel(batch_size=1)(
                    joblib.delayed(work)(*part) for part in parts
                )
        except (KeyboardInterrupt, InputError, UsageError):
            raise
        except Exception as error:
            if _is_of_dask(error):
                raise self._lost(error) from error
            raise
        return found

    def _lost(self, error: Exception) -> InputError:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        hint = "give the same command again: what was finished is kept"
        return InputError(f"the scheduler {self._address} was lost: {said}", hint=hint)


def _is_of_dask(error: Exception) -> bool:
    """Tell whether it is the cluster that failed, not the work."""
    module = type(error).__module__.partition(".")[0]
    return module in ("distributed", "dask", "tornado", "asyncio", "concurrent") or isinstance(error, OSError)


def versions() -> tuple[str, str]:
    """Return the versions of btfview and of Python; on a worker, its own."""
    return __version__, f"{sys.version_info[0]}.{sys.version_info[1]}"


def _checked_address(address: str) -> str:
    """
    >>> _checked_address("tcp://10.0.0.1:8786"), _checked_address("host:8786")
    ('tcp://10.0.0.1:8786', 'host:8786')
    """
    scheme, colons, rest = address.partition("://")
    host, colon, port = (rest if colons else address).rpartition(":")
    if (colons and scheme not in _SCHEMES) or not host or not colon or not port.isdecimal():
        raise UsageError(f"--scheduler {address}: give HOST:PORT, or tls://HOST:PORT")
    return address


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"not within {WAIT_SECONDS} s"
    return (str(error).splitlines() or [os.strerror(getattr(error, "errno", 0) or 0)])[0]
