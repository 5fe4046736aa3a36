"""Definitions of maps that no kernel takes: what is left for a loader to set, or wrong.

The kernel's ``map_alloc_check`` of each type; libbpf fills in some (``bpf_object__create_map``,
``adjust_ringbuf_sz``).
"""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from .maps import MapDef

_HASHES = frozenset((1, 5, 9, 10, 13))
_ARRAYS = frozenset((2, 3, 4, 6, 8, 12, 20))
_OF_DESCRIPTORS = frozenset((3, 4, 8, 12, 13))
"""prog_array, perf_event_array, cgroup_array, array_of_maps, hash_of_maps: their values are 4 bytes."""
_INDEXED = frozenset((14, 15, 16, 17, 18, 25))
"""devmap, sockmap, cpumap, xskmap, sockhash, devmap_hash: values of 4 bytes or 8."""
_RINGS = frozenset((27, 31))
_QUEUES = frozenset((22, 23))
_STORAGE = frozenset((24, 28, 29, 32))
_PERF_EVENT_ARRAY, _STACK_TRACE, _LPM_TRIE, _BLOOM, _ARENA = 4, 7, 11, 30, 33
_SOCKHASH, _REUSEPORT = 18, 20
_SIZED = _HASHES | _ARRAYS | _INDEXED | _RINGS | _QUEUES | {_STACK_TRACE, _LPM_TRIE, _BLOOM, _ARENA}
_NO_PREALLOC, _MMAPABLE = 1, 1 << 10

RULE = "kernel map_alloc_check"


def why_not_created(one: MapDef) -> str | None:
    """Return why no kernel makes this map as the object defines it; None where nothing is wrong with it."""
    kind = one.type_number
    if kind in _SIZED and not one.max_entries and kind != _PERF_EVENT_ARRAY:
        return "it has no max_entries"
    if kind in _HASHES or kind == _LPM_TRIE:
        return _why_no_hash(one)
    if kind in _ARRAYS or kind in _INDEXED:
        return _why_no_array(one)
    if kind == _STACK_TRACE and (one.key_size != 4 or one.value_size < 8 or one.value_size % 8):
        return f"a stack trace has keys of 4 bytes and values of 8 a frame, not {one.value_size}"
    if kind in _RINGS and (one.key_size or one.value_size):
        return "a ring buffer has neither keys nor values"
    if kind in _QUEUES and (one.key_size or not one.value_size):
        return "a queue has no keys, but values"
    if kind in _STORAGE and (one.max_entries or not one.flags & _NO_PREALLOC or one.key_size != 4):
        return "local storage has no max_entries, keys of 4 bytes, and the flag BPF_F_NO_PREALLOC"
    if kind == _ARENA and (not one.flags & _MMAPABLE or one.key_size or one.value_size):
        return "an arena has the flag BPF_F_MMAPABLE, and neither keys nor values"
    return None


def _why_no_hash(one: MapDef) -> str | None:
    if not one.key_size:
        return "it has no keys"
    if one.type_number in _OF_DESCRIPTORS:
        return None if one.value_size == 4 else "its values are descriptors, of 4 bytes"
    if not one.value_size:
        return "its values have no size"
    if one.type_number == _LPM_TRIE and (not one.flags & _NO_PREALLOC or one.key_size < 5):
        return "a trie has keys of 5 bytes and more, and the flag BPF_F_NO_PREALLOC"
    return None


def _why_no_array(one: MapDef) -> str | None:
    kind = one.type_number
    if one.key_size != 4 and not (kind == _SOCKHASH and one.key_size):
        return f"its keys have 4 bytes, not {one.key_size}"
    if kind in _OF_DESCRIPTORS:
        return None if one.value_size == 4 else "its values are descriptors, of 4 bytes"
    if kind in _INDEXED or kind == _REUSEPORT:
        return None if one.value_size in (4, 8) else "its values have 4 bytes, or 8"
    return None if one.value_size else "its values have no size"
