"""Names without their flavor."""

from __future__ import annotations


def essential_name(name: str) -> str:
    """Return *name* without its flavor suffix.

    The flavor begins at the last ``___`` with a non-underscore on each side
    (libbpf: ``bpf_core_essential_name_len``).

    >>> essential_name("task_struct___v5_14"), essential_name("a___b___c"), essential_name("___x")
    ('task_struct', 'a___b', '___x')
    """
    at = name.rfind("___")
    while at > 0:
        if name[at - 1] != "_" and at + 3 < len(name) and name[at + 3] != "_":
            return name[:at]
        at = name.rfind("___", 0, at + 2)
    return name
