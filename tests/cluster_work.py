"""What workers of a cluster are given to do in tests."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path


def die_once(part: int, marker: str) -> tuple[int, int]:
    """End the worker that is the first to come here; return what another makes of *part*, and who it is."""
    if part == 1 and not Path(marker).exists():
        Path(marker).touch()
        os._exit(9)
    return part * 2, os.getpid()


def end_scheduler(pid: int) -> int:
    with suppress(ProcessLookupError):  # the other one was faster
        os.kill(pid, signal.SIGKILL)
    time.sleep(60)  # the test ends it before: nothing comes of what is sent now
    return pid
