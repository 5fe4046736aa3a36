"""How sure a hint is."""

from __future__ import annotations

from btfview.frozen import frozen


@frozen
class IsNow:
    """Nothing else can be meant: no labelled change that a rule of this grade decides is decided wrong."""

    key = "is"
    words = "is now"


@frozen
class IsLikely:
    """Most often right."""

    key = "likely"
    words = "is likely"


@frozen
class Perhaps:
    """The nearest thing; as often another one."""

    key = "perhaps"
    words = "is perhaps"


Grade = IsNow | IsLikely | Perhaps
IS_NOW, IS_LIKELY, PERHAPS = IsNow(), IsLikely(), Perhaps()
