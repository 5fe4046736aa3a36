"""A kernel as demands ask it: its own BTF, its modules', its name; and when its BTF was trimmed."""

from __future__ import annotations

from btfview.btf import types as t
from btfview.btf.kinds import BtfKind
from btfview.errors import BtfFormatError
from btfview.frozen import TYPE_CHECKING, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from btfview.btf.reader import Btf

KFUNC_TAG = "bpf_kfunc"
_RELEASE = r"(?<![\d.])(\d+)\.(\d+)(?:\.(\d+))?"
FUNC_ID, MAP_TYPE, PROG_TYPE, ATTACH_TYPE = "bpf_func_id", "bpf_map_type", "bpf_prog_type", "bpf_attach_type"
ENUMS = (FUNC_ID, MAP_TYPE, PROG_TYPE, ATTACH_TYPE)
"""The kernel's own lists of what its BPF has (linux/bpf.h)."""


@frozen
class Found:
    """A type of the kernel or of a module."""

    btf: Btf
    type_id: int
    module: str
    """Empty for the kernel itself."""


@frozen
class Release:
    """What the name of a kernel says of its version."""

    major: int
    minor: int
    patch: int | None
    """None where the name has no third number."""


class Kernel:
    """One kernel with the modules that are given with it.

    Questions that a trimmed BTF cannot answer are answered with None.
    """

    def __init__(
        self,
        btf: Btf,
        name: str = "",
        *,
        modules: tuple[tuple[str, Btf], ...] = (),
        more_modules: Callable[[], tuple[tuple[str, Btf], ...]] | None = None,
        is_trimmed: bool = False,
        config: dict[str, str] | None = None,
    ) -> None:
        self.btf = btf
        """The kernel's own."""
        self._name = name
        self.is_release_asked = False
        """Whether what its name says of the version had a part in any answer; nothing else of it has, so that
        kernels of one series can share answers."""
        self.is_alone = False
        """Its BTF is no other kernel's."""
        self._modules = modules
        self._more_modules = more_modules
        self.config = config
        """``CONFIG_HZ: 250``, of its configuration file; None where that is not known."""
        self._enums: dict[str, dict[int, str] | None] = {}
        self._members: dict[str, dict[str, t.Member] | None] = {}
        self._words: dict[str, bool] = {}
        self._tagged: dict[int, frozenset[int]] = {}
        self._is_trimmed: bool | None = True if is_trimmed else None

    @property
    def modules(self) -> tuple[tuple[str, Btf], ...]:
        """Its modules, by name; those that are at hand are opened when they are first asked for."""
        if self._more_modules is not None:
            known = {name for name, _ in self._modules}
            more = self._more_modules()
            self._more_modules = None
            self._modules += tuple((name, btf) for name, btf in more if name not in known)
        return self._modules

    @property
    def is_trimmed(self) -> bool:
        """Whether it holds only some of the kernel's types: then it lacks the lists that every whole one
        has (a kernel with BTF has BPF)."""
        if self._is_trimmed is None:
            self._is_trimmed = all(self._list(name) is None for name in (PROG_TYPE, FUNC_ID))
        return self._is_trimmed

    def index_names(self, names: Iterable[str]) -> None:
        """Find the types of several names in one pass over each BTF."""
        wanted = tuple(names)
        self.btf.index_names(wanted)
        for _, btf in self._modules:
            btf.index_names(wanted)

    # -- types -------------------------------------------------------------------------------

    def find(self, name: str, *kinds: BtfKind) -> Found | None:
        """Return the first type of the name and one of *kinds*, the kernel's before the modules'
        (libbpf: ``find_ksym_btf_id``)."""
        for found in self.find_all(name, *kinds):
            return found
        return None

    def find_all(self, name: str, *kinds: BtfKind) -> Iterable[Found]:
        for type_id in self.btf.ids_named(name):
            if self.btf.kind(type_id) in kinds:
                yield Found(self.btf, type_id, "")
        for module, btf in self.modules:
            for type_id in btf.ids_named(name):
                if type_id >= btf.start_id and btf.kind(type_id) in kinds:
                    yield Found(btf, type_id, module)

    def has(self, name: str, kind: BtfKind) -> bool | None:
        """Tell whether the kernel itself, without modules, has such a type; None where the BTF was trimmed of
        it, perhaps."""
        if any(self.btf.kind(type_id) == kind for type_id in self.btf.ids_named(name)):
            return True
        return None if self.is_trimmed else False

    def has_func(self, name: str) -> bool | None:
        return self.has(name, BtfKind.FUNC)

    def has_struct(self, name: str) -> bool | None:
        return self.has(name, BtfKind.STRUCT)

    def members(self, name: str, kind: BtfKind = BtfKind.STRUCT) -> dict[str, t.Member] | None:
        """Return the members of a struct (not of the anonymous ones in it); None without it."""
        if name not in self._members:
            self._members[name] = self._read_members(name, kind)
        return self._members[name]

    def _read_members(self, name: str, kind: BtfKind) -> dict[str, t.Member] | None:
        for found in self.find_all(name, kind):
            struct = found.btf.type(found.type_id)
            if isinstance(struct, t.Struct):
                return {member.name: member for member in struct.members}
        return None

    def is_kfunc(self, found: Found) -> bool:
        """Tell whether a FUNC has the tag that pahole gives to kfuncs (``bpf_kfunc``)."""
        key = id(found.btf)
        if key not in self._tagged:
            tags = (found.btf.type(type_id) for type_id in found.btf.ids_named(KFUNC_TAG))
            self._tagged[key] = frozenset(tag.type_id for tag in tags if isinstance(tag, t.DeclTag))
        return found.type_id in self._tagged[key]

    # -- lists -------------------------------------------------------------------------------

    def enumerators(self, enum: str) -> dict[int, str] | None:
        """Return the names of an enum by their values; None where the BTF does not hold it."""
        if enum not in self._enums:
            self._enums[enum] = self._read_enum(enum)
        return self._enums[enum]

    def _read_enum(self, name: str) -> dict[int, str] | None:
        enum = self._list(name)
        if enum is None or not enum.enumerators:
            return None
        found: dict[int, str] = {}
        for one in enum.enumerators:
            found.setdefault(one.value, one.name)
        return found

    def _list(self, name: str) -> t.Enum | None:
        type_id = self.btf.first_named(name, BtfKind.ENUM, BtfKind.ENUM64)
        enum = self.btf.type(type_id) if type_id is not None else None
        return enum if isinstance(enum, t.Enum) else None

    def has_enumerator(self, enum: str, name: str) -> bool | None:
        known = self.enumerators(enum)
        if known is None:
            return None
        return name in known.values() or (name in self._aliases(enum))

    def _aliases(self, enum: str) -> set[str]:
        """Return all enumerators of an enum, two of one value as well."""
        found = self._list(enum)
        return {one.name for one in found.enumerators} if found else set()

    def has_word(self, word: str) -> bool | None:
        """Tell whether anything is called *word*: for enumerators of anonymous enums, which nothing leads
        to."""
        if word not in self._words:
            self._words[word] = any(
                self.btf.is_string_start(offset) for offset in self.btf.string_offsets(word)
            )
        if self._words[word]:
            return True
        return None if self.is_trimmed else False

    # -- prototypes --------------------------------------------------------------------------

    def proto(self, found: Found) -> t.FuncProto | None:
        """Return the prototype of a FUNC, or that behind a typedef of a pointer to one."""
        try:
            item = found.btf.type(found.type_id)
            if isinstance(item, t.Typedef):
                pointer = found.btf.skip_modifiers(item.type_id)
                item = found.btf.skip_modifiers(pointer.type_id) if isinstance(pointer, t.Ptr) else pointer
            elif isinstance(item, t.Func):
                item = found.btf.type(item.type_id)
        except BtfFormatError:
            return None
        return item if isinstance(item, t.FuncProto) else None

    # -- the release -------------------------------------------------------------------------

    @property
    def release(self) -> Release | None:
        """The version that its name says; None without one."""
        self.is_release_asked = True
        return release_of(self._name)


def release_of(name: str) -> Release | None:
    """Return the version that the name of a kernel says; None without one."""
    import re  # 5 ms, for programs that ask for the version alone

    found = re.search(_RELEASE, name)
    if found is None:
        return None
    major, minor, patch = found.groups()
    return Release(int(major), int(minor), None if patch is None else int(patch))
