"""Kernels of series: each one of those in an atlas with a handful of types changed, as distributions do it.

They are added without their BTF being written: numbers are exchanged in a kernel's list of types. That takes
1 ms instead of half a second, and what comes out is a kernel like any other.
"""

from __future__ import annotations

from array import array
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Literal

import numpy as np

from btfview.atlas.order import OVER_BASE
from btfview.atlas.packing import pack, pack_ascending, pack_numbers
from btfview.atlas.read import MAX_DEPTH
from btfview.atlas.rebuild import Frame
from btfview.atlas.write import AtlasWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

    Key = tuple[int, ...]
    """Rank among the types of its name, number of its name, info word, and all that follows."""

_STRUCT = 4
_HANDFUL = (2, 5)
"""Types of a kernel that are changed, at least and at most."""


class VariantWriter(AtlasWriter):
    """Adds variants of the kernels that an atlas has."""

    def add_variants(self, count: int, *, seed: int, prefix: bytes = b"") -> None:
        """Add *count* variants, in turn of each kernel that is told apart by its types; structs are changed
        whose names begin with *prefix*, of which there must be enough."""
        random = Random(seed)
        self.begin()
        self._known_strings = dict(zip(self.atlas.strings, range(self.atlas.string_count), strict=True))
        self._known_types = dict(zip(self._keys(), range(1, self.atlas.type_count), strict=True))
        self._string_count, self._type_count = len(self._known_strings), len(self._known_types)
        self._orders: dict[int, tuple[array[int], int, bytes]] = {}
        originals = [
            one
            for one in self.atlas.kernels
            if not one.is_whole and one.depth < MAX_DEPTH and "~" not in one.name
        ]
        structs = {one.id: self._structs(one.id, prefix) for one in originals}
        done = len(self.atlas.kernels)
        for number in range(count):
            original = originals[number % len(originals)]
            changed = {}
            for place in random.sample(structs[original.id], random.randint(*_HANDFUL)):
                changed[place] = self._changed(self._order(original.id)[0][place], random, number)
            self._add(f"{original.name}~{number // len(originals) + done}", original.id, changed)
        self.end(is_kept=True)
        self.forget()  # which did not see what was added
        self.merge()

    def _keys(self) -> Iterator[Key]:
        atlas, infos = self.atlas, self.atlas.types.infos
        for number in range(1, atlas.type_count):
            yield (atlas.rank(number), atlas.names[number], infos[number], *atlas.body(number))

    def _structs(self, kernel: int, prefix: bytes) -> list[int]:
        """Return the places, in id order, of the structs so named that have two members or more."""
        names, strings = self.atlas.names, self.atlas.strings
        return [
            place
            for place, number in enumerate(self._order(kernel)[0])
            if names[number] and self.atlas.info(number) >> 24 & 0x7F == _STRUCT
            and self.atlas.info(number) & 0xFFFFFF >= 2
            and strings[names[number]].startswith(prefix)
        ]  # fmt: skip

    def _order(self, kernel: int) -> tuple[array[int], int, bytes]:
        """Return the types of an original, how many strings it has, and its frame."""
        if kernel not in self._orders:
            strings = len(self.atlas.string_order(kernel))
            self._orders[kernel] = self.atlas.type_order(kernel), strings, self.atlas.frame(kernel)
        return self._orders[kernel]

    def _changed(self, number: int, random: Random, variant: int) -> Key:
        """Return a struct with a member moved, renamed or added."""
        atlas = self.atlas
        info, body = atlas.info(number), list(atlas.body(number))
        at = 1 + 3 * random.randrange((info & 0xFFFFFF) - 1)
        what = random.choice(("moved", "renamed", "added"))
        if what == "moved":
            body[at : at + 2], body[at + 3 : at + 5] = body[at + 3 : at + 5], body[at : at + 2]
        else:
            name = f"member_{variant}_{number}".encode()
            string = self._known_strings.setdefault(name, len(self._known_strings))
            if what == "renamed":
                body[at] = string
            else:
                body += (string, body[at + 1], body[0] * 8)
                body[0] += 8
                info += 1
        return (atlas.rank(number), atlas.names[number], info, *body)

    def _add(self, name: str, base: int, changed: dict[int, Key]) -> None:
        kernel = self.atlas.kernel(base)
        order, count, frame = self._order(base)
        known = self._known_types
        first_string, first_type = self._string_count, self._type_count
        # A change that some other kernel has made already is left out: its words would be counted twice.
        new = {
            place: known.setdefault(key, len(known) + 1) for place, key in changed.items() if key not in known
        }
        lengths, starts, at, run = array("I"), array("I"), 0, 0
        for place in sorted(new):
            if place > at:
                lengths.append((place - at) * 2 + 1)
                starts.append(0)  # of the base's list, without what is gone: it goes on where it was
            lengths.append(2)
            distance = new[place] - run
            starts.append(distance * 2 if distance >= 0 else -distance * 2 - 1)
            at, run = place + 1, new[place] + 1
        lengths.append((len(order) - at) * 2 + 1)
        starts.append(0)
        strings = list(islice(self._known_strings, first_string, None))
        keys = list(islice(known, first_type, None))
        string_pieces = array("I", (2 * count + 1, 2 * len(strings), 0, 2 * first_string))
        bodies = array("I", [word for key in keys for word in key[3:]])
        parts = (
            pack(b"".join(part + b"\0" for part in strings)),
            pack_numbers(array("I", [key[1] for key in keys])),
            pack_numbers(array("I", [key[2] for key in keys])),
            pack_numbers(array("I", [key[0] for key in keys])),
            pack_ascending(np.arange(first_string, first_string + len(strings), dtype=np.uint32)),
            pack_ascending(np.array(sorted({order[place] for place in new} ^ set(new.values())), np.uint32)),
        )
        self._string_count, self._type_count = len(self._known_strings), len(known)
        longer = sum(len(key) - 3 for key in keys) - sum(len(self.atlas.body(order[place])) for place in new)
        bytes_more = sum(len(part) + 1 for part in strings)
        frame = _lengthened(frame, longer, bytes_more, is_little_endian=kernel.is_little_endian)
        self._insert(
            {
                "name": name,
                "source": f"/variants/{name}",
                "file_size": 0,
                "file_time": 0,
                "sha256": b"",
                "byte_size": kernel.byte_size,
                "type_count": kernel.type_count,
                "base": base,
                "is_little_endian": int(kernel.is_little_endian),
                "head": pack(frame),
                "names": b"".join(len(part).to_bytes(4, "little") + part for part in parts),
                "bodies": pack_numbers(bodies),
                "string_order": OVER_BASE + pack_numbers(string_pieces),
                "type_order": pack_numbers(lengths + starts),
            }
        )


def _lengthened(frame: bytes, words: int, string_bytes: int, *, is_little_endian: bool) -> bytes:
    """Return a frame whose header (struct btf_header: type_off, type_len, str_off, str_len) says so much more
    of types and strings."""
    given = Frame.from_bytes(frame)
    order: Literal["little", "big"] = "little" if is_little_endian else "big"
    before = bytearray(given.before)
    for at, more in ((12, 4 * words), (16, 4 * words), (20, string_bytes)):
        value = int.from_bytes(before[at : at + 4], order) + more
        before[at : at + 4] = value.to_bytes(4, order)
    return Frame(bytes(before), given.between, given.behind).to_bytes()
