"""The files that ``init`` wrote, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.report.text.lines import escaped, joined
from assistant_sync.report.text.styles import ADDED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text


def files_text(written: Sequence[str]) -> Text:
    """Render the paths of files that were written, one in a line."""
    return joined([("wrote ", ADDED), *escaped(path)] for path in written)
