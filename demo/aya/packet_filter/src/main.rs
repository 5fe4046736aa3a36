//! An XDP filter with aya-ebpf: packets of addresses in a map are dropped, all are counted.
//!
//! Beside each dropped packet stands on which device it came: `xdp_buff` is the kernel's own struct behind the
//! context, which changes from release to release, so its fields are asked for.

#![no_std]
#![no_main]
#![feature(btf_relocations)]
#![allow(non_camel_case_types)]

use aya_ebpf::bindings::xdp_action;
use aya_ebpf::macros::{map, xdp};
use aya_ebpf::maps::{Array, HashMap, PerCpuArray};
use aya_ebpf::programs::XdpContext;
use core::btf;

#[repr(Btf)]
pub struct xdp_buff {
    rxq: *const xdp_rxq_info,
    frame_sz: u32,
}

#[repr(Btf)]
pub struct xdp_rxq_info {
    dev: *const u8,
    queue_index: u32,
}

const IPV4: u16 = 0x0800;
const ETHERNET: usize = 14;

#[map]
static BLOCKED: HashMap<u32, u64> = HashMap::with_max_entries(4096, 0);
#[map]
static COUNTS: PerCpuArray<u64> = PerCpuArray::with_max_entries(4, 0);
/// What the running kernel's `xdp_buff` looks like, for user space.
#[map]
static PLACES: Array<u64> = Array::with_max_entries(4, 0);

/// A value of the packet in network order, if the packet is long enough.
fn at<T: Copy>(ctx: &XdpContext, offset: usize) -> Option<T> {
    let start = ctx.data() + offset;
    if start + size_of::<T>() > ctx.data_end() {
        return None;
    }
    Some(unsafe { (start as *const T).read_unaligned() })
}

fn count(index: u32) {
    if let Some(count) = COUNTS.get_ptr_mut(index) {
        unsafe { *count += 1 };
    }
}

fn note(index: u32, value: usize) {
    if let Some(place) = PLACES.get_ptr_mut(index) {
        unsafe { *place = value as u64 };
    }
}

fn note_places() {
    if btf::field_exists!(xdp_buff, rxq) {
        note(0, btf::field_byte_offset!(xdp_buff, rxq));
    }
    if btf::field_exists!(xdp_buff, frame_sz) {
        note(1, btf::field_byte_offset!(xdp_buff, frame_sz));
        note(2, btf::field_byte_size!(xdp_buff, frame_sz));
    }
    if btf::field_exists!(xdp_rxq_info, queue_index) {
        note(3, btf::field_byte_offset!(xdp_rxq_info, queue_index));
    }
}

fn filter(ctx: &XdpContext) -> Option<u32> {
    let protocol = u16::from_be(at(ctx, 12)?);
    if protocol != IPV4 {
        count(0);
        return Some(xdp_action::XDP_PASS);
    }
    let from = u32::from_be(at(ctx, ETHERNET + 12)?);
    if let Some(seen) = BLOCKED.get_ptr_mut(&from) {
        unsafe { *seen += 1 };
        note_places();
        count(1);
        return Some(xdp_action::XDP_DROP);
    }
    count(2);
    Some(xdp_action::XDP_PASS)
}

#[xdp]
pub fn packet_filter(ctx: XdpContext) -> u32 {
    filter(&ctx).unwrap_or(xdp_action::XDP_ABORTED)
}

#[cfg(not(test))]
#[panic_handler]
fn panic(_info: &core::panic::PanicInfo) -> ! {
    loop {}
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "license")]
static LICENSE: [u8; 4] = *b"GPL\0";
