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
_ARRAY, _LRU, _LRU_PERCPU, _CGROUP_STORAGE = 2, 9, 10, 19
_BUILD_ID_SIZE = 32
"""Bytes of struct bpf_stack_build_id."""
_NO_PREALLOC, _NO_COMMON_LRU, _NUMA_NODE, _BUILD_ID, _ZERO_SEED = 1, 1 << 1, 1 << 2, 1 << 5, 1 << 6
_MMAPABLE, _PRESERVE_ELEMS, _INNER_MAP, _OVERWRITE = 1 << 10, 1 << 11, 1 << 12, 1 << 19
_USER_ACCESS, _ACCESS = 0x18, 0x198
"""BPF_F_RDONLY and WRONLY, of which the first is for user space; with those for programs."""
_FLAGS = {
    **dict.fromkeys(_HASHES, _NO_PREALLOC | _NO_COMMON_LRU | _NUMA_NODE | _ZERO_SEED | _ACCESS),
    **dict.fromkeys(_ARRAYS, _NUMA_NODE | _ACCESS),
    **dict.fromkeys(_RINGS, _NUMA_NODE | _OVERWRITE),
    **dict.fromkeys(_QUEUES, _NUMA_NODE | _ACCESS),
    _ARRAY: _NUMA_NODE | _ACCESS | _MMAPABLE | _INNER_MAP,
    _PERF_EVENT_ARRAY: _NUMA_NODE | _ACCESS | _PRESERVE_ELEMS,
    _STACK_TRACE: _NUMA_NODE | _USER_ACCESS | _BUILD_ID,
    _LPM_TRIE: _NO_PREALLOC | _NUMA_NODE | _ACCESS,
    _BLOOM: _NUMA_NODE | _ZERO_SEED | _ACCESS,
}
"""Flags that a map of a type may have; of other types it is not looked at."""

RULE = "kernel map_alloc_check"


def why_not_created(one: MapDef) -> str | None:
    """Return why no kernel makes this map as the object defines it; None where nothing is wrong with it."""
    kind = one.type_number
    if kind in _SIZED and not one.max_entries and kind != _PERF_EVENT_ARRAY:
        return "it has no max_entries"
    if kind in _FLAGS and (extra := one.flags & ~_FLAGS[kind]):
        return f"a map of its type cannot have the flag {extra:#x}"
    if kind in _HASHES or kind == _LPM_TRIE:
        return _why_no_hash(one)
    if kind in _ARRAYS or kind in _INDEXED:
        return _why_no_array(one)
    if kind == _STACK_TRACE:
        frame = _BUILD_ID_SIZE if one.flags & _BUILD_ID else 8
        if one.key_size != 4 or not one.value_size or one.value_size % frame:
            return f"a stack trace has keys of 4 bytes and values of {frame} a frame, not {one.value_size}"
    if kind == _BLOOM and (one.key_size or not one.value_size):
        return "a bloom filter has no keys, but values"
    if kind == _CGROUP_STORAGE and (one.max_entries or one.key_size not in (8, 16)):
        return "its key is a struct bpf_cgroup_storage_key or a cgroup's id, and it has no max_entries"
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
    is_lru = one.type_number in (_LRU, _LRU_PERCPU)
    if one.flags & (_NO_PREALLOC if is_lru else _NO_COMMON_LRU):
        word = "an" if is_lru else "no"
        return f"it is {word} LRU hash, so cannot have the flag {one.flags & 3:#x}"
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
