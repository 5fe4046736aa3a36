"""``btfview types`` from the command line: what it opens, what it chooses, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from btfview.cli.main import main
from tests.btf.build import (
    INT,
    LONG,
    build_btf,
    build_btf_bytes,
    enum,
    func,
    func_proto,
    ptr,
    struct,
    typedef,
    union,
)
from tests.paths import DEMO, ROOT

TYPES = (
    struct("pair", size=8, a=(INT, 0), b=(INT, 32)),
    struct("pair_list", size=16, next=(ptr(None), 0), n=(INT, 64)),
    union("choice", size=8, l=(LONG, 0)),
    enum("color", RED=1),
    typedef("pair_t", INT),
    func("pair_add", func_proto(INT, x=INT)),
)
CAPTURE = pytest.CaptureFixture[str]


@pytest.fixture
def raw(tmp_path: Path) -> str:
    path = tmp_path / "small.btf"
    path.write_bytes(build_btf_bytes(*TYPES))
    return str(path)


def printed(capsys: CAPTURE, *words: str, code: int = 0) -> str:
    """Return what ``btfview types`` prints on stdout, or if it ends with another *code* than 0 on stderr."""
    assert main(["types", *words]) == code
    out, err = capsys.readouterr()
    assert bool(err) == bool(code), err
    return out if code == 0 else err


# -- what is chosen --------------------------------------------------------------------------


def test_without_a_name_every_type_is_listed(raw: str, capsys: CAPTURE) -> None:
    assert printed(capsys, raw) == (
        "      [1]  int             4  int\n"
        "      [2]  struct          8  pair\n"
        "      [4]  struct         16  pair_list\n"
        "      [5]  int             8  long\n"
        "      [6]  union           8  choice\n"
        "      [7]  enum            4  color\n"
        "      [8]  typedef         4  pair_t\n"
    )


def test_kinds_narrow_the_list(raw: str, capsys: CAPTURE) -> None:
    assert printed(capsys, raw, "--kind", "func") == "     [10]  func            -  pair_add\n"
    assert printed(capsys, raw, "--kind", "enum", "--kind", "union").count("\n") == 2


@pytest.mark.parametrize(
    "words",
    [("pair",), ("struct", "pair"), ("struct pair",), ("[2]",), ("#2",), ("--kind", "struct", "pair")],
)
def test_one_type_is_laid_out(words: tuple[str, ...], raw: str, capsys: CAPTURE) -> None:
    assert printed(capsys, raw, *words) == (
        "struct pair {\n"
        "\tint                        a;                    /*     0     4 */\n"
        "\tint                        b;                    /*     4     4 */\n"
        "\n"
        "\t/* size: 8, cachelines: 1, members: 2 */\n"
        "\t/* last cacheline: 8 bytes */\n"
        "};\n"
    )


def test_a_pattern_lists_what_matches(raw: str, capsys: CAPTURE) -> None:
    names = [line.split()[-1] for line in printed(capsys, raw, "pair*").splitlines()]
    assert names == ["pair", "pair_list", "pair_t"]
    names = [line.split()[-1] for line in printed(capsys, raw, "struct pair*").splitlines()]
    assert names == ["pair", "pair_list"]
    in_full = printed(capsys, raw, "pair*", "--all")
    assert in_full.startswith("/* [2] */\nstruct pair {\n")
    assert "/* [8] */\ntypedef int pair_t;\n" in in_full


def test_options_may_stand_between_file_and_name(raw: str, capsys: CAPTURE) -> None:
    expected = printed(capsys, raw, "pair", "--format", "raw")
    assert printed(capsys, "--format", "raw", raw, "pair") == expected
    assert printed(capsys, raw, "--format", "raw", "pair") == expected
    assert printed(capsys, raw, "--format=raw", "pair") == expected
    assert printed(capsys, raw, "--endian=big", "--format", "raw", "--", "pair") == expected  # by argparse


# -- forms -----------------------------------------------------------------------------------


def test_raw_and_bpftool_json_print_all_or_one(raw: str, capsys: CAPTURE) -> None:
    assert printed(capsys, raw, "--format", "raw") == printed(capsys, raw, "--format", "raw", "--all")
    assert printed(capsys, raw, "pair", "--format", "raw").startswith("[2] STRUCT 'pair' size=8 vlen=2\n")
    whole = json.loads(printed(capsys, raw, "--format", "bpftool-json"))
    one = json.loads(printed(capsys, raw, "pair", "--format", "bpftool-json"))
    assert len(whole["types"]) == 10
    assert one["types"] == [whole["types"][1]]


def test_json_is_a_list_without_a_name_and_whole_with_one_or_all(raw: str, capsys: CAPTURE) -> None:
    listed = json.loads(printed(capsys, raw, "--format", "json"))
    one = json.loads(printed(capsys, raw, "pair", "--format", "json"))
    every = json.loads(printed(capsys, raw, "--format", "json", "--all"))
    assert (listed["file"], listed["schema_version"]) == (raw, 1)
    assert ["members" in document["types"][1] for document in (listed, every)] == [False, True]
    assert one["types"] == [every["types"][1]]
    assert [one["id"] for one in every["types"]] == list(range(1, 11))


def test_c_of_one_type_and_of_all(raw: str, capsys: CAPTURE) -> None:
    one = printed(capsys, raw, "pair", "--format", "c")
    assert "struct pair {\n\tint a;\n\tint b;\n};" in one
    assert "pair_list" not in one
    assert "pair_list" in printed(capsys, raw, "--format", "c")


def test_expand_shows_what_lies_inside(tmp_path: Path, capsys: CAPTURE) -> None:
    path = tmp_path / "nested.btf"
    path.write_bytes(build_btf_bytes(struct("outer", size=8, p=(TYPES[0], 0))))
    assert "struct pair {" not in printed(capsys, str(path), "outer")
    assert "struct pair {" in printed(capsys, str(path), "outer", "-E")


# -- what is opened --------------------------------------------------------------------------


def test_a_module_on_its_kernel(tmp_path: Path, capsys: CAPTURE) -> None:
    kernel, module = tmp_path / "kernel.btf", tmp_path / "module.btf"
    base = build_btf(*TYPES)
    kernel.write_bytes(build_btf_bytes(*TYPES))
    module.write_bytes(build_btf_bytes(struct("own", size=8, p=(ptr(INT), 0)), base=base))
    assert printed(capsys, str(module), "-B", str(kernel)).endswith("[13]  struct          8  own\n")
    assert "struct pair {" in printed(capsys, str(module), "--base", str(kernel), "pair")
    assert printed(capsys, f"{kernel}+{module}", "own").startswith("struct own {\n\tint *")
    refused = printed(capsys, str(module), "own", code=3)
    assert "give both: KERNEL+" in refused


def test_a_bundled_kernel_and_a_packed_file(capsys: CAPTURE) -> None:
    assert "struct task_struct {" in printed(capsys, "6.1.0-56-amd64", "task_struct")


def test_a_bpf_object(shared: Path, capsys: CAPTURE) -> None:
    path = shared / "corpus" / "obj" / "k01_task.v3.o"
    assert "task_struct" in printed(capsys, str(path), "--kind", "struct")


def test_a_source_is_compiled_first(capsys: CAPTURE) -> None:
    path = DEMO / "sched.rs"
    assert "struct sched_entity {" in printed(capsys, str(path), "sched_entity")


def test_a_source_that_does_not_compile(tmp_path: Path, capsys: CAPTURE) -> None:
    path = tmp_path / "bad.rs"
    path.write_text("fn f( {}\n")
    assert f"{path}:1:" in printed(capsys, str(path), code=4)


@pytest.mark.kernel
def test_the_running_kernel(capsys: CAPTURE) -> None:
    assert "struct task_struct {" in printed(capsys, "running", "task_struct")


# -- how it ends -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(("pear",), 1, 'no type "pear" in {file}; did you mean pair', id="nearest"),
        pytest.param(("[99]",), 1, "the last is [10]", id="no-such-id"),
        pytest.param(("zzz*",), 1, 'no type "zzz*" in {file}\n', id="no-match"),
        pytest.param(("union pair",), 1, 'no type "union pair"', id="of-another-kind"),
        pytest.param(("--kind", "class"), 2, "no kind is called 'class'", id="no-such-kind"),
        pytest.param(("pair", "--all"), 2, "--all prints every type", id="all-with-a-name"),
        pytest.param(("pair", "-E", "--format", "c"), 2, "--expand has no meaning", id="expand-in-c"),
        pytest.param(("--format", "xml"), 2, "invalid choice: 'xml'", id="no-such-format"),
    ],
)
def test_what_is_wrong_is_said(
    words: tuple[str, ...], code: int, said: str, raw: str, capsys: CAPTURE
) -> None:
    assert said.format(file=raw) in printed(capsys, raw, *words, code=code)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(None, "no target", id="missing"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\x9f\xeb\x01", "too few", id="cut-short"),
        pytest.param(b"hello", "no BTF", id="text"),
    ],
)
def test_a_file_that_cannot_be_read(data: bytes | None, said: str, tmp_path: Path, capsys: CAPTURE) -> None:
    path = tmp_path / "broken.btf"
    if data is not None:
        path.write_bytes(data)
    assert said in printed(capsys, str(path), code=3)


def test_a_base_is_not_for_a_source(tmp_path: Path, capsys: CAPTURE) -> None:
    assert "--base is for a module" in printed(capsys, "x.rs", "-B", "running", code=2)


def test_text_of_a_file_does_not_reach_the_terminal_as_commands(tmp_path: Path, capsys: CAPTURE) -> None:
    name = "a\x1b]0;title\x07\x9b"
    path = tmp_path / "hostile.btf"
    path.write_bytes(build_btf_bytes(struct(name, (name, INT, 0), size=4), enum(f"{name}e", A=1)))
    for words in (
        (),
        ("*",),
        ("--all",),
        ("[2]", "-E"),
        ("--format", "raw"),
        ("--format", "json"),
        ("--format", "bpftool-json"),
        ("--format", "c"),
        ("--format", "json", "--all"),
    ):
        text = printed(capsys, str(path), *words)
        assert all(line.lstrip("\t").isprintable() for line in text.split("\n"))
    assert "\x1b" not in printed(capsys, str(path), name.replace("a", "b"), code=1)


def test_a_reader_that_goes_away_is_no_error(kernel_btf: Callable[[str], Path]) -> None:
    path = kernel_btf("6.1.0-56-amd64")
    command = f"{sys.executable} -m btfview types {path} --format raw | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "words", [("pair", "--expand"), ("--format", "raw"), ("--format", "bpftool-json"), ()], ids=str
)
def test_a_lean_command_imports_no_more_than_it_runs(words: tuple[str, ...], raw: str) -> None:
    """Each of these modules costs 5 to 60 ms (the measurements are in the developers' notes)."""
    code = (
        "import sys; sys.argv[0] = 'btfview'; from btfview.cli.main import main; code = main();"
        "heavy = {'argparse', 're', 'json', 'typing', 'dataclasses', 'pathlib', 'construct', 'elftools',"
        " 'llvmlite', 'textual', 'btfview.targets.open', 'btfview.analysis.result'};"
        "print(sorted(heavy & sys.modules.keys()), file=sys.stderr); sys.exit(code)"
    )

    # -S: the site of a virtual environment imports re and pathlib for editable installs.
    command = [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"]
    done = subprocess.run([*command, "types", raw, *words], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "[]\n")
