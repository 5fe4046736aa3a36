"""How rustc is run for IR, alone and for cargo; what cargo calls for each crate loads no more than this."""

from __future__ import annotations

CODEGEN = (
    "-Cpanic=abort",
    "-Copt-level=2",
    "-Ccodegen-units=1",
    "-Cno-prepopulate-passes",
    "-Cforce-unwind-tables=no",
    "-Coverflow-checks=off",
    "-Cdebug-assertions=off",
    "-Csymbol-mangling-version=v0",
    "-Cembed-bitcode=no",
    "-Cdebuginfo=2",
)
"""What the IR is made with: no pass of LLVM has been over it, so that BPF's do all of it."""
LINTS = ("--force-warn", "deprecated")
