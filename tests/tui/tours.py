"""What each key of each screen does to what the user sees: tours through them, by class.

Each step presses keys, and says what is on the screen after them that was not there before, or was and is
gone. The class is the one whose ``BINDINGS`` hold the key; ``test_every_key`` sees to it that each of them is
pressed in a tour of its class, so a key that is added there has to be added here.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.paths import ROOT
from tests.tui.screen import SMALL, WIDE
from tests.tui.test_problems import FAILING


@dataclass(frozen=True, slots=True)
class Step:
    keys: str
    """Textual's names, with spaces between; none only wait."""
    shows: str = ""
    """A regular expression that the screen's text matches afterwards, and did not before."""
    hides: str = ""
    """One that it matched, and does no more."""
    edit: tuple[str, str] | None = None
    """Replaced in the file before the keys are pressed, by another program."""


@dataclass(frozen=True, slots=True)
class Tour:
    """*steps* through one run of the app, on two kernels."""

    steps: tuple[Step, ...]
    size: tuple[int, int] = SMALL
    program: str = ""
    """Its text; else the demo."""


def show(keys: str, regex: str) -> Step:
    return Step(keys, shows=regex)


def hide(keys: str, regex: str) -> Step:
    return Step(keys, hides=regex)


# A kernel's offset of task_struct.se.vruntime is that of tests/tui/screen.py: 208 on 6.1, 240 on 6.12.
FIRST, SECOND = r"on 6\.1\.0-56-amd64", r"on 6\.12\.117\+deb12-amd64"

WORKBENCH = (
    Tour(
        (
            show("right_square_bracket", r"Detail · #1 "),
            show("left_square_bracket", r"Detail · #0 "),
            show("right_parenthesis", r"One file was given"),
            show("left_parenthesis", r"One file was given"),
            show("full_stop", SECOND),
            show("comma", FIRST),
            show("colon", r"go to: :"),
            hide("escape", r"go to: :"),
            show("2", r"\[2 Structs\]"),
            show("3", r"\[3 IR\]"),
            show("4", r"\[4 Relocations\]"),
            show("5", r"\[5 Offsets\]"),
            show("1", r"\[1 Source\]"),
            show("tab", r"\[2 Structs\]"),
            show("shift+tab", r"\[1 Source\]"),
            show("f", r"\[5 Offsets\][^@]*problems only"),
            hide("f f", r"problems only|moved only"),
            show("s", r"by function"),
            show("S", r"every kernel"),
            show("right_square_bracket", r"Detail · #1 "),
            show("m", r"\[2 Structs\][^@]*sum_exec_runtime"),
            hide("K", r"── cacheline"),
            show("K", r"── cacheline"),
            show("M", r"Byte map "),
            hide("escape", r"Byte map "),
            show("a", r"\[3 Disasm\]"),
            hide("a", r"\[3 Disasm\]"),
            show("v", r"3 IR ·"),
            show("v", r"3 IR opt"),
            show("v", r"3 Assembly"),
            show("v", r"3 IR intrinsics"),
            show("greater_than_sign", r"\[3 Disasm\]"),
            show("less_than_sign", r"\[3 IR\]"),
            show("V", r"kernel(: |'s verdict)"),
            Step("escape"),
            hide("V", r"kernel: "),
            show("P", r"BPFAbstractMemberAccess"),
            hide("escape", r"BPFAbstractMemberAccess"),
            hide("d", r"Detail ·"),
            show("d", r"Detail ·"),
            show("question_mark", r"What you see"),
            hide("escape", r"What you see"),
            show("f1", r"What you see"),
            hide("escape", r"What you see"),
            show("W", r"Words of this line"),
            hide("escape", r"Words of this line"),
            show("e", r"no-such-editor"),
            show("B", r"Record in \.BTF\.ext"),
            hide("escape", r"Record in \.BTF\.ext"),
            show("o", r"Open a source or an object"),
            hide("escape", r"Open a source or an object"),
            show("x", r"Export the report"),
            hide("escape", r"Export the report"),
            show("c", r"Compile options"),
            hide("escape", r"Compile options"),
            show("t", r"Targets: the kernels"),
            hide("escape", r"Targets: the kernels"),
            show("4 slash", r"enter keep, n N go on"),
            show("f i e l d", r"/field▏  2 of 4"),
            hide("enter", r"enter keep"),
            show("n", r"/field 3 of 4"),
            show("N", r"/field 2 of 4"),
            hide("escape", r"/field"),
            show("y", r"Copied"),
            show("Y", r"btfview explain"),
        )
    ),
    Tour(
        (
            hide("w", r"· watching"),
            Step("r", shows=r"sched_load_heavy", edit=("fn sched_load_weight", "fn sched_load_heavy")),
            show("w", r"· watching"),
            show("C", r"What the last edit changed"),
            hide("escape", r"What the last edit changed"),
            hide("z", r"2 Structs"),
            show("z", r"2 Structs"),
            # The source's frame and the lines above the structs.
            show("1 plus", r"1 Source ─{117}╮"),
            show("minus", r"1 Source ─{113}╮"),
            show("ctrl+down", r"^(?:.*\n){31}.*2 Structs"),
            show("ctrl+up", r"^(?:.*\n){29}.*2 Structs"),
            show("plus", r"1 Source ─{117}╮"),
            show("equals_sign", r"1 Source ─{113}╮"),
            show("b", r"search: "),
            show("escape", r"3 IR intrinsics"),
            show("i", r"editing "),
            hide("escape", r"editing "),
            show("2 g", r"i inserts it at line"),
            show("i", r"Inserted at line"),
            show("u", r"is as it was before"),
            show("F", r"It fails nowhere"),
        ),
        WIDE,
    ),
    Tour(
        (
            # The first and the last of its records have no answer, and each line has a warning.
            show("right_curly_bracket right_curly_bracket", r"#2 of 3"),
            show("left_curly_bracket", r"#0 of 3"),
            show("p", r"Problems: "),
            hide("escape", r"Problems: "),
        ),
        program=FAILING,
    ),
)

