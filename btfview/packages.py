"""The Python packages that btfview uses, and what does not work without each."""

from __future__ import annotations

import sys

from .frozen import frozen


@frozen
class Package:
    """One package of the registry."""

    name: str
    module: str
    """As it is imported."""
    missing: str
    """What does not work without it, behind "not installed: "."""
    is_for_all: bool = False
    """``doctor`` fails without it; of the others it says what is limited."""


PACKAGES = (
    Package("textual", "textual", "no screen and no recording; all other commands work", is_for_all=True),
    Package("llvmlite", "llvmlite", "Rust, LLVM IR and bitcode are not compiled; objects and C are no worse"),
    Package("tree-sitter", "tree_sitter", "Rust is not compiled; objects, LLVM IR and C are no worse"),
    Package(
        "tree-sitter-rust", "tree_sitter_rust", "Rust is not compiled; objects, LLVM IR and C are no worse"
    ),
    Package("construct", "construct", "a record's bytes are not told apart (B, explain --bytes)"),
    Package("pyelftools", "elftools", "kernel images and modules of 32 bits are not read"),
    *(
        (Package("backports.zstd", "backports.zstd", "no atlas, and nothing that is packed with zstd"),)
        if sys.version_info < (3, 14)
        else ()
    ),
    Package("numpy", "numpy", "no atlas is built or added to; one that is there is read all the same"),
)
"""Those that pyproject.toml asks for, and its extra ``atlas``, in the order in which they are shown."""


def find_package(module: str) -> Package | None:
    """Return the package that *module* or what it is in belongs to; None for one that is not btfview's.

    >>> find_package("elftools.elf").name, find_package("nothing")
    ('pyelftools', None)
    """
    return next((one for one in PACKAGES if f"{module}.".startswith(f"{one.module}.")), None)


def wanted_versions() -> dict[str, str]:
    """Return the versions that btfview's metadata asks for (``<0.25,>=0.24.1``), by package; empty where
    btfview runs without having been installed."""
    import re
    from importlib.metadata import PackageNotFoundError, requires

    try:
        lines = requires("btfview") or ()
    except PackageNotFoundError:
        return {}
    known = {package.name for package in PACKAGES}
    matches = (re.match(r"([\w.-]+)\s*\(?([<>=!~][^;)]*)", line) for line in lines)
    return {found[1]: found[2].strip() for found in matches if found and found[1] in known}


def install_command(*names: str) -> str:
    """Return the command that installs packages in versions that btfview was made for."""
    wanted = wanted_versions()
    return " ".join(
        ("pip install", *(f"'{name}{wanted[name]}'" if name in wanted else name for name in names))
    )


def missing_text(module: str) -> str:
    """Return what a user is told of a module that cannot be imported.

    >>> missing_text("nothing")
    'the package nothing is not installed; btfview doctor says what is missing'
    """
    package = find_package(module)
    if package is None:
        return f"the package {module} is not installed; btfview doctor says what is missing"
    return f"the package {package.name} is not installed: {package.missing}; {install_command(package.name)}"
