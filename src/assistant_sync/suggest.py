"""Words that every message needs: the nearest known name, and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LONGEST = 100
"""Characters of a name that is compared; what is longer is no name that somebody misspelt."""

_MOST = 50
"""Known names that are compared closely: that takes a time that grows with the product of the lengths."""


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
    known = list(known)
    if len(name) <= _LONGEST and not name.isascii() and (twin := _twin(name, known)) is not None:
        return f"did you mean {quote(twin)}, which looks the same but is written with other characters ({twin!a})?"
    near = nearest(name, known, cutoff=cutoff)
    return "" if near is None else f"did you mean {quote(near)}?"


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The known name that is nearest to an unknown one; None if none is near.

    Args:
        name: The unknown one.
        known: The known ones.
        cutoff: How near a name must be, as difflib's ratio.
    """
    if len(name) > _LONGEST:
        return None
    from difflib import get_close_matches  # only for what is misspelt: every command imports this module

    return next(iter(get_close_matches(name, _likely(name, known), n=1, cutoff=cutoff)), None)


def _twin(name: str, known: Iterable[str]) -> str | None:
    """A known name that only its Unicode form distinguishes, such as one that macOS has decomposed."""
    from unicodedata import normalize  # as above

    composed = normalize("NFC", name)
    return next((one for one in known if one != name and normalize("NFC", one) == composed), None)


def _likely(name: str, known: Iterable[str]) -> list[str]:
    """The known names that are worth a close look: those that begin and end as the name does, and of its length."""
    names = [one for one in known if len(one) <= _LONGEST]
    if len(names) <= _MOST:
        return names

    from heapq import nlargest  # as above

    def nearness(one: str) -> int:
        return _common(name, one) + _common(name[::-1], one[::-1]) - abs(len(name) - len(one))

    return nlargest(_MOST, names, key=nearness)


def _common(one: str, other: str) -> int:
    """With how many equal characters two texts begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def plural(count: int, noun: str) -> str:
    """Count things, such as ``1 line`` and ``1,200 lines``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
