"""Flaws: what is wrong with a value, by path; and the words that all messages share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.values import Path

_LONGEST_SHOWN = 60
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_$-]+")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a document's value.

    Attributes:
        path: From the document's top; what is missing has its parent's path.
        message: What is wrong and the way out; never a value that may be secret.
        at_key: Whether the key is wrong, not the value.
    """

    path: Path
    message: str
    at_key: bool = False


def dotted(path: Path) -> str:
    """A path for people, such as ``context.tools[0]``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += "." * bool(text) + (step if _PLAIN_KEY.fullmatch(step) else shown(step))
    return text


def shown(text: str) -> str:
    """A name out of a file in a message: quoted, escaped and cut."""
    return repr(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "...")


def suggestion(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: the nearest known one, or nothing."""
    nearest = get_close_matches(name, list(known), n=1)
    return f"; did you mean {shown(nearest[0])}?" if nearest else ""
