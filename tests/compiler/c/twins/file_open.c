#include "ask.h"

struct pt_regs { u64 orig_ax; s32 syscallno; } core;
struct inode { u64 i_ino; u16 i_mode; } core;
struct qstr { u32 len; const u8 *name; } core;
struct dentry { struct qstr d_name; const struct inode *d_inode; } core;
struct path { const struct dentry *dentry; } core;
struct file { struct path f_path; u32 f_flags; } core;
struct fdtable { u32 max_fds; const struct file *const *fd; } core;
struct files_struct { const struct fdtable *fdt; } core;
struct task_struct { const struct files_struct *files; } core;

u64 number, ino;
u32 flags;
u16 mode;
u8 name[32];

SEC("raw_tp/sys_exit") int file_open(u64 *ctx)
{
	const void *regs = (const void *)ctx[0], *files, *table, *slots, *file = 0, *dentry, *inode, *text;
	u32 count;
	s32 arm;

	if (EXISTS(((struct pt_regs *)0)->orig_ax))
		READ(number, regs, pt_regs, orig_ax);
	else
		number = READ(arm, regs, pt_regs, syscallno);
	READ(files, get_current_task(), task_struct, files);
	READ(table, files, files_struct, fdt);
	if (ctx[1] >= READ(count, table, fdtable, max_fds))
		return 0;
	READ(slots, table, fdtable, fd);
	probe_read_kernel(&file, sizeof(file), (const u8 *)slots + ctx[1] * sizeof(file));
	READ(flags, file, file, f_flags);
	READ(dentry, file, file, f_path.dentry);
	READ(text, dentry, dentry, d_name.name);
	probe_read_kernel(name, sizeof(name), text);
	READ(inode, dentry, dentry, d_inode);
	READ(ino, inode, inode, i_ino);
	READ(mode, inode, inode, i_mode);
	return 0;
}
