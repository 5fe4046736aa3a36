// Functions of the shape `fn(u64, u64) -> u64`, run by the kernel as we compile them and on the host as
// rustc does (see test_runs_like_rustc.py). Each must give the same number for the same arguments.
// None of them panics: what rustc does there has no counterpart in BPF.

#[repr(C)]
pub struct pair {
    a: u32,
    b: u64,
}

#[repr(C)]
pub union word {
    whole: u64,
    halves: [u32; 2],
    bytes: [u8; 8],
}

#[repr(C, packed)]
pub struct packed {
    tag: u8,
    value: u64,
    tail: u16,
}

#[repr(C, align(16))]
pub struct aligned {
    byte: u8,
}

const LIMIT: u64 = 1 << 10;
const TABLE: [u32; 4] = [3, 1, 4, 1 + 4];
const ORIGIN: pair = pair { a: 7, b: LIMIT };

impl pair {
    fn sum(&self) -> u64 {
        self.a as u64 + self.b
    }

    fn grow(&mut self, by: u32) -> &mut u32 {
        self.a = self.a.wrapping_add(by);
        &mut self.a
    }

    fn half(x: u64) -> Option<u64> {
        if x % 2 == 0 { Some(x / 2) } else { None }
    }
}

fn wrap_add(a: u64, b: u64) -> u64 { a.wrapping_add(b) }
fn wrap_small(a: u64, b: u64) -> u64 { (a as u8).wrapping_mul(b as u8) as u64 }
fn wrap_signed(a: u64, b: u64) -> u64 { (a as i16).wrapping_sub(b as i16) as i64 as u64 }
fn narrow_signed(a: u64, _b: u64) -> u64 { a as i8 as i32 as u32 as u64 }
fn widen_bool(a: u64, b: u64) -> u64 { (a < b) as u64 + 2 * ((a as i64) < b as i64) as u64 }
fn bits(a: u64, b: u64) -> u64 { (a & b) ^ (a | !b) }
fn precedence(a: u64, b: u64) -> u64 { (a & 0xff) + (b & 0xff) * 3 - 2 >> 1 & 63 | 1 << 3 }
fn shift(a: u64, b: u64) -> u64 { (a << (b & 63)) ^ (a >> (b & 31)) }
fn shift_signed(a: u64, b: u64) -> u64 { ((a as i32) >> (b & 31) as u8) as u32 as u64 }
fn shift_byte(a: u64, b: u64) -> u64 { ((a as u8) << (b as u32 & 7)) as u64 }
fn divide(a: u64, b: u64) -> u64 { a / (b | 1) + a % (b | 1) + a / 7 }
fn divide_small(a: u64, b: u64) -> u64 { ((a as u8) / (b as u8 | 1)) as u64 + (a as u16 % 10) as u64 }
fn negate(a: u64, _b: u64) -> u64 { (a as u32).wrapping_neg() as u64 + !(a as u8) as u64 }
fn min_max(a: u64, b: u64) -> u64 { a.min(b).wrapping_mul(3) ^ (a as i64).max(b as i64) as u64 }
fn literals(a: u64, _b: u64) -> u64 { a.wrapping_add(0xff_u64 + 0b101 + 0o17 + 1_000 + b'a' as u64 + 'z' as u64) }
fn limits(a: u64, _b: u64) -> u64 { a ^ u32::MAX as u64 ^ i16::MIN as u64 ^ u8::BITS as u64 }

fn branches(a: u64, b: u64) -> u64 {
    let mut x = a;
    if a > b {
        x -= b;
    } else if a == b {
        return 42;
    } else {
        x = b - a;
    }
    let y = if x % 3 == 0 { x / 3 } else { x };
    y ^ x
}

fn short_circuit(a: u64, b: u64) -> u64 {
    let mut calls = 0u64;
    let first = a % 2 == 0 && { calls += 1; b % 2 == 0 } || { calls += 10; b % 3 == 0 };
    if first && !(a > b) || calls == 1 { calls + 100 } else { calls }
}

