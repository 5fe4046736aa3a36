"""Programs of the tests, mutated: by tokens, by subtrees of the grammar, and by what strains a compiler.

The same seed gives the same mutants. Most are refused; that each is refused or compiled, and how, is the
matter of test_mutations.py.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache

import tree_sitter_rust
from tree_sitter import Language, Node, Parser

from tests.compiler.rust.run.random_functions import functions
from tests.paths import DEMO
from tests.paths import RUST_CASES as CASES

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|b?\"(?:[^\"\\]|\\.)*\"|b?'(?:[^'\\\n]|\\.[^'\n]*)'|'\w+|r#\w+|\w+|"
    r"<<=|>>=|\.\.=|\.\.\.|::|->|=>|&&|\|\||<<|>>|[-+*/%^&|=<>!]=|\.\.|\S",
    re.DOTALL,
)
_POOL: tuple[str, ...] = tuple(
    """
    fn struct union enum impl mod use const static let mut ref match if else loop while for in break continue
    return unsafe pub type trait where as move async await dyn extern crate super self Self true false _
    u8 i8 u16 i16 u32 i32 u64 i64 usize isize bool char u128 f32 str () ! Option Some None Result Ok Err
    + - * / % ^ & | ! ~ && || << >> += -= *= /= %= ^= &= |= <<= >>= = == != < > <= >= -> => . .. ..= ... , ;
    : :: # $ ? @ ( ) [ ] { } 'a 'static 'outer: \\ ` core std btf builtin macro a b x y run task_struct
    core::btf::field_exists! core::btf::field_byte_offset! core::mem::size_of matches! core::btf::field_ref!
    0 1 2 -1 255 256 0xff 0b1 0o7 1_000 1u8 300u8 18446744073709551615 18446744073709551616
    9223372036854775808 340282366920938463463374607431768211456 0x 0b2 1.5 1e9 1f32 0.0
    'x' '\\n' b'x' '\\u{1F600}' "text" b"by\\0" c"c" r"raw" r#"raw"# |x| x&&y &mut &raw *const *mut &'a
    r#fn r#type
""".split()  # noqa: SIM905  a list of these would take a page
)
_ATTRIBUTES = (
    "#[repr(C)]", "#[repr(Btf)]", "#[btf_relocatable]", "#[repr(packed)]", "#[repr(C, packed(2))]",
    "#[repr(align(8))]", "#[repr(u8)]", "#[repr(i64)]", "#[repr(C, u16)]", "#[repr(transparent)]",
    "#[derive(Clone, Copy)]", "#[inline]", "#[derive(PartialEq, PartialOrd)]", "#[inline(always)]",
    "#[inline(never)]", "#[unsafe(no_mangle)]", "#[no_mangle]", '#[unsafe(link_section = "syscall")]',
    '#[link_section = "maps"]', "#[allow(dead_code)]", "#[deny(dead_code)]", "#[expect(unused)]",
    "#[cfg(test)]", "#[test]", '#[doc = "x"]', "/// doc", "#![no_std]", "#[must_use]", "#[]", "#[repr]",
    "#[repr()]", "#[derive]", "#[allow(unguarded_btf_offset)]", "#[unsafe(no_mangle, used)]", "#[cold]",
)  # fmt: skip
_ODD_TEXT = (
    "\u00e9", "\u4e2d", "\U0001f600", "\u202e", "\u200b", "\ufeff", "\x00", "\x1b[31m", "\u00a0", "\u2028",
    "\r", "e\u0301", "\u0660", "\x7f", "\u00df", "\ud7ff", "\U0010ffff",
)  # fmt: skip
_NESTS = (
    ("(", ")"), ("{ ", " }"), ("-", ""), ("!", ""), ("*", ""), ("&", ""), ("[", "]"), ("Some(", ")"),
    ("unsafe { ", " }"), ("if true { ", " } else { 0 }"), ("match 0 { _ => ", " }"),
    ("loop { break ", " }"), ("1 + ", ""), ("", " as u64"), ("(1, ", ")"), ("f(", ")"), ("", ".max(1)"),
    ("", "?"), ("", "[0]"), ("", ".0"), ("'x: { ", " }"), ("&*", ""), ("1 + (", ")"), ("true && ", ""),
    ("x = ", ""), ("return ", ""), ("|x| ", ""), ("if let Some(x) = ", " {}"), ("Option<", ">"),
    ("*const ", ""), ("&'static ", ""), ("[", "; 2]"), ("fn(", ")"), ("a::", ""), ("", "::a"),
)  # fmt: skip
_GATES = "#![feature(btf_relocations, btf_relocations_extra)]\n"


@cache
def programs() -> tuple[str, ...]:
    """Return what is mutated: the demos, accepted cases, functions that are run, and random ones."""
    found = [path.read_text() for path in sorted((DEMO).glob("*.rs"))]
    found += [
        _GATES + part.split("\n", 1)[1] for part in (CASES / "accepted.txt").read_text().split("//// ")[1:]
    ]
    for path in sorted(CASES.glob("*.rs")):
        head, *parts = re.split(r"\n\n(?=(?:// [^\n]*\n)*fn )", path.read_text())
        found += [f"{head}\n\n{part}\n" for part in parts]
    found += [functions(seed, 2).replace("fn f0", "pub fn f0") for seed in range(20)]
    return tuple(found)


@cache
def wrong_programs() -> tuple[str, ...]:
    """Return what is mutated now and then: the rejected cases."""
    head = "pub struct S {\n    a: u32,\n}\n"
    return tuple(head + line + "\n" for line in (CASES / "rejected.txt").read_text().splitlines())


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_rust.language()))


@cache
def _pieces() -> dict[str, list[str]]:
    """Return the texts of the grammar's nodes in :func:`programs`, by kind."""
    found: dict[str, set[str]] = {}
    for text in (*programs(), *wrong_programs()):
        data = text.encode()
        for node in _nodes(data):
            if node.end_byte - node.start_byte < 400:
                found.setdefault(node.type, set()).add(data[node.start_byte : node.end_byte].decode())
    return {kind: sorted(texts) for kind, texts in sorted(found.items())}