LISTS = (
    Tour(  # the source, 58 lines, opens on line 37, of the first record
        (
            show("j", r" 38/58"),
            show("k", r" 37/58"),
            show("down", r" 38/58"),
            show("up", r" 37/58"),
            # Fourteen lines are in view, so a page is thirteen, and half of one six.
            show("ctrl+d", r" 43/58"),
            show("ctrl+u", r" 37/58"),
            show("pagedown", r" 49/58"),
            show("pageup", r" 37/58"),
            show("ctrl+f", r" 49/58"),
            show("ctrl+b", r" 37/58"),
            show("G", r" 58/58"),
            show("g", r" 1/58"),
            show("end", r" 58/58"),
            show("home", r" 1/58"),
            show("right", r"│ …"),
            hide("left", r"│ …"),
            show("l", r"│ …"),
            hide("h", r"│ …"),
            # On a query, enter goes on to the next one of its line.
            show("right_square_bracket 4", r"▌#1 "),
            show("2 home enter", r"▸ struct task_struct"),
        )
    ),
)
OFFSETS = (
    Tour(
        (
            show("5 dollar_sign", SECOND),
            show("0", FIRST),
            show("dollar_sign", SECOND),
            show("circumflex_accent", FIRST),
            show("l", SECOND),
            show("h", FIRST),
            show("g", r"Code for task_struct\.se\.vruntime"),
        )
    ),
)
SAME = """#![feature(btf_relocations)] #![allow(unguarded_btf_offset)]
#[repr(Btf)]
pub struct task_struct { pid: i32 }
#[unsafe(no_mangle)]
pub fn has() -> bool { core::btf::field_exists!(task_struct, pid) }
"""
"""Both kernels give the same answers."""
RECORDS = (
    Tour(
        (
            show("4 dollar_sign", SECOND),
            show("0", FIRST),
            show("dollar_sign", SECOND),
            show("circumflex_accent", FIRST),
        )
    ),
    Tour(
        (
            show("5 space", r" 6\.12\.117\+deb12-amd64"),
            show("space", r" 6\.1 … 6\.12 ²"),
            show("K", r"every kernel"),
            hide("K", r"every kernel"),
        ),
        program=SAME,
    ),
)
# The demo's functions are in no program, so that cilium/ebpf loads none of them.
LOADERS = (
    Tour(
        (
            show("L", r"· by cilium .*[^@]*not loaded: as compiled"),
            show("L", r"· by aya"),
            show("L", r"· by libbpf-1\.1"),
            hide("L", r"· by "),
            show("D", r"\bLoaders\b"),
        )
    ),
)
FAILS = Tour(
    (show("exclamation_mark", SECOND), show("exclamation_mark", FIRST)),
    program=FAILING,
)
OPEN = (
    Tour(
        (
            # The list begins with the files that were opened last; then come folders, then files.
            show("o", r"sched\.rs +lately"),
            show("ctrl+t", r"notes\.txt"),
            hide("down down tab", r"b\.rs"),
            hide("escape", r"Open a source"),
            show("o down down enter", r"^ a\.rs  "),
            show("o down down up up enter", r"^ sched\.rs  "),
            show("o ctrl+n enter", r"^ a\.rs  "),
            show("o pagedown enter", r"^ z\.rs  "),
            show("o pagedown pageup enter", r"^ sched\.rs  "),
        )
    ),
)
TARGETS = (
    Tour(
        (
            show("t", r"\[x\] 6\.1\.0-56-amd64"),
            show("space", r"\[ \] 6\.1\.0-56-amd64"),
            show("down space", r"\[ \] 6\.12\.117\+deb12-amd64"),
            show("up space", r"\[x\] 6\.1\.0-56-amd64"),
            hide("a", r"│  \[ \]"),
            hide("n", r"\[x\]"),
            show("tab n", r"│ n "),
            hide("backspace", r"│ n "),
            show("down shift+tab space", r"\[x\] 6\.12\.117\+deb12-amd64"),
            show("tab up shift+tab space", r"\[x\] 6\.1\.0-56-amd64"),
            hide("a", r"│  \[ \]"),
            hide("escape", r"Targets: the kernels"),
        )
    ),
)
CELL = (
    Tour(
        (
            show("right_square_bracket B", r"compiled 8, there 208"),
            show("right", r"compiled 8, there 240"),
            show("left", r"compiled 8, there 208"),
            show("l", r"compiled 8, there 240"),
            show("h", r"compiled 8, there 208"),
            show("right_square_bracket", r"#2 of 4"),
            show("left_square_bracket", r"#1 of 4"),
            hide("L", r"Record in"),
            show("H", r"Record in"),
            show("y", r"Copied"),
            hide("escape", r"Record in"),
            show("B", r"Record in"),
            hide("q", r"Record in"),
            show("B", r"Record in"),
            hide("B", r"Record in"),
            show("B enter", r"\[3 Disasm\]"),
            hide("a", r"\[3 Disasm\]"),
            show("B greater_than_sign", r"\[3 Disasm\]"),
        )
    ),
    Tour(
        (
            show("B", r"On 6\.1\.0-56-amd64"),
            # Of its three records the first and the last have no answer.
            show("right_curly_bracket", r"#2 of 3"),
            show("left_curly_bracket", r"#0 of 3"),
        ),
        program=FAILING,
    ),
)
HELP = (
    Tour(
        tuple(
            step
            for key in ("escape", "q", "question_mark", "f1")
            for step in (show("question_mark", r"What you see"), hide(key, r"What you see"))
        )
    ),
    Tour(
        (
            show("question_mark", r"Keys here: Source"),
            show("slash p o i s o n", r"/poison▏ +1 of"),  # a sign, then the first word of the glossary
            show("enter n", r"field_byte_size"),
            show("N", r"the program must not reach it"),
            show("escape W", r"field_lshift_u64"),
            hide("escape", r"─ Help"),
        )
    ),
)
TYPES = (
    Tour(
        (
            show("b", r"struct    "),
            show("t a s k _ s t r u c t", r"search: task_struct"),
            show("enter", r"struct task_struct \["),
            show("down up enter", r"struct thread_info \["),
            show("b", r"struct task_struct \["),
            show("f", r"struct thread_info \["),
            show("backspace", r"struct task_struct \["),
            hide("pagedown pagedown", r"thread_info "),
            show("pageup pageup", r"thread_info "),
            show("slash v r u n", r"/vrun▏  1 of"),
            hide("enter", r"enter keep"),
            show("slash s t a t e enter", r"/state 2 of"),
            show("n", r"/state 3 of"),
            show("N", r"/state 2 of"),
            hide("escape", r"/state"),
            show("home space", r"▸ thread_info"),
            show("space", r"▾ thread_info"),
            show("minus", r"▸ wake_entry "),
            show("plus", r"▾ thread_info"),
            show("y", r"Copied"),
            show("u", r"has written nothing"),
            show("question_mark", r"What you see"),
            hide("escape", r"What you see"),
            show("f1", r"What you see"),
            hide("escape", r"What you see"),
            show("less_than_sign", r"search: task_struct"),
            show("enter home enter", r"struct thread_info \["),
            show("less_than_sign", r"struct task_struct \["),
            show("greater_than_sign", r"struct thread_info \["),
            show("ampersand", r"search: task_struct"),
            hide("ctrl+u", r"search: task_struct"),
            show("s c h e d _ e n t i t y enter", r"struct sched_entity \["),
            show("tab", r"bytes on 6\.12\.117"),
            show("shift+tab", r"bytes on 6\.1\.0"),
            show("K", r"\(cacheline"),
            hide("K", r"\(cacheline"),
            show("c", r"6\.1\.0-56-amd64 beside 6\.12\.117"),
            show("d", r"only these are shown"),
            show("x", r"\+deb12-amd64 beside"),
            show("C", r"beside ─"),
            hide("escape", r"beside ─"),
            show("t", r"Types of ─"),
            hide("escape", r"Types of ─"),
            show("g", r"Code for sched_entity\."),
            hide("escape", r"Code for"),
            show("M", r"Byte map "),
            hide("escape", r"Byte map "),
        )
    ),
    Tour(  # the list is moved from the search, too
        (
            show("b s c h e d _ e n t i t y down enter", r"struct sched_dl_entity \["),
            show("b", r"Types of "),
            show("up enter", r"struct sched_entity \["),
            show("b", r"Types of "),
            show("pagedown enter", r"struct sched_rt_entity \["),
            show("b", r"Types of "),
            show("pageup enter", r"struct sched_entity \["),
        )
    ),
    Tour(
        (show("b", r"search:"), show("escape", r"1 Source"), show("2 b", r"Type  struct"), show("q", r"3 IR"))
    ),
)
BYTE_MAP = (
    Tour(
        (
            show("2 M", r"Byte map  task_struct"),
            show("space", r"\|stack"),
            hide("space", r"\|stack"),
            show("tab", r"6\.12\.117\+deb12-amd64, struct"),
            show("shift+tab", r"6\.1\.0-56-amd64, struct"),
            show("c", r"6\.12\.117\+deb12-amd64, struct"),
            hide("c", r"6\.12\.117\+deb12-amd64, struct"),
            show("C", r"Beside it ─"),
            hide("escape", r"Beside it ─"),
            show("t", r"The kernel ─"),
            hide("escape", r"The kernel ─"),
            show("y", r"Copied"),
            show("question_mark", r"What you see|Keys"),
            hide("escape", r"What you see"),
            show("f1", r"What you see|Keys"),
            hide("escape", r"What you see"),
            hide("q", r"Byte map "),
            show("M", r"Byte map "),
            hide("M", r"Byte map "),
            show("M", r"Byte map "),
            hide("escape", r"Byte map "),
        )
    ),
)
OPTIONS = (
    Tour(
        (
            show("c", r"● v3"),
            show("c", r"● v4"),
            show("e", r"● big"),
            show("d", r"● repr"),
            show("0", r"● v3"),
            show("c", r"● v4"),
            show("backspace", r"● v3"),
            hide("escape", r"● v3"),
            show("c", r"● v3"),
            hide("q", r"● v3"),
        )
    ),
)
GENERATE = (
    Tour(
        (
            show("2 g", r"i inserts it at line"),
            show("o", r"option · [^@]*two dialects in"),
            show("y", r"is in the clipboard"),
            show("w", r"task_struct_se_vruntime\.rs"),
            hide("escape", r"task_struct_se_vruntime\.rs"),
            hide("escape", r"Code for"),
            show("g", r"i inserts it at line"),
            show("i", r"Inserted at line"),
        )
    ),
)
FIX = (
    Tour(
        (
            show("right_curly_bracket F", r"under both names +fails on 2 of 2 → 0 of 2"),
            show("down", r"else return None"),
            show("up tab end", r"return Some\(value as i64\)"),
            show("y", r"lines in the clipboard"),
            hide("escape", r"enter write it"),
            show("F", r"else return None|under both names +fails on 2 of 2 → 0 of 2"),
            show("enter", r"u takes it back"),
        ),
        program=(ROOT / "tests" / "fixes" / "renamed.rs").read_text(),
    ),
)
EDITOR = (
    Tour(
        (
            show("i", r"editing "),
            show("ctrl+end", r"\n  58 │"),
            show("ctrl+home", r"\n   1 │ //!"),
            show("q u x enter", r"unsaved"),
            show("ctrl+s", r"✖ 1 error"),
            hide("ctrl+end", r"#!\[no_std\]"),
            show("f8", r"#!\[no_std\]"),
            hide("escape", r"editing "),
        )
    ),
)
ASK = (
    Tour(
        (
            show("i", r"editing "),
            show("space escape", r"save and leave"),
            hide("escape", r"save and leave"),
            show("escape", r"d discard them"),
            hide("d", r"editing "),
        )
    ),
)
PALETTE = (
    Tour(
        (
            show("ctrl+p", r"go to: "),
            show("x", r"go to: x▏"),
            show("backspace", r"go to: ▏"),
            show("number_sign v r u n", r"#1 "),
            hide("ctrl+u", r"go to: #vrun"),
            show("number_sign down enter", r"Detail · #1 "),
            show("ctrl+p number_sign ctrl+n ctrl+n enter", r"Detail · #2 "),
            show("ctrl+p number_sign down up enter", r"Detail · #0 "),
            show("ctrl+p number_sign pagedown enter", r"Detail · #3 "),
            show("ctrl+p number_sign pagedown pageup enter", r"Detail · #0 "),
            show("ctrl+p", r"go to: "),
            hide("escape", r"go to: "),
        )
    ),
)
SEARCH = (
    Tour(
        (
            show("4 slash s e x", r"/sex▏  not found|/sex▏  no"),
            show("backspace", r"/se▏  2 of"),
            show("ctrl+u", r"/▏"),
            hide("backspace", r"/▏"),
            show("slash s e", r"/se▏"),
            hide("escape", r"/se▏"),
            show("slash s e enter", r"/se 2 of"),
        )
    ),
)
CHOOSE = (
    Tour(
        (
            show("2 b", r"struct task_struct \["),
            show("t", r"Types of ─"),
            hide("escape", r"Types of ─"),
            show("t", r"Types of ─"),
            hide("q", r"Types of ─"),
        )
    ),
)
ENTRIES = (
    Tour(
        (
            show("p", r"Problems: "),
            show("right_curly_bracket", r"field_exists!\(task_struct, pid"),
            show("left_curly_bracket", r"field_exists!\(task_struct, no_such"),
            show("n", r"field_exists!\(task_struct, pid"),
            show("N", r"field_exists!\(task_struct, no_such"),
            show("tab l", r"… ask first"),
            hide("h", r"… ask first"),
            show("shift+tab n", r"field_exists!\(task_struct, pid"),
            show("slash n e i t h e r", r"│ neither"),
            hide("escape", r"│ neither"),
            hide("q", r"Problems: "),
            show("p", r"Problems: "),
            hide("escape", r"Problems: "),
        ),
        program=FAILING,
    ),
)

