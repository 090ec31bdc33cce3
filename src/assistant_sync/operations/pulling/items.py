"""What is pulled, one assistant after the other: how its files change, and whether they say what they should."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from assistant_sync.manifests.rules.values import is_key
from assistant_sync.manifests.writing.import_files import import_files
from assistant_sync.manifests.writing.take_over import edits_to
from assistant_sync.model.identity import derived_id
from assistant_sync.model.pulled import NotPulled, Pulled, PullKind
from assistant_sync.planning.canonical import as_document
from assistant_sync.planning.diff import document_diff
from assistant_sync.planning.equality import same_json
from assistant_sync.planning.ignoring import with_ignored_of
from assistant_sync.planning.ownership import Owned
from assistant_sync.planning.three_way import three_way
from assistant_sync.redaction import credential_paths, redact, redact_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from assistant_sync.manifests.load import ManifestSet
    from assistant_sync.manifests.rules.build import Draft
    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.deployment import Mirroring
    from assistant_sync.model.project import Project
    from assistant_sync.model.values import JsonObject, JsonValue, Path
    from assistant_sync.operations.pulling.book import Book
    from assistant_sync.planning.importing import Candidate
    from assistant_sync.planning.outside_edit import OutsideEdit

_MOST_NAMED = 5
_MIXED = (
    "its context and its config.configurable differ, as if a server had restored only a part of a version, and no "
    "manifest can express that"
)
_WAYS_OUT = "; 'assistant-sync apply' makes it what the manifest wants, 'assistant-sync rollback' what a version was"
_CREDENTIAL = (
    "{} looks like a credential, which must not come into git: let the graph read it from its environment, or name the "
    "path in allow_literals of the project file"
)


class Item(Protocol):
    """One assistant that is pulled."""

    @property
    def row(self) -> Assistant:
        """The live row."""

    @property
    def key(self) -> str:
        """Its key."""

    def objection(self) -> str | None:
        """Why it must not be pulled, which its content alone shows."""

    def make(self, book: Book) -> tuple[str, ...]:
        """Change the files; notes for people.

        Raises:
            EditFailed, ValueError: YAML cannot carry a value, or an edit cannot be made.
            RepositoryError: A file cannot be read.
        """

    def mismatch(self, read: ManifestSet) -> str | None:
        """Why the manifest does not say what it should, once it is read again; None if it does."""

    def pulled(self, files: Sequence[str], notes: Sequence[str]) -> Pulled:
        """The report of it."""


@dataclass(frozen=True, slots=True)
class EditItem:
    """An assistant with a manifest that takes over what was edited outside git.

    Attributes:
        desired: The manifest as its file has it.
        row: The live row.
        edit: What it takes over.
        draft: The manifest as it is written.
        shared: The included files that other includes name, too.
        literals: Paths that hold no credentials, although they look like it.
    """

    desired: Desired
    row: Assistant
    edit: OutsideEdit
    draft: Draft
    shared: Collection[str]
    literals: Collection[Path]

    @property
    def key(self) -> str:
        """See ``Item``."""
        return self.desired.key

    def objection(self) -> str | None:
        """See ``Item``."""
        if self.edit.is_mixed:
            return _MIXED + _WAYS_OUT
        return _credential(self._wanted, self.literals, but=as_document(self.desired.content))

    @property
    def _wanted(self) -> JsonObject:
        """What the file must say: the fields that it ignores stay as they are there."""
        return with_ignored_of(self.desired, self.edit.merged)

    def make(self, book: Book) -> tuple[str, ...]:
        """See ``Item``."""
        edits = edits_to(
            self.draft,
            as_document(self.desired.content),
            self._wanted,
            is_shared=lambda file: file in self.shared,
            is_taken=book.is_taken,
        )
        reformatted = book.make(edits)
        copies = [f"{old} is included elsewhere, too: {new} takes its place here" for old, new in edits.copied.items()]
        conflicts = [
            f"{'.'.join(map(str, path))} has changed in git since it was last applied, too: the live value was taken"
            for path in self.edit.conflicts
        ]
        return tuple(redact_text(note) for note in (*reformatted, *copies, *conflicts))

    def mismatch(self, read: ManifestSet) -> str | None:
        """See ``Item``."""
        found = _desired_of(self.row.assistant_id, read)
        if found is None:
            return _errors_of(self.desired.source, read)
        document, wanted = as_document(found.content), self._wanted
        return None if same_json(document, wanted) else _cannot(document, wanted)

    def pulled(self, files: Sequence[str], notes: Sequence[str]) -> Pulled:
        """See ``Item``."""
        fields = redact(document_diff(as_document(self.desired.content), self._wanted), self.literals)
        return _pulled(PullKind.EDITED, self, files, notes, fields)


@dataclass(frozen=True, slots=True)
class ImportItem:
    """An assistant that no manifest names, and that gets one.

    Attributes:
        candidate: The assistant.
        project: The project file.
        home: The project file's folder, relative to the repository's top.
        mirroring: What the deployment does.
    """

    candidate: Candidate
    project: Project
    home: str
    mirroring: Mirroring

    @property
    def row(self) -> Assistant:
        """See ``Item``."""
        return self.candidate.live.row

    @property
    def key(self) -> str:
        """See ``Item``."""
        return self.candidate.key

    def objection(self) -> str | None:
        """See ``Item``."""
        if self.candidate.is_mixed:
            return _MIXED
        if not is_key(self.key):
            return "its key, which its stamp has, is none that a manifest can have"
        if not self.candidate.content.name:
            return "its name is empty, which no manifest can express; give it one"
        return _credential(as_document(self.candidate.content), self.project.allow_literals)

    def make(self, book: Book) -> tuple[str, ...]:
        """See ``Item``."""
        own = self.row.assistant_id
        _, texts = import_files(
            self.candidate.content,
            key=self.key,
            assistant_id=None if own == derived_id(self.project.first_name, self.key) else own,
            home=self.home,
            manifests=posixpath.normpath(posixpath.join(self.home, self.project.manifests)),
            is_taken=book.is_taken,
            prevent_delete=isinstance(self.candidate.live, Owned) and self.candidate.live.stamp.prevent_delete,
        )
        book.check_places(texts)
        book.changed |= {file: text.encode() for file, text in texts.items()}
        return ()

    def mismatch(self, read: ManifestSet) -> str | None:
        """See ``Item``."""
        found = _desired_of(self.row.assistant_id, read)
        if found is None:
            return _errors_of(f"/{self.key}.yaml", read)
        held = three_way(found, self.candidate.live, self.mirroring, None)
        if held.is_equal or held.comparison is None:
            return None
        return _cannot(as_document(held.comparison.desired), as_document(held.comparison.live))

    def pulled(self, files: Sequence[str], notes: Sequence[str]) -> Pulled:
        """See ``Item``."""
        return _pulled(PullKind.IMPORTED, self, files, notes)


def _pulled(
    kind: PullKind, item: Item, files: Sequence[str], notes: Sequence[str], fields: tuple[FieldChange, ...] = ()
) -> Pulled:
    row = item.row
    return Pulled(
        kind=kind,
        key=item.key,
        assistant_id=row.assistant_id,
        name=redact_text(row.name),
        version=row.version,
        edited_at=row.updated_at,
        files=tuple(files),
        fields=fields,
        notes=tuple(notes),
    )


def not_pulled(item: Item, reason: str) -> NotPulled:
    """The report of an assistant that was left out."""
    row = item.row
    return NotPulled(
        key=redact_text(item.key),
        assistant_id=row.assistant_id,
        name=redact_text(row.name),
        graph_id=redact_text(row.graph_id),
        reason=redact_text(reason),
    )


def shared_files(drafts: Iterable[Draft]) -> frozenset[str]:
    """The included files that several includes name, whether an overlay lies over one or not."""
    included = [(*one.source.included.values(), *(one.patch.included.values() if one.patch else ())) for one in drafts]
    counts = Counter(file for files in included for file in files)
    return frozenset(file for file, count in counts.items() if count > 1)


def _desired_of(assistant_id: str, read: ManifestSet) -> Desired | None:
    return next((one for one in read.desired if one.assistant_id == assistant_id), None)


def _errors_of(file: str, read: ManifestSet) -> str:
    """What is wrong with a manifest that has no desired assistant."""
    found = [one.message for one in read.problems if one.is_error and f"/{one.file}".endswith(f"/{file.lstrip('/')}")]
    return "; ".join(dict.fromkeys(found[:_MOST_NAMED])) or "its manifest could not be read again"


def _cannot(found: JsonObject, wanted: JsonObject) -> str:
    """Why a manifest is not used although it can be read."""
    paths = [".".join(map(str, one.path)) for one in document_diff(found, wanted)]
    more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
    return f"no manifest can express {', '.join(paths[:_MOST_NAMED])}{more} as the deployment has it"


def _credential(document: JsonObject, literals: Collection[Path], *, but: JsonObject | None = None) -> str | None:
    """Why a content must not come into git; values that git has already do not count."""
    known = () if but is None else credential_paths(but, literals)
    for path in credential_paths(document, literals):
        if path not in known or (but is not None and not same_json(_at(document, path), _at(but, path))):
            return _CREDENTIAL.format(".".join(map(str, path)))
    return None


def _at(document: JsonValue, path: Path) -> JsonValue:
    for step in path:
        if isinstance(document, Mapping):
            document = document.get(str(step))
        elif isinstance(document, Sequence) and isinstance(step, int):
            document = document[step]
    return document
