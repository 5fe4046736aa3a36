// Signed division needs BPF cpu v4. The same promises as in arithmetic.rs.

fn divide(a: u64, b: u64) -> u64 { ((a as i64) / (b as i64 & 0xff | 1)) as u64 }
fn remainder(a: u64, b: u64) -> u64 { ((a as i32) % ((b as i32 & 0xffff) | 1)).wrapping_add(1) as u32 as u64 }
fn constant(a: u64, _b: u64) -> u64 { (a as i32 / 7 + a as i32 % -3 + a as i8 as i32 / -100) as u32 as u64 }
fn guarded(a: u64, b: u64) -> u64 {
    let divisor = b as i16;
    if divisor == 0 || (divisor == -1 && a as i16 == i16::MIN) { 0 } else { (a as i16 / divisor) as u16 as u64 }
}
