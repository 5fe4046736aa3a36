"""Random functions of the language: the same text for rustc and for us.

Every loop ends, no operation panics in Rust (divisors are made odd, indexes are masked), and overflow wraps
in both (``-C overflow-checks=off``). Each function is ``fn fN(a: u64, b: u64) -> u64``.
"""

from __future__ import annotations

import random

UNSIGNED = ("u8", "u16", "u32", "u64", "usize")
SIGNED = ("i8", "i16", "i32", "i64", "isize")
INTEGERS = UNSIGNED + SIGNED
BITS = {"8": 8, "6": 16, "2": 32, "4": 64, "e": 64}
HEAD = """\
#[derive(Clone, Copy, PartialEq, PartialOrd)]
#[repr(i8)]
pub enum Tint { Red = -3, Green, Blue = 7, Grey }
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Point { x: u32, y: i64, tag: u8 }
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Boxed { low: Point, weights: [u16; 4], pair: u64 }
const TINTS: [Tint; 4] = [Tint::Red, Tint::Green, Tint::Blue, Tint::Grey];
impl Tint { fn of(n: u64) -> Tint { TINTS[(n & 3) as usize] } const LAST: Tint = Tint::Grey; }
impl Point {
    const ORIGIN: Point = Point { x: 0, y: -1, tag: 9 };
    fn moved(self, by: u32) -> Point { Point { x: self.x.wrapping_add(by), ..self } }
    fn norm(&self) -> u64 { (self.x as u64).wrapping_mul(3) ^ self.y as u64 ^ self.tag as u64 }
}
mod other {
    pub fn check(a: u64, b: u64) -> Result<u64, i32> {
        if a & 7 == 3 { Err(-(b as u8 as i32)) } else { Ok(a ^ b.rotate_left(9)) }
    }
    pub fn half(a: u64) -> Option<u64> { (a & 1 == 0).then(|| a >> 1) }
    pub fn nothing() -> Option<u64> { None }
    pub fn swap(p: (u32, i64)) -> (i64, u32) { (p.1, p.0) }
}
"""


def bits_of(kind: str) -> int:
    return BITS[kind[-1]]


