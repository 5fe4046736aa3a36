/* Maps that several programs declare alike. */
#ifndef SHARED_MAPS_H
#define SHARED_MAPS_H

#define RING_OF(bytes)                               \
	struct {                                     \
		__uint(type, BPF_MAP_TYPE_RINGBUF);  \
		__uint(max_entries, bytes);          \
	}

#define HASH_OF(key_type, value_type, entries)       \
	struct {                                     \
		__uint(type, BPF_MAP_TYPE_HASH);     \
		__uint(max_entries, entries);        \
		__type(key, key_type);               \
		__type(value, value_type);           \
	}

#endif
