"""A baseline: the findings that a project has accepted, so that only new ones fail.

A JSON file, one entry a finding, sorted, so that a change of it reads well in a review. An entry has the
kernels it was accepted on: the same finding on another kernel is new there.
"""

from __future__ import annotations

from btfview.errors import InputError
from btfview.frozen import TYPE_CHECKING, replace

from .allowances import on_targets
from .paths import below
from .report import Accepted, Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from .report import CheckedFile

SCHEMA_VERSION = 1
_STRINGS = ("object", "fingerprint", "rule", "severity", "file", "subject", "message")


def read_baseline(data: bytes, path: str) -> tuple[Accepted, ...]:
    """Return the entries of a baseline; *path* is for errors.

    Raises:
        InputError: it is none.
    """
    import json

    again = "remove it, and --write-baseline makes another"
    try:
        content = json.loads(data)
    except RecursionError as error:
        raise InputError("no baseline: it is nested too deeply", path=path, hint=again) from error
    except ValueError as error:
        raise InputError(f"no baseline: {error}", path=path, hint=again) from error
    if not isinstance(content, dict) or not isinstance(content.get("findings"), list):
        raise InputError('no baseline: it has no list "findings"', path=path, hint=again)
    if content.get("schema_version") != SCHEMA_VERSION:
        version = content.get("schema_version")
        shown = version if isinstance(version, int) else "none"
        raise InputError(f"a baseline of schema_version {shown}, not {SCHEMA_VERSION}", path=path, hint=again)
    return tuple(_read_entry(entry, number, path) for number, entry in enumerate(content["findings"]))


def _read_entry(entry: Any, number: int, path: str) -> Accepted:
    where = f"finding {number} of the baseline"
    if not isinstance(entry, dict):
        raise InputError(f"{where} is no object", path=path)
    for name in _STRINGS:
        if not isinstance(entry.get(name), str):
            raise InputError(f'{where} has no text "{name}"', path=path)
    targets = entry.get("targets")
    if not isinstance(targets, list) or not all(isinstance(one, str) for one in targets):
        raise InputError(f'{where} has no list of texts "targets"', path=path)
    return Accepted(**{name: entry[name] for name in _STRINGS}, targets=tuple(targets))


def format_baseline(entries: Iterable[Accepted]) -> str:
    """Return the text of a baseline."""
    import json

    listed = sorted(entries, key=lambda one: (one.object, one.file, one.rule, one.subject, one.fingerprint))
    found = [
        {name: getattr(one, name) for name in _STRINGS} | {"targets": list(one.targets)} for one in listed
    ]
    return json.dumps({"schema_version": SCHEMA_VERSION, "findings": found}, indent=1) + "\n"


def with_known(file: CheckedFile, accepted: Sequence[Accepted], name: str, target_count: int) -> CheckedFile:
    """Return *file*, called *name* in the baseline, with the findings marked that are accepted; one that is
    accepted on some kernels only becomes two."""
    targets_of = {one.fingerprint: set(one.targets) for one in accepted if one.object == name}
    return replace(
        file,
        found=tuple(part for one in file.found for part in _parts(one, targets_of, target_count)),
    )


def _parts(one: Found, targets_of: dict[str, set[str]], target_count: int) -> Iterator[Found]:
    if one.fingerprint not in targets_of:
        yield one
        return
    known = targets_of[one.fingerprint]
    new = tuple(name for name in one.finding.targets if name not in known)
    if not new:
        yield replace(one, is_known=True)
        return
    old = tuple(name for name in one.finding.targets if name in known)
    if old:
        yield Found(on_targets(one.finding, old, target_count), one.fingerprint, is_known=True)
    yield Found(on_targets(one.finding, new, target_count), one.fingerprint)


def fixed_findings(
    accepted: Iterable[Accepted], files: dict[str, CheckedFile], targets: Iterable[str]
) -> tuple[Accepted, ...]:
    """Return the entries that are mended: their file was checked, by its name in the baseline, on one of
    their kernels, and the finding is on none of them. Of a file that does not compile nothing is known."""
    read = set(targets)
    kernels: dict[tuple[str, str], set[str]] = {}
    everywhere: set[tuple[str, str]] = set()
    for name, file in files.items():
        for one in file.found:
            key = name, one.fingerprint
            kernels.setdefault(key, set()).update(one.finding.targets)
            if not one.finding.targets:
                everywhere.add(key)
    gone = []
    for entry in accepted:
        checked = files.get(entry.object)
        if checked is None or checked.problem or not checked.is_compiled:
            continue
        if entry.targets and read.isdisjoint(entry.targets):
            continue
        key = entry.object, entry.fingerprint
        if key not in everywhere and kernels.get(key, set()).isdisjoint(entry.targets):
            gone.append(entry)
    return tuple(gone)


def accept(
    accepted: Iterable[Accepted], files: dict[str, CheckedFile], targets: Iterable[str], root: str
) -> tuple[Accepted, ...]:
    """Return the entries of a baseline that accepts all findings of *files*, with paths from *root* on.
    Entries of files and kernels that were not looked at stay."""
    read = set(targets)
    kept: dict[tuple[str, str], Accepted] = {}
    for old in accepted:
        file = files.get(old.object)
        if file is None or file.problem or not file.is_compiled:
            kept[old.object, old.fingerprint] = old
        elif left := tuple(name for name in old.targets if name not in read):
            kept[old.object, old.fingerprint] = replace(old, targets=left)
    for name, file in files.items():
        for one in file.found if file.is_compiled else ():
            key = name, one.fingerprint
            before = kept[key].targets if key in kept else ()
            finding = one.finding
            kept[key] = Accepted(
                name, one.fingerprint, one.rule, finding.severity, below(finding.file, root), finding.subject,
                _without_kernels(finding.message, finding.listed),
                tuple(dict.fromkeys((*before, *finding.targets))),
            )  # fmt: skip
    return tuple(kept.values())


def _without_kernels(message: str, listed: str) -> str:
    """Return a message that stays the same where kernels come and go."""
    return message.replace(f" on {listed}", "", 1).replace(f" for {listed}", "", 1) if listed else message
