#include "ask.h"

struct super_block { u32 s_dev; } core;
struct inode { const struct super_block *i_sb; u64 i_ino; } core;
struct file { const struct inode *f_inode; u32 f_flags; } core;

struct refusal { u64 inode; u32 device, flags; } refused;
u32 guarded;

#define FIELD(value, from, type, field)                                                   \
	({                                                                                \
		if (!EXISTS(((struct type *)0)->field))                                   \
			return 0;                                                         \
		if (probe_read_kernel(&(value), sizeof(value),                            \
				      (const u8 *)(from) + OFFSET(((struct type *)0)->field))) \
			return 0;                                                         \
	})

SEC("lsm/file_open") int file_guard(u64 *ctx)
{
	const void *opened = (const void *)ctx[0], *inode, *block;
	u32 device;

	FIELD(inode, opened, file, f_inode);
	FIELD(block, inode, inode, i_sb);
	FIELD(device, block, super_block, s_dev);
	if (!guarded || device != guarded)
		return 0;
	refused.device = device;
	FIELD(refused.inode, inode, inode, i_ino);
	FIELD(refused.flags, opened, file, f_flags);
	return -1;
}
