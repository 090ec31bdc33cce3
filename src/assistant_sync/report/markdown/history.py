"""The versions of one assistant in Markdown: a table, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.report.markdown.escape import cell, code, message, name
from assistant_sync.report.view.history import changed_words, made_by, pointer_words, restored_words
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from assistant_sync.model.history import History, VersionEntry


def history_markdown(history: History) -> str:
    """Render the versions of an assistant."""
    parts = [f"**{name(history.key)}** on {name(history.target)} ({name(history.assistant_id)})\n\n"]
    parts += [f"{message(words)}\n\n" for words in (pointer_words(history), restored_words(history)) if words]
    parts.append("| version | made | by | change |\n| --- | --- | --- | --- |\n")
    parts += [_row(entry, has_git=history.has_git) for entry in history.entries]
    if history.rest:
        parts.append(f"\n… {plural(history.rest, 'older version')} (`--limit` shows more)\n")
    return "".join(parts).rstrip("\n")


def _row(entry: VersionEntry, *, has_git: bool) -> str:
    number = f"**{entry.version}** (active)" if entry.is_active else str(entry.version)
    made = "" if entry.created_at is None else name(entry.created_at)
    cells = [number, made, message(made_by(entry, has_git=has_git)), code(changed_words(entry))]
    return f"| {' | '.join(map(cell, cells))} |\n"
