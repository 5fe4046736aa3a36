"""What a rule finds, before it is graded."""

from __future__ import annotations

from btfview.frozen import frozen


@frozen
class Found:
    path: str
    """From the root: ``bio.bi_bdev->bd_disk``; from another one where the field went to another type."""
    why: str
    """In words, to stand in brackets: ``moved into se``."""
    is_whole: bool = False
    """What the program asks of the field (``.tv_sec``) is in the path already, or has no place there."""
    bit: str = ""
    """Which bit of a word of flags it is, in words: ``bit 16, INET_FLAGS_IS_ICSK``."""
    shift: int | None = None
    """Number of that bit."""
    is_place: bool = False
    """It was found by its place alone, so that what is of the old type may be inside."""
