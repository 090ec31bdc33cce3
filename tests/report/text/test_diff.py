from __future__ import annotations

import pytest

from assistant_sync.model.shown import StateKind
from assistant_sync.report.json.diff import diff_json
from assistant_sync.report.json.document import dumps
from assistant_sync.report.text.diff import diff_text
from tests.report import examples
from tests.report.golden import assert_golden, printed


def test_equal_states_have_no_differences() -> None:
    assert diff_text(examples.compared(fields=())).plain.splitlines()[2:] == ["No differences."]
    assert diff_json(examples.compared(fields=()))["differs"] is False


def test_text() -> None:
    assert_golden("diff.txt", printed(diff_text(examples.compared())))


def test_json() -> None:
    assert_golden("diff.json", dumps(diff_json(examples.compared())) + "\n")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (StateKind.VERSION, "support version 3"),
        (StateKind.LIVE, "support live, version 3"),
        (StateKind.WORKTREE, "support in the work tree, assistants/support.yaml"),
        (StateKind.REVISION, "support at v1.2, commit 0123456789ab, assistants/support.yaml"),
    ],
)
def test_each_side_is_named(kind: StateKind, words: str) -> None:
    left = examples.side(kind, "v1.2", version=3, commit="0123456789abcdef", source="assistants/support.yaml")
    assert diff_text(examples.compared(left=left)).plain.splitlines()[0] == f"--- {words}"
