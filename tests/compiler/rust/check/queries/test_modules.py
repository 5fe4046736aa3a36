"""Same-named types in different modules keep relocations of their own."""

from __future__ import annotations

from tests.compiler.rust.front_end_helpers import GATE, relocation_globals

MODULE = """
pub mod {name} {{
    #[repr(Btf)] pub struct {struct} {{ pub pid: u32 }}
    pub fn has() -> bool {{ core::btf::field_exists!({struct}, pid) }}
}}
"""


def test_same_named_structs_never_share_a_relocation() -> None:
    """LLVM keys a relocation by its root's name, kind, value and path (BPFAbstractMemberAccess)."""
    text = GATE + MODULE.format(name="a", struct="task") + MODULE.format(name="b", struct="task")
    assert relocation_globals(text) == {"llvm.task:2:1$0:0", "llvm.task___b:2:1$0:0"}


def test_a_name_that_has_a_flavor_keeps_its_essential_name() -> None:
    """The flavor begins at the last ``___`` (libbpf: ``bpf_core_essential_name_len``)."""
    text = GATE + MODULE.format(name="a", struct="task___v1") + MODULE.format(name="b", struct="task___v1")
    assert relocation_globals(text) == {"llvm.task___v1:2:1$0:0", "llvm.task___v1_b:2:1$0:0"}


def test_a_marked_struct_in_a_function_is_asked_for_its_records() -> None:
    """The second type gets a flavor, so that their records stay two (LLVM names them by it)."""
    body = "use core::btf::field_byte_offset; field_byte_offset!(pair, b)"
    found = relocation_globals(
        "#![feature(btf_relocations)]\n"
        f"pub fn f() -> usize {{ #[repr(C, Btf)] struct pair {{ a: u32, b: u32 }} {body} }}\n"
        f"pub fn g() -> usize {{ #[repr(C, Btf)] struct pair {{ a: u64, b: u32 }} {body} }}\n"
    )
    assert found == {"llvm.pair:0:4$0:1", "llvm.pair___g2:0:8$0:1"}
