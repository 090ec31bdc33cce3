from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant_sync.model.outcome import Attribution, OutsideVersion, Status
from assistant_sync.report.json.document import dumps
from assistant_sync.report.json.result import result_json
from tests.builders import changed, make_outcome, make_result
from tests.report import examples
from tests.report.golden import assert_golden


@pytest.mark.parametrize("name", ["success", "partial", "raced"])
def test_results_are_written_as_agreed(name: str) -> None:
    assert_golden(f"result_{name}.json", dumps(result_json(getattr(examples, name)())) + "\n")


def test_a_result_counts_every_status() -> None:
    result = make_result(make_outcome("a"), make_outcome("b"), make_outcome("c", status=Status.FAILED))

    assert result_json(make_result())["summary"] == {status.value: 0 for status in Status}
    assert result_json(result)["summary"]["updated"] == 2
    assert result_json(result)["summary"]["failed"] == 1


def test_what_others_wrote_has_the_members_that_are_documented() -> None:
    text = (Path(__file__).parents[3] / "docs/exit-codes.md").read_text("utf-8")
    example = json.loads(text.split("```json outside\n")[1].split("```")[0])
    edit = OutsideVersion(4, None, (changed("context.model_name", 1, 2),))
    (written,) = result_json(make_result(make_outcome(outside=(edit,))))["outcomes"][0]["outside"]

    assert list(example) == list(written)
    assert list(example["fields"][0]) == list(written["fields"][0])
    assert all(f"`{one.value}`:" in text for one in Attribution)
