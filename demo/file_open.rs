//! Which files are opened: from `struct file` through its dentry to the inode.
//!
//! When `openat` returns, the new descriptor is looked up as the kernel does it (`files_lookup_fd_raw`),
//! and the `struct file` found there leads to three more structs. Each has its own history: newer kernels
//! put the path of a `file` and the name of a `dentry` into unions with a second view of themselves. The
//! paths below stay as they are, since libbpf looks into unnamed unions as a C compiler does.
//!
//! Even the processor is a question for the loader: `pt_regs` of x86 has `orig_ax`, that of arm64
//! `syscallno`.
//!
//! `field_ptr!` is an extension of btfview: exists and offset in one, as a pointer or `None`.

#![feature(btf_relocations, btf_relocations_extra)]
#![no_std]
#![no_main]
#![allow(non_camel_case_types)]

use core::btf;
use core::ffi::c_void;

#[repr(Btf)]
pub struct pt_regs {
    /// x86: the number of the system call.
    orig_ax: u64,
    /// arm64: the same.
    syscallno: i32,
}

#[repr(Btf)]
pub struct task_struct {
    files: *const files_struct,
}

#[repr(Btf)]
pub struct files_struct {
    fdt: *const fdtable,
}

#[repr(Btf)]
pub struct fdtable {
    max_fds: u32,
    fd: *const *const file,
}

#[repr(Btf)]
pub struct file {
    f_path: path,
    f_flags: u32,
}

/// Found inside `file` by value, so its fields may stand in one path with it.
#[repr(Btf)]
pub struct path {
    dentry: *const dentry,
}

#[repr(Btf)]
pub struct dentry {
    d_name: qstr,
    d_inode: *const inode,
}

#[repr(Btf)]
pub struct qstr {
    len: u32,
    name: *const u8,
}

#[repr(Btf)]
pub struct inode {
    i_ino: u64,
    i_mode: u16,
}

/// What user space gets to see of an open file.
#[repr(C)]
pub struct opened {
    inode: u64,
    flags: u32,
    mode: u32,
    name: [u8; 64],
}

/// `__NR_openat`, which every processor numbers for itself (`asm/unistd.h`).
const OPENAT_X86: u64 = 257;
const OPENAT_ARM64: u32 = 56;

unsafe extern "C" {
    fn bpf_get_current_task() -> u64;
    fn bpf_get_current_pid_tgid() -> u64;
    fn bpf_probe_read_kernel(to: *mut c_void, size: u32, from: *const c_void) -> i64;
    fn bpf_probe_read_kernel_str(to: *mut c_void, size: u32, from: *const c_void) -> i64;
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "license")]
pub static LICENSE: [u8; 4] = *b"GPL\0";

/// Which process to watch; user space sets it before loading. In `.rodata`, and 0 means all.
#[unsafe(no_mangle)]
pub static WATCHED: u32 = 0;

pub static mut OPENS: u64 = 0;
pub static mut LAST: opened = opened { inode: 0, flags: 0, mode: 0, name: [0; 64] };

/// The 8 bytes at `from`, or 0.
fn read_u64(from: *const c_void) -> u64 {
    let mut value: u64 = 0;
    unsafe { bpf_probe_read_kernel(&raw mut value as *mut c_void, 8, from) };
    value
}

fn read_u32(from: *const c_void) -> u32 {
    let mut value: u32 = 0;
    unsafe { bpf_probe_read_kernel(&raw mut value as *mut c_void, 4, from) };
    value
}

fn read_u16(from: *const c_void) -> u16 {
    let mut value: u16 = 0;
    unsafe { bpf_probe_read_kernel(&raw mut value as *mut c_void, 2, from) };
    value
}

fn is_openat(registers: *const pt_regs) -> bool {
    if let Some(number) = btf::field_ptr!(registers, orig_ax) {
        return read_u64(number as *const c_void) == OPENAT_X86;
    }
    match btf::field_ptr!(registers, syscallno) {
        Some(number) => read_u32(number as *const c_void) == OPENAT_ARM64,
        None => false,
    }
}

/// The file behind a descriptor of the current task.
fn file_of(descriptor: u64) -> Option<*const file> {
    let task = unsafe { bpf_get_current_task() } as *const task_struct;
    let files = read_u64(btf::field_ptr!(task, files)? as *const c_void) as *const files_struct;
    let table = read_u64(btf::field_ptr!(files, fdt)? as *const c_void) as *const fdtable;
    if descriptor >= read_u32(btf::field_ptr!(table, max_fds)? as *const c_void) as u64 {
        return None;
    }
    let slots = read_u64(btf::field_ptr!(table, fd)? as *const c_void) as *const u8;
    Some(read_u64(slots.wrapping_add(descriptor as usize * 8) as *const c_void) as *const file)
}

fn dentry_of(opened: *const file) -> *const dentry {
    match btf::field_ptr!(opened, f_path.dentry) {
        Some(place) => read_u64(place as *const c_void) as *const dentry,
        None => core::ptr::null(),
    }
}

fn keep_name(entry: *const dentry) {
    if let Some(place) = btf::field_ptr!(entry, d_name.name) {
        let name = read_u64(place as *const c_void) as *const c_void;
        unsafe {
            bpf_probe_read_kernel_str(&raw mut LAST.name as *mut c_void, 64, name);
        }
    }
}

fn keep_inode(entry: *const dentry) {
    let Some(place) = btf::field_ptr!(entry, d_inode) else {
        return;
    };
    let found = read_u64(place as *const c_void) as *const inode;
    if let Some(number) = btf::field_ptr!(found, i_ino) {
        unsafe { LAST.inode = read_u64(number as *const c_void) };
    }
    if let Some(mode) = btf::field_ptr!(found, i_mode) {
        unsafe { LAST.mode = read_u16(mode as *const c_void) as u32 };
    }
}

/// Arguments of the tracepoint: the registers, and what the system call returns.
#[unsafe(no_mangle)]
#[unsafe(link_section = "raw_tp/sys_exit")]
pub extern "C" fn file_open(ctx: *const [u64; 2]) -> i32 {
    let process = (unsafe { bpf_get_current_pid_tgid() } >> 32) as u32;
    let watched = unsafe { (&raw const WATCHED).read_volatile() };
    let arguments = unsafe { &*ctx };
    let registers = arguments[0] as *const pt_regs;
    let result = arguments[1];
    if (watched != 0 && watched != process) || (result as i64) < 0 || !is_openat(registers) {
        return 0;
    }
    let Some(opened) = file_of(result) else {
        return 0;
    };
    unsafe {
        OPENS += 1;
        if let Some(flags) = btf::field_ptr!(opened, f_flags) {
            LAST.flags = read_u32(flags as *const c_void);
        }
    }
    let entry = dentry_of(opened);
    keep_name(entry);
    keep_inode(entry);
    0
}
