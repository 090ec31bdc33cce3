"""The documents of a restored assistant, and of what the archive has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.report.json.document import FORMAT_VERSION
from assistant_sync.report.json.git_view import git_json
from assistant_sync.report.json.result import result_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant_sync.model.aftermath import ArchiveEntry, CronCommand, UndeleteReport


def undelete_json(report: UndeleteReport) -> dict[str, Any]:
    """Make the document of a restored assistant."""
    manifest = report.manifest
    about = {
        "key": report.key,
        "assistant_id": report.assistant_id,
        "archive": report.archive,
        "versions": report.versions,
        "crons": None if report.crons is None else [_cron(cron) for cron in report.crons],
        "manifest": None if manifest is None else {"written": manifest.path, "because": manifest.because},
        "git": git_json(report.git),
    }
    return {**result_json(report.result), "undelete": about}


def archives_json(entries: Sequence[ArchiveEntry]) -> dict[str, Any]:
    """Make the document of what the archive has.

    Args:
        entries: The newest first.
    """
    return {
        "format_version": FORMAT_VERSION,
        "archives": [
            {
                "file": one.file,
                "key": one.key,
                "assistant_id": one.assistant_id,
                "archived_at": one.archived_at,
                "versions": one.versions,
                "crons": one.crons,
            }
            for one in entries
        ],
    }


def _cron(cron: CronCommand) -> dict[str, Any]:
    return {"cron_id": cron.cron_id, "schedule": cron.schedule, "command": cron.command, "masked": cron.is_masked}
