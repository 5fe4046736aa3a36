"""The ``vmlinux.h`` of a target, made once and kept: for C sources that include it and bring none."""

from __future__ import annotations

import contextlib
import os

from btfview import __version__
from btfview.errors import InputError, TargetError
from btfview.frozen import TYPE_CHECKING

from .kernel_age import arch_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from btfview.btf.reader import Btf
    from btfview.compiler.c.kernel import KernelTypes
    from btfview.targets.target import Target

TARGET_ARCHS = {
    "amd64": "x86",
    "i386": "x86",
    "arm64": "arm64",
    "armhf": "arm",
    "s390x": "s390",
    "ppc64el": "powerpc",
    "ppc64": "powerpc",
    "riscv64": "riscv",
    "mips64el": "mips",
    "loong64": "loongarch",
}
"""``__TARGET_ARCH_*`` of libbpf's bpf_tracing.h, by architecture."""
REGISTERS = {
    "di": "x86", "psw": "s390", "uregs": "arm", "pstate": "arm64", "cp0_epc": "mips", "nip": "powerpc",
    "epc": "riscv", "csr_era": "loongarch", "u_regs": "sparc", "blink": "arc",
}  # fmt: skip
"""A member of ``struct pt_regs`` (or the struct in it) that only this architecture has."""
_KEPT = 8
"""Headers kept in the user's cache, of 3 MB each."""


def kernel_types(kernels: Callable[[], Sequence[Target]]) -> KernelTypes:
    """Return what a C source is told of the first of *kernels*, which are asked for now; without any, of this
    machine's."""
    from btfview.compiler.c.kernel import KernelHeader, KernelTypes

    targets = tuple(kernels())
    arch = target_arch(targets[0]) if targets else ""
    arch = arch or _machine_arch()

    def header() -> KernelHeader:
        target = _header_target(targets, arch)
        return KernelHeader(header_folder(target), target.name)

    return KernelTypes(arch, header)


def target_arch(target: Target) -> str:
    """Return the ``__TARGET_ARCH_*`` of *target*, by its name or its ``struct pt_regs``; empty where neither
    tells."""
    known = TARGET_ARCHS.get(arch_of(target.root))
    if known:
        return known
    try:
        return _arch_of_registers(target.root.btf.root)
    except InputError:  # told when it is resolved on
        return ""


def _machine_arch() -> str:
    from btfview.targets.target import Target

    return TARGET_ARCHS.get(arch_of(Target("", "", "running")), "")


def _arch_of_registers(btf: Btf) -> str:
    from btfview.btf.types import Struct

    names: set[str] = set()
    for name in ("pt_regs", "user_pt_regs"):
        for type_id in btf.ids_named(name):
            struct = btf.type(type_id)
            if isinstance(struct, Struct):
                names |= {member.name for member in struct.members}
    return next((arch for member, arch in REGISTERS.items() if member in names), "")


def _header_target(targets: Sequence[Target], arch: str) -> Target:
    """Return the first of *targets* that has all its types, else the running kernel if it is of the same
    architecture, else the first.

    Raises:
        TargetError: there is none at all.
    """
    from btfview.targets.kernels import THIS_MACHINE

    for target in targets:
        if not target.badge and target_arch(target) in (arch, ""):
            return target.root
    running = THIS_MACHINE.running_kernel()
    if running is not None and _machine_arch() == arch:
        return running
    if targets:
        return targets[0].root
    raise TargetError("no kernel is given to make vmlinux.h of, and the running one shows no BTF")


def header_folder(target: Target) -> str:
    """Return a folder that holds the ``vmlinux.h`` of *target*: in the user's cache, by the BTF's contents;
    where that cannot be written, in a folder of this process.

    Raises:
        BtfviewError: the target cannot be read, or no folder can be written.
    """
    import hashlib

    btf = target.btf.root
    key = hashlib.sha256(__version__.encode() + b"\0" + btf.data).hexdigest()[:24]
    folder = os.path.join(_cache_folder(), key)
    if os.path.isfile(os.path.join(folder, "vmlinux.h")):
        with contextlib.suppress(OSError):  # it is the newest again
            os.utime(folder)
        return folder
    from btfview.btf.format.as_c import format_c

    text = "".join(format_c(btf))
    try:
        _write(folder, text)
        _forget_old(os.path.dirname(folder))
    except OSError:
        folder = os.path.join(_process_folder(), key)
        try:
            _write(folder, text)
        except OSError as error:
            raise TargetError(f"vmlinux.h cannot be written: {error.strerror}", path=folder) from error
    return folder


def _cache_folder() -> str:
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # the XDG base directory specification: ignore a relative path
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "btfview", "vmlinux")


_OWN: list[object] = []


def _process_folder() -> str:
    import tempfile

    if not _OWN:
        _OWN.append(tempfile.TemporaryDirectory(prefix="btfview-vmlinux-"))
    return str(getattr(_OWN[0], "name"))  # noqa: B009


def _write(folder: str, text: str) -> None:
    import tempfile

    os.makedirs(folder, mode=0o700, exist_ok=True)
    number, path = tempfile.mkstemp(dir=folder)
    try:
        with open(number, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        os.replace(path, os.path.join(folder, "vmlinux.h"))
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise


def _forget_old(folder: str) -> None:
    """Remove all but the newest headers."""
    import shutil

    entries = sorted(os.scandir(folder), key=lambda entry: entry.stat().st_mtime, reverse=True)
    for entry in entries[_KEPT:]:
        shutil.rmtree(entry.path, ignore_errors=True)
