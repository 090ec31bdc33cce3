from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant_sync.model.change import Action
from assistant_sync.model.thread import ThreadCounts
from assistant_sync.report.json.document import dumps
from assistant_sync.report.json.plan import plan_json
from tests.builders import CREATED_AT, changed, make_create, make_delete, make_plan, make_update
from tests.report import examples
from tests.report.golden import assert_golden

if TYPE_CHECKING:
    from assistant_sync.model.plan import Plan


def test_a_plan_without_changes_is_a_whole_document() -> None:
    document = _plan_json(make_plan(commit=None))

    assert document["changes"] == []
    assert document["commit"] is None
    assert document["summary"] == {action.value: 0 for action in Action}


@pytest.mark.parametrize("name", ["all_kinds", "refused", "hostile", "renamed"])
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


def test_of_a_delete_the_threads_are_numbers_if_they_are_known() -> None:
    document = _plan_json(
        make_plan(make_delete("a", threads=ThreadCounts(12, 2)), make_delete("b"), make_update("c", changed("x", 1, 2)))
    )
    assert [(one["threads"], one["busy_threads"]) for one in document["changes"]] == [
        (12, 2),
        (None, None),
        (None, None),
    ]


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("\x7f\x9b\u202e\U000e0041")
@example("\udc00\ud800")
def test_only_printable_ascii_is_written(text: str) -> None:
    written = dumps(_plan_json(make_plan(make_create(text, name=text, reason=text), url=text)))

    assert all(char == "\n" or " " <= char <= "~" for char in written)
    assert json.loads(written)["changes"][0]["name"] == text


def _plan_json(plan: Plan) -> dict[str, Any]:
    return plan_json(plan, created_at=CREATED_AT, tool_version="0.1.0")
