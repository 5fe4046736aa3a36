"""Rules of what an object asks of a kernel beside its records: ``btfview demands`` lists all of it."""

from __future__ import annotations

from .rule import Rule

_OPEN = """

A note ("may fail") where the kernel's BTF does not tell: not every condition is in types."""


def _demand(code: str, summary: str, text: str) -> Rule:
    return Rule(code, "error", summary, text + _OPEN)


RULES = (
    _demand(
        "byte order",
        "the object has the other byte order than the kernel",
        "libbpf does not load it. Compile for s390x with -target bpfeb, for others with bpfel (--endian).",
    ),
    _demand(
        "address size",
        "the kernel is one of 32 bits",
        "What the object declares as 8 bytes (pointers, long) has 4 there.",
    ),
    _demand(
        "section name",
        "libbpf does not know what kind of program the section holds",
        "What stands before the first slash decides (libbpf: section_defs). An older libbpf knows fewer.",
    ),
    _demand(
        "attach target",
        "what a program is attached to is not in the kernel's BTF",
        """\
fentry, fexit, fmod_ret and freplace need a function of that name, tp_btf a typedef btf_trace_NAME, lsm a
function bpf_lsm_NAME, iter a function bpf_iter_NAME. Functions are inlined and renamed from kernel to kernel:
give a second program with the other name and SEC("?..."), and turn on the one that fits.""",
    ),
    _demand(
        "argument",
        "a program reads an argument that its target does not have there, or one of another type",
        "The verifier refuses the read (btf_ctx_access). Arguments change from kernel to kernel.",
    ),
    _demand(
        "attach",
        "a program loads, and cannot be attached",
        "It comes after loading: the function or event is not there, or the kernel lacks the way to attach.",
    ),
    _demand(
        "kfunc",
        "a function of the kernel that the object calls is not there, or has another prototype",
        """\
One strong extern that is missing fails the whole object, also for programs that do not use it. Declare it
__weak and ask bpf_ksym_exists() first.""",
    ),
    _demand(
        "ksym",
        "a variable of the kernel that the object reads is not there",
        "A typed one must be in BTF, compatible. Declare it __weak and ask bpf_ksym_exists() first.",
    ),
    _demand(
        "kconfig",
        "a value of the kernel's configuration is not known",
        "--kconfig FILE gives it. A weak extern is 0 where the configuration has no such option.",
    ),
    _demand(
        "struct_ops",
        "the kernel has no such struct of operations, or another form of it",
        "Members that are zero may be missing; others must be there with the same kind and size.",
    ),
    _demand(
        "helper",
        "the kernel does not have a helper that the program calls",
        "Dead code is fine: ask bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_...) first.",
    ),
    _demand(
        "map type",
        "the kernel does not know the type of a map",
        "Maps are made before any program is loaded; bpf_map__set_autocreate() leaves one out.",
    ),
    _demand(
        "map definition",
        "a map cannot be made as it is defined",
        "Sizes of key and value, flags, number of entries: what a loader may still set is only told of.",
    ),
    _demand(
        "program type",
        "the kernel does not know the type of a program",
        'It came with a later release. SEC("?...") keeps the program off where it cannot be loaded.',
    ),
    _demand(
        "attach type",
        "the kernel does not know how the program is attached",
        "Checked at load for some (cgroup socket addresses, lsm_cgroup), only when attaching for others.",
    ),
    _demand(
        "instruction",
        "the program has instructions that the kernel does not know",
        "cpu v4 (6.6), atomics with a result (5.12), may_goto (6.9), load-acquire (6.15). Take -mcpu=v3.",
    ),
    _demand(
        "callback",
        "the kernel knows no functions that are handed to helpers",
        "bpf_loop, bpf_for_each_map_elem and timers need 5.13; even a guarded one fails before.",
    ),
    _demand(
        "license",
        "what the program calls is for GPL-compatible programs alone",
        'char LICENSE[] SEC("license") = "GPL";',
    ),
    _demand(
        "object BTF",
        "the kernel refuses the object's BTF, and something of it needs it",
        "Spin locks, timers, struct_ops, callbacks and global functions are not loaded without.",
    ),
    _demand(
        "return value",
        "a program may return what its kind must not return",
        "The verifier checks the range (check_return_code): of lsm hooks -4095 to 0, of fentry 0.",
    ),
    _demand(
        "global function",
        "a function that is verified by itself does not pass",
        "Only static functions are looked at where they are called. Make it static, or check its arguments.",
    ),
    _demand(
        "verifier",
        "the verifier refuses what the program does, beyond records and names",
        """\
Stack (512 bytes over all frames), calls deeper than eight, loops without an end, stores where nothing may be
stored. btfview verify FILE asks this machine's kernel itself.""",
    ),
)
