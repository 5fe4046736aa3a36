"""The targets of folders, searched to the bottom, and of shell patterns."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

from btfview.errors import InputError, TargetError, UnreadableFileError, reason_of
from btfview.frozen import TYPE_CHECKING, frozen

from .names import WILD, is_target_name, target_name, version_key
from .target import Target

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from .kernels import Machine

MAX_FILES = 200_000
"""Files that a search looks at; BTFHub has 20,000."""
LOOKED_FOR = (
    "looked for: *.btf, vmlinux*, vmlinuz* (also .xz, .gz, .zst, .bz2, .lz4, .tar.xz) and raw BTF of any name"
)
_SEPARATORS = "+.-_"
_MODULE_WORDS = ("module-", "module.", "module_")


@frozen
class Found:
    """What a search came upon."""

    targets: tuple[Target, ...]
    problems: tuple[str, ...] = ()
    """Why parts of the place were not searched."""


def folder_targets(folder: str, machine: Machine) -> Found:
    """Return a target for each file in *folder* and below it that is called like one (``*.btf``, ``vmlinu*``,
    packed or not) or holds raw BTF, from old to new, each kernel before its modules.

    A module's BTF stands on the kernel whose name its own begins with (``6.1.0-9.btf`` and
    ``6.1.0-9.module-loop.btf``) in the same folder, and without such a name on the only kernel there (a copy
    of ``/sys/kernel/btf``). Hidden folders are left out; one that several links lead to is searched once.

    Raises:
        UnreadableFileError: the folder cannot be listed.
        TargetError: there is none, or there are too many files.
    """
    running = machine.running_kernel()
    if running and os.path.realpath(folder) == os.path.realpath(machine.sysfs):
        return Found((running, *running.modules))
    problems: list[str] = []
    by_folder = {place: names for place, names in _searched(folder, problems) if names}
    targets = _targets_of(by_folder)
    if not targets:
        count = sum(map(len, by_folder.values()))
        raise TargetError(
            f"no targets in this folder or below it, of {count} files", path=folder, hint=LOOKED_FOR
        )
    return Found(targets, tuple(problems))


def fitting_files(pattern: str, machine: Machine) -> tuple[list[str], Found]:
    """Return the files that a shell pattern fits (``**`` is any folders), and what is found in the folders
    that it fits.

    Raises:
        TargetError: it fits nothing.
    """
    if "**" in pattern.split("/"):
        return _fitting_below(pattern)
    from glob import iglob

    files: list[str] = []
    folders: list[str] = []
    for path in iglob(pattern):
        (folders if os.path.isdir(path) else files).append(path)
        if len(files) + len(folders) > MAX_FILES:
            raise _too_many(pattern)
    files = [path for path in files if os.path.isfile(path)]
    if not files and not folders:
        raise TargetError("no file fits this pattern", path=pattern, hint="folders below need **/")
    targets: list[Target] = []
    problems: list[str] = []
    for folder in sorted(folders):
        try:
            found = folder_targets(folder, machine)
        except InputError as error:
            if not files and len(folders) == 1:
                raise
            problems.append(str(error))
            continue
        targets += found.targets
        problems += found.problems
    return sorted(files), Found(tuple(targets), tuple(problems))


def _fitting_below(pattern: str) -> tuple[list[str], Found]:
    """Return the same of a pattern with ``**``, whose folders are searched as any: glob follows each link
    that goes round 40 times."""
    parts = pattern.split("/")
    at = next(n for n, part in enumerate(parts) if not WILD.isdisjoint(part))
    top, wanted = "/".join(parts[:at]) or ("/" if at else "."), [part for part in parts[at:] if part]
    files: list[str] = []
    problems: list[str] = []
    for folder, names in _searched(top, problems):
        above = [part for part in os.path.relpath(folder, top).split("/") if part != "."]
        is_whole = any(_fits(above[:n], wanted) for n in range(1, len(above) + 1))
        files += [
            os.path.join(folder, name).removeprefix("./")
            for name in names
            if is_whole or (not name.startswith(".") and _fits([*above, name], wanted))
        ]
    if not files:
        raise TargetError("no file fits this pattern", path=pattern)
    return sorted(files), Found((), tuple(problems))


def _fits(parts: list[str], wanted: list[str]) -> bool:
    """Tell whether a path fits a pattern, part by part; ``**`` stands for any number of them."""
    if not wanted:
        return not parts
    if wanted[0] == "**":
        return _fits(parts, wanted[1:]) or (bool(parts) and _fits(parts[1:], wanted))
    return bool(parts) and fnmatchcase(parts[0], wanted[0]) and _fits(parts[1:], wanted[1:])


def targets_in(paths: Iterable[str]) -> tuple[Target, ...]:
    """Return the targets among the files *paths*, as :func:`folder_targets` does."""
    by_folder: dict[str, list[str]] = {}
    for path in paths:
        by_folder.setdefault(os.path.dirname(path), []).append(os.path.basename(path))
    return _targets_of(by_folder)


def _searched(top: str, problems: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the folders from *top* down, each with the names of its files, and say in *problems* which could
    not be listed.

    Raises:
        UnreadableFileError: *top* itself cannot be listed.
        TargetError: there are more than :data:`MAX_FILES`.
    """
    waiting, seen, count = [top], set[tuple[int, int]](), 0
    while waiting:
        folder = waiting.pop()
        files: list[str] = []
        below: list[str] = []
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_file():
                        files.append(entry.name)
                    elif entry.is_dir() and not entry.name.startswith("."):
                        below.append(entry.path)
        except OSError as error:
            problem = UnreadableFileError(reason_of(error), path=folder)
            if folder == top:
                raise problem from error
            problems.append(str(problem))
            continue
        count += len(files) + len(below)
        if count > MAX_FILES:
            raise _too_many(top)
        waiting += sorted(below, reverse=True)
        yield folder, files


