"""The file of an atlas: it gives back the very bytes, outlives what happens to files, says what is wrong."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from array import array
from pathlib import Path

import numpy as np
import pytest

from btfview.atlas.file import APPLICATION_ID, VERSION
from btfview.atlas.packing import pack, pack_numbers
from btfview.atlas.read import Atlas
from btfview.atlas.shared_btf import AtlasNames, SharedBtf
from btfview.atlas.write import AtlasWriter, Given
from btfview.btf.kinds import BtfKind
from btfview.btf.reader import Btf
from btfview.cli.main import main
from btfview.errors import TargetError
from btfview.targets.open import read_btf_file
from tests.btf.build import INT, Described, build_btf_bytes, enum, func, func_proto, int_, ptr, ref, typedef
from tests.btf.build import struct as struct_
from tests.disks import full_disk
from tests.targets.samples import MIDDLE, SMALL, SMALL_BIG_ENDIAN, named_structs, noise

LONG = int_("long unsigned int", 8)


def kernel(size: int = 24, *more: Described) -> bytes:
    """A kernel in which task_struct has *size* bytes."""
    task = struct_("task_struct", size=size, pid=(INT, 0), next=(ptr(ref("task_struct")), 64))
    work = func("do_work", func_proto(INT, task=ptr(ref("task_struct"))))
    return build_btf_bytes(
        task, typedef("task_t", ref("task_struct")), enum("e", A=0, B=1), work, LONG, *more
    )


def add(path: Path, **kernels: bytes) -> None:
    with AtlasWriter(str(path)) as writer:
        for name, data in kernels.items():
            writer.add(Given(name, f"/k/{name}", len(data), 0), Btf(data))


def contents(path: Path) -> dict[str, bytes]:
    atlas = Atlas(str(path))
    found = {one.name: atlas.btf_bytes(one.id) for one in atlas.kernels}
    atlas.close()
    return found


def test_an_atlas_gives_back_the_very_bytes_of_each_kernel(tmp_path: Path) -> None:
    kernels = {
        "a": kernel(),
        "b": kernel(32),
        "c": kernel(32, *named_structs(40)),
        "d": MIDDLE,
        "e": SMALL,
        "big": SMALL_BIG_ENDIAN,
    }
    add(tmp_path / "f.atlas", **kernels)
    assert contents(tmp_path / "f.atlas") == kernels


def test_types_of_one_name_and_types_without_one_keep_their_ids(tmp_path: Path) -> None:
    first = struct_("twice", size=4, a=(INT, 0))
    data = build_btf_bytes(
        first, struct_("twice", size=8, b=(LONG, 0)), struct_("user", size=4, t=(first, 0))
    )
    data = build_btf_bytes(first, ptr(first), struct_("twice", size=8, b=(ptr(first), 0)))
    add(tmp_path / "f.atlas", one=data, two=kernel())
    assert contents(tmp_path / "f.atlas")["one"] == data
    assert not Atlas(str(tmp_path / "f.atlas")).kernels[0].is_whole


def test_a_type_is_kept_once_however_many_kernels_have_it(tmp_path: Path) -> None:
    add(tmp_path / "one.atlas", a=MIDDLE)
    add(tmp_path / "two.atlas", a=MIDDLE, b=MIDDLE + b"\0" * 4)
    one, two = Atlas(str(tmp_path / "one.atlas")), Atlas(str(tmp_path / "two.atlas"))
    assert two.type_count == one.type_count


def test_a_writer_that_comes_later_knows_each_type_and_string_that_is_there(tmp_path: Path) -> None:
    kernels = {
        "a": kernel(),
        "b": kernel(32, *named_structs(40)),
        "c": MIDDLE,
        "d": kernel(48),
        "e": kernel(),
    }
    add(tmp_path / "one.atlas", **kernels)
    for name, data in kernels.items():
        add(tmp_path / "many.atlas", **{name: data})
        if name == "c":
            merge(tmp_path / "many.atlas")
    one, many = Atlas(str(tmp_path / "one.atlas")), Atlas(str(tmp_path / "many.atlas"))
    assert (many.type_count, many.string_count) == (one.type_count, one.string_count)
    assert contents(tmp_path / "many.atlas") == kernels


@pytest.mark.parametrize("module", ["content_hash", "strings"])
def test_different_things_of_one_hash_are_not_mistaken_for_one_another(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With hashes of one value: no type or string can be told by them, and each kernel is kept whole."""
    monkeypatch.setattr(f"btfview.atlas.{module}.mixed", np.ones_like)
    kernels = {"a": kernel(), "b": kernel(32), "c": MIDDLE}
    add(tmp_path / "f.atlas", **kernels)
    assert contents(tmp_path / "f.atlas") == kernels
    assert all(one.is_whole for one in Atlas(str(tmp_path / "f.atlas")).kernels)


