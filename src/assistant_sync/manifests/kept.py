"""Manifests as they were built, kept in the user's cache folder so that the next plan need not build them again.

An entry is found by the SHA-256 of a file's path and bytes. It is used only if the checksum of all entries holds, this
very program made them of a project with the same name, and each included text and each patch of the overlay is the one
that it was built with. Whoever can write the folder could forge entries; so can they the files themselves, and
``apply`` never reads it (docs/performance.md).
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections import defaultdict
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec

from assistant_sync import __version__
from assistant_sync.errors import RepositoryError
from assistant_sync.manifests import cache_file
from assistant_sync.manifests.limits import MAX_FILE_BYTES
from assistant_sync.manifests.rules.build import Draft, Kept
from assistant_sync.manifests.sources import Source
from assistant_sync.model.assistant import Content, Desired
from assistant_sync.model.progress import in_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assistant_sync.manifests.diagnostics import Diagnostic
    from assistant_sync.manifests.includes import Includes
    from assistant_sync.model.project import Project, Target
    from assistant_sync.model.turns import Turns
    from assistant_sync.repository.tree import Tree

_FORMAT = 4
_LARGEST = 2**18
"""Bytes of an entry: what is larger is rare, and takes long to read in any form."""

_MAKERS = ("manifests", "model", "redaction", "planning/canonical.py", "planning/equality.py", "suggest.py")
"""What of the package decides how a manifest is built."""

_LOOKED_AT = frozenset({"key", "name", "assistant_id", "moved_from"})

_Path = tuple[str | int, ...]


class _Manifest(msgspec.Struct, frozen=True, array_like=True, gc=False):
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
    texts: list[tuple[_Path, str]]
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
    included: list[tuple[_Path, str]]
    ignored: tuple[_Path, ...]
    prevent_delete: bool
    moved_from: tuple[str, ...]


class _File(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file, and the digest of each text that its documents and their patches include."""

    manifests: list[_Manifest]
    texts: dict[str, str]


class _Files(msgspec.Struct):
    made_by: str
    files: dict[str, _File]


_WHOLE = msgspec.json.Decoder(_Files)
_ONE = msgspec.json.Decoder(_File)


class KeptManifests:
    """The manifests of one project, as they were built for one target.

    Args:
        place: The cache file; it need not exist.
        project: Its name and what its manifests may hold count.
    """

    def __init__(self, place: Path, project: Project) -> None:
        self._place = place
        self._made_by = f"{_program()} {project.first_name!r} {sorted(map(repr, project.allow_literals))}"
        self._found = _read(place, self._made_by)
        self._sums: dict[str, str] = {}
        self._used: dict[str, _File | msgspec.Raw] = {}
        self._has_new = False

    @classmethod
    def open(cls, project: Project, target: Target) -> Self | None:
        """Open what is kept of a project; None if there is no folder for it that is the user's alone.

        Args:
            project: The project file.
            target: The target whose overlay applies.
        """
        folder = cache_file.folder("built")
        if folder is None:
            return None
        names = b"\0".join(os.fsencode(part) for part in (project.folder / project.file, target.name))
        return cls(folder / f"{_sum(names)[:32]}.json", project)

    def find(self, tree: Tree, files: Sequence[str], includes: Includes) -> Turns[list[Draft]]:
        """Find the manifests of those files that are as they were; a turn for each file.

        Args:
            tree: The repository.
            files: Relative to its top.
            includes: Reads included texts.

        Returns:
            The manifests in the order of the files, each with what was built of it.
        """
        drafts: list[Draft] = []
        for file in in_steps("reading files", files) if self._found else ():
            with suppress(RepositoryError):
                key = self.note(file, tree.read(file, limit=MAX_FILE_BYTES))
                found = self._found.get(key)
                if found is not None and all(_sum_of_text(includes, one) == its for one, its in found.texts.items()):
                    drafts += [_draft(file, one) for one in found.manifests]
                    self._used[key] = found
                    _count(found, includes)
            yield
        return drafts

    def note(self, file: str, data: bytes) -> str:
        """Note what a file is read as; returns what its entry is found by."""
        key = self._sums[file] = _sum(os.fsencode(file) + b"\0" + data)
        return key

    def forget(self) -> None:
        """Forget all that was found, because it was built with another overlay."""
        self._found = {}
        self._used = {}

    def put(
        self,
        drafts: Iterable[Draft],
        built: Iterable[tuple[Draft, Desired]],
        flaws: Iterable[Diagnostic],
        includes: Includes,
    ) -> None:
        """Keep what was built of files without any flaw.

        Args:
            drafts: All manifests.
            built: Those that are valid, under the target's overlay.
            flaws: What is wrong with them, warnings too.
            includes: Has read the included texts.
        """
        flawed = {ref.file for one in flaws for ref in (one.ref, one.other) if ref is not None}
        counts: dict[str, int] = defaultdict(int)
        for draft in drafts:
            counts[draft.source.file] += 1
        pairs: dict[str, list[tuple[Draft, Desired]]] = defaultdict(list)
        for draft, desired in built:
            if draft.kept is None:
                pairs[draft.source.file].append((draft, desired))
        for file, ones in pairs.items():
            is_counted = any(draft.source.repeated for draft, _ in ones)  # aliases count at each reading
            if len(ones) == counts[file] and not is_counted and file not in flawed:
                self._put(file, ones, includes)

    def _put(self, file: str, pairs: Sequence[tuple[Draft, Desired]], includes: Includes) -> None:
        """Keep the manifests of a file, unless JSON cannot hold them."""
        used = {text for one, its in pairs for text in (*one.source.included.values(), *its.included.values())}
        entry = _File([_manifest(*one) for one in pairs], {text: _sum_of_text(includes, text) for text in used})
        try:
            raw = msgspec.json.encode(entry)
            # Only numbers and texts that a closer look was taken at may be such that JSON has no word for them.
            is_exact = all(draft.is_clean for draft, _ in pairs) or repr(_ONE.decode(raw)) == repr(entry)
        except (ValueError, TypeError, RecursionError):  # an unpaired surrogate, most likely
            return
        if is_exact and len(raw) <= _LARGEST:
            self._used[self._sums[file]] = msgspec.Raw(raw)
            self._has_new = True

    def save(self) -> None:
        """Write what was used, if anything is new; without success the next plan builds again."""
        if not self._has_new:
            return
        cache_file.write(self._place, msgspec.json.encode({"made_by": self._made_by, "files": self._used}))


