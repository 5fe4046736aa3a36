"""Code that reads fields of the kernel: planned for all targets, then written in the language that is asked
for, in :mod:`.rust` or :mod:`.c`."""

from __future__ import annotations

import re

from btfview.btf.format.spelling import visible
from btfview.btf.query import split_kind
from btfview.errors import UsageError
from btfview.frozen import TYPE_CHECKING

from .plan import from_new_to_old, plan_accessor
from .result import NOTHING_TAKEN
from .rust import DIALECTS
from .shapes import FieldPath, PathStep, shape_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.btf.reader import Btf
    from btfview.targets.target import Target

    from .queries import Query
    from .result import Bindings, Taken

C = "c"
FORMS = (*DIALECTS, C)
"""What code is written in: a dialect of the Rust queries, or C."""
_STEP = re.compile(r"([^\[\]]+)((?:\[\d{1,9}\])*)")


def read_path(text: str) -> FieldPath:
    """Return the path that *text* writes: ``task_struct.se.vruntime``, ``mm_struct.rss_stat[1].count``.

    Raises:
        UsageError: it is no path to a field.
    """
    bare = split_kind(text.strip())[1]
    root, _, rest = bare.partition(".")
    matches = [_STEP.fullmatch(part) for part in rest.split(".")]
    if not root or "[" in root or not all(matches):
        raise UsageError(f"{text!r} is no path to a field; write TYPE.field, as in task_struct.se.vruntime")
    steps = [
        PathStep(match[1], tuple(int(index) for index in re.findall(r"\d+", match[2])))
        for match in matches
        if match
    ]
    return FieldPath(root, tuple(steps))


def make_bindings(
    paths: Sequence[str], targets: Sequence[Target], form: str = "repr", taken: Taken = NOTHING_TAKEN
) -> Bindings:
    """Return a source that reads *paths* on *targets*, in one of :data:`FORMS`; its body does not declare
    again what is *taken*. C has been compiled, and resolved on the targets; of it *paths* may also be types
    and enumerators (``pid_type::PIDTYPE_PID``), which are asked for. Kernels of an atlas that are the same in
    what leads there are told as one.

    Raises:
        UsageError: a path is wrong, or no target has it; or there is no target; or no code does there.
        InputError: a target cannot be read.
    """
    if not targets:
        raise UsageError("bindings are made for kernels: name at least one with -t")
    targets = from_new_to_old(targets)
    if sum(target.can_share for target in targets) < 2:
        return _make_on(paths, targets, form, taken)
    from btfview.atlas.needs_kernel import NeedsKernelError
    from btfview.hints.kernel import Kernel
    from btfview.hints.known_moves import has

    from .alike import OneOfEach
    from .queries import read_query

    def look(btf: Btf) -> None:
        for text in paths:
            asked = read_query(text) if form == C else None
            if asked is not None:
                has(Kernel("", btf), asked.path)
            else:
                shape_on(btf, read_path(text))

    while True:
        alike = OneOfEach(targets, look)
        try:
            made = _make_on(paths, alike.targets, form, taken)
        except NeedsKernelError:  # asked what no name leads to: whole kernels answer that
            return _make_on(paths, alike.whole(), form, taken)
        if alike.still_agree():
            return made


def _make_on(paths: Sequence[str], targets: Sequence[Target], form: str, taken: Taken) -> Bindings:
    """The same on *targets* from new to old, each by itself."""
    queries: tuple[Query, ...] = ()
    if form == C:
        from .queries import plan_query, read_query

        asked = {text: found for text in paths if (found := read_query(text)) is not None}
        queries = tuple(plan_query(one, targets) for one in dict.fromkeys(asked.values()))
        paths = [text for text in paths if text not in asked]
    wanted = list(dict.fromkeys(map(read_path, paths)))
    accessors = tuple(plan_accessor(path, targets) for path in wanted)
    names = ", ".join(visible(target.name) for target in targets)
    notes = [f"{accessor.path}: not on {line}" for accessor in accessors for line in accessor.missing]
    notes += [
        f"{accessor.path}: {shape.candidates} types are called {accessor.path.root} and have it at different "
        f"places on {visible(declaration.targets[0])}; the loader refuses that as ambiguous"
        for accessor in accessors
        for declaration in accessor.declarations
        for shape in declaration.shapes
        if shape.candidates > 1
    ]
    if form == C:
        from .c import c_code

        notes += [
            f"{query.asked.path}: not on {visible(name)}" for query in queries for name in query.missing
        ]
        return c_code(accessors, queries, targets, taken, names, tuple(notes))
    from .rust import rust_code

    return rust_code(accessors, form, taken, names, tuple(notes))
