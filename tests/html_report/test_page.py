"""The page is one file that holds everything, shows every fate, and reads nothing of a file as markup."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from btfview.analysis.analyse import analyse
from btfview.analysis.fates import fates_of
from btfview.analysis.result import Analysis
from btfview.analysis.retarget import retarget
from btfview.btf.kinds import CoreReloKind
from btfview.cli.main import main
from btfview.frozen import replace
from btfview.html_report.matrix import chosen_items
from btfview.html_report.page import report_page
from btfview.targets.atlas_kernels import AtlasTarget
from btfview.targets.find import open_target
from btfview.targets.target import Target
from tests.btf.build import INT, build_btf_bytes, struct
from tests.objects import Record, build_object
from tests.paths import DEMO, ROOT

KERNELS = ("5.10.0-46-amd64", "6.1.0-56-amd64", "6.12.117+deb12-amd64")
RECORD = Record(CoreReloKind.FIELD_BYTE_OFFSET, "t", "0:0", 0)
VOID = frozenset(("meta", "br"))
"""Elements without an end (HTML, 13.1.2, of those that are used here)."""
UNGUARDED = """\
#![feature(btf_relocations)]
#![no_std]
#[repr(Btf)]
pub struct task_struct { state: usize, pid: i32 }
#[no_mangle]
pub fn state() -> usize {
    // <script>alert(1)</script> & "more"
    core::btf::field_byte_offset!(task_struct, state)
}
"""
"""5.14 renamed the field: missing on all but the first of KERNELS."""


class Page(HTMLParser):
    """A page taken apart; it must be balanced."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text.append(data)

    def ids(self) -> list[str]:
        return [attrs["id"] or "" for _, attrs in self.tags if "id" in attrs]

    def links(self) -> list[str]:
        return [attrs["href"] or "" for _, attrs in self.tags if "href" in attrs]


def analysis_of(path: Path, *kernels: str) -> Analysis:
    targets = tuple(open_target(name) for name in kernels)
    return retarget(analyse(str(path), ()), targets)[0]


