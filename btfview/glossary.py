"""What the words mean that btfview uses: on its screen, in its reports and in its errors.

The words are those of libbpf, the kernel and the BPF CO-RE documents; sentences are btfview's own.
"""

from __future__ import annotations

import re
from functools import cache

from .frozen import frozen


@frozen
class Entry:
    """One word, explained in a few sentences that need no other entry."""

    word: str
    meaning: str
    """Default keys stand in braces; see :meth:`btfview.keymap.keymap.Keymap.said`."""
    also: tuple[str, ...] = ()
    """Other forms in which it stands in a text."""
    part: str = "words"
    """Where it stands in the glossary: one of :data:`PARTS`."""


PARTS = {
    "records": "Kinds of records: what is asked of the kernel's types",
    "states": "What becomes of a record on a kernel",
    "words": "Words",
    "demands": "What else an object asks of a kernel",
}
"""Titles, in the order in which they are printed."""

GLOSSARY = (
    # -- enum bpf_core_relo_kind, include/uapi/linux/bpf.h ------------------------------------------
    Entry(
        "field_byte_offset",
        "Where is the field, in bytes from the start of its root type? Written into the instruction "
        "that computes its address or loads it. A kernel without the field has no answer: the "
        "instruction is poisoned.",
        ("offset", "byte_offset"),
        "records",
    ),
    Entry(
        "field_byte_size",
        "How many bytes has the field there? For reads whose width differs between kernels.",
        ("size", "byte_size"),
        "records",
    ),
    Entry(
        "field_exists",
        "Is the field there? 1 or 0, always an answer: it guards what needs the field. In C "
        "bpf_core_field_exists(), in Rust field_exists!.",
        ("exists",),
        "records",
    ),
    Entry(
        "field_signed",
        "Is the field a signed integer there? 1 or 0; tells by which shift a bitfield is read.",
        ("signed",),
        "records",
    ),
    Entry(
        "field_lshift_u64",
        "By how many bits the loaded 64 bits are shifted left, so that a bitfield's highest bit is at "
        "the top: first half of reading it.",
        ("lshift", "lshift_u64"),
        "records",
    ),
    Entry(
        "field_rshift_u64",
        "By how many bits they are shifted right afterwards, so that the bitfield alone is left: second "
        "half of reading it.",
        ("rshift", "rshift_u64"),
        "records",
    ),
    Entry(
        "type_id_local",
        "The number of the type in the program's own BTF; the same on every kernel.",
        ("local id",),
        "records",
    ),
    Entry(
        "type_id_target",
        "The number of the type in the kernel's BTF, by which helpers such as bpf_snprintf_btf know it.",
        ("target id",),
        "records",
    ),
    Entry(
        "type_exists",
        "Is there a type of this name and kind? 1 or 0, whatever its members are.",
        (),
        "records",
    ),
    Entry(
        "type_size", "How many bytes has the type there? A kernel without it has no answer.", (), "records"
    ),
    Entry(
        "type_matches",
        "Is there a type of this name that has all the members which the program declares, each of a "
        "fitting type? 1 or 0; stricter than type_exists. libbpf knows it from 1.0 on.",
        ("matches",),
        "records",
    ),
    Entry(
        "enumval_exists",
        "Has the enum this enumerator there? 1 or 0.",
        (),
        "records",
    ),
    Entry(
        "enumval_value",
        "The enumerator's value there. A kernel without it has no answer.",
        ("value",),
        "records",
    ),
    # -- states -------------------------------------------------------------------------------------
    Entry(
        "as compiled",
        "✔: the kernel gives the value that the compiler has put into the instruction already; nothing "
        "is to be done.",
        (),
        "states",
    ),
    Entry(
        "moved",
        "▲: the kernel gives another value, and the loader writes it into the instruction. Nothing is "
        "wrong: it is what CO-RE is for.",
        ("changed",),
        "states",
    ),
    Entry(
        "missing, guarded",
        "○: it is not on that kernel, and no path of a loaded program leads to the instruction there: "
        "an exists query before it answers 0, and the verifier drops the branch. Nothing is wrong.",
        ("guarded", "guard"),
        "states",
    ),
    Entry(
        "missing",
        "✖: it is not on that kernel, and the program may come to the instruction, which is poisoned: "
        "the verifier refuses the program. Ask first whether it exists, or read what that kernel has "
        "instead ({F}).",
        (),
        "states",
    ),
    Entry(
        "ambiguous",
        "≠: several types of the kernel fit and give different answers. libbpf then refuses the whole "
        "object: ask for a field that only the one has.",
        (),
        "states",
    ),
    Entry(
        "unknown",
        "?: that kernel's BTF was trimmed of what is asked for, so that nobody can tell; a whole BTF of "
        "it does ({t}).",
        (),
        "states",
    ),
    Entry(
        "error",
        "!: libbpf refuses the record, and the object with it: it is malformed, or its instruction is "
        "none that can hold the answer.",
        ("refused", "refuses"),
        "states",
    ),
    # -- words --------------------------------------------------------------------------------------
    Entry(
        "access string",
        'The path of a record as it stands in .BTF.ext: "0:1:2" is element 0 of what the pointer points to, '
        "its member 1, of that member 2. Numbers are those of the program's own type; the loader goes "
        "the same way by names in the kernel's.",
        ("access_str", "path"),
    ),
    Entry(
        "BTF",
        "BPF Type Format: the types of a kernel, a module or an object, as compact data. A kernel has "
        "its own in /sys/kernel/btf/vmlinux.",
        (".BTF",),
    ),
    Entry(
        ".BTF.ext",
        "The section of an object that holds, beside source lines, its CO-RE relocation records.",
        ("BTF.ext",),
    ),
    Entry(
        "candidate",
        "A type of the kernel with the essential name and the kind of the root type. Each is tried; "
        "those in which the whole path is found match, and must agree.",
        ("candidates",),
    ),
    Entry(
        "cacheline",
        "64 bytes that the processor fetches at once; members that are used together should share one.",
        ("cachelines",),
    ),
    Entry(
        "class",
        "Kernels on which the whole program gets the same answers. They are alike to it, and one column "
        "stands for all of them.",
        ("classes",),
    ),
    Entry(
        "CO-RE",
        "Compile once, run everywhere: the compiler leaves a record for each field that is asked for, "
        "and the loader answers it from the BTF of the kernel at hand.",
        (),
    ),
    Entry(
        "dead code",
        "Instructions that no path leads to on a kernel, once the answers stand in the program. The "
        "verifier drops them, so that what they lack does no harm.",
        ("dead",),
    ),
    Entry(
        "demand",
        "What an object asks of a kernel beside its records: helpers, kfuncs, attach targets, types of "
        "programs and maps. Numbered d0, d1, ...",
        ("demands", "asks of the kernel"),
    ),
    Entry(
        "dialect",
        "One of the two forms of CO-RE in Rust that btfview compiles: repr, with #[repr(Btf)] and "
        "field_exists!, or option, with #[btf_relocatable] and queries that return an Option.",
        ("repr", "option"),
    ),
    Entry(
        "essential name",
        "The name of a type without its flavor: task_struct of task_struct___v5_14. By it a kernel's "
        "type is looked for.",
        (),
    ),
    Entry(
        "fate",
        "What becomes of a record, or of the whole program, on one kernel; the strip has a sign for each.",
        ("strip", "fate strip"),
    ),
    Entry(
        "flavor",
        "What stands behind three underscores in a type's name: task_struct___old is task_struct to the "
        "kernel. So one program can declare the same type in several ways, for several kernels.",
        ("flavors",),
    ),
    Entry(
        "hint",
        "What a kernel may have in the place of something that it lacks, found by comparing its types "
        "with those of kernels that have it; graded by how sure that is.",
        ("hints",),
    ),
    Entry("hole", "Bytes between two members that belong to neither: alignment asks for them.", ("holes",)),
    Entry(
        "bitfield",
        "A member of some bits within a unit. It is read by loading the unit and shifting twice: "
        "BPF_CORE_READ_BITFIELD() in C.",
        ("bitfields",),
    ),
    Entry(
        "instruction",
        "One slot of 8 bytes of a BPF program; insn 4 is the fifth of its section. An ldimm64 takes two.",
        ("insn", "instructions"),
    ),
    Entry(
        "intrinsic",
        "A function that LLVM itself knows. preserve.struct.access.index keeps the path of a field "
        "through all optimisation; preserve.field.info asks the question at its end.",
        ("intrinsics", "preserve.struct", "preserve.field.info", "preserve.struct.access.index"),
    ),
    Entry(
        "IR",
        "Intermediate representation: the program as LLVM optimises it, between the source and instructions.",
        (),
    ),
    Entry(
        "loader",
        "What brings an object into the kernel: libbpf, aya or cilium/ebpf. It answers the records "
        "before the kernel sees the program.",
        ("libbpf", "aya", "cilium"),
    ),
    Entry(
        "loaders differ",
        "⇄: libbpf, cilium/ebpf and aya do not all write the same into the instruction of this record there, "
        "or one of them gives up the object on account of it. Each has rules of its own for which types it "
        "looks at and what may differ.",
        ("⇄",),
    ),
    Entry(
        "local",
        "Of the program: its types as it declares them, and the values that the compiler took from them.",
        ("local type", "local types"),
    ),
    Entry(
        "module",
        "A part of the kernel that is loaded later. Its BTF is split: it builds on that of the kernel.",
        ("split BTF", "modules"),
    ),
    Entry(
        "poison",
        "Where a record has no answer, libbpf makes its instruction the call of a helper that does not "
        "exist, 195896080. The verifier refuses a program that can come there, and says that number.",
        ("poisoned", "poisons", "unknown#195896080", "195896080"),
    ),
    Entry(
        "record",
        "A CO-RE relocation: for one instruction, which type and path is asked about, and what (its "
        "kind). Numbered #0, #1, ... in the order in which they stand in .BTF.ext.",
        ("records", "relocation", "relocations", "core_relo"),
    ),
    Entry(
        "root type",
        "The type that a path begins at: task_struct in task_struct.se.vruntime.",
        ("root",),
    ),
    Entry(
        "section",
        "A named part of an object file. For a program its name says what it is attached to: "
        "kprobe/do_unlinkat.",
        ("sections", "SEC"),
    ),
    Entry(
        "stale",
        "~: the source has errors now, and the panes show the last result that had none.",
        (),
    ),
    Entry(
        "target",
        "A kernel, by its BTF, that the records are answered on: the running one, a bundled one, or any "
        "file (t, -t).",
        ("targets",),
    ),
    Entry(
        "trimmed",
        "Of a target: its BTF has not all types of its kernel. What it lacks the kernel may well have.",
        (),
    ),
    Entry(
        "type id",
        "The number of a type in one BTF; it means nothing in another.",
        ("type_id",),
    ),
    Entry(
        "verifier",
        "The part of the kernel that proves, before a program runs, that it does no harm; and refuses "
        "it where it cannot. {V} asks that of this machine.",
        (),
    ),
    Entry("vmlinux", "The kernel as one file; and vmlinux.h, all its types as a C header.", ("vmlinux.h",)),
    # -- demands ------------------------------------------------------------------------------------
    Entry(
        "address size",
        "How many bytes an address has: 8 on 64-bit kernels, 4 on others. An object is for kernels of one of "
        "the two.",
        (),
        "demands",
    ),
    Entry(
        "argument",
        "What a program gets of the function that it is attached to. The verifier refuses to read one "
        "that is not there on a kernel, or of another type.",
        ("arguments",),
        "demands",
    ),
    Entry(
        "attach target",
        "The function, tracepoint or hook that a program is attached to by name; a kernel that lacks "
        "it, or has it under another name, does not load it.",
        (),
        "demands",
    ),
    Entry(
        "attach",
        "Of a program that loads: whether what it is attached to afterwards, a function or an event, is "
        "there.",
        (),
        "demands",
    ),
    Entry(
        "attach type",
        "By which of the ways of its kind a program is attached; each has come with some version.",
        (),
        "demands",
    ),
    Entry(
        "byte order",
        "Which byte of a number comes first. An object is for kernels of one of the two.",
        ("order", "little-endian", "big-endian"),
        "demands",
    ),
    Entry(
        "callback",
        "A function of the program that a helper calls, as bpf_loop does; kernels know it from 5.13 on.",
        ("callbacks",),
        "demands",
    ),
    Entry(
        "global function",
        "A function of the program that is not static: the verifier looks at it by itself, with any "
        "arguments that its types allow.",
        (),
        "demands",
    ),
    Entry(
        "helper",
        "A function that the kernel offers to BPF programs by number, fixed for ever: "
        "bpf_get_current_task. Each has come with some version.",
        ("helpers",),
        "demands",
    ),
    Entry(
        "kconfig",
        "A setting that the kernel was built with, CONFIG_HZ, which a program names as extern; the "
        "loader reads it from /proc/config.gz.",
        (),
        "demands",
    ),
    Entry(
        "kfunc",
        "A function of the kernel that it offers to BPF programs by name; unlike a helper it may change "
        "or go. A weak one (__weak, __ksym) may be missing.",
        ("kfuncs", "weak"),
        "demands",
    ),
    Entry(
        "ksym",
        "A variable or function of the kernel that a program names as extern.",
        ("ksyms",),
        "demands",
    ),
    Entry(
        "license",
        "What the object says it is under. Helpers and kfuncs marked so are for GPL-compatible ones only.",
        (),
        "demands",
    ),
    Entry(
        "map definition",
        "What an object says of a map: types of key and value, how many entries. The kernel refuses one "
        "that does not fit its type; some are left to the loader.",
        (),
        "demands",
    ),
    Entry(
        "map type",
        "What kind of map a program keeps data in: hash, array, ring buffer. Each has come with some "
        "version.",
        ("map",),
        "demands",
    ),
    Entry(
        "object BTF",
        "The object's own types, which the kernel reads when it is loaded; one that the kernel does not "
        "know makes it refuse all of them.",
        (),
        "demands",
    ),
    Entry(
        "program type",
        "What a program is: kprobe, tracepoint, XDP. It decides what it is given and which helpers it "
        "may call.",
        (),
        "demands",
    ),
    Entry(
        "return value",
        "What a program gives back; for some kinds of programs the verifier allows certain numbers only.",
        (),
        "demands",
    ),
    Entry(
        "section name",
        "What stands before the first slash of a program's section decides its type; a name that libbpf "
        "does not know keeps the object from loading.",
        (),
        "demands",
    ),
    Entry(
        "struct_ops",
        "A table of the kernel's functions that a program fills in, as a TCP congestion control does.",
        (),
        "demands",
    ),
)
"""In each part by the alphabet, but for records and states, which have an order of their own."""


def words_in(text: str) -> tuple[Entry, ...]:
    """Return the entries whose words stand in *text*, in the order in which they come there; of words that
    hold one another, as ``missing, guarded`` and ``missing``, the longest.

    >>> [entry.word for entry in words_in("#1 field_byte_offset: missing there: poisoned")]
    ['field_byte_offset', 'missing', 'poison']
    """
    found: dict[str, Entry] = {}
    for match in _pattern().finditer(text):
        entry = _by_form()[match[0].lower()]
        found.setdefault(entry.word, entry)
    return tuple(found.values())


@cache
def _by_form() -> dict[str, Entry]:
    forms: dict[str, Entry] = {}
    for entry in GLOSSARY:
        for form in (entry.word, *entry.also):
            forms.setdefault(form.lower(), entry)
    return forms


@cache
def _pattern() -> re.Pattern[str]:
    forms = sorted(_by_form(), key=len, reverse=True)
    return re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, forms))})(?!\w)", re.IGNORECASE)
