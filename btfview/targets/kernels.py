"""The kernel that a machine runs, and the trimmed ones that come with btfview."""

from __future__ import annotations

import os

from btfview.frozen import frozen

from .target import Target

VMLINUX_PATTERNS = (
    "boot/vmlinux-{release}",
    "lib/modules/{release}/vmlinux-{release}",
    "lib/modules/{release}/build/vmlinux",
    "usr/lib/modules/{release}/kernel/vmlinux",
    "usr/lib/debug/boot/vmlinux-{release}",
    "usr/lib/debug/boot/vmlinux-{release}.debug",
    "usr/lib/debug/lib/modules/{release}/vmlinux",
)
"""Where libbpf looks after sysfs, in its order (``btf__load_vmlinux_btf``, btf.c)."""


@frozen
class Machine:
    """The machine whose kernel is meant by ``running``: all of it stands below one folder."""

    root: str = "/"

    @property
    def sysfs(self) -> str:
        """The folder in which a kernel shows its BTF and that of its modules."""
        return os.path.join(self.root, "sys/kernel/btf")

    @property
    def sysfs_vmlinux(self) -> str:
        return os.path.join(self.sysfs, "vmlinux")

    def sysfs_modules(self) -> list[str]:
        """Return the names of the loaded modules that show their BTF."""
        try:
            return sorted(name for name in os.listdir(self.sysfs) if name != "vmlinux")
        except OSError:
            return []

    def vmlinux_files(self, release: str) -> list[str]:
        """Return the files from which libbpf would take the BTF of kernel *release*, first choice first."""
        paths = (
            os.path.join(self.root, pattern.replace("{release}", release)) for pattern in VMLINUX_PATTERNS
        )
        return [path for path in paths if os.access(path, os.R_OK)]

    def running_kernel(self) -> Target | None:
        """Return the kernel that btfview runs on; None if it shows no BTF.

        Without sysfs, the files that libbpf looks for (``btf__load_vmlinux_btf``).
        """
        release = os.uname().release
        if os.path.exists(self.sysfs_vmlinux):
            running = Target(release, self.sysfs_vmlinux, "running")
            running.modules = tuple(
                Target(f"{release}+{name}", os.path.join(self.sysfs, name), "running", base=running)
                for name in self.sysfs_modules()
            )
            return running
        files = self.vmlinux_files(release)
        return Target(release, files[0], "running") if files else None


THIS_MACHINE = Machine()


def bundled_targets() -> tuple[Target, ...]:
    """Return the trimmed kernels that come with btfview, from old to new."""
    from .bundled_kernels import NAMES, BundledTarget

    return tuple(map(BundledTarget, NAMES))


def known_targets(machine: Machine = THIS_MACHINE) -> tuple[Target, ...]:
    """Return the running kernel, where it has BTF, and the bundled kernels from old to new."""
    running = machine.running_kernel()
    return (running, *bundled_targets()) if running else bundled_targets()
