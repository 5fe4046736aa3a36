"""The system's libbpf by ctypes, as far as loading needs it (libbpf 1.0 and newer; ``libbpf.h``)."""

from __future__ import annotations

import ctypes
from typing import Any

SONAME = "libbpf.so.1"
MIN_VERSION = (1, 0)
STRUCT_OPS = 26
"""``BPF_MAP_TYPE_STRUCT_OPS`` (linux/bpf.h)."""
_PRINTER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
_MAX_MESSAGE = 1 << 14
_P, _BOOL, _SIZE, _INT, _U32 = ctypes.c_void_p, ctypes.c_bool, ctypes.c_size_t, ctypes.c_int, ctypes.c_uint32
_STR = ctypes.c_char_p
_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "bpf_object__open_mem": (_P, (_STR, _SIZE, _P)),
    "bpf_object__next_program": (_P, (_P, _P)),
    "bpf_object__next_map": (_P, (_P, _P)),
    "bpf_object__load": (_INT, (_P,)),
    "bpf_object__close": (None, (_P,)),
    "bpf_program__name": (_STR, (_P,)),
    "bpf_program__section_name": (_STR, (_P,)),
    "bpf_program__autoload": (_BOOL, (_P,)),
    "bpf_program__set_autoload": (_INT, (_P, _BOOL)),
    "bpf_program__set_log_buf": (_INT, (_P, _P, _SIZE)),
    "bpf_program__set_log_level": (_INT, (_P, _U32)),
    "bpf_program__fd": (_INT, (_P,)),
    "bpf_program__type": (_INT, (_P,)),
    "bpf_map__type": (_INT, (_P,)),
    "bpf_map__set_autocreate": (_INT, (_P, _BOOL)),
    "libbpf_version_string": (_STR, ()),
    "libbpf_major_version": (_U32, ()),
    "libbpf_minor_version": (_U32, ()),
}


class LibbpfMissingError(Exception):
    """There is no libbpf on this system, or one that is too old; the text says which."""


class Libbpf:
    """libbpf, whose messages are kept.

    Raises:
        LibbpfMissingError: it is not installed, or older than :data:`MIN_VERSION`.
    """

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL(SONAME, use_errno=True)
            for name, (result, arguments) in _FUNCTIONS.items():
                function = getattr(self._library, name)
                function.restype, function.argtypes = result, arguments
        except OSError as error:
            raise LibbpfMissingError(f"{SONAME} is not installed") from error
        except AttributeError as error:
            raise LibbpfMissingError(f"{SONAME} is older than 1.0: {error}") from error
        self._libc = ctypes.CDLL(None)
        self._messages: list[bytes] = []
        self._printer = _PRINTER(self._keep)  # held: libbpf calls it as long as it lives
        self._library.libbpf_set_print(self._printer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)

    @property
    def version(self) -> str:
        """``1.1.2``; libbpf itself tells major and minor only."""
        return str(self._library.libbpf_version_string().decode()).removeprefix("v")

    def take_messages(self) -> str:
        """Return what libbpf has said since the last call."""
        text = b"".join(self._messages).decode("utf-8", "replace")
        self._messages.clear()
        return text

    def _keep(self, level: int, text: bytes, arguments: Any) -> int:
        if level < 2:  # not LIBBPF_DEBUG
            buffer = ctypes.create_string_buffer(_MAX_MESSAGE)
            self._libc.vsnprintf(buffer, ctypes.c_size_t(_MAX_MESSAGE), text, ctypes.c_void_p(arguments))
            self._messages.append(buffer.value)
        return 0
