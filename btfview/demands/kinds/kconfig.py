"""Values of the kernel's configuration: ``extern int CONFIG_HZ __kconfig``, ``LINUX_KERNEL_VERSION``.

libbpf: ``bpf_object__resolve_externs``, ``bpf_object__read_kconfig_file``, ``get_kernel_version``.
"""

from __future__ import annotations

from btfview.demands.demand import Met, NotMet, Unknown
from btfview.demands.kernel.kernel import FUNC_ID
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.inputs import MAX_TEXT, read_input

if TYPE_CHECKING:
    from btfview.demands.demand import Answer
    from btfview.demands.kernel.kernel import Kernel
    from btfview.demands.object.externs import Extern

VERSION, COOKIE, WRAPPER = "LINUX_KERNEL_VERSION", "LINUX_HAS_BPF_COOKIE", "LINUX_HAS_SYSCALL_WRAPPER"
_RULE = "libbpf bpf_object__resolve_externs"
_FILE = "libbpf bpf_object__read_kconfig_file"
_TRISTATE = {"n": 0, "y": 1, "m": 2}
"""``enum libbpf_tristate``."""


def read_config(path: str) -> dict[str, str]:
    """Return the values in a kernel's configuration file (``/boot/config-*``, ``/proc/config.gz``), by name.

    Raises:
        UnreadableFileError: the operating system refuses the file.
        InputError: it is no such file, or has more than 16 MiB.
    """
    data = read_input(path, MAX_TEXT)
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(data, path)
    found: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and name.startswith("CONFIG_"):
            found[name] = value
    if not found:
        raise InputError(
            "no kernel configuration: it has no line CONFIG_NAME=value",
            path=path,
            hint="as /boot/config-* is",
        )
    return found


def _unpacked(data: bytes, path: str) -> bytes:
    """Return what a gzip file of one member holds; raise InputError if it is damaged, or holds too much."""
    from zlib import MAX_WBITS, decompressobj
    from zlib import error as ZlibError  # noqa: N812  zlib's name is that of any value

    packed = decompressobj(MAX_WBITS | 16)
    try:
        text = packed.decompress(data, MAX_TEXT)
    except ZlibError as error:
        raise InputError(f"damaged gzip data: {error}", path=path) from error
    if not packed.eof:
        if packed.unconsumed_tail or len(text) == MAX_TEXT:
            raise InputError(f"unpacks to more than the {MAX_TEXT >> 20} MiB that are read", path=path)
        raise InputError("gzip data is cut short", path=path)
    return text


@frozen
class ConfigValue:
    """An extern of ``.kconfig``."""

    extern: Extern

    def names(self) -> tuple[str, ...]:
        return ()

    def answer(self, kernel: Kernel) -> Answer:
        name = self.extern.name
        if name.startswith("CONFIG_"):
            return self._config(kernel)
        if name == VERSION:
            release = kernel.release
            if release and release.patch is not None:
                # Without its whole name, kernels of an atlas that have this release share the verdict.
                said = f"{release.major}.{release.minor}.{release.patch}"
                return Met(f"libbpf takes it from the kernel's release, {said}", "libbpf get_kernel_version")
            why = (
                "libbpf takes it from the kernel's release, which must be three numbers; BTF does not hold it"
            )
            return Unknown(why, "libbpf get_kernel_version")
        if name in (COOKIE, WRAPPER):
            return Met("libbpf finds it out by itself", _RULE)
        if name.startswith("LINUX_") and self.extern.is_weak:
            return Met("libbpf does not know it; it is weak, so it is 0", _RULE)
        return NotMet(
            f"libbpf knows no {name}: in .kconfig are CONFIG_..., {VERSION}, {COOKIE} and {WRAPPER}", _RULE
        )

    def _config(self, kernel: Kernel) -> Answer:
        name = self.extern.name
        if kernel.config is None:
            why = f"{name} is in the kernel's configuration, not in BTF; without it even a weak one fails"
            return Unknown(f"{why} (--kconfig FILE gives it)", _FILE)
        if name in kernel.config:
            if self.value(kernel) is None and self.extern.byte_size <= 8 and kernel.config[name][:1] != '"':
                return NotMet(
                    f"{name}={kernel.config[name]} does not fit its type", "libbpf set_kcfg_value_num"
                )
            return Met(f"{name}={kernel.config[name]}", _FILE)
        if self.extern.is_weak:
            return Met(f"{name} is not set; it is weak, so it is 0", _FILE)
        return NotMet(
            f"{name} is not set in the kernel's configuration", _FILE, "declare it __weak: then it is 0"
        )

    def value(self, kernel: Kernel) -> int | tuple[int, int] | None:
        """Return the number, or the lowest and highest that it can be; None where that is not known."""
        name = self.extern.name
        if name == VERSION:
            release = kernel.release
            if release is None:
                return None
            # Debian's and Ubuntu's releases have 0 for the third number, whatever it is.
            first = release.major << 16 | release.minor << 8
            return first | min(release.patch, 255) if release.patch else (first, first | 255)
        if name == COOKIE:
            has = kernel.has_enumerator(FUNC_ID, "BPF_FUNC_get_attach_cookie")
            return None if has is None else int(has)
        if name.startswith("LINUX_") and name != WRAPPER:
            return 0
        if kernel.config is None or not name.startswith("CONFIG_"):
            return None
        return self._number(kernel.config.get(name, "0"))

    def _number(self, text: str) -> int | None:
        if text in _TRISTATE:
            # A bool is 1 for y only; a char is the letter itself.
            return _TRISTATE[text]
        try:
            number = int(text, 0)
        except ValueError:
            return None
        return number & ((1 << 64) - 1)
