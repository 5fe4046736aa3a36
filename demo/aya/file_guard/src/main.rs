//! An LSM hook with aya-ebpf: files on a device that user space names may not be opened.
//!
//! The hook's argument is the kernel's `struct file`. From it the program goes to the inode and the superblock,
//! at offsets that the loader finds; newer kernels keep the path of a file in a union, which the loader looks
//! into by itself.

#![no_std]
#![no_main]
#![feature(btf_relocations)]
#![allow(non_camel_case_types)]

use aya_ebpf::helpers::bpf_probe_read_kernel;
use aya_ebpf::macros::{lsm, map};
use aya_ebpf::maps::{Array, RingBuf};
use aya_ebpf::programs::LsmContext;
use core::btf;

macro_rules! marked {
    ($($(#[$doc:meta])* struct $name:ident { $($field:ident: $type:ty),* $(,)? })*) => {
        $($(#[$doc])* #[repr(Btf)] pub struct $name { $($field: $type),* })*
    };
}

marked! {
    /// An open file.
    struct file { f_inode: *const inode, f_flags: u32 }
    /// A file on disk.
    struct inode { i_sb: *const super_block, i_ino: u64 }
    /// What it lies on.
    struct super_block { s_dev: u32 }
}

/// The device, and 0 for none.
#[map]
static GUARDED: Array<u32> = Array::with_max_entries(1, 0);
#[map]
static REFUSED: RingBuf = RingBuf::with_byte_size(4096, 0);

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Refusal {
    pub inode: u64,
    pub device: u32,
    pub flags: u32,
}

/// One field of a struct of the kernel, read by its place there.
macro_rules! field {
    ($base:expr, $carrier:ty, $field:ident) => {{
        if !btf::field_exists!($carrier, $field) {
            return Ok(0);
        }
        let place = $base as *const u8;
        unsafe { bpf_probe_read_kernel(place.add(btf::field_byte_offset!($carrier, $field)).cast()) }?
    }};
}

fn guard(opened: *const file) -> Result<i32, i64> {
    let guarded = GUARDED.get(0).copied().unwrap_or(0);
    let found: *const inode = field!(opened, file, f_inode);
    let block: *const super_block = field!(found, inode, i_sb);
    let device: u32 = field!(block, super_block, s_dev);
    if guarded == 0 || device != guarded {
        return Ok(0);
    }
    let refusal = Refusal {
        inode: field!(found, inode, i_ino),
        device,
        flags: field!(opened, file, f_flags),
    };
    if let Some(mut entry) = REFUSED.reserve::<Refusal>(0) {
        entry.write(refusal);
        entry.submit(0);
    }
    Ok(-1)
}

#[lsm(hook = "file_open")]
pub fn file_guard(ctx: LsmContext) -> i32 {
    let opened: *const file = unsafe { ctx.arg(0) };
    guard(opened).unwrap_or(0)
}

#[cfg(not(test))]
#[panic_handler]
fn panic(_info: &core::panic::PanicInfo) -> ! {
    loop {}
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "license")]
static LICENSE: [u8; 4] = *b"GPL\0";
