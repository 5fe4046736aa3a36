"""The cache gives back what was put in, or nothing; it never fails and never grows past its limit."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from btfview.errors import UsageError
from btfview.targets import cache
from btfview.targets.open import read_btf_file
from btfview.targets.sections import BtfSections
from btfview.targets.unpacking import unpack
from tests.targets.samples import COMPRESSORS, MIDDLE, SMALL, bzimage, elf_file, noise, plain_image, write

KEY = "0" * 64


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache's directory in this test; not made yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("BTFVIEW_CACHE", raising=False)
    return tmp_path / "cache" / "btfview"


@pytest.fixture
def slow_file(tmp_path: Path) -> str:
    """A file that is worth caching: more than 128 KiB of xz."""
    return write(
        tmp_path / "k.btf.xz", COMPRESSORS["xz"](elf_file({".data": noise(200_000), ".BTF": MIDDLE}))
    )


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were unpacked, one entry each time."""
    found: list[str] = []
    real = unpack.unpack_btf

    def counting(data: bytes, path: str) -> BtfSections:
        found.append(path)
        return real(data, path)

    monkeypatch.setattr(unpack, "unpack_btf", counting)
    return found


def test_a_second_opening_does_not_unpack(slow_file: str, unpacked: list[str], folder: Path) -> None:
    assert [read_btf_file(slow_file).data for _ in range(3)] == [MIDDLE] * 3
    assert len(unpacked) == 1
    (entry,) = folder.iterdir()
    # sha256sum(1) of the file is the name.
    digest = subprocess.run(["sha256sum", slow_file], capture_output=True, text=True, check=True).stdout[:64]
    assert entry.name == f"{digest}.btf"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_key_is_the_content_not_the_path(slow_file: str, unpacked: list[str], tmp_path: Path) -> None:
    read_btf_file(slow_file)
    copy = write(tmp_path / "other name", Path(slow_file).read_bytes())
    assert read_btf_file(copy).data == MIDDLE
    assert len(unpacked) == 1
    changed = elf_file({".data": noise(200_000), ".BTF": SMALL})
    write(Path(slow_file), COMPRESSORS["xz"](changed))
    assert read_btf_file(slow_file).data == SMALL


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:-1], id="cut-short"),
        pytest.param(lambda data: data[:10], id="header-cut-short"),
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data + b"\0", id="longer"),
        pytest.param(lambda data: data[:500] + bytes([data[500] ^ 1]) + data[501:], id="a-bit"),
        pytest.param(lambda data: b"x" + data[1:], id="magic"),
    ],
)
def test_a_damaged_entry_is_replaced(
    damage: object, slow_file: str, unpacked: list[str], folder: Path
) -> None:
    read_btf_file(slow_file)
    (entry,) = folder.iterdir()
    entry.write_bytes(damage(entry.read_bytes()))  # type: ignore[operator]
    assert read_btf_file(slow_file).data == MIDDLE
    assert len(unpacked) == 2
    assert read_btf_file(slow_file).data == MIDDLE
    assert len(unpacked) == 2


