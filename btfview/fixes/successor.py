"""What stands in the place of a field that some targets lack: the ways to read it on each kernel."""

from __future__ import annotations

from btfview.analysis.hint_finder import question_of
from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, frozen
from btfview.hints.answer import Enumerator, Field
from btfview.hints.code.names import tame, unwritable
from btfview.hints.code.way import way_on
from btfview.hints.code.write import flavors_of, function_of, hinted_way
from btfview.hints.grades import PERHAPS

if TYPE_CHECKING:
    from btfview.hints.answer import Asked
    from btfview.hints.code.way import Way

    from .trouble import Trouble


@frozen
class Readings:
    """The old name first, then those on the kernels that lack it."""

    asked: Asked
    paths: tuple[tuple[str, str], ...]
    """Each with the kernel that shows it."""
    flavors: tuple[str, ...]
    ways: tuple[tuple[str, Way], ...]
    """Of a field: a flavor and how to get at it."""
    title: str
    is_guess: bool

    @property
    def comment(self) -> tuple[str, ...]:
        """Which path is that of which kernel, a line each."""
        last = len(self.paths) - 1
        return tuple(
            f"{'or ' if number else ''}`{path}` as on {tame(name)}{'.' if number == last else ','}"
            for number, (path, name) in enumerate(self.paths)
        )

    @property
    def function(self) -> str:
        assert isinstance(self.asked, Field)
        return function_of(self.asked)


def readings_of(trouble: Trouble) -> Readings | None:
    """Return the ways to read what fails; None where nothing is known to stand in its place, or no code
    leads there."""
    linked = trouble.linked
    asked = question_of(linked) if linked is not None else None
    if not isinstance(asked, Field | Enumerator):
        return None
    found = [(target, hint) for target, hint in trouble.hints() if hint.has_code]
    if not found:
        return None
    try:
        reference = trouble.finder.reference(asked, trouble.number, found[0][0])
        kernels = [trouble.finder.kernel(target) for target, _ in found]
        if reference is None:
            return None
        paths = [(asked.path, reference.name), *((hint.path, target.name) for target, hint in found)]
        flavors = flavors_of([name for _, name in paths], trouble.words)
        ways: list[Way] = []
        if isinstance(asked, Field):
            hinted = (hinted_way(kernel, hint) for kernel, (_, hint) in zip(kernels, found, strict=True))
            for way in (way_on(reference, asked.path), *hinted):
                if way is None or unwritable(way):
                    return None
                ways.append(way)
    except InputError:
        return None
    words = " or ".join(f"{hint.grade.words} {hint.path}" for _, hint in found)
    return Readings(
        asked,
        tuple(paths),
        tuple(flavors),
        tuple(zip(flavors, ways, strict=False)),
        f"read {asked.path} where it is there; it {words} elsewhere",
        any(hint.grade is PERHAPS for _, hint in found),
    )
