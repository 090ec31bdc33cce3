"""The answer to a question as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.redaction import redact_text
from assistant_sync.report.text.lines import escaped, joined

if TYPE_CHECKING:
    from rich.text import Text

    from assistant_sync.model.asked import AnsweredRun


def run_text(answered: AnsweredRun) -> Text:
    """Render the answer alone; the command prints it while it arrives."""
    return answer_text(answered.answer or "")


def answer_text(answer: str) -> Text:
    """Render what an assistant answered: its lines as they are, control characters shown, credentials masked."""
    return joined(escaped(line) for line in redact_text(answer).split("\n"))
