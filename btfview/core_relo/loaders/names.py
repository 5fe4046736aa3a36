"""The loaders whose rules are known, by the names that ``--loader`` takes."""

from __future__ import annotations

LIBBPF = "libbpf"
OLD_LIBBPF = "libbpf-1.1"
CILIUM = "cilium"
AYA = "aya"
LOADERS = (LIBBPF, OLD_LIBBPF, CILIUM, AYA)
ALL = "all"
VERSIONS = {LIBBPF: "1.7.0", OLD_LIBBPF: "1.1.2", CILIUM: "0.22.0", AYA: "0.3.0"}
"""The release of each library that the rules were held against; of aya that of its crate aya-obj."""


def title(loader: str) -> str:
    """Return the loader's name with the release.

    >>> title("cilium"), title("libbpf-1.1")
    ('cilium/ebpf 0.22.0', 'libbpf 1.1.2')
    """
    name = {OLD_LIBBPF: "libbpf", CILIUM: "cilium/ebpf", AYA: "aya-obj"}.get(loader, loader)
    return f"{name} {VERSIONS[loader]}"
