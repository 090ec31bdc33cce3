"""What is shown of a version in every format: who made it, and what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from assistant_sync.model.history import Effect
from assistant_sync.model.outcome import Attribution
from assistant_sync.report.escape import path_text
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.history import History, VersionEntry
    from assistant_sync.model.values import Path

_PATHS = 100  # characters of the paths of one version; one is shown however long it is
_PATH = 80  # characters of one
_COMMIT = 12


def short_commit(commit: str) -> str:
    """A commit's first characters, and that manifests were not committed."""
    sha, dirty, _ = commit.partition("-dirty")
    return f"{sha[:_COMMIT]}{dirty}"


def made_by(entry: VersionEntry, *, has_git: bool) -> str:
    """Who made a version; untrusted, because the stamp and the commit are.

    Args:
        entry: The version.
        has_git: Whether commits were looked up.
    """
    if entry.attribution is not Attribution.APPLY:
        return "made outside git"
    start = "" if entry.rollback_to is None else f"rollback to version {entry.rollback_to}, "
    if entry.commit is None:
        return f"{start}applied without git"
    commit = f"{start}commit {short_commit(entry.commit)}"
    if entry.facts is not None:
        return f"{commit} by {entry.facts.author}: {entry.facts.subject}"
    return f"{commit}, {'which is not in this repository' if has_git else 'and there is no git here to find it in'}"


def changed_words(entry: VersionEntry) -> str:
    """What a version changed, on one line."""
    match entry.effect:
        case Effect.CREATED:
            return "created"
        case Effect.CONTENT:
            return f"changed {paths_text(entry.paths)}"
        case Effect.STAMP:
            return "changed only the stamp"
        case Effect.NOTHING:
            return "changed nothing"
        case _:
            assert_never(entry.effect)


def paths_text(paths: Sequence[Path]) -> str:
    """Paths on one line, as many as have room; of the others the number."""
    shown: list[str] = []
    for path in paths:
        text = path_text(path)
        text = text if len(text) <= _PATH else f"{text[:_PATH]}…"
        if shown and len(", ".join([*shown, text])) > _PATHS:
            break
        shown.append(text)
    rest = len(paths) - len(shown)
    return ", ".join(shown) + (f" and {plural(rest, 'more field')}" if rest else "")


def pointer_words(history: History) -> str:
    """Which version is active, if that is not the newest; else ""."""
    if history.active == history.highest:
        return ""
    return f"Version {history.active} is active; the newest is version {history.highest}."


def restored_words(history: History) -> str:
    """What the live assistant has other than the version that is active; else ""."""
    if not history.not_restored:
        return ""
    differs = paths_text(history.not_restored)
    return f"The live assistant is not all of version {history.active}: the server did not restore {differs}."
