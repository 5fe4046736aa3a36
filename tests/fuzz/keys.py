"""Scripts of keys, as ``record --keys @FILE`` reads them."""

from __future__ import annotations

from btfview.recording.key_script import KEYS, KeyPress, parse_keys
from btfview.source import read_source
from tests.fuzz.folder import written
from tests.fuzz.mutate_text import text_mutator

_TIMED = ("<wait 0.5>", "<pace nan>", "<wait -1>", "<wait 1e999>")
_WORDS = "|".join(f"<{name}>" for name in KEYS) + "|<wait 0.5>|<pace nan>|<wait -1>|<wait 1e999>|<|>|<>"
mutate = text_mutator(_WORDS)


def seeds() -> list[bytes]:
    every = "".join(f"<{name}>" for name in KEYS)
    return [b"]]<down><wait 0.5>/vruntime<enter>", b"<pace 0.05>2<ctrl+p>task<lt>x\n<esc>q", every.encode()]


def run(data: bytes) -> None:
    for step in parse_keys(read_source(written("keys", data)).text):
        if isinstance(step, KeyPress):
            assert step.text
        else:
            assert 0 <= step.seconds <= 600
