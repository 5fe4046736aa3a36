"""Find targets: by name, by path, the running kernel's, a folder's, a module on top of a kernel.

:mod:`.places` knows all the places of a machine; this module imports no more than ``-t FILE`` needs.
"""

from __future__ import annotations

import os

from btfview.errors import InputError, TargetError, UnreadableFileError, reason_of
from btfview.frozen import TYPE_CHECKING

from .kernels import THIS_MACHINE, bundled_targets
from .names import is_target_name, target_name, version_key
from .target import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .kernels import Machine

_SQLITE = b"SQLite format 3\0"
"""How an atlas begins, and what is told not to be one."""
_SEPARATORS = "+.-_"
_MODULE_WORDS = ("module-", "module.", "module_")


def open_targets(spec: str, machine: Machine = THIS_MACHINE) -> tuple[Target, ...]:
    """Return the targets that a user means: of a folder, each file in it that looks like one, from old to
    new; of an atlas (``fleet.atlas``, ``fleet.atlas:PATTERN``) its kernels; else what :func:`open_target`
    returns.

    Raises:
        TargetError: nothing is called so, or the folder or the atlas holds none.
        UnreadableFileError: the folder or the atlas cannot be read.
    """
    if found := _atlas_targets(spec):
        return found
    return _folder_targets(spec, machine) if os.path.isdir(spec) else (open_target(spec, machine),)


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


# -- folders ---------------------------------------------------------------------------------------


def _folder_targets(folder: str, machine: Machine) -> tuple[Target, ...]:
    """Return a target for each file of *folder* that is called like one (``*.btf``, ``vmlinu*``, packed or
    not) or holds raw BTF, from old to new, each kernel before its modules.

    A module's BTF stands on the kernel whose name its own begins with (``6.1.0-9.btf`` and
    ``6.1.0-9.module-loop.btf``), and without such a name on the only kernel of the folder (a copy of
    ``/sys/kernel/btf``).

    Raises:
        UnreadableFileError: the folder cannot be listed.
        TargetError: there is none.
    """
    running = machine.running_kernel()
    if running and os.path.realpath(folder) == os.path.realpath(machine.sysfs):
        return (running, *running.modules)
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
        modules.setdefault(kernel, []).append(_on_top(kernel, name, target.path))
    for kernel, on_top in modules.items():
        kernel.modules = tuple(on_top)
    return tuple(target for kernel in kernels for target in (kernel, *modules.get(kernel, ())))


def _is_module(target: Target, among: list[Target]) -> bool:
    """Tell whether *target* holds a module's BTF. Of packed files only those are unpacked whose name says
    that they go with another."""
    from .module import is_split, is_split_file
    from .open import read_sections

    try:
        if _is_raw(target.path):
            return is_split_file(target.path)
        if any(_continues(target.name, other.name) for other in among):
            sections = read_sections(target.path)
            return sections.distilled_base is None and is_split(sections.btf)
    except InputError:
        pass  # told when it is opened
    return False


def _continues(name: str, kernel: str) -> bool:
    return len(name) > len(kernel) and name.startswith(kernel) and name[len(kernel)] in _SEPARATORS


def _is_raw(path: str) -> bool:
    from .places import look_at
    from .unpack import RAW_BTF

    try:
        return look_at(path)[0] == RAW_BTF
    except InputError:
        return False
