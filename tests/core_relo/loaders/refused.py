"""Programs that a loader gives up before or after their records, or that come close to it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from btfview.core_relo.loaders.names import AYA, CILIUM
from tests.core_relo.loaders.differences import HEAD

_MORE = """
#define KSYM __attribute__((section(".ksyms")))
#define KCONFIG __attribute__((section(".kconfig")))
#define WEAK __attribute__((weak))
#define NOINLINE __attribute__((noinline))
#define OPS struct ops { int (*a)(void); }; SEC("struct_ops/a") int a(void) { return 0; } struct ops o
#define PROGRAM SEC("raw_tp/x") int f(struct account **ctx)
#define READ ctx[0]->count
#define MAP int (*type)[1]; int (*max_entries)[1]; int *value
#define USE(map) int key = 0; return lookup(&map, &key) != 0;
struct account { long owner; long count; } FROM_KERNEL;
static void *(*const lookup)(void *map, const void *key) = (void *)1;
static long (*const loop)(unsigned n, void *callback, void *context, long flags) = (void *)181;
"""


@dataclass(frozen=True)
class Refused:
    name: str
    program: str
    ends: dict[str, str]
    """How the error of each loader begins that gives it up."""


_RELOCATING = "load programs: section raw_tp/x: offset {} in section raw_tp/x: relocating instruction: "
_AT_16, _AT_32 = _RELOCATING.format(16), _RELOCATING.format(32)
_KSYMS = "load virtual .ksyms section: data section .ksyms: expected "

CASES = (
    Refused("plain", "PROGRAM { return READ; }", {}),
    Refused(
        "subprogram",
        "static NOINLINE int g(struct account **ctx) { return READ; } PROGRAM { return g(ctx); }",
        {},
    ),
    Refused(
        "unknown_section",
        'SEC("my_probe") int f(struct account **ctx) { return READ; }',
        {AYA: "invalid program section `my_probe`"},
    ),
    Refused(
        "tc", 'SEC("tc") int f(struct account **ctx) { return READ; }', {AYA: "invalid program section `tc`"}
    ),
    Refused(
        "optional",
        'SEC("?raw_tp/x") int f(struct account **ctx) { return READ; }',
        {AYA: "invalid program section `?raw_tp/x`"},
    ),
    Refused(
        "license_without_end",
        'char L[3] SEC("license") = {71, 80, 76}; PROGRAM { return READ; }',
        {AYA: "invalid license `[71, 80, 76]`: missing NULL terminator"},
    ),
    Refused(
        "two_licenses",
        'char L[] SEC("license") = "GPL"; char M[] SEC("license") = "BSD"; PROGRAM { return READ; }',
        {AYA: "invalid license `[71, 80, 76, 0, 66, 83, 68, 0]`"},
    ),
    Refused(
        "version_of_8_bytes",
        'long V SEC("version") = 1; PROGRAM { return READ; }',
        {AYA: "invalid kernel version `[1, 0, 0, 0, 0, 0, 0, 0]`"},
    ),
    Refused(
        "kfunc",
        "extern int some_kfunc(int) KSYM; PROGRAM { return some_kfunc(READ); }",
        {AYA: "error relocating `f`: function 0x10 not found while relocating `f`"},
    ),
    Refused(
        "weak_kfunc",
        "extern int some_kfunc(int) KSYM WEAK; PROGRAM { return some_kfunc ? some_kfunc(READ) : 0; }",
        {AYA: "error relocating `f`: function 0x"},
    ),
    Refused(
        "whether_kfunc", "extern int some_kfunc(int) KSYM WEAK; PROGRAM { return some_kfunc ? 1 : READ; }", {}
    ),
    Refused("ksym_void", "extern void some_symbol KSYM; PROGRAM { return (long)&some_symbol + READ; }", {}),
    Refused(
        "ksym_const_void",
        "extern const void some_symbol KSYM; PROGRAM { return (long)&some_symbol + READ; }",
        {CILIUM: _KSYMS + "some_symbol to be *Void"},
    ),
    Refused(
        "ksym_of_a_type",
        "extern const int some_variable KSYM; PROGRAM { return some_variable + READ; }",
        {CILIUM: _KSYMS + "some_variable to be *Void"},
    ),
    Refused("kconfig", "extern int CONFIG_HZ KCONFIG; PROGRAM { return CONFIG_HZ + READ; }", {}),
    Refused(
        "weak_kconfig",
        "extern int CONFIG_HZ KCONFIG WEAK; PROGRAM { return CONFIG_HZ + READ; }",
        {CILIUM: _AT_16 + "asm relocation: CONFIG_HZ: unsupported binding: STB_WEAK"},
    ),
    Refused(
        "other_data",
        'int g SEC("mydata") = 3; PROGRAM { return g + READ; }',
        {
            AYA: "error relocating `f`: section `",
            CILIUM: 'load relocations: section "raw_tp/x": reference to "g" in section SHN_UNDEF+',
        },
    ),
    Refused(
        "weak_callback",
        "WEAK int each(int i, void *context) { return 0; } PROGRAM { loop(3, each, 0, 0); return READ; }",
        {CILIUM: _AT_16 + "load: each: unsupported binding: STB_WEAK"},
    ),
    Refused(
        "static_map",
        'static struct { MAP; int *key; } m SEC(".maps"); PROGRAM { USE(m) }',
        {CILIUM: _AT_32 + "possible erroneous static qualifier on map definition: found reference to"},
    ),
    Refused(
        "weak_map",
        'struct { MAP; int *key; } m SEC(".maps") WEAK; PROGRAM { USE(m) }',
        {CILIUM: _AT_32 + 'map "m": unsupported binding: STB_WEAK'},
    ),
    Refused(
        "field_of_a_map",
        'struct { MAP; int *key; int (*mood)[3]; } m SEC(".maps"); PROGRAM { USE(m) }',
        {CILIUM: "load BTF maps: map m: unrecognized field mood in BTF map definition"},
    ),
    Refused(
        "key_twice",
        'struct { MAP; int *key; int (*key_size)[4]; } m SEC(".maps"); PROGRAM { USE(m) }',
        {CILIUM: "load BTF maps: map m: both key and key_size given"},
    ),
    Refused(
        "number_in_a_map",
        'struct { MAP; int *key; int map_flags; } m SEC(".maps"); PROGRAM { USE(m) }',
        {
            AYA: "BTF error: unexpected BTF type id",
            CILIUM: "load BTF maps: map m: can't get BTF map flags: not a pointer or enum",
        },
    ),
    Refused(
        "array_of_programs",
        "static int q(void *); struct { int (*type)[3]; int (*max_entries)[1]; int (*key_size)[4]; "
        'int (*values[])(void *); } m SEC(".maps") = { .values = { [0] = (void *)&q } }; '
        'SEC("raw_tp/q") int q(void *ctx) { return 0; } PROGRAM { USE(m) }',
        {
            AYA: "BTF error: unexpected BTF type id",
            CILIUM: "load BTF maps: map m: resolving values contents: unknown relocation type",
        },
    ),
    Refused("old_map", 'int m[5] SEC("maps") = {1, 4, 4, 1, 0}; PROGRAM { USE(m) }', {}),
    Refused(
        "short_old_map",
        'int m[2] SEC("maps") = {1, 4}; PROGRAM { USE(m) }',
        {AYA: "error parsing map `m`", CILIUM: "load maps: map m: missing value size"},
    ),
    Refused(
        "struct_ops",
        'OPS SEC(".struct_ops") = { .a = a };',
        {
            AYA: "invalid program section `struct_ops/a`",
            CILIUM: "section \".struct_ops\": got '.struct_ops' section: not supported",
        },
    ),
    Refused(
        "struct_ops_link",
        'OPS SEC(".struct_ops.link") = { .a = a };',
        {AYA: "invalid program section `struct_ops/a`"},
    ),
)


def compile_cases(folder: Path) -> dict[str, Path]:
    """Return the objects that clang makes of all cases, by name."""
    sources = []
    for case in CASES:
        source = folder / f"{case.name}.c"
        source.write_text(f"{HEAD}{_MORE}{case.program}\n")
        sources.append(source.name)
    command = ["clang-19", "-O2", "-g", "-w", "-mcpu=v3", "-target", "bpf", "-c", *sources]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return {case.name: folder / f"{case.name}.o" for case in CASES}
