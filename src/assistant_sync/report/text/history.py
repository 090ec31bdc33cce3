"""The versions of one assistant, as text: the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.outcome import Attribution
from assistant_sync.report.text.lines import StyledLine, joined, label, message
from assistant_sync.report.text.styles import ADDED, CAUTION, QUIET
from assistant_sync.report.view.history import changed_words, made_by, pointer_words, restored_words
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from assistant_sync.model.history import History, VersionEntry

_INDENT = "    "


def history_text(history: History) -> Text:
    """Render the versions of an assistant: three lines for each."""
    head: StyledLine = [*label(history.key, "bold")]
    if history.name != history.key:
        head += [(' ("', ""), *label(history.name), ('")', "")]
    head += [(" on ", ""), *label(history.target, "bold"), (" (", ""), *label(history.url), ("), ", "")]
    head += [*label(history.assistant_id, QUIET)]
    lines = [head]
    lines += [[(words, CAUTION)] for words in (pointer_words(history), restored_words(history)) if words]
    for entry in history.entries:
        lines += [[], *_entry(entry, has_git=history.has_git)]
    if history.rest:
        lines += [[], [(f"… {plural(history.rest, 'older version')} (--limit shows more)", QUIET)]]
    return joined(lines)


def _entry(entry: VersionEntry, *, has_git: bool) -> Iterator[StyledLine]:
    head: StyledLine = [("* " if entry.is_active else "  ", ADDED), (f"version {entry.version}", "bold")]
    if entry.created_at is not None:
        head += [("  ", ""), *label(entry.created_at, QUIET)]
    if entry.is_active:
        head.append(("  active", ADDED))
    yield head
    style = "" if entry.attribution is Attribution.APPLY else CAUTION
    first, *further = message(made_by(entry, has_git=has_git), style)
    yield [(_INDENT, ""), *first]
    yield from ([(_INDENT, ""), *line] for line in further)
    yield [(_INDENT, ""), (changed_words(entry), QUIET)]
