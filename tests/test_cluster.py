"""A real scheduler and two worker processes on loopback: they say what one process says."""

from __future__ import annotations

import json
import lzma
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from btfview import cluster as module
from btfview.analysis.analyse import prepare
from btfview.analysis.by_kernel.ask import ask_kernel
from btfview.analysis.by_kernel.ask_all import ask_all
from btfview.analysis.by_kernel.on_cluster import answer
from btfview.atlas.read import Atlas
from btfview.checks.find import CheckTask, find
from btfview.checks.on_cluster import find_on_cluster
from btfview.checks.settings import CheckSettings
from btfview.cli.main import main
from btfview.cluster import Cluster
from btfview.compiler.options import CompileOptions
from btfview.core_relo.loaders.names import LIBBPF
from btfview.demands.asked import Loading
from btfview.errors import InputError, UsageError
from btfview.targets.find import open_target
from btfview.targets.sent import NotThereError, received, sent_target
from btfview.targets.target import Target
from tests.cluster_work import die_once, end_scheduler
from tests.paths import DEMO, ROOT

KERNELS = ("5.10.0-46-amd64", "6.1.0-56-amd64", "7.2.13+deb14-amd64")
SOURCES = [str(DEMO / "renamed_field.rs"), str(DEMO / "task_state.rs")]


def need_extra() -> None:
    try:
        import distributed  # noqa: F401
        import joblib  # noqa: F401
    except ImportError as error:
        if os.environ.get("BTFVIEW_CI"):
            raise
        pytest.skip(f"needs {error.name}: pip install 'btfview[cluster]'")


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """Address and process of a scheduler with two workers."""
    need_extra()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    address = f"127.0.0.1:{port}"
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    plain = ["--no-dashboard", "--host", "127.0.0.1"]
    lines = [["dask_scheduler", "--port", port, *plain]]
    lines += [["dask_worker", address, "--nthreads", "2", "--no-nanny", *plain]] * 2
    started = []
    with (tmp_path / "log").open("wb") as log:
        try:
            for command, *options in lines:
                words = [sys.executable, "-m", f"distributed.cli.{command}", *options]
                started.append(subprocess.Popen(words, cwd=tmp_path, env=environ, stdout=log, stderr=log))
            yield address, started[0].pid
        finally:
            for one in started:
                one.kill()
            for one in started:
                one.wait()


