//! Every kind of query, in every form that both front ends take.

#![feature(btf_relocations, btf_relocations_extra, builtin_syntax)]
#![no_std]
#![allow(non_camel_case_types, dead_code)]

use core::btf::{self, field_byte_offset};

#[repr(Btf)]
pub struct task_struct {
    pid: i32,
    se: sched_entity,
    comm: [u8; 16],
    parent: *const task_struct,
    both: either,
}

#[repr(Btf)]
pub struct sched_entity {
    load: u64,
    runs: [[u32; 3]; 2],
    pair: pair,
}

#[repr(Btf)]
pub struct pair(u8, u64);

#[repr(Btf)]
pub union either {
    word: u64,
    half: u32,
}

#[repr(u32)]
pub enum pid_type {
    PIDTYPE_PID = 0,
    PIDTYPE_PGID = 7,
}

#[repr(i64)]
pub enum signed {
    Low = -5,
    High = 9,
}

mod inner {
    #[repr(Btf)]
    pub struct task_struct {
        tgid: i32,
        pub(crate) pid: i32,
    }
}

macro_rules! offset_in {
    ($carrier:ty, $($fields:expr)+) => {
        builtin # btf_field_byte_offset($carrier, $($fields)+)
    };
}

pub static mut SINK: u64 = 0;

fn keep(value: u64) {
    unsafe { (&raw mut SINK).write_volatile(value) };
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "raw_tp/sys_enter")]
pub extern "C" fn fields(_ctx: *const u64) -> i32 {
    keep(btf::field_exists!(task_struct, pid) as u64);
    keep(btf::field_byte_offset!(task_struct, se.load) as u64);
    keep(btf::field_byte_size!(task_struct, comm) as u64);
    keep(btf::field_byte_offset!(task_struct, comm[3]) as u64);
    keep(btf::field_byte_offset!(task_struct, se.runs[1][2]) as u64);
    keep(btf::field_byte_offset!(task_struct, both.half) as u64);
    keep(btf::field_is_signed!(task_struct, pid) as u64);
    keep(btf::field_lshift!(task_struct, pid) as u64);
    keep(btf::field_rshift!(task_struct, pid) as u64);
    keep(field_byte_offset!(inner::task_struct, pid,) as u64);
    keep(core::btf::field_byte_offset!(task_struct, se.pair.1) as u64);
    keep(offset_in!(task_struct, se.load) as u64);
    0
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "raw_tp/sys_exit")]
pub extern "C" fn types(_ctx: *const u64) -> i32 {
    keep(btf::type_exists!(task_struct) as u64);
    keep(btf::type_size!(sched_entity) as u64);
    keep(btf::type_matches!(task_struct) as u64);
    keep(btf::type_id_local!(either) as u64);
    keep(btf::type_id_target!(task_struct) as u64);
    keep(btf::enum_value_exists!(pid_type, PIDTYPE_PGID) as u64);
    keep(btf::enum_value!(pid_type, pid_type::PIDTYPE_PGID) as u64);
    keep(btf::enum_value!(signed, Low) as u64);
    0
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "raw_tp/sched_switch")]
pub extern "C" fn pointers(ctx: *const task_struct) -> i32 {
    if let Some(place) = btf::field_ptr!(ctx, se.load) {
        keep(place as u64);
    }
    let task = unsafe { &*ctx };
    if let Some(place) = btf::field_ref!(task, se.runs[1]) {
        keep(place as *const [u32; 3] as u64);
    }
    0
}
