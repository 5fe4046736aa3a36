"""Which records a log means: with subprograms, several poisoned records, and logs of other tools."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.result import Analysis
from btfview.loader_log.match import read_loader_log, relo_at_insn
from btfview.targets.find import open_targets
from tests.libbpf import poisoned_calls, program_names, run_libbpf

pytestmark = pytest.mark.shared
CASES = "cases/c"


def analysed(shared: Path, name: str, *targets: str) -> Analysis:
    return analyse(str(shared / CASES / name), [target for name in targets for target in open_targets(name)])


@pytest.mark.parametrize(
    ("obj", "log", "path"),
    [
        # shared/cases: the verifier numbers through subprograms; `tgid` and others are healthy.
        pytest.param("log/p.o", "log/log.a", "task_struct.state", id="subprogram"),
        pytest.param("log/p.o", "log/log.b", "task_struct.no_such", id="prefix"),
        pytest.param("log/p2.o", "log/log.f", "task_struct.state", id="no-program-named"),
        pytest.param(
            "log/enumval.bpf.o", "log/enumval.log", "pid_type___x::PIDTYPE_NOPE___x", id="enumerator"
        ),
    ],
)
def test_the_poisoned_record_is_named(shared: Path, obj: str, log: str, path: str) -> None:
    analysis = analysed(shared, obj, str(shared / "btf" / "6.18.44-fc-amd64.btf.xz"))
    findings = read_loader_log((shared / CASES / log).read_text(), analysis)
    assert [[analysis.relos[index].path for index in finding.relos] for finding in findings] == [[path]]


def test_without_a_number_all_that_may_be_meant_are_named(shared: Path) -> None:
    analysis = analysed(shared, "log/p.o", str(shared / "btf" / "6.18.44-fc-amd64.btf.xz"))
    (finding,) = read_loader_log("invalid func unknown#195896080", analysis)
    assert {analysis.relos[index].path for index in finding.relos} == {
        "task_struct.state",
        "task_struct.no_such",
    }
    for index in finding.relos:
        assert analysis.results[index][0].outcome.is_poisoned


def test_a_source_line_tells_where_another_loader_numbers_otherwise(shared: Path) -> None:
    """cilium/ebpf appends subprograms in another order; the verifier prints the source line before."""
    analysis = analysed(shared, "log/p.o", str(shared / "btf" / "6.18.44-fc-amd64.btf.xz"))
    log = (shared / CASES / "log/log.a").read_text().replace("20: (85)", "77: (85)")
    (finding,) = read_loader_log(log, analysis)
    assert [analysis.relos[index].path for index in finding.relos] == ["task_struct.state"]


@pytest.mark.kernel
def test_each_program_of_the_corpus_that_the_verifier_refuses_as_poisoned_leads_to_a_record(
    shared: Path,
) -> None:
    """The judge: libbpf's own message of what it substituted, ``relo #N: substituting insn #M``."""
    told = 0
    for path in sorted((shared / "corpus" / "obj").glob("*.o")):
        data = path.read_bytes()
        analysis = analyse(str(path), open_targets("/sys/kernel/btf/vmlinux"))
        if analysis.object is None or not analysis.object.is_little_endian:
            continue
        for name in program_names(data):
            run = run_libbpf(data, programs=lambda program, name=name: program == name, log_level=1)  # type: ignore[misc]
            if not poisoned_calls(run.verifier_log):
                continue
            log = f"prog '{name}': -- BEGIN PROG LOAD LOG --\n{run.verifier_log}"
            findings = [one for one in read_loader_log(log, analysis) if one.relos]
            assert len(findings) == 1, (path.name, name)
            (index,) = findings[0].relos
            linked = analysis.relos[index]
            substituted = re.findall(r"relo #(\d+): substituting insn #(\d+) w/ invalid insn", run.log)
            function = analysis.object.function_at(linked.relo.section, linked.relo.insn_off)
            assert function is not None
            inside = (linked.relo.insn_off - function.value) // 8
            assert str(inside) in {insn for _, insn in substituted}, (path.name, name)
            told += 1
    assert told >= 5


def test_an_instruction_is_counted_through_subprograms(shared: Path) -> None:
    analysis = analysed(shared, "log/p.o")
    linked = relo_at_insn(analysis, "first", 20)
    assert linked is not None
    assert linked.path == "task_struct.state"
    assert linked.program == "old_state"
    assert relo_at_insn(analysis, "first", 10_000) is None


@pytest.mark.timeout(30)
def test_of_megabytes_with_other_programs_between_the_record_is_found(shared: Path) -> None:
    """As a verifier at level 2 writes, cut at both ends; several loaders wrote into it at once."""
    analysis = analysed(shared, "log/p.o", str(shared / "btf" / "6.18.44-fc-amd64.btf.xz"))
    own = (shared / CASES / "log/log.a").read_text()
    begin, end = own.split("17: (bf)", 1)[0], "17: (bf)" + own.split("17: (bf)", 1)[1]
    other = "prog 'other': -- BEGIN PROG LOAD LOG --\n"
    noise = "".join(
        f"{at % 4000}: (85) call bpf_map_lookup_elem#1 ; R0=map_value_or_null(id={at})\n"
        f"; int *value = bpf_map_lookup_elem(&map, &key); @ other.c:{at % 900}\n"
        for at in range(60_000)
    )
    log = f"{noise[37:]}{other}{noise}-- END PROG LOAD LOG --\n{begin}{noise}{end}{other}{noise[:-41]}"
    assert len(log) > 20 << 20
    (finding,) = read_loader_log(log, analysis)
    assert [analysis.relos[index].path for index in finding.relos] == ["task_struct.state"]
    cut = f"{begin}{noise[:-41]}\n{other}invalid func unknown#195896080"
    (finding,) = read_loader_log(cut, analysis)
    assert len(finding.relos) != 1  # of which program it is cannot be told
