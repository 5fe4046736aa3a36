//! Written for Linux 5.4: `real_start_time` became `start_boottime` in 5.5, `state` became `__state`, a u32,
//! in 5.14.

#![feature(btf_relocations)]
#![no_std]
#![allow(non_camel_case_types, unguarded_btf_offset)]

/// As on old kernels.
#[repr(Btf)]
pub struct task_struct {
    real_start_time: u64,
    state: i64,
    pid: i32,
}

impl task_struct {
    pub fn started(&self) -> u64 {
        let ptr = self as *const task_struct as *const u8;
        let offset = core::btf::field_byte_offset!(task_struct, real_start_time);
        unsafe { *(ptr.add(offset) as *const u64) }
    }

    pub fn state(&self) -> Option<i64> {
        let ptr = self as *const task_struct as *const u8;
        let offset = core::btf::field_byte_offset!(task_struct, state);
        Some(unsafe { *(ptr.add(offset) as *const i64) })
    }

    pub fn pid(&self) -> i32 {
        let offset = core::btf::field_byte_offset!(task_struct, pid);
        unsafe { *((self as *const task_struct as *const u8).add(offset) as *const i32) }
    }
}
