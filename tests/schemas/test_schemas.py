"""Every JSON that a command prints is what its schema says, and no more than that."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from btfview.cli.commands import COMMANDS, load, make_parser
from btfview.cli.main import main
from btfview.cli.tool.schema import NAMES, schema_text
from tests.paths import DEMO, ROOT

OLD, NEW = "5.10.0-46-amd64", "6.1.0-56-amd64"
BROKEN = "fn x( {"
STATE = """\
#![feature(btf_relocations)]
#![no_std]
#[repr(Btf)]
pub struct task_struct { state: usize }
#[no_mangle]
pub fn state() -> usize {
    core::btf::field_byte_offset!(task_struct, state)
}
"""
"""Missing from 5.14 on."""
LINES = [
    ("relos", f"relos {DEMO}/sched.rs"),
    ("relos", f"relos {DEMO}/task_state.rs -t {OLD} -t {NEW}"),
    ("relos", f"relos state.rs -t {OLD} -t {NEW}"),
    ("relos", f"relos state.rs {DEMO}/sched.rs -t {NEW}"),
    ("relos", f"relos state.rs -t {OLD} -t {NEW} --loader all"),
    ("relos", f"relos state.rs -t {NEW} --loader aya"),
    ("check", "check state.rs"),
    ("check", f"check state.rs {DEMO}/task_state.rs bad.rs bad.o -t {OLD} -t {NEW} -t bad.btf"),
    ("check", f"check state.rs -t {OLD} -t {NEW} --loader all"),
    ("check", f"check {DEMO}/sched.rs -t {NEW} --baseline known.json"),
    ("check", f"check state.rs -t {NEW} --baseline known.json"),
    ("demands", f"demands {DEMO}/task_state.rs -t {OLD} -t {NEW}"),
    ("disasm", f"disasm {DEMO}/task_state.rs -t {NEW}"),
    ("disasm", f"disasm {DEMO}/task_state.rs state.rs"),
    ("diff", f"diff state.rs {DEMO}/task_state.rs"),
    ("diff", f"diff state.rs {DEMO}/task_state.rs -t {NEW}"),
    ("diff", f"diff {OLD} {NEW} task_struct sched_entity"),
    ("types", f"types {NEW} --format json"),
    ("types", f"types {NEW} task_struct --format json --expand"),
    ("types", "types state.rs --format json --all"),
    ("passes", f"compile {DEMO}/sched.rs --emit passes"),
    ("targets", "targets"),
    ("targets", f"targets {NEW} bad.btf"),
    ("rule", "rule"),
    ("rule", "rule E0609"),
    ("config", "config show"),
    ("config", "config show --user"),
    ("keys", "keys record"),
    ("demo", "demo --list"),
    ("cache", "cache"),
    ("doctor", "doctor"),
    ("atlas", "atlas list two.atlas"),
    ("atlas", "atlas show two.atlas"),
    ("minimize", f"minimize state.rs -t {OLD} -t bad.btf -o small"),
]


def closed(schema: Any) -> Any:
    """Return *schema* where objects have nothing that it does not tell of."""
    if isinstance(schema, dict):
        found = {key: closed(value) for key, value in schema.items()}
        return {"additionalProperties": False} | found if "properties" in schema else found
    return [closed(one) for one in schema] if isinstance(schema, list) else schema


def validator(name: str, *, is_closed: bool = True) -> jsonschema.Draft202012Validator:
    schema = json.loads(schema_text(name))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(closed(schema) if is_closed else schema)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of LINES, and a baseline that has a finding of state.rs."""
    folder = tmp_path_factory.mktemp("schemas")
    (folder / "state.rs").write_text(STATE)
    (folder / "bad.rs").write_text(BROKEN)
    (folder / "bad.o").write_text("x")
    (folder / "bad.btf").write_bytes(b"\x9f\xeb\x01")
    (folder / "btfview.toml").write_text('fail-on = "note"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["check", "state.rs", "-t", NEW, "--baseline", "known.json", "--write-baseline"]) == 0
        assert main(["atlas", "build", OLD, NEW, "-o", "two.atlas"]) == 0
    return folder


@pytest.mark.parametrize(("name", "line"), LINES, ids=[f"{line[:50]}" for _, line in LINES])
def test_what_a_command_prints_is_what_its_schema_says(
    name: str, line: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    words = shlex.split(line)
    main([*words] if "--format" in words else [*words, "--json"])
    data = json.loads(capsys.readouterr().out)
    validator(name).validate(data)
    validator(name, is_closed=False).validate(data | {"more": 1})
    with pytest.raises(jsonschema.ValidationError):
        validator(name).validate(data | {"schema_version": 2})


@pytest.mark.kernel
def test_what_verify_prints_is_what_its_schema_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a program that loads, and on one whose record is missing in this kernel."""
    for path in (str(DEMO / "task_state.rs"), str(folder / "state.rs")):
        main(["verify", path, "--json"])
        validator("verify").validate(json.loads(capsys.readouterr().out))


def test_a_baseline_is_what_its_schema_says(folder: Path) -> None:
    data = json.loads((folder / "known.json").read_text())
    assert data["findings"]
    validator("baseline").validate(data)


def test_each_kind_of_type_is_what_the_schema_says(
    tmp_path: Path, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Objects that declare nearly all kinds: functions, sections, tags, enums of 64 bits, bitfields."""
    kinds = set()
    for name in ("enum64", "arena", "core_fields"):
        main(["types", str(shared / "loads" / "objs" / f"{name}.o"), "--all", "--format", "json"])
        data = json.loads(capsys.readouterr().out)
        validator("types").validate(data)
        kinds |= {one["kind"] for one in data["types"]}
    assert {"struct", "enum64", "func", "datasec", "func_proto", "ptr", "array"} <= kinds


def test_every_command_with_json_has_a_schema_that_is_tried_here() -> None:
    tried = {line.split()[0] for _, line in LINES} | {"verify"}
    have = {
        name for name in COMMANDS
        if any("--json" in action.option_strings for action in make_parser(name)._actions)
    }  # fmt: skip
    assert have - tried == set()
    assert {name for name, _ in LINES} | {"verify", "baseline"} == set(NAMES)
    assert {path.stem for path in (ROOT / "btfview" / "schemas").glob("*.json")} == set(NAMES)
    assert "types" in load("types").EXAMPLES


def test_schemas_are_listed_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(NAMES)
    assert main(["schema", "check"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "btfview check --json"
    assert main(["schema", "chek"]) == 2
    assert re.search(r'no schema is called "chek"; there are relos, check', capsys.readouterr().err)
