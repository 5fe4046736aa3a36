"""Lints of Rust sources: what ``#[allow(..)]`` takes. Errors have rustc's own codes."""

from __future__ import annotations

from .rule import Rule


def _lint(code: str, summary: str, text: str, severity: str = "warning", origin: str = "btfview") -> Rule:
    return Rule(code, severity, summary, text, is_lint=True, origin=origin)


RULES = (
    _lint(
        "unused_btf_query",
        "the answer of a query is dropped, and its record with it",
        "LLVM drops what nobody uses; no record reaches the object, so nothing is asked of any kernel.",
    ),
    _lint(
        "unguarded_btf_offset",
        "an offset or size is used where no question for existence says that the field is there",
        "On a kernel without the field the program does not load. Ask core::btf::field_exists! around it.\n"
        "Of what rustc compiles the first 64 fields are looked at, of a very large program fewer.",
    ),
    _lint(
        "btf_without_repr_c",
        "a marked type without repr(C)",
        "rustc may lay its fields out in another order than they are written.",
    ),
    _lint(
        "btf_name_before_6_1",
        "a name of more than 128 characters",
        "Kernels before 6.1 refuse BTF with longer names (KSYM_NAME_LEN, 512 since).",
    ),
    _lint(
        "unknown_program_section",
        "libbpf makes no program of the section",
        "The name before the first slash decides: kprobe, tracepoint, fentry, xdp and so on.",
    ),
    _lint(
        "program_context",
        "a program's argument is not what its kind of program gets",
        "The kernel hands over a context of a certain struct; another declaration reads other bytes.",
    ),
    _lint(
        "too_many_frames",
        "calls go deeper than the verifier follows",
        "Eight frames, the program's own among them (MAX_CALL_FRAMES). Inline one of them.",
    ),
    _lint(
        "endless_loop",
        "nothing leaves a loop",
        "The verifier follows it until it gives up, and refuses the program.",
    ),
    _lint(
        "arithmetic_overflow",
        "known values do not fit their type",
        "The expression would panic whenever it is reached, and wrap in a release build.",
        "error",
        "rustc",
    ),
    _lint(
        "unconditional_panic",
        "a division by a known zero, or an index that is always out of bounds",
        "The operation panics whenever it is reached.",
        "error",
        "rustc",
    ),
    _lint("dead_code", "a function is not called", "Remove it, or begin its name with _.", origin="rustc"),
    _lint(
        "unreachable_code",
        "a query behind a return",
        "It never runs, and LLVM leaves no record of it.",
        origin="rustc",
    ),
    _lint(
        "unknown_lints",
        "a level for a lint that does not exist",
        "btfview rule lists the lints that there are.",
        origin="rustc",
    ),
    _lint(
        "unfulfilled_lint_expectations",
        "a lint that #[expect(..)] waits for does not come",
        "Remove the attribute: what it was for is mended.",
        origin="rustc",
    ),
)
