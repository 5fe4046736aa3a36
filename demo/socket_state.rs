//! TCP connections as they open and close: the life of a `struct sock`.
//!
//! The tracepoint `inet_sock_set_state` gives the socket and its two states. Addresses and ports are in
//! `__sk_common`, a struct that all sockets begin with; in the kernel they lie in unnamed unions of
//! unnamed structs, of which a declaration need not know. `skc_reuseport` is one bit there: where it
//! begins and ends is asked with `field_lshift!` and `field_rshift!`, as C's
//! `BPF_CORE_READ_BITFIELD_PROBED` does.

#![feature(btf_relocations, btf_relocations_extra)]
#![no_std]
#![no_main]
#![allow(non_camel_case_types)]

use core::btf;
use core::ffi::c_void;

#[btf_relocatable]
#[repr(C)]
pub struct sock_common {
    skc_daddr: u32,
    skc_rcv_saddr: u32,
    /// In network byte order; the local port is not.
    skc_dport: u16,
    skc_num: u16,
    skc_family: u16,
    /// A bitfield of one bit in the kernel. Here an integer: only its name counts.
    skc_reuseport: u8,
}

#[btf_relocatable]
#[repr(C)]
pub struct sock {
    __sk_common: sock_common,
}

/// `TCP_ESTABLISHED` and `TCP_CLOSE` (`net/tcp_states.h`), which are part of the user space ABI.
const ESTABLISHED: u64 = 1;
const CLOSE: u64 = 7;
const AF_INET: u16 = 2;

#[repr(C)]
pub struct connection {
    local_address: u32,
    remote_address: u32,
    local_port: u16,
    remote_port: u16,
    family: u16,
    is_reuseport: u16,
}

unsafe extern "C" {
    fn bpf_probe_read_kernel(to: *mut c_void, size: u32, from: *const c_void) -> i64;
}

#[unsafe(no_mangle)]
#[unsafe(link_section = "license")]
pub static LICENSE: [u8; 4] = *b"GPL\0";

pub static mut OPENED: u64 = 0;
pub static mut CLOSED: u64 = 0;
pub static mut LAST: connection = connection {
    local_address: 0, remote_address: 0, local_port: 0, remote_port: 0, family: 0, is_reuseport: 0,
};

fn read_u16(from: *const u16) -> u16 {
    let mut value: u16 = 0;
    unsafe { bpf_probe_read_kernel(&raw mut value as *mut c_void, 2, from as *const c_void) };
    value
}

fn read_u32(from: *const u32) -> u32 {
    let mut value: u32 = 0;
    unsafe { bpf_probe_read_kernel(&raw mut value as *mut c_void, 4, from as *const c_void) };
    value
}

/// A bitfield: load what it lies in, shift off what is above, shift down what is below.
fn is_reuseport(socket: *const sock) -> Option<u16> {
    let place = btf::field_ptr!(socket, __sk_common.skc_reuseport)?;
    let size = btf::field_byte_size!(sock, __sk_common.skc_reuseport)?;
    let mut bits: u64 = 0;
    if size > 8 {
        return None;
    }
    unsafe { bpf_probe_read_kernel(&raw mut bits as *mut c_void, size as u32, place as *const c_void) };
    let up = btf::field_lshift!(sock, __sk_common.skc_reuseport)?;
    let down = btf::field_rshift!(sock, __sk_common.skc_reuseport)?;
    Some(((bits << up) >> down) as u16)
}

fn describe(socket: *const sock) -> Option<u16> {
    let family = read_u16(btf::field_ptr!(socket, __sk_common.skc_family)?);
    unsafe {
        LAST.family = family;
        LAST.local_port = read_u16(btf::field_ptr!(socket, __sk_common.skc_num)?);
        LAST.remote_port = read_u16(btf::field_ptr!(socket, __sk_common.skc_dport)?);
        LAST.remote_port = LAST.remote_port >> 8 | LAST.remote_port << 8;
        LAST.is_reuseport = is_reuseport(socket)?;
        if family == AF_INET {
            LAST.local_address = read_u32(btf::field_ptr!(socket, __sk_common.skc_rcv_saddr)?);
            LAST.remote_address = read_u32(btf::field_ptr!(socket, __sk_common.skc_daddr)?);
        }
    }
    Some(family)
}

/// Arguments of the tracepoint: the socket, its old state, its new state.
#[unsafe(no_mangle)]
#[unsafe(link_section = "raw_tp/inet_sock_set_state")]
pub extern "C" fn set_state(ctx: *const [u64; 3]) -> i32 {
    let arguments = unsafe { &*ctx };
    let new_state = arguments[2] & 0xff;
    if new_state == ESTABLISHED {
        if describe(arguments[0] as *const sock).is_some() {
            unsafe { OPENED += 1 };
        }
    } else if new_state == CLOSE {
        unsafe { CLOSED += 1 };
    }
    0
}
