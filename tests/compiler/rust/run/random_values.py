"""Random expressions of the language, by the kind of their value; see :mod:`.random_functions`."""

from __future__ import annotations

import random

UNSIGNED = ("u8", "u16", "u32", "u64", "usize")
SIGNED = ("i8", "i16", "i32", "i64", "isize")
INTEGERS = UNSIGNED + SIGNED
BITS = {"8": 8, "6": 16, "2": 32, "4": 64, "e": 64}
RUST = {
    "option": "Option<u64>", "tuple": "(u32, i64)", "array": "[u16; 4]", "result": "Result<u64, i32>",
    "maybe_tuple": "Option<(u32, i64)>", "maybe_point": "Option<Point>", "wrapped": "Result<Wrap, u8>",
    "grid": "[[u8; 2]; 3]",
}  # fmt: skip
"""Types of the kinds that are not named as their type is."""


def bits_of(kind: str) -> int:
    return BITS[kind[-1]]


class Values:
    """What stands on the right of a ``let``. *has_signed_division*: cpu v4 has it."""

    def __init__(self, seed: int, *, has_signed_division: bool) -> None:
        self.random = random.Random(seed)
        self.has_signed_division = has_signed_division
        self.count = 0
        self.lines: list[str] = []
        self.depth = 1
        self.scopes: list[dict[str, tuple[str, bool]]] = []
        self.helper: str | None = None
        """A function ``fn(u64, u64) -> Option<u64>`` of the present function's own."""

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
            case "Wrap":
                return f"{value}.sum()"
            case "maybe_tuple":
                return f"{value}.map_or(3, |t| t.0 as u64 ^ t.1 as u64)"
            case "maybe_point":
                return f"{value}.map_or(9, |p| p.norm())"
            case "wrapped":
                return f"match {value} {{ Ok(w) => w.sum(), Err(e) => e as u64 }}"
            case "grid":
                return f"({value}[0][1] as u64) << 8 ^ {value}[2][0] as u64 ^ ({value}[1][1] as u64) << 20"
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
            case "result":
                return self.result(depth)
            case "Wrap":
                return self.pick(
                    f"Wrap({self.value('u16', depth + 1)}, {self.value('i32', depth + 1)})",
                    f"(if {self.value('bool', depth + 1)} {{ Wrap(1, 2) }} else {{ {self.leaf('Wrap')} }})",
                    f"Wrap {{ 1: {self.value('i32', depth + 1)}, ..{self.leaf('Wrap')} }}",
                )
            case "char":
                return self.pick(f"({self.value('u8', depth + 1)} as char)", "'\\u{e9}'", "'z'")
            case "grid":
                inner = ", ".join(f"[{self.value('u8', depth + 2)}, {self.leaf('u8')}]" for _ in range(3))
                return self.pick(f"[{inner}]", f"[[{self.value('u8', depth + 1)}, 7]; 3]")
        return self.composed(kind, depth)

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
            case "Wrap":
                return "Wrap(a as u16, 7)"
            case "char":
                return "(b as u8 as char)"
            case "grid":
                return "[[a as u8, 1], [2, b as u8], [3, 4]]"
            case "maybe_tuple":
                return "both(a)"
            case "maybe_point":
                return "spot(b)"
            case "wrapped":
                return "Wrap::of(a)"
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

    def composed(self, kind: str, depth: int) -> str:
        """Return an Option or a Result of what is no integer."""
        number, truth = self.value("u64", depth + 1), self.value("bool", depth + 1)
        match kind:
            case "maybe_tuple":
                return self.pick(
                    f"both({number})",
                    f"Some({self.value('tuple', depth + 1)})",
                    f"{self.leaf('option')}.map(|x| (x as u32, -1i64))",
                    f"{self.leaf(kind)}.filter(|t| t.0 > 5)",
                    f"{self.leaf(kind)}.or(both({number}))",
                )
            case "maybe_point":
                return self.pick(
                    f"spot({number})",
                    f"({truth}).then_some({self.value('Point', depth + 1)})",
                    f"{self.leaf(kind)}.map(|p| p.moved({self.leaf('u32')}))",
                    f"{self.leaf(kind)}.filter(|p| p.x & 2 == 0)",
                )
        return self.pick(
            f"Wrap::of({number})",
            f"(if {truth} {{ Ok({self.value('Wrap', depth + 1)}) }} else {{ Err({self.leaf('u8')}) }})",
            f"{self.leaf('maybe_point')}.map(|p| Wrap(p.tag as u16, p.x as i32)).ok_or({self.leaf('u8')})",
            f"{self.leaf(kind)}.map_err(|e| e ^ 1)",
        )

    def divided(self, kind: str, one: str, two: str) -> list[str]:
        """Return divisions that no argument makes panic."""
        if kind in SIGNED and not self.has_signed_division:
            return []
        verb = self.pick("div", "rem", "div_euclid", "rem_euclid")
        return [
            f"({one}).wrapping_{verb}({two} | 1)",
            f"({one}).checked_{verb}({two}).unwrap_or(9)",
            f"({one}).overflowing_{verb}({two} | 1).0",
            f"({one} {self.pick('/', '%')} 7)",
        ]

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
            f"({one}).unbounded_{self.pick('shl', 'shr')}({self.value('u32', depth + 1)})",
            f"({one}).{self.pick('wrapping', 'saturating')}_pow({self.value('u32', depth + 1)} & 15)",
            f"({one}).checked_pow({self.value('u32', depth + 1)} & 7).unwrap_or({two})",
            f"({one}).midpoint({two})",
            f"({one}).clamp(3, 90)",
            f"(({one}).{self.pick('leading_ones', 'trailing_ones', 'count_zeros')}() as {kind})",
            f"(({one} & {kind}::MAX | 1).ilog2() as {kind})",
            f"(({one}).to_{self.pick('be', 'le', 'ne')}_bytes()[0] as {kind})",
            f"({one}).checked_neg().unwrap_or({two})",
            f"(({self.value('char', depth + 1)}) as {self.pick('u8', 'u32', 'u64')} as {kind})",
            f"(first(&{self.leaf('array')}, {self.value('usize', depth + 1)}) as {kind})",
            self.matched(kind, depth),
            *self.divided(kind, one, two),
        ]
        if kind in UNSIGNED:
            choices += [
                f"({one} {self.pick('/', '%')} ({two} | 1))",
                f"({one}).checked_{self.pick('div', 'rem')}({two}).unwrap_or(9)",
                f"({one}).abs_diff({two})",
                f"(({one}).is_power_of_two() as {kind})",
                f"(({one}) >> 2).next_power_of_two()",
                f"({one}).checked_next_power_of_two().unwrap_or(1)",
                f"({one}).div_ceil({two} | 1)",
                f"({one} >> 1).next_multiple_of({two} & 7 | 1)",
                f"({one} as {SIGNED[UNSIGNED.index(kind)]}).unsigned_abs()",
            ]
        else:
            choices += [f"({one}).wrapping_neg()", f"({one}).wrapping_abs()", f"({one}).signum()"]
            choices += [
                f"({one}).saturating_{self.pick('neg', 'abs')}()",
                f"({one}).checked_abs().unwrap_or(1)",
            ]
        if kind == "u64":
            choices += [
                f"({self.value('option', depth + 1)}).unwrap_or({two})",
                f"({self.value('option', depth + 1)}).map_or_else(|| {two}, |x| x.wrapping_add(1))",
                f"({self.value('result', depth + 1)}).unwrap_or({two})",
                f"({self.value('Point', depth + 1)}).norm()",
            ]
        elif kind == "u16":
            choices.append(f"{self.leaf('array')}[({self.value('usize', depth + 1)} & 3) as usize]")
        elif kind == "u8":
            choices.append(f"{self.leaf('grid')}[({self.value('usize', depth + 1)} % 3) as usize][1]")
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
            f"{self.helper}({inner}, {self.leaf('u64')})" if self.helper else f"Some({inner})",
            f"{self.leaf('maybe_tuple')}.map(|(x, _)| x as u64)",
            f"{self.leaf('maybe_point')}.map(|p| p.norm())",
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
