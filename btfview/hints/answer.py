"""What is asked of a kernel that lacks it, and what the answer may be."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from .grades import Grade
    from .kernel import Kernel
    from .question import Step


@frozen
class Hint:
    path: str
    """From the root, as it is written on the kernel that lacks the old one: ``bio.bi_bdev->bd_disk``."""
    grade: Grade
    why: str
    """In words, what says so."""
    reference: str
    """The kernel whose types say so; of a known fact the release since which it is so."""
    beside: tuple[str, ...] = ()
    """What changes with the name: ``4 bytes, not 8``."""
    mask: int = 0
    """Which bits of the word it is, after :attr:`shift`; 0 for all of it, or where they are not known."""
    shift: int = 0
    has_code: bool = True
    """Whether reads alone lead there."""

    @property
    def reasons(self) -> str:
        """Why, and what changes, in one line."""
        return "; ".join((self.why, *(word for word in self.beside if word not in self.why)))


@frozen
class Named:
    """It has another name, or so it seems."""

    hints: tuple[Hint, ...]
    """At least one, the best first."""


@frozen
class Gone:
    """It is known to have no successor."""

    since: str
    why: str


@frozen
class Silent:
    """There is nothing to say of it."""

    why: str = "nothing here looks like it; it may be gone"


Answer = Named | Gone | Silent
SILENT = Silent()


@frozen
class Field:
    """A path of fields."""

    root: str
    steps: tuple[Step, ...]

    @property
    def path(self) -> str:
        return ".".join((self.root, *(step.text for step in self.steps)))


@frozen
class Enumerator:
    enum: str
    name: str

    @property
    def path(self) -> str:
        return f"{self.enum}::{self.name}"


@frozen
class Type:
    """A struct or union."""

    name: str

    @property
    def path(self) -> str:
        return self.name


Asked = Field | Enumerator | Type


@frozen
class Declared:
    """The program's own declaration of what it asks for."""

    kernel: Kernel
    root: str
    """As the program calls it, with its flavor."""