def merge(path: Path) -> None:
    with AtlasWriter(str(path)) as writer:
        writer.merge()


def test_merged_kernels_are_what_they_were_and_more_can_be_added(tmp_path: Path) -> None:
    path = tmp_path / "f.atlas"
    kernels = {"a": kernel(), "b": kernel(32), "big": SMALL_BIG_ENDIAN}
    add(path, **kernels)
    merge(path)
    assert contents(path) == kernels
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM kernel WHERE names IS NOT NULL").fetchone() == (0,)
    kernels |= {"c": kernel(40, *named_structs(3)), "d": MIDDLE}
    add(path, c=kernels["c"], d=kernels["d"])
    assert contents(path) == kernels
    types = Atlas(str(path)).type_count
    merge(path)
    assert contents(path) == kernels
    assert Atlas(str(path)).type_count == types


def test_many_kernels_are_merged_when_a_writer_ends_and_each_is_still_known_by_its_types(
    tmp_path: Path,
) -> None:
    path = tmp_path / "f.atlas"
    kernels = {f"k{size}": kernel(size) for size in range(24, 24 + 8 * 20, 8)}
    add(path, **kernels)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT last_kernel FROM merged").fetchall() == [(20,)]
    assert contents(path) == kernels
    atlas = Atlas(str(path))
    names = AtlasNames(atlas)
    sizes = [
        [SharedBtf(names, bit).byte_size(one) for one in SharedBtf(names, bit).ids_named("task_struct")]
        for bit in range(20)
    ]
    assert sizes == [[size] for size in range(24, 24 + 8 * 20, 8)]
    one = SharedBtf(names, 3)
    assert one.ids_named("task_struct")
    assert one.agreeing(names.presence.all) == 1 << 3


def test_who_reads_while_another_merges_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "f.atlas"
    add(path, a=kernel(), b=kernel(32))
    listed, loaded = Atlas(str(path)), Atlas(str(path))
    assert loaded.strings  # of which it has read the names, but no types as yet
    merge(path)
    add(path, c=kernel(40))
    merge(path)
    for atlas in (listed, loaded):
        found = [atlas.btf_bytes(one.id) for one in atlas.kernels[:2]]
        assert found == [kernel(), kernel(32)]
        atlas.close()


def test_what_has_no_form_of_its_own_is_kept_whole(tmp_path: Path) -> None:
    """A string that stands twice: no linker writes that, and its offsets say which is meant."""
    btf = Btf(SMALL)
    data = bytearray(SMALL + b"pid\0")
    data[20:24] = (len(btf.string_section()) + 4).to_bytes(4, "little")  # struct btf_header, str_len
    add(tmp_path / "f.atlas", odd=bytes(data))
    assert Atlas(str(tmp_path / "f.atlas")).kernels[0].is_whole
    assert contents(tmp_path / "f.atlas") == {"odd": bytes(data)}


def test_the_same_again_adds_nothing_and_another_kernel_of_that_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.atlas"
    add(path, a=SMALL)
    with AtlasWriter(str(path)) as writer:
        assert not writer.add(Given("a", "/k/a", 0, 0), Btf(SMALL))
        with pytest.raises(TargetError, match="another kernel called a, from /k/a"):
            writer.add(Given("a", "/k/other", 0, 0), Btf(MIDDLE))
        assert writer.add(Given("b", "/k/b", 0, 0), Btf(MIDDLE))
    assert contents(path) == {"a": SMALL, "b": MIDDLE}


def test_two_writers_add_their_kernels_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "f.atlas"
    with AtlasWriter(str(path)) as one, AtlasWriter(str(path)) as other:
        assert one.add(Given("a", "/k/a", 0, 0), Btf(kernel()))
        assert other.add(Given("b", "/k/b", 0, 0), Btf(kernel(32)))
        assert one.add(Given("c", "/k/c", 0, 0), Btf(kernel(40)))
        assert not other.add(Given("c", "/k/c", 0, 0), Btf(kernel(40)))
    assert contents(path) == {"a": kernel(), "b": kernel(32), "c": kernel(40)}


_KILLED = """
import os, sys
from btfview.atlas.write import AtlasWriter, Given
from btfview.btf.reader import Btf

path, first, second = sys.argv[1:]
writer = AtlasWriter(path)
writer.add(Given("first", "/k/first", 0, 0), Btf(open(first, "rb").read()))
writer.end = lambda *, is_kept: os.kill(os.getpid(), 9)
writer.add(Given("second", "/k/second", 0, 0), Btf(open(second, "rb").read()))
"""


