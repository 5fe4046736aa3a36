"""Types in the words of ``bpftool btf dump``: its text (``format raw``) and its JSON (``-j``).

Both are the same values in the same order, so they are two :class:`_Style` for one walk. A whole
kernel is 15 MB of text: it is made from the raw words, without a record object a type, and handed
out in pieces.

Source: ``dump_btf_type`` in bpftool's btf.c (7.1).

Differs: control characters in names are escaped (bpftool's text passes them to the terminal); a kind
newer than 19, which bpftool refuses, is ``UNKN`` without details; vlen has the 24 bits of kernel 7.1,
where bpftool reads 16.
"""

from __future__ import annotations

from itertools import accumulate, islice

from btfview.btf.kinds import BtfKind
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

from .spelling import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from btfview.btf.reader import Btf

_PIECE = 4096
"""Types a piece of text: half a megabyte."""
_LINKAGES = ("static", "global", "extern")
_ENCODINGS = {0: "(none)", 1: "SIGNED", 2: "CHAR", 4: "BOOL"}
_INT, _PTR, _ARRAY, _STRUCT, _UNION, _ENUM, _FWD, _TYPEDEF, _VOLATILE, _CONST = range(1, 11)
_RESTRICT, _FUNC, _FUNC_PROTO, _VAR, _DATASEC, _FLOAT, _DECL_TAG, _TYPE_TAG, _ENUM64 = range(11, 20)
# Plain ints: comparing with a member of BtfKind costs three times as much, and there are 126,000 types.
_REFERENCES = frozenset((_PTR, _TYPEDEF, _VOLATILE, _CONST, _RESTRICT, _TYPE_TAG))


@frozen
class _Style:
    begin: str
    end: str
    between_types: str
    between_parts: str
    """Between two members, values, parameters or variables."""
    after_parts: str
    heads: tuple[str, ...]
    """A template a kind: id, name, and then what that kind has."""
    member: str
    bitfield: str
    parameter: str
    variable: str
    """Of a section: type id, offset, size, and for text the kind and name of the type."""
    value: str
    """Of an enum: name, value."""
    value64: str
    unsigned_value64: str
    escape: Callable[[str], str]
    is_json: bool


def format_raw(btf: Btf, type_ids: Iterable[int] | None = None) -> Iterator[str]:
    """Yield the text that ``bpftool btf dump file FILE format raw`` prints, in pieces of whole lines.

    Without *type_ids* it is all types of *btf*; of a split one its own, as with bpftool.

    Raises:
        BtfFormatError: one of *type_ids* does not exist.
    """
    return _format(btf, _RAW, type_ids)


def format_bpftool_json(btf: Btf, type_ids: Iterable[int] | None = None) -> Iterator[str]:
    """Yield the JSON that ``bpftool -j btf dump file FILE`` prints, ``{"types": [...]}``, in pieces.

    Raises:
        BtfFormatError: one of *type_ids* does not exist.
    """
    return _format(btf, _JSON, type_ids)


def _format(btf: Btf, style: _Style, type_ids: Iterable[int] | None) -> Iterator[str]:
    names = _Names(btf, style.escape)
    if type_ids is None:
        names.prefill()
        texts = _texts(btf, btf, enumerate(btf.records()[1], btf.start_id), style, names)
    else:
        texts = _texts_of(btf, type_ids, style, names)
    yield style.begin
    before = ""
    while piece := list(islice(texts, _PIECE)):
        yield before + style.between_types.join(piece)
        before = style.between_types
    if before or style.is_json:
        yield style.end


def _texts_of(btf: Btf, type_ids: Iterable[int], style: _Style, names: _Names) -> Iterator[str]:
    for type_id in type_ids:
        holder, at = btf.place(type_id)
        yield from _texts(btf, holder, ((type_id, at),), style, names)


class _Names(dict[int, str]):
    """Names by string offset, escaped: bpftool's ``btf_str``, with its words for none and for a bad one."""

    def __init__(self, btf: Btf, escape: Callable[[str], str]) -> None:
        super().__init__({0: "(anon)"})
        self._btf = btf
        self._escape = escape

    def __missing__(self, offset: int) -> str:
        try:
            name = self._escape(self._btf.string(offset))
        except BtfFormatError:
            name = "(invalid)"
        self[offset] = name
        return name

    def prefill(self) -> None:
        """Enter all strings at once: a third of the time of looking each up where it is used."""
        section = self._btf.string_section()
        if not section.isascii():
            return
        strings = section.decode("ascii").split("\0")
        starts = accumulate(map((1).__add__, map(len, strings)), initial=self._btf.string_start)
        together = "".join(strings)
        is_plain = self._escape(together) == together
        self.update(zip(starts, strings if is_plain else map(self._escape, strings), strict=False))
        self[0] = "(anon)"