def _read(place: Path, made_by: str) -> dict[str, _File]:
    try:
        kept = _WHOLE.decode(cache_file.read(place))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return kept.files if kept.made_by == made_by else {}


def _manifest(draft: Draft, desired: Desired) -> _Manifest:
    content = desired.content
    return _Manifest(
        document=draft.source.document,
        patch=_sum_of_patch(draft.patch),
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


def _draft(file: str, its: _Manifest) -> Draft:
    """The manifest of an entry; of its fields it has those that rules across files look at."""
    content = Content(its.graph_id, its.name, its.description, its.context, its.config, its.configurable, its.metadata)
    desired = Desired(
        key=its.key,
        assistant_id=its.assistant_id,
        id_is_named=its.id_is_named,
        content=content,
        metadata_keys=its.metadata_keys,
        source=file,
        included=dict(its.included),
        ignored=its.ignored,
        prevent_delete=its.prevent_delete,
        moved_from=its.moved_from,
    )
    source = Source(file, its.document, its.fields, is_alone=False, may_include=False, included=dict(its.texts))
    return Draft(source, its.key, kept=Kept(desired, its.patch))


def _count(found: _File, includes: Includes) -> None:
    """Count what the manifests include, as if they were read."""
    for one in found.manifests:
        for _, text in one.texts:
            includes.include(text)


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sum_of_text(includes: Includes, file: str) -> str:
    """The digest of an included text, which is read if need be."""
    return _sum(includes.text(file).encode("utf-8", "surrogatepass"))


def is_built_with(patch: Source | None, draft: Draft) -> bool:
    """Whether what is kept of a manifest was built with a patch of the overlay; None for none."""
    return draft.kept is not None and draft.kept.patch == _sum_of_patch(patch)


def _sum_of_patch(patch: Source | None) -> str | None:
    """The digest of a patch with its included texts; None without one."""
    if patch is None:
        return None
    return _sum(repr((patch.fields, sorted(map(repr, patch.included.items())))).encode("utf-8", "surrogatepass"))


@cache
def _program() -> str:
    """What makes the entries: the version, and the size and time of each module that takes part."""
    here = Path(__file__).parents[1]
    modules = [path for maker in _MAKERS for path in ([here / maker] if "." in maker else (here / maker).rglob("*.py"))]
    facts = [(str(path.relative_to(here)), path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(modules)]
    versions: list[Any] = [_FORMAT, __version__, sys.version_info[:2], msgspec.__version__]
    return f"{versions} {_sum(repr(facts).encode())}"