class Generator:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = 0

    def function(self, name: str) -> str:
        """Return one function, over several lines."""
        self.lines: list[str] = []
        self.scopes: list[dict[str, tuple[str, bool]]] = [{"a": ("u64", False), "b": ("u64", False)}]
        self.depth = 1
        for _ in range(self.random.randint(2, 5)):
            self.statement()
        parts = [f"({self.as_u64(kind, name)})" for name, (kind, _) in self.scopes[0].items()]
        total = parts[0]
        for part in parts[1:]:
            total = f"({total}).rotate_left(7).wrapping_add({part})"
        self.emit(total)
        return f"fn {name}(a: u64, b: u64) -> u64 {{\n" + "\n".join(self.lines) + "\n}\n"

    # ---- parts

    def emit(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    def name(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def as_u64(self, kind: str, value: str) -> str:
        match kind:
            case "Point":
                return f"{value}.norm()"
            case "Tint":
                return f"{value} as u64"
            case "option":
                return f"{value}.map_or(77, |x| x ^ 5)"
            case "tuple":
                return f"{value}.0 as u64 ^ {value}.1 as u64"
            case "array":
                return f"({value}[1] as u64).wrapping_mul(5) ^ {value}[3] as u64"
            case "result":
                return f"{value}.unwrap_or_else(|e| e as u64)"
        return f"{value} as u64"

    def named(self, kind: str) -> str | None:
        found = [name for scope in self.scopes for name, (known, _) in scope.items() if known == kind]
        return self.random.choice(found) if found else None

    def value(self, kind: str, depth: int = 0) -> str:
        """Return an expression of the type *kind*."""
        if depth > 1 or self.random.random() < 0.15:
            return self.leaf(kind)
        if kind == "bool":
            return self.truth(depth)
        if kind in INTEGERS:
            return self.integer(kind, depth)
        match kind:
            case "Point":
                return self.pick(
                    f"Point {{ x: {self.value('u32', depth + 1)}, ..Point::ORIGIN }}",
                    f"Point {{ tag: {self.value('u8', depth + 1)}, y: {self.leaf('i64')}, x: 4 }}",
                    f"{self.leaf('Point')}.moved({self.value('u32', depth + 1)})",
                )
            case "Tint":
                return self.pick(f"Tint::of({self.value('u64', depth + 1)})", "Tint::LAST", "Tint::Blue")
            case "option":
                return self.option(depth)
            case "tuple":
                return self.pick(
                    f"({self.value('u32', depth + 1)}, {self.value('i64', depth + 1)})",
                    f"{{ let (p, q) = other::swap({self.leaf('tuple')}); (q, p) }}",
                )
            case "array":
                inner = ", ".join(self.value("u16", depth + 2) for _ in range(4))
                return self.pick(f"[{inner}]", f"[{self.value('u16', depth + 1)}; 4]")
        return self.result(depth)

    def leaf(self, kind: str) -> str:
        name = self.named(kind)
        if name is not None and self.random.random() < 0.7:
            return name
        match kind:
            case "bool":
                return self.pick("true", "false", "(a < b)")
            case "Point":
                return "Point::ORIGIN"
            case "Tint":
                return "Tint::Green"
            case "option":
                return self.pick("other::nothing()", "Some(a)", "other::half(b)")
            case "tuple":
                return "(a as u32, b as i64)"
            case "array":
                return "[1, a as u16, b as u16, 4]"
            case "result":
                return "other::check(a, b)"
        literal = self.random.choice((0, 1, 2, 5, 31, 100, 127))
        return self.pick(f"{literal}{'_' + kind}", f"(a as {kind})", f"(b as {kind})", f"{kind}::MAX")

    def truth(self, depth: int) -> str:
        kind = self.random.choice(INTEGERS)
        one, two = self.value(kind, depth + 1), self.value(kind, depth + 1)
        return self.pick(
            f"({one} {self.pick('<', '<=', '==', '!=', '>', '>=')} {two})",
            f"({self.leaf('bool')} {self.pick('&&', '||', '^', '&')} {self.value('bool', depth + 1)})",
            f"(!{self.value('bool', depth + 1)})",
            f"{self.value('option', depth + 1)}.is_some_and(|x| x > {self.leaf('u64')})",
            f"matches!({self.value('Tint', depth + 1)}, Tint::Red | Tint::Grey)",
            f"({self.value('Tint', depth + 1)} {self.pick('==', '<', '>=')} Tint::Green)",
            f"{self.value('result', depth + 1)}.is_ok()",
            f"matches!({one}, 3..=90 if a > 5)",
        )

    def integer(self, kind: str, depth: int) -> str:
        other = self.random.choice(INTEGERS)
        one, two = self.value(kind, depth + 1), self.value(kind, depth + 1)
        shift = f"({self.value('u32', depth + 1)} & {bits_of(kind) - 1})"
        choices = [
            f"({one} {self.pick('+', '-', '*', '&', '|', '^')} {two})",
            f"({one} {self.pick('<<', '>>')} {shift})",
            f"(({self.value(other, depth + 1)}) as {kind})",
            f"(!{one})",
            f"({one}).{self.pick('min', 'max')}({two})",
            f"({one}).{self.pick('wrapping', 'saturating')}_{self.pick('add', 'sub', 'mul')}({two})",
            f"({one}).checked_{self.pick('add', 'sub', 'mul')}({two}).unwrap_or({self.leaf(kind)})",
            f"({one}).overflowing_{self.pick('add', 'sub', 'mul')}({two}).0",
            f"(({one}).overflowing_{self.pick('add', 'sub', 'mul')}({two}).1 as {kind})",
            f"({one}).{self.pick('rotate_left', 'rotate_right', 'wrapping_shl', 'wrapping_shr')}"
            f"({self.value('u32', depth + 1)})",
            f"({one}).{self.pick('swap_bytes', 'reverse_bits', 'to_be', 'to_le')}()",
            f"(({one}).{self.pick('count_ones', 'leading_zeros', 'trailing_zeros')}() as {kind})",
            f"({one}).pow({self.random.randint(0, 5)})",
            f"{kind}::from_be({one})",
            f"(if {self.value('bool', depth + 1)} {{ {one} }} else {{ {two} }})",
            f"({self.value('bool', depth + 1)}).then_some({one}).unwrap_or({two})",
            f"({one}).checked_shl({self.value('u32', depth + 1)}).map_or({two}, |x| x ^ 3)",
            self.matched(kind, depth),
        ]
        if kind in UNSIGNED:
            choices += [
                f"({one} {self.pick('/', '%')} ({two} | 1))",
                f"({one}).checked_{self.pick('div', 'rem')}({two}).unwrap_or(9)",
                f"({one}).abs_diff({two})",
                f"(({one}).is_power_of_two() as {kind})",
            ]
        else:
            choices += [f"({one}).wrapping_neg()", f"({one}).wrapping_abs()", f"({one}).signum()"]
        if kind == "u64":
            choices += [
                f"({self.value('option', depth + 1)}).unwrap_or({two})",
                f"({self.value('option', depth + 1)}).map_or_else(|| {two}, |x| x.wrapping_add(1))",
                f"({self.value('result', depth + 1)}).unwrap_or({two})",
                f"({self.value('Point', depth + 1)}).norm()",
            ]
        elif kind == "u16":
            choices.append(f"{self.leaf('array')}[({self.value('usize', depth + 1)} & 3) as usize]")
        elif kind == "i8":
            choices.append(f"({self.value('Tint', depth + 1)} as i8)")
        return self.random.choice(choices)

    def matched(self, kind: str, depth: int) -> str:
        arms = [self.value(kind, depth + 2) for _ in range(4)]
        return self.pick(
            f"match {self.value('Tint', depth + 1)} {{ Tint::Red => {arms[0]}, "
            f"Tint::Green | Tint::Blue => {arms[1]}, Tint::Grey => {arms[2]} }}",
            f"match ({self.value('bool', depth + 1)}, {self.value('option', depth + 1)}) {{ "
            f"(true, Some(1..=9)) => {arms[0]}, (_, None) => {arms[1]}, "
            f"(false, Some(x)) if x & 1 == 0 => {arms[2]}, (_, Some(_)) => {arms[3]} }}",
            f"match {self.value('i16', depth + 1)} {{ i16::MIN..=-1 => {arms[0]}, 0 => {arms[1]}, "
            f"1..100 => {arms[2]}, _ => {arms[3]} }}",
            f"match {self.value('result', depth + 1)} {{ Ok(0) | Err(0) => {arms[0]}, Ok(_) => {arms[1]}, "
            f"Err(-9..=9) => {arms[2]}, Err(_) => {arms[3]} }}",
            f"(match {self.value('tuple', depth + 1)} {{ (x, y) if x as i64 == y => {arms[0]}, "
            f"(0, _) => {arms[1]}, (_, ..) => {arms[2]} }})",
        )

    def option(self, depth: int) -> str:
        inner = self.value("u64", depth + 1)
        base = self.leaf("option")
        return self.pick(
            f"Some({inner})",
            f"{base}.map(|x| x.wrapping_mul({inner}))",
            f"{base}.and_then(|x| other::half(x ^ {inner}))",
            f"{base}.and_then(|x| {{ let y = other::half(x)?; if y > {inner} {{ return None; }} Some(y) }})",
            f"{base}.filter(|&x| x > {inner})",
            f"{base}.or(other::half({inner}))",
            f"{base}.or_else(|| other::half({inner}))",
            f"{base}.xor(other::half({inner}))",
            f"({self.value('bool', depth + 1)}).then(|| {inner})",
            f"({inner}).checked_add({self.leaf('u64')})",
            f"{self.value('result', depth + 1)}.ok()",
            f"other::half({inner})",
        )

    def result(self, depth: int) -> str:
        inner = self.value("u64", depth + 1)
        return self.pick(
            f"other::check({inner}, {self.leaf('u64')})",
            f"{self.leaf('option')}.ok_or({self.value('i32', depth + 1)})",
            f"{self.leaf('result')}.map(|x| x ^ {inner})",
            f"{self.leaf('result')}.and_then(|x| other::check(x, {inner}))",
            f"{self.leaf('result')}.map_err(|e| e.wrapping_sub(1))",
        )

    # ---- statements

    def statement(self, depth: int = 0) -> None:
        kinds = ["let", "let", "let", "assign", "assign"]
        if depth < 2:
            kinds += ["if", "for", "while", "late", "iflet", "letelse", "loop"]
        getattr(self, "do_" + self.random.choice(kinds))(depth)

    def kind(self) -> str:
        return self.random.choice(
            (*INTEGERS, "bool", "Point", "Tint", "option", "tuple", "array", "result", "u64")
        )

    def rust(self, kind: str) -> str:
        return {
            "option": "Option<u64>", "tuple": "(u32, i64)", "array": "[u16; 4]", "result": "Result<u64, i32>",
        }.get(kind, kind)  # fmt: skip

    def declare(self, kind: str, *, is_mut: bool) -> str:
        name = self.name()
        self.scopes[-1][name] = (kind, is_mut)
        return name

    def do_let(self, _depth: int) -> None:
        kind, is_mut = self.kind(), self.random.random() < 0.6
        value = self.value(kind)
        name = self.declare(kind, is_mut=is_mut)
        self.emit(f"let {'mut ' if is_mut else ''}{name}: {self.rust(kind)} = {value};")

    def do_late(self, depth: int) -> None:
        kind, name = self.kind(), self.name()
        self.emit(f"let {name}: {self.rust(kind)};")
        self.emit(f"if {self.value('bool')} {{")
        self.nested(depth, f"{name} = {self.value(kind, 1)};")
        self.emit("} else {")
        self.nested(depth, f"{name} = {self.value(kind, 1)};")
        self.emit("}")
        self.scopes[-1][name] = (kind, False)

    def do_assign(self, depth: int) -> None:
        names = [(name, kind) for scope in self.scopes for name, (kind, is_mut) in scope.items() if is_mut]
        if not names:
            self.do_let(depth)
            return
        name, kind = self.random.choice(names)
        if kind in INTEGERS and self.random.random() < 0.6:
            self.emit(f"{name} {self.pick('+', '-', '*', '^', '|', '&')}= {self.value(kind, 1)};")
        elif kind == "Point" and self.random.random() < 0.6:
            self.emit(f"{name}.{self.pick('x', 'tag')} ^= 5;")
        elif kind == "array" and self.random.random() < 0.6:
            self.emit(f"{name}[({self.value('usize', 1)} & 3) as usize] ^= {self.value('u16', 1)};")
        elif kind == "tuple" and self.random.random() < 0.6:
            self.emit(f"{name}.1 = {self.value('i64', 1)};")
        else:
            self.emit(f"{name} = {self.value(kind)};")

    def nested(self, depth: int, *lines: str, names: dict[str, tuple[str, bool]] | None = None) -> None:
        self.depth += 1
        self.scopes.append(dict(names or {}))
        for _ in range(self.random.randint(0, 1)):
            self.statement(depth + 1)
        for line in lines:
            self.emit(line)
        self.scopes.pop()
        self.depth -= 1

    def do_if(self, depth: int) -> None:
        self.emit(f"if {self.value('bool')} {{")
        self.nested(depth)
        if self.random.random() < 0.6:
            self.emit(f"}} else if {self.value('bool')} {{")
            self.nested(depth)
        self.emit("}")

    def do_iflet(self, depth: int) -> None:
        name = self.name()
        self.emit(f"if let Some({name}) = {self.value('option')} && {name} != {self.leaf('u64')} {{")
        self.nested(depth, names={name: ("u64", False)})
        self.emit("}")

    def do_letelse(self, _depth: int) -> None:
        name = self.name()
        self.emit(f"let Ok({name}) = {self.value('result')} else {{ return {self.value('u64', 1)} }};")
        self.scopes[-1][name] = ("u64", False)

    def do_for(self, depth: int) -> None:
        name, kind = self.name(), self.pick("u8", "u32", "u64", "i32", "usize")
        low, high = self.random.randint(0, 4), self.random.randint(2, 9)
        ranged = self.pick(
            f"{low}..{high}{kind}", f"{low}..={high}{kind}", f"({low}..{high}{kind}).rev()",
            f"({low}..={high}{kind}).rev()", f"({low}..{high}{kind}).step_by(3)",
        )  # fmt: skip
        self.emit(f"for {name} in {ranged} {{")
        leave = f"if {self.value('bool', 2)} {{ {self.pick('break', 'continue')}; }}"
        self.nested(depth, leave, names={name: (kind, False)})
        self.emit("}")

    def do_while(self, depth: int) -> None:
        name = self.name()
        self.emit(f"let mut {name} = {self.random.randint(1, 6)}u32;")
        self.emit(f"while {name} > 0 {{")
        self.emit(f"    {name} -= 1;")
        self.nested(depth)
        self.emit("}")

    def do_loop(self, depth: int) -> None:
        name, found = self.name(), self.name()
        self.emit(f"let mut {name} = 0u64;")
        self.emit(f"let {found} = '{found}: loop {{")
        self.emit(f"    {name} += 1;")
        self.emit(f"    if {name} > 5 {{ break {self.value('u64', 2)}; }}")
        inner = f"for _ in 0..3 {{ if {self.value('bool', 2)} {{ break '{found} {name}; }} }}"
        self.nested(depth, inner)
        self.emit("};")
        self.scopes[-1][found] = ("u64", False)


def functions(seed: int, count: int) -> str:
    """Return *count* functions, ``f0`` and on, with what they use."""
    generator = Generator(seed)
    return HEAD + "".join(generator.function(f"f{index}") for index in range(count))
