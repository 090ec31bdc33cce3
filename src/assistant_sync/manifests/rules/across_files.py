"""What must hold across all manifests of a project: unique keys, unique ids, and no id of a default assistant.

What is only likely a mistake there, such as names that are one tool over MCP, is a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.manifests.diagnostics import Diagnostic
from assistant_sync.manifests.rules.build import build
from assistant_sync.manifests.rules.mcp_tools import uncallable_tools
from assistant_sync.manifests.rules.values import former_keys
from assistant_sync.manifests.wording import shown
from assistant_sync.model.frozen import replace
from assistant_sync.model.identity import default_assistant_id
from assistant_sync.model.progress import in_steps
from assistant_sync.model.turns import at_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assistant_sync.manifests.diagnostics import SourceRef
    from assistant_sync.manifests.overlays import Overlay
    from assistant_sync.manifests.rules.build import Draft
    from assistant_sync.manifests.sources import Source
    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.turns import Turns
    from assistant_sync.model.values import Path


class ManifestChecker:
    """Builds and checks all manifests of a project, under one overlay after the other.

    Args:
        project: The first name of the owner, from which ids are derived.
        drafts: All manifests.

    Attributes:
        keys: The keys of all manifests, each with itself, and those that they had before, each with the present one.
        diagnostics: What was found so far; several overlays may repeat one.
    """

    def __init__(self, project: str, drafts: Sequence[Draft]) -> None:
        self._project = project
        self._drafts = drafts
        self._unpatched: dict[int, Desired | None] = {}
        self._warned: set[SourceRef] = set()
        self._sources: list[Source] = [draft.source for draft in drafts]
        own = {draft.key: draft.key for draft in drafts if draft.key}
        self.keys = {key: draft.key for draft in drafts if draft.key for key in former_keys(draft.source.fields)} | own
        self.diagnostics: list[Diagnostic] = _repeated_keys(drafts)

    def desired(self, overlay: Overlay) -> list[Desired]:
        """The desired assistants under an overlay, in the manifests' order."""
        return list({desired.key: desired for _, desired in reversed(at_once(self.built(overlay)))}.values())

    def built(self, overlay: Overlay) -> Turns[list[tuple[Draft, Desired]]]:
        """As ``desired``, each with its draft; of a key that is used twice, both. A turn for each manifest."""
        self.diagnostics += overlay.diagnostics
        self._sources += overlay.patches.values()
        built: list[tuple[Draft, Desired]] = []
        for index, draft in enumerate(in_steps("checking", self._drafts)):
            patch = overlay.patches.get(draft.key) if draft.key else None
            patched = replace(draft, patch=patch) if patch else draft
            if draft.kept is not None:
                built.append((patched, draft.kept.desired))
                yield
                continue
            desired = self._build(patched) if patch else self._build_once(index, draft)
            if desired is not None:
                built.append((patched, desired))
            yield
        self.diagnostics += _repeated_ids(built)
        self.diagnostics += _ids_of_defaults(built)
        self._warn_once(uncallable_tools(built))
        return built

    def built_under(self, overlays: Iterable[Overlay]) -> Turns[list[list[tuple[Draft, Desired]]]]:
        """As ``built``, under one overlay after the other."""
        built = []
        for overlay in overlays:
            built.append((yield from self.built(overlay)))  # noqa: PERF401 - a comprehension cannot yield
        return built

    def included_texts(self) -> dict[str, SourceRef]:
        """All included texts, each with the first include of it."""
        refs: dict[str, SourceRef] = {}
        for source in self._sources:
            for path, file in source.included.items():
                refs.setdefault(file, source.ref(path))
        return refs

    def _build(self, draft: Draft) -> Desired | None:
        desired, diagnostics = build(draft, self._project)
        self.diagnostics += diagnostics
        return desired

    def _warn_once(self, warnings: list[Diagnostic]) -> None:
        """Keep one warning for each place: under another overlay, it may only name another assistant."""
        self.diagnostics += [one for one in warnings if one.ref not in self._warned]
        self._warned.update(one.ref for one in warnings)

    def _build_once(self, index: int, draft: Draft) -> Desired | None:
        if index not in self._unpatched:
            self._unpatched[index] = self._build(draft)
        return self._unpatched[index]


def _repeated_keys(drafts: Iterable[Draft]) -> list[Diagnostic]:
    first: dict[str, Draft] = {}
    diagnostics = []
    for draft in drafts:
        other = first.setdefault(draft.key, draft) if draft.key else draft
        if other is not draft:
            message = f"the key {shown(draft.key or '')} is also used at {{other}}; keys must be unique"
            diagnostics += _at_both(draft, other, ("key",), message, message)
    return diagnostics


def _repeated_ids(built: Iterable[tuple[Draft, Desired]]) -> list[Diagnostic]:
    first: dict[str, tuple[Draft, Desired]] = {}
    diagnostics = []
    for draft, desired in built:
        other, its = first.setdefault(desired.assistant_id, (draft, desired))
        if its.key != desired.key:
            diagnostics.append(_same_id(draft, desired, other, its))
            diagnostics.append(_same_id(other, its, draft, desired))
    return diagnostics


def _same_id(draft: Draft, desired: Desired, other: Draft, its: Desired) -> Diagnostic:
    """Report at one manifest that another one has its id; most likely a key that an assistant gave up is used again."""
    there = other.ref(_place_of_id(its))
    here = draft.ref(_place_of_id(desired))
    first, its_first = _first_key(desired), _first_key(its)
    user = f"{shown(its.key)}, at {{other}}"
    if desired.id_is_named or its.id_is_named or first != its_first:
        derived = "" if desired.id_is_named else f", derived from project and key {shown(first)},"
        message = f"the assistant_id {desired.assistant_id}{derived} is also used by {user}; ids must be unique"
    elif not desired.moved_from:
        message = (
            f"the key {shown(first)} is the one that {user}, was moved from: both would be one assistant. Choose "
            "another key, or remove the manifest if its assistant was renamed"
        )
    elif not its.moved_from:
        message = (
            f"moved_from names {shown(first)}, and a manifest has this key, at {{other}}: both would be one "
            "assistant. Remove that manifest if its assistant was renamed, or else remove moved_from"
        )
    else:
        message = (
            f"moved_from names {shown(first)}, and so does {user}: both would be one assistant. Keep moved_from in "
            "the one that goes on with it"
        )
    return Diagnostic(here, message, other=there)


def _first_key(desired: Desired) -> str:
    return (*desired.moved_from, desired.key)[0]


def _place_of_id(desired: Desired) -> Path:
    """The field that an id comes from."""
    if desired.id_is_named:
        return ("assistant_id",)
    return ("moved_from",) if desired.moved_from else ("key",)


def _at_both(one: Draft, other: Draft, path: Path, at_one: str, at_other: str) -> list[Diagnostic]:
    """Report a conflict at both places: only their authors know which of the two is wrong."""
    here, there = one.ref(path), other.ref(path)
    return [Diagnostic(here, at_one, other=there), Diagnostic(there, at_other, other=here)]


def _ids_of_defaults(built: Iterable[tuple[Draft, Desired]]) -> list[Diagnostic]:
    """Report ids that belong to the default assistant of any manifest's graph."""
    built = list(built)
    defaults = {default_assistant_id(graph): graph for graph in {desired.content.graph_id for _, desired in built}}
    return [
        Diagnostic(
            draft.ref(("assistant_id",)),
            f"assistant_id is the id of the default assistant of graph {shown(graph)}, which belongs to the server",
        )
        for draft, desired in built
        if (graph := defaults.get(desired.assistant_id))
    ]
