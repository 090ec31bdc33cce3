"""Versions that were read before, and are still all of them because their assistant is as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.assistant import Assistant


class SeenVersions:
    """The versions of assistants, each with the row that was read before them.

    The official server sets the time of a row with every write, a move of the pointer included (measured on its dev
    server). One that does not do so hides a version from the plan at most, never from an apply: the number of what that
    writes is not the expected one then.
    """

    def __init__(self) -> None:
        self._seen: dict[str, tuple[Assistant, Sequence[Assistant]]] = {}

    def of(self, row: Assistant | None) -> Sequence[Assistant] | None:
        """The versions of the assistant of a row; None if they must be read.

        Args:
            row: As the deployment has it now; None if that is not known.
        """
        if row is None or row.updated_at is None:
            return None
        before, versions = self._seen.get(row.assistant_id, (None, ()))
        return versions if row == before else None

    def note(self, row: Assistant | None, versions: Sequence[Assistant]) -> None:
        """Note what was read.

        Args:
            row: As the deployment had it before its versions were read; None if that is not known.
            versions: All of them.
        """
        if row is not None:
            self._seen[row.assistant_id] = (row, versions)
