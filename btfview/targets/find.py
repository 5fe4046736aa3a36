"""Find targets: by name, by path, the running kernel's, a folder's, a pattern's, a list's, a module on top of
a kernel.

:mod:`.places` knows all the places of a machine; this module imports no more than ``-t FILE`` needs.
"""

from __future__ import annotations

import os

from btfview.errors import InputError, TargetError
from btfview.frozen import TYPE_CHECKING

from .kernels import THIS_MACHINE, bundled_targets
from .names import is_pattern, target_name
from .target import Target

if TYPE_CHECKING:
    from .folders import Found
    from .kernels import Machine

_SQLITE = b"SQLite format 3\0"
"""How an atlas begins, and what is told not to be one."""
LIST = "@"
"""Begins the name of a file that names targets."""


def open_targets(spec: str, machine: Machine = THIS_MACHINE) -> tuple[Target, ...]:
    """Return the targets that a user means: of a folder, a pattern or a list all that :func:`find_fleet`
    finds; of an atlas (``fleet.atlas``, ``fleet.atlas:PATTERN``) its kernels; else what :func:`open_target`
    returns.

    Raises:
        TargetError: nothing is called so, or the folder, the list or the atlas holds none.
        UnreadableFileError: the folder, the list or the atlas cannot be read.
    """
    if found := _atlas_targets(spec):
        return found
    fleet = find_fleet(spec, machine)
    return (open_target(spec, machine),) if fleet is None else fleet.targets


def find_fleet(spec: str, machine: Machine = THIS_MACHINE) -> Found | None:
    """Return what is found where *spec* stands for many: a folder, searched to the bottom; a shell pattern
    (``/btf/6.*``); ``@LIST``, a file with a target a line. None where it names one.

    Raises:
        TargetError: there is none.
        UnreadableFileError: it cannot be read.
    """
    if os.path.isdir(spec):
        from .folders import folder_targets

        return folder_targets(spec, machine)
    if spec.startswith(LIST) and not os.path.lexists(spec):
        return _listed(spec[len(LIST) :], machine)
    if not is_pattern(spec) or split_atlas(spec):
        return None
    return _fitting(spec, machine)


def _fitting(pattern: str, machine: Machine) -> Found:
    from .folders import LOOKED_FOR, Found, fitting_files, targets_in

    files, below = fitting_files(pattern, machine)
    atlases = dict.fromkeys(path for path in files if split_atlas(path))
    of_atlases = tuple(target for path in atlases for target in _atlas_targets(path))
    targets = (*targets_in(path for path in files if path not in atlases), *below.targets, *of_atlases)
    if not targets:
        raise TargetError(
            f"no targets among the {len(files)} files that fit this pattern", path=pattern, hint=LOOKED_FOR
        )
    return Found(targets, below.problems)


def _listed(path: str, machine: Machine) -> Found:
    """Return the targets of a list: what ``-t`` takes, one a line, paths from the list's folder on; an empty
    line and one that begins with # say nothing."""
    from btfview.inputs import MAX_TEXT, read_input

    from .folders import Found

    targets: dict[Target, None] = {}
    problems: list[str] = []
    lines = read_input(path, MAX_TEXT).decode("utf-8", "surrogateescape").splitlines()
    for number, line in enumerate(lines, 1):
        spec = line.strip()
        if not spec or spec.startswith("#"):
            continue
        where = f"{path}:{number}"
        if spec.startswith(LIST):
            raise TargetError(f'"{spec}": a list in a list', path=where, hint="give both with -t")
        spec = _from_folder(os.path.dirname(path), spec)
        try:
            found = find_fleet(spec, machine)
            targets |= dict.fromkeys(found.targets if found else open_targets(spec, machine))
            problems += found.problems if found else ()
        except InputError as error:
            raise TargetError(str(error), path=where) from error
    if not targets:
        raise TargetError("a list without targets", path=path, hint="a target a line; # begins a comment")
    return Found(tuple(targets), tuple(problems))


