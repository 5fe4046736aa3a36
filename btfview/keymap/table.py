"""Every key of the workbench, once: bindings, footer, help, palette, ``btfview keys`` are made from it."""

from __future__ import annotations

from btfview.frozen import frozen

PANES = ("source", "structs", "intrinsics", "relocations", "offsets")
"""Widget ids, in the order of their number keys."""
DISASM = "disasm"
"""Widget id of the pane that takes the place of ``intrinsics``."""


@frozen
class Key:
    id: str
    """What a keymap calls it."""
    keys: str
    action: str
    shown: str
    """The keys as the footer and help write them."""
    label: str
    """A word or two for the footer."""
    help: str
    """What it does; also the title in the palette, up to the first semicolon."""
    group: str


KEYS = (
    Key("compile", "r", "recompile", "r", "compile", "Compile again; read an object again", "File"),
    Key("watch", "w", "toggle_watch", "w", "watch", "Watch the file; recompile when it is saved", "File"),
    Key("edit", "e", "edit", "e", "edit", "Edit the source in $VISUAL or $EDITOR", "File"),
    Key(
        "edit_in_place",
        "i",
        "edit_in_place",
        "i",
        "edit here",
        "Edit the source here; saving compiles it",
        "File",
    ),
    Key(
        "generate",
        "g",
        "generate",
        "g",
        "",
        "Code for a field; in the struct tree, the offsets and the type browser",
        "File",
    ),
    Key(
        "fix",
        "F",
        "fix",
        "F",
        "fix",
        "Fix what fails; patches for the selected record or demand, compiled and resolved first",
        "File",
    ),
    Key("undo_write", "u", "undo_write", "u", "", "Undo; what btfview wrote into the source last", "File"),
    Key("open", "o", "open", "o", "open", "Open a source or an object", "File"),
    Key(
        "next_file",
        "right_parenthesis",
        "step_file(1)",
        ")",
        "",
        "Next file; of those named on the command line",
        "File",
    ),
    Key("previous_file", "left_parenthesis", "step_file(-1)", "(", "", "Previous file", "File"),
    Key("options", "c", "options", "c", "", "Compile options; cpu, byte order, dialect", "File"),
    Key("changes", "C", "changes", "C", "", "Changes of the last edit; in records and bytes", "File"),
    Key("export", "x", "export", "x", "", "Export the report; as text, JSON or HTML, into a file", "File"),
    Key("targets", "t", "pick_targets", "t", "targets", "Choose the kernels to resolve on", "File"),
    Key(
        "types",
        "b",
        "browse_types",
        "b",
        "types",
        "Browse the types of a kernel; from the struct tree at the field",
        "File",
    ),
    Key("previous", "left_square_bracket", "step(-1)", "[", "", "Previous record", "Selection"),
    Key("next", "right_square_bracket", "step(1)", "]", "record", "Next record", "Selection"),
    Key(
        "previous_problem", "left_curly_bracket", "step_problem(-1)", "{", "", "Previous problem", "Selection"
    ),
    Key(
        "next_problem",
        "right_curly_bracket",
        "step_problem(1)",
        "}",
        "",
        "Next problem; errors and warnings of the source, then records that fail",
        "Selection",
    ),
    Key(
        "older_kernel",
        "comma",
        "step_kernel(-1)",
        ",",
        "",
        "Older kernel; what is other there is marked",
        "Selection",
    ),
    Key(
        "newer_kernel",
        "full_stop",
        "step_kernel(1)",
        ".",
        "",
        "Newer kernel; what is other there is marked",
        "Selection",
    ),
    Key(
        "next_failing",
        "exclamation_mark",
        "step_failing",
        "!",
        "",
        "Next kernel that fails; the selected record there, else the whole program",
        "Selection",
    ),
    Key(
        "loader",
        "L",
        "next_loader",
        "L",
        "loader",
        "Next loader; whose answers the panes show: libbpf, cilium/ebpf, aya, an older libbpf",
        "Selection",
    ),
    Key(
        "next_differing",
        "D",
        "step_differing",
        "D",
        "",
        "Next record on which loaders differ; on the selected kernel, marked ⇄",
        "Selection",
    ),
    Key("problems", "p", "problems", "p", "", "Problem list; errors, warnings, failing records", "Selection"),
    Key("search", "slash", "search", "/", "search", "Search in the pane; leaving ends it", "Selection"),
    Key(
        "go_to_number",
        "colon",
        "palette(':')",
        ":",
        "",
        "Go to a line or an instruction; by its number, alone or with words: on_exec 20",
        "Selection",
    ),
    Key("next_hit", "n", "next_hit(1)", "n", "", "Next place found", "Selection"),
    Key("previous_hit", "N", "next_hit(-1)", "N", "", "Previous place found", "Selection"),
    Key(
        "explain",
        "B",
        "open_cell('Instruction')",
        "B",
        "bytes",
        "Bytes of the selection; its instruction and record, and since which kernel it is so",
        "Selection",
    ),
    Key(
        "follow",
        "greater_than_sign",
        "follow",
        ">",
        "",
        "Go to the instruction of the selected record; in the disassembly",
        "Selection",
    ),
    Key(
        "back",
        "less_than_sign",
        "go_back",
        "<",
        "",
        "Go back; to the pane and the selection before the last jump",
        "Selection",
    ),
    Key("copy", "y", "copy", "y", "", "Copy the line, or the value of a target", "Selection"),
    Key(
        "copy_command",
        "Y",
        "copy_command",
        "Y",
        "",
        "Copy as a command line; it explains the same record on the same kernel",
        "Selection",
    ),
    *(
        Key(f"pane_{name}", str(number), f"show_pane('{name}')", str(number), "", text, "Panes")
        for number, (name, text) in enumerate(
            zip(
                PANES,
                (
                    "Go to the source",
                    "Go to the struct tree",
                    "Go to the IR intrinsics",
                    "Go to the relocation records",
                    "Go to the target offsets",
                ),
                strict=True,
            ),
            start=1,
        )
    ),
    Key(
        "filter",
        "f",
        "filter_offsets",
        "f",
        "",
        "Filter the offsets; problems only, moved only, all",
        "Panes",
    ),
    Key(
        "sort",
        "s",
        "sort_offsets",
        "s",
        "",
        "Sort the offsets; by path, by function, by type, worst first",
        "Panes",
    ),
    Key(
        "arrange",
        "S",
        "arrange_targets",
        "S",
        "",
        "Arrange the columns of the offsets; by age, every kernel, as given",
        "Panes",
    ),
    Key(
        "structs_mode",
        "m",
        "cycle_structs",
        "m",
        "layout",
        "Struct tree; local types, a target's beside them, the target's whole type",
        "Panes",
    ),
    Key(
        "byte_map",
        "M",
        "byte_map",
        "M",
        "map",
        "Map of the bytes; the struct of the selection, 64 bytes a line, the program's above a kernel's",
        "Panes",
    ),
    Key("cachelines", "K", "toggle_cachelines", "K", "", "Cachelines in the struct tree; on or off", "Panes"),
    Key("next_pane", "tab", "next_pane(1)", "tab", "", "Next pane", "Panes"),
    Key("previous_pane", "shift+tab", "next_pane(-1)", "shift+tab", "", "Previous pane", "Panes"),
    Key("zoom", "z", "zoom", "z", "zoom", "Zoom the pane; again for all panes", "Panes"),
    Key("wider", "plus", "resize(4, 0)", "+", "", "Wider pane; a border can be dragged, too", "Panes"),
    Key("narrower", "minus", "resize(-4, 0)", "-", "", "Narrower pane; its neighbour gets the room", "Panes"),
    Key("taller", "ctrl+down", "resize(0, 2)", "ctrl+↓", "", "Taller pane; so is the whole row", "Panes"),
    Key("lower", "ctrl+up", "resize(0, -2)", "ctrl+↑", "", "Lower pane; so is the whole row", "Panes"),
    Key(
        "by_content",
        "equals_sign",
        "forget_borders",
        "=",
        "",
        "Borders where the content puts them; forgets what was dragged",
        "Panes",
    ),
    Key(
        "disasm",
        "a",
        "toggle_disasm",
        "a",
        "asm",
        "Instructions in place of the intrinsics; before and after loading",
        "Panes",
    ),
    Key(
        "stage",
        "v",
        "cycle_stage",
        "v",
        "",
        "View another stage of the compile; intrinsics, IR as written, optimised, assembly",
        "Panes",
    ),
    Key(
        "verify",
        "V",
        "verify",
        "V",
        "",
        "Verifier of this kernel, on or off; loads each program, attaches none",
        "File",
    ),
    Key("passes", "P", "passes", "P", "", "Pass by pass; where queries become records", "Panes"),
    Key("detail", "d", "toggle_detail", "d", "detail", "Show or hide the detail of the selection", "Panes"),
    Key(
        "help",
        "question_mark,f1",
        "help",
        "?",
        "help",
        "Help; this pane's keys first, then every key, every sign and every word",
        "btfview",
    ),
    Key("words", "W", "words", "W", "", "Words of this line; what they mean, and all others", "btfview"),
    Key("quit", "q", "app.quit", "q", "quit", "Quit", "btfview"),
)

