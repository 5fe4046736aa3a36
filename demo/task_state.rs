//! One program for every kernel: count the system calls made by tasks, and remember the last caller.
//!
//! Linux 5.14 renamed `task_struct.state` to `__state` and made it 32 bits wide; 6.6 gave every scheduling
//! entity a lag (`vlag`). A program that must run before and after asks the loader which of them is there.
//! What is not there costs nothing: the branch is dead, and the verifier does not look at it.
//!
//! Try it: `btfview compile demo/task_state.rs -o /tmp/task_state.o`, then as root
//! `bpftool prog loadall /tmp/task_state.o /sys/fs/bpf/task_state`.

#![feature(btf_relocations)]
#![no_std]
#![no_main]
#![allow(non_camel_case_types)]

use core::btf;
use core::ffi::c_void;

/// Both ages of the field, side by side: this struct describes no kernel, it lists what is looked for.
#[repr(Btf)]
pub struct task_struct {
    /// Since 5.14.
    __state: u32,
    /// Before: a `long`. Kernels have the one or the other.
    state: i64,
    pid: i32,
    se: sched_entity,
}

#[repr(Btf)]
pub struct sched_entity {
    vruntime: u64,
    /// Since 6.6 (EEVDF): by how much the task is ahead of its fair share, or behind it.
    vlag: i64,
}

/// What is kept of the last task seen; a plain struct of our own, so its fields can be used.
#[repr(C)]
pub struct last_seen {
    state: u64,
    lag: i64,
    pid: i32,
    /// 1 where the kernel names the field `__state`, 0 where it is `state`.
    is_new_kernel: u32,
}

unsafe extern "C" {
    fn bpf_get_current_task() -> u64;
    fn bpf_probe_read_kernel(to: *mut c_void, size: u32, from: *const c_void) -> i64;
}

/// Helpers that read kernel memory are for programs under the GPL.
#[unsafe(no_mangle)]
#[unsafe(link_section = "license")]
pub static LICENSE: [u8; 4] = *b"GPL\0";

/// In `.bss`; user space reads both with `bpftool map dump`.
pub static mut CALLS: u64 = 0;
pub static mut LAST: last_seen = last_seen { state: 0, lag: 0, pid: 0, is_new_kernel: 0 };

/// Copies `size` bytes from `offset` bytes into the task. The pointer is that of the kernel: only a helper
/// may follow it.
fn read(task: *const u8, offset: usize, to: *mut c_void, size: u32) -> bool {
    unsafe { bpf_probe_read_kernel(to, size, task.add(offset) as *const c_void) == 0 }
}

/// The state of a task under either name; `None` where it cannot be read.
fn task_state(task: *const u8) -> Option<u64> {
    if btf::field_exists!(task_struct, __state) {
        let mut state: u32 = 0;
        let offset = btf::field_byte_offset!(task_struct, __state);
        if read(task, offset, &raw mut state as *mut c_void, 4) {
            return Some(state as u64);
        }
    } else if btf::field_exists!(task_struct, state) {
        let mut state: u64 = 0;
        let offset = btf::field_byte_offset!(task_struct, state);
        if read(task, offset, &raw mut state as *mut c_void, 8) {
            return Some(state);
        }
    }
    None
}

/// The lag of a task in nanoseconds, or 0 on a kernel that does not keep it.
fn task_lag(task: *const u8) -> i64 {
    let mut lag: i64 = 0;
    if btf::field_exists!(task_struct, se.vlag) {
        // `vlag` lies in an unnamed union of the kernel's struct. The loader looks into those: the path
        // is written as in C, without them.
        read(task, btf::field_byte_offset!(task_struct, se.vlag), &raw mut lag as *mut c_void, 8);
    }
    lag
}

// Every kernel has a pid, so that offset is taken without asking first, and the compiler told so.
#[allow(unguarded_btf_offset)]
#[unsafe(no_mangle)]
#[unsafe(link_section = "raw_tp/sys_enter")]
pub extern "C" fn count_calls(_ctx: *mut c_void) -> i32 {
    let task = unsafe { bpf_get_current_task() } as *const u8;
    let mut pid: i32 = 0;
    if !read(task, btf::field_byte_offset!(task_struct, pid), &raw mut pid as *mut c_void, 4) {
        return 0;
    }
    let Some(state) = task_state(task) else {
        return 0;
    };
    let is_new_kernel = if btf::field_exists!(task_struct, __state) { 1 } else { 0 };
    unsafe {
        CALLS += 1;
        LAST = last_seen { state, lag: task_lag(task), pid, is_new_kernel };
    }
    0
}
