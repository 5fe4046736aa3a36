"""Structs in pahole's form: declaration, ``/* offset size */``, holes, cachelines, a footer.

Source of the form: pahole 1.24's dwarves_fprintf.c, as it prints BTF.

Differs: a qualified pointer, an array of arrays or of function pointers and a pointer to an array are
spelled as C does (pahole moves the ``const``, and swaps or drops the dimensions); a qualified struct
shown in place keeps its name and has no footer; enum values have their sign; a struct that contains
itself is not shown inside itself; a name after ``}`` is set off by a blank, and its comment stands in
the column of the others; control characters in names are escaped.
"""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.holes import CACHELINE, HoleFinder
from btfview.btf.kinds import BtfKind
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING
from btfview.words import plural

from .spelling import declare, split_declaration, visible

if TYPE_CHECKING:
    from btfview.btf.holes import Holes, MemberLayout
    from btfview.btf.reader import Btf

_TYPE_WIDTH = 26
_NAME_WIDTH = 23
_EXPANDED_NAME_WIDTH = 55
_TAB = 8
_MAX_LINES = 20_000
"""The most that one type may take, besides its own members: the largest of a kernel takes 3,800, expanded."""
_MAX_CHARACTERS = 32 << 20
"""In all its lines; those of a kernel have 80 each."""
_LINES_A_MEMBER = 6
"""Declaration, holes before and after, and the blank lines around them."""
_MAX_CHAIN = 32
_MAX_DEPTH = 32
"""Structs shown inside one another; real kernels have 8."""
_LINKAGES = {0: "static ", 2: "extern "}
_TAGGED = frozenset((BtfKind.STRUCT, BtfKind.UNION, BtfKind.ENUM, BtfKind.ENUM64))
_STRUCT_OR_ENUM = (t.Struct, t.Enum)
_QUALIFIER = {BtfKind.CONST: "const ", BtfKind.VOLATILE: "volatile ", BtfKind.RESTRICT: "restrict "}


def format_layout(btf: Btf, type_id: int, *, is_expanded: bool = False) -> str:
    """Return type *type_id* as ``pahole -C`` prints it, or with *is_expanded* as ``pahole -E -C`` does:
    structs and unions that lie inside are shown in place, and typedefs followed.

    Raises:
        BtfFormatError: there is no such type, or its own record is damaged.
    """
    writer = _Writer(btf, is_expanded)
    try:
        writer.definition(btf.type(type_id))
    except _TooLongError:
        writer.lines.append(f"/* cut off after {len(writer.lines)} lines: types inside types without end */")
    return "\n".join(writer.lines) + "\n"


class _TooLongError(Exception):
    pass


class _Sums:
    """What the footer of a struct tells."""

    def __init__(self) -> None:
        self.byte_size = self.bits = 0
        """Of members, and of bitfields."""
        self.paddings: list[int] = []
        """Bytes at the end of structs that lie inside."""
        self.forced_holes: list[int] = []
        """The hole before each member that is aligned by an attribute."""


