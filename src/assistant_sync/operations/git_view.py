"""What git wants of an assistant whose live content came from elsewhere, and how to make git agree."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from assistant_sync.errors import AssistantSyncError
from assistant_sync.model.aftermath import GitState, GitView, WayOut
from assistant_sync.operations.base import load_base
from assistant_sync.operations.workspace import open_workspace
from assistant_sync.planning.canonical import live_content
from assistant_sync.planning.ignoring import keep_ignored
from assistant_sync.planning.mirroring import is_equal
from assistant_sync.repository.last_change import last_change

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.values import Path
    from assistant_sync.operations.workspace import Settings, Workspace
    from assistant_sync.repository.last_change import LastChange


def git_view(settings: Settings, key: str, live: Assistant, keys: Iterable[str], mirroring: Mirroring) -> GitView:
    """Find what the manifests of the work tree want; none of their problems is an error here.

    Args:
        settings: The common options.
        key: The assistant's key.
        live: A row with the content that is live now.
        keys: The metadata keys that count.
        mirroring: What the deployment does.
    """
    try:
        workspace = open_workspace(settings, prune=False)
    except AssistantSyncError as error:
        return GitView(GitState.UNKNOWN, because=error.message)
    desired = _of(workspace.manifests.desired, live)
    if desired is None:
        return GitView(GitState.NO_MANIFEST)
    if _wants(desired, live, keys, mirroring):
        return GitView(GitState.AGREES, desired.source)
    ways = [WayOut(_pull(settings, key), "writes what is live into the manifest")]
    latest = _last_change(workspace, desired)
    if latest is not None and _wanted_at(latest.parents[0], workspace, live, keys, mirroring):
        ways.append(WayOut(f"git revert {latest.sha}", "reverts the commit that changed it last, and all else in it"))
    return GitView(GitState.DIFFERS, desired.source, ways=tuple(ways))


def ignored_paths(settings: Settings, key: str) -> tuple[Path, ...]:
    """The fields that the manifest of a key ignores; none if the manifests cannot be read."""
    try:
        workspace = open_workspace(settings, prune=False)
    except AssistantSyncError:
        return ()
    return next((one.ignored for one in workspace.manifests.desired if one.key == key), ())


def _of(desired: Iterable[Desired], live: Assistant) -> Desired | None:
    return next((one for one in desired if one.assistant_id == live.assistant_id), None)


def _wants(desired: Desired, live: Assistant, keys: Iterable[str], mirroring: Mirroring) -> bool:
    return is_equal(keep_ignored(desired, live).content, live_content(live, {*keys, *desired.metadata_keys}), mirroring)


def _pull(settings: Settings, key: str) -> str:
    given = (("--config", settings.config), ("--target", settings.target))
    options = [part for name, value in given if value is not None for part in (name, str(value))]
    return shlex.join(["assistant-sync", "pull", key, *options])


def _last_change(workspace: Workspace, desired: Desired) -> LastChange | None:
    """The commit that changed a manifest or its texts last; None if it is not known, or cannot be reverted as it is."""
    try:
        found = last_change(workspace.tree, {desired.source, *desired.included.values()})
    except AssistantSyncError:
        return None
    return found if found is not None and len(found.parents) == 1 else None


def _wanted_at(commit: str, workspace: Workspace, live: Assistant, keys: Iterable[str], mirroring: Mirroring) -> bool:
    """Whether the manifest of a commit wants what is live."""
    try:
        base = load_base(workspace, commit)
    except AssistantSyncError:
        return False
    before = _of(base.desired, live)
    return before is not None and _wants(before, live, keys, mirroring)
