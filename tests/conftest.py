"""What tests need of the machine: kernels, tools, the shared corpus; and what happens where it is absent.

A test marked ``kernel``, ``debian_tool``, ``shared``, ``rustc``, ``crates`` or ``judge`` is skipped with a
reason on a machine that lacks it. With ``BTFVIEW_CI=1`` such a skip is a failure: there the machine must have
everything.
"""

from __future__ import annotations

import lzma
import os
import shutil
import subprocess
from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path

import hypothesis
import pytest

from tests.paths import DEMO, ROOT
from tests.rustc import IS_WRITING, WRITTEN, Rustc, why_no_rustc

SHARED = Path(os.environ.get("BTFVIEW_SHARED", ROOT.parent / "shared"))
RUNNING_KERNEL = Path("/sys/kernel/btf/vmlinux")
IS_CI = os.environ.get("BTFVIEW_CI") == "1"
DEBIAN_TOOLS = ("bpftool", "clang-19", "llvm-objdump-19", "pahole", "tmux")
# Tests leave nothing in the user's cache directory; those of the cache have their own.
os.environ["BTFVIEW_CACHE"] = "0"
# And they know nothing of the user's configuration.
os.environ["XDG_CONFIG_HOME"] = "/dev/null/none"  # root could make any other; go and chromium would
# A loaded machine is no bug; and in CI the same commit gives the same result.
hypothesis.settings.register_profile("btfview", deadline=None, derandomize=IS_CI)
hypothesis.settings.load_profile("btfview")
_MARKS = ("kernel", "debian_tool", "shared", "rustc", "crates", "judge")
_MARK_OF_FIXTURE = {"shared": "shared", "kernel_btf": "shared"}


@cache
def why_no_kernel() -> str | None:
    if os.geteuid():
        return "needs root"
    if not RUNNING_KERNEL.exists():
        return f"this kernel has no {RUNNING_KERNEL}"
    if shutil.which("bpftool") is None:
        return "needs bpftool"
    shown = subprocess.run(["bpftool", "prog", "show"], capture_output=True, text=True)
    return f"this kernel refuses bpf(): {shown.stderr.strip()}" if shown.returncode else None


def why_no_tools(tools: tuple[str, ...]) -> str | None:
    missing = [tool for tool in tools or DEBIAN_TOOLS if shutil.which(tool) is None]
    return f"needs {', '.join(missing)} (Debian packages)" if missing else None


def why_no_shared() -> str | None:
    is_there = (SHARED / "corpus").is_dir() and (SHARED / "btf").is_dir()
    return None if is_there else f"no corpus at {SHARED} (or where BTFVIEW_SHARED points)"


@cache
def why_no_crates() -> str | None:
    """Return why the crates of ``demo/aya`` are not to be had; None where they are, or can be fetched."""
    command = ["cargo", "fetch", "--locked", "--quiet", "--manifest-path", str(DEMO / "aya" / "Cargo.toml")]
    try:  # cargo has rustc read its standard input, which in a worker of xdist is xdist's own
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"cargo cannot fetch crates: {error}"
    return None if done.returncode == 0 else f"crates.io is not to be reached: {done.stderr.strip()[-600:]}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in _MARK_OF_FIXTURE:
                item.add_marker(_MARK_OF_FIXTURE[fixture])
    if IS_WRITING:
        items[:] = [item for item in items if _asks_rustc(item)]


def _asks_rustc(item: pytest.Item) -> bool:
    return "rustc" in getattr(item, "fixturenames", ()) or item.get_closest_marker("rustc") is not None


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if IS_WRITING and exitstatus == 0:  # of a run in which a test failed, nothing is kept
        config = session.config
        is_chosen = (
            config.args_source is config.ArgsSource.ARGS or config.option.keyword or config.option.markexpr
        )
        WRITTEN.store(is_whole=not is_chosen)


def pytest_runtest_setup(item: pytest.Item) -> None:
    reasons = []
    if item.get_closest_marker("kernel"):
        reasons.append(why_no_kernel())
    if item.get_closest_marker("shared"):
        reasons.append(why_no_shared())
    if item.get_closest_marker("rustc"):
        reasons.append(why_no_rustc())
    if item.get_closest_marker("crates"):
        reasons.append(why_no_rustc() or why_no_crates())
    tools = tuple(tool for mark in item.iter_markers("debian_tool") for tool in mark.args)
    if item.get_closest_marker("debian_tool"):
        reasons.append(why_no_tools(tools))
    for reason in reasons:
        if reason:
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a marked test into a failure in CI, wherever in the test it was decided."""
    report = yield
    is_marked = _asks_rustc(item) or any(item.get_closest_marker(mark) for mark in _MARKS)
    if (IS_CI or IS_WRITING) and is_marked and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        where = "in CI" if IS_CI else "where expectations are made"
        report.longrepr = f"{item.nodeid} must not be skipped {where}: {reason}"
    return report


@pytest.fixture(scope="session")
def shared() -> Path:
    """The project's shared directory: ``btf/`` with whole kernels, ``corpus/`` with objects and truth."""
    reason = why_no_shared()
    if reason:
        pytest.skip(reason)
    return SHARED


@pytest.fixture(scope="session")
def kernel_btf(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A function from a name of ``shared/btf`` (``"6.1.0-56-amd64"``) to the path of its raw BTF."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # one for all workers
    folder /= "kernels"
    folder.mkdir(exist_ok=True)

    def decompressed(name: str) -> Path:
        path = folder / f"{name}.btf"
        if not path.exists():
            part = folder / f"{name}.{os.getpid()}.part"
            part.write_bytes(lzma.decompress((shared / "btf" / f"{name}.btf.xz").read_bytes()))
            part.replace(path)
        return path

    return decompressed


@pytest.fixture(scope="session")
def running_kernel() -> Path:
    """The BTF of the kernel the tests run on."""
    if not RUNNING_KERNEL.exists():
        pytest.skip(f"this kernel has no {RUNNING_KERNEL}")
    return RUNNING_KERNEL


@pytest.fixture
def rustc(request: pytest.FixtureRequest) -> Rustc:
    """What rustc says; see :mod:`tests.rustc`."""
    return Rustc(request.node.name)