def told(*words: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    targets = [word for name in KERNELS for word in ("-t", name)] if "-t" not in words else []
    code = main(["check", *words, *targets, "--json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["exit_code"] == code
    return found


@pytest.fixture
def programs(tmp_path: Path) -> list[str]:
    """Two objects."""
    paths = [str(tmp_path / f"{number}.o") for number in range(2)]
    for source, path in zip(SOURCES, paths, strict=True):
        assert main(["compile", source, "-o", path]) == 0
    return paths


def test_processes_and_a_cluster_say_what_one_process_says(
    scheduler: tuple[str, int],
    programs: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As one process, as two, a run a program (as xargs does), a run a kernel, and on a cluster; also where a
    worker is lost in the middle. A scheduler that is lost is told."""
    monkeypatch.setattr(module, "WAIT_SECONDS", 60)
    monkeypatch.setattr("btfview.analysis.by_kernel.ask_all._LEAST_UNITS", 1)
    address, pid = scheduler
    here = told(*programs, "-j", "1", capsys=capsys)
    assert any(file["findings"] for file in here["files"])
    assert told(*programs, "-j", "2", capsys=capsys) == here
    alone = [told(program, capsys=capsys) for program in programs]
    assert [file for one in alone for file in one["files"]] == here["files"]
    each = [told(*programs, "-t", name, capsys=capsys) for name in KERNELS]
    assert [target for one in each for target in one["targets"]] == here["targets"]
    for number, file in enumerate(here["files"]):
        assert [verdict for one in each for verdict in one["files"][number]["verdicts"]] == file["verdicts"]
    with Cluster(address) as cluster:
        cluster._client.wait_for_workers(2, timeout=60)
    with monkeypatch.context() as patch:  # hints, too, are made by the workers
        patch.setattr(Target, "read", lambda *_: pytest.fail("a target is opened here"))
        assert told(*programs, "--scheduler", address, capsys=capsys) == here

    packed = tmp_path / "6.1.0-56-amd64.btf.xz"
    packed.write_bytes(lzma.compress(open_target(KERNELS[1]).btf.data, preset=0))
    for name, options in (("here", []), ("there", ["--scheduler", address])):
        assert main(["atlas", "build", str(packed), "-o", str(tmp_path / f"{name}.atlas"), *options]) == 0
    assert main(["check", SOURCES[0], "-t", str(tmp_path / "here.atlas"), "--scheduler", address]) == 1
    assert "kernels of an atlas share their answers: all are asked here" in capsys.readouterr().err
    atlases = [Atlas(str(tmp_path / f"{name}.atlas")) for name in ("here", "there")]
    assert atlases[0].btf_bytes(atlases[0].kernels[0].id) == atlases[1].btf_bytes(atlases[1].kernels[0].id)

    with Cluster(address) as cluster:
        found = cluster.run(die_once, [(part, str(tmp_path / "died")) for part in range(6)])
        assert [part for part, _ in found] == [0, 2, 4, 6, 8, 10]
        assert len(cluster._client.scheduler_info()["workers"]) == 1
        with pytest.raises(InputError, match=r"the scheduler .* was lost") as lost:
            cluster.run(end_scheduler, [(pid,)] * 2)
        assert lost.value.exit_code == 3


@pytest.mark.parametrize("address", ["", "host", "host:", ":1", "host:port", "file:///x:1"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(UsageError, match="give HOST:PORT"):
        Cluster(address)


def test_a_scheduler_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    need_extra()
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.2)
    with socket.socket() as taken:  # nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert main(["check", SOURCES[0], "-t", KERNELS[0], "--scheduler", address]) == 3
    assert f"no Dask scheduler answers at {address}" in capsys.readouterr().err


def test_without_the_extra_it_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "joblib", None)
    assert main(["check", SOURCES[0], "-t", KERNELS[0], "--scheduler", "127.0.0.1:1"]) == 2
    assert "pip install 'btfview[cluster]'" in capsys.readouterr().err


class OtherWorkers:
    """A client whose worker has another btfview."""

    def wait_for_workers(self, *_: object, **__: object) -> None:
        pass

    def run_on_scheduler(self, work: Any) -> tuple[str, str]:
        found: tuple[str, str] = work()
        return found

    def run(self, _: object) -> dict[str, tuple[str, str]]:
        return {"tcp://10.0.0.7:9000": ("0.0.1", module.versions()[1])}


def test_a_worker_with_another_version_is_named() -> None:
    one = object.__new__(Cluster)
    one._address, one._client = "10.0.0.1:8786", OtherWorkers()
    with pytest.raises(UsageError, match=r"tcp://10\.0\.0\.7:9000 has 0\.0\.1"):
        one._meet_workers()


def test_a_kernel_that_a_worker_has_not_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "6.1.0-56-amd64.btf"
    path.write_bytes(open_target(KERNELS[1]).btf.data)
    target = open_target(str(path))
    by_path, whole = sent_target(target), sent_target(target, is_with_content=True)
    with received(by_path) as (there, _):
        assert there.path == str(path)
    compiled = tmp_path / "a.o"
    assert main(["compile", SOURCES[0], "-o", str(compiled)]) == 0
    data, loading = compiled.read_bytes(), Loading()
    question = prepare(str(compiled), checks_reads=True, loading=loading).question
    assert question is not None
    here = ask_kernel([question], target)
    path.write_bytes(b"another")
    with pytest.raises(NotThereError), received(by_path):
        pass
    objects = ((str(compiled), data),)
    assert answer(objects, "digest", by_path, (0,), loading) is None
    assert answer(objects, "digest", whole, (0,), loading) == here
    broken = sent_target(open_target(str(path)), is_with_content=True)
    said = answer(objects, "digest", broken, (0,), loading)
    assert said is not None
    assert isinstance(said[0], str)
    assert said[0].startswith(f"{path}: ")


class Apart:
    """A cluster whose workers have nothing but what they are sent; as bytes, as to another process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.tries = 0

    def run(self, work: Any, parts: Any, shared: Any) -> list[Any]:
        sent = pickle.dumps(list(parts))
        self.tries += 1
        self._folder.rename(self._folder.with_name("away"))
        try:
            return [work(*part) for part in pickle.loads(sent)]
        finally:
            self._folder.with_name("away").rename(self._folder)


def test_hints_are_made_where_no_kernel_is_and_say_the_same(tmp_path: Path, programs: list[str]) -> None:
    """Each kernel that a hint needs is sent with its content, once a worker has said that it has it not."""
    folder = tmp_path / "kernels"
    folder.mkdir()
    for name in KERNELS:
        (folder / f"{name}.btf").write_bytes(open_target(name).btf.data)
    targets = [open_target(str(folder / f"{name}.btf")) for name in KERNELS]
    task = CheckTask(CheckSettings(), CompileOptions(), Loading(), LIBBPF, None, wants_hints=True, jobs=1)
    files = [
        prepare(path, targets, checks_reads=True, loading=task.loading) for path in (*programs, SOURCES[0])
    ]
    here = [find(one, task) for one in ask_all(files, 1, task.loading)]
    assert any(hints for _, hints in here)
    analyses = ask_all(files, 1, task.loading)
    for target in targets:
        target.forget()
    workers: Any = Apart(folder)
    assert find_on_cluster(workers, analyses, task) == here
    assert 1 < workers.tries <= len(KERNELS) + 1
