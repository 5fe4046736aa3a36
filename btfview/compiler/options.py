"""What a compile is asked for."""

from __future__ import annotations

from btfview.frozen import frozen

CPUS = ("v1", "v2", "v3", "v4")
ENDIANS = ("little", "big")
DIALECTS = ("auto", "repr", "option")
FRONTENDS = ("auto", "builtin", "rustc")
EMITS = ("obj", "ir", "ir-optimized", "asm")


@frozen
class CompileOptions:
    cpu: str = "v3"
    """One of :data:`CPUS`: LLVM's ``-mcpu`` for BPF."""
    endian: str = "little"
    """One of :data:`ENDIANS`: ``bpfel`` or ``bpfeb``."""
    dialect: str = "auto"
    """One of :data:`DIALECTS`: ``auto`` follows the markers in the source."""
    link: tuple[str, ...] = ()
    """Files of bitcode or IR that bitcode is linked with, in this order."""
    flags: tuple[str, ...] = ()
    """What the user gives clang, for a C source; of another it is an error."""
    configured_flags: tuple[str, ...] = ()
    """What a configuration gives clang, before those; of another source they say nothing."""
    frontend: str = "auto"
    """One of :data:`FRONTENDS`: what compiles Rust; ``auto`` takes rustc for what the built-in one cannot."""
    program: str = ""
    """Which program of a Cargo project: ``bin:NAME``, ``example:NAME`` or ``package:NAME``."""

    @property
    def clang_flags(self) -> tuple[str, ...]:
        return (*self.configured_flags, *self.flags)

    def values(self) -> list[str | list[str]]:
        """Return what :meth:`of` makes the same of, as JSON can hold it."""
        return [
            self.cpu,
            self.endian,
            self.dialect,
            list(self.link),
            list(self.flags),
            list(self.configured_flags),
            self.frontend,
            self.program,
        ]

    @classmethod
    def of(cls, values: list[str | list[str]]) -> CompileOptions:
        cpu, endian, dialect, link, flags, configured, frontend, program = values
        lists = tuple(link), tuple(flags), tuple(configured)
        return cls(str(cpu), str(endian), str(dialect), *lists, str(frontend), str(program))


MEANINGS: dict[str, dict[str, str]] = {
    "cpu": {
        "v1": "every kernel that has BPF; each next one adds to it",
        "v2": "jumps on < and <=, kernel 4.14",
        "v3": "32-bit arithmetic and jumps, kernel 5.1",
        "v4": "signed division, sign extension, kernel 6.6",
    },
    "endian": {
        "little": "bpfel: x86-64, arm64, riscv64, ppc64el",
        "big": "bpfeb: s390x",
    },
    "dialect": {
        "auto": "as the markers in the source say",
        "repr": "#[repr(Btf)]: an offset is a usize",
        "option": "#[btf_relocatable]: an offset is an Option<usize>",
    },
}
"""What each choice of each option means, in a line; the default of an option is that of
:class:`CompileOptions`."""


def choices_differing(options: CompileOptions) -> tuple[tuple[str, str], ...]:
    """Return (option, choice) for each that is not the default.

    >>> choices_differing(CompileOptions(cpu="v4"))
    (('cpu', 'v4'),)
    """
    default = CompileOptions()
    return tuple(
        (name, getattr(options, name))
        for name in (*MEANINGS, "frontend")
        if getattr(options, name) != getattr(default, name)
    )
