"""Texts of ours on GitHub: the hidden marker that finds them again, and the plan before, folded away.

A text begins with its marker and ends, before the folded part, with a line that holds a hash of itself. No prompt that
is shown inside can hold that line: it would have to hold its own hash.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

BODY_LIMIT = 65_536
"""Characters of a comment or an issue that GitHub takes."""

_END = re.compile(r"\n<!-- assistant-sync: end (\S*) ([0-9a-f]{32}) -->")
_OPEN = "\n\n<details><summary>What stood here before</summary>\n\n"
_CLOSE = "\n\n</details>"


@dataclass(frozen=True, slots=True)
class Body:
    """What a text of ours says.

    Attributes:
        text: Markdown.
        state: What it is about, such as a plan's digest; "" for none.
        before: The last text about another state; "" for none.
    """

    text: str
    state: str = ""
    before: str = ""


def marker(kind: str, project: str, target: str) -> str:
    """The first line of a text of ours; the names cannot end the HTML comment that it is."""
    return f"<!-- assistant-sync: {kind} {_encoded(project)}/{_encoded(target)} -->"


def is_marked(mark: str, body: str) -> bool:
    """Whether a text begins with the marker."""
    return _plain(body).partition("\n")[0].rstrip() == mark


def room(mark: str, state: str) -> int:
    """Characters that the text below the marker may have."""
    return BODY_LIMIT - len(written(mark, Body("", state)))


def written(mark: str, body: Body) -> str:
    """Make the whole text; what stood there before is left out where there is no room for it."""
    text = _plain(body.text).strip("\n")
    whole = f"{mark}\n{text}\n<!-- assistant-sync: end {_encoded(body.state)} {_hash(text)} -->"
    folded = f"{_OPEN}{_plain(body.before).strip()}{_CLOSE}" if body.before else ""
    return whole + folded if len(whole) + len(folded) <= BODY_LIMIT else whole


def read(mark: str, whole: str) -> Body | None:
    """Take a text apart again; None where it is not as ``written`` made it."""
    text = _plain(whole)
    if not is_marked(mark, text):
        return None
    text = text.partition("\n")[2]
    for end in _END.finditer(text):
        if _hash(text[: end.start()]) == end[2]:
            rest = text[end.end() :].rstrip()
            is_folded = rest.startswith(_OPEN) and rest.endswith(_CLOSE)
            before = rest[len(_OPEN) : -len(_CLOSE)] if is_folded else ""
            return Body(text[: end.start()], unquote(end[1]), before)
    return None


def follow_up(old: Body | None, text: str, state: str) -> Body | None:
    """What is to stand in the place of an old text; None where it says all of it already."""
    text = _plain(text).strip("\n")
    if old is None:
        return Body(text, state)
    if (old.text, old.state) == (text, state):
        return None
    return Body(text, state, old.before if old.state == state else old.text)


def _encoded(text: str) -> str:
    return quote(text, safe="").replace("--", "-%2D")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
