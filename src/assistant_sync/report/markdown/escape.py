r"""Untrusted text in Markdown: only in code spans, fences and ``<code>``, in which GitHub interprets nothing.

Outside of these even escaped text becomes active: GitHub looks for mentions, references to issues and commits, and
URLs in the HTML that Markdown was rendered to. Inside, only what would end the span or the fence matters. GitHub's
renderer (cmark-gfm) accepts no code span of more than 80 backticks and counts those of a fence to 255, so longer runs
in the text are broken up: every 64th backtick is written as ``\x60``.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from assistant_sync.report.escape import escape_invisible
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterable

LABEL = 120
"""Characters of a name."""

_MESSAGE = 2_000
_MESSAGE_LINES = 20

_RUN = re.compile("`+")
_LONG_RUN = re.compile("`{64}")
_BROKEN_RUN = "`" * 63 + r"\x60"
# The beginning of the marker by which our own comment is found again: no text inside may pass for it.
_MARKER = re.compile(r"<(?=!--\s*assistant-sync)", re.IGNORECASE)


def size(text: str) -> int:
    """Count as GitHub does, or more: a character beyond U+FFFF counts twice, as in UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def code(text: str) -> str:
    """Make a code span.

    Args:
        text: Without control characters, as ``escape_invisible`` and ``json_text`` give it.
    """
    if not text:
        return "(empty)"
    text = _disarmed(text)
    ticks = "`" * (_longest_run(text) + 1)
    is_padded = text[0] == "`" or text[-1] == "`" or (text[0] == text[-1] == " " and text.strip(" ") != "")
    return f"{ticks} {text} {ticks}" if is_padded else f"{ticks}{text}{ticks}"


def name(text: str, limit: int = LABEL) -> str:
    """Make a code span of an untrusted name; of a long one, the characters that are cut are counted."""
    shown, rest = _cut(text, limit)
    return code(shown) + _more(rest)


def html_name(text: str) -> str:
    """As ``name``, in HTML."""
    shown, rest = _cut(text, LABEL)
    return f"<code>{html.escape(shown, quote=False)}</code>{_more(rest)}"


def message(text: str) -> str:
    """Make code spans of untrusted sentences, one for each line."""
    lines = text[:_MESSAGE].split("\n")[:_MESSAGE_LINES]
    rest = len(text) - len("\n".join(lines))
    return "<br>".join(code(escape_invisible(line)) if line else "" for line in lines) + _more(rest)


def cell(text: str) -> str:
    """Escape Markdown for a cell of a table, in which a bar ends even a code span."""
    return text.replace("|", r"\|")


def fence(lines: Iterable[str]) -> str:
    """Make a block of code that GitHub colours as a diff.

    Args:
        lines: Each with its sign and a blank in front, and without control characters.
    """
    body = "\n".join(_disarmed(line.rstrip(" ")) for line in lines)
    ticks = "`" * max(3, _longest_run(body) + 1)
    return f"{ticks}diff\n{body}\n{ticks}\n"


def _disarmed(text: str) -> str:
    return _MARKER.sub(r"\\x3c", _LONG_RUN.sub(lambda _: _BROKEN_RUN, text))


def _longest_run(text: str) -> int:
    return max((len(run) for run in _RUN.findall(text)), default=0)


def _cut(text: str, limit: int) -> tuple[str, int]:
    """The first characters, escaped, and how many more there are; an escape takes several characters."""
    shown = escape_invisible(text[:limit])
    kept = min(len(text), limit)
    while len(shown) > 2 * limit:
        kept //= 2
        shown = escape_invisible(text[:kept])
    return shown, len(text) - kept


def _more(rest: int) -> str:
    return f" … {plural(rest, 'more character')}" if rest > 0 else ""
