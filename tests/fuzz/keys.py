"""Scripts of keys, as ``record --keys @FILE`` reads them."""

from __future__ import annotations

from btfview.recording.key_script import KEYS, Caption, KeyPress, Pace, Wait, WaitForText
from btfview.recording.script_file import WORDS, read_script
from tests.fuzz.folder import written
from tests.fuzz.mutate_text import text_mutator

_TIMED = ("<wait 0.5>", "<pace nan>", "<wait -1>", "<wait 1e999>")
_WORDS = (
    "|".join(f"<{name}>" for name in KEYS)
    + "|<wait 0.5>|<pace nan>|<wait -1>|<wait 1e999>|<|>|<>|\n"
    + "|".join(WORDS)
)
_SCRIPT = b"# a\nopen a.rs\ntarget b\nsize 80x24\ntheme nord\ncaption c d\nwait e\n]]<esc>\n"
mutate = text_mutator(_WORDS)


def seeds() -> list[bytes]:
    every = "".join(f"<{name}>" for name in KEYS)
    return [
        b"]]<down><wait 0.5>/vruntime<enter>",
        b"<pace 0.05>2<ctrl+p>task<lt>x\n<esc>q",
        every.encode(),
        _SCRIPT,
    ]


def run(data: bytes) -> None:
    for step in read_script(written("keys", data)).steps:
        match step:
            case KeyPress(text=text) | WaitForText(text=text) | Caption(text):
                assert text
            case Wait(seconds) | Pace(seconds):
                assert 0 <= seconds <= 600