TOURS = {
    ("WorkbenchScreen",): (*WORKBENCH, *LOADERS, FAILS),
    ("LineList",): LISTS,
    ("RowsPane",): (Tour((show("2 home space", r"▸ struct task_struct"),)),),
    ("StructsPane",): (Tour((show("2 g", r"Code for task_struct\.se\.vruntime"),)),),
    ("RecordsPane",): RECORDS,
    ("OffsetsPane",): OFFSETS,
    ("OpenScreen",): OPEN,
    ("TargetsScreen",): TARGETS,
    ("ChooseScreen",): CHOOSE,
    ("EntriesScreen",): ENTRIES,
    ("ExportScreen",): (Tour((show("x", r"Export the report"), hide("escape", r"Export the report"))),),
    ("CellList", "CellScreen"): CELL,
    ("HelpScreen",): HELP,
    ("FieldList", "TypesScreen"): TYPES,
    ("ByteMapScreen",): BYTE_MAP,
    ("OptionsScreen",): OPTIONS,
    ("CodeList", "GenerateScreen"): GENERATE,
    ("FixList", "FixScreen"): FIX,
    ("SourceEditor",): EDITOR,
    ("AskScreen",): ASK,
    ("PaletteScreen", "QueryLine"): PALETTE,
    ("SearchBar",): SEARCH,
}
"""By the classes whose keys they press."""
