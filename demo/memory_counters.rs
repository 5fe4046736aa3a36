//! How much memory a process has: `mm_struct.rss_stat`, which changed its shape.
//!
//! Up to Linux 6.1 it was a struct around an array of plain counters, since 6.2 it is an array of per-CPU
//! counters. One name, two shapes: no single declaration fits both. So there are two, told apart by a
//! *flavor*, the part after `___`, which the loader cuts off: both are `mm_struct` to it. Each is asked
//! for by its own path, and the one that the kernel does not have is dead code there.
//!
//! See it: `btfview relos demo/memory_counters.rs -t 6.1.0-56-amd64 -t 6.12.117+deb12-amd64 -t running`.
//!
//! Elements of arrays in a path (`rss_stat[1].count`) are an extension of btfview.

#![feature(btf_relocations, btf_relocations_extra)]
#![no_std]
#![no_main]
#![allow(non_camel_case_types)]

use core::btf;
use core::ffi::c_void;

#[repr(Btf)]
pub struct task_struct {
    tgid: i32,
    mm: *const mm_struct,
}

/// What every kernel has.
#[repr(Btf)]
pub struct mm_struct {
    /// Pages mapped.
    total_vm: u64,
}

/// Linux 6.1 and before.
#[repr(Btf)]
pub struct mm_struct___v6_1 {
    rss_stat: mm_rss_stat,
}

#[repr(Btf)]
pub struct mm_rss_stat {
    count: [atomic64_t; 4],
}

#[repr(Btf)]
pub struct atomic64_t {
    counter: i64,
}

/// Linux 6.2 and after.
#[repr(Btf)]
pub struct mm_struct___v6_2 {
    rss_stat: [percpu_counter; 4],
}

#[repr(Btf)]
pub struct percpu_counter {
    /// The sum, but for what the processors have not handed in yet.
    count: i64,
}

/// Indices of the counters (`enum` without a name in `linux/mm_types_task.h`): pages of files, and others.
/// They stand as literals in the paths below, which is where the record has them.
#[repr(C)]
pub struct counters {
    total: u64,
    file_pages: i64,
    anon_pages: i64,
    tgid: i32,
    /// 1 where the counters are a plain array, 2 where there is one for each processor.
    shape: u32,
}

unsafe extern "C" {
    fn bpf_get_current_task() -> u64;
    fn bpf_probe_read_kernel(to: *mut c_void, size: u32, from: *const c_void) -> i64;
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "license")]
pub static LICENSE: [u8; 4] = *b"GPL\0";

pub static mut LAST: counters = counters { total: 0, file_pages: 0, anon_pages: 0, tgid: 0, shape: 0 };

fn read_u64(base: *const u8, offset: usize) -> u64 {
    let mut value: u64 = 0;
    unsafe { bpf_probe_read_kernel(&raw mut value as *mut c_void, 8, base.add(offset) as *const c_void) };
    value
}

fn read_i32(base: *const u8, offset: usize) -> i32 {
    let mut value: i32 = 0;
    unsafe { bpf_probe_read_kernel(&raw mut value as *mut c_void, 4, base.add(offset) as *const c_void) };
    value
}

fn read_counters(mm: *const u8) {
    if btf::field_exists!(mm_struct___v6_1, rss_stat.count[1].counter) {
        let file = btf::field_byte_offset!(mm_struct___v6_1, rss_stat.count[0].counter);
        let anon = btf::field_byte_offset!(mm_struct___v6_1, rss_stat.count[1].counter);
        unsafe {
            LAST.file_pages = read_u64(mm, file) as i64;
            LAST.anon_pages = read_u64(mm, anon) as i64;
            LAST.shape = 1;
        }
    } else if btf::field_exists!(mm_struct___v6_2, rss_stat[1].count) {
        let file = btf::field_byte_offset!(mm_struct___v6_2, rss_stat[0].count);
        let anon = btf::field_byte_offset!(mm_struct___v6_2, rss_stat[1].count);
        unsafe {
            LAST.file_pages = read_u64(mm, file) as i64;
            LAST.anon_pages = read_u64(mm, anon) as i64;
            LAST.shape = 2;
        }
    }
}

// All of these are in every kernel.
#[allow(unguarded_btf_offset)]
#[unsafe(no_mangle)]
#[unsafe(link_section = "raw_tp/sys_enter")]
pub extern "C" fn count_memory(_ctx: *mut c_void) -> i32 {
    let task = unsafe { bpf_get_current_task() } as *const u8;
    let mm = read_u64(task, btf::field_byte_offset!(task_struct, mm)) as *const u8;
    if mm.is_null() {
        return 0; // a thread of the kernel, which has no memory of its own
    }
    unsafe {
        LAST.tgid = read_i32(task, btf::field_byte_offset!(task_struct, tgid));
        LAST.total = read_u64(mm, btf::field_byte_offset!(mm_struct, total_vm));
    }
    read_counters(mm);
    0
}
