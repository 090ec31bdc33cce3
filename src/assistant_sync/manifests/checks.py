"""What must hold for each manifest under an overlay, and among all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from assistant_sync.manifests.build import build
from assistant_sync.manifests.findings import Finding
from assistant_sync.manifests.flaws import shown
from assistant_sync.model.identity import default_assistant_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assistant_sync.manifests.build import Draft
    from assistant_sync.manifests.findings import Spot
    from assistant_sync.manifests.overlays import Overlay
    from assistant_sync.manifests.sources import Source
    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.values import Path


class Checks:
    """Checks the manifests under one overlay after the other.

    Args:
        project: The owner's name.
        drafts: All manifests.

    Attributes:
        keys: Of all manifests.
        findings: What is wrong so far; the same may be found under several overlays.
    """

    def __init__(self, project: str, drafts: Sequence[Draft]) -> None:
        self._project = project
        self._drafts = drafts
        self._unpatched: dict[int, Desired | None] = {}
        self._sources: list[Source] = [draft.source for draft in drafts]
        self.keys = {draft.key for draft in drafts if draft.key}
        self.findings: list[Finding] = _repeated_keys(drafts)

    def desired(self, overlay: Overlay) -> list[Desired]:
        """What the manifests want under an overlay, in their order."""
        self.findings += overlay.findings
        self._sources += overlay.patches.values()
        wanted: list[tuple[Draft, Desired]] = []
        for index, draft in enumerate(self._drafts):
            patch = overlay.patches.get(draft.key) if draft.key else None
            patched = replace(draft, patch=patch) if patch else draft
            desired = self._build(patched) if patch else self._build_once(index, draft)
            if desired is not None:
                wanted.append((patched, desired))
        self.findings += _repeated_ids(wanted)
        self.findings += _ids_of_defaults(wanted)
        return list({desired.key: desired for _, desired in reversed(wanted)}.values())

    def included(self) -> dict[str, Spot]:
        """All included texts, and where the first include of each stands."""
        spots: dict[str, Spot] = {}
        for source in self._sources:
            for path, file in source.included.items():
                spots.setdefault(file, source.spot(path))
        return spots

    def _build(self, draft: Draft) -> Desired | None:
        desired, findings = build(draft, self._project)
        self.findings += findings
        return desired

    def _build_once(self, index: int, draft: Draft) -> Desired | None:
        if index not in self._unpatched:
            self._unpatched[index] = self._build(draft)
        return self._unpatched[index]


def _repeated_keys(drafts: Iterable[Draft]) -> list[Finding]:
    first: dict[str, Draft] = {}
    findings = []
    for draft in drafts:
        other = first.setdefault(draft.key, draft) if draft.key else draft
        if other is not draft:
            message = f"the key {shown(draft.key or '')} is also that of {{other}}; keys must be unique"
            findings += _at_both(draft, other, ("key",), message, message)
    return findings


def _repeated_ids(wanted: Iterable[tuple[Draft, Desired]]) -> list[Finding]:
    first: dict[str, tuple[Draft, Desired]] = {}
    findings = []
    for draft, desired in wanted:
        other, its = first.setdefault(desired.assistant_id, (draft, desired))
        if its.key != desired.key:
            findings += _at_both(draft, other, ("assistant_id",), _same_id(desired, its), _same_id(its, desired))
    return findings


def _same_id(desired: Desired, other: Desired) -> str:
    derived = "" if desired.id_is_named else f", made of project and key {shown(desired.key)},"
    return f"the assistant_id {desired.assistant_id}{derived} is also that of {shown(other.key)}, at {{other}}"


def _at_both(one: Draft, other: Draft, path: Path, at_one: str, at_other: str) -> list[Finding]:
    """A clash, told at both places: which of the two is wrong only their authors know."""
    here, there = one.spot(path), other.spot(path)
    return [Finding(here, at_one, other=there), Finding(there, at_other, other=here)]


def _ids_of_defaults(wanted: Iterable[tuple[Draft, Desired]]) -> list[Finding]:
    """Ids that belong to the default assistant of another manifest's graph."""
    wanted = list(wanted)
    defaults = {default_assistant_id(graph): graph for graph in {desired.content.graph_id for _, desired in wanted}}
    return [
        Finding(
            draft.spot(("assistant_id",)),
            f"assistant_id is that of the default assistant of the graph {shown(graph)}, which belongs to the server",
        )
        for draft, desired in wanted
        if (graph := defaults.get(desired.assistant_id))
    ]
