//! The example of `sched.rs` in the newer dialect of RFC 3966.
//!
//! `#[btf_relocatable]` marks the types, and `field_byte_offset!` gives an `Option`: `None` where the kernel
//! has no such field. So the check can not be forgotten, and `?` makes it short. Each macro call still asks
//! the loader two questions, and the records are those of `sched.rs`.

#![feature(btf_relocations)]
#![no_std]
#![allow(non_camel_case_types)]

/// The share of a task in CPU time (`kernel/sched/sched.h`).
#[btf_relocatable]
#[repr(C)]
pub struct load_weight {
    weight: usize,
}

/// What the scheduler keeps for a task or a group of tasks.
#[btf_relocatable]
#[repr(C)]
pub struct sched_entity {
    load: load_weight,
    /// CPU time used so far in nanoseconds, scaled by the weight.
    vruntime: u64,
}

#[btf_relocatable]
#[repr(C)]
pub struct task_struct {
    se: sched_entity,
}

impl task_struct {
    /// The virtual run time; `None` on a kernel that has no such field.
    pub fn sched_vruntime(&self) -> Option<&u64> {
        let offset = core::btf::field_byte_offset!(task_struct, se.vruntime)?;
        let ptr = self as *const task_struct as *const u8;
        Some(unsafe { &*(ptr.add(offset) as *const u64) })
    }

    /// The load weight, two structs further in.
    pub fn sched_load_weight(&self) -> Option<&usize> {
        let offset = core::btf::field_byte_offset!(task_struct, se.load.weight)?;
        let ptr = self as *const task_struct as *const u8;
        Some(unsafe { &*(ptr.add(offset) as *const usize) })
    }
}
