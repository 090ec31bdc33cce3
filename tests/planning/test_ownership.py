from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.model.identity import default_assistant_id, derived_id
from assistant_sync.model.stamp import STAMP_KEY, Stamp
from assistant_sync.planning.ownership import Foreign, Owned, Unmanaged, judge
from tests.builders import PROJECT, make_assistant, make_stamp

OWN_ID = derived_id(PROJECT, "support")
OTHER_ID = "0" * 8 + "-0000-4000-8000-" + "0" * 12


def stamp(**members: Any) -> dict[str, Any]:
    return {STAMP_KEY: make_stamp(**members).as_json()}


TABLE: dict[str, tuple[dict[str, Any], type]] = {
    "no stamp": ({}, Unmanaged),
    "no stamp but other metadata": ({"team": "cx"}, Unmanaged),
    "a stamp that is null": ({STAMP_KEY: None}, Unmanaged),
    "a stamp that is text": ({STAMP_KEY: "acme-support"}, Unmanaged),
    "a stamp without id": ({STAMP_KEY: {"project": PROJECT, "key": "support"}}, Unmanaged),
    "a stamp with a number for a project": (
        {STAMP_KEY: {"project": 1, "key": "support", "id": OWN_ID}}, Unmanaged,
    ),
    "another project's stamp without key and id": ({STAMP_KEY: {"project": "other"}}, Foreign),
    "another project's stamp of a later version": (
        {STAMP_KEY: {"project": "other", "id": OWN_ID, "key": {"of": "a later version"}}}, Foreign,
    ),
    "a copy of another project's without key": (
        {STAMP_KEY: {"project": "other", "id": OTHER_ID}}, Unmanaged,
    ),
    "a stamp with an empty project": ({STAMP_KEY: {"project": ""}}, Unmanaged),
    "our stamp": (stamp(), Owned),
    "our stamp with little in it": (
        {STAMP_KEY: {"project": PROJECT, "key": "support", "id": OWN_ID, "metadata_keys": 5}}, Owned,
    ),
    "our stamp under another target": (stamp(target="staging"), Owned),
    "our stamp of another key": (stamp(key="billing", assistant_id=OWN_ID), Owned),
    "a copy of ours": (stamp(assistant_id=OTHER_ID), Unmanaged),
    "another project's": (stamp(project="other"), Foreign),
    "a copy of another project's": (stamp(project="other", assistant_id=OTHER_ID), Unmanaged),
    "the server's own": ({"created_by": "system"}, Foreign),
    "the server's own with our stamp": ({"created_by": "system", **stamp()}, Foreign),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_the_table_of_ownership(case: str) -> None:
    metadata, expected = TABLE[case]
    row = make_assistant("support", metadata=metadata)
    judged = judge(row, PROJECT)
    assert (type(judged), judged.row) == (expected, row), case


def test_the_id_of_a_graphs_default_assistant_is_the_servers_whatever_its_metadata() -> None:
    own = default_assistant_id("agent")
    row = make_assistant("support", assistant_id=own, stamp=make_stamp(assistant_id=own))
    assert isinstance(judge(row, PROJECT), Foreign)


def test_an_id_that_is_the_graphs_name_is_the_servers() -> None:
    assert isinstance(judge(make_assistant("x", assistant_id="agent"), PROJECT), Foreign)


def test_the_reason_names_the_owner_and_the_original() -> None:
    assert "'other'" in judge(make_assistant("support", stamp=make_stamp(project="other")), PROJECT).because
    assert OTHER_ID in judge(make_assistant("support", stamp=make_stamp(assistant_id=OTHER_ID)), PROJECT).because


REASONS = {
    "no stamp but other metadata": "carries no stamp",
    "a stamp that is null": "carries no stamp",
    "a stamp that is text": "carries a stamp that cannot be read",
    "a stamp without id": "carries a stamp that cannot be read",
    "another project's stamp without key and id": "belongs to project 'other', whose stamp cannot be read whole",
    "a copy of ours": f"is a copy of {OTHER_ID}: its stamp came along",
    "another project's": "belongs to project 'other'",
    "the server's own": "is the default assistant of its graph, which the server manages",
    "our stamp": "carries this project's stamp",
}


@pytest.mark.parametrize("case", REASONS)
def test_a_verdict_says_what_it_was_read_off(case: str) -> None:
    assert judge(make_assistant("support", metadata=TABLE[case][0]), PROJECT).because == REASONS[case]


@pytest.mark.parametrize("members", [{}, {"project": "other"}, {"assistant_id": OTHER_ID}])
def test_a_verdict_brings_the_stamp_that_it_was_read_off(members: dict[str, str]) -> None:
    one = make_stamp(**members)
    assert judge(make_assistant("support", stamp=one), PROJECT).stamp == one


def test_a_stamp_survives_being_written_and_read() -> None:
    one = make_stamp(metadata_keys=("a", "b"), commit=None, source=None)
    assert Stamp.read({STAMP_KEY: one.as_json()}) == one


def test_the_stamp_of_a_former_name_is_ours() -> None:
    row = make_assistant("support", metadata=stamp(project="old"))
    assert isinstance(judge(row, PROJECT), Foreign)
    assert isinstance(judge(row, PROJECT, ("older", "old")), Owned)
    assert isinstance(judge(row, PROJECT, ("older",)), Foreign)


def test_the_unreadable_stamp_of_a_former_name_is_not_another_projects() -> None:
    row = make_assistant("support", metadata={STAMP_KEY: {"project": "old"}})
    assert isinstance(judge(row, PROJECT), Foreign)
    assert isinstance(judge(row, PROJECT, ("old",)), Unmanaged)
