"""How a plan or a result is rendered, beside its format."""

from __future__ import annotations

from assistant_sync.model.frozen import Frozen


class Options(Frozen, frozen=True):
    """The options of a rendering.

    Attributes:
        verbose: Whether to show what is kept, and to cut nothing.
        created_at: The time of planning, ISO 8601.
    """

    verbose: bool = False
    created_at: str = ""
