from __future__ import annotations

import pytest

from assistant_sync.errors import AssistantSyncError, InvalidFiles, StalePlan, Unreachable
from assistant_sync.report.json.document import dumps
from assistant_sync.report.json.problems import error_json, problems_json
from tests.report import examples
from tests.report.golden import assert_golden


def test_problems_are_written_as_agreed() -> None:
    assert_golden("problems.json", dumps(problems_json(examples.problems(), 12)) + "\n")


def test_only_errors_make_files_invalid() -> None:
    assert problems_json([], 0)["valid"] is True
    assert problems_json(examples.problems()[2:3], 1)["valid"] is True
    assert problems_json(examples.problems()[:1], 1)["valid"] is False


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("error_plain", AssistantSyncError("cancelled; nothing was written")),
        ("error_hint", Unreachable("no connection", hint="Check the URL")),
        ("error_files", InvalidFiles(examples.problems()[:1])),
        ("error_stale", StalePlan("the saved plan is stale", differences=["support: was update, now keep"])),
    ],
)
def test_errors_are_written_as_agreed(name: str, error: AssistantSyncError) -> None:
    assert_golden(f"{name}.json", dumps(error_json(error)) + "\n")
