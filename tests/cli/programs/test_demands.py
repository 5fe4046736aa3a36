"""``btfview demands`` and what ``check`` and ``relos`` say of demands: the cases of public reports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from btfview.cli.main import main

pytestmark = pytest.mark.shared
KERNEL = "6.18.44-fc-amd64"
"""The kernel on which the right answers of the cases were found."""


@pytest.fixture
def kernel(kernel_btf: Callable[[str], Path]) -> str:
    return str(kernel_btf(KERNEL))


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    return main(list(arguments)), capsys.readouterr().out


@pytest.mark.parametrize(
    ("program", "words"),
    [
        pytest.param("attach_target/p.o", "no function hc_no_such_function", id="fentry"),
        pytest.param("attach_target/p2.o", "no tracepoint hc_no_such_tp", id="tp_btf"),
        pytest.param(
            "byte_order/be.o", "the object is big-endian, the kernel little-endian", id="byte-order"
        ),
        pytest.param("weak_symbol_guard/k.o", "no function bpf_hc_no_such_kfunc", id="strong-kfunc"),
        pytest.param("weak_symbol_guard/k.o", "no variable hc_no_such_variable", id="strong-variable"),
        pytest.param("weak_symbol_guard/weak.o", "task_struct.state", id="behind-a-weak-kfunc-that-exists"),
    ],
)
def test_what_does_not_load_is_an_error(
    program: str, words: str, kernel: str, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(capsys, "check", str(shared / "cases" / "c" / program), "-t", kernel)
    assert code == 1
    assert any(words in line and ": error: " in line for line in out.splitlines()), out


@pytest.mark.parametrize("program", ["off_by_default/p.o", "guards/subprog.o"])
def test_what_loads_is_no_finding(
    program: str, kernel: str, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = run(capsys, "check", str(shared / "cases" / "c" / program), "-t", kernel)
    assert (code, out.splitlines()[-1].partition(":")[0]) == (0, "nothing found")


def test_the_version_in_a_kernel_s_name_decides_a_guard(
    kernel_btf: Callable[[str], Path], shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The guard asks for less than 5.14; the same BTF under another name is another version."""
    program = str(shared / "cases" / "c" / "guards" / "kver.o")
    new, old = tmp_path / "6.18.44-fc.btf", tmp_path / "5.10.0-1.btf"
    for path in (new, old):
        path.symlink_to(kernel_btf(KERNEL))
    assert run(capsys, "check", program, "-t", str(new))[0] == 0
    out = run(capsys, "check", program, "-t", str(old))[1]
    assert "task_struct.state" in out
    verdict = json.loads(run(capsys, "check", program, "-t", str(old), "--json")[1])["files"][0]["verdicts"][
        0
    ]
    assert verdict["programs"][0]["verdict"] == "fails"


def test_an_object_without_records_says_why(
    kernel: str, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = str(shared / "cases" / "c" / "no_btf_ext" / "noext.o")
    assert "no .BTF.ext" in run(capsys, "check", program, "-t", kernel)[1]


def test_the_verdict_in_json_has_object_maps_and_programs(
    kernel: str, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(shared / "loads" / "objs" / "mixed.o")
    code, out = run(capsys, "check", path, "-t", kernel, "--json")
    (verdict,) = json.loads(out)["files"][0]["verdicts"]
    assert code == 1
    assert verdict["object"]["verdict"] == "fails"
    good, bad = verdict["programs"]
    assert (good["name"], good["section"], good["verdict"]) == ("good", "fentry/vfs_read", "loads")
    assert (bad["verdict"], bad["attach"]) == ("fails", None)
    (reason,) = bad["reasons"]
    assert reason["demand"] == {"kind": "attach target", "subject": "account_page_dirtied"}
    assert reason["rule"] == "libbpf find_kernel_btf_id"
    assert reason["place"]["section"] == "fentry/account_page_dirtied"
    assert reason["source"]["text"].startswith("SEC(")


def test_relos_and_demands_have_the_same_demands(
    kernel: str, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(shared / "loads" / "objs" / "kfunc_weak.o")
    of_relos: list[Any] = json.loads(run(capsys, "relos", path, "-t", kernel, "--json")[1])["demands"]
    of_demands = json.loads(run(capsys, "demands", path, "-t", kernel, "--json")[1])["demands"]
    assert of_relos == of_demands
    by_name = {demand["subject"]: demand for demand in of_demands if demand["kind"] == "kfunc"}
    assert by_name["no_such_kfunc"]["optional"] == "weak"
    assert by_name["bpf_task_release"]["results"][0]["status"] == "met"


def test_the_configuration_answers_what_btf_does_not(
    kernel: str, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, config = str(shared / "loads" / "objs" / "kconfig.strong.o"), tmp_path / "config"

    def verdict(*options: str) -> str:
        out = run(capsys, "demands", path, "-t", kernel, "--json", *options)[1]
        said: str = json.loads(out)["verdicts"][0]["object"]["verdict"]
        return said

    assert verdict() == "unknown"
    config.write_text("CONFIG_HZ=250\nCONFIG_BPF=y\n")
    assert verdict("--kconfig", str(config)) == "loads"
    config.write_text("# CONFIG_HZ is not set\nCONFIG_BPF=y\n")
    assert verdict("--kconfig", str(config)) == "fails"
    config.write_text("no configuration\n")
    assert main(["demands", path, "-t", kernel, "--kconfig", str(config)]) == 3


def test_an_older_loader_knows_fewer_sections(
    kernel: str, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(shared / "loads" / "objs" / "prog_types.o")

    def verdicts(*options: str) -> dict[str, str]:
        out = run(capsys, "demands", path, "-t", kernel, "--json", *options)[1]
        return {part["name"]: part["verdict"] for part in json.loads(out)["verdicts"][0]["programs"]}

    assert verdicts()["p_tcx"] == "loads"
    assert verdicts("--loader", "1.1.2")["p_tcx"] == "fails"
    assert verdicts("--loader", "libbpf-1.1")["p_tcx"] == "fails"


@pytest.mark.parametrize("loader", ["cilium", "aya", "all"])
def test_of_another_loader_it_says_who_tells(loader: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demands", "a.o", "--loader", loader]) == 2
    told = capsys.readouterr().err
    assert "a version of libbpf here (1.7.0 or 1.1.2)" in told
    assert f"btfview check --loader {loader} tells" in told


def test_a_trimmed_kernel_is_no_reason_to_fail(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(shared / "loads" / "objs" / "mixed.o")
    code, out = run(capsys, "check", path, "-t", "6.12.117+deb12-amd64")
    assert code == 0
    assert "trimmed" in out
    assert "error" not in out
