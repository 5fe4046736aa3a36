"""What LLVM's BPF back end would call a library for, and there is none: products that overflow.

``llvm.umul.with.overflow.i64`` becomes 128-bit arithmetic (``__multi3``). Here the product is divided again;
an empty assembly keeps LLVM from seeing through that and making the intrinsic of it.
"""

from __future__ import annotations

REPLACED = {
    "llvm.umul.with.overflow.i64": "__btf_umul_overflow",
    "llvm.smul.with.overflow.i64": "__btf_smul_overflow",
}
"""Intrinsics, and the functions that stand in for them."""

_UNSIGNED = """define internal { i64, i1 } @__btf_umul_overflow(i64 %a, i64 %b) alwaysinline nounwind {
start:
  %product = mul i64 %a, %b
  %hidden = call i64 asm "", "=r,0"(i64 %product)
  %none = icmp eq i64 %a, 0
  %divisor = select i1 %none, i64 1, i64 %a
  %quotient = udiv i64 %hidden, %divisor
  %differs = icmp ne i64 %quotient, %b
  %some = xor i1 %none, true
  %over = and i1 %some, %differs
  %one = insertvalue { i64, i1 } poison, i64 %product, 0
  %both = insertvalue { i64, i1 } %one, i1 %over, 1
  ret { i64, i1 } %both
}
"""
_SIGNED = """define internal { i64, i1 } @__btf_smul_overflow(i64 %a, i64 %b) alwaysinline nounwind {
start:
  %a.minus = sub i64 0, %a
  %a.below = icmp slt i64 %a, 0
  %a.size = select i1 %a.below, i64 %a.minus, i64 %a
  %b.minus = sub i64 0, %b
  %b.below = icmp slt i64 %b, 0
  %b.size = select i1 %b.below, i64 %b.minus, i64 %b
  %sizes = call { i64, i1 } @__btf_umul_overflow(i64 %a.size, i64 %b.size)
  %size = extractvalue { i64, i1 } %sizes, 0
  %wrapped = extractvalue { i64, i1 } %sizes, 1
  %below = xor i1 %a.below, %b.below
  %most = select i1 %below, i64 -9223372036854775808, i64 9223372036854775807
  %large = icmp ugt i64 %size, %most
  %over = or i1 %wrapped, %large
  %product = mul i64 %a, %b
  %one = insertvalue { i64, i1 } poison, i64 %product, 0
  %both = insertvalue { i64, i1 } %one, i1 %over, 1
  ret { i64, i1 } %both
}
"""


def definitions(used: set[str]) -> list[str]:
    """Return the lines that define what of :data:`REPLACED` is *used*."""
    wanted = used & set(REPLACED.values())
    text = _UNSIGNED if wanted else ""
    return [*text.split("\n"), *(_SIGNED.split("\n") if "__btf_smul_overflow" in wanted else ())]
