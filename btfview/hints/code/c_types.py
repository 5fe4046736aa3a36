"""The C types of generated code: structs that declare what is asked for, each once, and nothing else."""

from __future__ import annotations

from btfview.frozen import TYPE_CHECKING, assert_never, frozen

from .way import Bits, Composite, EnumNumber, Many, Number, Pointer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from .way import Hop, Leaf, Way

_INTS = {1: "char", 2: "short", 4: "int", 8: "long long"}
PRESERVE = "__attribute__((preserve_access_index))"


def keyword(hop: Hop) -> str:
    return "union" if hop.is_union else "struct"


@frozen
class _Step:
    """A member on the way, with the lengths of its array."""

    name: str
    lengths: tuple[int, ...]


@frozen
class _Need:
    """One member of one struct, and how it is declared."""

    word: str
    tag: str
    steps: tuple[_Step, ...]
    before: str
    """What stands before its name; empty for a struct, whose members are others' business."""
    behind: str
    enum: tuple[str, str, int] | None
    """Tag, enumerator and value of the enum that it is declared with."""


class _Member:
    __slots__ = ("before", "behind", "inner", "lengths")

    def __init__(self, lengths: tuple[int, ...], before: str = "", behind: str = "") -> None:
        self.lengths = lengths
        self.before = before
        self.behind = behind
        self.inner: dict[str, _Member] = {}


class CTypes:
    """Structs, unions and enums by tag."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        """Names that are *taken* are not declared."""
        self._taken = taken
        self._structs: dict[str, tuple[str, dict[str, _Member]]] = {}
        """By tag: ``struct`` or ``union``, and the members."""
        self._enums: dict[str, tuple[str, int]] = {}

    def add(self, way: Way, flavor: str) -> bool:
        """Declare what *way* needs, all under one flavor; false, and nothing is declared, where that does
        not go together with what is there."""
        needs = list(_needs(way, flavor))
        if not all(map(self._fits, needs)):
            return False
        for need in needs:
            self._enter(need)
        return True

    def lines(self) -> Iterator[str]:
        """Yield the definitions, each before it is used by value, with an empty line after each."""
        for tag, (name, value) in self._enums.items():
            yield from (f"enum {tag} {{ {name} = {value} }};", "")
        for tag, (word, members) in reversed(self._structs.items()):
            yield f"{word} {tag} {{"
            yield from _member_lines(members, 1)
            yield from (f"}} {PRESERVE};", "")

    @staticmethod
    def _names(need: _Need) -> set[str]:
        return {need.tag, *(need.enum[:2] if need.enum else ())}

    def _fits(self, need: _Need) -> bool:
        if not self._names(need).isdisjoint(self._taken):
            return False
        if need.enum is not None:
            tag, name, value = need.enum
            if self._enums.get(tag, (name, value)) != (name, value):
                return False
            if any(name == other for one, (other, _) in self._enums.items() if one != tag):
                return False
        word, members = self._structs.get(need.tag, (need.word, {}))
        if word != need.word:
            return False
        for step in need.steps:
            known = members.get(step.name)
            if known is None:
                return True
            is_last = step is need.steps[-1]
            declared = (need.before, need.behind) if is_last else ("", "")
            if len(known.lengths) != len(step.lengths) or (known.before, known.behind) != declared:
                return False
            members = known.inner
        return True

    def _enter(self, need: _Need) -> None:
        if need.enum is not None:
            tag, name, value = need.enum
            self._enums[tag] = name, value
        _, members = self._structs.setdefault(need.tag, (need.word, {}))
        for step in need.steps:
            known = members.get(step.name)
            if known is None:
                is_last = step is need.steps[-1]
                known = members[step.name] = (
                    _Member(step.lengths, need.before, need.behind) if is_last else _Member(step.lengths)
                )
            known.lengths = tuple(map(max, known.lengths, step.lengths))
            members = known.inner


def _needs(way: Way, flavor: str) -> Iterator[_Need]:
    for number, hop in enumerate(way.hops):
        steps = [
            _Step(
                part.name,
                tuple(length or at + 1 for length, at in zip(part.lengths, part.indices, strict=True)),
            )
            for part in hop.parts
        ]
        leaf: Leaf = way.leaf
        if number < len(way.hops) - 1:
            following = way.hops[number + 1]
            before, behind, enum = f"{keyword(following)} {following.root}{flavor} *", "", None
        else:
            while isinstance(leaf, Many):
                steps[-1] = _Step(steps[-1].name, (*steps[-1].lengths, leaf.length))
                leaf = leaf.element
            place = "_".join((hop.root, *(part.name for part in hop.parts)))
            before, behind, enum = _declared(leaf, place, flavor)
        yield _Need(keyword(hop), f"{hop.root}{flavor}", tuple(steps), before, behind, enum)


def _declared(leaf: Leaf, place: str, flavor: str) -> tuple[str, str, tuple[str, str, int] | None]:
    """Return what stands before and behind a member's name, and the enum that it needs. *place* is where it
    is, as a word, to call an enum by that has no name."""
    match leaf:
        case Number(16, is_signed, _):
            return f"{'' if is_signed else 'unsigned '}__int128 ", "", None
        case Number(size, is_signed, _):
            return f"{'signed' if is_signed else 'unsigned'} {_INTS[size]} ", "", None
        case Bits(size, is_signed, count):
            return f"{'signed' if is_signed else 'unsigned'} {_INTS[size]} ", f" : {count}", None
        case EnumNumber(name, _, _, (first, value), bits):
            tag = f"{name or place}{flavor}"
            return f"enum {tag} ", f" : {bits}" if bits else "", (tag, f"{first}{flavor}", value)
        case Pointer():
            return "void *", "", None
        case Composite() | Many():
            return "", "", None
        case _:
            assert_never(leaf)


def _member_lines(members: dict[str, _Member], depth: int) -> Iterator[str]:
    inset = "\t" * depth
    for name, member in members.items():
        lengths = "".join(f"[{length}]" for length in member.lengths)
        if member.before:
            yield f"{inset}{member.before}{name}{lengths}{member.behind};"
        elif member.inner:
            yield f"{inset}struct {{"
            yield from _member_lines(member.inner, depth + 1)
            yield f"{inset}}} {name}{lengths};"
        else:
            yield f"{inset}struct {{ int _; }} {name}{lengths};"