MOTIONS = (
    ("j k ↓ ↑", "a line down, up"),
    ("ctrl+d ctrl+u", "half a page down, up"),
    ("PgDn PgUp", "a page down, up"),
    ("home end g G", "first, last line; in the struct tree and the offsets one of them makes code"),
    ("h l ← →", "sideways; in the offsets, from target to target"),
    ("0 $", "in the offsets, first and last target"),
    ("enter", "fold a struct; go through the records of a line; in the offsets, explain the cell"),
    ("ctrl+z", "suspend btfview; fg brings it back. While a text is edited here: undo"),
    ("ctrl+p", "palette: every command, record, field, function, type and kernel by name"),
)
"""Keys of the lists, for help."""
BROWSER = (
    ("enter", "open what was found; follow a member to its type"),
    ("b < f >", "back and forward on the way that was followed"),
    ("space - +", "fold a struct, fold all, unfold all"),
    ("/ n N", "search inside the type, by name, path or type"),
    ("&", "find another type; also by a path: task_struct.se.vr"),
    ("tab t", "the next kernel; choose one"),
    ("c C", "another kernel beside it: the next, choose one"),
    ("d x", "beside another: only what differs; swap the two"),
    ("M", "the bytes of the type, 64 a line; there c C put another kernel beside it"),
    ("g u y K", "code for the field, undo, copy, cachelines: as on the main screen"),
    ("esc q", "leave the search, the type; close the browser"),
)
"""Keys of the type browser, for help."""
SCOPES = (
    (">", "commands"),
    ("#", "records: by path, number and kind"),
    ("!", "what else is asked of a kernel: by name and kind"),
    (".", "fields of the program's types"),
    ("@", "functions; their instructions"),
    ("&", "types of the chosen kernel, and their members: task_struct.se"),
    ("%", "kernels; their column"),
    (":", "lines and instructions by number: 21, sched.rs:21, on_exec 20"),
)
"""First letters in the palette, for help."""
