"""From one manifest, and the overlay for it, to what it wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.manifests.fidelity import mangled
from assistant_sync.manifests.overlays import holds, merge_patch
from assistant_sync.manifests.schema import canonical_id, check_manifest
from assistant_sync.model.assistant import Desired
from assistant_sync.model.identity import derived_id
from assistant_sync.planning.canonical import make_content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.manifests.findings import Finding, Spot
    from assistant_sync.manifests.flaws import Flaw
    from assistant_sync.manifests.schema import Manifest
    from assistant_sync.manifests.sources import Source
    from assistant_sync.model.values import JsonObject, Path


@dataclass(frozen=True, slots=True)
class Draft:
    """A manifest that was read and whose includes are in place.

    Attributes:
        source: Where it stands.
        key: Its key; None where it has no valid one.
        patch: What the target's overlay changes.
    """

    source: Source
    key: str | None
    patch: Source | None = None

    def spot(self, path: Path) -> Spot:
        """Where a value stands: in the overlay if that gives it, in the manifest otherwise."""
        return self._origin(path).spot(path)

    def findings(self, flaws: list[Flaw]) -> Iterator[Finding]:
        """The flaws with their places, without those of the key or of what a wrong include should have given."""
        for flaw in flaws:
            origin = self._origin(flaw.path)
            if flaw.path[:1] != ("key",) and not any(flaw.path[: len(path)] == path for path in origin.refused):
                yield origin.finding(flaw)

    def _origin(self, path: Path) -> Source:
        return self.patch if self.patch and path and holds(self.patch.fields, path) else self.source


def build(draft: Draft, project: str) -> tuple[Desired | None, list[Finding]]:
    """Check a manifest and make what it wants.

    Args:
        draft: The manifest.
        project: The owner's name.

    Returns:
        What it wants, None where that cannot be said; and what is wrong.
    """
    fields = draft.source.fields
    if draft.patch:
        fields = merge_patch(fields, {name: value for name, value in draft.patch.fields.items() if name != "key"})
    manifest, flaws = check_manifest(fields)
    flaws += mangled(fields)
    desired = _desired(manifest, fields, draft, project) if manifest and not flaws else None
    return desired, list(draft.findings(flaws)) if flaws else []


def _desired(manifest: Manifest, fields: JsonObject, draft: Draft, project: str) -> Desired | None:
    if draft.key is None or manifest.graph_id is None:
        return None
    config = fields.get("config")
    metadata = manifest.metadata or {}
    return Desired(
        key=draft.key,
        assistant_id=canonical_id(manifest.assistant_id) if manifest.assistant_id else derived_id(project, draft.key),
        id_is_named=manifest.assistant_id is not None,
        content=make_content(
            graph_id=manifest.graph_id,
            name=manifest.name or draft.key,
            description=manifest.description or "",
            context=manifest.context or {},
            config=config if isinstance(config, Mapping) else {},
            metadata=metadata,
        ),
        metadata_keys=tuple(sorted(metadata)),
        source=draft.source.file,
    )
