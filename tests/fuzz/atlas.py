"""Atlases: SQLite files with packed numbers in them, damaged in the file or in one value of a row."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path
from random import Random

from btfview.atlas.needs_kernel import NeedsKernelError
from btfview.atlas.read import Atlas
from btfview.atlas.shared_btf import AtlasNames, SharedBtf
from btfview.atlas.write import AtlasWriter, Given
from btfview.btf.reader import Btf
from btfview.errors import InputError
from tests.btf.build import INT, build_btf_bytes, ptr, ref, struct
from tests.fuzz.mutate import mutate as mutate_bytes
from tests.targets.samples import SMALL, SMALL_BIG_ENDIAN

_BLOBS = ("names", "bodies", "string_order", "type_order", "head", "sha256", "whole")
_MERGED = ("last_kernel", "strings", "types", "bodies", "presence")
_NUMBERS = ("base", "on_kernel", "byte_size", "type_count", "is_little_endian", "id")


def seeds() -> list[bytes]:
    other = struct("task_struct", size=32, pid=(INT, 0), next=(ptr(ref("task_struct")), 64), y=(INT, 128))
    kernels = {"a": SMALL, "b": build_btf_bytes(other), "big": SMALL_BIG_ENDIAN}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.atlas"
        with AtlasWriter(str(path)) as writer:
            for name, data in kernels.items():
                writer.add(Given(name, name, len(data), 0), Btf(data))
        given = path.read_bytes()
        with AtlasWriter(str(path)) as writer:
            writer.merge()
        return [given, path.read_bytes()]


def mutate(random: Random, given: list[bytes]) -> bytes:
    """Change the file, or what one row of it holds: then SQLite finds nothing wrong."""
    data = random.choice(given)
    if random.random() < 0.3:
        return mutate_bytes(random, given)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.atlas"
        path.write_bytes(data)
        connection = sqlite3.connect(path)
        for _ in range(random.randint(1, 3)):
            row, table = random.randint(1, 3), "kernel"
            if random.random() < 0.8:
                column = random.choice(_BLOBS)
                if random.random() < 0.5:
                    row, table, column = 1, "merged", random.choice(_MERGED)
                found = connection.execute(f"SELECT {column} FROM {table} WHERE id = ?", (row,)).fetchone()
                held = found[0] if found and isinstance(found[0], bytes) else b"\0"
                value: object = mutate_bytes(random, [held])
            else:
                column = random.choice(_NUMBERS)
                value = random.choice((None, -1, 0, 1, 2, 3, 1 << 31, 1 << 62, "x", b"\xff", 1.5))
            try:
                connection.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (value, row))
            except sqlite3.Error:  # it refuses two rows of one number, or none
                continue
        connection.commit()
        connection.close()
        return path.read_bytes()


def run(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.atlas"
        path.write_bytes(data)
        atlas = Atlas(str(path))
        try:
            for kernel in atlas.kernels:
                try:
                    Btf(atlas.btf_bytes(kernel.id))
                except InputError:
                    continue
            _read_names(atlas)
        finally:
            atlas.close()


def _read_names(atlas: Atlas) -> None:
    names = AtlasNames(atlas)
    for bit in range(len(names.presence.kernels)):
        btf = SharedBtf(names, bit)
        try:
            for type_id in btf.ids_named("task_struct"):
                btf.type(type_id)
                btf.byte_size(type_id)
            btf.agreeing(names.presence.all)
        except NeedsKernelError:
            continue
