from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.pulled import FileChange
from assistant_sync.report.view.pulled import file_diff, next_steps
from tests.report import examples

if TYPE_CHECKING:
    from assistant_sync.model.pulled import PullReport


def test_an_unchanged_file_has_no_difference() -> None:
    assert file_diff(FileChange("a.yaml", b"x\n", b"x\n")) == []


def test_a_new_file_is_all_added() -> None:
    lines = file_diff(FileChange("a.yaml", None, b"x\ny\n"))
    assert lines == ["--- /dev/null", "+++ b/a.yaml", "@@ -0,0 +1,2 @@", "+x", "+y"]


def test_a_missing_line_feed_at_the_end_is_shown() -> None:
    assert file_diff(FileChange("a.yaml", b"x", b"x\n"))[3:] == [" x", "-\\ No newline at end of file"]


def test_a_line_that_holds_a_credential_is_masked() -> None:
    secret = "sk-ant-0123456789abcdefghijABCDEFGHIJ"
    lines = file_diff(FileChange("a.yaml", f"key: {secret}\nx: 1\n".encode(), b"x: 2\n"))
    assert secret not in "".join(lines)


def test_very_long_files_are_counted() -> None:
    long = b"x\n" * 6_000
    assert file_diff(FileChange("a.yaml", long, long + b"y\n"))[2] == "@@ 6,000 -> 6,001 lines @@"


@pytest.mark.parametrize(
    ("report", "first"),
    [
        (examples.nothing_pulled(), None),
        (examples.pulled_dry_run(), None),
        (examples.pulled_on_branch(), "git push -u origin edits   # then open a pull request"),
        (examples.pulled(), "git diff   # what has changed; new files are not in it"),
    ],
    ids=["nothing", "dry-run", "branch", "files"],
)
def test_what_follows_depends_on_what_was_done(report: PullReport, first: str | None) -> None:
    assert next(next_steps(report), None) == first
