// Methods of integers, one function a type; those that divide signed numbers are in signed_division.rs.

fn methods_u8(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as u8, b as u8, (b % 70) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.wrapping_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.midpoint(y)) as u64;
    r = r.rotate_left(5) ^ (x.checked_add(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_sub(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_mul(y).unwrap_or(77)) as u64;
    let (v, o) = x.overflowing_add(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_sub(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_mul(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_neg()) as u64;
    r = r.rotate_left(5) ^ (x.swap_bytes()) as u64;
    r = r.rotate_left(5) ^ (x.reverse_bits()) as u64;
    r = r.rotate_left(5) ^ (x.checked_neg().unwrap_or(99)) as u64;
    r = r.rotate_left(5) ^ (x.checked_next_power_of_two().unwrap_or(99)) as u64;
    let (v, o) = x.overflowing_neg();
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.next_power_of_two()) as u64;
    r = r.rotate_left(5) ^ (x.cast_signed()) as u64;
    r = r.rotate_left(5) ^ (x.is_power_of_two()) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shl(n).unwrap_or(55)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shr(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_shl(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_shr(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_ilog2().unwrap_or(33)) as u64;
    r = r.rotate_left(5) ^ (x.abs_diff(y)) as u64;
    r = r.rotate_left(5) ^ (u64::from(x.to_ne_bytes()[0]) + u64::from(x.to_be_bytes()[0]) * 3 + u64::from(x.to_le_bytes()[0])) as u64;
    r = r.rotate_left(5) ^ (u8::from_be_bytes(x.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (u8::from_le_bytes(y.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (u8::from_ne_bytes(y.to_be_bytes())) as u64;
    r = r.rotate_left(5) ^ (x.to_be() ^ y.to_le() ^ u8::from_be(y)) as u64;
    r
}

fn powers_u8(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as u8, b as u8, (b % 67) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_pow(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(3).unwrap_or(56)) as u64;
    r = r.rotate_left(5) ^ (y.saturating_pow(5)) as u64;
    r = r.rotate_left(5) ^ (y.checked_pow(0).unwrap_or(2)) as u64;
    r = r.rotate_left(5) ^ (y.pow(7)) as u64;
    r
}

fn divisions_u8(a: u64, b: u64) -> u64 {
    let (x, y) = (a as u8, b as u8);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.checked_div(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_div(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_div(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_rem(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_rem(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_rem(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_div_euclid(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_div_euclid(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_div_euclid(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_rem_euclid(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_rem_euclid(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_rem_euclid(y) as u64;
    }
    if y != 0 {
        r ^= x.saturating_div(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.is_multiple_of(y)) as u64;
    if y != 0 {
        r ^= x.next_multiple_of(y) as u64 ^ x.div_ceil(y) as u64;
    }
    if y != 0 && !(x == u8::MIN && y == 0u8.wrapping_sub(1)) {
        r ^= x.rem_euclid(y) as u64 ^ x.div_euclid(y).rotate_left(1) as u64;
    }
    r
}

fn methods_i8(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as i8, b as i8, (b % 70) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.wrapping_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.midpoint(y)) as u64;
    r = r.rotate_left(5) ^ (x.checked_add(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_sub(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_mul(y).unwrap_or(77)) as u64;
    let (v, o) = x.overflowing_add(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_sub(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_mul(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_neg()) as u64;
    r = r.rotate_left(5) ^ (x.swap_bytes()) as u64;
    r = r.rotate_left(5) ^ (x.reverse_bits()) as u64;
    r = r.rotate_left(5) ^ (x.checked_neg().unwrap_or(99)) as u64;
    r = r.rotate_left(5) ^ (x.checked_abs().unwrap_or(99)) as u64;
    let (v, o) = x.overflowing_neg();
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_abs();
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.saturating_neg()) as u64;
    r = r.rotate_left(5) ^ (x.saturating_abs()) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_abs()) as u64;
    r = r.rotate_left(5) ^ (x.abs()) as u64;
    r = r.rotate_left(5) ^ (x.unsigned_abs()) as u64;
    r = r.rotate_left(5) ^ (x.cast_unsigned()) as u64;
    r = r.rotate_left(5) ^ (x.signum()) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shl(n).unwrap_or(55)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shr(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_shl(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_shr(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_ilog2().unwrap_or(33)) as u64;
    r = r.rotate_left(5) ^ (x.abs_diff(y)) as u64;
    r = r.rotate_left(5) ^ (u64::from(x.to_ne_bytes()[0]) + u64::from(x.to_be_bytes()[0]) * 3 + u64::from(x.to_le_bytes()[0])) as u64;
    r = r.rotate_left(5) ^ (i8::from_be_bytes(x.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (i8::from_le_bytes(y.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (i8::from_ne_bytes(y.to_be_bytes())) as u64;
    r = r.rotate_left(5) ^ (x.to_be() ^ y.to_le() ^ i8::from_be(y)) as u64;
    r
}

fn powers_i8(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as i8, b as i8, (b % 67) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_pow(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(3).unwrap_or(56)) as u64;
    r = r.rotate_left(5) ^ (y.saturating_pow(5)) as u64;
    r = r.rotate_left(5) ^ (y.checked_pow(0).unwrap_or(2)) as u64;
    r = r.rotate_left(5) ^ (y.pow(7)) as u64;
    r
}

fn methods_u16(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as u16, b as u16, (b % 70) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.wrapping_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.midpoint(y)) as u64;
    r = r.rotate_left(5) ^ (x.checked_add(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_sub(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_mul(y).unwrap_or(77)) as u64;
    let (v, o) = x.overflowing_add(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_sub(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_mul(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_neg()) as u64;
    r = r.rotate_left(5) ^ (x.swap_bytes()) as u64;
    r = r.rotate_left(5) ^ (x.reverse_bits()) as u64;
    r = r.rotate_left(5) ^ (x.checked_neg().unwrap_or(99)) as u64;
    r = r.rotate_left(5) ^ (x.checked_next_power_of_two().unwrap_or(99)) as u64;
    let (v, o) = x.overflowing_neg();
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.next_power_of_two()) as u64;
    r = r.rotate_left(5) ^ (x.cast_signed()) as u64;
    r = r.rotate_left(5) ^ (x.is_power_of_two()) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shl(n).unwrap_or(55)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shr(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_shl(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_shr(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_ilog2().unwrap_or(33)) as u64;
    r = r.rotate_left(5) ^ (x.abs_diff(y)) as u64;
    r = r.rotate_left(5) ^ (u64::from(x.to_ne_bytes()[0]) + u64::from(x.to_be_bytes()[0]) * 3 + u64::from(x.to_le_bytes()[0])) as u64;
    r = r.rotate_left(5) ^ (u16::from_be_bytes(x.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (u16::from_le_bytes(y.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (u16::from_ne_bytes(y.to_be_bytes())) as u64;
    r = r.rotate_left(5) ^ (x.to_be() ^ y.to_le() ^ u16::from_be(y)) as u64;
    r
}

fn powers_u16(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as u16, b as u16, (b % 67) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_pow(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(3).unwrap_or(56)) as u64;
    r = r.rotate_left(5) ^ (y.saturating_pow(5)) as u64;
    r = r.rotate_left(5) ^ (y.checked_pow(0).unwrap_or(2)) as u64;
    r = r.rotate_left(5) ^ (y.pow(7)) as u64;
    r
}

fn divisions_u16(a: u64, b: u64) -> u64 {
    let (x, y) = (a as u16, b as u16);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.checked_div(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_div(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_div(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_rem(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_rem(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_rem(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_div_euclid(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_div_euclid(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_div_euclid(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_rem_euclid(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_rem_euclid(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_rem_euclid(y) as u64;
    }
    if y != 0 {
        r ^= x.saturating_div(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.is_multiple_of(y)) as u64;
    if y != 0 {
        r ^= x.next_multiple_of(y) as u64 ^ x.div_ceil(y) as u64;
    }
    if y != 0 && !(x == u16::MIN && y == 0u16.wrapping_sub(1)) {
        r ^= x.rem_euclid(y) as u64 ^ x.div_euclid(y).rotate_left(1) as u64;
    }
    r
}

fn methods_i16(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as i16, b as i16, (b % 70) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.wrapping_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.midpoint(y)) as u64;
    r = r.rotate_left(5) ^ (x.checked_add(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_sub(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_mul(y).unwrap_or(77)) as u64;
    let (v, o) = x.overflowing_add(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_sub(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_mul(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_neg()) as u64;
    r = r.rotate_left(5) ^ (x.swap_bytes()) as u64;
    r = r.rotate_left(5) ^ (x.reverse_bits()) as u64;
    r = r.rotate_left(5) ^ (x.checked_neg().unwrap_or(99)) as u64;
    r = r.rotate_left(5) ^ (x.checked_abs().unwrap_or(99)) as u64;
    let (v, o) = x.overflowing_neg();
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_abs();
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.saturating_neg()) as u64;
    r = r.rotate_left(5) ^ (x.saturating_abs()) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_abs()) as u64;
    r = r.rotate_left(5) ^ (x.abs()) as u64;
    r = r.rotate_left(5) ^ (x.unsigned_abs()) as u64;
    r = r.rotate_left(5) ^ (x.cast_unsigned()) as u64;
    r = r.rotate_left(5) ^ (x.signum()) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shl(n).unwrap_or(55)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shr(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_shl(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_shr(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_ilog2().unwrap_or(33)) as u64;
    r = r.rotate_left(5) ^ (x.abs_diff(y)) as u64;
    r = r.rotate_left(5) ^ (u64::from(x.to_ne_bytes()[0]) + u64::from(x.to_be_bytes()[0]) * 3 + u64::from(x.to_le_bytes()[0])) as u64;
    r = r.rotate_left(5) ^ (i16::from_be_bytes(x.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (i16::from_le_bytes(y.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (i16::from_ne_bytes(y.to_be_bytes())) as u64;
    r = r.rotate_left(5) ^ (x.to_be() ^ y.to_le() ^ i16::from_be(y)) as u64;
    r
}

fn powers_i16(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as i16, b as i16, (b % 67) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_pow(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(3).unwrap_or(56)) as u64;
    r = r.rotate_left(5) ^ (y.saturating_pow(5)) as u64;
    r = r.rotate_left(5) ^ (y.checked_pow(0).unwrap_or(2)) as u64;
    r = r.rotate_left(5) ^ (y.pow(7)) as u64;
    r
}

fn methods_u32(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as u32, b as u32, (b % 70) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.wrapping_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.midpoint(y)) as u64;
    r = r.rotate_left(5) ^ (x.checked_add(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_sub(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_mul(y).unwrap_or(77)) as u64;
    let (v, o) = x.overflowing_add(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_sub(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_mul(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_neg()) as u64;
    r = r.rotate_left(5) ^ (x.swap_bytes()) as u64;
    r = r.rotate_left(5) ^ (x.reverse_bits()) as u64;
    r = r.rotate_left(5) ^ (x.checked_neg().unwrap_or(99)) as u64;
    r = r.rotate_left(5) ^ (x.checked_next_power_of_two().unwrap_or(99)) as u64;
    let (v, o) = x.overflowing_neg();
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.next_power_of_two()) as u64;
    r = r.rotate_left(5) ^ (x.cast_signed()) as u64;
    r = r.rotate_left(5) ^ (x.is_power_of_two()) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shl(n).unwrap_or(55)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shr(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_shl(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_shr(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_ilog2().unwrap_or(33)) as u64;
    r = r.rotate_left(5) ^ (x.abs_diff(y)) as u64;
    r = r.rotate_left(5) ^ (u64::from(x.to_ne_bytes()[0]) + u64::from(x.to_be_bytes()[0]) * 3 + u64::from(x.to_le_bytes()[0])) as u64;
    r = r.rotate_left(5) ^ (u32::from_be_bytes(x.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (u32::from_le_bytes(y.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (u32::from_ne_bytes(y.to_be_bytes())) as u64;
    r = r.rotate_left(5) ^ (x.to_be() ^ y.to_le() ^ u32::from_be(y)) as u64;
    r
}

fn powers_u32(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as u32, b as u32, (b % 67) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_pow(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(3).unwrap_or(56)) as u64;
    r = r.rotate_left(5) ^ (y.saturating_pow(5)) as u64;
    r = r.rotate_left(5) ^ (y.checked_pow(0).unwrap_or(2)) as u64;
    r = r.rotate_left(5) ^ (y.pow(7)) as u64;
    r
}

fn divisions_u32(a: u64, b: u64) -> u64 {
    let (x, y) = (a as u32, b as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.checked_div(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_div(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_div(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_rem(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_rem(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_rem(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_div_euclid(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_div_euclid(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_div_euclid(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_rem_euclid(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_rem_euclid(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_rem_euclid(y) as u64;
    }
    if y != 0 {
        r ^= x.saturating_div(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.is_multiple_of(y)) as u64;
    if y != 0 {
        r ^= x.next_multiple_of(y) as u64 ^ x.div_ceil(y) as u64;
    }
    if y != 0 && !(x == u32::MIN && y == 0u32.wrapping_sub(1)) {
        r ^= x.rem_euclid(y) as u64 ^ x.div_euclid(y).rotate_left(1) as u64;
    }
    r
}

fn methods_i32(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as i32, b as i32, (b % 70) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.wrapping_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.midpoint(y)) as u64;
    r = r.rotate_left(5) ^ (x.checked_add(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_sub(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_mul(y).unwrap_or(77)) as u64;
    let (v, o) = x.overflowing_add(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_sub(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_mul(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_neg()) as u64;
    r = r.rotate_left(5) ^ (x.swap_bytes()) as u64;
    r = r.rotate_left(5) ^ (x.reverse_bits()) as u64;
    r = r.rotate_left(5) ^ (x.checked_neg().unwrap_or(99)) as u64;
    r = r.rotate_left(5) ^ (x.checked_abs().unwrap_or(99)) as u64;
    let (v, o) = x.overflowing_neg();
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_abs();
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.saturating_neg()) as u64;
    r = r.rotate_left(5) ^ (x.saturating_abs()) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_abs()) as u64;
    r = r.rotate_left(5) ^ (x.abs()) as u64;
    r = r.rotate_left(5) ^ (x.unsigned_abs()) as u64;
    r = r.rotate_left(5) ^ (x.cast_unsigned()) as u64;
    r = r.rotate_left(5) ^ (x.signum()) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shl(n).unwrap_or(55)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shr(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_shl(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_shr(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_ilog2().unwrap_or(33)) as u64;
    r = r.rotate_left(5) ^ (x.abs_diff(y)) as u64;
    r = r.rotate_left(5) ^ (u64::from(x.to_ne_bytes()[0]) + u64::from(x.to_be_bytes()[0]) * 3 + u64::from(x.to_le_bytes()[0])) as u64;
    r = r.rotate_left(5) ^ (i32::from_be_bytes(x.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (i32::from_le_bytes(y.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (i32::from_ne_bytes(y.to_be_bytes())) as u64;
    r = r.rotate_left(5) ^ (x.to_be() ^ y.to_le() ^ i32::from_be(y)) as u64;
    r
}

fn powers_i32(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as i32, b as i32, (b % 67) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_pow(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(3).unwrap_or(56)) as u64;
    r = r.rotate_left(5) ^ (y.saturating_pow(5)) as u64;
    r = r.rotate_left(5) ^ (y.checked_pow(0).unwrap_or(2)) as u64;
    r = r.rotate_left(5) ^ (y.pow(7)) as u64;
    r
}

fn methods_u64(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as u64, b as u64, (b % 70) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.wrapping_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.midpoint(y)) as u64;
    r = r.rotate_left(5) ^ (x.checked_add(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_sub(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_mul(y).unwrap_or(77)) as u64;
    let (v, o) = x.overflowing_add(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_sub(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_mul(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_neg()) as u64;
    r = r.rotate_left(5) ^ (x.swap_bytes()) as u64;
    r = r.rotate_left(5) ^ (x.reverse_bits()) as u64;
    r = r.rotate_left(5) ^ (x.checked_neg().unwrap_or(99)) as u64;
    r = r.rotate_left(5) ^ (x.checked_next_power_of_two().unwrap_or(99)) as u64;
    let (v, o) = x.overflowing_neg();
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.next_power_of_two()) as u64;
    r = r.rotate_left(5) ^ (x.cast_signed()) as u64;
    r = r.rotate_left(5) ^ (x.is_power_of_two()) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shl(n).unwrap_or(55)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shr(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_shl(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_shr(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_ilog2().unwrap_or(33)) as u64;
    r = r.rotate_left(5) ^ (x.abs_diff(y)) as u64;
    r = r.rotate_left(5) ^ (u64::from(x.to_ne_bytes()[0]) + u64::from(x.to_be_bytes()[0]) * 3 + u64::from(x.to_le_bytes()[0])) as u64;
    r = r.rotate_left(5) ^ (u64::from_be_bytes(x.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (u64::from_le_bytes(y.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (u64::from_ne_bytes(y.to_be_bytes())) as u64;
    r = r.rotate_left(5) ^ (x.to_be() ^ y.to_le() ^ u64::from_be(y)) as u64;
    r
}

fn powers_u64(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as u64, b as u64, (b % 67) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_pow(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(3).unwrap_or(56)) as u64;
    r = r.rotate_left(5) ^ (y.saturating_pow(5)) as u64;
    r = r.rotate_left(5) ^ (y.checked_pow(0).unwrap_or(2)) as u64;
    r = r.rotate_left(5) ^ (y.pow(7)) as u64;
    r
}

fn divisions_u64(a: u64, b: u64) -> u64 {
    let (x, y) = (a as u64, b as u64);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.checked_div(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_div(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_div(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_rem(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_rem(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_rem(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_div_euclid(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_div_euclid(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_div_euclid(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_rem_euclid(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_rem_euclid(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_rem_euclid(y) as u64;
    }
    if y != 0 {
        r ^= x.saturating_div(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.is_multiple_of(y)) as u64;
    if y != 0 {
        r ^= x.next_multiple_of(y) as u64 ^ x.div_ceil(y) as u64;
    }
    if y != 0 && !(x == u64::MIN && y == 0u64.wrapping_sub(1)) {
        r ^= x.rem_euclid(y) as u64 ^ x.div_euclid(y).rotate_left(1) as u64;
    }
    r
}

fn methods_i64(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as i64, b as i64, (b % 70) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.wrapping_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.midpoint(y)) as u64;
    r = r.rotate_left(5) ^ (x.checked_add(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_sub(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_mul(y).unwrap_or(77)) as u64;
    let (v, o) = x.overflowing_add(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_sub(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_mul(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_neg()) as u64;
    r = r.rotate_left(5) ^ (x.swap_bytes()) as u64;
    r = r.rotate_left(5) ^ (x.reverse_bits()) as u64;
    r = r.rotate_left(5) ^ (x.checked_neg().unwrap_or(99)) as u64;
    r = r.rotate_left(5) ^ (x.checked_abs().unwrap_or(99)) as u64;
    let (v, o) = x.overflowing_neg();
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_abs();
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.saturating_neg()) as u64;
    r = r.rotate_left(5) ^ (x.saturating_abs()) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_abs()) as u64;
    r = r.rotate_left(5) ^ (x.abs()) as u64;
    r = r.rotate_left(5) ^ (x.unsigned_abs()) as u64;
    r = r.rotate_left(5) ^ (x.cast_unsigned()) as u64;
    r = r.rotate_left(5) ^ (x.signum()) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shl(n).unwrap_or(55)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shr(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_shl(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_shr(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_ilog2().unwrap_or(33)) as u64;
    r = r.rotate_left(5) ^ (x.abs_diff(y)) as u64;
    r = r.rotate_left(5) ^ (u64::from(x.to_ne_bytes()[0]) + u64::from(x.to_be_bytes()[0]) * 3 + u64::from(x.to_le_bytes()[0])) as u64;
    r = r.rotate_left(5) ^ (i64::from_be_bytes(x.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (i64::from_le_bytes(y.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (i64::from_ne_bytes(y.to_be_bytes())) as u64;
    r = r.rotate_left(5) ^ (x.to_be() ^ y.to_le() ^ i64::from_be(y)) as u64;
    r
}

fn powers_i64(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as i64, b as i64, (b % 67) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_pow(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(3).unwrap_or(56)) as u64;
    r = r.rotate_left(5) ^ (y.saturating_pow(5)) as u64;
    r = r.rotate_left(5) ^ (y.checked_pow(0).unwrap_or(2)) as u64;
    r = r.rotate_left(5) ^ (y.pow(7)) as u64;
    r
}

fn methods_usize(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as usize, b as usize, (b % 70) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.wrapping_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_add(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_sub(y)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_mul(y)) as u64;
    r = r.rotate_left(5) ^ (x.midpoint(y)) as u64;
    r = r.rotate_left(5) ^ (x.checked_add(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_sub(y).unwrap_or(77)) as u64;
    r = r.rotate_left(5) ^ (x.checked_mul(y).unwrap_or(77)) as u64;
    let (v, o) = x.overflowing_add(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_sub(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_mul(y);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_neg()) as u64;
    r = r.rotate_left(5) ^ (x.swap_bytes()) as u64;
    r = r.rotate_left(5) ^ (x.reverse_bits()) as u64;
    r = r.rotate_left(5) ^ (x.checked_neg().unwrap_or(99)) as u64;
    r = r.rotate_left(5) ^ (x.checked_next_power_of_two().unwrap_or(99)) as u64;
    let (v, o) = x.overflowing_neg();
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.next_power_of_two()) as u64;
    r = r.rotate_left(5) ^ (x.cast_signed()) as u64;
    r = r.rotate_left(5) ^ (x.is_power_of_two()) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shl(n)) as u64;
    r = r.rotate_left(5) ^ (x.unbounded_shr(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shl(n).unwrap_or(55)) as u64;
    r = r.rotate_left(5) ^ (x.checked_shr(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_shl(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    let (v, o) = x.overflowing_shr(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_ilog2().unwrap_or(33)) as u64;
    r = r.rotate_left(5) ^ (x.abs_diff(y)) as u64;
    r = r.rotate_left(5) ^ (u64::from(x.to_ne_bytes()[0]) + u64::from(x.to_be_bytes()[0]) * 3 + u64::from(x.to_le_bytes()[0])) as u64;
    r = r.rotate_left(5) ^ (usize::from_be_bytes(x.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (usize::from_le_bytes(y.to_le_bytes())) as u64;
    r = r.rotate_left(5) ^ (usize::from_ne_bytes(y.to_be_bytes())) as u64;
    r = r.rotate_left(5) ^ (x.to_be() ^ y.to_le() ^ usize::from_be(y)) as u64;
    r
}

fn powers_usize(a: u64, b: u64) -> u64 {
    let (x, y, n) = (a as usize, b as usize, (b % 67) as u32);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.wrapping_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.saturating_pow(n)) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(n).unwrap_or(55)) as u64;
    let (v, o) = x.overflowing_pow(n);
    r = r.rotate_left(5) ^ (v) as u64;
    r = r.rotate_left(5) ^ (o) as u64;
    r = r.rotate_left(5) ^ (x.checked_pow(3).unwrap_or(56)) as u64;
    r = r.rotate_left(5) ^ (y.saturating_pow(5)) as u64;
    r = r.rotate_left(5) ^ (y.checked_pow(0).unwrap_or(2)) as u64;
    r = r.rotate_left(5) ^ (y.pow(7)) as u64;
    r
}

fn divisions_usize(a: u64, b: u64) -> u64 {
    let (x, y) = (a as usize, b as usize);
    let mut r = 1u64;
    r = r.rotate_left(5) ^ (x.checked_div(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_div(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_div(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_rem(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_rem(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_rem(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_div_euclid(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_div_euclid(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_div_euclid(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.checked_rem_euclid(y).unwrap_or(55)) as u64;
    if y != 0 {
        let (v, o) = x.overflowing_rem_euclid(y);
        r = r.rotate_left(3) ^ v as u64 ^ o as u64 ^ x.wrapping_rem_euclid(y) as u64;
    }
    if y != 0 {
        r ^= x.saturating_div(y) as u64;
    }
    r = r.rotate_left(5) ^ (x.is_multiple_of(y)) as u64;
    if y != 0 {
        r ^= x.next_multiple_of(y) as u64 ^ x.div_ceil(y) as u64;
    }
    if y != 0 && !(x == usize::MIN && y == 0usize.wrapping_sub(1)) {
        r ^= x.rem_euclid(y) as u64 ^ x.div_euclid(y).rotate_left(1) as u64;
    }
    r
}
