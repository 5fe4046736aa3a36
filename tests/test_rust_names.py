"""Mangled names of Rust: held to llvm-cxxfilt for v0, and to the sources they come from."""

from __future__ import annotations

import random
import subprocess

import pytest

from btfview.rust_names import demangled

V0 = {
    "_RINvCsXXId2UFtzW_5probe3genKj3_hEB2_": "probe::gen::<3, u8>",
    "_RINvCsXXId2UFtzW_5probe4gen2FhEtEB2_": "probe::gen2::<fn(u8) -> u16>",
    "_RINvNtCsgEmfK2I1SDS_4core3mem6forgetAhj3_ECsXXId2UFtzW_5probe": "core::mem::forget::<[u8; 3]>",
    "_RNCINvCsXXId2UFtzW_5probe3genKj3_hE0B4_": "probe::gen::<3, u8>::{closure#0}",
    "_RNvMNtCsXXId2UFtzW_5probe4mapsINtB2_7HashMapmPxE3getB4_": (
        "<probe::maps::HashMap<u32, *const i64>>::get"
    ),
    "_RNvXs_NtCsXXId2UFtzW_5probe4mapsINtB4_7HashMapmPxENtB4_4Read4read": (
        "<probe::maps::HashMap<u32, *const i64> as probe::maps::Read>::read"
    ),
}
"""What rustc 1.95 made of a program, and what stands in the program."""
LEGACY = {
    "_ZN4core3mem6forget17h1f1209bf0937dc2cE": "core::mem::forget",
    "_ZN5probe3gen28_$u7b$$u7b$closure$u7d$$u7d$17h0870e7e10536fac5E": "probe::gen::{{closure}}",
    "_ZN5probe4maps20HashMap$LT$K$C$V$GT$3get17h9e29670119cbdf9aE": "probe::maps::HashMap<K,V>::get",
    "_ZN89_$LT$probe..maps..HashMap$LT$u32$C$$BP$const$u20$i64$GT$$u20$as$u20$probe..maps..Read$GT$4read17h60e5"
    "5e728ab40a87E": "<probe::maps::HashMap<u32,*const i64> as probe::maps::Read>::read",
}


@pytest.mark.parametrize(("symbol", "name"), [*V0.items(), *LEGACY.items()])
def test_a_name_is_that_of_the_source(symbol: str, name: str) -> None:
    assert demangled(symbol) == name


@pytest.mark.parametrize(
    "symbol",
    [
        "handle", "_ZN3foo3barE", "_ZN9forget17h1f1209bf0937dc2cE", "_ZN3foo17hnothexnothexnotE", "_R",
        "_RNv", "_R1C3foo", "_RNvC3foo9short", "_RB_", "_RNvB_3foo", "_R" + "Nv" * 5000 + "C1a",
        "_RIC1a" + "T" * 4000,
    ],
)  # fmt: skip
def test_what_is_no_name_of_rust_stays(symbol: str) -> None:
    assert demangled(symbol) == symbol


@pytest.mark.debian_tool("llvm-cxxfilt-19")
def test_changed_names_are_read_as_llvm_reads_them() -> None:
    chance = random.Random(20261130)
    symbols = list(V0)
    for _ in range(4000):
        chars = list(chance.choice(list(V0)))
        for _ in range(chance.randint(1, 2)):
            chars[chance.randrange(2, len(chars))] = chance.choice("_sBNvCIERTKjhmy0123456789")
        symbols.append("".join(chars))
    said = subprocess.run(
        ["llvm-cxxfilt-19"], input="\n".join(symbols), capture_output=True, text=True, check=True
    ).stdout.splitlines()
    read = {symbol: demangled(symbol) for symbol in symbols}
    wrong = {
        symbol: (read[symbol], theirs)
        for symbol, theirs in zip(symbols, said, strict=True)
        if read[symbol] != symbol and theirs != symbol and read[symbol] != theirs
    }
    assert wrong == {}
    assert sum(name != symbol for symbol, name in read.items()) > 100
