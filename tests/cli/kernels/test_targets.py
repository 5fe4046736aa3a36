"""``btfview targets``: what is at hand, where it was looked for, and what is wrong with what was given."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from btfview.cli.commands import make_parser
from btfview.cli.kernels import targets
from btfview.cli.main import main
from btfview.targets.kernels import Machine
from btfview.targets.unpacking import unpack
from tests.targets.samples import COMPRESSORS, MIDDLE, SMALL, SMALL_BIG_ENDIAN, VMLINUX, bzimage, write

KEYS = {"name", "path", "origin", "badge", "types", "endian", "pointer_size", "problem"}
"""What scripts may rely on; more may be there."""
MIDDLE_TYPES = 4 + 2 * 300
"""task_struct with what it consists of, and 300 structs with an array each."""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """One with a running kernel and an installed one that is broken."""
    write(tmp_path / "sys/kernel/btf/vmlinux", MIDDLE)
    write(tmp_path / "boot/vmlinuz-6.1", bzimage(COMPRESSORS["xz"](VMLINUX)[:-50]))
    return Machine(str(tmp_path))


def run_on(machine: Machine, *arguments: str) -> int:
    """Run the command as if *machine* were this one."""
    return targets.run_on(machine, make_parser("targets").parse_args(arguments))


def run_json(
    capsys: pytest.CaptureFixture[str], machine: Machine, *arguments: str
) -> tuple[int, dict[str, Any]]:
    code = run_on(machine, *arguments, "--json")
    facts: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert facts["schema_version"] == 1
    return code, facts


def test_the_list_has_kernels_places_and_the_cache(
    capsys: pytest.CaptureFixture[str], machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a listing must not unpack")

    monkeypatch.setattr(unpack, "unpack_btf", refuse)
    monkeypatch.setenv("BTFVIEW_CACHE", "100")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache")
    code, facts = run_json(capsys, machine)
    assert code == 0
    running, installed, *bundled = facts["targets"]
    assert set(running) >= KEYS
    assert (running["name"], running["origin"], running["form"]) == (os.uname().release, "running", "raw BTF")
    assert (installed["name"], installed["form"], installed["types"]) == ("6.1", "x86 kernel image", None)
    assert {target["badge"] for target in bundled} == {"trimmed"}
    assert len(bundled) == 5
    by_pattern = {place["pattern"]: place for place in facts["places"]}
    assert by_pattern[f"{machine.root}/boot/vmlinuz-*"]["found"] == 1
    assert by_pattern[f"{machine.root}/boot/vmlinux-*"] == {
        "place": "installed kernels",
        "pattern": f"{machine.root}/boot/vmlinux-*",
        "found": 0,
        "reason": "none there",
    }
    assert facts["cache"] == {"folder": "/var/cache/btfview", "entries": 0, "size": 0, "limit": 100_000_000}


def test_check_opens_them_and_finds_what_is_broken(
    capsys: pytest.CaptureFixture[str], machine: Machine
) -> None:
    code, facts = run_json(capsys, machine, "--check")
    running, installed, *bundled = facts["targets"]
    assert code == 1
    assert (running["types"], running["endian"], running["pointer_size"]) == (MIDDLE_TYPES, "little", 8)
    assert installed["problem"] == "x86 kernel image: cut short: its xz stream does not end"
    assert all(target["types"] > 3000 for target in bundled)


def test_targets_that_are_given_are_opened(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    write(folder / "be.btf.gz", COMPRESSORS["gzip"](SMALL_BIG_ENDIAN))
    write(folder / "le.btf", SMALL)
    code, facts = run_json(capsys, Machine(), str(folder), "5.10.0-46-amd64")
    assert code == 0
    assert [(t["name"], t["endian"]) for t in facts["targets"]] == [
        ("be", "big"),
        ("le", "little"),
        ("5.10.0-46-amd64", "little"),
    ]
    assert set(facts) == {"schema_version", "targets"}


def test_one_that_cannot_be_read_does_not_hide_the_others(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    broken, good = write(tmp_path / "x\x1b[2J", b"hello"), write(tmp_path / "good.btf", SMALL)
    assert main(["targets", broken, good]) == 3
    out = capsys.readouterr().out
    assert "cannot be used: no BTF" in out
    assert "4 types  little-endian" in out
    assert "\x1b" not in out


def test_the_text_tells_places_and_reasons(capsys: pytest.CaptureFixture[str], machine: Machine) -> None:
    assert run_on(machine) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("6.1 ") and "x86 kernel image" in line for line in lines)
    assert any(f"{machine.root}/boot/vmlinuz-*" in line and line.endswith("1 found") for line in lines)
    assert any(
        f"{machine.root}/usr/lib/modules/*/vmlinuz" in line and "no such folder" in line for line in lines
    )
    assert lines[-1].endswith("turned off")


def test_an_unknown_name_is_an_input_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["targets", "6.99"]) == 3
    assert 'no target "6.99"' in capsys.readouterr().err
