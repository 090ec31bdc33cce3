from __future__ import annotations

import json

import pytest

from assistant_sync.report.json.checked import checks_json
from assistant_sync.report.json.document import dumps
from tests.report import check_examples as examples
from tests.report.golden import assert_golden


def test_a_check_without_cases_counts_nothing_and_holds() -> None:
    document = checks_json(examples.report(), tool_version="")
    assert document["cases"] == []
    assert document["summary"] == {"passed": 0, "failed": 0, "undecided": 0}
    assert document["holds"]


@pytest.mark.parametrize("name", ["mixed", "hostile"])
def test_checks_look_as_agreed(name: str) -> None:
    document = checks_json(getattr(examples, name)(), tool_version="0.1.0")
    assert_golden(f"checks_{name}.json", dumps(document) + "\n")


def test_the_document_holds_what_the_report_says() -> None:
    document = json.loads(dumps(checks_json(examples.mixed(), tool_version="")))
    by_name = {one["case"]: one for one in document["cases"]}
    assert document["summary"] == {"passed": 3, "failed": 3, "undecided": 2}
    assert document["holds"] is document["interrupted"] is False
    assert by_name["new"]["before"] is None
    assert by_name["steady"]["after"]["passed"] == 2
    assert [one["verdict"] for one in by_name["steady"]["after"]["samples"]] == ["passed", "failed", "passed"]
    assert by_name["never ran"]["after"]["samples"][0]["seconds"] is None


def test_what_was_interrupted_does_not_hold() -> None:
    document = checks_json(examples.report(is_interrupted=True), tool_version="")
    assert (document["holds"], document["interrupted"]) == (False, True)