def _nodes(data: bytes) -> list[Node]:
    found: list[Node] = []
    pending = [_parser().parse(data).root_node]
    while pending:
        node = pending.pop()
        if node.is_named:
            found.append(node)
        pending.extend(reversed(node.children))
    return found[1:]


class Mutator:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def mutant(self) -> str:
        """Return a program with one to four mutations."""
        text = self.random.choice(wrong_programs() if self.random.random() < 0.1 else programs())
        for _ in range(self.random.choice((1, 1, 1, 1, 2, 2, 3, 4))):
            text = self.random.choices(_MUTATIONS, _WEIGHTS)[0](self, text)
        return text

    def tokens(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in _TOKEN.finditer(text)] or [(0, len(text))]

    def token(self, text: str) -> tuple[int, int]:
        return self.random.choice(self.tokens(text))

    # ---- tokens

    def delete(self, text: str) -> str:
        start, end = self.token(text)
        return text[:start] + text[end:]

    def double(self, text: str) -> str:
        start, end = self.token(text)
        return text[:end] + self.random.choice(("", " ")) + text[start:end] + text[end:]

    def swap(self, text: str) -> str:
        spans = self.tokens(text)
        first = self.random.randrange(len(spans))
        last = min(first + self.random.randint(1, 6), len(spans) - 1)
        (a, b), (c, d) = spans[first], spans[last]
        return text if a == c else text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]

    def other(self, text: str) -> str:
        start, end = self.token(text)
        return text[:start] + self.random.choice(_POOL) + text[end:]

    def insert(self, text: str) -> str:
        start, _ = self.token(text)
        return f"{text[:start]} {self.random.choice(_POOL)} {text[start:]}"

    def borrow(self, text: str) -> str:
        """Replace a token by another of the same text: names meet types, literals meet names."""
        start, end = self.token(text)
        a, b = self.token(text)
        return text[:start] + text[a:b] + text[end:]

    # ---- subtrees

    def node(self, text: str) -> tuple[bytes, Node] | None:
        data = text.encode("utf-8", "replace")
        nodes = _nodes(data)
        return (data, self.random.choice(nodes)) if nodes else None

    def splice(self, text: str) -> str:
        """Put a subtree of another program in the place of one of the same kind, or of any."""
        found = self.node(text)
        if found is None:
            return text
        data, node = found
        pieces = _pieces()
        kind = (
            node.type if self.random.random() < 0.8 and node.type in pieces else self.random.choice([*pieces])
        )
        piece = self.random.choice(pieces[kind])
        return (data[: node.start_byte] + piece.encode() + data[node.end_byte :]).decode("utf-8", "replace")

    def repeat(self, text: str) -> str:
        found = self.node(text)
        if found is None:
            return text
        data, node = found
        here = data[node.start_byte : node.end_byte]
        between = self.random.choice((b"", b" ", b"\n", b", ", b"; "))
        times = self.random.choice((1, 1, 2, 3, 40))
        return (data[: node.end_byte] + (between + here) * times + data[node.end_byte :]).decode(
            "utf-8", "replace"
        )

    def prune(self, text: str) -> str:
        found = self.node(text)
        if found is None:
            return text
        data, node = found
        return (data[: node.start_byte] + data[node.end_byte :]).decode("utf-8", "replace")

    def nest(self, text: str) -> str:
        """Wrap a subtree, up to deeper than any stack of Python's."""
        found = self.node(text)
        if found is None:
            return text
        data, node = found
        before, after = self.random.choice(_NESTS)
        depth = self.random.choice((1, 2, 3, 10, 20, 31, 40, 63, 70, 100, 300, 2000))
        here = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
        nested = before * depth + here + after * depth
        head, tail = data[: node.start_byte], data[node.end_byte :]
        return head.decode("utf-8", "replace") + nested + tail.decode("utf-8", "replace")

    # ---- what strains

    def huge(self, text: str) -> str:
        start, end = self.token(text)
        big = self.random.choice(
            (
                "9" * 5000,
                "0x" + "f" * 3000,
                "x" * 10000,
                '"' + "s" * 20000 + '"',
                "(" * 3000,
                "1 + " * 500 + "1",
            )
        )
        return text[:start] + big + text[end:]

    def number(self, text: str) -> str:
        """Change a number to one at an edge."""
        numbers = list(re.finditer(r"\b\d\w*\b", text))
        if not numbers:
            return text
        chosen = self.random.choice(numbers)
        power = self.random.choice((0, 7, 8, 15, 16, 29, 31, 32, 33, 63, 64, 65, 128))
        value = (1 << power) + self.random.choice((-1, 0, 1))
        suffix = self.random.choice(("", "", "", "u8", "i32", "u64", "usize", "u128"))
        return f"{text[: chosen.start()]}{value}{suffix}{text[chosen.end() :]}"

    def odd(self, text: str) -> str:
        at = self.random.randint(0, len(text))
        return text[:at] + self.random.choice(_ODD_TEXT) + text[at:]

    def cut(self, text: str) -> str:
        at = self.random.randint(0, len(text))
        return self.random.choice((text[:at], text[at:]))

    def attribute(self, text: str) -> str:
        start, _ = self.token(text)
        places = [match.start() for match in re.finditer(r"(?m)^ *(?=[a-z#])", text)]
        at = self.random.choice(places) if places and self.random.random() < 0.8 else start
        chosen = self.random.choices(_ATTRIBUTES, k=self.random.randint(1, 3))
        return text[:at] + " ".join(chosen) + "\n" + text[at:]

    def rename(self, text: str) -> str:
        """Give one name to two things, at one place or everywhere."""
        names = sorted(set(re.findall(r"\b[a-zA-Z_]\w*\b", text)))
        if not names:
            return text
        old, new = self.random.choice(names), self.random.choice(names)
        return re.sub(rf"\b{old}\b", new, text, count=self.random.choice((0, 1, 2)))

    def join(self, text: str) -> str:
        return text + "\n" + self.random.choice(programs())


_MUTATIONS: tuple[Callable[[Mutator, str], str], ...] = (
    Mutator.delete, Mutator.double, Mutator.swap, Mutator.other, Mutator.insert, Mutator.borrow,
    Mutator.splice, Mutator.repeat, Mutator.prune, Mutator.nest, Mutator.huge, Mutator.number,
    Mutator.odd, Mutator.cut, Mutator.attribute, Mutator.rename, Mutator.join,
)  # fmt: skip
_WEIGHTS = (4, 3, 4, 6, 5, 5, 12, 3, 4, 5, 1, 4, 2, 1, 5, 4, 1)
