"""The same text and options are compiled once: what is kept, what is not, how much. LLVM's runs count."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from btfview.compiler.cache import CompileCache
from btfview.compiler.compile import compile_source
from btfview.compiler.llvm.cold import LlvmAnswer
from btfview.compiler.llvm.protocol import LlvmJob
from btfview.compiler.llvm.worker import Worker
from btfview.compiler.options import CompileOptions
from btfview.compiler.result import CompileResult
from btfview.source import Source

OBJ = frozenset({"obj"})
HEAD = "#![feature(btf_relocations)]\n#[repr(Btf)]\npub struct t { a: u64, b: u64 }\n"
TEXT = HEAD + "pub fn f() -> usize { core::btf::field_byte_offset!(t, b) }\n"
BIG = CompileOptions(endian="big")


class CountingWorker(Worker):
    runs = 0

    def run(self, job: LlvmJob, epoch: int | None = None) -> LlvmAnswer:
        self.runs += 1
        return super().run(job, epoch)


@pytest.fixture
def worker() -> Iterator[CountingWorker]:
    made = CountingWorker()
    yield made
    made.close()


@pytest.fixture
def cache() -> CompileCache:
    return CompileCache()


def test_the_same_text_and_options_are_compiled_once(worker: CountingWorker, cache: CompileCache) -> None:
    first = compile_source(Source("a.rs", TEXT), worker=worker, cache=cache)
    again = compile_source(Source("a.rs", TEXT), worker=worker, cache=cache)
    assert worker.runs == 1
    assert not first.is_cached
    assert again.is_cached
    assert again.object is first.object
    assert (again.ir, again.program, again.diagnostics) == (first.ir, first.program, first.diagnostics)


def test_options_to_and_fro_and_an_edit_undone_compile_nothing_anew(
    worker: CountingWorker, cache: CompileCache
) -> None:
    default = CompileOptions()
    steps = [(TEXT, default), (TEXT, BIG), (TEXT, default), (TEXT + "// x\n", default), (TEXT, default)]
    found = [
        compile_source(Source("a.rs", text), options, worker=worker, cache=cache) for text, options in steps
    ]
    assert [one.is_cached for one in found] == [False, False, True, False, True]
    assert worker.runs == 3
    assert found[2].object == found[4].object == found[0].object
    assert found[1].options == BIG
    assert found[1].object != found[0].object


@pytest.mark.parametrize(
    ("path", "text", "options"),
    [
        pytest.param("b.rs", TEXT, CompileOptions(), id="another-path"),  # it stands in the line records
        pytest.param("a.rs", TEXT + " ", CompileOptions(), id="another-text"),
        pytest.param("a.rs", TEXT, CompileOptions(cpu="v4"), id="another-option"),
    ],
)
def test_anything_that_counts_makes_another_compile(
    worker: CountingWorker, cache: CompileCache, path: str, text: str, options: CompileOptions
) -> None:
    compile_source(Source("a.rs", TEXT), worker=worker, cache=cache)
    assert not compile_source(Source(path, text), options, worker=worker, cache=cache).is_cached
    assert worker.runs == 2


def test_a_source_that_was_refused_is_refused_again_in_the_same_words(
    worker: CountingWorker, cache: CompileCache
) -> None:
    text = HEAD + "pub fn f() -> usize { core::btf::field_byte_offset!(t, c) }\n"
    first = compile_source(Source("a.rs", text), worker=worker, cache=cache)
    again = compile_source(Source("a.rs", text), worker=worker, cache=cache)
    assert first.has_errors
    assert again.is_cached
    assert again.diagnostics == first.diagnostics
    assert again.object is None


def test_a_failure_of_llvm_is_not_kept(worker: CountingWorker, cache: CompileCache) -> None:
    """The time limit is the machine's matter: the next run may be in time."""
    late = compile_source(Source("a.rs", TEXT), worker=worker, cache=cache, time_limit=0.000001)
    assert late.has_errors
    assert len(cache) == 0
    assert compile_source(Source("a.rs", TEXT), worker=worker, cache=cache).object is not None


def test_what_was_not_asked_for_then_is_made_now_and_kept_beside(
    worker: CountingWorker, cache: CompileCache
) -> None:
    source = Source("a.rs", TEXT)
    compile_source(source, worker=worker, cache=cache)
    asm = compile_source(source, emit=OBJ | {"asm"}, worker=worker, cache=cache)
    assert not asm.is_cached
    optimized = compile_source(source, emit=OBJ | {"ir-optimized"}, worker=worker, cache=cache)
    assert not optimized.is_cached
    assert worker.runs == 3
    both = compile_source(source, emit=OBJ | {"ir", "asm", "ir-optimized"}, worker=worker, cache=cache)
    assert both.is_cached
    assert (both.asm, both.ir_optimized) == (asm.asm, optimized.ir_optimized)


def test_a_forgotten_path_is_compiled_again(worker: CountingWorker, cache: CompileCache) -> None:
    for path in ("a.rs", "b.rs"):
        compile_source(Source(path, TEXT), worker=worker, cache=cache)
    cache.forget("a.rs")
    assert not compile_source(Source("a.rs", TEXT), worker=worker, cache=cache).is_cached
    assert compile_source(Source("b.rs", TEXT), worker=worker, cache=cache).is_cached


@pytest.mark.debian_tool("clang-19")
def test_c_is_compiled_every_time_for_what_it_includes_may_change(cache: CompileCache) -> None:
    source = Source("a.c", "int f(int a) { return a; }\n")
    assert [compile_source(source, cache=cache).is_cached for _ in range(2)] == [False, False]
    assert len(cache) == 0


def result(name: str, size: int) -> CompileResult:
    return CompileResult(Source(name, ""), CompileOptions(), (), None, "", b"o" * size)


def test_the_oldest_give_way_beyond_a_number() -> None:
    cache = CompileCache(max_results=2)
    for name in ("a.rs", "b.rs"):
        cache.add(result(name, 1))
    assert cache.find(Source("a.rs", ""), CompileOptions(), OBJ)  # now b is the one not asked for longest
    cache.add(result("c.rs", 1))
    kept = [bool(cache.find(Source(name, ""), CompileOptions(), OBJ)) for name in ("a.rs", "b.rs", "c.rs")]
    assert kept == [True, False, True]


def test_bytes_are_bounded_and_counted() -> None:
    cache = CompileCache(max_bytes=100)
    for name, size in (("a.rs", 60), ("a.rs", 50), ("b.rs", 50)):
        cache.add(result(name, size))
    assert (len(cache), cache.byte_size) == (2, 100)
    cache.add(result("c.rs", 1))
    assert cache.byte_size == 51
    cache.add(result("d.rs", 101))  # more than all room: it pushes out the others and does not stay
    assert (len(cache), cache.byte_size) == (0, 0)
