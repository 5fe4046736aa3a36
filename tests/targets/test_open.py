"""BTF comes out of whatever a file wraps it in, whole, and what holds none says so."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.errors import InputError, ObjectFormatError, TargetError, UnreadableFileError
from btfview.inputs import MAX_KERNEL
from btfview.targets.open import find_btf, read_btf_file
from tests.targets.samples import (
    ALL_COMPRESSORS,
    COMPRESSORS,
    EM_BPF,
    ET_REL,
    MIDDLE,
    SMALL,
    SMALL_BIG_ENDIAN,
    VMLINUX,
    bzimage,
    elf_file,
    noise,
    plain_image,
    tar_archive,
    write,
    zboot,
)

Compress = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    ("data", "btf"),
    [
        pytest.param(MIDDLE, MIDDLE, id="raw"),
        pytest.param(SMALL_BIG_ENDIAN, SMALL_BIG_ENDIAN, id="raw-big-endian"),
        pytest.param(VMLINUX, MIDDLE, id="elf"),
        pytest.param(elf_file({".BTF": SMALL_BIG_ENDIAN}, order=">"), SMALL_BIG_ENDIAN, id="elf-big-endian"),
        pytest.param(elf_file({".BTF": SMALL}, machine=EM_BPF, elf_type=ET_REL), SMALL, id="bpf-object"),
        pytest.param(plain_image(MIDDLE), MIDDLE, id="arm64-image"),
        pytest.param(plain_image(MIDDLE, b"RSC\x05"), MIDDLE, id="riscv-image"),
        pytest.param(bzimage(VMLINUX), MIDDLE, id="bzimage-not-compressed"),
        pytest.param(tar_archive({"5.4.0-1-aws.btf": MIDDLE}), MIDDLE, id="tar"),
        pytest.param(elf_file({".text": noise(64) + MIDDLE}), MIDDLE, id="elf-without-the-section"),
    ],
)
def test_btf_is_found_byte_for_byte(data: bytes, btf: bytes, tmp_path: Path) -> None:
    path = write(tmp_path / "file", data)
    assert find_btf(data, path) == btf
    assert read_btf_file(path).data == btf


@pytest.mark.parametrize("compress", ALL_COMPRESSORS)
@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda compress: compress(MIDDLE), id="of-raw-btf"),
        pytest.param(lambda compress: compress(VMLINUX), id="of-elf"),
        pytest.param(lambda compress: compress(plain_image(MIDDLE)), id="of-arm64-image"),
        pytest.param(lambda compress: bzimage(compress(VMLINUX)), id="in-bzimage"),
        pytest.param(lambda compress: bzimage(compress(VMLINUX), setup_sectors=27), id="in-bzimage-27"),
        pytest.param(lambda compress: zboot(compress(plain_image(MIDDLE)), "x"), id="in-zboot"),
        pytest.param(lambda compress: compress(tar_archive({"a/k.btf": MIDDLE})), id="btfhub"),
        # s390x: the payload stands somewhere, and what comes out of it is no ELF (KERNEL-IMAGES.md).
        pytest.param(
            lambda compress: noise(5000) + compress(noise(777) + MIDDLE + noise(55)) + noise(99),
            id="in-noise",
        ),
    ],
)
def test_every_packing_is_unpacked_in_every_wrapping(
    wrap: Callable[[Compress], bytes], compress: Compress, tmp_path: Path
) -> None:
    path = write(tmp_path / "file", wrap(compress))
    assert read_btf_file(path).data == MIDDLE


def test_an_image_in_an_archive_in_a_compressed_file_is_found(tmp_path: Path) -> None:
    packed = COMPRESSORS["xz"](tar_archive({"x/k.btf": COMPRESSORS["gzip"](MIDDLE)}))
    assert read_btf_file(write(tmp_path / "file", packed)).data == MIDDLE


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"hello, world\n" * 99, "no BTF: neither raw BTF, ELF", id="text"),
        pytest.param(noise(100_000), "no BTF: neither raw BTF, ELF", id="noise"),
        pytest.param(COMPRESSORS["xz"](b"hello" * 99), "no BTF in what is packed in it", id="packed-text"),
        pytest.param(COMPRESSORS["xz"](b""), "the file is empty", id="packed-nothing"),
        pytest.param(elf_file({".text": noise(99)}), "no .BTF section", id="vmlinux-without"),
        pytest.param(elf_file({}, machine=EM_BPF, elf_type=ET_REL), "clang -g", id="bpf-object-without"),
        pytest.param(
            elf_file({".modinfo": b""}, elf_type=ET_REL), "DEBUG_INFO_BTF_MODULES", id="module-without"
        ),
        pytest.param(plain_image(b""), "arm64 kernel image without BTF", id="arm64-image-without"),
        pytest.param(
            bzimage(COMPRESSORS["xz"](elf_file({".text": b""}))),
            "x86 kernel image: this ELF file has no .BTF section; was the kernel built with",
            id="bzimage-without",
        ),
        pytest.param(bzimage(b"\x89LZO\x00\r\n\x1a\n" + noise(99)), "packed with lzo", id="lzo"),
        pytest.param(bzimage(VMLINUX)[:5000], "is it cut short?", id="bzimage-cut-short"),
        pytest.param(tar_archive({"readme.txt": b"hello"}), "0 files named *.btf", id="tar-without"),
        pytest.param(
            tar_archive({"a.btf": SMALL, "b.btf": SMALL}), "2 files named *.btf: a.btf, b.btf", id="tar-2"
        ),
        pytest.param(tar_archive({"a.btf": SMALL})[:600], "ends inside a file", id="tar-cut-short"),
    ],
)
def test_what_holds_no_btf_says_what_it_is(data: bytes, problem: str, tmp_path: Path) -> None:
    path = write(tmp_path / "file", data)
    with pytest.raises(TargetError) as caught:
        read_btf_file(path)
    assert problem in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")


def test_wrappings_have_a_depth(tmp_path: Path) -> None:
    data = MIDDLE
    for _ in range(5):
        data = COMPRESSORS["gzip"](data)
    with pytest.raises(TargetError, match="wrapped more than 4 times"):
        read_btf_file(write(tmp_path / "file", data))


@pytest.mark.parametrize("compress", ALL_COMPRESSORS)
def test_a_stream_that_is_cut_short_is_refused_wherever_it_is_cut(compress: Compress, tmp_path: Path) -> None:
    packed = compress(MIDDLE)
    is_legacy_lz4 = packed[:4] == b"\x02\x21\x4c\x18"  # the one format whose end cannot be told
    for length in range(len(packed) - 1 - is_legacy_lz4, 0, -max(len(packed) // 40, 1)):
        with pytest.raises(InputError):
            find_btf(packed[:length], "file")


def test_a_large_elf_file_is_not_read_whole(tmp_path: Path) -> None:
    """A vmlinux with debug information: a hole of 300 MB before .BTF, in a process that may use far less."""
    path = tmp_path / "vmlinux"
    sample = elf_file({".BTF": MIDDLE})
    hole = 300 << 20
    assert hole > MAX_KERNEL
    names_at, names = sample.index(b"\0.BTF\0"), b"\0.BTF\0.shstrtab\0"
    with path.open("wb") as file:
        # The section table is moved along, with what it points to.
        table = bytearray(sample[sample.index(names) + len(names) :])
        for entry in (1, 2):
            at = entry * 64 + 24
            table[at : at + 8] = (int.from_bytes(table[at : at + 8], "little") + hole).to_bytes(8, "little")
        head = bytearray(sample[:64])
        head[40:48] = (int.from_bytes(head[40:48], "little") + hole).to_bytes(8, "little")
        file.write(head)
        file.seek(64 + hole)
        file.write(sample[64 : names_at + len(names)] + table)
    script = (
        "import resource; from btfview.targets.open import read_btf_file;"
        "resource.setrlimit(resource.RLIMIT_DATA, (150 << 20, 150 << 20));"
        f"print(len(read_btf_file({str(path)!r}).data))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.stdout.strip() == str(len(MIDDLE)), run.stderr


def test_btf_is_read_from_a_pipe_whose_writer_is_slow(tmp_path: Path) -> None:
    """``btfview relos OBJ -t <(zcat kernel.btf.gz)``."""
    command = 'exec "$0" -m btfview extract <(sleep 0.2; cat "$1")'
    path = write(tmp_path / "k.btf", MIDDLE)
    run = subprocess.run(["bash", "-c", command, sys.executable, path], capture_output=True)
    assert run.stdout == MIDDLE, run.stderr


def test_a_named_pipe_is_refused_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnreadableFileError, match="is a named pipe; save it to a file first"):
        read_btf_file(str(tmp_path / "pipe"))


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        pytest.param("/dev/zero", "is not a file", id="device"),
        pytest.param("/proc/self", "is a directory", id="directory"),
        pytest.param("/nowhere/at/all", "no such file or directory", id="missing"),
        pytest.param("a\0b", "null byte", id="nul-in-the-name"),
    ],
)
def test_what_cannot_be_read_is_named(path: str, problem: str) -> None:
    with pytest.raises(UnreadableFileError, match=problem):
        read_btf_file(path)


def test_a_file_larger_than_a_kernel_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "disk.img"
    path.touch()
    os.truncate(path, 3 << 30)
    with pytest.raises(TargetError, match="3072 MiB are too much"):
        read_btf_file(str(path))


def test_a_compressed_btf_section_is_refused(tmp_path: Path) -> None:
    data = bytearray(elf_file({".BTF": SMALL}))
    table_at = int.from_bytes(data[40:48], "little")
    data[table_at + 64 + 8 : table_at + 64 + 16] = (0x800).to_bytes(8, "little")  # SHF_COMPRESSED
    with pytest.raises(TargetError, match="BTF is compressed, as no kernel's is"):
        read_btf_file(write(tmp_path / "file", bytes(data)))


def test_a_damaged_elf_file_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(ObjectFormatError, match="cut short"):
        read_btf_file(write(tmp_path / "file", VMLINUX[:40]))


@pytest.mark.parametrize(
    "tar_format",
    [
        pytest.param(tarfile.USTAR_FORMAT, id="ustar"),
        pytest.param(tarfile.GNU_FORMAT, id="gnu"),
        pytest.param(tarfile.PAX_FORMAT, id="pax"),
    ],
)
def test_archives_of_every_form_are_read_past_long_names_and_folders(tar_format: int) -> None:
    long_name = "doc/" + "long" * 30 + "/readme"
    files = {long_name: b"text" * 300, "kernels/5.4.0-1009-aws.btf": MIDDLE, "z": b""}
    assert find_btf(tar_archive(files, tar_format), "file") == MIDDLE


def test_a_lean_command_imports_no_unpacking(tmp_path: Path) -> None:
    """`relos OBJ -t raw.btf` must not pay for images and packed files."""
    path = write(tmp_path / "k.btf", SMALL)
    script = (
        "import sys; from btfview.targets.find import open_target; open_target(sys.argv[1]).btf;"
        "print(*sorted(m for m in sys.modules if m.startswith('btfview.targets.')))"
    )
    run = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert run.stdout.split() == [
        f"btfview.targets.{name}" for name in ("find", "kernels", "names", "open", "sections", "target")
    ]
