"""Reports that tests of formats write."""

from __future__ import annotations

from btfview.analysis.findings.finding import Finding
from btfview.checks.report import Accepted, CheckedFile, CheckReport, ProgramFate, as_found

HOSTILE = 'a<b>&"c|`\x1b[31m\x07\ud800]]>%\r\n,:*_'
"""What a name from a file may hold, and each format means something by."""
KERNELS = ("5.10.0-46-amd64", "5.15.0-204-generic-amd64", "6.1.0-56-amd64", "6.12.117+deb12-amd64")
FINDINGS = (
    Finding(
        "error", "missing", f"t.a (field_byte_offset) is missing on {', '.join(KERNELS[:2])}: no member a",
        "Ask first", "src/a.c", 21, 7, KERNELS[:2], 0, "prog", "t.a (field_byte_offset)",
        ", ".join(KERNELS[:2]),
    ),
    Finding("warning", "read_width", "t.b reads past", "", "src/a.c", 22, 0, KERNELS[2:], 1, "prog", "t.b"),
    Finding("note", "helper", "helper bpf_loop: may fail", "", "prog.o", 0, 0, KERNELS[:1]),
    Finding("error", "E0609", "no field `x`", HOSTILE, "src/a b%.rs", 3, 1),
    Finding("error", "", HOSTILE, HOSTILE, HOSTILE, 3, 1, program=HOSTILE),
)  # fmt: skip
FIXED = Accepted("prog.o", "ab" * 16, "never-there", "note", "src/a.c", "t.z", "t.z is never there", ())


def report(*findings: Finding, **facts: object) -> CheckReport:
    """Return a report of one file with *findings*, on :data:`KERNELS`."""
    found = as_found(findings or FINDINGS, "prog.o", (), ".")
    programs = (
        ProgramFate("prog", ("fails", "fails", "loads", "loads")),
        ProgramFate(HOSTILE, ("unknown",) * 4),
    )
    file = CheckedFile("prog.o", found, KERNELS, 3, programs)
    return CheckReport((file,), KERNELS, **facts)  # type: ignore[arg-type]
