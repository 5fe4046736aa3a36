//! How far has the scheduler let this task run?
//!
//! The example of the BTF relocations pre-RFC. `struct task_struct` of a running kernel has some 250
//! members, in another order on every build. Here it has one: a program declares what it needs, and the
//! loader (libbpf, aya) looks up where that is in the kernel at hand. Only names matter; the offsets below
//! are those of this file and are right nowhere else.

#![feature(btf_relocations)]
#![no_std]
#![allow(non_camel_case_types)]

/// The share of a task in CPU time (`kernel/sched/sched.h`).
#[repr(Btf)]
pub struct load_weight {
    weight: usize,
}

/// What the scheduler keeps for a task or a group of tasks.
#[repr(Btf)]
pub struct sched_entity {
    load: load_weight,
    /// CPU time used so far in nanoseconds, scaled by the weight.
    vruntime: u64,
}

#[repr(Btf)]
pub struct task_struct {
    se: sched_entity,
}

impl task_struct {
    /// The virtual run time; `None` on a kernel that has no such field.
    pub fn sched_vruntime(&self) -> Option<&u64> {
        // Two questions to the loader, and two records in `.BTF.ext`: is the field there, and where?
        // On a kernel without it the second has no answer and its instruction is poisoned, which does
        // no harm here, because the first is answered with 0 and the branch is never taken.
        if core::btf::field_exists!(task_struct, se.vruntime) {
            let offset = core::btf::field_byte_offset!(task_struct, se.vruntime);
            let ptr = self as *const task_struct as *const u8;
            Some(unsafe { &*(ptr.add(offset) as *const u64) })
        } else {
            None
        }
    }

    /// The load weight, two structs further in. `self.se.load.weight` would not compile: it would bake in
    /// the offset that this file happens to give it.
    pub fn sched_load_weight(&self) -> Option<&usize> {
        if core::btf::field_exists!(task_struct, se.load.weight) {
            let offset = core::btf::field_byte_offset!(task_struct, se.load.weight);
            let ptr = self as *const task_struct as *const u8;
            Some(unsafe { &*(ptr.add(offset) as *const usize) })
        } else {
            None
        }
    }
}
