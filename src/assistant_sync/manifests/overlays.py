"""Overlays: what differs on one target, as merge patches for the manifests (RFC 7396)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.diagnostics import Diagnostic, SourceRef
from assistant_sync.manifests.keys import key_of
from assistant_sync.manifests.limits import MAX_PROBLEMS_OF_ONE_FILE
from assistant_sync.manifests.rules.checked_out import misspelt_suffixes
from assistant_sync.manifests.rules.lint import lint
from assistant_sync.manifests.sources import ANY_CASE, SUFFIXES, read_sources
from assistant_sync.manifests.wording import shown, suggestion
from assistant_sync.model.frozen import Frozen, field
from assistant_sync.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Collection

    from assistant_sync.manifests.includes import Includes
    from assistant_sync.manifests.sources import Source
    from assistant_sync.model.values import JsonObject, JsonValue, Path
    from assistant_sync.repository.tree import Tree

EMPTY_IN_GIT = "keep an empty one in git with a .gitkeep file"
"""Git removes a folder with its last file, and a missing folder is an error."""


_RENAMED = "; if the manifest's file was renamed, put 'key: {}' into it"


class Overlay(Frozen, frozen=True):
    """The overlay of one target.

    Attributes:
        patches: By the key of the manifest that each changes.
        diagnostics: What is wrong with them.
        files: The files that were read.
        sources: All patches, each with its key; None if it has no valid one. Several may have one key, by mistake.
    """

    patches: Mapping[str, Source] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    files: tuple[str, ...] = ()
    sources: tuple[tuple[str | None, Source], ...] = ()


def read_overlay(
    tree: Tree,
    folder: str,
    includes: Includes,
    keys: Mapping[str, str] | None,
    *,
    setting: SourceRef,
    literals: Collection[Path] = (),
) -> Overlay:
    """Read the overlay of a target.

    Args:
        tree: The repository.
        folder: The overlay's folder, relative to its top.
        includes: Reads included texts.
        keys: The keys that manifests have or had, each with the present one; None if they are not all known.
        setting: The project file's field that names the folder.
        literals: Paths that hold no credentials, although they look like it.
    """
    try:
        found = tree.files(folder, ANY_CASE)
    except RepositoryError as error:
        message = f"the overlay folder {error.message}; create it ({EMPTY_IN_GIT}), or remove 'overlay'"
        return Overlay(diagnostics=(Diagnostic(setting, message),))
    patches: dict[str, Source] = {}
    sources: list[tuple[str | None, Source]] = []
    diagnostics = list(misspelt_suffixes(found))
    files = [file for file in found if file.endswith(SUFFIXES)]
    for file in files:
        read, invalid = _read_file(tree, file, includes, literals)
        sources += read
        diagnostics += invalid
        for key, patch in read:
            if key is not None:
                diagnostics += _misdirected(patch, key, keys, patches, found=len(diagnostics))
                patches.setdefault(key, patch)
    return Overlay(patches, tuple(diagnostics), tuple(files), tuple(sources))


def _read_file(
    tree: Tree, file: str, includes: Includes, literals: Collection[Path]
) -> tuple[list[tuple[str | None, Source]], list[Diagnostic]]:
    """The patches of a file, each with its key, and what is wrong with them."""
    sources, diagnostics = read_sources(tree, file, what="overlay", empty=Severity.WARNING)
    includes.count_aliases(sources)
    read: list[tuple[str | None, Source]] = []
    for written in sources:
        patch, violations = includes.resolve(written)
        key, invalid_key = key_of(patch)
        read.append((key, patch))
        diagnostics += [patch.diagnostic(one) for one in [*violations, *invalid_key]]
        diagnostics += patch.warnings(lint(written, patch, includes, literals))
    return read, diagnostics


def _misdirected(
    patch: Source, key: str, keys: Mapping[str, str] | None, patches: Mapping[str, Source], *, found: int
) -> list[Diagnostic]:
    """Report a patch for a key that no manifest has, or that another patch has."""
    ref = patch.ref(("key",))
    if keys is not None and keys.get(key, key) != key:
        new = shown(keys[key])
        why = f"the manifest with the key {shown(key)} has the key {new} now; give this overlay the key {new}, too"
        return [Diagnostic(ref, why)]
    if keys is not None and key not in keys:
        near = (suggestion(key, keys) if found < MAX_PROBLEMS_OF_ONE_FILE else "") or _RENAMED.format(key)
        why = f"no manifest has the key {shown(key)}, which this overlay changes{near}"
        return [Diagnostic(ref, why)]
    if key in patches:
        first = patches[key].ref(("key",))
        why = f"the key {shown(key)} has another overlay, at {{other}}; keep one overlay for each key"
        return [Diagnostic(ref, why, other=first), Diagnostic(first, why, other=ref)]
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


def has_path(fields: JsonValue, path: Path) -> bool:
    """Whether a document has a value at a path."""
    for step in path:
        if isinstance(fields, Mapping) and step in fields:
            fields = fields[str(step)]
        elif isinstance(fields, list) and isinstance(step, int) and step < len(fields):
            fields = fields[step]
        else:
            return False
    return True
