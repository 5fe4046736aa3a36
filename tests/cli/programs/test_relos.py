"""btfview relos --json against libbpf's own log, by bpftool and by a load; and its exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from btfview.btf.kinds import CoreReloKind
from btfview.cli.main import main
from btfview.targets.atlas_kernels import AtlasTarget
from tests.btf.build import INT, build_btf_bytes, struct
from tests.libbpf import run_libbpf
from tests.objects import Record, build_object
from tests.paths import DEMO, ROOT

DEMOS = ["sched.rs", "sched_option.rs", "task_state.rs"]
OBJECTS = ["k01_task.v3", "k01_task.v4", "k02_rename.v3", "k04_bitfields.v3", "k13_subprog.v3", "k17_demo.v3"]
MATCH = re.compile(
    r"prog '(.+?)': relo #(\d+): (?:matching candidate #0 <\w+> \[(\d+)\] (.*)|(no matching targets found))"
)
PATCHED = re.compile(
    r"prog '(.+?)': relo #\d+: patched insn #(\d+) \((?:LDX/ST/STX|ALU/ALU64|LDIMM64)\) \w+ \d+ -> (\d+)"
)
POISONED = re.compile(r"prog '(.+?)': relo #\d+: substituting insn #(\d+) w/ invalid insn")


def relos(file: str, *targets: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    main(["relos", file, "--json", *(word for target in targets for word in ("-t", target))])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["relocations"]
    return found


def by_bpftool(obj: Path, kernel: Path, minimal: Path) -> dict[tuple[str, int], tuple[int, str] | None]:
    """Return (target type id, target spec) of each record, by section and number in it; None if missing."""
    command = ["bpftool", "-d", "gen", "min_core_btf", str(kernel), str(minimal), str(obj)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[tuple[str, int], tuple[int, str] | None] = {}
    for section, number, type_id, said, missing in MATCH.findall(run.stderr + run.stdout):
        spec = re.search(r"\((\d[\d:]*) @ offset", said)
        found[section, int(number)] = None if missing else (int(type_id), spec[1] if spec else "")
    return found


def numbered(records: list[dict[str, Any]]) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the records as libbpf counts them: within their section."""
    counts: dict[str, int] = {}
    found = {}
    for record in records:
        number = counts[record["section"]] = counts.get(record["section"], -1) + 1
        found[record["section"], number] = record
    return found


