"""The table of helpers equals the kernel's own lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from btfview.bpf_helpers import HELPER_NUMBERS

UAPI = Path("/usr/include/linux/bpf.h")
LIBBPF = Path("/usr/include/bpf/bpf_helper_defs.h")


@pytest.mark.skipif(not UAPI.exists(), reason="needs linux/bpf.h (Debian: linux-libc-dev)")
def test_names_and_numbers_are_those_of_the_uapi_header() -> None:
    # __BPF_FUNC_MAPPER lists FN(name) in the order of enum bpf_func_id, newer ones FN(name, number, ..).
    text = UAPI.read_text()
    listed = re.findall(r"FN\((\w+)(?:,[^)]*)?\)", text[text.index("_BPF_FUNC_MAPPER(FN") :].split("\n\n")[0])
    listed = [name for name in listed if name not in ("FN", "unspec")]
    assert len(listed) > 150
    assert {f"bpf_{name}": number for number, name in enumerate(listed, 1)}.items() <= HELPER_NUMBERS.items()


@pytest.mark.skipif(not LIBBPF.exists(), reason="needs bpf_helper_defs.h (Debian: libbpf-dev)")
def test_names_and_numbers_are_those_of_libbpf() -> None:
    listed = re.findall(r"\(\*(bpf_\w+)\)\([^;]*\) = \(void \*\) (\d+);", LIBBPF.read_text())
    assert {name: int(number) for name, number in listed} == HELPER_NUMBERS
