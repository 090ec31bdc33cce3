"""The document of the files that ``init`` wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.report.json.document import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence


def files_json(project: str, written: Sequence[str]) -> dict[str, Any]:
    """Make the document of a scaffolded project.

    Args:
        project: The owner's name.
        written: The files' paths from the folder where the command was started.
    """
    return {"format_version": FORMAT_VERSION, "project": project, "written": list(written)}
