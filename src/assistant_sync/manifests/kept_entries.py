"""What is kept of one file: its manifests as they were built, and what they were built with."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from assistant_sync.errors import RepositoryError
from assistant_sync.manifests.rules.build import Draft, Kept
from assistant_sync.manifests.sources import Source
from assistant_sync.model.assistant import NO_TEXTS, Content, Desired
from assistant_sync.model.values import Path  # noqa: TC001 - msgspec reads the annotation
from assistant_sync.redaction import holds_sent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assistant_sync.manifests.includes import Includes

_LOOKED_AT = frozenset({"key", "name", "assistant_id", "moved_from"})
"""The fields of a document that rules across files look at."""


class KeptManifest(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One document of a file, and the assistant that was built of it.

    Attributes:
        document: Its index in the file.
        patch: The digest of the overlay's patch that it was built with; None without one.
        fields: Those of the document that rules across files look at, as they are written.
        texts: The file of each text that the document itself includes, by path.
        included: Those of ``Desired``, which the patch may have changed.
    """

    document: int
    patch: str | None
    fields: dict[str, Any]
    texts: list[tuple[Path, str]]
    key: str
    assistant_id: str
    id_is_named: bool
    graph_id: str
    name: str
    description: str
    context: dict[str, Any]
    config: dict[str, Any]
    configurable: dict[str, Any]
    metadata: dict[str, Any]
    metadata_keys: tuple[str, ...]
    included: list[tuple[Path, str]]
    ignored: tuple[Path, ...]
    prevent_delete: bool
    moved_from: tuple[str, ...]


class KeptFile(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file, and the digest of each text that its documents and their patches include."""

    manifests: list[KeptManifest]
    texts: dict[str, str]


class Texts:
    """Compares included texts with what they were, each once.

    Args:
        includes: Reads them.
    """

    def __init__(self, includes: Includes) -> None:
        self._includes = includes
        self._sums: dict[str, str | None] = {}

    def are_same(self, digests: Mapping[str, str]) -> bool:
        """Whether all texts have these digests, by their files, and none holds a secret that is sent."""
        return all(self._digest(file) == digest for file, digest in digests.items())

    def _digest(self, file: str) -> str | None:
        if file not in self._sums:
            try:
                text = self._includes.text(file)
            except RepositoryError:
                self._sums[file] = None
            else:
                self._sums[file] = None if holds_sent(text) else digest_of_text(text)
        return self._sums[file]


def kept_manifest(draft: Draft, desired: Desired) -> KeptManifest:
    """What is kept of a manifest."""
    content = desired.content
    return KeptManifest(
        document=draft.source.document,
        patch=_digest_of_patch(draft.patch),
        fields={name: value for name, value in draft.source.fields.items() if name in _LOOKED_AT},
        texts=[*draft.source.included.items()],
        key=desired.key,
        assistant_id=desired.assistant_id,
        id_is_named=desired.id_is_named,
        graph_id=content.graph_id,
        name=content.name,
        description=content.description,
        context=dict(content.context),
        config=dict(content.config),
        configurable=dict(content.configurable),
        metadata=dict(content.metadata),
        metadata_keys=desired.metadata_keys,
        included=[*desired.included.items()],
        ignored=desired.ignored,
        prevent_delete=desired.prevent_delete,
        moved_from=desired.moved_from,
    )


def kept_draft(file: str, its: KeptManifest) -> Draft:
    """The manifest of an entry; of its fields it has those that rules across files look at."""
    content = Content(its.graph_id, its.name, its.description, its.context, its.config, its.configurable, its.metadata)
    desired = Desired(
        key=its.key,
        assistant_id=its.assistant_id,
        id_is_named=its.id_is_named,
        content=content,
        metadata_keys=its.metadata_keys,
        source=file,
        included=dict(its.included) if its.included else NO_TEXTS,
        ignored=its.ignored,
        prevent_delete=its.prevent_delete,
        moved_from=its.moved_from,
    )
    source = Source(
        file,
        its.document,
        its.fields,
        is_alone=False,
        may_include=False,
        included=dict(its.texts) if its.texts else NO_TEXTS,
    )
    return Draft(source, its.key, kept=Kept(desired, its.patch))


def count_texts(found: KeptFile, includes: Includes) -> None:
    """Count what the manifests include, as if they were read."""
    for one in found.manifests:
        for _, text in one.texts:
            includes.include(text)


def digest_of(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest_of_text(text: str) -> str:
    """The same of a text's UTF-8."""
    return digest_of(text.encode("utf-8", "surrogatepass"))


def is_built_with(patch: Source | None, draft: Draft) -> bool:
    """Whether what is kept of a manifest was built with a patch of the overlay; None for none."""
    return draft.kept is not None and draft.kept.patch == _digest_of_patch(patch)


def _digest_of_patch(patch: Source | None) -> str | None:
    """The digest of a patch with its included texts; None without one."""
    if patch is None:
        return None
    return digest_of(repr((patch.fields, sorted(map(repr, patch.included.items())))).encode("utf-8", "surrogatepass"))
