"""A value written into an instruction; what libbpf refuses is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from btfview.bpf.insn import LDDW, Insn, decode_insn, encode_insn, format_insn
from btfview.core_relo.access_spec import RefusedError
from btfview.core_relo.patch import POISON_HELPER, CannotResizeError, Patch, patch_insn, poison_insn


def patched(insn: Insn, patch: Patch, *, is_little_endian: bool = True) -> str:
    code = patch_insn(
        encode_insn(insn, is_little_endian=is_little_endian), patch, is_little_endian=is_little_endian
    )
    return format_insn(decode_insn(code, is_little_endian=is_little_endian))


@pytest.mark.parametrize("is_little_endian", [True, False], ids=["little", "big"])
@pytest.mark.parametrize(
    ("insn", "patch", "text"),
    [
        pytest.param(Insn(0xB7, 1, 0, 0, 8), Patch(8, 208), "r1 = 208", id="mov"),
        pytest.param(Insn(0xB4, 1, 0, 0, 8), Patch(8, 208), "w1 = 208", id="mov32"),
        pytest.param(Insn(0x07, 1, 0, 0, 8), Patch(8, 208), "r1 += 208", id="add"),
        pytest.param(Insn(0x15, 1, 0, 0, 8), Patch(8, 8), None, id="jump"),
        pytest.param(Insn(0x79, 1, 2, 8, 0), Patch(8, 208), "r1 = *(u64 *)(r2 +208)", id="ldx"),
        pytest.param(Insn(0x81, 1, 2, 8, 0), Patch(8, 208), "r1 = *(s32 *)(r2 +208)", id="ldsx"),
        pytest.param(Insn(0x7B, 1, 2, 8, 0), Patch(8, 208), "*(u64 *)(r1 +208) = r2", id="stx"),
        pytest.param(Insn(0x62, 1, 0, 8, 5), Patch(8, 208), "*(u32 *)(r1 +208) = 5", id="st"),
        pytest.param(
            Insn(0x79, 1, 2, 8, 0), Patch(8, 0, True, 8, 4), "r1 = *(u32 *)(r2 +0)", id="narrower-load"
        ),
        pytest.param(
            Insn(0x73, 1, 2, 8, 0), Patch(8, 0, True, 1, 2), "*(u16 *)(r1 +0) = r2", id="wider-store"
        ),
        pytest.param(Insn(LDDW, 1, 0, 0, 8), Patch(8, 0x1234567890), "r1 = 0x1234567890", id="ldimm64"),
        pytest.param(Insn(0xB7, 1, 0, 0, -1), Patch((1 << 64) - 1, 7), "r1 = 7", id="sign-extended"),
        pytest.param(Insn(0xB7, 1, 0, 0, 99), Patch(8, 7, False), "r1 = 7", id="unchecked"),
    ],
)
def test_patch(insn: Insn, patch: Patch, text: str | None, is_little_endian: bool) -> None:
    if text is None:
        with pytest.raises(RefusedError, match="not an instruction that can be relocated"):
            patched(insn, patch, is_little_endian=is_little_endian)
    else:
        assert patched(insn, patch, is_little_endian=is_little_endian) == text


@pytest.mark.parametrize(
    ("insn", "patch", "why"),
    [
        pytest.param(
            Insn(0xB7, 1, 0, 0, 9), Patch(8, 208), '"r1 = 9" holds 9, but the record says that 8', id="value"
        ),
        pytest.param(
            Insn(0x0F, 1, 2, 0, 8), Patch(8, 9), '"r1 += r2" has no immediate to patch', id="register"
        ),
        pytest.param(
            Insn(0x79, 1, 2, 8, 0), Patch(8, 32768), "offset 32768 does not fit the 16 bits", id="offset"
        ),
        pytest.param(
            Insn(0x69, 1, 2, 8, 0),
            Patch(8, 8, True, 4, 8),
            "the instruction accesses 2 bytes, the program's field has 4",
            id="width",
        ),
        pytest.param(
            Insn(0x61, 1, 2, 8, 0), Patch(8, 8, True, 4, 3), "no load or store has 3 bytes", id="odd-width"
        ),
        pytest.param(
            Insn(LDDW, 1, 1, 0, 8), Patch(8, 9), '"r1 = map[fd:8]" is not a plain 64-bit constant', id="map"
        ),
    ],
)
def test_a_refusal_names_the_instruction(insn: Insn, patch: Patch, why: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        patched(insn, patch)
    assert why in str(refusal.value)


def test_a_load_that_must_keep_its_width_is_for_poison() -> None:
    with pytest.raises(CannotResizeError):
        patched(Insn(0x61, 1, 2, 8, 0), Patch(8, 8, True, 4, 8, can_resize=False))


@pytest.mark.parametrize("is_little_endian", [True, False], ids=["little", "big"])
def test_poison_fills_every_slot(is_little_endian: bool) -> None:
    """0xbad2310 is libbpf's number (relo_core.c: ``bpf_core_poison_insn``)."""
    wide = poison_insn(bytes(16), is_little_endian=is_little_endian)
    first, second = (decode_insn(wide, at, is_little_endian=is_little_endian) for at in (0, 8))
    assert first == second
    assert format_insn(first) == f"call unknown#{POISON_HELPER}" == "call unknown#195896080"
    assert len(poison_insn(bytes(8), is_little_endian=is_little_endian)) == 8


@given(st.binary(min_size=16, max_size=16), st.integers(0, (1 << 64) - 1), st.integers(0, (1 << 64) - 1))
def test_any_bytes_are_patched_or_refused(code: bytes, orig_val: int, new_val: int) -> None:
    size = 16 if code[0] == LDDW else 8
    try:
        result = patch_insn(code[:size], Patch(orig_val, new_val, False), is_little_endian=True)
    except RefusedError:
        return
    assert len(result) == size
    assert result[0] == code[0]
