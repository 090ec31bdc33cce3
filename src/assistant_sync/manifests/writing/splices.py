"""Replacements of parts of a text, collected and then made together."""

from __future__ import annotations


class Conflict(ValueError):
    """Two replacements want the same characters."""


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

    def covers(self, start: int, end: int) -> bool:
        """Whether characters are part of what is replaced."""
        return any(a <= start and end <= b for a, b, _ in self._found)

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