fn shadowing(a: u64, b: u64) -> u64 {
    let x = a;
    let x = { let x = x ^ b; x.wrapping_add(1) };
    let x = x as u32;
    x as u64
}

fn loops(a: u64, b: u64) -> u64 {
    let mut sum = 0u64;
    let mut i = 0;
    while i < 10 {
        i += 1;
        if b >> i & 1 == 1 {
            continue;
        }
        sum = sum.wrapping_add(a >> i);
    }
    sum
}

fn loop_value(a: u64, b: u64) -> u64 {
    let mut n = 0u64;
    let found = 'outer: loop {
        let mut k = 0;
        loop {
            if k == 4 {
                break;
            }
            if n * 4 + k >= (a & 15) {
                break 'outer n * 100 + k;
            }
            k += 1;
        }
        n += 1;
        if n > 8 {
            break 999;
        }
    };
    found + (b & 1)
}

fn match_integers(a: u64, b: u64) -> u64 {
    let small = match a as u8 {
        0 => 1,
        1 | 3 | 5 => 2,
        6..=9 => 3,
        10..20 => 4,
        x @ 20..=29 => x as u64,
        x if x == b as u8 => 6,
        200.. => 7,
        _ => 8,
    };
    let signed = match a as i8 {
        i8::MIN..=-1 => 10,
        0 => 20,
        1..=i8::MAX => 30,
    };
    small * 100 + signed
}

fn match_bool(a: u64, b: u64) -> u64 {
    match a > b {
        true => match a & 1 == 1 { false => 1, true => 2 },
        false => 3,
    }
}

fn match_const(a: u64, _b: u64) -> u64 {
    const_of(a & 2047)
}

fn const_of(a: u64) -> u64 {
    match a {
        LIMIT => 1,
        0..LIMIT => 2,
        _ => 3,
    }
}

fn parse(a: u64) -> Option<u32> {
    let half = pair::half(a)?;
    let quarter = pair::half(half)?;
    if quarter > LIMIT { None } else { Some(quarter as u32) }
}

fn options(a: u64, b: u64) -> u64 {
    let from_match = match parse(a & 8191) {
        Some(0) => 1,
        Some(n @ 1..=9) => n as u64 * 10,
        Some(n) if n as u64 == b => 2,
        Some(n) => n as u64,
        None => 77,
    };
    let from_let = if let Some(n) = parse(b & 4095) { n as u64 } else { 5 };
    from_match ^ (from_let << 20)
}

fn option_methods(a: u64, b: u64) -> u64 {
    let x = pair::half(a);
    let y = pair::half(b);
    let z = if x.is_some() && y.is_none() { x } else { y };
    z.unwrap_or(9).wrapping_add(x.is_none() as u64)
}

fn take_option(x: Option<u64>, y: Option<bool>) -> u64 {
    let Some(value) = x else {
        return 13;
    };
    match y {
        Some(true) => value,
        Some(false) => value / 2,
        None => 0,
    }
}

fn option_arguments(a: u64, b: u64) -> u64 {
    let flag = if b & 1 == 0 { None } else { Some(b & 2 == 0) };
    take_option(pair::half(a), flag).wrapping_add(take_option(None, flag))
}

fn pick<'a>(first: &'a u64, second: &'a u64, which: bool) -> Option<&'a u64> {
    if which { Some(first) } else if *second != 0 { Some(second) } else { None }
}

fn references(a: u64, b: u64) -> u64 {
    let x = a;
    let y = b & 3;
    let chosen = match pick(&x, &y, a > b) { Some(r) => *r, None => 1000 };
    if let Some(r) = pick(&y, &x, false) && *r > 5 { chosen ^ *r } else { chosen }
}

fn structs(a: u64, b: u64) -> u64 {
    let mut p = pair { b, a: a as u32 };
    let before = p.sum_twice();
    *p.grow(5) += 1;
    let r = &mut p;
    r.b = r.b.wrapping_mul(3);
    before ^ pair::sum_of(&p) ^ ORIGIN.sum()
}

