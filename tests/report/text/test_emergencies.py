"""rollback and undelete as text: what is left to do, and nothing of a server's text as a command to a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.model.aftermath import (
    ArchiveEntry,
    CronCommand,
    GitState,
    GitView,
    RestoredManifest,
    RollbackReport,
    UndeleteReport,
    WayOut,
)
from assistant_sync.report.text.rollback import rollback_text
from assistant_sync.report.text.undelete import archives_text, undelete_text
from tests.builders import make_outcome, make_result

SOURCE = "assistants/support.yaml"


def rolled_back(git: GitView | None, *, wrote: bool = False) -> list[str]:
    result = make_result(make_outcome()) if wrote else make_result()
    return rollback_text(RollbackReport(result, "support", 3, git)).plain.splitlines()


def restored(**members: Any) -> list[str]:
    defaults: dict[str, Any] = {
        "result": make_result(), "key": "support", "assistant_id": "id", "archive": "archive/x.json", "versions": 2,
        "manifest": RestoredManifest(SOURCE), "git": GitView(GitState.AGREES, SOURCE),
    }  # fmt: skip
    return undelete_text(UndeleteReport(**defaults | members)).plain.splitlines()


def test_without_a_write_only_what_git_wants_is_shown() -> None:
    assert rolled_back(GitView(GitState.AGREES, SOURCE)) == [
        f"Git wants the same: {SOURCE} has the content of version 3."
    ]
    assert rolled_back(None) == []


def test_after_a_write_its_result_comes_first() -> None:
    lines = rolled_back(GitView(GitState.NO_MANIFEST), wrote=True)
    assert lines[-3].startswith("Applied: ")
    assert lines[-2:] == ["", "No manifest has this assistant: an apply with pruning deletes it."]
    assert rolled_back(None, wrote=True)[-1].startswith("Applied: ")


def test_git_that_wants_something_else_comes_with_the_commands() -> None:
    ways = (WayOut("assistant-sync pull support", "writes"), WayOut("git revert abc", "reverts"))
    assert rolled_back(GitView(GitState.DIFFERS, SOURCE, ways=ways)) == [
        f"Git still wants something else: {SOURCE}. The next apply of the unchanged manifest undoes this rollback.",
        "To make git agree:",
        "  assistant-sync pull support",
        "      writes",
        "  git revert abc",
        "      reverts",
    ]


def test_manifests_that_cannot_be_read_leave_it_unknown() -> None:
    git = GitView(GitState.UNKNOWN, because="first\nsecond \x1b[31m")
    assert rolled_back(git) == ["What git wants is unknown: first", "    | second \\x1b[31m"]


def test_a_restored_assistant_shows_its_manifest_and_its_history() -> None:
    assert restored() == [
        f"Wrote its manifest {SOURCE}. Commit it.",
        "Its history is not on the deployment again: archive/x.json keeps 2 versions.",
    ]


def test_what_was_not_restored_shows_nothing_but_its_result() -> None:
    lines = restored(result=make_result(make_outcome()), manifest=None, git=None)
    assert lines[-1].startswith("Applied: ")


def test_without_a_manifest_the_reason_and_what_git_wants_are_shown() -> None:
    lines = restored(manifest=RestoredManifest(because="it is there"), git=GitView(GitState.NO_MANIFEST))
    assert lines[:2] == [
        "No manifest was written: it is there",
        "No manifest has this assistant: an apply with pruning deletes it.",
    ]


def test_a_manifest_that_an_overlay_changes_is_shown_as_different() -> None:
    assert any(line.startswith("Git still wants something else") for line in restored(git=GitView(GitState.DIFFERS)))


def test_each_cron_has_its_command_in_one_whole_line() -> None:
    long = "curl " + "x" * 9000
    lines = restored(crons=(CronCommand("c", "0 3 * * *", long), CronCommand("d", "@daily", "curl", is_masked=True)))
    assert lines[-5:] == [
        "2 crons went with it. To make them again:",
        f"  {long}",
        "      0 3 * * *",
        "  curl",
        "      @daily. It holds values that look like a credential: take those from the archive",
    ]


def test_crons_that_nobody_could_read_are_said_to_be_missing() -> None:
    assert restored(crons=None)[-1].startswith("Its crons are not in the archive")


@pytest.mark.parametrize(("crons", "shown"), [(None, "crons unknown"), (1, "1 cron")])
def test_the_archive_is_one_line_for_each_file(crons: int | None, shown: str) -> None:
    entry = ArchiveEntry(
        file="archive/x.json", key="a\x1b", assistant_id="id", archived_at="today", versions=2, crons=crons
    )
    assert archives_text([entry]).plain == f"a\\x1b id, deleted today, 2 versions, {shown}, archive/x.json"
    assert archives_text([]).plain == "The archive has no assistant of this target."
