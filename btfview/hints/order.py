"""The rules in order, and how sure each is: the one place where that is decided."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING

from . import enumerators, members, names, places, shapes, types
from .grades import IS_LIKELY, IS_NOW, PERHAPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .found import Found
    from .grades import Grade
    from .kernel import Kernel
    from .question import Lost

    Rules = tuple[tuple[Callable[[Lost], Iterator[Found]], Grade], ...]

FIELD_RULES: Rules = (
    (shapes.other_kind, IS_NOW),
    (shapes.counts_it, IS_LIKELY),
    (shapes.other_scalar, IS_LIKELY),
    (names.underscores, IS_NOW),
    (names.data_loc, IS_NOW),
    (members.split_name, IS_NOW),
    (members.joined_name, IS_NOW),
    (members.family, IS_NOW),
    (members.into_member, IS_NOW),
    (members.same_struct, IS_NOW),
    (members.behind_pointer, IS_NOW),
    (members.behind_pointer_renamed, IS_LIKELY),
    (members.into_member_renamed, IS_LIKELY),
    (names.put_together, IS_NOW),
    (names.split_up, IS_LIKELY),
    (names.other_prefix, IS_LIKELY),
    (places.same_inside, IS_LIKELY),
    (places.equal_counts, IS_LIKELY),
    (places.aligned, IS_LIKELY),
    (places.flags_word, IS_LIKELY),
    (types.other_type, IS_LIKELY),
    (members.into_member_changed, PERHAPS),
    (members.behind_new_pointer, PERHAPS),
    (places.somewhat_alike, PERHAPS),
    (shapes.became_pointer, PERHAPS),
)
DECLARED_RULES: Rules = (
    (shapes.other_kind, IS_LIKELY),
    (shapes.other_scalar, IS_LIKELY),
    (names.underscores, IS_LIKELY),
    (names.data_loc, IS_LIKELY),
    (names.mistyped, PERHAPS),
)
"""Where no kernel at hand has the field, and the program's own declaration is all that is known of it."""
ENUMERATOR_RULES: tuple[tuple[Callable[[Kernel, Kernel, str, str], Iterator[Found]], Grade], ...] = (
    (enumerators.other_enum, IS_NOW),
    (enumerators.renamed_enum, IS_NOW),
    (enumerators.same_place, IS_LIKELY),
)
