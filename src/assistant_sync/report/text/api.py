"""Everything that people read on a terminal or in a log, as ``rich`` texts.

Print each with ``Console.print(text, soft_wrap=True)``: the lines are not to be wrapped or cropped to the width of
a terminal, let alone to the 80 columns that a pipe is taken for.
"""

from rich.text import Text

from assistant_sync.report.text.lines import joined, message
from assistant_sync.report.text.plan import plan_text
from assistant_sync.report.text.problems import error_text, plan_difference_text, problems_text
from assistant_sync.report.text.result import result_text

__all__ = ["error_text", "message_text", "plan_difference_text", "plan_text", "problems_text", "result_text"]


def message_text(text: str) -> Text:
    """Render a sentence that may quote what somebody else said."""
    return joined(message(text))
