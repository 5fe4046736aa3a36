// Methods that divide.

fn divisions_i8(a: u64, b: u64) -> u64 {
    let (x, y) = (a as i8, b as i8);
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
    if y != 0 && !(x == i8::MIN && y == 0i8.wrapping_sub(1)) {
        r ^= x.rem_euclid(y) as u64 ^ x.div_euclid(y).rotate_left(1) as u64;
    }
    r
}

fn divisions_i16(a: u64, b: u64) -> u64 {
    let (x, y) = (a as i16, b as i16);
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
    if y != 0 && !(x == i16::MIN && y == 0i16.wrapping_sub(1)) {
        r ^= x.rem_euclid(y) as u64 ^ x.div_euclid(y).rotate_left(1) as u64;
    }
    r
}

fn divisions_i32(a: u64, b: u64) -> u64 {
    let (x, y) = (a as i32, b as i32);
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
    if y != 0 && !(x == i32::MIN && y == 0i32.wrapping_sub(1)) {
        r ^= x.rem_euclid(y) as u64 ^ x.div_euclid(y).rotate_left(1) as u64;
    }
    r
}

fn divisions_i64(a: u64, b: u64) -> u64 {
    let (x, y) = (a as i64, b as i64);
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
    if y != 0 && !(x == i64::MIN && y == 0i64.wrapping_sub(1)) {
        r ^= x.rem_euclid(y) as u64 ^ x.div_euclid(y).rotate_left(1) as u64;
    }
    r
}
