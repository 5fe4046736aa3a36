"""What btfview keeps for itself, and somebody else may have written: the list of recent files, the cache of
unpacked BTF, the folder of unsaved texts."""

from __future__ import annotations

import json
import os
from contextlib import suppress

from btfview.session import recent, rescue
from btfview.targets import cache
from tests.fuzz.folder import path_of
from tests.fuzz.mutate_text import text_mutator
from tests.targets.samples import SMALL

_OTHER = path_of("other.rs")
_WORDS = r"""[|]|{|}|"|,|null|NaN|1e999|"a"|"\ud800"|"\u0000"|\|~|/|-|."""
_KEY = cache.key_of(SMALL)
mutate = text_mutator(_WORDS)


def _places() -> None:
    os.environ.update(XDG_STATE_HOME=path_of(""), XDG_CACHE_HOME=path_of(""), BTFVIEW_CACHE="512")
    os.makedirs(recent.state_folder(), exist_ok=True)
    os.makedirs(os.path.dirname(rescue.rescue_path(_OTHER)), exist_ok=True)
    with open(_OTHER, "w", encoding="utf-8"):
        pass


def _kept() -> bytes:
    """Return the file in which the cache keeps a BTF."""
    _places()
    cache.store(_KEY, SMALL)
    with open(os.path.join(cache.folder(), f"{_KEY}.btf"), "rb") as file:
        return file.read()


def seeds() -> list[bytes]:
    names = [path_of(name) for name in ("other.rs", "\u00e9.o", "gone.rs")]
    kept = os.path.basename(rescue.rescue_path(_OTHER)).encode()
    return [json.dumps(names).encode(), json.dumps([_OTHER] * 30).encode(), kept, _kept().hex().encode()]


def run(data: bytes) -> None:
    _places()
    listing = os.path.join(recent.state_folder(), "recent.json")
    with open(listing, "wb") as file:
        file.write(data)
    assert all(os.path.isabs(path) or os.path.isfile(path) for path in recent.recent_files())
    recent.remember_file(_OTHER)
    assert recent.recent_files()[0] == _OTHER
    _read_cache(data)
    _read_unsaved(data)


def _read_cache(data: bytes) -> None:
    with suppress(ValueError):
        data = bytes.fromhex(data.decode("ascii"))
    with open(os.path.join(cache.folder(), f"{_KEY}.btf"), "wb") as file:
        file.write(data)
    kept = cache.load(_KEY)
    assert kept is None or data.endswith(kept)


def _read_unsaved(data: bytes) -> None:
    """Give an unsaved text a name that is *data*, as far as a name can be."""
    name = data[:255].replace(b"\0", b"_").replace(b"/", b"_")
    path = os.path.join(os.fsencode(os.path.dirname(rescue.rescue_path(_OTHER))), name)
    try:
        with open(path, "wb"):
            pass
    except OSError:  # "." and the like
        return
    try:
        for kept in rescue.kept_texts(_OTHER):
            assert os.path.isfile(kept)
            os.unlink(rescue.set_apart(kept))
    finally:
        if os.path.lexists(path):
            os.unlink(path)
