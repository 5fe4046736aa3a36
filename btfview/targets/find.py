"""Find targets: by name, by path, the running kernel's, the bundled ones.

:mod:`.places` knows all the places of a machine; this module imports no more than ``-t FILE`` needs.
"""

from __future__ import annotations

import os

from btfview.errors import TargetError

from .target import Target

SYSFS = "/sys/kernel/btf"
BUNDLED = os.path.join(os.path.dirname(__file__), "bundled")
_PACKED = (".xz", ".gz", ".zst", ".bz2", ".lz4", ".lzma")
_SUFFIXES = (*_PACKED, ".tar", ".btf", ".bin", ".ko", ".debug")
_IMAGES = ("vmlinux", "vmlinuz", "Image", "bzImage")
_TREE_FOLDERS = ("build", "kernel", "boot")
"""Below ``/lib/modules/RELEASE``; what stands there is called by the release."""


def known_targets() -> tuple[Target, ...]:
    """Return the running kernel, where it has BTF, and the bundled kernels from old to new."""
    running = running_kernel()
    return (running, *bundled_targets()) if running else bundled_targets()


def running_kernel() -> Target | None:
    """Return the kernel that btfview runs on; None if it shows no BTF.

    Without sysfs, the files that libbpf looks for (``btf__load_vmlinux_btf``).
    """
    release = os.uname().release
    path = os.path.join(SYSFS, "vmlinux")
    if os.path.exists(path):
        return Target(release, path, "running")
    from .places import vmlinux_files

    files = vmlinux_files(release)
    return Target(release, files[0], "running") if files else None


def bundled_targets() -> tuple[Target, ...]:
    """Return the trimmed kernels that come with btfview, from old to new."""
    files = sorted((f for f in os.listdir(BUNDLED) if f.endswith(".btf.xz")), key=version_key)
    return tuple(Target(target_name(file), os.path.join(BUNDLED, file), "bundled") for file in files)


def open_targets(spec: str) -> tuple[Target, ...]:
    """Return the targets that a user means: of a folder, each file in it that looks like one, from old to
    new; else what :func:`open_target` returns.

    Raises:
        TargetError: nothing is called so, or the folder holds none.
    """
    if os.path.isdir(spec):
        from .folder import folder_targets

        return folder_targets(spec)
    return (open_target(spec),)


def open_target(spec: str) -> Target:
    """Return the target that a user means: a path, a bundled name, ``running``, or ``KERNEL+MODULE``.

    The file is not read yet.

    Raises:
        TargetError: nothing is called so, or it is a folder.
    """
    if os.path.isdir(spec):
        raise TargetError("a folder, where one target is wanted", path=spec, hint="give one of its files")
    found = _open_kernel(spec)
    if found is not None:
        return found
    # A name may itself hold a plus (6.12.117+deb12-amd64), so the last one is tried first.
    at = spec.rfind("+")
    while at > 0:
        kernel = _open_kernel(spec[:at])
        if kernel is not None:
            return _open_module(kernel, spec[at + 1 :])
        at = spec.rfind("+", 0, at)
    if spec == "running" or spec.startswith("running+"):
        raise TargetError(
            f"the running kernel shows no BTF in {SYSFS}", hint="it needs CONFIG_DEBUG_INFO_BTF=y"
        )
    known = ", ".join(target.name for target in bundled_targets())
    raise TargetError(
        f'no target "{spec}"', hint=f"give a path, running, or one of the bundled kernels: {known}"
    )


def _open_kernel(spec: str) -> Target | None:
    if spec == "running":
        return running_kernel()
    if os.path.exists(spec) and not os.path.isdir(spec):
        if os.path.realpath(spec) == os.path.join(SYSFS, "vmlinux"):
            return running_kernel()
        return Target(target_name(spec), spec, "file")
    return next((target for target in bundled_targets() if target.name == spec), None)


def _open_module(kernel: Target, module: str) -> Target:
    path = module
    if os.path.isdir(module) or not os.path.exists(module):
        from .places import find_module

        path = find_module(kernel, module)
    return Target(f"{kernel.name}+{target_name(path)}", path, kernel.origin, base=kernel)


def target_name(path: str) -> str:
    """Return what the target in the file *path* is called: mostly the kernel's release.

    >>> target_name("/boot/vmlinuz-6.1.0-56-amd64"), target_name("5.4.0-1009-aws.btf.tar.xz")
    ('6.1.0-56-amd64', '5.4.0-1009-aws')
    >>> target_name("/lib/modules/7.2.13+deb14-amd64/vmlinuz"), target_name("my/vmlinux")
    ('7.2.13+deb14-amd64', 'vmlinux')
    """
    name = base = os.path.basename(path)
    while True:
        stem = next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)
        if stem in ("", name):
            break
        name = stem
    if name in _IMAGES:
        parts = [part for part in os.path.dirname(path).split("/") if part not in _TREE_FOLDERS]
        return parts[-1] if parts[-2:-1] == ["modules"] else name
    for image in _IMAGES:
        name = name.removeprefix(f"{image}-")
    return name or base


def is_target_name(name: str) -> bool:
    """Tell whether a file called *name* is meant to be a target: BTF, or a kernel, perhaps packed."""
    stem = name
    while stem.endswith((*_PACKED, ".tar")):
        stem = stem.rpartition(".")[0]
    return stem.endswith(".btf") or stem.startswith(_IMAGES)


def version_key(name: str) -> tuple[tuple[int, str], ...]:
    """Return a key that sorts 5.10 before 6.1 before 6.12."""
    parts = name.replace("-", ".").split(".")
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)
