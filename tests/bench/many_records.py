"""A C program with as many relocations as wanted, over fields of structs that every kernel has."""

from __future__ import annotations

from collections.abc import Iterator

_FIELDS = {
    "task_struct": "int pid, int tgid, int prio, int static_prio, int exit_code, int exit_state, int policy",
    "mm_struct": "long start_code, long end_code, long start_stack, long total_vm, int map_count",
    "file": "int f_flags, int f_mode, long long f_pos",
    "inode": "short i_mode, int i_flags, long i_ino, long long i_size, int i_generation",
    "net_device": "int ifindex, int mtu, int flags, short type",
    "sk_buff": "int len, int data_len, int mark, int hash, int priority",
    "cred": "int securebits, int no_such_field",
}
"""By struct: members as C declares them. Their order and width are not the kernel's, and one exists nowhere,
so that records move, stay and fail."""
_OFFSET, _SIZE, _EXISTS = 0, 1, 2
_IN_A_FUNCTION = 20


def write_program(count: int) -> str:
    """Return C with *count* queries, twenty a function, that LLVM keeps apart."""
    structs = [
        f"struct {name} {{ {fields.replace(',', ';')}; }};" for name, fields in sorted(_FIELDS.items())
    ]
    queries = list(_queries())
    functions = []
    for start in range(0, count, _IN_A_FUNCTION):
        body = "".join(
            f"\tsum += {queries[number % len(queries)]};\n"
            for number in range(start, min(start + _IN_A_FUNCTION, count))
        )
        functions.append(
            f'__attribute__((section("raw_tp"))) long probe_{start // _IN_A_FUNCTION}(void *at)\n'
            f"{{\n\tlong sum = 0;\n\n{body}\treturn sum;\n}}\n"
        )
    return "\n".join([*structs, "", *functions])


def _queries() -> Iterator[str]:
    for name, fields in sorted(_FIELDS.items()):
        for declared in fields.split(", "):
            field = declared.split()[-1]
            for kind in (_EXISTS, _OFFSET, _SIZE):
                yield f"__builtin_preserve_field_info(((struct {name} *)at)->{field}, {kind})"
