from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.applying.writes.body import create_body, make_stamp, update_body
from assistant_sync.model.deployment import Mirroring
from assistant_sync.planning.canonical import digest
from tests.builders import make_assistant, make_desired
from tests.builders import make_stamp as any_stamp

FIELDS = {"graph_id", "name", "description", "context", "config", "metadata"}


def test_every_write_carries_all_six_fields_and_an_empty_configurable() -> None:
    desired = make_desired(context={"m": 1})
    body = update_body(desired, any_stamp(), make_assistant("support"), (), Mirroring.UNKNOWN)
    assert set(body) == FIELDS
    assert (body["context"], body["config"]) == ({"m": 1}, {"configurable": {}})
    assert set(create_body(desired, any_stamp())) == {*FIELDS, "assistant_id", "if_exists"}


def test_a_created_configurable_goes_with_an_empty_context() -> None:
    body = create_body(make_desired(configurable={"m": 1}), any_stamp())
    assert (body["context"], body["config"]) == ({}, {"configurable": {"m": 1}})


BOTH = {"context": {"m": 0}, "config": {"configurable": {"m": 0}}}
APART = {"context": {"m": 0}, "config": {"configurable": {"m": 1}}}


@pytest.mark.parametrize(
    ("mirroring", "live", "context"),
    [
        (Mirroring.NO, {}, {}),
        (Mirroring.NO, BOTH, {}),
        (Mirroring.YES, {}, None),
        (Mirroring.YES, BOTH, None),
        (Mirroring.YES, APART, None),
        (Mirroring.UNKNOWN, {}, None),
        (Mirroring.UNKNOWN, BOTH, None),
        (Mirroring.UNKNOWN, APART, {}),
        (Mirroring.UNKNOWN, {"context": {"m": 0}}, {}),
    ],
)
def test_an_updated_configurable_empties_only_a_context_that_would_stay(
    mirroring: Mirroring, live: dict[str, Any], context: object
) -> None:
    desired = make_desired(configurable={"m": 1})
    body = update_body(desired, any_stamp(), make_assistant("support", **live), (), mirroring)
    assert (body.get("context"), body["config"]) == (context, {"configurable": {"m": 1}})


def test_only_owned_keys_that_are_there_and_no_longer_wanted_are_set_to_null() -> None:
    live = make_assistant("support", metadata={"old": 1, "gone": None, "theirs": 2, "kept": 3})
    desired = make_desired(metadata={"kept": 4})
    body = update_body(desired, any_stamp(), live, ("old", "gone", "never", "kept"), Mirroring.YES)
    metadata = body["metadata"]
    assert isinstance(metadata, dict)
    assert {k: v for k, v in metadata.items() if k != "assistant_sync"} == {"old": None, "kept": 4}


def test_the_stamp_holds_the_ten_members_of_the_contract() -> None:
    desired = make_desired(metadata={"team": "cx"})
    stamp = make_stamp(desired, project="p", target="t", write="w", version=4, commit="abc-dirty")
    assert stamp.as_json() == {
        "project": "p", "target": "t", "key": "support", "id": desired.assistant_id,
        "digest": digest(desired.content), "write": "w", "version": 4, "commit": "abc-dirty",
        "source": "assistants/support.yaml", "metadata_keys": ["team"],
    }  # fmt: skip
