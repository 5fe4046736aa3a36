"""Which instructions can run: unit cases, and no false "dead" by the running verifier."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.bpf.elf import read_elf
from btfview.bpf.object import read_object
from btfview.bpf.reachability import reachable_insns
from btfview.btf.reader import Btf
from btfview.core_relo.local import read_local_relos
from btfview.core_relo.resolve import resolve_relos
from tests.libbpf import poisoned_calls, program_names, run_libbpf


def assembled(listing: str, tmp_path: Path, *, endian: str = "el") -> bytes:
    """Return the code of *listing*, instructions parted by semicolons, as LLVM assembles it."""
    source, out = tmp_path / "listing.s", tmp_path / "listing.o"
    source.write_text(listing.replace(";", "\n") + "\n")
    command = ["clang-19", f"--target=bpf{endian}", "-mcpu=v4", "-c", str(source), "-o", str(out)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    elf = read_elf(out.read_bytes())
    section = elf.section(".text")
    assert section
    return elf.bytes_of(section)


# Instructions that the verifier drops stand in [brackets]. Sign extension, byte swap, division and negation
# are not followed, so behind them everything counts as reachable.
CASES = [
    pytest.param("r1 = 0; if r1 == 0 goto +1; [r2 = 1]; exit", id="taken"),
    pytest.param("r1 = 1; if r1 == 0 goto +1; r2 = 1; exit", id="not-taken"),
    pytest.param("r1 = 1; if r1 != 0 goto +2; [r2 = 1]; [exit]; exit", id="code-after-the-last-path"),
    pytest.param("if r1 == 0 goto +1; r2 = 1; exit", id="unknown-register"),
    pytest.param("w1 = 1; if w1 == 1 goto +1; [r2 = 1]; exit", id="32-bit"),
    pytest.param("r1 = 0x100000001 ll; if w1 == 1 goto +1; [r2 = 1]; exit", id="32-bit-compare-sees-half"),
    pytest.param("r1 = 0x100000001 ll; if r1 == 1 goto +1; r2 = 1; exit", id="64-bit-compare-sees-all"),
    pytest.param("r1 = -1; if r1 s> 0 goto +1; goto +1; [r2 = 1]; exit", id="signed"),
    pytest.param("r1 = -1; if r1 > 0 goto +1; [goto +1]; r2 = 1; exit", id="unsigned"),
    pytest.param("r1 = 6; r1 &= 3; r1 <<= 4; r1 += 1; if r1 == 33 goto +1; [r2 = 1]; exit", id="arithmetic"),
    pytest.param("w1 = -1; r1 >>= 31; if r1 == 1 goto +1; [r2 = 1]; exit", id="32-bit-zero-extends"),
    pytest.param("r1 = 1; r2 = r1; if r2 == 1 goto +1; [r3 = 1]; exit", id="copied"),
    pytest.param("r1 = 1; r1 = *(u64 *)(r10 - 8); if r1 == 1 goto +1; r2 = 1; exit", id="loaded-over"),
    pytest.param("r1 = 1; call 7; if r1 == 1 goto +1; r2 = 1; exit", id="clobbered-by-a-call"),
    pytest.param("r6 = 1; call 7; if r6 == 1 goto +1; [r2 = 1]; exit", id="kept-over-a-call"),
    pytest.param("r0 = 1; call 7; if r0 == 1 goto +1; r2 = 1; exit", id="result-of-a-call"),
    pytest.param(
        "if r1 == 0 goto +2; r2 = 1; goto +1; r2 = 2; if r2 == 1 goto +1; r3 = 1; exit",
        id="paths-that-disagree",
    ),
    pytest.param(
        "if r1 == 0 goto +2; r2 = 1; goto +1; r2 = 1; if r2 == 1 goto +1; [r3 = 1]; exit",
        id="paths-that-agree",
    ),
    pytest.param("if r1 == 7 goto +1; exit; if r1 == 7 goto +1; [r2 = 1]; exit", id="known-behind-equal"),
    pytest.param("if r1 != 7 goto +2; if r1 == 7 goto +1; [r2 = 1]; exit", id="known-behind-not-unequal"),
    pytest.param("r1 = 0; r1 += 1; if r1 < 3 goto -2; if r1 == 9 goto +1; r2 = 1; exit", id="loop"),
    pytest.param("r1 = 1; r1 = (s8)r1; if r1 == 1 goto +1; r2 = 1; exit", id="sign-extension"),
    pytest.param("gotol +1; [r2 = 1]; exit", id="long-jump"),
    pytest.param("r0 = 1; r0 = *(u8 *)skb[4]; if r0 == 1 goto +1; r2 = 1; exit", id="packet-load"),
    pytest.param(
        "r1 = 1; r2 = 2; r1 = atomic_fetch_add((u64 *)(r10 - 8), r1); if r1 == 1 goto +1; r3 = 1; exit",
        id="fetched",
    ),
    pytest.param("r1 = 4; r1 = be16 r1; if r1 == 4 goto +1; r2 = 1; exit", id="byte-swap"),
    pytest.param("r1 = 7; r1 /= 2; if r1 == 3 goto +1; r2 = 1; exit", id="division"),
    pytest.param("r1 = 7; r1 = -r1; if r1 == -7 goto +1; r2 = 1; exit", id="negation"),
]


@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize("endian", ["el", "eb"])
@pytest.mark.parametrize("listing", CASES)
def test_reachable(listing: str, endian: str, tmp_path: Path) -> None:
    code = assembled(plain(listing), tmp_path, endian=endian)
    reachable = reachable_insns(code, 0, len(code), is_little_endian=endian == "el")
    expected, offset = set(), 0
    for text in listing.split("; "):
        if not text.startswith("["):
            expected.add(offset)
        offset += 16 if text.strip("[]").endswith(" ll") else 8
    assert offset == len(code)
    assert reachable == expected


def plain(listing: str) -> str:
    return "; ".join(text[1:-1] if text.startswith("[") else text for text in listing.split("; "))


def test_only_the_function_that_is_asked_for() -> None:
    code = bytes.fromhex("9500000000000000") * 3
    assert reachable_insns(code, 8, 16) == {8}


@given(st.binary(max_size=256), st.booleans())
def test_any_bytes_have_an_answer(code: bytes, is_little_endian: bool) -> None:
    reachable = reachable_insns(code, 0, len(code), is_little_endian=is_little_endian)
    assert all(0 <= offset <= len(code) - 8 for offset in reachable)
    assert not code[:8] or len(code) < 8 or 0 in reachable or code[0] == 0x18


# -- the verifier ----------------------------------------------------------------------------


@pytest.mark.kernel
def test_the_verifier_never_meets_poison_that_is_called_dead(shared: Path, running_kernel: Path) -> None:
    """Each program of the corpus, alone, into the running kernel.

    A program whose poison is all dead must not be refused for it; one that is refused must have poison
    that is alive, and, where the instruction can be told, exactly that one.
    """
    kernel = Btf(running_kernel.read_bytes())
    seen: Counter[str] = Counter()
    for path in sorted((shared / "corpus" / "obj").glob("*.o")):
        seen += judged(path.read_bytes(), path.name, kernel)
    print(f"\n{dict(seen)}")
    assert seen["loaded with dead poison"] >= 3
    assert seen["refused for live poison"] >= 20


GUARDED = """
#define SEC(name) __attribute__((section(name), used))
#define INFO(field, kind) __builtin_preserve_field_info(field, kind)
#define EXISTS(field) INFO(field, 2)
#define OFFSET(field) INFO(field, 0)
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task_struct { int pid; long no_such_field; struct { int deep; } no_such_struct; };
#pragma clang attribute pop
static struct task_struct *const t = 0;
static unsigned long (*random)(void) = (void *)7;
SEC("license") char LICENSE[] = "GPL";
#define PROG(name) SEC("socket") int name(void *ctx)

