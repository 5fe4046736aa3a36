"""What a project keeps for ``check``: its configuration, alone and in a pyproject.toml, and its baseline;
and the user's own configuration."""

from __future__ import annotations

import os
import tomllib
from contextlib import suppress

from btfview.checks.allowances import is_kernel
from btfview.checks.baseline import format_baseline, read_baseline
from btfview.checks.settings import configured_allowances, configured_levels
from btfview.configuration.find import find_configuration
from btfview.configuration.key import BOUND
from btfview.configuration.keys import KEYS
from btfview.configuration.read import problems_in, read_configuration
from btfview.configuration.screen import read_settings
from btfview.configuration.themes import THEMES
from btfview.configuration.user_keys import USER_KEYS
from btfview.configuration.write import shown_text
from btfview.errors import BtfviewError
from btfview.keymap.names import shown_key
from tests.fuzz.folder import path_of, written
from tests.fuzz.mutate_text import text_mutator

_EXAMPLES = "\n".join(f"{key.name} = {key.example}" for key in KEYS if key.name != "extend")
_OWN = "\n".join(f"{key.name} = {key.example}" for key in USER_KEYS if key.kind != BOUND)
_OWN += '\n[keys]\ncompile = "f5"\nlist.down = ["down", "ctrl+n"]\nfix = []\n"zoom" = "x"\n'
_TABLES = """\
extend = "base.toml"
targets = ['kernels/', "6.1.0"]
[rules]
"never there" = "off"
missing = "note"
[[allow]]
rule = "missing"
kernels = ">=5.10,<6.1"
[[allow]]
rule = "helper"
record = '''a*'''
[path-prefix-map]
"/build/x" = "."
"""
_BASELINE = """\
{"schema_version": 1, "findings": [{"object": "a.o", "fingerprint": "ab", "rule": "missing",
 "severity": "error", "file": "a.c", "subject": "t.a", "message": "t.a is missing", "targets": ["6.1.0"]}]}
"""
_WORDS = (
    "extend =|targets = |architectures|rules = {|[rules]|[[allow]]|[allow]|[tool.btfview]|[tool|=\"|'''"
    r"""|[[|]]|{|}|,|= 1979-05-27T07:32:00Z|= nan|= true|= [[]]|.|"rule"|#|\u0000|null|"""
    '"findings": 1|"targets": [1]|<|>='
)
mutate = text_mutator(_WORDS)
os.makedirs(path_of("project"))
os.makedirs(path_of("home/btfview"))


def seeds() -> list[bytes]:
    return [
        _EXAMPLES.encode(),
        _TABLES.encode(),
        _OWN.encode(),
        b"[tool.btfview]\n" + _EXAMPLES.encode(),
        _BASELINE.encode(),
    ]


def run(data: bytes) -> None:
    written("project/base.toml", b'fail-on = "note"\nextend = "btfview.toml"\n')
    for name in ("btfview.toml", "pyproject.toml"):
        path = written(f"project/{name}", data)
        with suppress(BtfviewError):
            found = find_configuration(path_of("project"))
            assert found is None or found.startswith(path_of("")) or os.path.isfile(found)
        with suppress(BtfviewError):
            problems_in(path)
        with suppress(BtfviewError):
            configuration = read_configuration(path)
            tomllib.loads(shown_text(configuration))
            configured_levels(configuration)
            for one in configured_allowances(configuration):
                is_kernel("6.1.0-56-amd64", one.kernels)
        os.unlink(path)
    os.environ["XDG_CONFIG_HOME"] = path_of("home")
    path = written("home/btfview/config.toml", data)
    settings = read_settings(path_of("project"))
    assert settings.theme in ("", *THEMES)
    for keys in settings.keymap.changed.values():
        assert all(map(shown_key, keys))
    with suppress(BtfviewError):
        problems_in(path, USER_KEYS)
        tomllib.loads(shown_text(read_configuration(path, USER_KEYS), USER_KEYS))
    with suppress(BtfviewError):
        entries = read_baseline(data, "known.json")
        assert read_baseline(format_baseline(entries).encode(), "again") == tuple(
            sorted(entries, key=lambda one: (one.object, one.file, one.rule, one.subject, one.fingerprint))
        )
