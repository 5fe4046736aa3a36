//! Who started whom: on each system call, the chain of ancestors of the calling task.
//!
//! A kernel tracer's first walk: `task->real_parent->real_parent ...` up to pid 0 or 1. Every arrow is a
//! pointer of the kernel's, so it ends a path, and what lies behind it is read with a helper and asked for
//! anew. In C that is `BPF_CORE_READ(task, real_parent, tgid)`, which comes to the same relocations.
//!
//! Try it: `btfview relos demo/process_tree.rs -t running`, or as root `btfview compile
//! demo/process_tree.rs -o /tmp/tree.o && bpftool prog loadall /tmp/tree.o /sys/fs/bpf/tree`.

#![feature(btf_relocations)]
#![no_std]
#![no_main]
#![allow(non_camel_case_types)]

use core::btf;
use core::ffi::c_void;

/// What is needed of the kernel's struct, in any order; the real one has some 250 members.
#[btf_relocatable]
#[repr(C)]
pub struct task_struct {
    /// The process: what user space calls its pid.
    tgid: i32,
    /// Who forked this task; `parent` is who is told when it ends, a debugger perhaps.
    real_parent: *const task_struct,
    comm: [u8; 16],
}

/// The verifier wants to see that a loop ends, and nobody has so many ancestors.
const MAX_DEPTH: usize = 16;

/// One process of the chain. A plain struct: this layout is ours, and user space reads it. A task is a
/// thread, and its `comm` the name of that: of a parent it tells which of its threads forked.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ancestor {
    tgid: i32,
    comm: [u8; 16],
}

unsafe extern "C" {
    fn bpf_get_current_task() -> u64;
    fn bpf_probe_read_kernel(to: *mut c_void, size: u32, from: *const c_void) -> i64;
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "license")]
pub static LICENSE: [u8; 4] = *b"GPL\0";

/// The chain as it was seen last: the caller first. In `.bss`.
pub static mut CHAIN: [ancestor; MAX_DEPTH] = [ancestor { tgid: 0, comm: [0; 16] }; MAX_DEPTH];
pub static mut DEPTH: u64 = 0;

/// `None` on a kernel without the field, and where the memory cannot be read.
fn tgid_of(task: *const u8) -> Option<i32> {
    let offset = btf::field_byte_offset!(task_struct, tgid)?;
    let mut tgid: i32 = 0;
    let failed = unsafe {
        bpf_probe_read_kernel(&raw mut tgid as *mut c_void, 4, task.add(offset) as *const c_void)
    };
    if failed == 0 { Some(tgid) } else { None }
}

/// The parent; null for the first task of all, and where there is no answer.
fn parent_of(task: *const u8) -> *const u8 {
    let mut parent: *const u8 = core::ptr::null();
    if let Some(offset) = btf::field_byte_offset!(task_struct, real_parent) {
        unsafe {
            bpf_probe_read_kernel(&raw mut parent as *mut c_void, 8, task.add(offset) as *const c_void);
        }
    }
    parent
}

fn read_comm(task: *const u8, to: *mut c_void) {
    if let Some(offset) = btf::field_byte_offset!(task_struct, comm) {
        unsafe {
            bpf_probe_read_kernel(to, 16, task.add(offset) as *const c_void);
        }
    }
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "raw_tp/sys_enter")]
pub extern "C" fn walk(_ctx: *mut c_void) -> i32 {
    let mut task = unsafe { bpf_get_current_task() } as *const u8;
    let mut depth: usize = 0;
    while depth < MAX_DEPTH && !task.is_null() {
        let Some(tgid) = tgid_of(task) else {
            return 0;
        };
        if tgid == 0 {
            break; // the idle task, which is its own parent
        }
        unsafe {
            CHAIN[depth].tgid = tgid;
            read_comm(task, &raw mut CHAIN[depth].comm as *mut c_void);
        }
        task = parent_of(task);
        depth += 1;
    }
    unsafe {
        DEPTH = depth as u64;
    }
    0
}
