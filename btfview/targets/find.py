"""Find targets: by name, by path, the running kernel's, the bundled ones."""

from __future__ import annotations

import os

from ..errors import TargetError
from .target import Target

SYSFS = "/sys/kernel/btf"
BUNDLED = os.path.join(os.path.dirname(__file__), "bundled")
_SUFFIXES = (".xz", ".gz", ".btf", ".bin")


def known_targets() -> tuple[Target, ...]:
    """Return the running kernel, where it has BTF, and the bundled kernels from old to new."""
    running = running_kernel()
    return (running, *bundled_targets()) if running else bundled_targets()


def running_kernel() -> Target | None:
    """Return the kernel that btfview runs on; None if it shows no BTF."""
    path = os.path.join(SYSFS, "vmlinux")
    return Target(os.uname().release, path, "running") if os.path.exists(path) else None


def bundled_targets() -> tuple[Target, ...]:
    """Return the trimmed kernels that come with btfview, from old to new."""
    files = sorted((f for f in os.listdir(BUNDLED) if f.endswith(".btf.xz")), key=_version_key)
    return tuple(Target(_stem(file), os.path.join(BUNDLED, file), "bundled") for file in files)


def open_target(spec: str) -> Target:
    """Return the target that a user means: a path, a bundled name, ``running``, or ``KERNEL+MODULE``.

    The file is not read yet.

    Raises:
        TargetError: nothing is called so.
    """
    found = _open_kernel(spec)
    if found is not None:
        return found
    # A name may itself hold a plus (6.12.117+deb12-amd64), so the last one is tried first.
    at = spec.rfind("+")
    while at > 0:
        kernel, module = _open_kernel(spec[:at]), spec[at + 1 :]
        if kernel is not None:
            return _open_module(kernel, module)
        at = spec.rfind("+", 0, at)
    known = ", ".join(target.name for target in bundled_targets())
    if spec == "running":
        raise TargetError(
            f"the running kernel shows no BTF in {SYSFS}", hint="it needs CONFIG_DEBUG_INFO_BTF=y"
        )
    raise TargetError(
        f'no target "{spec}"', hint=f"give a path, running, or one of the bundled kernels: {known}"
    )


def _open_kernel(spec: str) -> Target | None:
    if spec == "running":
        return running_kernel()
    if os.path.exists(spec):
        if os.path.realpath(spec) == os.path.join(SYSFS, "vmlinux"):
            return running_kernel()
        return Target(_stem(os.path.basename(spec)) or spec, spec, "file")
    return next((target for target in bundled_targets() if target.name == spec), None)


def _open_module(kernel: Target, module: str) -> Target:
    path = module if os.path.exists(module) else os.path.join(SYSFS, module)
    if not os.path.exists(path):
        raise TargetError(
            f'no module "{module}"', hint=f"give a path to its BTF, or the name of a loaded module in {SYSFS}"
        )
    return Target(f"{kernel.name}+{_stem(os.path.basename(path))}", path, kernel.origin, base=kernel)


def _stem(name: str) -> str:
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def _version_key(name: str) -> tuple[tuple[int, str], ...]:
    """Return a key that sorts 5.10 before 6.1 before 6.12."""
    parts = name.replace("-", ".").split(".")
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)