impl pair {
    fn sum_twice(&self) -> u64 { self.sum_of().wrapping_mul(2) }
    fn sum_of(&self) -> u64 { (self.a as u64).wrapping_add(self.b) }
}

fn arrays(a: u64, b: u64) -> u64 {
    let mut bytes = [0u8; 8];
    let mut i = 0usize;
    while i < bytes.len() {
        bytes[i] = (a >> (i * 8)) as u8;
        i += 1;
    }
    bytes[3] ^= b as u8;
    let words = [a as u16, b as u16, 7];
    let filled = [a as u32; 5];
    let grid = [[1u8, 2], [3, b as u8]];
    bytes[(b & 7) as usize] as u64 + words[1] as u64 + filled[4] as u64 + grid[1][1] as u64 + TABLE[(a & 3) as usize] as u64
}

fn pointers(a: u64, b: u64) -> u64 {
    let values = [a, b, a ^ b];
    let p = &values as *const u64;
    let q = &raw const values as *const u8;
    unsafe {
        let third = *p.add(2);
        let second = *(q.add(8) as *const u64);
        let first = p.add(1).sub(1).read();
        let low = q.cast::<u32>().read_unaligned();
        let back = *p.offset(2).offset(-1);
        if p.is_null() { 0 } else { third ^ second.wrapping_add(first) ^ (low as u64) ^ back }
    }
}

fn writes(a: u64, b: u64) -> u64 {
    let mut w = word { whole: 0 };
    unsafe {
        w.whole = a;
        w.halves[1] = b as u32;
        let p = &raw mut w as *mut u8;
        p.add(1).write(9);
        *p.add(2) = 8;
        w.whole ^ w.bytes[7] as u64
    }
}

fn layouts(a: u64, b: u64) -> u64 {
    let p = packed { tag: a as u8, value: b, tail: a as u16 };
    let q = aligned { byte: b as u8 };
    let sizes = core::mem::size_of::<packed>() + core::mem::size_of::<pair>() * 16
        + core::mem::align_of::<aligned>() * 256 + core::mem::size_of::<word>() * 4096
        + core::mem::size_of::<Option<&u8>>() * 65536;
    let copy = p.value;
    copy ^ p.tag as u64 ^ p.tail as u64 ^ q.byte as u64 ^ sizes as u64 ^ core::mem::offset_of!(pair, b) as u64
}

#[inline(never)]
pub fn half_out_of_line(x: u64) -> Option<u64> { pair::half(x) }

#[inline(never)]
pub fn take_out_of_line(x: Option<u64>, y: Option<bool>) -> Option<bool> {
    match y {
        Some(flag) => if x? > 1000 { Some(flag) } else { None },
        None => Some(x.is_some()),
    }
}

#[inline(never)]
pub fn fill(p: &mut pair, a: u32) { *p = pair { a, b: p.b ^ a as u64 }; }

fn calls(a: u64, b: u64) -> u64 {
    let half = half_out_of_line(a);
    let flag = match take_out_of_line(half, if b & 1 == 0 { None } else { Some(b & 2 == 0) }) {
        Some(true) => 1u64,
        Some(false) => 2,
        None => 3,
    };
    let mut p = pair { a: 0, b };
    fill(&mut p, a as u32);
    let picked = match pick(&a, &b, flag == 1) { Some(r) => *r, None => 9 };
    half.unwrap_or(4).wrapping_mul(flag) ^ p.sum() ^ picked
}

// LLVM would make the upper half of a product of each comparison, which BPF has not.
fn overflow_told_by_division(a: u64, b: u64) -> u64 {
    if a > u64::MAX / (b | 1) {
        return 1;
    }
    let product = a.wrapping_mul(b);
    if b != 0 && product / b != a { 2 } else { product ^ (u64::MAX.checked_div(b).unwrap_or(5) < a) as u64 }
}
