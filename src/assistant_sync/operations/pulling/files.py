"""The files of a pull: made in memory, read again with our own reader, and only then written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from assistant_sync.documents.atomic import replace_file
from assistant_sync.errors import RepositoryError
from assistant_sync.operations.pulling.book import Book
from assistant_sync.operations.pulling.items import not_pulled
from assistant_sync.planning.equality import same_content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from assistant_sync.manifests.load import ManifestSet
    from assistant_sync.model.assistant import Desired
    from assistant_sync.model.pulled import FileChange, NotPulled, Pulled
    from assistant_sync.operations.pulling.items import Item
    from assistant_sync.repository.tree import Tree
    from assistant_sync.repository.worktree import WorkTree


@dataclass(frozen=True, slots=True)
class Made:
    """What one assistant's part in the files came to.

    Attributes:
        pulled: The report of it.
        files: The contents of the files that it changed, as they were after it.
    """

    pulled: Pulled
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Settled:
    """All that is pulled.

    Attributes:
        made: One for each assistant, in their order.
        refused: Those that were left out.
        changes: All files that are new or changed.
    """

    made: tuple[Made, ...]
    refused: tuple[NotPulled, ...]
    changes: tuple[FileChange, ...]


_Attempt: TypeAlias = "tuple[Item, Mapping[str, bytes], tuple[str, ...]]"


def settle(
    items: Sequence[Item], tree: Tree, read: Callable[[Book], ManifestSet], before: Sequence[Desired]
) -> Settled:
    """Change the files in memory, and read them again with our own reader; what does not come out right is left out.

    Args:
        items: The assistants to pull.
        tree: Where the files are.
        read: Reads the manifests as they will be.
        before: What all manifests want now: no other assistant may be changed.

    Raises:
        RepositoryError: Git failed.
    """
    refused: dict[str, NotPulled] = {}

    def refuse(item: Item, reason: str) -> None:
        refused[item.row.assistant_id] = not_pulled(item, reason)

    for item in items:
        if reason := item.objection():
            refuse(item, reason)
    while True:
        book, made = _make(Book(tree), [one for one in items if one.row.assistant_id not in refused], refuse)
        again = read(book) if made else None
        wrong = [] if again is None else [(item, reason) for item, *_ in made if (reason := item.mismatch(again))]
        if again is not None and not wrong:
            wrong = _changing_others([(item, files) for item, files, _ in made], again, before)
        for item, reason in wrong:
            refuse(item, reason)
        if not wrong:
            done = tuple(Made(item.pulled(sorted(files), notes), files) for item, files, notes in made)
            return Settled(done, tuple(refused.values()), book.changes())


def _make(book: Book, items: Iterable[Item], refuse: Callable[[Item, str], None]) -> tuple[Book, list[_Attempt]]:
    """Change the files of one assistant after the other; each with the files that it changed, and its notes."""
    made: list[_Attempt] = []
    for item in items:
        attempt = book.copy()
        try:
            notes = item.make(attempt)
        except (ValueError, RepositoryError) as error:
            refuse(item, str(error) or "its files cannot be changed")
            continue
        files = {path: data for path, data in attempt.changed.items() if book.changed.get(path) != data}
        made.append((item, files, notes))
        book = attempt
    return book, made


def _changing_others(
    made: Sequence[tuple[Item, Mapping[str, bytes]]], again: ManifestSet, before: Sequence[Desired]
) -> list[tuple[Item, str]]:
    """The items whose files change what another manifest wants, as through a link that names one of them."""
    pulled = {item.row.assistant_id for item, _ in made}
    now = {one.assistant_id: one for one in again.desired}
    others = [one for one in before if one.assistant_id not in pulled and _differs(one, now.get(one.assistant_id))]
    if not others:
        return []
    read = {file for one in others for file in (one.source, *one.included.values())}
    blamed = [item for item, files in made if read & files.keys()] or [item for item, _ in made]
    reason = f"its files are read by '{others[0].key}', too, which would change: give it files of its own"
    return [(item, reason) for item in blamed]


def _differs(one: Desired, other: Desired | None) -> bool:
    return other is None or not same_content(one.content, other.content)


def refuse_uncommitted(tree: WorkTree, changes: Iterable[FileChange]) -> None:
    """Refuse to write over what git does not have.

    Raises:
        RepositoryError: A file has uncommitted changes, or git failed.
    """
    existing = [one.path for one in changes if one.before is not None]
    if not existing or not tree.is_git or not _is_dirty(tree, existing):
        return
    dirty = [path for path in existing if _is_dirty(tree, [path])]
    verb = "has" if len(dirty) == 1 else "have"
    message = f"{', '.join(dirty)} {verb} uncommitted changes; nothing was written"
    raise RepositoryError(message, hint="commit or stash them, then pull again; --dry-run shows what it would write")


def _is_dirty(tree: WorkTree, paths: list[str]) -> bool:
    commit = tree.commit(paths)
    return commit is None or commit.dirty


def write_files(tree: WorkTree, changes: Iterable[FileChange]) -> None:
    """Write files, each whole or not at all.

    Raises:
        RepositoryError: One cannot be written; those before it are.
    """
    done: list[str] = []
    for change, place in [(one, tree.place(one.path)) for one in changes]:
        try:
            _replace(change, place)
        except (RepositoryError, OSError) as error:
            written = f"; written before it: {', '.join(done)}" if done else "; nothing was written"
            raise RepositoryError(f"{error}{written}", hint="pull again: what was written stays") from error
        done.append(change.path)


def _replace(change: FileChange, place: Path) -> None:
    if (place.read_bytes() if place.exists() else None) != change.before:
        raise RepositoryError(f"{change.path} has changed since it was read")
    replace_file(place, change.after)
