//! All that the reader of rustc's IR takes apart, small.

#![feature(btf_relocations, btf_relocations_extra, builtin_syntax)]
#![no_std]
#![allow(non_camel_case_types, dead_code)]

use core::btf::field_byte_offset;

#[repr(Btf)]
pub struct task_struct {
    pid: i32,
    runs: [[u32; 3]; 2],
    both: either,
}

#[repr(Btf)]
pub union either {
    word: u64,
    half: u32,
}

#[repr(i64)]
pub enum signed {
    Low = -5,
    High = 9,
}

#[repr(C)]
pub struct bpf_map_def {
    numbers: [u32; 7],
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "maps")]
pub static counts: bpf_map_def = bpf_map_def { numbers: [1, 4, 8, 64, 0, 0, 0] };

#[unsafe(no_mangle)]
pub static mut SINK: u64 = 0;

unsafe extern "C" {
    fn bpf_ktime_get_ns() -> u64;
    #[link_section = ".ksyms"]
    fn bpf_task_acquire(task: *mut task_struct) -> *mut task_struct;
    #[link_section = ".ksyms"]
    static init_task: task_struct;
}

#[inline(never)]
fn twice<T: Copy + core::ops::Mul<Output = T>>(value: T) -> T {
    value * value
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "kprobe/do_exit")]
pub extern "C" fn on_exit(ctx: *const u64) -> i32 {
    let first = field_byte_offset!(task_struct, both.half) + field_byte_offset!(task_struct, runs[1][2]);
    let more = unsafe { core::ptr::read_volatile(ctx) };
    let product = (first as u64).checked_mul(more).unwrap_or(7) + twice(more);
    unsafe { SINK = product + bpf_ktime_get_ns() + if core::btf::type_exists!(task_struct) { 1 } else { 0 } };
    unsafe {
        bpf_task_acquire((&raw const init_task).cast_mut());
        SINK += core::btf::enum_value!(signed, Low) as u64;
    }
    if more == 3 { panic!("three") }
    0
}
