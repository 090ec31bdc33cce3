"""Replacements of parts of a text, collected and then made together."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Conflict(ValueError):
    """Two replacements want the same characters."""


class Spans:
    """Parts of a text.

    Args:
        spans: Where each begins and ends.
    """

    __slots__ = ("_ends", "_starts")

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            if not self._ends or end > self._ends[-1]:
                self._starts.append(start)
                self._ends.append(end)

    def cover(self, start: int, end: int) -> bool:
        """Whether one of the parts holds all of these characters."""
        number = bisect_right(self._starts, start)
        return number > 0 and end <= self._ends[number - 1]


class Splices:
    """What is replaced in a text.

    Args:
        text: The text.
    """

    __slots__ = ("_found", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._found: list[tuple[int, int, str]] = []

    def replace(self, start: int, end: int, new: str) -> None:
        """Replace characters."""
        if self.text[start:end] != new:
            self._found.append((start, end, new))

    def insert(self, index: int, new: str) -> None:
        """Insert before a character; after what was inserted there already."""
        self._found.append((index, index, new))

    def delete(self, start: int, end: int) -> None:
        """Delete characters, some of which may be deleted already."""
        self._found.append((start, end, ""))

    def spans(self) -> Spans:
        """What is replaced so far."""
        return Spans((start, end) for start, end, _ in self._found)

    def result(self) -> str:
        """The text with all replacements made.

        Raises:
            Conflict: Two of them overlap, and one is no deletion.
        """
        parts: list[str] = []
        done = 0
        is_deleted = True
        for start, end, new in sorted(self._found, key=lambda one: one[:2]):
            if start < done and (new or not is_deleted):
                raise Conflict("two changes of the same characters")
            is_deleted = not new
            parts += (self.text[done:start], new)
            done = max(done, end)
        parts.append(self.text[done:])
        return "".join(parts)
