/* What the twins of the demos are written with: questions to the loader, and the way to the kernel's memory. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

#define core __attribute__((preserve_access_index))
#define SEC(name) __attribute__((section(name), used))

#define OFFSET(field) __builtin_preserve_field_info(field, 0)
#define SIZE(field) __builtin_preserve_field_info(field, 1)
#define EXISTS(field) __builtin_preserve_field_info(field, 2)
#define LSHIFT(field) __builtin_preserve_field_info(field, 4)
#define RSHIFT(field) __builtin_preserve_field_info(field, 5)

static long (*const probe_read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static u64 (*const get_current_task)(void) = (void *)35;

/* Reads where the field is, and 0 where there is none. */
#define READ(value, from, type, field)                                                            \
	({                                                                                        \
		(value) = 0;                                                                      \
		if (EXISTS(((struct type *)0)->field))                                            \
			probe_read_kernel(&(value), sizeof(value),                                \
					  (const u8 *)(from) + OFFSET(((struct type *)0)->field)); \
		(value);                                                                          \
	})

char LICENSE[] SEC("license") = "GPL";
