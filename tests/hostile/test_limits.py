"""Whatever a file asks for, every command that takes it ends within 2 s and 512 MB, with what it found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from btfview.cli.commands import COMMANDS
from tests.hostile.containers import CONTAINERS
from tests.hostile.limits import Commands, assert_ended, commands
from tests.hostile.objects import BTFS, OBJECTS
from tests.paths import DEMO

# Processor time is what is held; a busy machine takes more of the clock.
pytestmark = pytest.mark.timeout(600)

KERNEL = "6.1.0-56-amd64"
COMMANDS_ON_OBJECTS = (
    ("relos", "{}", "-t", KERNEL),
    ("relos", "{}", "--json"),
    ("check", "{}", "-t", KERNEL),
    ("disasm", "{}", "-t", KERNEL),
    ("explain", "{}", "task_struct", "-t", KERNEL),
    ("diff", "{}", "{other}"),
    ("diff", "{}", KERNEL, "task_struct"),
    ("types", "{}"),
    ("types", "{}", "task_struct", "-E"),
    ("types", "{}", "--format", "c"),
    ("types", "{}", "--format", "json"),
    ("extract", "{}", "-o", "{out}"),
    ("extract", "{}", "--object", "1", "-o", "{out}"),
    ("patch", "{}", "-t", KERNEL, "-o", "{out}"),
    ("minimize", "{}", "-t", KERNEL, "-o", "{out}"),
    ("demands", "{}", "-t", KERNEL),
    ("verify", "{}"),
    ("compile", "{}", "-o", "{out}"),
    ("report", "{}", "-t", KERNEL, "-o", "{out}"),
    ("fix", "{}", "-t", KERNEL),
    ("{}",),
)
COMMANDS_ON_TARGETS = (
    ("relos", "{demo}", "-t", "{}"),
    ("targets", "{}"),
    ("check", "{demo}", "-t", "{}"),
    ("check", "{demo}", "-t", KERNEL, "--kconfig", "{}"),
    ("demands", "{demo}", "-t", "{}"),
    ("disasm", "{demo}", "-t", "{}"),
    ("explain", "{demo}", "--relo", "0", "-t", "{}"),
    ("patch", "{demo}", "-t", "{}", "-o", "{out}"),
    ("minimize", "{demo}", "-t", "{}", "-o", "{out}", "--demands", "--loader", "all"),
    ("types", KERNEL, "-B", "{}"),
    ("diff", KERNEL, KERNEL, "--for", "{}"),
    ("types", "{}"),
    ("types", "{}", "task_struct"),
    ("types", "{}", "nothing_of_that_name"),
    ("types", "{}", "--format", "c"),
    ("types", "{}", "--format", "json", "--all", "-E"),
    ("types", "{}", "--all", "-E"),
    ("diff", KERNEL, "{}", "task_struct"),
    ("bindings", "task_struct.pid", "-t", "{}", "-o", "{out}"),
    ("report", "{demo}", "-t", "{}", "-o", "{out}"),
    ("fix", "{demo}", "-t", "{}"),
    ("check", "{demo}", "-t", KERNEL, "--baseline", "{}"),
    ("check", "{demo}", "-t", KERNEL, "--config", "{}"),
    ("config", "validate", "{}"),
    ("atlas", "build", "{}", "-o", "{out}"),
    ("atlas", "list", "{}"),
    ("atlas", "verify", "{}"),
    ("extract", "{}", "-o", "{out}"),
)


COMMANDS_ON_CONTAINERS = (("relos", "{demo}", "-t", "{}"), ("targets", "{}"), ("types", "{}"))
"""All commands come to a target by the same way; these are what goes on from there."""
NOTHING_TO_READ = {"cache", "demo", "keys", "doctor", "completion", "rule", "schema"}
ON_THE_SCREEN = {"play", "record", "serve"}
"""They open the screen, and so does :mod:`.test_screen`."""


def test_every_command_that_reads_a_file_is_run() -> None:
    run = {command for command, *_ in (*COMMANDS_ON_OBJECTS, *COMMANDS_ON_TARGETS)} - {"{}"}
    assert run | NOTHING_TO_READ | ON_THE_SCREEN == COMMANDS.keys()


def run_all(btfview: Commands, lines: tuple[tuple[str, ...], ...], path: Path, demo: Path) -> None:
    other = path.with_name("other.o")
    if not other.exists():
        os.link(path, other)
    for line in lines:
        words = [word.format(path, other=other, out=path.with_name("out"), demo=demo) for word in line]
        path.with_name("out").unlink(missing_ok=True)
        assert_ended(btfview.run(*words), " ".join(words))


@pytest.fixture(scope="session")
def demo_object(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from btfview.cli.main import main

    path = tmp_path_factory.mktemp("demo") / "sched.o"
    assert main(["compile", str(DEMO / "sched.rs"), "-o", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def btfview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    with commands(tmp_path_factory.mktemp("said")) as made:
        yield made


@pytest.mark.parametrize("name", OBJECTS)
def test_objects(name: str, tmp_path: Path, demo_object: Path, btfview: Commands) -> None:
    path = tmp_path / "hostile.o"
    path.write_bytes(OBJECTS[name]())
    run_all(btfview, COMMANDS_ON_OBJECTS, path, demo_object)


@pytest.mark.parametrize("name", BTFS)
def test_btf(name: str, tmp_path: Path, demo_object: Path, btfview: Commands) -> None:
    path = tmp_path / "hostile.btf"
    path.write_bytes(BTFS[name]())
    run_all(btfview, COMMANDS_ON_TARGETS, path, demo_object)


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers(name: str, tmp_path: Path, demo_object: Path, btfview: Commands) -> None:
    path = tmp_path / "hostile.xz"
    path.write_bytes(CONTAINERS[name]())
    run_all(btfview, COMMANDS_ON_CONTAINERS, path, demo_object)


@pytest.mark.parametrize("name", ["anontree.o", "ldimm64_cut.o"])
def test_cases(name: str, shared: Path, tmp_path: Path, demo_object: Path, btfview: Commands) -> None:
    path = tmp_path / name
    path.write_bytes((shared / "cases" / "robust" / name).read_bytes())
    run_all(btfview, COMMANDS_ON_OBJECTS, path, demo_object)


@pytest.mark.parametrize("size", [1 << 30, 2 << 30, 1 << 40], ids=["1-GiB", "2-GiB", "1-TiB"])
def test_sparse_files(size: int, tmp_path: Path, demo_object: Path, btfview: Commands) -> None:
    path = tmp_path / "sparse.o"
    path.touch()
    os.truncate(path, size)
    source = tmp_path / "sparse.rs"
    os.link(path, source)
    run_all(btfview, COMMANDS_ON_OBJECTS[:6] + COMMANDS_ON_TARGETS, path, demo_object)
    for words in (
        ("explain", demo_object, "--log", path),
        ("record", DEMO / "sched.rs", "--keys", f"@{path}", "-o", tmp_path / "out.cast"),
        ("compile", source, "-o", tmp_path / "out.o"),
    ):
        ended = btfview.run(*words)
        assert_ended(ended, str(words))
        assert ended.code == 3
        assert "MiB" in ended.stderr


@pytest.mark.parametrize("kind", ["device", "named-pipe"])
def test_what_has_no_end(kind: str, tmp_path: Path, demo_object: Path, btfview: Commands) -> None:
    path = tmp_path / "input.o"
    if kind == "device":
        os.symlink("/dev/zero", path)
    else:
        os.mkfifo(path)
    os.link(demo_object, tmp_path / "other.o")
    source = tmp_path / "input.rs"
    os.symlink(path, source)
    run_all(btfview, COMMANDS_ON_OBJECTS[:6] + COMMANDS_ON_TARGETS, path, demo_object)
    for words in (
        ("explain", demo_object, "--log", path),
        ("record", DEMO / "sched.rs", "--keys", f"@{path}", "-o", tmp_path / "out.cast"),
        ("extract", path, "--object", "1", "-o", tmp_path / "out"),
        ("compile", source, "-o", tmp_path / "out.o"),
    ):
        ended = btfview.run(*words)
        assert_ended(ended, str(words))
        assert ended.code == 3
        assert "is a named pipe" in ended.stderr or "is not a file" in ended.stderr
