"""LLVM bitcode, as far as it is read without LLVM: what it is, and which LLVM wrote it.

The container is that of llvm.org/docs/BitCodeFormat.html: words of abbreviated records, of which the first
block of a module (``IDENTIFICATION_BLOCK``) names its producer.
"""

from __future__ import annotations

_MAGIC = b"BC\xc0\xde"
_WRAPPER = b"\xde\xc0\x17\x0b"
"""0x0B17C0DE: five words, the second and third of them where the bitcode lies (``BitcodeReader``)."""
_IDENTIFICATION_BLOCK, _STRING = 13, 1
_END, _ENTER, _DEFINE, _UNABBREVIATED = range(4)
_FIXED, _VBR, _ARRAY, _CHAR6, _BLOB = range(1, 6)
_CHAR6_CHARS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._"
_MAX_RECORDS = 64
_MAX_CHARS = 256


def is_bitcode(data: bytes) -> bool:
    """Return whether *data* (the first 4 bytes are enough) is LLVM bitcode, wrapped or not."""
    return data[:4] in (_MAGIC, _WRAPPER)


def producer_of(data: bytes) -> str | None:
    """Return what wrote the bitcode *data*, ``LLVM22.1.2-rust-1.95.0-stable``; None where it does not say."""
    if data[:4] == _WRAPPER:
        offset = int.from_bytes(data[8:12], "little")
        data = data[offset:]
    if data[:4] != _MAGIC:
        return None
    try:
        return _read_producer(_Bits(data[4 : 4 + (1 << 12)]))
    except EOFError:
        return None


def major_version(producer: str) -> int | None:
    """Return the major version of the LLVM that *producer* names.

    >>> major_version("LLVM22.1.2-rust-1.95.0-stable"), major_version("APPLE_1_1316.0.21_0")
    (22, None)
    """
    number = producer.removeprefix("LLVM").partition(".")[0]
    return int(number) if producer.startswith("LLVM") and number.isdecimal() and len(number) < 9 else None


class _Bits:
    """Numbers from a stream of bits, the lowest bit of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "little")
        self._left = 8 * len(data)
        self._size = self._left

    def fixed(self, width: int) -> int:
        """Return the next *width* bits.

        Raises:
            EOFError: there are not so many.
        """
        if width > self._left:
            raise EOFError
        value = self._number & ((1 << width) - 1)
        self._number >>= width
        self._left -= width
        return value

    def vbr(self, width: int) -> int:
        """Return a number in groups of *width* bits, whose highest says that another follows."""
        value = shift = 0
        while True:
            group = self.fixed(width)
            value |= (group & ((1 << (width - 1)) - 1)) << shift
            shift += width - 1
            if not group >> (width - 1):
                return value
            if shift > 64:
                raise EOFError

    def align(self) -> None:
        self.fixed((self._left - self._size) % 32)


def _read_producer(bits: _Bits) -> str | None:
    if bits.fixed(2) != _ENTER or bits.vbr(8) != _IDENTIFICATION_BLOCK:
        return None
    width = bits.vbr(4)
    bits.align()
    bits.fixed(32)  # length of the block, in words
    abbreviations: list[list[tuple[int, int]]] = []
    for _ in range(_MAX_RECORDS):
        code = bits.fixed(width)
        if code in (_END, _ENTER):
            return None
        if code == _DEFINE:
            abbreviations.append(_read_abbreviation(bits))
            continue
        if code == _UNABBREVIATED:
            record = [bits.vbr(6), *(bits.vbr(6) for _ in range(_bounded(bits.vbr(6))))]
        elif code - 4 < len(abbreviations):
            record = _read_record(bits, abbreviations[code - 4])
        else:
            return None
        if record[:1] == [_STRING]:
            return "".join(map(chr, (char for char in record[1:] if 32 <= char < 127)))
    return None


_LITERAL = 0


def _read_abbreviation(bits: _Bits) -> list[tuple[int, int]]:
    """Return (encoding, its number) of each operand; a literal's encoding is 0."""
    operands = []
    for _ in range(_bounded(bits.vbr(5))):
        if bits.fixed(1):
            operands.append((_LITERAL, bits.vbr(8)))
        else:
            encoding = bits.fixed(3)
            operands.append((encoding, bits.vbr(5) if encoding in (_FIXED, _VBR) else 0))
    return operands


def _read_record(bits: _Bits, operands: list[tuple[int, int]]) -> list[int]:
    record: list[int] = []
    for index, (encoding, number) in enumerate(operands):
        if encoding == _ARRAY:
            count = _bounded(bits.vbr(6))
            element = operands[-1] if index + 2 == len(operands) else (_BLOB, 0)
            return [*record, *(_read_scalar(bits, *element) for _ in range(count))]
        record.append(_read_scalar(bits, encoding, number))
    return record


def _read_scalar(bits: _Bits, encoding: int, number: int) -> int:
    if encoding == _LITERAL:
        return number
    if encoding == _FIXED:
        return bits.fixed(number)
    if encoding == _VBR and number > 1:
        return bits.vbr(number)
    if encoding == _CHAR6:
        return ord(_CHAR6_CHARS[bits.fixed(6)])
    raise EOFError  # a blob, or nothing that LLVM writes here


def _bounded(count: int) -> int:
    if count > _MAX_CHARS:
        raise EOFError
    return count
