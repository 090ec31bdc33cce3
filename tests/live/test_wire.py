from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.errors import BadAnswer
from assistant_sync.live.wire import read_assistant, read_assistants, read_count
from assistant_sync.model.assistant import Assistant
from assistant_sync.transport import Response

ID = "62e209ca-9154-432a-b9e9-2d75c7a9219b"
MINIMAL = {"assistant_id": ID, "graph_id": "agent", "version": 3}


def response(value: Any) -> Response:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Response("GET", "/assistants/x", 200, content)


def test_an_empty_page_holds_no_assistants() -> None:
    assert read_assistants(response([])) == []


def test_missing_fields_are_empty() -> None:
    expected = Assistant(ID, "agent", "", "", {}, {}, {}, 3)
    assert read_assistant(response(MINIMAL)) == expected


def test_null_fields_are_empty() -> None:
    nulls = dict.fromkeys(("name", "description", "context", "config", "metadata", "created_at", "updated_at"))
    assert read_assistant(response(MINIMAL | nulls)) == read_assistant(response(MINIMAL))


def test_all_fields_are_taken_as_they_stand_and_unknown_ones_left_out() -> None:
    fields = {
        "name": "Süpport",
        "description": "d",
        "context": {"n": 1, "f": 1.0, "big": 2**80, "l": [True, None]},
        "config": {"configurable": {"a": "b"}},
        "metadata": {"k": "v"},
        "created_at": "then",
        "updated_at": "now",
        "user_id": "somebody",
    }
    row = read_assistant(response(MINIMAL | fields | {"zzz": "x"}))
    assert {name: getattr(row, name) for name in fields} == fields
    context = json.dumps(row.context)
    assert context == json.dumps(fields["context"])


def test_a_row_of_a_light_listing_is_whole_only_if_it_has_context_and_config_all_the_same() -> None:
    pages = [MINIMAL, MINIMAL | {"context": {}}, MINIMAL | {"config": {}}, MINIMAL | {"context": None, "config": None}]
    assert [row.is_whole for row in read_assistants(response(pages), is_light=True)] == [False, False, False, True]
    assert all(row.is_whole for row in read_assistants(response(pages)))


@pytest.mark.parametrize(
    "spelling",
    [ID.upper(), ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}"],
    ids=["upper", "plain", "braces", "urn"],
)
def test_ids_get_the_one_spelling_of_uuids(spelling: str) -> None:
    assert read_assistant(response(MINIMAL | {"assistant_id": spelling})).assistant_id == ID


def test_ids_that_are_no_uuids_stay_as_they_are() -> None:
    assert read_assistant(response(MINIMAL | {"assistant_id": "agent"})).assistant_id == "agent"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (MINIMAL | {"context": "hunter2"}, r"Expected object \| null, got str - at \$\[0\]\.context"),
        (MINIMAL | {"name": ["hunter2"]}, r"Expected str \| null, got array - at \$\[0\]\.name"),
        (MINIMAL | {"version": "hunter2"}, r"Expected int, got str - at \$\[0\]\.version"),
        (MINIMAL | {"version": None}, r"Expected int, got null - at \$\[0\]\.version"),
        ({"assistant_id": "hunter2"}, r"missing required field graph_id - at \$\[0\]"),
        ("hunter2", r"Expected object, got str - at \$\[0\]"),
    ],
)
def test_another_shape_names_the_field_and_not_its_value(value: Any, says: str) -> None:
    with pytest.raises(BadAnswer, match=says) as caught:
        read_assistants(response([value]))
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
    assert (caught.value.path, caught.value.status, caught.value.sent) == ("/assistants/x", 200, True)


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(number: bytes) -> None:
    body = b'{"assistant_id": "a", "graph_id": "g", "version": 1, "context": {"n": %s}}' % number
    with pytest.raises(BadAnswer, match="it is no JSON"):
        read_assistant(response(body))


def test_a_number_beyond_doubles_that_somebody_stored_is_infinite() -> None:
    body = b'[{"assistant_id": "a", "graph_id": "g", "version": 1, "context": {"n": 1e400, "m": -1e400}}]'
    (row,) = read_assistants(response(body))
    assert row.context == {"n": float("inf"), "m": float("-inf")}


@pytest.mark.parametrize("body", [b"", b"{", b"[1", b'"\xff"', b"{}x", b"[" * 10_000])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="it is no JSON"):
        read_assistant(response(body))


def test_a_count_is_a_number() -> None:
    assert read_count(response(0)) == 0
    for value in ({"count": 3}, None, "many", [3]):
        with pytest.raises(BadAnswer):
            read_count(response(value))


@given(st.binary())
def test_any_bytes_give_a_value_or_a_bad_answer(body: bytes) -> None:
    for reader in (read_assistant, read_assistants, read_count):
        try:
            reader(response(body))
        except BadAnswer as error:
            assert error.status == 200  # noqa: PT017 - some bytes are good answers
