"""What applications need of the assistants, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.report.text.lines import StyledLine, joined, label
from assistant_sync.report.text.styles import QUIET

if TYPE_CHECKING:
    from rich.text import Text

    from assistant_sync.model.outputs import Outputs

_PLACEHOLDER = "ASSISTANT_ID"


def outputs_text(outputs: Outputs) -> Text:
    """Render the assistants of a target, one in a line, and below them the addresses that they have."""
    widths = [
        max(len(heading), *(len(text) for text in texts)) if texts else len(heading)
        for heading, texts in (
            ("KEY", [one.key for one in outputs.assistants]),
            (_PLACEHOLDER, [one.assistant_id for one in outputs.assistants]),
        )
    ]
    lines: list[StyledLine] = [[(f"{'KEY'.ljust(widths[0])}  {_PLACEHOLDER.ljust(widths[1])}  GRAPH", "bold")]]
    for one in outputs.assistants:
        line: StyledLine = [(f"{one.key.ljust(widths[0])}  {one.assistant_id.ljust(widths[1])}  ", "")]
        lines.append([*line, *label(one.graph_id)])
    lines.append([])
    addresses = (
        ("A2A", outputs.a2a(_PLACEHOLDER)),
        ("agent card", outputs.agent_card(_PLACEHOLDER)),
        ("MCP", outputs.mcp),
        ("Studio", outputs.studio),
    )
    lines += [[(f"{what.ljust(12)}", QUIET), *label(address)] for what, address in addresses]
    return joined(lines)
