//! How long system calls take: a histogram in a map, without those of kernel threads.
//!
//! Two programs share two maps. One keeps when a task entered, the other takes the time and counts it in
//! the bucket of its power of two. Maps are declared as libbpf wants them: a static in `.maps` whose
//! *type* says what the map is. Nothing of it is ever read: `[i32; 64]` behind `max_entries` is the number
//! 64.
//!
//! See it: `bpftool map dump name HISTOGRAM`, which prints the keys and values by their BTF.

#![feature(btf_relocations)]
#![no_std]
#![no_main]
#![allow(non_camel_case_types)]

use core::btf;
use core::ffi::c_void;

#[repr(Btf)]
pub struct task_struct {
    flags: u32,
}

/// `PF_KTHREAD` (`linux/sched.h`).
const KERNEL_THREAD: u32 = 0x0020_0000;
const BUCKETS: u32 = 64;

/// `BPF_MAP_TYPE_HASH` is 1, `BPF_MAP_TYPE_ARRAY` 2 (`linux/bpf.h`).
#[repr(C)]
pub struct hash_of_starts {
    r#type: *const [i32; 1],
    max_entries: *const [i32; 10240],
    key: *const u32,
    value: *const u64,
}

#[repr(C)]
pub struct array_of_counts {
    r#type: *const [i32; 2],
    max_entries: *const [i32; 64],
    key: *const u32,
    value: *const u64,
}

#[unsafe(no_mangle)]
#[unsafe(link_section = ".maps")]
pub static mut STARTS: hash_of_starts = hash_of_starts {
    r#type: core::ptr::null(),
    max_entries: core::ptr::null(),
    key: core::ptr::null(),
    value: core::ptr::null(),
};

#[unsafe(no_mangle)]
#[unsafe(link_section = ".maps")]
pub static mut HISTOGRAM: array_of_counts = array_of_counts {
    r#type: core::ptr::null(),
    max_entries: core::ptr::null(),
    key: core::ptr::null(),
    value: core::ptr::null(),
};

unsafe extern "C" {
    fn bpf_get_current_task() -> u64;
    fn bpf_get_current_pid_tgid() -> u64;
    fn bpf_ktime_get_ns() -> u64;
    fn bpf_probe_read_kernel(to: *mut c_void, size: u32, from: *const c_void) -> i64;
    fn bpf_map_lookup_elem(map: *mut c_void, key: *const c_void) -> *mut u64;
    fn bpf_map_update_elem(map: *mut c_void, key: *const c_void, value: *const c_void, flags: u64) -> i64;
    fn bpf_map_delete_elem(map: *mut c_void, key: *const c_void) -> i64;
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "license")]
pub static LICENSE: [u8; 4] = *b"GPL\0";

/// A kernel that calls the field by another name is taken to have no such threads.
fn is_kernel_thread() -> bool {
    if !btf::field_exists!(task_struct, flags) {
        return false;
    }
    let task = unsafe { bpf_get_current_task() } as *const u8;
    let mut flags: u32 = 0;
    unsafe {
        let place = task.add(btf::field_byte_offset!(task_struct, flags));
        bpf_probe_read_kernel(&raw mut flags as *mut c_void, 4, place as *const c_void);
    }
    flags & KERNEL_THREAD != 0
}

/// The number of the highest bit that is set; a loop would do, this is what the verifier likes best.
fn bucket_of(nanoseconds: u64) -> u32 {
    let mut rest = nanoseconds;
    let mut bucket: u32 = 0;
    if rest >> 32 != 0 {
        rest = rest >> 32;
        bucket += 32;
    }
    if rest >> 16 != 0 {
        rest = rest >> 16;
        bucket += 16;
    }
    if rest >> 8 != 0 {
        rest = rest >> 8;
        bucket += 8;
    }
    if rest >> 4 != 0 {
        rest = rest >> 4;
        bucket += 4;
    }
    if rest >> 2 != 0 {
        rest = rest >> 2;
        bucket += 2;
    }
    bucket + (rest >> 1) as u32
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "raw_tp/sys_enter")]
pub extern "C" fn enter(_ctx: *mut c_void) -> i32 {
    if is_kernel_thread() {
        return 0;
    }
    let thread = unsafe { bpf_get_current_pid_tgid() } as u32;
    let now = unsafe { bpf_ktime_get_ns() };
    unsafe {
        bpf_map_update_elem(
            &raw mut STARTS as *mut c_void,
            &raw const thread as *const c_void,
            &raw const now as *const c_void,
            0,
        );
    }
    0
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "raw_tp/sys_exit")]
pub extern "C" fn leave(_ctx: *mut c_void) -> i32 {
    let thread = unsafe { bpf_get_current_pid_tgid() } as u32;
    let key = &raw const thread as *const c_void;
    let start = unsafe { bpf_map_lookup_elem(&raw mut STARTS as *mut c_void, key) };
    if start.is_null() {
        return 0;
    }
    let bucket = bucket_of(unsafe { bpf_ktime_get_ns() - *start });
    if bucket < BUCKETS {
        let count = unsafe {
            bpf_map_lookup_elem(&raw mut HISTOGRAM as *mut c_void, &raw const bucket as *const c_void)
        };
        if !count.is_null() {
            unsafe { *count += 1 };
        }
    }
    unsafe { bpf_map_delete_elem(&raw mut STARTS as *mut c_void, key) };
    0
}
