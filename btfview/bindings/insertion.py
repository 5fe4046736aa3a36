"""Generated code into a source of either language, and whether it does there."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING
from btfview.source import Source

from .make import C

if TYPE_CHECKING:
    from collections.abc import Sequence

    from btfview.targets.target import Target

    from .places import Insertion, SourceSpot


def plan_insertion(paths: Sequence[str], targets: Sequence[Target], form: str, spot: SourceSpot) -> Insertion:
    """Return the source with code for *paths* in it, between the items that are nearest to the cursor.

    Raises:
        UsageError: a path is wrong, or the source cannot be read well enough to know where.
        InputError: a target cannot be read.
    """
    if form == C:
        from .c_insertion import plan_c_insertion

        return plan_c_insertion(paths, targets, spot)
    from .rust_insertion import plan_rust_insertion

    return plan_rust_insertion(paths, targets, form, spot)


def why_not_sound(insertion: Insertion, spot: SourceSpot, targets: Sequence[Target]) -> str:
    """Return why the source with the code in it would not compile although it does without; else nothing."""
    from btfview.analysis.analyse import analyse

    source = insertion.source
    text = Source(source.path, insertion.text)
    after = analyse(source.path, targets, spot.options, source=text, is_shared=True)
    errors = [one for one in after.diagnostics if one.is_error]
    if errors:
        before = analyse(source.path, (), spot.options, source=source)
        if any(one.is_error for one in before.diagnostics):
            return ""  # the user is in the middle of something
        assert after.source is not None
        place = after.source.location(errors[0].span.start)
        return f"it would not compile there: line {place.line}: {errors[0].message}"
    own = {accessor.path.root for accessor in insertion.bindings.accessors}
    failing = [
        linked.path
        for linked in after.relos
        if linked.place is not None
        and insertion.line <= linked.place.line <= insertion.line + insertion.bindings.body.count("\n")
        and linked.local_type_name.partition("___")[0] in own
        and after.fails(linked.index)
    ]
    return f"{failing[0]} would not resolve" if failing else ""