def test_a_writer_that_is_killed_loses_only_what_it_had_not_finished(tmp_path: Path) -> None:
    path = tmp_path / "f.atlas"
    (tmp_path / "first").write_bytes(SMALL)
    (tmp_path / "second").write_bytes(MIDDLE)
    command = [sys.executable, "-c", _KILLED, str(path), str(tmp_path / "first"), str(tmp_path / "second")]
    assert subprocess.run(command).returncode == -9
    assert contents(path) == {"first": SMALL}
    add(path, second=MIDDLE)
    assert contents(path) == {"first": SMALL, "second": MIDDLE}


def test_a_full_disk_ends_the_build_and_keeps_what_was_added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.btf").write_bytes(SMALL)
    names = [f"{n}.btf" for n in range(40)]
    for n, name in enumerate(names):
        types = [struct_(noise(16, 100 * n + k).hex(), size=4, a=(INT, 0)) for k in range(100)]
        (tmp_path / name).write_bytes(build_btf_bytes(*types))
    with full_disk(tmp_path / "disk", {}) as disk:
        (disk / "filler").unlink()
        path = disk / "f.atlas"
        assert main(["atlas", "build", str(tmp_path), "-o", str(path)]) == 3
        said = capsys.readouterr().err
        assert f"{path}: cannot be written: no space left on device" in said
        assert "Traceback" not in said
        kept = contents(path)
        assert 0 < len(kept) < len(names) + 1
        assert all(data == (tmp_path / f"{name}.btf").read_bytes() for name, data in kept.items())


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(b"SQLite format 3\0" + bytes(20), "cut short: an atlas has more than 36", id="short"),
        pytest.param(b"SQLite format 3\0" + bytes(200), "an SQLite file of another program", id="foreign"),
    ],
)
def test_a_file_that_is_no_atlas_is_told(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "f.atlas"
    path.write_bytes(data)
    with pytest.raises(TargetError, match=problem):
        Atlas(str(path))
    with pytest.raises(TargetError, match=problem):
        AtlasWriter(str(path))
    assert path.read_bytes() == data


def test_a_database_of_another_program_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE kernel (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(TargetError, match="an SQLite file of another program, not an atlas"):
        AtlasWriter(str(path))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        pytest.param(VERSION + 1, "this btfview knows 2; a newer btfview made it", id="newer"),
        pytest.param(VERSION - 1, "the old version 1, which is not read; build it anew", id="older"),
    ],
)
def test_an_atlas_of_another_version_is_told(tmp_path: Path, version: int, problem: str) -> None:
    path = tmp_path / "f.atlas"
    add(path, a=SMALL)
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(TargetError, match=problem):
        Atlas(str(path))
    with pytest.raises(TargetError, match=problem):
        AtlasWriter(str(path))


def test_an_atlas_that_is_cut_short_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.atlas"
    add(path, a=SMALL, b=MIDDLE)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert main(["atlas", "list", str(path)]) == 3
    assert f"{path}: cut short: it has {len(whole) // 2} bytes of {len(whole)}" in capsys.readouterr().err


