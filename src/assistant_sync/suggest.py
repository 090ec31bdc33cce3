"""Words that every message needs: the nearest known name, and counts."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def did_you_mean(
    name: str, known: Iterable[str], *, cutoff: float = 0.6, quote: Callable[[str], str] = "'{}'".format
) -> str:
    """The question about an unknown name, such as ``did you mean 'support'?``; "" if no known name is near.

    Args:
        name: The unknown one.
        known: The known ones.
        cutoff: How near a name must be, as difflib's ratio.
        quote: How the name is shown.
    """
    nearest = get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return f"did you mean {quote(nearest[0])}?" if nearest else ""


def plural(count: int, noun: str) -> str:
    """Count things, such as ``1 line`` and ``1,200 lines``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
