"""A restored assistant as text: the result, its manifest, its crons; and what the archive has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.aftermath import GitState
from assistant_sync.report.text.git_view import git_lines
from assistant_sync.report.text.lines import StyledLine, escaped, joined, label
from assistant_sync.report.text.result import result_lines
from assistant_sync.report.text.styles import CAUTION, QUIET
from assistant_sync.suggest import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.text import Text

    from assistant_sync.model.aftermath import ArchiveEntry, UndeleteReport


def undelete_text(report: UndeleteReport, *, verbose: bool = False) -> Text:
    """Render a restored assistant.

    Args:
        report: What it came to; masked already.
        verbose: Whether to cut nothing of what others changed.
    """
    lines = list(result_lines(report.result, verbose=verbose)) if report.result.outcomes else []
    if report.manifest is None:
        return joined(lines)
    lines += [[]] if lines else []
    lines += [*_manifest(report), *_history(report), *_crons(report)]
    return joined(lines)


def _manifest(report: UndeleteReport) -> Iterator[StyledLine]:
    manifest, git = report.manifest, report.git
    if manifest is not None and manifest.path is not None:
        yield [("Wrote its manifest ", "bold"), *label(manifest.path, "bold"), (". Commit it.", "bold")]
    elif manifest is not None:
        yield [("No manifest was written: ", CAUTION), *label(manifest.because or "", CAUTION)]
    if git is not None and not (git.state is GitState.AGREES and manifest is not None and manifest.path is not None):
        yield from git_lines(git, agrees="the archived content", undone="this")


def _history(report: UndeleteReport) -> Iterator[StyledLine]:
    yield [
        ("Its history is not on the deployment again: ", ""),
        *label(report.archive),
        (f" keeps {plural(report.versions, 'version')}.", ""),
    ]


def _crons(report: UndeleteReport) -> Iterator[StyledLine]:
    if report.crons is None:
        yield [("Its crons are not in the archive: the key that deleted it could not read them.", CAUTION)]
        return
    if report.crons:
        yield [(f"{plural(len(report.crons), 'cron')} went with it. To make them again:", "")]
    for cron in report.crons:
        yield [("  ", ""), *escaped(cron.command)]
        masked = ". It holds values that look like a credential: take those from the archive" if cron.is_masked else ""
        yield [("      ", ""), *label(cron.schedule, QUIET), (masked, CAUTION)]


def archives_text(entries: Sequence[ArchiveEntry]) -> Text:
    """Render what the archive has, one file in a line.

    Args:
        entries: The newest first.
    """
    lines = []
    for one in entries:
        crons = "crons unknown" if one.crons is None else plural(one.crons, "cron")
        facts = f" {one.assistant_id}, deleted {one.archived_at}, {plural(one.versions, 'version')}, {crons}, "
        lines.append([*label(one.key, "bold"), *label(facts), *label(one.file, QUIET)])
    return joined(lines or [[("The archive has no assistant of this target.", "")]])