def _texts(
    btf: Btf, holder: Btf, places: Iterable[tuple[int, int]], style: _Style, names: _Names
) -> Iterator[str]:
    """Yield the text of each (type id, index of the info word) of *holder*, which is *btf* or its base."""
    words, _ = holder.records()
    heads, parts_of = style.heads, style.between_parts.join
    parameter, end = style.parameter, style.after_parts
    for type_id, at in places:
        info = words[at]
        kind, vlen, name = info >> 24 & 0x7F, info & 0xFFFFFF, names[words[at - 1]]
        if kind == _FUNC:  # the first three are four fifths of a kernel
            yield heads[_FUNC] % (type_id, name, words[at + 1], _linkage(vlen))
        elif kind == _FUNC_PROTO:
            rest = words[at + 2 : at + 2 + 2 * vlen]
            parts = [parameter % (names[a], b) for a, b in zip(rest[::2], rest[1::2], strict=True)]
            yield heads[kind] % (type_id, name, words[at + 1], vlen) + parts_of(parts) + end
        elif kind in _REFERENCES:
            yield heads[kind] % (type_id, name, words[at + 1])
        elif kind in (_STRUCT, _UNION):
            head = heads[kind] % (type_id, name, words[at + 1], vlen)
            yield head + parts_of(_members(words, at, vlen, style, names)) + end
        elif kind in (_ENUM, _ENUM64):
            encoding = "SIGNED" if info >> 31 else "UNSIGNED"
            head = heads[kind] % (type_id, name, encoding, words[at + 1], vlen)
            yield head + parts_of(_values(words, at, vlen, style, names)) + end
        elif kind == _DATASEC:
            head = heads[kind] % (type_id, name, words[at + 1], vlen)
            yield head + parts_of(_variables(btf, words, at, vlen, style, names)) + end
        elif kind == _INT:
            data = words[at + 2]
            encoding = _ENCODINGS.get(data >> 24 & 0xF, "UNKN")
            yield heads[kind] % (type_id, name, words[at + 1], data >> 16 & 0xFF, data & 0xFF, encoding)
        elif kind == _ARRAY:
            yield heads[kind] % (type_id, name, words[at + 2], words[at + 3], words[at + 4])
        elif kind == _FWD:
            yield heads[kind] % (type_id, name, "union" if info >> 31 else "struct")
        elif kind == _VAR:
            yield heads[kind] % (type_id, name, words[at + 1], _linkage(words[at + 2]))
        elif kind == _FLOAT:
            yield heads[kind] % (type_id, name, words[at + 1])
        elif kind == _DECL_TAG:
            component = words[at + 2]
            yield heads[kind] % (type_id, name, words[at + 1], component - (component >> 31 << 32))
        else:
            yield heads[_UNKNOWN] % (type_id, name)


def _members(words: memoryview, at: int, count: int, style: _Style, names: _Names) -> list[str]:
    rest = words[at + 2 : at + 2 + 3 * count].tolist()
    member, bitfield = style.member, style.bitfield
    triples = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    if not words[at] >> 31:
        return [member % (names[name], type_id, offset) for name, type_id, offset in triples]
    return [
        bitfield % (names[name], type_id, offset & 0xFFFFFF, offset >> 24)
        if offset >> 24
        else member % (names[name], type_id, offset)
        for name, type_id, offset in triples
    ]


def _values(words: memoryview, at: int, count: int, style: _Style, names: _Names) -> list[str]:
    is_signed = words[at] >> 31
    if words[at] >> 24 & 0x7F == _ENUM64:
        rest = words[at + 2 : at + 2 + 3 * count].tolist()
        values = [low | high << 32 for low, high in zip(rest[1::3], rest[2::3], strict=True)]
        template = style.value64 if is_signed else style.unsigned_value64
        if is_signed:
            values = [value - (value >> 63 << 64) for value in values]
        return [template % (names[name], value) for name, value in zip(rest[::3], values, strict=True)]
    rest = words[at + 2 : at + 2 + 2 * count].tolist()
    values = rest[1::2]
    if is_signed:
        values = [value - (value >> 31 << 32) for value in values]
    elif style.is_json:  # bpftool prints its signed 32 bits as unsigned 64
        values = [value | (value >> 31) * 0xFFFF_FFFF_0000_0000 for value in values]
    return [style.value % (names[name], value) for name, value in zip(rest[::2], values, strict=True)]


def _variables(
    btf: Btf, words: memoryview, at: int, count: int, style: _Style, names: _Names
) -> Iterator[str]:
    for i in range(at + 2, at + 2 + 3 * count, 3):
        text = style.variable % (words[i], words[i + 1], words[i + 2])
        yield text if style.is_json else text + _variable_name(btf, words[i], names)


