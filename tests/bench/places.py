"""What the words in braces of an entry stand for: made when the first entry that is measured asks for it."""

from __future__ import annotations

import lzma
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.atlas.variants import VariantWriter
from tests.bench import entries
from tests.bench.big_source import c_source, rust_source
from tests.bench.install import install_btfview
from tests.bench.many_records import write_program
from tests.paths import ROOT

RUNNING_KERNEL = Path("/sys/kernel/btf/vmlinux")
SHARED = Path(os.environ.get("BTFVIEW_SHARED", ROOT.parent / "shared"))


class SkippedError(Exception):
    """This machine has not what an entry needs; ``str()`` says what."""


class Places(dict[str, str]):
    """By word, what a command line has in its place; for :meth:`str.format_map`."""

    def __init__(self, tmp: Path) -> None:
        super().__init__(repo=str(ROOT), tmp=str(tmp), btfview=str(install_btfview(tmp)))
        self._tmp = tmp

    def __missing__(self, word: str) -> str:
        """Make what *word* stands for.

        Raises:
            SkippedError: that cannot be made here.
            KeyError: no such word.
        """
        if word not in entries.WORDS:
            raise KeyError(word)
        made: str = getattr(self, f"_make_{word}")()
        self[word] = made
        return made

    def _make_kernel(self) -> str:
        if not RUNNING_KERNEL.exists():
            raise SkippedError(f"this kernel has no {RUNNING_KERNEL}")
        path = self._tmp / "vmlinux.btf"
        path.write_bytes(RUNNING_KERNEL.read_bytes())  # shutil.copy: a sysfs file has no size to trust
        return str(path)

    def _make_corpus(self) -> str:
        if not (SHARED / "corpus" / "obj").is_dir():
            raise SkippedError(f"no corpus at {SHARED}")
        return str(SHARED / "corpus" / "obj")

    def _make_object(self) -> str:
        need("clang-19")
        command = entries.CLANG.format_map(self).split()
        path = self._tmp / "sched.o"
        subprocess.run([*command[:-1], str(path)], check=True)
        return str(path)

    def _make_records2000(self) -> str:
        return self._records(2_000)

    def _make_records20000(self) -> str:
        return self._records(20_000)

    def _make_records34754(self) -> str:
        return self._records(34_754)

    def _records(self, count: int) -> str:
        """Return an object of *count* records."""
        need("clang-19")
        source, path = self._tmp / f"records{count}.c", self._tmp / f"records{count}.o"
        source.write_text(write_program(count))
        command = ["clang-19", "-O2", "-g", "-target", "bpf", "-c", str(source), "-o", str(path)]
        subprocess.run(command, check=True)
        return str(path)

    def _make_rust500(self) -> str:
        return self._source("500.rs", rust_source(500))

    def _make_rust20000(self) -> str:
        return self._source("20000.rs", rust_source(20_000))

    def _make_c500(self) -> str:
        return self._source("500.c", c_source(500))

    def _make_c20000(self) -> str:
        return self._source("20000.c", c_source(20_000))

    def _make_shown(self) -> str:
        from btfview.compiler.rustc.rewriting.rewrite import rewrite
        from btfview.source import read_source

        rewritten = rewrite(read_source(str(ROOT / "demo" / "sched.rs")))
        return self._source("shown.rs", rewritten.edited.text)

    def _make_stand_in(self) -> str:
        from btfview.compiler.rustc.run import StandInError, compile_stand_in
        from btfview.compiler.rustc.toolchain import find_toolchain
        from btfview.errors import CompilerError

        try:
            return compile_stand_in(find_toolchain(), "repr", str(self._tmp), 60, None)
        except (CompilerError, StandInError) as error:
            raise SkippedError(str(error)) from error

    def _make_aya(self) -> str:
        self._need_crates()
        path = self._tmp / "aya"
        shutil.copytree(ROOT / "demo" / "aya", path, ignore=shutil.ignore_patterns("target"))
        return str(path)

    def _make_plain(self) -> str:
        self._need_crates()
        path = self._tmp / "plain"
        (path / "src").mkdir(parents=True)
        program = ROOT / "demo" / "aya" / "packet_filter"
        (path / "src" / "lib.rs").write_text(without_queries((program / "src" / "main.rs").read_text()))
        manifest = (program / "Cargo.toml").read_text().partition("[[bin]]")[0]
        (path / "Cargo.toml").write_text(f"{manifest}[workspace]\n")
        shutil.copy(program.parent / "Cargo.lock", path)
        return str(path)

    def _need_crates(self) -> None:
        need("cargo")
        manifest = str(ROOT / "demo" / "aya" / "Cargo.toml")
        command = ["cargo", "fetch", "--quiet", "--locked", "--manifest-path", manifest]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            raise SkippedError(f"no crates: {(done.stderr.strip().splitlines() or [''])[-1]}")

    def _source(self, name: str, text: str) -> str:
        path = self._tmp / name
        path.write_text(text)
        return str(path)

    def _make_kernels3(self) -> str:
        return self._kernels(3)

    def _make_kernels20(self) -> str:
        return self._kernels(20)

    def _make_packed(self) -> str:
        if not (SHARED / "btf").is_dir():
            raise SkippedError(f"no kernels at {SHARED}")
        return str(SHARED / "btf")

    def _make_fleet50(self) -> str:
        return self._fleet(50)

    def _make_fleet500(self) -> str:
        return self._fleet(500)

    def _make_fleet5000(self) -> str:
        return self._fleet(5000)

    def _make_calm500(self) -> str:
        return self._fleet(500, "calm", b"xfrm_")

    def _make_calm5000(self) -> str:
        return self._fleet(5000, "calm", b"xfrm_")

    def _fleet(self, count: int, name: str = "fleet", prefix: bytes = b"") -> str:
        """Return an atlas of *count* kernels: the shared ones, and variants of them, in which structs differ
        whose names begin with *prefix*."""
        base = self._tmp / "fleet.atlas"
        if not base.exists():
            command = [self["btfview"], "atlas", "build", self["packed"], "-o", str(base)]
            subprocess.run(command, check=True, capture_output=True)
        path = self._tmp / f"{name}{count}.atlas"
        shutil.copy(base, path)
        with VariantWriter(str(path)) as writer:
            writer.add_variants(count - len(writer.atlas.kernels), seed=1, prefix=prefix)
        return str(path)

    def _kernels(self, count: int) -> str:
        """Return ``-t PATH`` for *count* whole kernels: different ones where the shared folder is, else the
        running one under as many names."""
        folder = self._tmp / "kernels"
        folder.mkdir(exist_ok=True)
        packed = sorted((SHARED / "btf").glob("*-amd64.btf.xz"))[:count]
        paths = [folder / path.stem for path in packed]
        for path, source in zip(paths, packed, strict=True):
            if not path.exists():
                path.write_bytes(lzma.decompress(source.read_bytes()))
        for number in range(len(paths), count):
            path = folder / f"running-{number}.btf"
            shutil.copy(self["kernel"], path)
            paths.append(path)
        return " ".join(f"-t {path}" for path in paths)


def without_queries(text: str) -> str:
    """Return a program of aya as a library that rustc takes for this machine, with constants for queries."""
    text = re.sub(r"#!\[(?:feature|no_main).*\n", "", text)
    text = text.replace("use core::btf;\n", "").replace("#[repr(Btf)]", "#[repr(C)]")
    text = re.sub(r"btf::field_exists!\([^)]*\)", "true", text)
    text = re.sub(r"btf::field_byte_\w+!\([^)]*\)", "0", text)
    return re.sub(r"#\[cfg\(not\(test\)\)\]\n#\[panic_handler\]\nfn .*?\n}\n", "", text, flags=re.DOTALL)


def need(program: str) -> None:
    """Do nothing where *program* can be run.

    Raises:
        SkippedError: it is not there.
    """
    if not program.startswith("{") and shutil.which(program) is None:
        raise SkippedError(f"needs {program}")