def test_a_byte_that_changed_is_found_by_the_checksum(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "f.atlas"
    add(path, good=kernel(), bad=MIDDLE)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE kernel SET sha256 = zeroblob(32) WHERE name = 'bad'")
    assert main(["atlas", "verify", str(path)]) == 3
    said = capsys.readouterr()
    assert "damaged, at bad: does not give back the bytes that were added" in said.err
    assert "1 kernel of 2 give back what was added" in said.out


def changed(path: Path, change: str, *values: object) -> str:
    """Return what is said of the atlas with kernels a and b after a change of its rows, all of it read."""
    add(path, a=kernel(), b=kernel(32))
    with sqlite3.connect(path) as connection:
        connection.execute(change, values)
    with pytest.raises(TargetError) as caught:
        contents(path)
    return str(caught.value)


def names_of(strings: bytes) -> bytes:
    """The names of a kernel without types: lengths and parts, strings first (btfview.atlas.write)."""
    parts = (pack(strings), *[pack_numbers(array("I"))] * 5)
    return b"".join(len(part).to_bytes(4, "little") + part for part in parts)


def test_a_kernel_over_very_many_others_is_refused_and_not_followed(tmp_path: Path) -> None:
    """Each is written over the one before it; a writer stops at 12 (MAX_DEPTH)."""
    rows = (
        "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) INSERT INTO kernel "
        "SELECT i, 'k' || i, source, 1, 1, sha256, 1, 1, 1, NULL, i - 1, NULL, head, names, bodies, "
        "string_order, type_order FROM n, kernel WHERE kernel.id = 2"
    )
    assert "damaged: has a kernel over 13 others, 12 at most" in changed(tmp_path / "f.atlas", rows)


def test_an_order_of_more_than_there_is_is_refused_before_it_is_made(tmp_path: Path) -> None:
    """A thousand pieces of 2^24 numbers each, some kilobytes, would take 64 GB."""
    pieces = array("I", [2 << 24] * 1000 + [0] * 1000)
    said = changed(
        tmp_path / "f.atlas", "UPDATE kernel SET type_order = ? WHERE id = 2", pack_numbers(pieces)
    )
    assert "damaged, at b: has an order of more than there is" in said


def test_what_unpacks_out_of_proportion_is_refused(tmp_path: Path) -> None:
    """SECURITY.md: 64 times the size of the file, and 16 MiB of a small one."""
    bomb = names_of(b"a\0" * (9 << 20))
    said = changed(tmp_path / "f.atlas", "UPDATE kernel SET names = ? WHERE id = 2", bomb)
    assert "damaged: what it has would unpack to more than 16 MiB" in said
    assert (tmp_path / "f.atlas").stat().st_size < 1 << 16


def test_a_kernel_file_that_changes_while_it_is_read_is_told_and_not_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changing, path = tmp_path / "changing.btf", tmp_path / "f.atlas"
    changing.write_bytes(SMALL)
    (tmp_path / "quiet.btf").write_bytes(MIDDLE)

    def read_and_touch(file: str, *, base: Btf | None = None) -> Btf:
        found = read_btf_file(file, base=base)
        if file == str(changing):
            os.utime(changing, ns=(1, 1))
        return found

    monkeypatch.setattr("btfview.targets.target.read_btf_file", read_and_touch)
    assert main(["atlas", "build", str(tmp_path), "-o", str(path)]) == 3
    said = capsys.readouterr()
    assert f"{changing}: changed while it was read; add it again" in said.err
    assert "1 kernel added, 1 cannot be read" in said.out
    assert contents(path) == {"quiet": MIDDLE}


def test_a_target_of_an_atlas_is_the_kernel_that_was_added(tmp_path: Path) -> None:
    from btfview.targets.find import open_target, open_targets

    path = tmp_path / "f.atlas"
    add(path, **{"6.1.0-9": MIDDLE, "5.10.0-1": SMALL, "6.12.0": kernel()})
    assert [target.name for target in open_targets(str(path))] == ["5.10.0-1", "6.1.0-9", "6.12.0"]
    assert [target.name for target in open_targets(f"{path}:6.*")] == ["6.1.0-9", "6.12.0"]
    target = open_target(f"{path}:6.12.0")
    assert bytes(target.btf.data) == kernel()
    assert target.btf.kind(target.btf.ids_named("do_work")[0]) == BtfKind.FUNC
    with pytest.raises(TargetError, match="3 kernels, where one target is wanted"):
        open_target(str(path))
    with pytest.raises(
        TargetError, match=r"no kernel of 3 fits 7\.\*; there are 5\.10\.0-1, 6\.1\.0-9, 6\.12\.0"
    ):
        open_targets(f"{path}:7.*")


def test_a_folder_is_added_to_its_bottom_and_kernels_of_one_name_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arch, data in (("x86_64", SMALL), ("arm64", MIDDLE)):
        (tmp_path / "ubuntu/20.04" / arch).mkdir(parents=True)
        (tmp_path / "ubuntu/20.04" / arch / "5.4.0-1.btf").write_bytes(data)
    (tmp_path / "broken.btf").write_bytes(b"\x9f\xeb")
    path = tmp_path / "f.atlas"
    assert main(["atlas", "build", str(tmp_path), "-o", str(path)]) == 3
    said = capsys.readouterr()
    assert f"{tmp_path}/broken.btf: .BTF offset 0: 2 bytes are too few" in said.err
    assert "2 kernels added, 1 cannot be read" in said.out
    assert contents(path) == {"arm64/5.4.0-1": MIDDLE, "x86_64/5.4.0-1": SMALL}
    assert main(["atlas", "extract", f"{path}:arm64/*", "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out").read_bytes() == MIDDLE


def test_the_application_id_stands_where_file_looks(tmp_path: Path) -> None:
    """SQLite, "Database File Format": the application id is the big-endian number at byte 68."""
    add(tmp_path / "f.atlas", a=SMALL)
    assert (tmp_path / "f.atlas").read_bytes()[68:72] == APPLICATION_ID.to_bytes(4, "big") == b"BTFa"
