"""The running kernel's verifier, asked how it writes instructions."""

from __future__ import annotations

import ctypes
import platform
import re
from struct import pack

from btfview.bpf.insn import Insn, encode_insn

_BPF_SYSCALL = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "s390x": 351, "ppc64le": 361}
_BPF_PROG_LOAD = 5
_SOCKET_FILTER = 1
_LOG_OF_EVERY_INSN = 2
_LINE = re.compile(r"^(\d+): \([0-9a-f]{2}\) (.*?)\s*(?:;.*)?$", re.MULTILINE)

# Every register is a number, and the stack holds one: so that any one instruction can follow.
_PROLOGUE = b"".join(encode_insn(Insn(0xB7, register, 0, 0, 2)) for register in range(10))
_PROLOGUE += encode_insn(Insn(0x7A, 10, 0, -8, 0))
_EPILOGUE = encode_insn(Insn(0xB7, 0, 0, 0, 0)) + encode_insn(Insn(0x95, 0, 0, 0, 0))


def verifier_text(insn: Insn) -> str | None:
    """Return *insn* as the verifier prints it; None where the kernel refuses it before it comes to that."""
    log = _load(_PROLOGUE + encode_insn(insn) + _EPILOGUE)
    place = len(_PROLOGUE) // 8
    return next((text for index, text in _LINE.findall(log) if int(index) == place), None)


def _load(code: bytes) -> str:
    """Return the log of an attempt to load *code*; whether it loads does not matter."""
    log = ctypes.create_string_buffer(1 << 16)
    insns = ctypes.create_string_buffer(code, len(code))
    attr = pack(
        "=IIQQIIQ40x",
        _SOCKET_FILTER,
        len(code) // 8,
        ctypes.addressof(insns),
        ctypes.addressof(license_ := ctypes.create_string_buffer(b"GPL")),
        _LOG_OF_EVERY_INSN,
        len(log),
        ctypes.addressof(log),
    )
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(_BPF_SYSCALL[platform.machine()], _BPF_PROG_LOAD, attr, len(attr))
    if fd >= 0:
        libc.close(fd)
    del license_
    return log.value.decode()
