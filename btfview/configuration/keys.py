"""The keys of the configuration."""

from __future__ import annotations

from .key import CHOICE, CHOICES, FLAGS, MAP, PATH, TABLES, TEXTS, Key

KERNELS = "kernels"
"""The column of a range of kernels."""
SEVERITIES = ("error", "warning", "note")
ARCHITECTURES = (
    "amd64", "arm64", "armhf", "i386", "loong64", "mips64el", "ppc64el", "riscv64", "s390x",
)  # fmt: skip
"""As Debian calls them."""

TARGETS = Key(
    "targets",
    TEXTS,
    (),
    "What -t takes: files, folders, patterns and @LIST (from this file's folder on), names, running.\n"
    "Those of the command line take their place.",
    '["kernels/", "6.1.0-56-amd64"]',
)
FRONTEND = Key(
    "frontend",
    CHOICE,
    "auto",
    "What compiles Rust: the built-in front end, rustc, or auto: rustc for what the other cannot take.\n"
    "Where your own file says builtin, a project's rustc does not count.",
    '"builtin"',
    ("auto", "builtin", "rustc"),
)

KEYS = (
    Key(
        "extend",
        PATH,
        None,
        "Another file of this kind, whose values hold where this one has none; rules and\n"
        "path-prefix-map are put together, key by key.",
        '"../btfview.toml"',
    ),
    TARGETS,
    Key(
        "flags",
        FLAGS,
        (),
        "Flags for clang, for C sources, before those behind -- on the command line: -I and the like (from\n"
        "this file's folder on), -D, -U, -std=, -W; none that runs code or writes files.",
        '["-I", "include", "-D__TARGET_ARCH_x86"]',
    ),
    FRONTEND,
    Key(
        "architectures",
        CHOICES,
        (),
        "Of the targets only those of these architectures, and those whose name tells none; all if empty.",
        '["amd64", "arm64"]',
        ARCHITECTURES,
    ),
    Key(
        "rules",
        MAP,
        {},
        "How grave a rule's findings are: error, warning, note or off (btfview rule lists the rules).",
        '{ unguarded_btf_offset = "error", read_sign = "off" }',
        (*SEVERITIES, "off"),
        is_by_rule=True,
    ),
    Key(
        "allow",
        TABLES,
        (),
        "Findings of which nothing is said: of a rule; record is a pattern for what they are about,\n"
        'kernels a range ("<5.14", ">=5.10,<6.1") or a pattern ("*-rt-*"); reason is for people.',
        '[{ rule = "missing", record = "task_struct.state", kernels = ">=5.14", reason = "two flavors" }]',
        columns=("rule", "record", KERNELS, "reason"),
        is_by_rule=True,
    ),
    Key(
        "baseline",
        PATH,
        None,
        "The findings that are accepted: btfview check --write-baseline makes it.",
        '"btfview-baseline.json"',
    ),
    Key(
        "fail-on",
        CHOICE,
        "error",
        "The least severity of a new finding that fails the check.",
        '"warning"',
        (*SEVERITIES, "never"),
    ),
    Key(
        "path-prefix-map",
        MAP,
        {},
        "How paths are told that objects were compiled from; new ones from this file's folder on.",
        '{ "/build/project" = "." }',
    ),
)
"""In the order in which they are shown."""
