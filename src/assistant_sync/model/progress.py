"""Progress events: what a long operation reports while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a long operation.

    Attributes:
        phase: What is going on, such as ``reading`` or ``applying``.
        done: Steps done so far.
        total: Steps in all; None if it is not known.
        detail: What was just done.
    """

    phase: str
    done: int
    total: int | None
    detail: str = ""


Listener: TypeAlias = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Listen to nothing."""
