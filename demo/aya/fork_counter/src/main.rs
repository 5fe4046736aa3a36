//! Who starts programs: a kprobe with aya-ebpf, its own trait and generic functions.
//!
//! `kernel_clone` (and its callers) run in the task that forks. The probe reads fields of that task at the
//! offsets that the loader finds in the running kernel, and counts forks by process in a hash map. What a kernel
//! does not have is `None`: `#[btf_relocatable]` makes every query an `Option`.

#![no_std]
#![no_main]
#![cfg_attr(target_arch = "bpf", feature(btf_relocations))]
#![allow(non_camel_case_types)]

use aya_ebpf::helpers::{bpf_get_current_task, bpf_probe_read_kernel};
use aya_ebpf::macros::{kprobe, map};
use aya_ebpf::maps::HashMap;
use aya_ebpf::programs::ProbeContext;

mod task;

use task::{Place, task_struct};

/// What is counted for a process.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Forks {
    pub count: u64,
    pub parent: i32,
    pub is_kernel: u32,
}

#[map]
static FORKS: HashMap<i32, Forks> = HashMap::with_max_entries(1024, 0);

/// Why a fork is not counted.
pub enum Unseen {
    /// The kernel has no such field.
    NoField,
    /// The memory could not be read: the helper's error.
    Unreadable(i64),
}

impl From<i64> for Unseen {
    fn from(code: i64) -> Self {
        Unseen::Unreadable(code)
    }
}

/// Reads the field `place` of `task`.
fn read<T>(task: *const task_struct, place: Option<usize>) -> Result<T, Unseen> {
    let offset = place.ok_or(Unseen::NoField)?;
    let field = task.cast::<u8>().wrapping_add(offset).cast::<T>();
    Ok(unsafe { bpf_probe_read_kernel(field) }?)
}

fn count() -> Result<(), Unseen> {
    let task = unsafe { bpf_get_current_task() } as *const task_struct;
    let process: i32 = read(task, task_struct::process())?;
    let parent: *const task_struct = read(task, task_struct::parent())?;
    let flags: u32 = read(task, task_struct::flags())?;
    let parent: i32 = read(parent, task_struct::process())?;
    let before = unsafe { FORKS.get(&process) }.map_or(0, |seen| seen.count);
    let seen = Forks { count: before + 1, parent, is_kernel: (flags >> 21) & 1 };
    FORKS.insert(&process, &seen, 0)?;
    Ok(())
}

#[kprobe(function = "kernel_clone")]
pub fn fork_counter(_ctx: ProbeContext) -> u32 {
    match count() {
        Ok(()) => 0,
        Err(Unseen::NoField) => 1,
        Err(Unseen::Unreadable(_)) => 2,
    }
}

#[cfg(not(test))]
#[panic_handler]
fn panic(_info: &core::panic::PanicInfo) -> ! {
    loop {}
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "license")]
static LICENSE: [u8; 13] = *b"Dual MIT/GPL\0";
