"""A plain installation of this repository in a virtual environment of its own.

Not editable, because an editable one starts 15 ms slower; and with the console script of uv and pip 25: that
of older ones imports ``re``, 4 ms. The dependencies are those of the interpreter that runs the benchmark: a
``.pth`` file leads to them, so only btfview itself is built.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.paths import ROOT

_SOURCES = ("btfview", "tools", "pyproject.toml", "README.md", "LICENSE", "NOTICE")

_SCRIPT = """\
#!{python}
import sys
from btfview.cli.main import main
if __name__ == "__main__":
    sys.exit(main())
"""


def install_btfview(folder: Path) -> Path:
    """Return the path of the ``btfview`` command of a fresh installation in *folder*.

    Raises:
        subprocess.CalledProcessError: pip failed; its output has been printed.
    """
    environment = folder / "venv"
    venv.create(environment, symlinks=True, with_pip=False)
    python = environment / "bin" / "python"
    # Built from a copy: setuptools would leave its build directory in the repository.
    copy = folder / "source"
    for name in _SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            copy.mkdir(exist_ok=True)
            shutil.copy(source, copy / name)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--compile", str(copy)], check=True)
    script = environment / "bin" / "btfview"
    script.write_text(_SCRIPT.format(python=python))
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site_packages = environment / "lib" / version / "site-packages"
    (site_packages / "bench_dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return script
