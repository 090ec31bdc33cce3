"""Assistants: as the deployment has them, as manifests want them, and the content common to both."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from assistant_sync.model.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.model.values import JsonObject, Path

NO_TEXTS: Mapping[Path, str] = MappingProxyType({})
"""Where no text is included."""


class Content(Frozen, frozen=True):
    """The six fields that make an assistant, in canonical form.

    Attributes:
        graph_id: The graph that it runs.
        name: Its display name.
        description: "" if it has none.
        context: What the graph reads from ``runtime.context``.
        config: Without ``configurable`` and without empty values.
        configurable: ``config.configurable``; empty if ``context`` has the same.
        metadata: The owned keys that are not null.
    """

    graph_id: str
    name: str
    description: str
    context: JsonObject
    config: JsonObject
    configurable: JsonObject
    metadata: JsonObject


class Assistant(Frozen, frozen=True):
    """A row of the deployment: a live assistant, or one of its versions.

    Attributes:
        assistant_id: Its UUID in canonical form.
        graph_id: As answered.
        name: As answered; "" if the server has none.
        description: "" if it is null.
        context: As answered; empty if it is null or missing.
        config: As answered, ``configurable`` included; empty if it is null or missing.
        metadata: As answered; empty if it is null or missing.
        version: The active version for a live assistant, the version's own number for a version.
        created_at: The server's text; a version's is the version's own.
        updated_at: The server's text; None for a version.
        user_id: Who owns the row, if the server names owners, as Aegra does; else None.
        is_whole: False for a row of a light listing, whose context and config were not asked for.
    """

    unshown: ClassVar = ("context", "config", "metadata")

    assistant_id: str
    graph_id: str
    name: str
    description: str
    context: JsonObject
    config: JsonObject
    metadata: JsonObject
    version: int
    created_at: str | None = None
    updated_at: str | None = None
    user_id: str | None = None
    is_whole: bool = True


class Desired(Frozen, frozen=True):
    """What one manifest wants.

    Attributes:
        key: Unique within the project.
        assistant_id: Derived from the first name of the project and the first key, or the one that the manifest names.
        id_is_named: Whether the manifest names the id.
        content: Canonical; the owned metadata without null values.
        metadata_keys: The metadata keys that the manifest owns, sorted; keys set to null are among them.
        source: The manifest's path relative to the repository's top, with forward slashes.
        included: The file that the text at a path was included from, relative to the repository's top.
        ignored: The paths that somebody else owns once the assistant is there.
        prevent_delete: Whether pruning must leave the assistant alone once the manifest is gone.
        moved_from: The keys that the assistant had before, the oldest first.
    """

    unshown: ClassVar = ("content", "included")

    key: str
    assistant_id: str
    id_is_named: bool
    content: Content
    metadata_keys: tuple[str, ...]
    source: str
    included: Mapping[Path, str] = NO_TEXTS
    ignored: tuple[Path, ...] = ()
    prevent_delete: bool = False
    moved_from: tuple[str, ...] = ()