def test_zero_turns_it_off(
    slow_file: str, unpacked: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BTFVIEW_CACHE", "0")
    assert [read_btf_file(slow_file).data for _ in range(2)] == [MIDDLE] * 2
    assert len(unpacked) == 2
    assert not folder.exists()


@pytest.mark.parametrize("text", ["yes", "-1", "1.5", "512MB"])
def test_a_limit_that_is_no_number_is_a_usage_error(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BTFVIEW_CACHE", text)
    with pytest.raises(UsageError, match=f"BTFVIEW_CACHE={text}: give the cache's size in MB"):
        cache.limit()


def test_a_folder_that_cannot_be_made_is_no_error(
    slow_file: str, tmp_path: Path, unpacked: list[str]
) -> None:
    write(tmp_path / "cache", b"a file is in the way")
    assert [read_btf_file(slow_file).data for _ in range(2)] == [MIDDLE] * 2
    assert len(unpacked) == 2


def test_a_folder_that_is_not_writable_is_no_error(folder: Path) -> None:
    """As another user where the tests run as root, whom no mode keeps from writing."""
    folder.mkdir(parents=True)
    folder.chmod(0o555)
    script = (
        "import os, contextlib, time, zlib; from btfview.targets import cache; cache.load('k');"
        "os.geteuid() or os.setuid(65534);"
        "cache.store('k', b'data'); print(cache.load('k'), cache.state().entries)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("None 0\n", "")
    assert not list(folder.iterdir())


def test_a_full_disk_is_no_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    cache.store(KEY, MIDDLE)
    assert cache.load(KEY) is None
    assert not list(folder.iterdir())


def test_what_was_unused_for_longest_goes_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BTFVIEW_CACHE", "1")
    keys = [str(n) * 64 for n in range(4)]
    for age, key in enumerate(keys[:3]):
        cache.store(key, noise(300_000))
        os.utime(folder / f"{key}.btf", (1000 + age, 1000 + age))
    assert cache.load(keys[0])  # used, and so the youngest now
    cache.store(keys[3], noise(300_000))
    assert [cache.load(key) is not None for key in keys] == [True, False, True, True]
    assert cache.state().byte_size <= 1_000_000


def test_what_is_larger_than_the_cache_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BTFVIEW_CACHE", "1")
    cache.store(KEY, noise(500_000))
    cache.store("1" * 64, bytes(1_000_000))
    assert cache.load(KEY) is not None
    assert cache.load("1" * 64) is None


def test_what_a_killed_run_left_behind_is_removed(folder: Path) -> None:
    folder.mkdir(parents=True)
    old, new = folder / "a.1.part", folder / "b.2.part"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1000, 1000))
    cache.store(KEY, SMALL)
    assert (old.exists(), new.exists()) == (False, True)
    assert cache.state().entries == 1


def test_runs_at_the_same_time_do_one_another_no_harm(slow_file: str, folder: Path) -> None:
    script = (
        "import sys; from btfview.targets.open import read_btf_file\n"
        "for _ in range(20): print(len(read_btf_file(sys.argv[1]).data))\n"
        "import os; from btfview.targets import cache\n"
        "for entry in os.scandir(cache.folder()):\n"
        "    try: os.remove(entry)\n"
        "    except FileNotFoundError: pass\n"
        "for _ in range(20): print(len(read_btf_file(sys.argv[1]).data))\n"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", script, slow_file], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    for run in runs:
        out, err = run.communicate()
        assert out.split() == [str(len(MIDDLE)).encode()] * 40, err
    assert [entry.suffix for entry in folder.iterdir()] in ([".btf"], [])


def test_the_folder_is_that_of_the_xdg_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    """XDG Base Directory Specification: relative paths are ignored; the default is $HOME/.cache."""
    monkeypatch.setenv("HOME", "/home/me")
    for value, folder in (
        ("/var/c", "/var/c/btfview"),
        ("c", "/home/me/.cache/btfview"),
        ("", "/home/me/.cache/btfview"),
    ):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert cache.folder() == folder
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache.folder() == "/home/me/.cache/btfview"


@pytest.mark.parametrize(
    ("data", "is_slow"),
    [
        pytest.param(MIDDLE * 500, False, id="raw"),
        pytest.param(COMPRESSORS["xz"](noise(100_000)), False, id="small-xz"),
        pytest.param(COMPRESSORS["xz"](noise(200_000)), True, id="xz"),
        pytest.param(COMPRESSORS["gzip"](noise(200_000)), False, id="small-gzip"),
        pytest.param(COMPRESSORS["gzip"](noise(3_000_000)), True, id="gzip"),
        pytest.param(bzimage(noise(3_000_000)), True, id="bzimage"),
        pytest.param(plain_image(noise(3_000_000)), False, id="arm64-image"),
    ],
)
def test_only_what_takes_longer_than_hashing_it_is_kept(
    data: bytes, is_slow: bool, tmp_path: Path, folder: Path
) -> None:
    if data[:2] == b"\x9f\xeb":
        read_btf_file(write(tmp_path / "file", data))
        assert not folder.exists()
    else:
        assert unpack.is_slow(data) is is_slow
