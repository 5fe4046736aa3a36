"""The examples in the help are run, as a shell runs them, in a folder that has the files they speak of."""

from __future__ import annotations

import lzma
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from btfview.cli.commands import COMMANDS, load
from btfview.cli.main import HELP, main
from btfview.targets.kernels import bundled_targets
from tests.paths import DEMO, ROOT

KERNEL = "6.1.0-56-amd64"
_COMMENT = re.compile(r"(?: {2,}| (?=diagnostics as rustc)).*$")
"""What stands behind an example: apart by two blanks."""
_STUBS = ("jq", "asciinema", "bpftool", "patch")
"""Other programs of the examples: they read what they are given, and say nothing."""
PROGRAM = """\
struct task_struct {
	int pid, tgid;
	long state;
} __attribute__((preserve_access_index));

#define core(field) (long)__builtin_preserve_access_index(&task->field)

__attribute__((section("raw_tp/sys_enter"), used)) int on_enter(struct task_struct *task)
{
	return core(pid) + core(tgid) + core(state) + __builtin_preserve_field_info(task->state, 1);
}

char LICENSE[] __attribute__((section("license"), used)) = "GPL";
"""
"""Four records, of which the last two fail since 5.14: the field became __state."""
_LOCAL = {
    "/boot/vmlinuz-6.1.0-56-amd64": "vmlinux.btf.xz",
    "/boot/vmlinuz-* running": "vmlinux.btf",
    "/usr/sbin/opensnoop --object 1": "prog.bpf.o",
    "running+loop": "kernels/6.1.0.btf+module.btf",
    "running+nf_conntrack": "kernels/6.1.0.btf+module.btf",
    "/boot/config-6.1.0-56-amd64": "config",
    "--function walk": "--function sched_vruntime",
    "verify prog.rs --program handle_exec": "verify tracer.rs --program count_calls",
    "--function handle_exec": "--function sched_vruntime",
    "serve prog": "serve --help prog",  # it would serve until it is interrupted
    "play renamed_field": "play --help",  # a terminal is needed
    "play tour.keys": "play --help tour.keys",
    "--insn on_exec:37": "--insn sched_vruntime:1",
}
"""What a machine may not have, and what stands for it here."""


def examples(text: str) -> list[str]:
    """Return the command lines of an examples text: the lines that begin with a command."""
    lines = [line.strip() for line in text.splitlines()]
    wanted = ("btfview ", "sudo btfview ", "source <(btfview", "bpftool ", "asciinema ")
    return [_COMMENT.sub("", line) for line in lines if line.startswith(wanted)]


ALL = [(name, line) for name in (*COMMANDS, "screen") for line in examples(load(name).EXAMPLES)]
ALL += [
    ("help", line)
    for line in examples(HELP.partition("Examples:")[2].replace(" ...", "").replace("... ", ""))
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the examples, and a ``btfview`` that notes its exit codes."""
    home = tmp_path_factory.mktemp("examples")
    for name in (
        "bin",
        "out",
        "src",
        "kernels",
        "btfs",
        "btfhub/ubuntu",
        "btfhub-archive/ubuntu",
        ".zfunc",
        ".config/fish/completions",
    ):
        (home / name).mkdir(parents=True)
    (home / ".local/share/bash-completion/completions").mkdir(parents=True)
    for name in ("prog.rs", "old.rs", "src/a.rs", "src/b.rs"):
        shutil.copy(DEMO / "sched.rs", home / name)
    shutil.copy(DEMO / "sched_option.rs", home / "new.rs")
    shutil.copy(DEMO / "task_state.rs", home / "tracer.rs")
    for name in ("prog.bpf.o", "prog.o", "old.bpf.o"):
        assert main(["compile", str(home / "prog.rs"), "-o", str(home / name)]) == 0
    assert main(["compile", str(home / "new.rs"), "-o", str(home / "new.bpf.o")]) == 0
    bundled = {target.name: target for target in bundled_targets()}
    data = bundled[KERNEL].btf.data
    for name in ("vmlinux.btf", "kernels/6.1.0.btf", "btfs/6.1.0.btf", "5.4.0-1009-aws.btf.tar.xz"):
        (home / name).write_bytes(data)
    older = lzma.compress(bundled["5.10.0-46-amd64"].btf.data, preset=0)
    (home / "btfs/5.10.0.btf.xz").write_bytes(older)  # which has task_struct.state
    packed = lzma.compress(data, preset=0)
    for name in ("vmlinux.btf.xz", "btfhub/ubuntu/6.1.0.btf.xz", "btfhub-archive/ubuntu/6.1.0.btf.xz"):
        (home / name).write_bytes(packed)
    from btfview.btf.reader import Btf
    from tests.btf.build import INT, build_btf_bytes, struct

    module = build_btf_bytes(struct("loop_device", size=4, number=(INT, 0)), base=Btf(data))
    for name in ("loop.btf", "module.btf"):
        (home / name).write_bytes(module)
    assert main(["atlas", "build", KERNEL, "-o", str(home / "fleet.atlas")]) == 0
    (home / "keys.txt").write_text("]]")
    (home / "tour.keys").write_text("open prog.rs\nsize 100x30\n<pace 0.1>]]")
    (home / "prog.bpf.c").write_text(PROGRAM)
    (home / "config").write_text("CONFIG_HZ=250\n")
    (home / "known.json").write_text('{"schema_version": 1, "findings": []}')
    for stub in _STUBS:
        (home / "bin" / stub).write_text("#!/bin/sh\n[ -t 0 ] || cat >/dev/null\n")
    (home / "bin" / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
    (home / "bin" / "btfview").write_text(
        f'#!/bin/sh\n"{sys.executable}" -m btfview "$@"\ncode=$?\necho $code "$@" >>"$CODES"\nexit $code\n'
    )
    for script in (home / "bin").iterdir():
        script.chmod(0o755)
    return home


@pytest.mark.kernel
@pytest.mark.parametrize(("command", "line"), ALL, ids=[f"{name}-{line[8:60]}" for name, line in ALL])
def test_an_example_does_what_it_is_shown_for(command: str, line: str, folder: Path, tmp_path: Path) -> None:
    """Each ends with 0 or with findings; nothing is unknown, misspelt or refused."""
    for theirs, ours in _LOCAL.items():
        line = line.replace(theirs, ours)
    work, codes = tmp_path / "work", tmp_path / "codes"
    shutil.copytree(folder, work)
    environ = {
        "PATH": f"{work / 'bin'}:{os.environ['PATH']}",
        "HOME": str(work),
        "PYTHONPATH": str(ROOT),
        "CODES": str(codes),
        "BTFVIEW_CACHE": "0",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["bash", "-c", f"compopt() {{ :; }}; {line}"],
        capture_output=True,
        text=True,
        cwd=work,
        env=environ,
        stdin=subprocess.DEVNULL,
    )
    found = [int(ran.split()[0]) for ran in codes.read_text().splitlines()] if codes.exists() else []
    assert found or line.startswith("asciinema"), done.stderr
    assert set(found) <= {0, 1}, done.stderr
    assert "Traceback" not in done.stderr


def test_every_command_has_examples_and_every_example_is_of_its_command() -> None:
    for name in COMMANDS:
        lines = [line for command, line in ALL if command == name]
        assert any(f"btfview {name}" in line for line in lines), name
    assert len(ALL) > 50
