"""Random functions of the language: the same text for rustc and for us.

Every loop ends, no operation panics in Rust (divisors are made odd, indexes are masked), and overflow wraps
in both (``-C overflow-checks=off``). Each function is ``fn fN(a: u64, b: u64) -> u64``.
"""

from __future__ import annotations

from tests.compiler.rust.run.random_values import INTEGERS, RUST, Values

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
#[derive(Clone, Copy)]
pub struct Wrap(u16, i32);
impl Wrap {
    fn sum(&self) -> u64 { self.0 as u64 ^ (self.1 as u64).rotate_left(5) }
    fn bump(&mut self, by: u16) { self.0 = self.0.wrapping_add(by); self.1 -= 1; }
    fn of(n: u64) -> Result<Self, u8> { if n & 1 == 0 { Ok(Self(n as u16, -5)) } else { Err(n as u8) } }
}
static TABLE: [u16; 4] = [1, 2, 30, 400];
fn poke(p: &mut Point, by: u32) -> u64 { p.x ^= by; p.tag = p.tag.wrapping_add(1); p.norm() }
fn thrice(v: &mut u64) { *v = v.wrapping_mul(3); }
fn first(v: &[u16; 4], n: usize) -> u16 { v[n & 3] }
fn both(a: u64) -> Option<(u32, i64)> { if a & 3 == 1 { None } else { Some((a as u32, !(a as i64))) } }
fn spot(a: u64) -> Option<Point> { (a & 1 == 0).then_some(Point { x: a as u32, y: 3, tag: 1 }) }
mod other {
    pub fn check(a: u64, b: u64) -> Result<u64, i32> {
        if a & 7 == 3 { Err(-(b as u8 as i32)) } else { Ok(a ^ b.rotate_left(9)) }
    }
    pub fn half(a: u64) -> Option<u64> { (a & 1 == 0).then(|| a >> 1) }
    pub fn nothing() -> Option<u64> { None }
    pub fn swap(p: (u32, i64)) -> (i64, u32) { (p.1, p.0) }
}
"""


class Generator(Values):
    def function(self, name: str) -> str:
        """Return one function, over several lines, and now and then another that it calls."""
        helper = ""
        if self.random.random() < 0.4:
            helper = self.fallible(f"{name}_some")
            self.helper = f"{name}_some"
        self.begin()
        for _ in range(self.random.randint(2, 5)):
            self.statement()
        parts = [f"({self.as_u64(kind, name)})" for name, (kind, _) in self.scopes[0].items()]
        total = parts[0]
        for part in parts[1:]:
            total = f"({total}).rotate_left(7).wrapping_add({part})"
        self.emit(total)
        return f"{helper}fn {name}(a: u64, b: u64) -> u64 {{\n" + "\n".join(self.lines) + "\n}\n"

    def begin(self) -> None:
        self.lines = []
        self.scopes = [{"a": ("u64", False), "b": ("u64", False)}]
        self.depth = 1

    def fallible(self, name: str) -> str:
        """Return a function that leaves early with ``?`` and ``return``."""
        self.helper = None
        self.begin()
        one, two = self.name(), self.name()
        self.emit(f"let {one} = {self.value('option')}?;")
        self.scopes[0][one] = ("u64", False)
        self.emit(f"let {two} = {self.value('result')}.ok()?;")
        self.scopes[0][two] = ("u64", False)
        self.emit(f"if {self.value('bool')} {{ return {self.pick('None', f'Some({one})')}; }}")
        self.emit(f"Some({self.value('u64')})")
        return f"fn {name}(a: u64, b: u64) -> Option<u64> {{\n" + "\n".join(self.lines) + "\n}\n"

    # ---- statements

    def statement(self, depth: int = 0) -> None:
        kinds = ["let", "let", "let", "assign", "assign"]
        if depth < 2:
            kinds += ["if", "for", "while", "late", "iflet", "letelse", "loop"]
            kinds += ["borrow", "nest", "whilelet", "each", "take", "block", "early", "cases"]
        getattr(self, "do_" + self.random.choice(kinds))(depth)

    def kind(self) -> str:
        """Return a kind, half of the time an integer."""
        return self.random.choice((*INTEGERS, "bool", "Point", "Tint", "Wrap", "char", "u64", *RUST))

    def rust(self, kind: str) -> str:
        return RUST.get(kind, kind)

    def mutable(self, *kinds: str) -> str | None:
        found = [
            name
            for scope in self.scopes
            for name, (kind, is_mut) in scope.items()
            if is_mut and kind in kinds
        ]
        return self.random.choice(found) if found else None

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
        elif kind == "grid" and self.random.random() < 0.6:
            self.emit(f"{name}[({self.value('usize', 1)} % 3)][1] = {self.value('u8', 1)};")
        elif kind == "Wrap" and self.random.random() < 0.6:
            self.emit(f"{name}.bump({self.value('u16', 1)});")
        elif kind in INTEGERS and self.random.random() < 0.3:
            self.emit(f"({name}, _) = ({self.value(kind, 1)}, {self.leaf('bool')});")
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

    def do_borrow(self, depth: int) -> None:
        """Change a local through a reference to it."""
        name = self.mutable("u64", "Point", *INTEGERS)
        if name is None:
            self.do_let(depth)
            return
        kind = next(scope[name][0] for scope in self.scopes if name in scope)
        if kind == "Point":
            self.emit(f"poke(&mut {name}, {self.value('u32', 1)});")
        elif kind == "u64" and self.random.random() < 0.5:
            self.emit(f"thrice(&mut {name});")
        else:
            value, reference = self.value(kind, 1), self.name()
            by = self.name()
            self.emit(f"{{ let {by} = {value}; let {reference} = &mut {name}; *{reference} ^= {by}; }}")

    def do_nest(self, depth: int) -> None:
        """Loops that are left and gone on with by name."""
        label, one, two = self.name(), self.name(), self.name()
        self.emit(f"'{label}: for {one} in 0..4u8 {{")
        self.emit(f"    for {two} in 1..=3u8 {{")
        self.emit(f"        if {one} == {two} {{ continue '{label}; }}")
        self.emit(f"        if {self.value('bool', 2)} {{ break '{label}; }}")
        self.emit("    }")
        self.nested(depth, names={one: ("u8", False)})
        self.emit("}")

    def do_whilelet(self, depth: int) -> None:
        count, name = self.name(), self.name()
        self.emit(f"let mut {count} = 0u64;")
        self.emit(f"while let Some({name}) = ({count} < 4).then_some({count}) {{")
        self.emit(f"    {count} += 1;")
        self.nested(depth, names={name: ("u64", False)})
        self.emit("}")

    def do_each(self, depth: int) -> None:
        """Loops over arrays."""
        name, array = self.name(), self.leaf("array")
        over, kind = self.random.choice(
            (
                (f"{name} in {array}", "u16"),
                (f"&{name} in {array}.iter()", "u16"),
                (f"{name} in TABLE.iter().rev().copied()", "u16"),
                (f"({name}, _) in {array}.iter().enumerate()", "usize"),
                (f"[_, {name}] in {self.leaf('grid')}", "u8"),
            )
        )
        self.emit(f"for {over} {{")
        self.nested(depth, names={name: (kind, False)})
        self.emit("}")

    def do_take(self, _depth: int) -> None:
        """Take a value apart."""
        one, two = self.name(), self.name()
        pattern, value, kinds = self.random.choice(
            (
                (f"Point {{ x: {one}, tag: {two}, .. }}", "Point", ("u32", "u8")),
                (f"Wrap({one}, {two})", "Wrap", ("u16", "i32")),
                (f"({one}, {two})", "tuple", ("u32", "i64")),
                (f"[{one}, .., {two}]", "array", ("u16", "u16")),
                (f"[[{one}, _], _, [_, {two}]]", "grid", ("u8", "u8")),
            )
        )
        self.emit(f"let {pattern} = {self.value(value, 1)};")
        self.scopes[-1].update({one: (kinds[0], False), two: (kinds[1], False)})

    def do_block(self, _depth: int) -> None:
        name, kind = self.name(), self.kind()
        self.emit(f"let {name}: {self.rust(kind)} = '{name}: {{")
        self.emit(f"    if {self.value('bool', 1)} {{ break '{name} {self.value(kind, 1)}; }}")
        self.emit(f"    {self.value(kind, 1)}")
        self.emit("};")
        self.scopes[-1][name] = (kind, False)

    def do_early(self, _depth: int) -> None:
        self.emit(f"if {self.value('bool')} {{ return {self.value('u64', 1)}; }}")

    def do_cases(self, depth: int) -> None:
        """A match whose arms are blocks."""
        name = self.name()
        heads, value = self.random.choice(
            (
                ((f"Some(Point {{ x: {name}, .. }})", "None"), "maybe_point"),
                ((f"Some(({name}, 0..))", "Some(_) | None"), "maybe_tuple"),
                ((f"Ok(Wrap(_, {name}))", "Err(_)"), "wrapped"),
                ((f"{name} @ ('a'..='z' | '0')", "_"), "char"),
                ((f"[{name}, 1..=9, ..]", "[.., 3] | [_, _, _, _]"), "array"),
            )
        )
        kind = {"maybe_point": "u32", "maybe_tuple": "u32", "wrapped": "i32", "char": "char", "array": "u16"}[
            value
        ]
        self.emit(f"match {self.value(value)} {{")
        for head, names in zip(heads, ({name: (kind, False)}, {}), strict=True):
            self.emit(f"    {head} => {{")
            self.nested(depth, names=names)
            self.emit("    }")
        self.emit("}")


def functions(seed: int, count: int, *, has_signed_division: bool = False) -> str:
    """Return *count* functions, ``f0`` and on, with what they use."""
    generator = Generator(seed, has_signed_division=has_signed_division)
    return HEAD + "".join(generator.function(f"f{index}") for index in range(count))
