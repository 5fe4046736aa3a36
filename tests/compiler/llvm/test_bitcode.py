"""Bitcode as it comes: recognised, named by its producer, linked, and refused in words."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.compiler.llvm.bitcode import is_bitcode, producer_of
from btfview.compiler.llvm.cold import LlvmAnswer
from btfview.compiler.llvm.messages import explain_modules
from btfview.compiler.options import CompileOptions
from btfview.errors import InputError, UsageError

PAIR = "struct pair { long a, b; } __attribute__((preserve_access_index));\n"
SECOND = PAIR + "long second(struct pair *p) { return p->b; }\n"
FIRST = PAIR + "long first(struct pair *p) { return p->a; }\n"

pytestmark = pytest.mark.debian_tool("clang-19")


def bitcode(folder: Path, name: str, code: str, triple: str = "bpfel") -> str:
    """Return the path of *code* as clang-19's bitcode, before any pass."""
    path = folder / name
    command = ["clang-19", "-target", triple, "-g", "-O2", "-Xclang", "-disable-llvm-passes"]
    command += ["-emit-llvm", "-c", "-x", "c", "-", "-o", str(path)]
    subprocess.run(command, input=code, text=True, check=True)
    return str(path)


def wrapped(data: bytes) -> bytes:
    """Return bitcode in the wrapper that Apple's tools write (llvm.org/docs/BitCodeFormat.html)."""
    words = (0x0B17C0DE, 0, 20, len(data), 0)
    return b"".join(word.to_bytes(4, "little") for word in words) + data


def with_producer(data: bytes, old: str, new: str) -> bytes:
    """Return bitcode whose producer, of the same length, is another; its letters are six bits each."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._"

    def bits(text: str) -> int:
        return sum(letters.index(char) << (6 * index) for index, char in enumerate(text))

    number, mask = int.from_bytes(data[:256], "little"), (1 << (6 * len(old))) - 1
    [shift] = [at for at in range(2048) if (number >> at) & mask == bits(old)]
    number ^= (bits(old) ^ bits(new)) << shift
    return number.to_bytes(256, "little") + data[256:]


def test_the_producer_is_that_of_the_compiler(tmp_path: Path) -> None:
    data = Path(bitcode(tmp_path, "a.bc", SECOND)).read_bytes()
    version = subprocess.run(["clang-19", "-dumpversion"], check=True, capture_output=True, text=True).stdout
    assert producer_of(data) == producer_of(wrapped(data)) == f"LLVM{version.strip()}"


def test_bitcode_cut_anywhere_has_a_producer_or_none(tmp_path: Path) -> None:
    data = Path(bitcode(tmp_path, "a.bc", SECOND)).read_bytes()
    found = {producer_of(data[:size]) for size in range(300)}
    assert found == {None, producer_of(data)}


@pytest.mark.parametrize("name", ["a.bc", "a.o"])
@pytest.mark.parametrize("is_wrapped", [False, True])
def test_bitcode_of_any_name_gives_its_records(name: str, is_wrapped: bool, tmp_path: Path) -> None:
    path = Path(bitcode(tmp_path, name, SECOND))
    if is_wrapped:
        path.write_bytes(wrapped(path.read_bytes()))
    analysis = analyse(str(path))
    assert analysis.origin == "bitcode"
    assert [(relo.path, relo.local_value) for relo in analysis.relos] == [("pair.b", 8)]


def test_several_modules_are_linked_in_their_order(tmp_path: Path) -> None:
    first, second = bitcode(tmp_path, "1.bc", FIRST), bitcode(tmp_path, "2.bc", SECOND)
    analysis = analyse(first, (), CompileOptions(link=(second,)))
    assert [(relo.program, relo.path) for relo in analysis.relos] == [
        ("first", "pair.a"),
        ("second", "pair.b"),
    ]


def only_error(path: str, *link: str) -> tuple[str, str | None]:
    analysis = analyse(path, (), CompileOptions(link=link))
    assert analysis.object is None
    [diagnostic] = analysis.diagnostics
    return diagnostic.message, diagnostic.hint


def test_modules_that_define_the_same_name_the_second(tmp_path: Path) -> None:
    one, two = bitcode(tmp_path, "1.bc", FIRST), bitcode(tmp_path, "2.bc", FIRST)
    message, _ = only_error(one, two)
    assert message.startswith(f"{two} does not link with what stands before it: ")
    assert "'first'" in message


def test_bitcode_for_the_host_says_for_what_it_is(tmp_path: Path) -> None:
    message, hint = only_error(bitcode(tmp_path, "a.bc", FIRST, "x86_64-linux-gnu"))
    assert message == "the IR is for x86_64, not for BPF"
    assert hint
    assert "clang -target bpf" in hint


def test_bitcode_that_is_cut_short_names_its_file(tmp_path: Path) -> None:
    path = Path(bitcode(tmp_path, "a.bc", FIRST))
    path.write_bytes(path.read_bytes()[:600])
    message, _ = only_error(str(path))
    assert message.startswith(f"{path}: LLVM ")
    assert "cannot read this bitcode of LLVM 19." in message


def test_bitcode_of_a_newer_llvm_that_cannot_be_read_names_both_versions(tmp_path: Path) -> None:
    path = Path(bitcode(tmp_path, "a.bc", FIRST))
    data = path.read_bytes()
    old = str(producer_of(data))
    path.write_bytes(with_producer(data, old, "LLVM99" + old[6:])[:600])
    message, hint = only_error(str(path))
    assert f"was written by LLVM 99{old[6:]}, newer than the LLVM " in message
    assert hint
    assert hint.startswith("make it with LLVM ")


def test_a_newer_module_is_named_where_it_ends_llvm(tmp_path: Path) -> None:
    data = Path(bitcode(tmp_path, "a.bc", FIRST)).read_bytes()
    newer = with_producer(data, "LLVM19", "LLVM99")
    answer = LlvmAnswer(failure="signal", code=-6, stderr="Assertion `x' failed.\n", llvm_version="22.1.0")
    [diagnostic] = explain_modules(answer, {"old.bc": data, "new.bc": newer})
    assert diagnostic.message.startswith("new.bc was written by LLVM 99.")
    assert diagnostic.message.endswith("newer than the LLVM 22.1.0 in btfview: x")
    assert explain_modules(answer, {"old.bc": data}) == ()


def test_link_is_for_bitcode_alone(tmp_path: Path) -> None:
    module = bitcode(tmp_path, "a.bc", FIRST)
    source, text = tmp_path / "a.c", tmp_path / "a.txt"
    source.write_text(FIRST)
    text.write_text("no module")
    with pytest.raises(UsageError, match="--link is for bitcode, and this is a source"):
        analyse(str(source), (), CompileOptions(link=(module,)))
    with pytest.raises(UsageError, match="it is there already"):
        analyse(module, (), CompileOptions(link=(module,)))
    with pytest.raises(InputError, match="neither bitcode nor LLVM IR"):
        analyse(module, (), CompileOptions(link=(str(text),)))


def test_what_is_no_bitcode_is_not_taken_for_it() -> None:
    assert not is_bitcode(b"\x7fELF")
    assert not is_bitcode(b"BC")
