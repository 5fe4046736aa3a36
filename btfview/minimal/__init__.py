"""A minimal BTF: of a kernel's types no more than the records of some objects ask for (btfgen).

:mod:`.kept` notes what is kept: by :mod:`.walk` what libbpf's answers have looked at, by :mod:`.demanded`
what else an object asks for. :mod:`.write` makes BTF of it; :mod:`.make` asks that what the kernel was asked,
and keeps more where the answer is another. :mod:`.on_targets` does so for many kernels.
"""
