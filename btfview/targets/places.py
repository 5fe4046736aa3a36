"""Every place where a machine keeps kernel BTF: for the list of targets, for modules by name, for folders."""

from __future__ import annotations

import os

from btfview.errors import InputError, TargetError, reason_of
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.inputs import MAX_TEXT, open_input, read_input

from .bundled_kernels import FILE
from .kernels import THIS_MACHINE, VMLINUX_PATTERNS, bundled_targets
from .names import target_name, version_key
from .target import Target
from .unpacking.unpack import form_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .kernels import Machine

_ALSO = (
    "boot/vmlinuz-{release}",
    "usr/lib/modules/{release}/vmlinuz",
    "usr/lib/modules/{release}/vmlinux",
)
"""Images that libbpf does not unpack: of Debian, Ubuntu and openSUSE; of Fedora and Arch; of Debian 14."""
_MODULE_TREES = ("lib/modules", "usr/lib/modules")
_HEAD = 1024


@frozen
class SearchedPlace:
    """A place that is searched for targets."""

    title: str
    pattern: str
    """A path, in which ``*`` stands for any release."""
    targets: tuple[Target, ...]
    reason: str = ""
    """Why there is none."""


def all_places(machine: Machine = THIS_MACHINE) -> tuple[SearchedPlace, ...]:
    """Return every place that is searched for kernels, with what is there. No file is unpacked.

    A kernel that two places lead to (``/lib`` is a link to ``/usr/lib`` nowadays) stands at the first.
    """
    running, sysfs = machine.running_kernel(), machine.sysfs_vmlinux
    places = [
        SearchedPlace("the running kernel", sysfs, (running,))
        if running and running.path == sysfs
        else SearchedPlace(
            "the running kernel", sysfs, (), _why_no_folder(machine.sysfs) or "no vmlinux there"
        )
    ]
    if modules := machine.sysfs_modules():
        reason = f"{len(modules)} loaded modules: give running+NAME, or {machine.sysfs} for all"
        places.append(SearchedPlace("its modules", os.path.join(machine.sysfs, "*"), (), reason))
    seen = {os.path.realpath(sysfs)}
    for pattern in dict.fromkeys((*VMLINUX_PATTERNS, *_ALSO)):
        full = os.path.join(machine.root, pattern.replace("{release}", "*"))
        found, files = _files(full), []
        for path in found:
            real = os.path.realpath(path)
            if real not in seen:
                seen.add(real)
                files.append(path)
        reason = ""
        if not files:
            reason = "listed above" if found else _why_no_folder(_fixed_part(full)) or "none there"
        targets = tuple(Target(target_name(path), path, "file") for path in files)
        places.append(SearchedPlace("installed kernels", full, targets, reason))
    places.append(SearchedPlace("bundled with btfview", FILE, bundled_targets()))
    return tuple(places)


def all_targets(machine: Machine = THIS_MACHINE) -> tuple[Target, ...]:
    """Return the targets of all places, each once: the running kernel, installed ones, bundled ones."""
    return tuple(dict.fromkeys(target for place in all_places(machine) for target in place.targets))


def look_at(path: str) -> tuple[str, int]:
    """Return the form of the file *path* in words (``xz``, ``x86 kernel image``) and its bytes.

    Raises:
        UnreadableFileError: the operating system refuses.
    """
    with open_input(path) as file:
        # What is taken out of a pipe would be missing when it is opened.
        return ("pipe", 0) if file.is_pipe else (form_of(file.read_at(0, _HEAD)), file.size)


def _files(pattern: str) -> list[str]:
    """Return the files that fit *pattern*, whose ``*`` all stand for the same text, from old to new."""
    folder, start = _fixed_part(pattern), os.path.basename(pattern.partition("*")[0])
    end = pattern.partition("*")[2].partition("/")[0].partition("*")[0]
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    found = []
    for name in sorted(names, key=version_key):
        release = name[len(start) : len(name) - len(end)]
        path = pattern.replace("*", release)
        if name == start + release + end and os.path.isfile(path):
            found.append(path)
    return found


def _fixed_part(pattern: str) -> str:
    """Return the folder in which the first ``*`` of *pattern* stands."""
    return os.path.dirname(pattern.partition("*")[0])


def _why_no_folder(folder: str) -> str:
    try:
        os.listdir(folder)
    except FileNotFoundError:
        return "no such folder"
    except OSError as error:
        return reason_of(error)
    return ""


def find_module(kernel: Target, module: str, machine: Machine) -> str:
    """Return the file that holds the BTF of *module* for *kernel*: sysfs for the running one, else the
    ``.ko`` in the kernel's module tree.

    Raises:
        TargetError: there is no such module.
    """
    searched = []
    if kernel.origin == "running":
        path = os.path.join(machine.sysfs, module.replace("-", "_"))
        if os.path.isfile(path):
            return path
        searched.append(f"{machine.sysfs} (loaded modules)")
    for tree in _module_trees(kernel, machine):
        searched.append(tree)
        if any(_is_module(path, module) for path in _listed_files(os.path.join(tree, "modules.builtin"))):
            raise TargetError(
                f'module "{module}" is built into {kernel.name}', hint="its types are in the kernel's own BTF"
            )
        for path in _module_files(tree):
            if _is_module(path, module) and os.path.isfile(path):
                return path
    where = f"; searched: {', '.join(searched)}" if searched else ""
    raise TargetError(
        f'no module "{module}" of {kernel.name}{where}',
        hint="give the path of its .ko, or of its BTF",
    )


def _module_trees(kernel: Target, machine: Machine) -> list[str]:
    """Return the folders that hold the modules of *kernel*: beside its image, else this machine's."""
    beside = os.path.dirname(os.path.abspath(kernel.path))
    roots = (os.path.dirname(beside), machine.root)
    trees = [os.path.join(root, tree, kernel.name) for root in roots for tree in _MODULE_TREES]
    trees.append(beside)  # an image in the module tree itself
    by_place = {os.path.realpath(tree): tree for tree in reversed(trees)}
    return [tree for tree in reversed(by_place.values()) if os.path.isdir(os.path.join(tree, "kernel"))]


def _module_files(tree: str) -> Iterator[str]:
    """Yield the paths of a tree's modules: as depmod lists them, else as they are found."""
    listed = list(_listed_files(os.path.join(tree, "modules.dep")))
    if listed:
        yield from (os.path.join(tree, path) for path in listed)
        return
    for folder, _, names in os.walk(tree):
        yield from (os.path.join(folder, name) for name in names)


def _listed_files(listing: str) -> Iterator[str]:
    """Yield the paths in modules.dep or modules.builtin: what stands before a colon, if one is there."""
    try:
        text = read_input(listing, MAX_TEXT).decode("utf-8", "replace")
    except InputError:
        return
    yield from (line.split(":", 1)[0].strip() for line in text.splitlines())


def _is_module(path: str, name: str) -> bool:
    """Tell whether *path* is ``NAME.ko``, perhaps packed; as for modprobe ``-`` and ``_`` are equal."""
    stem, dot, _ = os.path.basename(path).partition(".ko")
    return bool(dot) and stem.replace("-", "_") == name.replace("-", "_")