@pytest.mark.debian_tool("bpftool")
@pytest.mark.parametrize("kernel", ["5.10.0-46-amd64", "6.1.0-56-amd64", "6.12.117+deb12-arm64", "7.3-amd64"])
@pytest.mark.parametrize("name", [*DEMOS, *OBJECTS])
def test_targets_are_found_where_bpftool_finds_them(
    name: str,
    kernel: str,
    shared: Path,
    kernel_btf: Callable[[str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """``bpftool -d gen min_core_btf`` runs libbpf's search and prints type id and path of each match; and
    on the BTF that it writes, which holds those alone, each record has the same value again."""
    target, obj, minimal = kernel_btf(kernel), tmp_path / "prog.o", tmp_path / "minimal.btf"
    if name in DEMOS:
        file = str(DEMO / name)
        assert main(["compile", file, "-o", str(obj)]) == 0
    else:
        file = str(shared / "corpus" / "obj" / f"{name}.o")
        obj = Path(file)
    capsys.readouterr()
    records = numbered(relos(file, str(target), capsys=capsys))
    judged = by_bpftool(obj, target, minimal)
    assert judged.keys() == records.keys()
    for key, expected in judged.items():
        (result,) = records[key]["results"]
        if expected is None:
            assert result["status"] == "missing", key
            assert result["target_type"] is None
        else:
            assert result["status"] in ("resolved", "error"), key
            assert result["target_type"]["id"] == expected[0], key
            if expected[1]:
                assert result["target_spec"] == expected[1], key
    for key, again in numbered(relos(file, str(minimal), capsys=capsys)).items():
        (before,), (after,) = records[key]["results"], again["results"]
        # A trimmed BTF has the fields that were asked for where they were; ids, and the sizes of types that
        # it holds in part, are its own.
        if records[key]["kind"] in ("field_byte_offset", "field_exists", "enumval_value", "enumval_exists"):
            assert (after["status"], after["value"]) == (before["status"], before["value"]), key


@pytest.mark.kernel
@pytest.mark.parametrize("name", [*DEMOS, *OBJECTS])
def test_values_are_those_that_libbpf_writes_on_this_kernel(
    name: str, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """libbpf's debug log of a load: "patched insn #5 (LDX/ST/STX) off 64 -> 1264"."""
    obj = tmp_path / "prog.o"
    if name in DEMOS:
        file = str(DEMO / name)
        assert main(["compile", file, "-o", str(obj)]) == 0
    else:
        file = str(shared / "corpus" / "obj" / f"{name}.o")
        obj = Path(file)
    capsys.readouterr()
    records = relos(file, "running", capsys=capsys)
    assert main(["disasm", file, "--json"]) == 0
    starts = {
        function["name"]: function["insns"][0]["insn_offset"]
        for function in json.loads(capsys.readouterr().out)["functions"]
    }
    log = run_libbpf(obj.read_bytes()).log
    expected: dict[tuple[str, int], int | None] = {
        (program, int(insn)): int(value) for program, insn, value in PATCHED.findall(log)
    }
    expected |= {(program, int(insn)): None for program, insn in POISONED.findall(log)}
    found = {}
    for record in records:
        (result,) = record["results"]
        place = (record["insn_offset"] - starts[record["program"]]) // 8
        found[record["program"], place] = None if result["poisoned"] else result["value"]
    assert found == expected
    assert len(found) == len(records) > 0


PAIR = struct("t", size=8, a=(INT, 0), b=(INT, 32))


@pytest.mark.parametrize(
    ("target", "code"),
    [
        pytest.param(struct("t", size=16, b=(INT, 64)), 0, id="resolved"),
        pytest.param(struct("t", size=4, a=(INT, 0)), 1, id="a-finding"),
    ],
)
def test_exit_code(target: Any, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    obj, btf = tmp_path / "prog.o", tmp_path / "kernel.btf"
    obj.write_bytes(build_object([PAIR], [Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:1", 4)]))
    btf.write_bytes(build_btf_bytes(target))
    assert main(["relos", str(obj), "-t", str(btf)]) == code
    assert ("#0 t.b missing on kernel: struct t has no member b there" in capsys.readouterr().out) == code


@pytest.mark.parametrize(
    ("contents", "problem"),
    [
        pytest.param(None, "no such file or directory", id="absent"),
        pytest.param(b"", "neither a BPF object nor a source", id="empty"),
        pytest.param(b"\x7fELF", "cut short", id="four-bytes"),
        pytest.param(b"hello\n", "neither a BPF object nor a source", id="text"),
    ],
)
def test_input_that_cannot_be_read_is_code_3(
    contents: bytes | None, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "prog.o"
    if contents is not None:
        path.write_bytes(contents)
    assert main(["relos", str(path)]) == 3
    said = capsys.readouterr().err
    assert said.startswith(f"btfview: error: {path}: ")
    assert problem in said
    assert said.count("\n") == 1


def test_a_target_that_is_no_btf_is_code_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    obj, btf = tmp_path / "prog.o", tmp_path / "kernel.btf"
    obj.write_bytes(build_object([PAIR], [Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:1", 4)]))
    btf.write_bytes(b"no BTF at all, but long enough for a header")
    assert main(["relos", str(obj), "-t", str(btf)]) == 3
    assert str(btf) in capsys.readouterr().err


def test_a_source_with_an_error_is_code_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "prog.rs"
    path.write_text("fn f( {}\n")
    assert main(["relos", str(path), "--json"]) == 4
    said = capsys.readouterr()
    assert said.out == ""
    assert f"--> {path}:1:" in said.err


def test_names_from_a_file_reach_the_terminal_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "prog.o"
    evil = struct("\x1b[31mt", size=4, **{"a\x07": (INT, 0)})
    record = Record(CoreReloKind.FIELD_BYTE_OFFSET, "\x1b[31mt", "0:0", 0)
    path.write_bytes(build_object([evil], [record], functions=[("p\x1b]0;x\x07", 0, 24)]))
    btf = tmp_path / "kernel.btf"
    btf.write_bytes(build_btf_bytes(INT))
    assert main(["relos", str(path), "-t", str(btf)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out


def test_a_broken_target_leaves_the_others_their_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a folder, too; with several processes, too."""
    obj, folder = tmp_path / "prog.o", tmp_path / "kernels"
    obj.write_bytes(build_object([PAIR], [Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:1", 4)]))
    folder.mkdir()
    (folder / "1.btf").write_bytes(build_btf_bytes(struct("t", size=16, b=(INT, 64))))
    (folder / "2.btf").write_bytes(b"\x9f\xeb\x01\x00" + bytes(40))
    (folder / "3.btf").write_bytes(build_btf_bytes(PAIR))
    for jobs in ("1", "2"):
        assert main(["relos", str(obj), "-t", str(folder), "--json", "-j", jobs]) == 3
        said = capsys.readouterr()
        report = json.loads(said.out)
        assert [target["name"] for target in report["targets"]] == ["1", "3"]
        assert [result["value"] for result in report["relocations"][0]["results"]] == [8, 4]
        assert said.err.startswith(f"btfview: error: {folder / '2.btf'}: ")
        assert said.err.count("\n") == 1


def test_several_files_are_reported_one_after_the_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, absent = tmp_path / "one.o", tmp_path / "two.o", tmp_path / "absent.o"
    for path in (one, two):
        path.write_bytes(build_object([PAIR], [Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:1", 4)]))
    assert main(["relos", str(one), str(two), "--json"]) == 0
    assert [report["file"] for report in json.loads(capsys.readouterr().out)["files"]] == [str(one), str(two)]
    assert main(["relos", str(one), str(absent), str(two)]) == 3
    said = capsys.readouterr()
    assert said.err == f"btfview: error: {absent}: no such file or directory\n"
    assert [line for line in said.out.splitlines() if ": 1 record" in line] == [
        f"{one}: 1 record",
        f"{two}: 1 record",
    ]


@pytest.mark.parametrize("command", ["relos", "check"])
def test_an_object_takes_nothing_of_what_only_sources_and_pages_need(command: str, tmp_path: Path) -> None:
    program, kernel = tmp_path / "a.o", tmp_path / "kernel.btf"
    local = struct("pair", size=8, a=(INT, 0), b=(INT, 32))
    program.write_bytes(build_object([local], [Record(CoreReloKind.FIELD_BYTE_OFFSET, "pair", "0:1", 4)]))
    kernel.write_bytes(build_btf_bytes(struct("pair", size=4, a=(INT, 0))))

    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.argv[0] = 'btfview'; "
        "from btfview.cli.main import main; code = main(); "
        "parts = ('fixes', 'bindings', 'compiler.rust', 'compiler.c', 'html_report', 'tui'); "
        "heavy = tuple(f'btfview.{part}' for part in parts); "
        "print([name for name in sys.modules if name.startswith(heavy)], file=sys.stderr); sys.exit(code)"
    )
    arguments = [sys.executable, "-c", code, command, str(program), "-t", str(kernel), "--json"]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "[]\n")  # the field is not there, and has hints looked for


def test_the_lean_way_imports_no_more_than_it_runs(tmp_path: Path) -> None:
    """Each of these modules costs 2 to 60 ms (the measurements are in the developers' notes)."""
    local = struct("pair", size=8, a=(INT, 0), b=(INT, 32))
    program, kernel = tmp_path / "a.o", tmp_path / "kernel.btf"
    program.write_bytes(build_object([local], [Record(CoreReloKind.FIELD_BYTE_OFFSET, "pair", "0:1", 4)]))
    kernel.write_bytes(build_btf_bytes(local))

    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.argv[0] = 'btfview'; "
        "from btfview.cli.main import main; code = main(); "
        "heavy = {'argparse', 're', 'json', 'typing', 'dataclasses', 'pathlib', 'contextlib', 'construct',"
        " 'elftools', 'llvmlite', 'textual', 'multiprocessing', 'btfview.compiler.llvm.worker'}; "
        "print(sorted(heavy & sys.modules.keys()), file=sys.stderr); sys.exit(code)"
    )
    # -S: the site of a virtual environment imports re and pathlib for editable installs.
    command = [sys.executable, "-S", "-c", code, "relos", str(program), "-t", str(kernel), "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "[]\n")
    assert json.loads(done.stdout)["relocations"][0]["results"][0]["value"] == 4


def test_kernels_of_an_atlas_are_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without making any; what is told is what their files give."""
    monkeypatch.chdir(tmp_path)
    record = Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:0", 0)
    Path("prog.o").write_bytes(build_object([struct("t", size=4, a=(INT, 0))], [record]))
    Path("k").mkdir()
    for number in range(14):
        kernel = build_btf_bytes(struct("t", size=16, a=(INT, 32 * (number % 3))))
        Path(f"k/6.{number}.0-1-amd64.btf").write_bytes(kernel)
    assert main(["atlas", "build", "k", "-o", "k.atlas"]) == 0
    capsys.readouterr()
    assert main(["relos", "prog.o", "-t", "k"]) == 0
    of_files = capsys.readouterr().out
    monkeypatch.setattr(AtlasTarget, "read", lambda *_: pytest.fail("a kernel is made"))
    assert main(["relos", "prog.o", "-t", "k.atlas"]) == 0
    assert capsys.readouterr().out == of_files
