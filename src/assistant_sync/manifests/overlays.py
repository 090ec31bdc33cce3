"""Overlays: what differs on one target, as merge patches over the manifests (RFC 7396)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.doubts import doubts
from assistant_sync.manifests.findings import Finding, Spot
from assistant_sync.manifests.flaws import shown, suggestion
from assistant_sync.manifests.keys import key_of
from assistant_sync.manifests.sources import SUFFIXES, read_sources
from assistant_sync.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Collection

    from assistant_sync.manifests.includes import Includes
    from assistant_sync.manifests.sources import Source
    from assistant_sync.model.values import JsonObject, JsonValue, Path
    from assistant_sync.repository.trees import Tree

EMPTY_IN_GIT = "keep an empty one in git with a .gitkeep file"
"""Git removes a folder with its last file, and a folder that is missing is an error."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """The overlay of one target.

    Attributes:
        patches: By the key of the manifest that each changes.
        findings: What is wrong with them.
        files: The files that were read.
    """

    patches: Mapping[str, Source] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    files: tuple[str, ...] = ()


def read_overlay(
    tree: Tree, folder: str, includes: Includes, keys: Collection[str] | None, *, named_at: Spot
) -> Overlay:
    """Read the overlay of a target.

    Args:
        tree: The repository.
        folder: The overlay's folder, relative to its top.
        includes: Reads included texts.
        keys: Those of all manifests; None where they are not all known.
        named_at: Where the project file names the folder.
    """
    try:
        files = tree.files(folder, SUFFIXES)
    except RepositoryError as error:
        message = f"the overlay folder {error.message}; create it ({EMPTY_IN_GIT}), or remove 'overlay'"
        return Overlay(findings=(Finding(named_at, message),))
    patches: dict[str, Source] = {}
    findings: list[Finding] = []
    for file in files:
        sources, wrong = read_sources(tree, file, what="overlay", empty=Severity.WARNING)
        findings += wrong
        for written in sources:
            patch, flaws = includes.resolve(written)
            key, wrong_key = key_of(patch)
            findings += [patch.finding(flaw) for flaw in [*flaws, *wrong_key]]
            findings += [patch.finding(flaw, Severity.WARNING) for flaw in doubts(written, patch, includes)]
            if key is None:
                continue
            findings += _misdirected(patch, key, keys, patches)
            patches.setdefault(key, patch)
    return Overlay(patches, tuple(findings), tuple(files))


def _misdirected(patch: Source, key: str, keys: Collection[str] | None, patches: Mapping[str, Source]) -> list[Finding]:
    spot = patch.spot(("key",))
    if keys is not None and key not in keys:
        why = f"no manifest has the key {shown(key)}, which this overlay changes{suggestion(key, keys)}"
        return [Finding(spot, why)]
    if key in patches:
        first = patches[key].spot(("key",))
        why = f"the key {shown(key)} has another overlay, at {{other}}; give one file for each key"
        return [Finding(spot, why, other=first), Finding(first, why, other=spot)]
    return []


def merge_patch(base: JsonObject, patch: JsonObject) -> dict[str, JsonValue]:
    """Merge a patch into an object: mappings merge, null removes, anything else replaces (RFC 7396).

    Args:
        base: Is not changed.
        patch: Is not changed.
    """
    merged = dict(base)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            below = merged.get(key)
            merged[key] = merge_patch(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def holds(fields: JsonValue, path: Path) -> bool:
    """Whether a document has a value at a path."""
    for step in path:
        if isinstance(fields, Mapping) and step in fields:
            fields = fields[str(step)]
        elif isinstance(fields, list) and isinstance(step, int) and step < len(fields):
            fields = fields[step]
        else:
            return False
    return True
