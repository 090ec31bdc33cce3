"""Markers of unfinished work, such as TODO, that were left in a text which a model reads."""

from __future__ import annotations

import re
from functools import lru_cache

MARKERS = ("TODO", "FIXME", "XXX")
"""A text without any of them needs no closer look."""

_NOUNS = "lists?|items?|tasks?|entry|entries|comments?|notes?|markers?|apps?|files?"
"""What follows where the word belongs to the subject: "TODO lists are sorted by date"."""
_LEFT = re.compile(
    # At the beginning of a line, after blanks, bullets and the signs of comments and headings.
    rf"^[ \t#*+/<!;%>-]*(?:\d{{1,4}}[.)][ \t]*)?(TODO|FIXME|XXX)(?=[\s:(]|\Z)(?![ \t]+(?:{_NOUNS})\b)"
    # Within a line, only with a colon or a parenthesis, and not as a quotation: write `TODO:` where you are unsure.
    r"|(?<![\w`'\"])(TODO|FIXME)[:(]",
    re.MULTILINE,
)


def leftover(text: str) -> tuple[str, int] | None:
    """Find the first marker of unfinished work in a text.

    Args:
        text: A prompt, or any other text.

    Returns:
        The marker and its line, from 1; None if the text has no marker that is clearly one.
    """
    return _first(text) if any(marker in text for marker in MARKERS) else None


@lru_cache(maxsize=1024)
def _first(text: str) -> tuple[str, int] | None:
    found = _LEFT.search(text)
    return (found[1] or found[2], text.count("\n", 0, found.start()) + 1) if found else None
