"""Sizes, alignments and offsets equal those that rustc gives ``repr(C)`` types on a 64-bit host."""

from __future__ import annotations

import random

from tests.compiler.rust.front_end_helpers import build
from tests.rustc import Rustc

SCALARS = [
    "u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "usize", "isize", "bool", "char", "*const u8",
    "*mut u64", "&'static u32", "Option<&'static u16>", "[u8; 3]", "[u16; 5]", "[[u32; 2]; 2]", "[u64; 0]",
]  # fmt: skip
REPRS = ["#[repr(C)]"] * 4 + ["#[repr(C, packed)]", "#[repr(C, packed(2))]", "#[repr(C, align(16))]"]


def random_types(count: int) -> str:
    numbers = random.Random(366)
    plain: list[str] = []
    text = ""
    for index in range(count):
        is_union, attribute = numbers.random() < 0.25, numbers.choice(REPRS)
        inner = [f"T{numbers.choice(plain)}"] if plain and numbers.random() < 0.5 else []
        # Rust forbids align inside packed (E0588), so only types without align are nested.
        types = [numbers.choice(SCALARS) for _ in range(numbers.randint(1, 6))] + inner
        numbers.shuffle(types)
        fields = ", ".join(f"f{position}: {written}" for position, written in enumerate(types))
        kind = "union" if is_union else "struct"
        text += f"{attribute} #[derive(Clone, Copy)] pub {kind} T{index} {{ {fields} }}\n"
        if "align" not in attribute:
            plain.append(str(index))
    return text


def test_layout_equals_rustc_s(rustc: Rustc) -> None:
    text = random_types(60)
    result = build(text)
    assert result.program is not None, result.diagnostics
    lines: list[str] = []
    ours: list[int] = []
    for struct in result.program.structs:
        lines.append(f"std::mem::size_of::<{struct.name}>()")
        ours.append(struct.byte_size)
        for field in struct.fields:
            lines.append(f"std::mem::offset_of!({struct.name}, {field.name})")
            size = f"fn s<F: Copy>(_: fn({struct.name}) -> F) -> usize {{ std::mem::size_of::<F>() }}"
            lines.append(f"{{ {size} s(|x| unsafe {{ x.{field.name} }}) }}")
            ours += [field.byte_offset, field.byte_size]
    printed = "".join(f'    println!("{{}}", {line});\n' for line in lines)
    assert ours == rustc.numbers(f"#![allow(unused)]\n{text}\nfn main() {{\n{printed}}}\n")
    assert len(ours) > 300


def test_field_sizes_in_the_layout_are_those_of_the_types() -> None:
    text = "#[repr(C)] pub struct A { a: u8, b: u64 }\n#[repr(C)] pub struct B { a: A, b: [A; 3] }\n"
    result = build(text)
    assert result.program is not None
    # sizes as C has them: A is 16 with 7 bytes of padding
    assert [(item.byte_offset, item.byte_size) for item in result.program.structs[1].fields] == [
        (0, 16),
        (16, 48),
    ]
