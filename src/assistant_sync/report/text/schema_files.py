"""Schemas that were written, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.schema_files import FileState
from assistant_sync.redaction import redact_text
from assistant_sync.report.text.lines import escaped, joined, label
from assistant_sync.report.text.styles import ADDED, CAUTION, QUIET
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from rich.text import Text

    from assistant_sync.model.schema_files import SchemaFiles
    from assistant_sync.report.text.lines import StyledLine

_STYLES = {FileState.NEW: ADDED, FileState.CHANGED: CAUTION, FileState.UNCHANGED: QUIET}


def schema_files_text(schemas: SchemaFiles) -> Text:
    """Render the files, one in a line, and the graphs whose schemas are left out."""
    lines: list[StyledLine] = [
        [(f"{one.state.value:<9} ", _STYLES[one.state]), *escaped(one.path)] for one in schemas.files
    ]
    for graph, reason in sorted(schemas.unusable.items()):
        named = [("the schema of graph ", ""), *label(redact_text(graph)), (" is left out: ", "")]
        lines.append([("warning: ", CAUTION), *named, *escaped(redact_text(reason))])
    return joined([*lines, [(_verdict(schemas), "")]])


def _verdict(schemas: SchemaFiles) -> str:
    count = plural(len(schemas.stale), "file")
    if not schemas.stale:
        return "Nothing to write: the schemas are up to date."
    if schemas.is_written:
        return f"Wrote {count}."
    return f"Nothing was written: {count} would change. Without --check, the command writes them."
