"""Arguments that several commands share."""

from __future__ import annotations

import os
import sys

from btfview.compiler.options import CPUS, DIALECTS, ENDIANS, FRONTENDS, CompileOptions
from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING

_MANY_TARGETS = 4
ALL_LOADERS = "all"
LOADERS = ("libbpf", "libbpf-1.1", "cilium", "aya", ALL_LOADERS)
"""The names of :mod:`btfview.core_relo.loaders.names`, which is imported where one of them is asked."""
_LIBBPF_VERSIONS = {"libbpf": "1.7.0", "libbpf-1.1": "1.1.2"}

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace, _ArgumentGroup

    from btfview.demands.asked import Loading
    from btfview.targets.kernels import Machine
    from btfview.targets.target import Target


def add_target_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "-t",
        "--target",
        action="append",
        default=[],
        metavar="TARGET",
        help="a file with BTF, a folder (and those below it) or a quoted pattern of such, an atlas, @LIST (a"
        ' file with a target a line), a bundled kernel, "running", or KERNEL+MODULE; repeatable',
    )


def add_one_target_argument(parser: ArgumentParser, *, is_required: bool = False) -> None:
    """The same for commands that speak of one target; see :func:`open_one_target`."""
    parser.add_argument(
        "-t",
        "--target",
        action="append",
        default=[],
        required=is_required,
        metavar="TARGET",
        help='a file with BTF, a bundled kernel, "running", or KERNEL+MODULE',
    )


def add_loading_arguments(parser: ArgumentParser, *, has_others: bool) -> None:
    """Add --kconfig and --loader, the latter for versions of libbpf, and for the other loaders where the
    command knows their rules."""
    group = parser.add_argument_group("how the object is loaded")
    group.add_argument(
        "--kconfig",
        metavar="FILE",
        help="the kernel's configuration (/boot/config-*, /proc/config.gz), for values of .kconfig",
    )
    group.add_argument(
        "--loader",
        type=str if has_others else _of_libbpf,
        choices=(*_LIBBPF_VERSIONS.values(), *(LOADERS if has_others else _LIBBPF_VERSIONS)),
        metavar="LOADER" if has_others else "VERSION",
        help="of libbpf: 1.7.0 (default) or 1.1.2, as in Debian 12; or "
        + ", ".join(LOADERS if has_others else _LIBBPF_VERSIONS),
    )


def _of_libbpf(loader: str) -> str:
    """Return *loader*, a version of libbpf; of the others, say who asks them."""
    if loader in LOADERS and loader not in _LIBBPF_VERSIONS:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(
            f"a version of libbpf here ({' or '.join(_LIBBPF_VERSIONS.values())}); what other loaders look"
            f" up, and where that fails, btfview check --loader {loader} tells"
        )
    return loader


def add_loader_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--loader",
        choices=LOADERS,
        default=LOADERS[0],
        help="whose rules: libbpf (default), libbpf-1.1, cilium (cilium/ebpf), aya, or all side by side",
    )


def add_shown_loader_argument(parser: ArgumentParser) -> None:
    """Add --loader for the screen, which shows one at a time and remembers which."""
    parser.add_argument(
        "--loader",
        choices=LOADERS[:-1],
        help="whose rules: libbpf, libbpf-1.1, cilium (cilium/ebpf) or aya (default: the one shown last)",
    )


def loading_of(args: Namespace) -> Loading:
    """Return how the object is loaded, by :func:`add_loading_arguments`.

    Raises:
        InputError: the file of --kconfig cannot be read.
    """
    from btfview.demands.asked import Loading
    from btfview.demands.kinds.kconfig import read_config

    version = _LIBBPF_VERSIONS.get(args.loader, args.loader or "")
    if version not in _LIBBPF_VERSIONS.values():
        version = _LIBBPF_VERSIONS[LOADERS[0]]  # what it asks beside its records is judged as by libbpf
    return Loading(version, read_config(args.kconfig) if args.kconfig else None)


def loader_of(args: Namespace) -> str:
    """Return the loader of --loader, one of :data:`LOADERS`, also where a version of libbpf was given."""
    names = {version: name for name, version in _LIBBPF_VERSIONS.items()}
    return names.get(args.loader) or str(args.loader or LOADERS[0])


