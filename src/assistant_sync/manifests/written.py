"""What the files say of each key, valid or not, to compare two trees."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar

from assistant_sync.manifests.documents import read_documents
from assistant_sync.manifests.overlays import merge_patch
from assistant_sync.model.frozen import Frozen
from assistant_sync.planning.equality import same_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from assistant_sync.manifests.overlays import Overlay
    from assistant_sync.model.project import Project
    from assistant_sync.model.values import JsonObject, JsonValue
    from assistant_sync.repository.tree import Tree


class Written(Frozen, frozen=True):
    """What the files say of one key.

    Attributes:
        documents: Each manifest of the key as it is on a target, with the target's name; None without targets.
            Included texts are in place.
    """

    unshown: ClassVar = ("documents",)

    documents: tuple[tuple[str | None, JsonObject], ...] = ()

    @property
    def graphs(self) -> tuple[str, ...]:
        """The graphs that it names; none if one of the documents names no graph, so that it may be any."""
        named = [fields.get("graph_id") for _, fields in self.documents]
        graphs = {graph for graph in named if isinstance(graph, str)}
        return tuple(sorted(graphs)) if all(isinstance(graph, str) for graph in named) else ()

    def is_same(self, other: Written) -> bool:
        """Whether two trees say the same of the key."""
        return same_json(self._as_json(), other._as_json())

    def _as_json(self) -> list[JsonValue]:
        return [[target, fields] for target, fields in self.documents]


def read_written(project: Project, targets: Collection[str], tree: Tree) -> dict[str, Written]:
    """Read what the files say of each key, whether that is valid or not.

    Args:
        project: The project file.
        targets: The names of the targets whose overlays apply; one that the project file does not have says nothing.
            Empty to read the manifests alone.
        tree: The repository.

    Returns:
        By key. What has no readable key is left out.
    """
    names: list[str | None] = [name for name in targets if name in project.targets] if targets else [None]
    variants = [None if name is None else project.targets[name] for name in names]
    drafts, overlays = read_documents(project, variants, tree)
    manifests: dict[str, list[JsonObject]] = defaultdict(list)
    for draft in drafts:
        if draft.key is not None:
            manifests[draft.key].append(draft.source.fields)
    documents: dict[str, list[tuple[str | None, JsonObject]]] = defaultdict(list)
    for name, overlay in zip(names, overlays, strict=True):
        patches = _patches(overlay)
        for key in {*manifests, *patches}:
            merged = _merged(manifests.get(key, ()), patches.get(key, ()))
            documents[key] += [(name, {**one, "key": key}) for one in merged]
    return {key: Written(tuple(found)) for key, found in documents.items()}


def _patches(overlay: Overlay) -> dict[str, list[JsonObject]]:
    found: dict[str, list[JsonObject]] = defaultdict(list)
    for key, source in overlay.sources:
        if key is not None:
            found[key].append(source.fields)
    return found


def _merged(manifests: Sequence[JsonObject], patches: Sequence[JsonObject]) -> Iterator[JsonObject]:
    """Each manifest of a key with the first patch; then what repeats a patch, or patches nothing."""
    for one in manifests:
        yield merge_patch(one, patches[0]) if patches else one
    yield from patches[1:] if manifests else patches
