"""The sticky comment: a hidden marker finds it again, and the version before it is folded away below the text.

A comment begins with its marker and ends, before the folded part, with a line that holds a hash of the text. No prompt
that is shown inside can hold that line: it would have to hold its own hash.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

_END = re.compile(r"\n<!-- assistant-sync: end (\S*) ([0-9a-f]{32}) -->")
_OPEN = "\n\n<details><summary>Previous version of this comment</summary>\n\n"
_CLOSE = "\n\n</details>"


@dataclass(frozen=True, slots=True)
class Body:
    """The content of a sticky comment.

    Attributes:
        text: Markdown.
        state: What the text is about, such as a plan's digest; "" for none.
        previous: The last text about another state; "" for none.
    """

    text: str
    state: str = ""
    previous: str = ""


def marker(kind: str, project: str, target: str) -> str:
    """Return the first line of a comment; the names cannot end the HTML comment that it is."""
    return f"<!-- assistant-sync: {kind} {_encoded(project)}/{_encoded(target)} -->"


def is_marked(mark: str, comment: str) -> bool:
    """Whether a comment begins with the marker."""
    return _normalised(comment).partition("\n")[0].rstrip() == mark


def text_limit(mark: str, state: str, *, limit: int) -> int:
    """Return the number of characters that fit below the marker, in a comment of so many."""
    return limit - len(render(mark, Body("", state), limit=limit))


def render(mark: str, body: Body, *, limit: int) -> str:
    """Write the whole comment; the previous version is left out if it does not fit."""
    text = _normalised(body.text).strip("\n")
    whole = f"{mark}\n{text}\n<!-- assistant-sync: end {_encoded(body.state)} {_hash(text)} -->"
    folded = f"{_OPEN}{_normalised(body.previous).strip()}{_CLOSE}" if body.previous else ""
    return whole + folded if len(whole) + len(folded) <= limit else whole


def parse(mark: str, comment: str) -> Body | None:
    """Read a comment; None if it is not as ``render`` wrote it."""
    text = _normalised(comment)
    if not is_marked(mark, text):
        return None
    text = text.partition("\n")[2]
    for end in _END.finditer(text):
        if _hash(text[: end.start()]) == end[2]:
            rest = text[end.end() :].rstrip()
            is_folded = rest.startswith(_OPEN) and rest.endswith(_CLOSE)
            previous = rest[len(_OPEN) : -len(_CLOSE)] if is_folded else ""
            return Body(text[: end.start()], unquote(end[1]), previous)
    return None


def next_body(current: Body | None, text: str, state: str) -> Body | None:
    """Return what replaces the current body; None if that shows the same text already."""
    text = _normalised(text).strip("\n")
    if current is None:
        return Body(text, state)
    if (current.text, current.state) == (text, state):
        return None
    return Body(text, state, current.previous if current.state == state else current.text)


def _encoded(text: str) -> str:
    return quote(text, safe="").replace("--", "-%2D")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _normalised(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
