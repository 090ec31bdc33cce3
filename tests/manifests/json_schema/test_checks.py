"""The schema of checks is held to what the reader takes and refuses."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from assistant_sync.manifests.checks.rules import check_document
from assistant_sync.manifests.checks.schema import ExpectationFields
from assistant_sync.manifests.json_schema.documents import check_schema
from tests.strategies import TEXT, json_values

CHECK: Any = check_schema(["b_agent", "a_agent"])
HOLDS = jsonschema_rs.validator_for(CHECK)
CASE: dict[str, Any] = {"name": "a", "ask": "b", "expect": [{"contains": "c"}]}


def document(*cases: Any, **fields: Any) -> dict[str, Any]:
    return {"assistants": "support", "cases": [*cases], **fields}


def case(*expect: Any, **fields: Any) -> dict[str, Any]:
    return document({"name": "a", "ask": "b", "expect": [*expect], **fields})


def test_the_smallest_document_is_valid() -> None:
    assert HOLDS.is_valid(document(CASE))


def test_known_graphs_are_suggested_and_others_are_no_error() -> None:
    assert CHECK["properties"]["graph"]["examples"] == ["a_agent", "b_agent"]
    assert HOLDS.is_valid({"graph": "another", "cases": [CASE]})
    assert "examples" not in json.dumps(check_schema([]))


def test_each_expectation_has_a_form() -> None:
    _, listed = CHECK["properties"]["cases"]["items"]["properties"]["expect"]["anyOf"]
    assert [*listed["items"]["properties"]] == [*ExpectationFields.model_fields]


@pytest.mark.parametrize(
    "fields",
    [
        document({**CASE, "ask": {"$file": "a.md"}}),
        document({"name": "a", "expect": "interrupt", "input": {"messages": [{"content": {"$file": "a.md"}}]}}),
        case({"judge": {"graph": "a", "rubric": {"$file": "a.md"}}}),
    ],
)
def test_a_text_from_a_file_may_stand_for_a_question_and_a_rubric(fields: Any) -> None:
    assert HOLDS.is_valid(fields)


@pytest.mark.parametrize(
    "fields",
    [
        document({**CASE, "name": {"$file": "a.md"}}),
        document({"name": "a", "expect": "interrupt", "input": {"$file": "a.md"}}),
        case({"contains": {"$file": "a.md"}}),
        {"assistants": {"$file": "a.md"}, "cases": [CASE]},
    ],
)
def test_it_stands_for_nothing_else(fields: Any) -> None:
    assert not HOLDS.is_valid(fields)


OTHER: st.SearchStrategy[Any] = st.sampled_from([None, True, 0, 1, 101, 1.5, "", "text", [], {}])
WORDS = st.sampled_from(["a", "", "a b", "A", "/a/-1", "a/b", "~", " ", "a" * 64, "a" * 201, "a\tb"])
JUDGE = st.fixed_dictionaries(
    {}, optional={"assistant": WORDS | OTHER, "graph": WORDS | OTHER, "rubric": WORDS | OTHER, "other": OTHER}
)
EQUALS = st.fixed_dictionaries({}, optional={"path": WORDS | OTHER, "value": OTHER, "other": OTHER})
SIMPLE = [
    "contains",
    "not_contains",
    "tool_called",
    "tool_not_called",
    "max_words",
    "max_seconds",
    "matches",
    "contain",
]
EXPECTATION: st.SearchStrategy[Any] = (
    st.dictionaries(st.sampled_from(SIMPLE), WORDS | OTHER, max_size=2)
    | st.fixed_dictionaries({"judge": JUDGE | OTHER})
    | st.fixed_dictionaries({"equals": EQUALS | OTHER})
    | st.fixed_dictionaries({"json_schema": OTHER})
)
EXPECT = st.lists(EXPECTATION | OTHER, max_size=3) | st.sampled_from(["interrupt", "interrupted"]) | OTHER
CASES = st.fixed_dictionaries(
    {},
    optional={
        "name": WORDS | OTHER,
        "ask": WORDS | OTHER,
        "input": st.dictionaries(TEXT, json_values(), max_size=2) | OTHER,
        "expect": EXPECT,
        "repeat": OTHER,
        "other": OTHER,
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "assistants": WORDS | st.lists(WORDS | OTHER, max_size=2) | OTHER,
        "graph": WORDS | OTHER,
        "cases": st.lists(CASES | OTHER, max_size=1) | OTHER,
        "other": OTHER,
    },
)
NEARLY = DOCUMENTS | EXPECTATION.map(case) | CASES.map(lambda one: document({**CASE, **one}))


@given(NEARLY)
@example({"assistants": ["a"], "graph": None, "cases": [CASE]})
@example({"assistants": None, "graph": None, "cases": [CASE]})
@example({"assistants": "a", "graph": "b", "cases": [CASE]})
@example(document({**CASE, "repeat": 3, "pass": 2}))
@example(document({**CASE, "input": {}}))
@example(case({"contains": "a", "max_words": 5}))
@example(case({"judge": {"assistant": "a", "graph": None, "rubric": "b"}}))
@example(case(*[{"contains": "a"}] * 101))
def test_a_document_is_valid_if_the_reader_takes_its_shape(fields: dict[str, Any]) -> None:
    assume("$file" not in json.dumps(fields))
    _, violations = check_document(fields)
    assert HOLDS.is_valid(fields) == (not violations), violations
