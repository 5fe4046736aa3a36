"""The targets of a folder: its kernels, and its modules on top of them."""

from __future__ import annotations

import os
from struct import unpack_from

from btfview.btf.kinds import HEADER_SIZE
from btfview.errors import InputError, TargetError, UnreadableFileError, reason_of
from btfview.frozen import TYPE_CHECKING

from . import find
from .find import is_target_name, target_name, version_key
from .module import is_split
from .open import read_sections
from .places import look_at, sysfs_modules
from .target import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEPARATORS = "+.-_"
_MODULE_WORDS = ("module-", "module.", "module_")


def folder_targets(folder: str) -> tuple[Target, ...]:
    """Return a target for each file of *folder* that is called like one (``*.btf``, ``vmlinu*``, packed or
    not) or holds raw BTF, from old to new, each kernel before its modules.

    A module's BTF stands on the kernel whose name its own begins with (``6.1.0-9.btf`` and
    ``6.1.0-9.module-loop.btf``), and without such a name on the only kernel of the folder (a copy of
    ``/sys/kernel/btf``).

    Raises:
        UnreadableFileError: the folder cannot be listed.
        TargetError: there is none.
    """
    running = find.running_kernel()
    if running and os.path.realpath(folder) == os.path.realpath(find.SYSFS):
        return (running, *(find.open_target(f"running+{name}") for name in sysfs_modules()))
    try:
        with os.scandir(folder) as entries:
            files = [entry.name for entry in entries if entry.is_file()]
    except OSError as error:
        raise UnreadableFileError(reason_of(error), path=folder) from error
    files.sort(key=lambda name: (version_key(target_name(name)), name))
    paths = [(name, os.path.join(folder, name)) for name in files]
    taken = [path for name, path in paths if is_target_name(name) or _is_raw(path)]
    if not taken:
        raise TargetError(
            f"no targets in this folder, of {len(files)} files",
            path=folder,
            hint="looked for, without its subfolders: *.btf, vmlinux*, vmlinuz* (also .xz, .gz, .zst, .bz2, "
            ".lz4, .tar.xz) and raw BTF of any name",
        )
    return _paired(Target(target_name(path), path, "file") for path in taken)


def _paired(found: Iterable[Target]) -> tuple[Target, ...]:
    """Return the same targets, the modules among them on top of their kernels, and behind them."""
    targets = list(found)
    kernels = [target for target in targets if not _is_module(target, targets)]
    modules: dict[Target, list[Target]] = {}
    for target in targets:
        if target in kernels:
            continue
        named = [kernel for kernel in kernels if _continues(target.name, kernel.name)]
        if not named and len(kernels) > 1:
            kernels.append(target)  # of no kernel here; opening it tells what to do
            continue
        kernel = max(named, key=lambda kernel: len(kernel.name)) if named else kernels[0]
        name = target.name.removeprefix(kernel.name).lstrip(_SEPARATORS) if named else target.name
        for word in _MODULE_WORDS:
            name = name.removeprefix(word)
        on_top = Target(f"{kernel.name}+{name}", target.path, target.origin, base=kernel)
        modules.setdefault(kernel, []).append(on_top)
    return tuple(target for kernel in kernels for target in (kernel, *modules.get(kernel, ())))


def _is_module(target: Target, among: list[Target]) -> bool:
    """Tell whether *target* holds a module's BTF. Of packed files only those are unpacked whose name says
    that they go with another."""
    try:
        head = look_at(target.path)[0]
        if head == "raw BTF":
            return _is_raw_split(target.path)
        if any(_continues(target.name, other.name) for other in among):
            sections = read_sections(target.path)
            return sections.distilled_base is None and is_split(sections.btf)
    except (InputError, OSError):
        pass  # told when it is opened
    return False


def _is_raw_split(path: str) -> bool:
    """The same as :func:`.module.is_split` without reading it all: a folder may hold a hundred kernels."""
    with open(path, "rb") as file:
        head = file.read(HEADER_SIZE)
        if len(head) < HEADER_SIZE:
            return False
        header, _, _, offset, length = unpack_from("<5I" if head[:2] == b"\x9f\xeb" else ">5I", head, 4)
        file.seek(header + offset)
        return bool(length) and file.read(1) not in (b"", b"\0")


def _continues(name: str, kernel: str) -> bool:
    return len(name) > len(kernel) and name.startswith(kernel) and name[len(kernel)] in _SEPARATORS


def _is_raw(path: str) -> bool:
    try:
        return look_at(path)[0] == "raw BTF"
    except InputError:
        return False