@pytest.fixture(scope="module")
def unguarded(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    path = tmp_path_factory.mktemp("page") / "prog.rs"
    path.write_text(UNGUARDED)
    return analysis_of(path, *KERNELS)


@pytest.fixture(scope="module")
def page(unguarded: Analysis) -> str:
    return report_page([unguarded])


def test_it_holds_all_it_needs_and_runs_nothing(page: str) -> None:
    found = Page(page)
    assert {tag for tag, _ in found.tags} <= {
        "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h4", "p", "nav", "main",
        "div", "table", "thead", "tbody", "tr", "th", "td", "span", "i", "b", "details", "summary", "section",
        "pre", "footer", "article",
    }  # fmt: skip
    assert not [
        name for _, attrs in found.tags for name in attrs if name in ("src", "style") or name[:2] == "on"
    ]
    assert all(link.startswith("#") for link in found.links())
    style = page.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src &#39;none&#39;" in page


def test_links_lead_to_what_is_there_once(page: str) -> None:
    found = Page(page)
    ids = found.ids()
    assert len(set(ids)) == len(ids)
    assert {link.removeprefix("#") for link in found.links()} <= set(ids)


def test_it_tells_what_fails_where_and_why(page: str, unguarded: Analysis) -> None:
    """The words are those of the screen; the field was renamed in Linux 5.14."""
    text = "".join(Page(page).text)
    assert "✖ 1 record fails on 2 of 3 kernels" in text
    assert "struct task_struct has no member state there" in text
    assert "task_struct.state is now task_struct.__state" in text
    assert "on 6.1.0-56-amd64, 6.12.117+deb12-amd64" in text
    cells = re.findall(r'<td class="(\S+)" title="[^"]*">([^<]*)</td>', page)
    assert cells[:2] == [("moved", "▲ 16"), ("missing", "✖")]
    assert len(cells) == 2 * unguarded.item_count  # two of the kernels are a class


def test_a_strip_has_a_cell_a_kernel(page: str) -> None:
    whole, *others = page.split('<span class="strip')[1:]
    assert 'aria-label="fails on 2 of 3 kernels"' in whole
    assert others
    for one in (whole, *others):
        assert one.count("<i ") == len(KERNELS)


def test_what_stands_in_a_source_is_text(page: str) -> None:
    assert "<script" not in page
    assert '// <script>alert(1)</script> & "more"' in "".join(Page(page).text)


def test_names_of_an_object_are_text(tmp_path: Path) -> None:
    """BTF may hold any name, and a file system any path."""
    evil = "\"><script>\x1b[31m</style>&amp;'t"
    path, btf = tmp_path / "<b>o&\"'.o", tmp_path / "k<i>.btf"
    types = [struct(evil, size=4, **{'a" onclick="x': (INT, 0)})]
    path.write_bytes(build_object(types, [Record(CoreReloKind.FIELD_BYTE_OFFSET, evil, "0:0", 0)]))
    btf.write_bytes(build_btf_bytes(INT))
    text = report_page([analysis_of(path, str(btf))], [f"<u>{evil}"])
    found = Page(text)
    assert "\x1b" not in text
    assert not [tag for tag, _ in found.tags if tag in ("script", "u")]
    assert "<b>o&\"'.o" in "".join(found.text)


def test_a_source_that_does_not_compile_shows_its_errors(tmp_path: Path) -> None:
    path = tmp_path / "bad.rs"
    path.write_text(UNGUARDED.replace("task_struct, state)", "task_struct, stat)"))
    text = "".join(Page(report_page([analysis_of(path, KERNELS[0])])).text)
    assert "✖ it does not compile: 1 error" in text
    assert "no field `stat`" in text


def test_several_programs_share_no_id(unguarded: Analysis) -> None:
    found = Page(report_page([unguarded, unguarded]))
    assert len(set(found.ids())) == len(found.ids())
    assert {link.removeprefix("#") for link in found.links()} <= set(found.ids())


def test_of_many_records_those_that_fail_have_a_row(shared: Path) -> None:
    found = analysis_of(shared / "corpus" / "obj" / "k02_rename.v3.o", KERNELS[1])
    fates = fates_of(found)
    chosen = chosen_items(found, fates, 20)
    assert len(chosen) == 20
    assert set(fates.failing_items) <= set(chosen)
    assert list(chosen) == sorted(chosen)


def test_a_thousand_kernels_make_no_page_that_nobody_can_open(unguarded: Analysis) -> None:
    """1,002 kernels in two classes: a strip has at most 400 cells, a title 40 names."""
    count = 1002
    kinds = [min(number % 3, 1) for number in range(count)]  # a third like the first of KERNELS
    targets = tuple(
        Target(f"5.{number}.0-amd64", unguarded.targets[kind].path, "file")
        for number, kind in enumerate(kinds)
    )
    for target, kind in zip(targets, kinds, strict=True):
        target._btf = unguarded.targets[kind].btf  # read once, not a thousand times
    many = replace(
        unguarded,
        targets=targets,
        results=tuple(tuple(row[kind] for kind in kinds) for row in unguarded.results),
        asks=tuple(
            replace(ask, answers=tuple(ask.answers[kind] for kind in kinds)) for ask in unguarded.asks
        ),
        answers=(),
        demands=(),
        verdicts=(),
        unreached=frozenset(),
    )
    text = report_page([many])
    found = Page(text)
    assert "✖ 1 record fails on 668 of 1002 kernels" in "".join(found.text)
    assert len(text) < 500_000
    whole = text.split('<span class="strip')[1]
    assert whole.count("<i ") == 400


def test_colours_can_be_read() -> None:
    """WCAG 2.1, 1.4.3: 4.5 between text and what it stands on, in both themes."""
    style = (ROOT / "btfview" / "html_report" / "style.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        colors = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        pairs = [(name, ground) for ground in ("ground", "raised") for name in
                 ("text", "dim", "link", "good", "moved", "guarded", "bad", "warn", "name")]  # fmt: skip
        pairs += [("bad", "bad-ground"), ("moved", "moved-ground"), ("text", "moved-ground")]
        for name, ground in pairs:
            assert contrast(colors[name], colors[ground]) >= 4.5, (name, ground)


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    """WCAG 2.1, "relative luminance"."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.html"
    sched = str(DEMO / "sched.rs")
    assert main(["report", sched, "-t", KERNELS[1], "-o", str(out)]) == 0
    assert "✔ nothing fails on 1 kernel" in "".join(Page(out.read_text()).text)
    assert main(["report", sched, str(tmp_path / "gone.o"), "-t", KERNELS[1], "-o", str(out)]) == 3
    assert "gone.o: no such file" in "".join(Page(out.read_text()).text)
    capsys.readouterr()
    assert main(["report", sched, "-t", KERNELS[1], "-o", sched]) == 2
    assert "one of the files that are read" in capsys.readouterr().err


@pytest.mark.debian_tool("chromium")
def test_chromium_opens_what_a_link_leads_to(page: str, tmp_path: Path) -> None:
    """A link into a closed block opens it (HTML, "ancestor revealing"); nothing on the page is refused."""
    path = tmp_path / "page.html"
    path.write_text(page)
    closed = re.findall(r"<details><summary>.*?id=\"(i\d+|d\d+)\"", page, re.DOTALL)
    assert closed
    done = subprocess.run(
        [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--log-level=0",
            "--dump-dom", f"file://{path}#{closed[0]}",
        ],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr
    shown = re.search(
        rf'<details( open="")?><summary>(?:(?!<details).)*?id="{closed[0]}"', done.stdout, re.DOTALL
    )
    assert shown is not None
    assert shown[1], "the block of the link is closed"
    shutil.rmtree(tmp_path / "profile", ignore_errors=True)


def test_kernels_of_an_atlas_are_asked_once_and_the_page_is_that_of_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the ids of types, which each kernel has its own of."""
    monkeypatch.chdir(tmp_path)
    Path("prog.o").write_bytes(build_object([struct("t", size=4, a=(INT, 0))], [RECORD]))
    Path("k").mkdir()
    for number, at in enumerate((32, 32, 64)):
        kernel = build_btf_bytes(struct("t", size=16, a=(INT, at), b=(INT, 0)))
        Path(f"k/6.{number}.0-1-amd64.btf").write_bytes(kernel)
    assert main(["atlas", "build", "k", "-o", "k.atlas"]) == 0
    assert main(["report", "prog.o", "-t", "k", "-o", "of-files.html"]) == 0
    monkeypatch.setattr(AtlasTarget, "read", lambda *_: pytest.fail("a kernel is made"))
    assert main(["report", "prog.o", "-t", "k.atlas", "-o", "of-atlas.html"]) == 0
    pages = [re.sub(r"\[\d+\] ", "", Path(f"of-{name}.html").read_text()) for name in ("files", "atlas")]
    assert pages[0] == pages[1]
