//! Something to mend: a field that the kernel renamed.
//!
//! Linux 5.14 made `__state`, of 32 bits, out of `task_struct.state`, a `long`. This was written before, and
//! fails since. In the screen `}` goes to what fails, and `F` shows the fix: the field under both names.

#![feature(btf_relocations)]
#![no_std]
#![allow(non_camel_case_types, unguarded_btf_offset)]

use core::btf::field_byte_offset;

/// As on Linux 5.10.
#[repr(Btf)]
pub struct task_struct {
    pid: i32,
    state: i64,
    se: sched_entity,
}

#[repr(Btf)]
pub struct sched_entity {
    exec_start: u64,
}

impl task_struct {
    fn at(&self, offset: usize) -> *const u8 {
        unsafe { (self as *const task_struct as *const u8).add(offset) }
    }

    pub fn pid(&self) -> i32 {
        let offset = field_byte_offset!(task_struct, pid);
        unsafe { *(self.at(offset) as *const i32) }
    }

    /// 0 is running, anything else a way of waiting.
    pub fn state(&self) -> i64 {
        let offset = field_byte_offset!(task_struct, state);
        unsafe { *(self.at(offset) as *const i64) }
    }

    /// When it was last given a CPU, in nanoseconds.
    pub fn since(&self) -> u64 {
        let offset = field_byte_offset!(task_struct, se.exec_start);
        unsafe { *(self.at(offset) as *const u64) }
    }
}