def open_target(spec: str, machine: Machine = THIS_MACHINE) -> Target:
    """Return the target that a user means: a path, a bundled name, ``running``, or ``KERNEL+MODULE``.

    The file is not read yet.

    Raises:
        TargetError: nothing is called so, or it is a folder.
    """
    if os.path.isdir(spec):
        raise TargetError("a folder, where one target is wanted", path=spec, hint="give one of its files")
    if in_atlas := _atlas_targets(spec):
        # A kernel stands before its modules, which come with it.
        if any(target.base is None for target in in_atlas[1:]):
            hint = f"give one: {spec.partition(':')[0]}:{in_atlas[0].name}"
            raise TargetError(f"{len(in_atlas)} kernels, where one target is wanted", path=spec, hint=hint)
        return in_atlas[0]
    found = _open_kernel(spec, machine)
    if found is not None:
        return found
    # A name may itself hold a plus (6.12.117+deb12-amd64), so the last one is tried first.
    at = spec.rfind("+")
    while at > 0:
        kernel = _open_kernel(spec[:at], machine)
        if kernel is not None:
            return _open_modules(kernel, spec[at + 1 :], machine)
        at = spec.rfind("+", 0, at)
    if spec == "running" or spec.startswith("running+"):
        raise TargetError(
            f"the running kernel shows no BTF in {machine.sysfs}", hint="it needs CONFIG_DEBUG_INFO_BTF=y"
        )
    known = ", ".join(target.name for target in bundled_targets())
    raise TargetError(
        f'no target "{spec}"', hint=f"give a path, running, or one of the bundled kernels: {known}"
    )


def _from_folder(folder: str, spec: str) -> str:
    """Return *spec* with its path told from *folder* on; a name as it is."""
    beside = os.path.join(folder, os.path.expanduser(spec))
    ends = [at for at, letter in enumerate(beside) if letter in ":+" and at > len(folder)]
    is_there = any(os.path.lexists(beside[:end]) for end in (*ends, len(beside)))
    return beside if is_there or "/" in spec or is_pattern(beside) else spec


def _atlas_targets(spec: str) -> tuple[Target, ...]:
    """Return the kernels that *spec* names of an atlas; none where it names none."""
    place = split_atlas(spec)
    if place is None:
        return ()
    from .atlas_kernels import atlas_targets

    return atlas_targets(*place)


def split_atlas(spec: str) -> tuple[str, str] | None:
    """Return the atlas in *spec* and the pattern behind a colon; None where it is something else."""
    if os.path.isfile(spec):
        return (spec, "") if _is_sqlite(spec) else None
    at = spec.rfind(":")
    while at > 0:
        if os.path.isfile(spec[:at]):
            return (spec[:at], spec[at + 1 :]) if _is_sqlite(spec[:at]) else None
        at = spec.rfind(":", 0, at)
    return None


def _is_sqlite(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False  # told by who opens it


def _open_kernel(spec: str, machine: Machine) -> Target | None:
    if spec == "running":
        return machine.running_kernel()
    if os.path.exists(spec) and not os.path.isdir(spec):
        if os.path.realpath(spec) == machine.sysfs_vmlinux:
            return machine.running_kernel()
        return Target(target_name(spec), spec, "file")
    return next((target for target in bundled_targets() if target.name == spec), None)


def _open_modules(kernel: Target, modules: str, machine: Machine) -> Target:
    """Return *kernel* with ``A+B`` on top. A path may itself hold a plus: what is a file counts as one."""
    words = modules.split("+")
    while words:
        count = next((n for n in range(len(words), 0, -1) if os.path.isfile("+".join(words[:n]))), 1)
        kernel = _open_module(kernel, "+".join(words[:count]), machine)
        words = words[count:]
    return kernel


def _open_module(kernel: Target, module: str, machine: Machine) -> Target:
    path = module
    if os.path.isdir(module) or not os.path.exists(module):
        from .places import find_module

        path = find_module(kernel.root, module, machine)
    return _on_top(kernel, target_name(path), path)


def _on_top(kernel: Target, module: str, path: str) -> Target:
    return Target(f"{kernel.name}+{module}", path, kernel.origin, base=kernel)
