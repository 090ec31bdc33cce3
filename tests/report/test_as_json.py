from __future__ import annotations

import json
import math
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant_sync.errors import AssistantSyncError, InvalidFiles, StalePlan, Unreachable
from assistant_sync.model.change import Action
from assistant_sync.model.outcome import Origin, OutsideVersion, Status
from assistant_sync.report.as_json import dumps, error_json, plan_json, problems_json, result_json
from tests.builders import CREATED_AT, changed, make_create, make_outcome, make_plan, make_result, make_update
from tests.report import examples
from tests.report.golden import assert_golden
from tests.strategies import json_values

if TYPE_CHECKING:
    from assistant_sync.model.plan import Plan
    from assistant_sync.model.values import JsonObject, JsonValue


def test_a_plan_without_changes_is_a_whole_document() -> None:
    document = _plan_json(make_plan(commit=None))

    assert document["changes"] == []
    assert document["commit"] is None
    assert document["summary"] == {action.value: 0 for action in Action}


@pytest.mark.parametrize("name", ["all_kinds", "refused", "hostile"])
def test_plans_are_written_as_agreed(name: str) -> None:
    assert_golden(f"plan_{name}.json", dumps(_plan_json(getattr(examples, name)())) + "\n")


def test_the_members_that_design_promises_are_there() -> None:
    document = _plan_json(make_plan(make_update("support", changed("name", "a", "b"))))

    assert {"format_version", "tool_version", "project", "target", "commit", "created_at", "digest"} <= set(document)
    assert {"warnings", "summary", "changes"} <= set(document)
    (change,) = document["changes"]
    assert {"action", "key", "assistant_id", "graph_id", "name", "source", "reason", "base_version"} <= set(change)
    assert {"to_version", "digest", "fields"} <= set(change)
    expected = {"path": ["name"], "op": "changed", "before": "a", "after": "b", "sensitive": False}
    assert change["fields"] == [expected]


@pytest.mark.parametrize("name", ["success", "partial", "raced"])
def test_results_are_written_as_agreed(name: str) -> None:
    assert_golden(f"result_{name}.json", dumps(result_json(getattr(examples, name)())) + "\n")


def test_a_result_counts_every_status() -> None:
    result = make_result(make_outcome("a"), make_outcome("b"), make_outcome("c", status=Status.FAILED))

    assert result_json(make_result())["summary"] == {status.value: 0 for status in Status}
    assert result_json(result)["summary"]["updated"] == 2
    assert result_json(result)["summary"]["failed"] == 1


def test_what_others_wrote_has_the_members_that_are_documented() -> None:
    text = (Path(__file__).parents[2] / "docs/exit-codes.md").read_text("utf-8")
    example = json.loads(text.split("```json outside\n")[1].split("```")[0])
    edit = OutsideVersion(4, None, (changed("context.model_name", 1, 2),))
    (written,) = result_json(make_result(make_outcome(outside=(edit,))))["outcomes"][0]["outside"]

    assert list(example) == list(written)
    assert list(example["fields"][0]) == list(written["fields"][0])
    assert all(f"`{origin.value}`:" in text for origin in Origin)


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


def test_numbers_that_json_lacks_become_strings() -> None:
    values: list[JsonValue] = [math.nan, math.inf, -math.inf, {"x": math.nan}]
    plan = make_plan(make_update("support", changed("context.x", values, 1)))

    text = dumps(_plan_json(plan))

    strict = json.loads(text, parse_constant=pytest.fail)
    assert strict["changes"][0]["fields"][0]["before"] == ["NaN", "Infinity", "-Infinity", {"x": "NaN"}]


def test_a_document_with_nan_is_never_written() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        dumps({"x": math.nan})


def test_mappings_of_any_kind_become_objects() -> None:
    empty: JsonObject = MappingProxyType({})
    value: JsonObject = MappingProxyType({"a": (1, empty)})
    document = _plan_json(make_plan(make_update("support", changed("context.x", value, 1))))

    assert document["changes"][0]["fields"][0]["before"] == {"a": [1, {}]}


@given(json_values(), json_values())
def test_values_survive(before: Any, after: Any) -> None:
    plan = make_plan(make_update("support", changed("context.x", before, after)))

    (field,) = json.loads(dumps(_plan_json(plan)))["changes"][0]["fields"]
    assert (field["before"], field["after"]) == (before, after)


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("\x7f\x9b\u202e\U000e0041")
@example("\udc00\ud800")
def test_only_printable_ascii_is_written(text: str) -> None:
    written = dumps(_plan_json(make_plan(make_create(text, name=text, reason=text), url=text)))

    assert all(char == "\n" or " " <= char <= "~" for char in written)
    assert json.loads(written)["changes"][0]["name"] == text


def _plan_json(plan: Plan) -> dict[str, Any]:
    return plan_json(plan, created_at=CREATED_AT, tool_version="0.1.0")