PROG(dead_if) { long v = 0; if (EXISTS(t->no_such_field)) v = OFFSET(t->no_such_field); return v; }
PROG(dead_else) { if (!EXISTS(t->no_such_field)) return OFFSET(t->pid); return OFFSET(t->no_such_field); }
PROG(dead_ternary) { return EXISTS(t->no_such_field) ? OFFSET(t->no_such_field) : OFFSET(t->pid); }
PROG(dead_and) { if (random() && EXISTS(t->no_such_field)) return OFFSET(t->no_such_field); return 0; }
PROG(dead_nested) {
    if (EXISTS(t->pid)) { if (EXISTS(t->no_such_struct.deep)) return OFFSET(t->no_such_struct.deep); }
    return 1;
}
PROG(dead_in_a_loop) {
    int sum = 0;
    for (int i = 0; i < 10; i++) {
        if (random() > 5) sum++;
        if (EXISTS(t->no_such_field)) sum += OFFSET(t->no_such_field) + random();
    }
    return sum;
}
PROG(dead_switch) {
    switch (EXISTS(t->no_such_field)) { case 1: return OFFSET(t->no_such_field); default: return 3; }
}
PROG(dead_return) { if (!EXISTS(t->no_such_field)) return 0; random(); return OFFSET(t->no_such_field); }
PROG(live_plain) { return OFFSET(t->no_such_field); }
PROG(live_or) { if (random() || EXISTS(t->no_such_field)) return OFFSET(t->no_such_field); return 0; }
PROG(live_wrong_guard) { if (EXISTS(t->pid)) return OFFSET(t->no_such_field); return 0; }
PROG(live_negated) { if (!EXISTS(t->no_such_field)) return OFFSET(t->no_such_field); return 0; }
PROG(live_after) {
    long v = 0;
    if (EXISTS(t->no_such_field)) v = OFFSET(t->no_such_field);
    return v + OFFSET(t->no_such_struct.deep);
}
PROG(live_in_a_loop) {
    int sum = 0;
    for (int i = 0; i < 10; i++) if (random() > 5) sum += OFFSET(t->no_such_field);
    return sum;
}
"""


@pytest.mark.kernel
@pytest.mark.debian_tool("clang-19")
@pytest.mark.parametrize("options", ["-O1 -mcpu=v1", "-O2 -mcpu=v2", "-O2 -mcpu=v3", "-Os -mcpu=v4"])
def test_guards_as_clang_compiles_them_are_seen_as_the_verifier_sees_them(
    options: str, tmp_path: Path, running_kernel: Path
) -> None:
    """Here the verdict is the same in both directions: dead poison loads, live poison is refused."""
    source, out = tmp_path / "guarded.c", tmp_path / "guarded.o"
    source.write_text(GUARDED)
    command = ["clang-19", "-target", "bpf", "-g", *options.split(), "-c", str(source), "-o", str(out)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    data = out.read_bytes()
    obj, kernel = read_object(data, path="guarded.o"), Btf(running_kernel.read_bytes())
    relos = read_local_relos(obj)
    is_live: dict[str, bool] = {}
    for local, result in zip(relos, resolve_relos(obj, relos, kernel), strict=True):
        if result.outcome.is_poisoned:
            program = obj.program_of(local.relo)
            is_live[program] = is_live.get(program, False) or not result.is_dead
    assert is_live == {name: name.startswith("live") for name in program_names(data)}
    seen = judged(data, "guarded.o", kernel)
    assert seen["loaded with dead poison"] == 8
    assert seen["refused for live poison"] == 6


def judged(data: bytes, name: str, kernel: Btf) -> Counter[str]:
    """Load each program of an object alone and count what the verifier makes of its poison.

    Asserts that the verifier came upon no poison that is called dead.
    """
    obj = read_object(data, path=name)
    seen: Counter[str] = Counter()
    if not obj.is_little_endian:
        return seen
    relos = read_local_relos(obj)
    results = resolve_relos(obj, relos, kernel)
    for program in program_names(data):
        run = run_libbpf(data, programs=program.__eq__, log_level=2)
        if not run.is_relocated or not run.verifier_log:
            continue
        start = next(
            symbol.value for symbols in obj.functions.values() for symbol in symbols if symbol.name == program
        )
        own = {
            (local.relo.insn_off - start) // 8: result.is_dead
            for local, result in zip(relos, results, strict=True)
            if result.outcome.is_poisoned and obj.program_of(local.relo) == program
        }
        met = poisoned_calls(run.verifier_log)
        seen["refused for live poison"] += bool(met)
        seen["loaded with dead poison"] += bool(own) and run.is_loaded
        has_callees = any(insn[0] == 0x85 and insn[1] >> 4 == 1 for insn in slots(run.insns[program]))
        for index in met:
            where = f"{name} {program}: the verifier came upon the poison at {index}"
            assert not own.get(index), where
            assert index in own or has_callees, f"{where}, which is no record's"
    return seen


def slots(code: bytes) -> list[bytes]:
    return [code[at : at + 8] for at in range(0, len(code), 8)]
