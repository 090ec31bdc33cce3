from __future__ import annotations

from assistant_sync.report.json.document import dumps
from assistant_sync.report.json.history import history_json
from assistant_sync.report.markdown.history import history_markdown
from assistant_sync.report.text.history import history_text
from assistant_sync.report.view.history import made_by, paths_text
from tests.report import examples
from tests.report.golden import assert_golden, printed


def test_an_assistant_without_versions_is_a_head_alone() -> None:
    text = history_text(examples.history(entries=(), rest=0, active=7, not_restored=()))
    assert len(text.plain.splitlines()) == 1


def test_text() -> None:
    assert_golden("history.txt", printed(history_text(examples.history())))


def test_json() -> None:
    assert_golden("history.json", dumps(history_json(examples.history())) + "\n")


def test_markdown() -> None:
    assert_golden("history.md", history_markdown(examples.history()) + "\n")


def test_nothing_is_said_of_a_pointer_at_the_newest_version() -> None:
    lines = history_text(examples.history(active=7, not_restored=())).plain.splitlines()
    assert lines[1] == ""


def test_without_a_repository_no_commit_is_said_to_be_missing() -> None:
    entry = examples.history().entries[2]
    assert made_by(entry, has_git=True).endswith(", which is not in this repository")
    assert made_by(entry, has_git=False).endswith(", and there is no git here to find it in")


def test_a_path_of_any_length_leaves_the_line_short() -> None:
    paths = [("context", "x" * 1000), ("name",)]
    assert len(paths_text(paths)) < 120
    assert paths_text(paths).endswith("… and 1 more field") or paths_text(paths).endswith("…, name")