class _Writer:
    def __init__(self, btf: Btf, is_expanded: bool) -> None:
        self.lines: list[str] = []
        self._btf = btf
        self._is_expanded = is_expanded
        self._finder = HoleFinder(btf)
        self._width = _TYPE_WIDTH + (_EXPANDED_NAME_WIDTH if is_expanded else _NAME_WIDTH) - 1
        self._max_lines = _MAX_LINES
        self._characters_left = _MAX_CHARACTERS
        self._cacheline = 0
        """The last one whose boundary was passed."""
        self._open: list[int] = []
        """Ids of the structs that the next line is inside of."""
        self._plain: dict[int, tuple[str, str]] = {}
        """What :meth:`_spelling` said of types that leave the name alone: a third of a struct's repeat."""

    def _type(self, type_id: int) -> t.BtfType:
        """Return a type that something refers to; one that cannot be read must not hide the rest."""
        try:
            return self._btf.type(type_id)
        except BtfFormatError:
            return t.Unknown(type_id, "", 0)

    # -- lines -------------------------------------------------------------------------------

    def _add(self, depth: int, text: str) -> None:
        self._characters_left -= len(text)
        if len(self.lines) >= self._max_lines or self._characters_left < 0:
            raise _TooLongError
        self.lines.append("\t" * depth + (text if text.isprintable() else visible(text)))

    def _add_placed(self, depth: int, text: str, comment: str) -> None:
        """Write a line with its comment in the column that all share."""
        self._add(depth, f"{text:<{max(self._width - _TAB * (depth - 1), 0)}} {comment}")

    # -- at file level -----------------------------------------------------------------------

    def definition(self, found: t.BtfType) -> None:
        """Write a type as it would stand at file level."""
        match found:
            case t.Struct():
                self._max_lines += _LINES_A_MEMBER * len(found.members)
                self._add(0, f"{self._composite(found, '', 0, 0)};")
            case t.Enum():
                self._max_lines += len(found.enumerators)
                self._add(0, f"{self._enum(found, '', 0)};")
            case t.Typedef():
                self._typedef(found)
            case t.Fwd():
                self._add(0, f"{'union' if found.is_union else 'struct'} {found.name};")
            case t.Func() | t.Var():
                linkage = _LINKAGES.get(found.linkage, "")
                self._add(0, f"{linkage}{declare(self._btf, found.type_id, found.name)};")
            case t.Datasec():
                self._section(found)
            case t.Int() | t.Float():
                self._add(0, f"{found.name}; /* size: {found.byte_size} */")
            case t.DeclTag():
                self._add(0, f"/* tag {found.name} on type [{found.type_id}] */")
            case _:
                self._add(0, f"{declare(self._btf, found.id, '')};")

    def _typedef(self, found: t.Typedef) -> None:
        match self._type(found.type_id):
            case t.Struct(name="") as inner:
                self._max_lines += _LINES_A_MEMBER * len(inner.members)
                self._add(0, f"{self._composite(inner, 'typedef ', 0, 0)} {found.name};")
            case t.Enum(name="") as inner:
                self._add(0, f"{self._enum(inner, 'typedef ', 0)} {found.name};")
            case _:
                self._add(0, f"typedef {declare(self._btf, found.type_id, found.name)};")

    def _section(self, found: t.Datasec) -> None:
        self._max_lines += len(found.variables)
        self._add(0, f"section {found.name} {{")
        for variable in found.variables:
            held = self._type(variable.type_id)
            text = f"type [{held.id}]"
            if isinstance(held, t.Var | t.Func):
                text = declare(self._btf, held.type_id, held.name)
            self._add_placed(1, f"{text};", f"/* {variable.byte_offset:5} {variable.byte_size:5} */")
        self._add(0, "")
        self._add(1, f"/* size: {found.byte_size}, variables: {len(found.variables)} */")
        self._add(0, "};")

    def _enum(self, enum: t.Enum, before: str, depth: int) -> str:
        """Write an enum but for its last line, which is returned."""
        keyword = f"{before}enum {enum.name}".rstrip(" ")
        if not enum.enumerators:
            return keyword
        self._add(depth, f"{keyword} {{")
        width = max(len(enumerator.name) for enumerator in enum.enumerators)
        for enumerator in enum.enumerators:
            self._add(depth + 1, f"{enumerator.name:<{width}} = {enumerator.value},")
        return "}" if enum.byte_size == 4 else "} __attribute__((__packed__))"

    # -- structs and unions ------------------------------------------------------------------

    def _composite(
        self, struct: t.Struct, before: str, depth: int, base: int, *, in_union: bool = False
    ) -> str:
        """Write a struct or union at byte *base* but for its last line, which is returned."""
        self._add(depth, f"{before}{struct.kind.label} {struct.name}".rstrip(" ") + " {")
        is_packed = self._finder.is_packed(struct)
        self._open.append(struct.id)
        if struct.is_union:
            self._union_members(struct, depth + 1, base)
            self._open.pop()
            return "}"
        sums = self._struct_members(struct, depth + 1, base, in_union)
        self._open.pop()
        holes = self._finder.holes(struct)
        if not depth:
            self._footer(struct, holes, sums)
        if is_packed:
            return "} __attribute__((__packed__))"
        return f"}} __attribute__((__aligned__({holes.alignment})))" if holes.alignment else "}"

    def _union_members(self, union: t.Struct, depth: int, base: int) -> None:
        cacheline = self._cacheline
        for member, place in zip(union.members, self._finder.holes(union).places, strict=True):
            self._member(member, place, depth, base, in_union=True, is_flexible=False)
            self._cacheline = cacheline

    def _struct_members(self, struct: t.Struct, depth: int, base: int, in_union: bool) -> _Sums:
        sums = _Sums()
        holes = self._finder.holes(struct)
        notes = list(_hole_notes(holes.hole, holes.bit_hole))
        last: MemberLayout | None = None
        last_size = 0
        hole = holes.hole
        for index, (member, place) in enumerate(zip(struct.members, holes.places, strict=True)):
            if last and last_size:
                self._separator(notes, member, place, last, depth)
                notes += _overlap_notes(place, last, last_size)
            if notes:
                self._notes(notes, depth)
            notes = []
            if place.alignment:
                sums.forced_holes.append(hole)
            is_flexible = 0 < index == len(struct.members) - 1 and not in_union
            self._member(member, place, depth, base, in_union=in_union, is_flexible=is_flexible)
            notes += self._padding_notes(member, sums)
            notes += _hole_notes(place.hole, place.bit_hole)
            hole = place.hole
            if place.bitfield_size:
                sums.bits += place.bitfield_size
            else:
                sums.byte_size += place.byte_size
            is_moved = not last or not last_size or last.byte_offset != place.byte_offset
            if is_moved or (last and not last.bitfield_size and place.bitfield_size):
                last_size = place.byte_size
            last = place
        if notes:
            self._add(0, "")
            for note in notes:
                self._add(depth, note)
        return sums

    def _notes(self, notes: list[str], depth: int) -> None:
        self._add(0, "")
        for note in notes:
            self._add(depth, note)
        self._add(0, "")

    def _padding_notes(self, member: t.Member, sums: _Sums) -> list[str]:
        inner = self._type(member.type_id)
        if not isinstance(inner, t.Struct) or inner.is_union:
            return []
        padding = self._finder.holes(inner).padding
        if padding <= 0:
            return []
        sums.paddings.append(padding)
        return [f"/* XXX last struct has {plural(padding, 'byte')} of padding */"]

    def _separator(
        self, notes: list[str], member: t.Member, place: MemberLayout, last: MemberLayout, depth: int
    ) -> None:
        """Add the unnamed bitfield that the source must have had between two bitfields."""
        if not last.bit_hole or not place.bitfield_size:
            return
        bits = last.bit_hole
        if last.byte_offset != place.byte_offset:
            notes += ("", "/* Force alignment to the next boundary: */")
            bits = 0
        before, left, _, _ = self._spelling(member.type_id, "")
        notes.append(f"{before}{left:<{max(_TYPE_WIDTH - _TAB * (depth - 1), 0)}} :{bits};")

    def _boundary(self, offset: int, depth: int) -> None:
        cacheline, passed = divmod(offset, CACHELINE)
        if cacheline > self._cacheline:
            ago = f" was {plural(passed, 'byte')} ago" if passed else ""
            self._add(
                depth, f"/* --- cacheline {cacheline} boundary ({cacheline * CACHELINE} bytes){ago} --- */"
            )
            self._cacheline = cacheline

    def _member(
        self,
        member: t.Member,
        place: MemberLayout,
        depth: int,
        base: int,
        *,
        in_union: bool,
        is_flexible: bool,
    ) -> None:
        offset = base + place.byte_offset
        self._boundary(offset, depth)
        before, left, declarator, inner = self._spelling(member.type_id, member.name)
        if is_flexible:
            declarator = declarator.replace("[0]", "[]")
        if place.bitfield_size:
            declarator += f":{place.bitfield_size}"
        if place.alignment:
            declarator += f" __attribute__((__aligned__({place.alignment})))"
        if isinstance(inner, t.Enum):
            left = self._enum(inner, before, depth)
        elif isinstance(inner, t.Struct) and left:  # a pointer: what it points to begins at 0 again
            cacheline = self._cacheline
            left = f"{self._composite(inner, before, depth, 0)} {left}"
            self._cacheline = cacheline
        elif inner:
            left = self._composite(inner, before, depth, offset, in_union=in_union)
        else:
            left = f"{before}{left:<{max(_TYPE_WIDTH - _TAB * (depth - 1), 0)}}"
        size = f"{place.byte_size:5}"
        if place.bitfield_size:
            size = f"{place.bitfield_offset:2} {place.byte_size:2}"
        colon = ":" if place.bitfield_size else " "
        self._add_placed(depth, f"{left} {declarator}".rstrip(" ") + ";", f"/* {offset:5}{colon}{size} */")

    def _spelling(self, type_id: int, name: str) -> tuple[str, str, str, t.Struct | t.Enum | None]:
        """Return what stands before the type, the type, the declarator; and, where that is to be shown
        in place of the type, a struct, union or enum. If a pointer to it is declared, the type is ``*``."""
        known = self._plain.get(type_id)
        if known:
            return *known, name, None
        own_id = type_id
        before, declarator = "", name
        plain = type_id, name
        qualifiers = ""
        inner: t.BtfType | None = None
        for _ in range(_MAX_CHAIN):
            found = self._type(type_id)
            if isinstance(found, t.Typedef) and self._is_expanded and not qualifiers:
                type_id, comment = self._follow_typedefs(found)
                before += comment
                plain = type_id, declarator
                continue
            words, inner = self._skip_qualifiers(type_id)
            qualifiers = qualifiers or words
            if not isinstance(inner, t.Array):
                break
            declarator += f"[{inner.length}]"
            type_id = inner.type_id
        if isinstance(inner, _STRUCT_OR_ENUM) and self._is_shown(inner):
            return before + qualifiers, "", declarator, inner
        if isinstance(inner, t.Ptr):
            pointed = self._anonymous(inner.type_id)
            if pointed and self._is_shown(pointed):
                return before, "*", declarator, pointed
        base, pointers, declarator = split_declaration(self._btf, *plain)
        left = " ".join((base, *pointers))
        if declarator == name:
            self._plain[own_id] = before, left
        return before, left, declarator, None

    def _anonymous(self, type_id: int) -> t.Struct | t.Enum | None:
        """Return the struct, union or enum without a name that is there; types with one are not read."""
        for _ in range(_MAX_CHAIN):
            try:
                if self._btf.kind(type_id) in _TAGGED and self._btf.name(type_id):
                    return None
            except BtfFormatError:
                return None
            found = self._type(type_id)
            if not isinstance(found, t.Modifier):
                return found if isinstance(found, _STRUCT_OR_ENUM) else None
            type_id = found.type_id
        return None

    def _is_shown(self, inner: t.Struct | t.Enum) -> bool:
        if isinstance(inner, t.Enum):
            return not inner.name
        is_wanted = self._is_expanded or not inner.name
        return is_wanted and inner.id not in self._open and len(self._open) < _MAX_DEPTH

    def _follow_typedefs(self, found: t.BtfType) -> tuple[int, str]:
        """Return the id of what a typedef stands for, and a comment with the names on the way."""
        names: list[str] = []
        while isinstance(found, t.Typedef) and len(names) < _MAX_CHAIN:
            names.append(found.name)
            found = self._type(found.type_id)
        return found.id, f"/* typedef {' -> '.join(names)} */ "

    def _skip_qualifiers(self, type_id: int) -> tuple[str, t.BtfType]:
        words = ""
        found = self._type(type_id)
        for _ in range(_MAX_CHAIN):
            if not isinstance(found, t.Modifier):
                break
            words += _QUALIFIER.get(found.kind, "")
            found = self._type(found.type_id)
        return words, found

    # -- the footer --------------------------------------------------------------------------

    def _footer(self, struct: t.Struct, holes: Holes, sums: _Sums) -> None:
        cachelines = -(-struct.byte_size // CACHELINE)
        self._add(0, "")
        comments = [f"size: {struct.byte_size}, cachelines: {cachelines}, members: {len(struct.members)}"]
        all_holes = [holes.hole, *(place.hole for place in holes.places)]
        all_bit_holes = [holes.bit_hole, *(place.bit_hole for place in holes.places)]
        hole_sum = sum(hole for hole in all_holes if hole > 0)
        bit_hole_sum = sum(all_bit_holes)
        if hole_sum or bit_hole_sum:
            if sums.byte_size:
                counted = f", holes: {holes.hole_count}, sum holes: {hole_sum}" if hole_sum else ""
                comments.append(f"sum members: {sums.byte_size}{counted}")
            if sums.bits:
                counted = f", bit holes: {holes.bit_hole_count}, sum bit holes: {bit_hole_sum} bits"
                rest = counted if bit_hole_sum else f" ({sums.bits // 8} bytes)"
                comments.append(f"sum bitfield members: {sums.bits} bits{rest}")
        if holes.padding > 0:
            comments.append(f"padding: {holes.padding}")
        if sums.paddings:
            comments.append(f"paddings: {len(sums.paddings)}, sum paddings: {sum(sums.paddings)}")
        if holes.bit_padding > 0:
            comments.append(f"bit_padding: {holes.bit_padding} bits")
        if sums.forced_holes:
            forced = [hole for hole in sums.forced_holes if hole]
            counted = f", forced holes: {len(forced)}, sum forced holes: {sum(forced)}" if forced else ""
            comments.append(f"forced alignments: {len(sums.forced_holes)}{counted}")
        if struct.byte_size % CACHELINE:
            comments.append(f"last cacheline: {struct.byte_size % CACHELINE} bytes")
        for comment in comments:
            self._add(1, f"/* {comment} */")


def _hole_notes(hole: int, bit_hole: int) -> list[str]:
    notes = []
    if bit_hole:
        notes.append(f"/* XXX {plural(bit_hole, 'bit')} hole, try to pack */")
    if hole > 0:
        notes.append(f"/* XXX {plural(hole, 'byte')} hole, try to pack */")
    return notes


def _overlap_notes(place: MemberLayout, last: MemberLayout, last_size: int) -> list[str]:
    """Say where a bitfield's storage unit and a neighbour share bytes."""
    begins_in_last = place.byte_offset == last.byte_offset and not last.bitfield_size and place.bitfield_size
    if place.byte_offset < last.byte_offset or begins_in_last:
        return ["/* Bitfield combined with previous fields */"]
    if 0 < place.byte_offset - last.byte_offset < last_size:
        return ["/* Bitfield combined with next fields */"]
    return []
