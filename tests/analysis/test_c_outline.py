"""Items, headers and conditionals of C sources, as far as brackets tell."""

from __future__ import annotations

import pytest

from btfview.analysis.source_text.c_outline import COutline, read_c_outline

SOURCE = """\
// SPDX-License-Identifier: GPL-2.0
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define LOOP(x) for (;;) { x; }

struct event { int pid; } __attribute__((packed));
static const char word[] = "} ; {";
int counts[4] = { 1, 2 };

#ifdef DEBUG
int debug;
#endif

/* the work */
static __always_inline int half(int x) { return x / 2; }

SEC("kprobe/do_exit")
int BPF_KPROBE(on_exit, long code)
{
	if (code) { return 1; }
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
"""


def named(outline: COutline) -> list[str]:
    return [str(item) for item in outline.items]


def test_items_are_told_with_their_names() -> None:
    outline = read_c_outline(SOURCE)
    assert outline.is_sound
    assert named(outline) == ["event", "word", "counts", "debug", "half()", "on_exit()", "LICENSE"]
    assert [item.name for item in outline.items if item.is_conditional] == ["debug"]
    assert [item.name for item in outline.items if item.is_function] == ["half", "on_exit"]
    starts = [SOURCE[item.start :].split("\n")[0] for item in outline.items]
    assert starts[0].startswith("struct event {")
    assert starts[5] == 'SEC("kprobe/do_exit")'
    assert all(SOURCE[item.end - 1] in ";}" for item in outline.items)


def test_headers_end_behind_the_last_include_before_the_first_item() -> None:
    outline = read_c_outline(SOURCE)
    assert outline.headers == ('"vmlinux.h"', "<bpf/bpf_helpers.h>")
    assert SOURCE[: outline.headers_end].endswith("#include <bpf/bpf_helpers.h>\n")


def test_without_includes_they_would_stand_behind_the_first_comment() -> None:
    text = "/* What\n   it is. */\n\nint x;\n"
    assert text[read_c_outline(text).headers_end :] == "int x;\n"
    assert read_c_outline("").headers_end == 0


def test_an_include_in_a_conditional_is_known_and_none_is_put_there() -> None:
    text = "#include <a.h>\n#if 1\n#include <b.h>\n#endif\nint x;\n"
    outline = read_c_outline(text)
    assert outline.headers == ("<a.h>", "<b.h>")
    assert text[: outline.headers_end] == "#include <a.h>\n"


def test_a_place_is_told_its_item() -> None:
    outline = read_c_outline(SOURCE)
    found = outline.item_at(SOURCE.index("return 1"))
    assert found is not None
    assert found.name == "on_exit"
    assert outline.item_at(SOURCE.index("/* the work")) is None


@pytest.mark.parametrize("text", ["int f() { ( }", "}", "int x[3;", "int f() {", ")"])
def test_brackets_that_do_not_go_together_are_told(text: str) -> None:
    assert not read_c_outline(text).is_sound


def test_old_newlines_are_taken_as_they_are() -> None:
    text = SOURCE.replace("\n", "\r\n")
    outline = read_c_outline(text)
    assert named(outline) == named(read_c_outline(SOURCE))
    assert text[: outline.headers_end].endswith("#include <bpf/bpf_helpers.h>\r\n")
