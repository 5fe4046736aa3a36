"""Write a value into its instruction (aya: ``ComputedRelocation::apply``)."""

from __future__ import annotations

from struct import pack

from btfview.btf.types import Int, Ptr
from btfview.core_relo.access_spec import RefusedError
from btfview.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from btfview.btf.reader import Btf

    from .values import AyaValue

_MAX_OFF = 32767
_SIZE_CODES = {8: 0x18, 4: 0x00, 2: 0x08, 1: 0x10}
_U32 = (1 << 32) - 1


def write_value(code: bytes, local: Btf, was: AyaValue, target: Btf, new: AyaValue) -> bytes:
    """Return *code*, of 8 or 16 bytes, with the new value: what stood there before is not looked at.

    Raises:
        RefusedError: aya gives up the object.
    """
    patched = bytearray(code)
    match code[0] & 7:
        case 4 | 7:
            # The register alone is asked, so that `r1 += r0` goes through and is given an immediate.
            if source := code[1] >> 4:
                raise RefusedError(f"invalid src_reg={source:x} expected 0")
            patched[4:8] = pack("<I", new.value & _U32)
        case 1 | 2 | 3:
            if new.value > _MAX_OFF:
                raise RefusedError(f"value `{new.value}` overflows 16 bits offset field")
            patched[2:4] = pack("<H", new.value)
            if was.byte_size != new.byte_size:
                patched[0] = code[0] & 0xE7 | _resize(local, was, target, new)
        case 0:
            patched[4:8] = pack("<I", new.value & _U32)
            if len(code) == 16:
                patched[12:16] = pack("<I", new.value >> 32)
        case other:
            raise RefusedError(f"invalid instruction class {other:x}")
    return bytes(patched)


def _resize(local: Btf, was: AyaValue, target: Btf, new: AyaValue) -> int:
    """Return the size bits of a load of the target's field. libbpf poisons such a load instead, and asks
    that the instruction has the size of the local field; aya does neither."""
    if was.type_id is None or new.type_id is None:
        raise RefusedError("aya panics: a field is a bitfield on one side only, and has no type then")
    ours, theirs = local.type(was.type_id), target.type(new.type_id)
    is_unsigned = [isinstance(found, Int) and not found.is_signed for found in (ours, theirs)]
    if not all(is_unsigned) and not (isinstance(ours, Ptr) and isinstance(theirs, Ptr)):
        raise RefusedError(
            f"original type {ours.name or '(anonymous)'} has size {was.byte_size} "
            f"but target type {theirs.name or '(anonymous)'} has size {new.byte_size}"
        )
    if new.byte_size not in _SIZE_CODES:
        raise RefusedError(f"invalid target size {new.byte_size}")
    return _SIZE_CODES[new.byte_size]
