"""How messages write paths, names from files, and suggestions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant_sync.redaction import redact_text
from assistant_sync.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.values import Path

_LONGEST_SHOWN = 60
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_$-]+")


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
    """A name from a file for a message: quoted, escaped, shortened, and masked if it looks like a credential."""
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
