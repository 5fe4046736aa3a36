"""What targets are called, which files are called like one, and which name is the older kernel's."""

from __future__ import annotations

import os

_PACKED = (".xz", ".gz", ".zst", ".bz2", ".lz4", ".lzma")
_SUFFIXES = (*_PACKED, ".tar", ".btf", ".bin", ".ko", ".debug")
_IMAGES = ("vmlinux", "vmlinuz", "Image", "bzImage")
_TREE_FOLDERS = ("build", "kernel", "boot")
"""Below ``/lib/modules/RELEASE``; what stands there is called by the release."""

WILD = frozenset("*?[")
"""What makes a shell pattern."""


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


def module_name(target: str) -> str:
    """Return what the kernel calls the module in a target's name.

    >>> module_name("6.1.0-56-amd64+nf_conntrack"), module_name("6.1.0+6.1.0.module-tcp-bbr")
    ('nf_conntrack', 'tcp_bbr')
    """
    name = target.rpartition("+")[2]
    for word in ("module-", "module.", "module_"):
        name = name.rpartition(word)[2]
    return name.replace("-", "_")


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


def is_pattern(spec: str) -> bool:
    """Tell whether *spec* is a shell pattern: ``/btf/6.*``; not where there is a file of this very name."""
    return not WILD.isdisjoint(spec) and "\0" not in spec and not os.path.lexists(spec)