def add_compile_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("when FILE is a source")
    group.add_argument("--cpu", choices=CPUS, default="v3", help="BPF instruction set (default v3)")
    group.add_argument("--endian", choices=ENDIANS, default="little", help="byte order (default little)")
    group.add_argument(
        "--dialect",
        choices=DIALECTS,
        default="auto",
        help="of the Rust queries (default: as the markers say)",
    )
    group.add_argument(
        "--frontend",
        choices=FRONTENDS,
        default="auto",
        help="what compiles Rust (default: the built-in one, and rustc for what it cannot take)",
    )
    for kind in ("bin", "example", "package"):
        group.add_argument(
            f"--{kind}",
            action="append",
            default=[],
            metavar="NAME",
            help=f"the {'programs of this package' if kind == 'package' else kind} of a Cargo project",
        )
    parser.add_argument(
        "--link",
        action="append",
        default=[],
        metavar="MODULE",
        help="link FILE, which is bitcode, with this bitcode or LLVM IR; repeatable",
    )


def add_message_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--message-format",
        choices=("human", "json"),
        default="human",
        help="of diagnostics on stderr: text with carets, or a line of JSON each, as rustc writes it",
    )


def add_color_argument(parser: ArgumentParser | _ArgumentGroup) -> None:
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="of text: always, never or auto (default): where it goes to a terminal and NO_COLOR is not set",
    )


def add_jobs_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "-j", "--jobs", type=int, metavar="N", help="processes for many targets (default: one a processor)"
    )


def add_scheduler_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="ask the workers of this Dask cluster (HOST:PORT); needs btfview[cluster], the same on each",
    )


def choose_jobs(jobs: int | None, targets: list[Target], file_count: int) -> int:
    """Return how many processes to use; for a few targets more than one costs more than it saves, and for
    several files it is cheaper to keep the targets than to have them read by new processes for each.

    Raises:
        UsageError: *jobs* is less than one.
    """
    if jobs is not None and jobs < 1:
        raise UsageError(f"--jobs {jobs}: at least one is needed")
    if jobs is None:
        return (os.cpu_count() or 1) if len(targets) >= _MANY_TARGETS and file_count == 1 else 1
    return jobs


def compile_options(args: Namespace) -> CompileOptions:
    programs = [f"{kind}:{name}" for kind in ("bin", "example", "package") for name in getattr(args, kind)]
    if len(programs) > 1:
        raise UsageError("one program of a project is compiled at a time: --bin, --example or --package once")
    return CompileOptions(
        args.cpu,
        args.endian,
        args.dialect,
        tuple(args.link),
        tuple(args.flags),
        tuple(args.configured_flags),
        frontend=args.frontend,
        program=programs[0] if programs else "",
    )


def open_targets(specs: list[str]) -> list[Target]:
    """Return the targets that *specs* name (a folder names several), each once, none of them read yet; those
    of one name told apart.

    Raises:
        TargetError: a name is unknown.
    """
    return open_fleet(specs)[0]


def open_fleet(specs: list[str], machine: Machine | None = None) -> tuple[list[Target], frozenset[Target]]:
    """Return the same, and which of them no one named: they are of a folder, a pattern, a list or
    an atlas.

    Raises:
        TargetError: a name is unknown.
    """
    from btfview.targets.find import find_fleet
    from btfview.targets.find import open_targets as open_spec
    from btfview.targets.kernels import THIS_MACHINE

    machine = machine or THIS_MACHINE
    targets: dict[tuple[str, str], Target] = {}
    named: set[tuple[str, str]] = set()
    places: dict[str, str] = {}  # thousands of kernels are in one atlas
    for spec in specs:
        fleet = find_fleet(spec, machine)
        found = open_spec(spec, machine) if fleet is None else fleet.targets
        is_named = fleet is None and len({target.root for target in found}) == 1  # an atlas has many
        for target in found:
            if target.path not in places:
                places[target.path] = os.path.abspath(target.path)
            key = (places[target.path], target.name)
            targets.setdefault(key, target)
            if is_named:
                named.add(key)
        for problem in fleet.problems if fleet else ():
            from btfview.btf.format.spelling import visible

            print(visible(f"btfview: note: not searched: {problem}"), file=sys.stderr)
    if len(targets) > 1:
        from btfview.targets.told_apart import tell_apart

        tell_apart(targets.values())
    return list(targets.values()), frozenset(one for key, one in targets.items() if key not in named)


def open_one_target(specs: list[str]) -> list[Target]:
    """Return the target that *specs* names, as a list of one or none.

    Raises:
        UsageError: there are several.
        TargetError: its name is unknown.
    """
    targets = open_targets(specs)
    if len(targets) > 1:
        raise UsageError(f"one target at a time; given are {', '.join(target.name for target in targets)}")
    return targets
