"""Flaws: what is wrong with a value, by path; and the words that all messages share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant_sync.redaction import redact_text
from assistant_sync.suggest import did_you_mean

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
    """A path for people, such as ``context.tools[0]``; a key that looks like a credential is masked."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += "." * bool(text) + (masked if _PLAIN_KEY.fullmatch(masked := redact_text(step)) else shown(step))
    return text


def shown(text: str) -> str:
    """A name out of a file in a message: quoted, escaped and cut, and masked where it looks like a credential."""
    text = redact_text(text)
    return repr(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "...")


def suggestion(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """The end of a sentence about an unknown name: the nearest known one, or nothing.

    Args:
        name: The unknown one.
        known: The known ones.
        cutoff: How near it must be, as difflib's ratio.
    """
    question = did_you_mean(name, known, cutoff=cutoff, quote=shown)
    return f"; {question}" if question else ""
