"""From one manifest, and the overlay for it, to the desired assistant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant_sync.manifests.diagnostics import Violation
from assistant_sync.manifests.overlays import has_path, merge_patch
from assistant_sync.manifests.rules.lossy_values import lossy_values
from assistant_sync.manifests.rules.schema import check_manifest
from assistant_sync.manifests.rules.values import canonical_id
from assistant_sync.manifests.wording import shown
from assistant_sync.model.assistant import Desired
from assistant_sync.model.frozen import Frozen
from assistant_sync.model.identity import derived_id
from assistant_sync.planning.canonical import make_content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.manifests.diagnostics import Diagnostic, SourceRef
    from assistant_sync.manifests.rules.schema import AnyManifest
    from assistant_sync.manifests.sources import Source
    from assistant_sync.model.values import JsonObject, Path


class Kept(Frozen, frozen=True):
    """What was built of a manifest before.

    Attributes:
        desired: The assistant.
        patch: The digest of the overlay's patch that it was built with; None without one.
    """

    desired: Desired
    patch: str | None


class Draft(Frozen, frozen=True):
    """A manifest that was read, with its included texts in place.

    Attributes:
        source: The document.
        key: Its key; None if it has no valid one.
        patch: What the target's overlay changes.
        kept: What was built of it before, with the same overlay; None if it must be built. Then ``source`` has only
            what rules across files look at.
    """

    source: Source
    key: str | None
    patch: Source | None = None
    kept: Kept | None = None

    @property
    def is_clean(self) -> bool:
        """Whether no value needs a closer look (``rules/quick_look.py``)."""
        return self.source.is_clean and (self.patch is None or self.patch.is_clean)

    @property
    def included(self) -> Mapping[Path, str]:
        """The files of the texts that count: those of the overlay, and those of the manifest that it leaves alone."""
        patch = self.patch
        if patch is None:
            return self.source.included
        kept = {path: file for path, file in self.source.included.items() if not has_path(patch.fields, path)}
        return kept | dict(patch.included)

    def ref(self, path: Path) -> SourceRef:
        """Refer to a value: in the overlay if the overlay has it, otherwise in the manifest."""
        return self._origin(path).ref(path)

    def diagnostics(self, violations: list[Violation]) -> Iterator[Diagnostic]:
        """Attribute violations to manifest or overlay, without those that are already reported.

        These are the ones of the key, and the ones of a value that an invalid include should have given.
        """
        for violation in violations:
            path = violation.path
            origin = self._origin(path)
            if path[:1] != ("key",) and not any(path[: len(top)] == top for top in origin.invalid_includes):
                yield origin.diagnostic(violation)

    def _origin(self, path: Path) -> Source:
        return self.patch if self.patch and path and has_path(self.patch.fields, path) else self.source


def build(draft: Draft, project: str) -> tuple[Desired | None, list[Diagnostic]]:
    """Check a manifest and make the desired assistant.

    Args:
        draft: The manifest.
        project: The first name of the owner, from which ids are derived.

    Returns:
        The desired assistant, None if the manifest is not valid; and what is wrong.
    """
    fields = draft.source.fields
    if draft.patch:
        fields = merge_patch(fields, {name: value for name, value in draft.patch.fields.items() if name != "key"})
    manifest, violations = check_manifest(fields)
    violations += _invalid_move(manifest, draft)
    if not draft.is_clean:
        violations += lossy_values(fields)
    desired = _desired(manifest, fields, draft, project) if manifest and not violations else None
    return desired, list(draft.diagnostics(violations)) if violations else []


def _invalid_move(manifest: AnyManifest | None, draft: Draft) -> Iterator[Violation]:
    """What is wrong with ``moved_from`` beside its shape."""
    path: Path = ("moved_from",)
    if draft.patch and has_path(draft.patch.fields, path):
        message = "moved_from is the same on every target: put it into the manifest, not into an overlay"
        yield Violation(path, message, at_key=True)
    keys: tuple[str, ...] = () if manifest is None else manifest.moved_from
    if draft.key in keys:
        way_out = "remove moved_from" if draft.key == keys[0] else "remove that key from the list"
        yield Violation(path, f"moved_from names {shown(draft.key)}, the key that this manifest has now; {way_out}")


def _desired(manifest: AnyManifest, fields: JsonObject, draft: Draft, project: str) -> Desired | None:
    if draft.key is None or manifest.graph_id is None:
        return None
    config = fields.get("config")
    moved_from: tuple[str, ...] = manifest.moved_from
    first_key, *_ = *moved_from, draft.key
    metadata = manifest.metadata or {}
    return Desired(
        key=draft.key,
        assistant_id=canonical_id(manifest.assistant_id) if manifest.assistant_id else derived_id(project, first_key),
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
        included=draft.included,
        prevent_delete=bool(manifest.lifecycle and manifest.lifecycle.prevent_delete),
        ignored=tuple((manifest.lifecycle and manifest.lifecycle.ignore_changes) or ()),
        moved_from=moved_from,
    )
