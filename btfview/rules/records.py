"""Rules of relocation records: what becomes of one on a kernel."""

from __future__ import annotations

from .rule import Rule

RULES = (
    Rule(
        "missing",
        "error",
        "a record has no value on a kernel, and a program that loads comes to its instruction",
        """\
No type of the kernel has what the record asks for, so libbpf poisons the instruction: it becomes a call of
helper 195896080, which does not exist. The verifier refuses the program if a path leads there. Where no path
does, because a question for existence guards it, nothing is reported.

A warning instead of an error: the verifier may come to the instruction, and what decides is not known here.

Ask first (bpf_core_field_exists, core::btf::field_exists!), and in the other branch read what the kernel has
instead. btfview explain FILE -t KERNEL shows code for that, compiled and resolved on both kernels.""",
    ),
    Rule(
        "ambiguous",
        "error",
        "several types of the kernel answer a record, and not the same",
        """\
Types of one name lie in the kernel's BTF more than once, and the record has another value in each. libbpf
refuses the whole object then, guarded or not.

Tell the candidates apart: declare, and ask for, a field that only the one you mean has.""",
    ),
    Rule(
        "refused",
        "error",
        "libbpf cannot answer a record, or not write its answer",
        """\
The record matched, and the answer does not fit: a load cannot be made as wide as the kernel's field, a value
is out of the range of the instruction, or the instruction is none that libbpf patches. The load ends there,
or the instruction is poisoned ("cannot be resized").

Read a field of changing size with bpf_core_field_size() or BPF_CORE_READ_INTO(), a bitfield with
BPF_CORE_READ_BITFIELD_PROBED().""",
    ),
    Rule(
        "malformed",
        "error",
        "a record breaks the format, whatever the kernel",
        """\
Its access string, its kind or its type makes no sense in the object's own BTF. libbpf refuses the object.
What wrote the object has a fault: a compiler of another version, or a tool that rewrote the BTF.""",
    ),
    Rule(
        "never there",
        "note",
        "a question for existence is answered with no on every kernel",
        """\
None of the kernels that were given has it, so what the question guards never runs. A typing mistake behind a
guard is found by nothing else. Where it is meant for kernels that were not given, give one of these, too.""",
        is_lint=True,
    ),
    Rule(
        "trimmed",
        "note",
        "a kernel's BTF holds only some of its types, and does not tell",
        """\
The bundled kernels, and BTF made for one program (bpftool gen min_core_btf), lack types that the whole kernel
has. Give a whole one to know: -t running, -t FILE, -t /boot/vmlinuz-*.""",
        is_lint=True,
    ),
    Rule(
        "another thing",
        "note",
        "a field resolves, and is another thing than on the kernel that the program was written for",
        """\
Same name, other size, type or meaning: the program loads and reads something else. The kernel whose
declaration fits the program's best is taken for the one that it was written for.

Declare it once for each kernel, in structs of two flavors (task_struct___old), and ask which one fits.""",
        is_lint=True,
    ),
    Rule(
        "load ends",
        "error",
        "a loader other than libbpf does not take the object",
        """\
Only with --loader cilium, aya or all: that library ends the load for a reason of its own, whatever the
records say. docs/loaders.md tells the differences.""",
    ),
)