def _too_many(place: str) -> TargetError:
    return TargetError(
        f"more than {MAX_FILES:,} files, which is no folder of kernels",
        path=place,
        hint="name the folders in it that have the kernels, or a pattern",
    )


def _targets_of(by_folder: dict[str, list[str]]) -> tuple[Target, ...]:
    """Return the targets of several folders from old to new, each kernel before its modules."""
    families: list[tuple[Target, ...]] = []
    for folder, names in by_folder.items():
        names.sort(key=lambda name: (version_key(target_name(name)), name))
        paths = [(name, os.path.join(folder, name)) for name in names]
        taken = [path for name, path in paths if is_target_name(name) or _is_raw(path)]
        families += _families([Target(target_name(path), path, "file") for path in taken])
    families.sort(key=lambda family: version_key(family[0].name))
    return tuple(target for family in families for target in family)


def _families(targets: list[Target]) -> list[tuple[Target, ...]]:
    """Return the targets of one folder, each kernel with those on top of it behind it."""
    names = {target.name for target in targets}
    kernels: list[Target] = []
    others: list[Target] = []
    for target in targets:
        (others if _is_module(target, names) else kernels).append(target)
    by_name = {kernel.name: kernel for kernel in reversed(kernels)}
    has_only_one = len(kernels) == 1
    modules: dict[Target, list[Target]] = {}
    for target in others:
        name = max(_beginnings(target.name, by_name), key=len, default="")
        if not name and not has_only_one:
            kernels.append(target)  # of no kernel here; opening it tells what to do
            continue
        kernel = by_name[name] if name else kernels[0]
        own = target.name.removeprefix(name).lstrip(_SEPARATORS) if name else target.name
        for word in _MODULE_WORDS:
            own = own.removeprefix(word)
        on_top = Target(f"{kernel.name}+{own}", target.path, kernel.origin, base=kernel)
        modules.setdefault(kernel, []).append(on_top)
    for kernel, its_own in modules.items():
        kernel.modules = tuple(its_own)
    return [(kernel, *kernel.modules) for kernel in kernels]


def _is_module(target: Target, names: set[str]) -> bool:
    """Tell whether *target* holds a module's BTF. Of packed files only those are unpacked whose name says
    that they go with another."""
    from .module import is_split, is_split_file
    from .open import read_sections

    try:
        if _is_raw(target.path):
            return is_split_file(target.path)
        if next(_beginnings(target.name, names), None) is not None:
            sections = read_sections(target.path)
            return sections.distilled_base is None and is_split(sections.btf)
    except InputError:
        pass  # told when it is opened
    return False


def _beginnings(name: str, names: Container[str]) -> Iterator[str]:
    """Yield those of *names* that *name* continues behind a separator."""
    for at, letter in enumerate(name):
        if letter in _SEPARATORS and name[:at] in names:
            yield name[:at]


def _is_raw(path: str) -> bool:
    from .places import look_at
    from .unpacking.unpack import RAW_BTF

    try:
        return look_at(path)[0] == RAW_BTF
    except InputError:
        return False
