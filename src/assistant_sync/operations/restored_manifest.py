"""The manifest of a restored assistant: where it goes, and what it says; never over an existing file."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.documents.new_files import write_new_files
from assistant_sync.errors import AssistantSyncError, InvalidFiles
from assistant_sync.manifests.load import load_file, load_manifests
from assistant_sync.manifests.rules.values import is_key
from assistant_sync.manifests.sources import SUFFIXES
from assistant_sync.manifests.writing.emit import emit
from assistant_sync.manifests.writing.new_manifest import manifest_fields
from assistant_sync.model.aftermath import RestoredManifest
from assistant_sync.model.identity import derived_id
from assistant_sync.planning.equality import same_content
from assistant_sync.repository.files import is_hidden, leaves_repository
from assistant_sync.repository.patched import PatchedTree

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.project import Project, Target
    from assistant_sync.repository.worktree import WorkTree

_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class ManifestDraft:
    """A manifest that is about to be written, or why none is.

    Attributes:
        path: The file, relative to the repository's top: the new one, or the one that has the key; None for none.
        text: What is written; None if nothing is.
        because: Why nothing is.
    """

    path: str | None = None
    text: str | None = None
    because: str | None = None


def draft_manifest(project: Project, target: Target, tree: WorkTree, desired: Desired) -> ManifestDraft:
    """Find the place of a manifest, and make its text.

    Args:
        project: The project file.
        target: The deployment that is chosen.
        tree: The repository.
        desired: What the manifest wants; its source is where it was.
    """
    try:
        existing = _existing(project, target, tree, desired)
        home = tree.relative(project.folder)
    except AssistantSyncError as error:
        return ManifestDraft(because=f"the manifests cannot be read: {error.message}")
    if existing is not None:
        return ManifestDraft(existing.source, because=f"{existing.source} has this assistant already")
    if not is_key(desired.key):
        return ManifestDraft(because="no manifest can have its key")
    place = _place(project, tree, home, desired)
    if place is None:
        return ManifestDraft(because="another file has the place where its manifest would be")
    stem = posixpath.splitext(posixpath.basename(place))[0]
    is_derived = derived_id(project.first_name, desired.key) == desired.assistant_id
    named = None if is_derived else desired.assistant_id
    try:
        protected = desired.prevent_delete
        fields = manifest_fields(
            desired.content, key=desired.key, stem=stem, assistant_id=named, prevent_delete=protected
        )
        text = emit(fields)
    except (ValueError, RecursionError) as error:
        return ManifestDraft(because=f"a manifest cannot express it: {error}")
    if not _reads_back(text, place, project, target, tree, desired):
        return ManifestDraft(because="a manifest cannot express it")
    return ManifestDraft(place, text)


def _reads_back(text: str, place: str, project: Project, target: Target, tree: WorkTree, desired: Desired) -> bool:
    """Whether a text, read as a manifest, wants what it should: a value may look like an include, or be none at all."""
    try:
        found = load_file(project, target, PatchedTree(tree, {place: text.encode()}), place)
    except AssistantSyncError:
        return False
    return any(one.assistant_id == desired.assistant_id and same_content(one.content, desired.content) for one in found)


def write_manifest(draft: ManifestDraft, tree: WorkTree) -> RestoredManifest:
    """Write a manifest, if there is something to write."""
    if draft.path is None or draft.text is None:
        return RestoredManifest(because=draft.because)
    try:
        write_new_files(tree.top, {draft.path: draft.text})
    except AssistantSyncError as error:
        return RestoredManifest(because=error.message)
    return RestoredManifest(draft.path)


def _existing(project: Project, target: Target, tree: WorkTree, desired: Desired) -> Desired | None:
    """The manifest that has the key or the id.

    Raises:
        InvalidFiles: The manifests have problems: one of those that cannot be read may have the key.
    """
    # Git keeps no empty folder: with its last manifest, it went, too.
    if not (project.folder / project.manifests).exists():
        return None
    loaded = load_manifests(project, target, tree, pruning=False, ci=False)
    if any(problem.is_error for problem in loaded.problems):
        raise InvalidFiles(loaded.problems)
    same = (one for one in loaded.desired if desired.key == one.key or desired.assistant_id == one.assistant_id)
    return next(same, None)


def _place(project: Project, tree: WorkTree, home: str, desired: Desired) -> str | None:
    """A free file: the one that the assistant came from, or the one with the name of its key."""
    folder = posixpath.normpath(posixpath.join(home, project.manifests))
    named = posixpath.normpath(posixpath.join(folder, f"{desired.key}{SUFFIXES[0]}"))
    elsewhere = [*(one.overlay for one in project.targets.values()), "overlays", project.archive]
    others = [posixpath.normpath(posixpath.join(home, one)) for one in elsewhere if one]
    for place in (desired.source, named):
        is_inside = _is_below(place, folder) and not any(_is_below(place, other) for other in others)
        if is_inside and _is_plain(place) and _is_free(place, project, tree):
            return place
    return None


def _is_below(place: str, folder: str) -> bool:
    return folder == "." or place.startswith(f"{folder}/")


def _is_plain(place: str) -> bool:
    """Whether a path, which may come from a deployment, is one that manifests have."""
    parts = place.split("/")
    return (
        len(place) <= _LONGEST
        and place.endswith(SUFFIXES)
        and place.isprintable()
        and not any(part in ("", ".", "..") or is_hidden(part) or "\\" in part or ":" in part for part in parts)
    )


def _is_free(place: str, project: Project, tree: WorkTree) -> bool:
    path = tree.top / place
    if os.path.lexists(path) or leaves_repository(path, project.folder):
        return False
    # Below a file nothing can be made.
    return all(parent.is_dir() for parent in path.parents if os.path.lexists(parent))