def _variable_name(btf: Btf, type_id: int, names: _Names) -> str:
    try:
        holder, at = btf.place(type_id)
    except BtfFormatError:
        return ""
    words, _ = holder.records()
    return f" ({_LABELS[min(words[at] >> 24 & 0x7F, _UNKNOWN)]} '{names[words[at - 1]]}')"


def _linkage(number: int) -> str:
    return _LINKAGES[number] if number < len(_LINKAGES) else "(unknown)"


def _escape_json(text: str) -> str:
    if text.isprintable() and '"' not in text and "\\" not in text:
        return text
    from json import dumps

    return dumps(text)[1:-1]


def _heads(start: str, details: dict[int, str]) -> tuple[str, ...]:
    return tuple(start.replace("KIND", label) + details[kind] for kind, label in enumerate(_LABELS))


_UNKNOWN = _ENUM64 + 1
_LABELS = ("UNKN", *(kind.name for kind in BtfKind if kind), "UNKN")


def _raw_details() -> dict[int, str]:
    """Return what ``format raw`` says of each kind after id and name."""
    return {
        **dict.fromkeys(range(len(_LABELS)), ""),
        **dict.fromkeys(_REFERENCES, " type_id=%d"),
        _INT: " size=%d bits_offset=%d nr_bits=%d encoding=%s",
        _ARRAY: " type_id=%d index_type_id=%d nr_elems=%d",
        **dict.fromkeys((_STRUCT, _UNION, _DATASEC), " size=%d vlen=%d"),
        **dict.fromkeys((_ENUM, _ENUM64), " encoding=%s size=%d vlen=%d"),
        _FWD: " fwd_kind=%s",
        _FUNC: " type_id=%d linkage=%s",
        _FUNC_PROTO: " ret_type_id=%d vlen=%d",
        _VAR: " type_id=%d, linkage=%s",
        _FLOAT: " size=%d",
        _DECL_TAG: " type_id=%d component_idx=%d",
    }


def _json_details() -> dict[int, str]:
    """Return what ``-j`` says of each kind after id, kind and name; lists are left open."""
    enum = ',"encoding":"%s","size":%d,"vlen":%d,"values":['
    composite = ',"size":%d,"vlen":%d,"members":['
    return {
        **dict.fromkeys(range(len(_LABELS)), "}"),
        **dict.fromkeys(_REFERENCES, ',"type_id":%d}'),
        _INT: ',"size":%d,"bits_offset":%d,"nr_bits":%d,"encoding":"%s"}',
        _ARRAY: ',"type_id":%d,"index_type_id":%d,"nr_elems":%d}',
        _STRUCT: composite,
        _UNION: composite,
        _DATASEC: ',"size":%d,"vlen":%d,"vars":[',
        _ENUM: enum,
        _ENUM64: enum,
        _FWD: ',"fwd_kind":"%s"}',
        _FUNC: ',"type_id":%d,"linkage":"%s"}',
        _FUNC_PROTO: ',"ret_type_id":%d,"vlen":%d,"params":[',
        _VAR: ',"type_id":%d,"linkage":"%s"}',
        _FLOAT: ',"size":%d}',
        _DECL_TAG: ',"type_id":%d,"component_idx":%d}',
    }


_RAW = _Style(
    begin="",
    end="\n",
    between_types="\n",
    between_parts="",
    after_parts="",
    heads=_heads("[%d] KIND '%s'", _raw_details()),
    member="\n\t'%s' type_id=%d bits_offset=%d",
    bitfield="\n\t'%s' type_id=%d bits_offset=%d bitfield_size=%d",
    parameter="\n\t'%s' type_id=%d",
    variable="\n\ttype_id=%d offset=%d size=%d",
    value="\n\t'%s' val=%d",
    value64="\n\t'%s' val=%dLL",
    unsigned_value64="\n\t'%s' val=%dULL",
    escape=visible,
    is_json=False,
)
_JSON = _Style(
    begin='{"types":[',
    end="]}\n",
    between_types=",",
    between_parts=",",
    after_parts="]}",
    heads=_heads('{"id":%d,"kind":"KIND","name":"%s"', _json_details()),
    member='{"name":"%s","type_id":%d,"bits_offset":%d}',
    bitfield='{"name":"%s","type_id":%d,"bits_offset":%d,"bitfield_size":%d}',
    parameter='{"name":"%s","type_id":%d}',
    variable='{"type_id":%d,"offset":%d,"size":%d}',
    value='{"name":"%s","val":%d}',
    value64='{"name":"%s","val":%d}',
    unsigned_value64='{"name":"%s","val":%d}',
    escape=_escape_json,
    is_json=True,
)
