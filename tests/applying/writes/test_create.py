"""One create: its fixed id, and who may have that id already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from assistant_sync.model.change import Create
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.model.outcome import Attribution
from assistant_sync.model.stamp import STAMP_KEY
from tests.applying.kinds import KINDS, OLD
from tests.applying.memory_deployment import (
    ALL,
    COMMIT,
    ONE,
    SEARCH,
    VERSIONS,
    MemoryDeployment,
    in_turn,
    landed,
    status,
)
from tests.builders import make_desired, make_stamp
from tests.servers.fake_deployment import meanwhile
from tests.servers.recording import answered

if TYPE_CHECKING:
    from assistant_sync.model.outcome import Outcome
    from tests.servers.fake_deployment import Row

UNSEEN = (
    "but no assistant with this id is visible: the API key may lack access, it may have been deleted meanwhile, "
    "or the server allows one assistant per graph and config"
)


def conflict(outcome: Outcome) -> str:
    """What a conflict says."""
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.kind, outcome.error.exit_code) == ("failed", "Conflict", 7)
    return outcome.error.message


def test_an_id_that_somebody_took_since_the_plan_is_left_to_them() -> None:
    case = KINDS["create"]()
    row = case.memory.deployment.create(assistant_id=OLD.assistant_id, graph_id="agent", name="Theirs")
    outcome = case.memory.one(case.plan)
    assert conflict(outcome) == ("somebody else has made an assistant with this id since the plan; nothing was written")
    assert outcome.outside_versions == (1,)
    assert [(one.version, one.attribution) for one in outcome.outside] == [(1, Attribution.OUTSIDE)]
    assert case.memory.deployment.get(OLD.assistant_id) == row
    assert case.memory.sent == ["POST"]


def test_an_id_that_another_apply_took_since_the_plan_is_told_as_its() -> None:
    case = KINDS["create"]()
    case.memory.apply(case.plan)
    outcome = case.memory.one(case.plan)
    assert conflict(outcome).startswith("another apply has made an assistant with this id since the plan")
    assert [(one.attribution, one.commit) for one in outcome.outside] == [(Attribution.APPLY, COMMIT)]
    assert case.numbers == [1]


def test_an_id_that_is_in_use_by_what_nobody_can_see_is_told_as_that() -> None:
    case = KINDS["create"]()
    outcome = case.memory.one(case.plan, status(409, "POST", ALL, 9))
    assert conflict(outcome).endswith(UNSEEN)


def test_an_id_that_is_in_use_where_the_listing_fails_names_nobody() -> None:
    case = KINDS["create"]()
    outcome = case.memory.one(case.plan, status(409, "POST", ALL, 9), status(403, "POST", SEARCH, 9))
    assert conflict(outcome).endswith(UNSEEN)


def test_an_id_that_is_not_taken_after_all_names_the_assistant_with_the_same_config() -> None:
    case = KINDS["create"]()
    (change,) = case.plan.writes
    assert isinstance(change, Create)
    content = change.desired.content
    config = {**content.config, "configurable": content.configurable}
    same = {"graph_id": content.graph_id, "context": content.context, "config": config}
    other = case.memory.deployment.create(**same, name="by hand")
    case.memory.deployment.create(graph_id=content.graph_id, context={"model": "other"})
    message = conflict(case.memory.one(case.plan, status(409, "POST", ALL, 9)))
    assert f"allows one assistant per graph and config, which assistant {other['assistant_id']} ('by hand') has" in (
        message
    )


def kept_apart(row: Row) -> None:
    """A quirk: a context is not mirrored, and an empty configurable stays."""
    if row["context"]:
        row["config"]["configurable"] = {}


def test_the_assistant_with_the_same_config_is_found_as_the_deployment_stores_it() -> None:
    memory = MemoryDeployment()
    memory.deployment.quirk = kept_apart
    memory.settle(make_desired("a", context={"m": 1}))
    desired = [make_desired(key, context={"m": 1}) for key in "ab"]
    other = memory.deployment.create(graph_id="agent", name="by hand", context={"m": 2}, config={"tags": ["x"]})
    plan = memory.plan(desired[0], replace(desired[1], content=replace(desired[1].content, config={"tags": ["x"]})))
    assert plan.mirroring is Mirroring.NO
    assert other["assistant_id"] in conflict(memory.one(plan, status(409, "POST", ALL, 9)))


def test_a_taken_id_that_cannot_be_looked_at_is_unconfirmed() -> None:
    case = KINDS["create"]()
    outcome = case.memory.one(case.plan, status(409, "POST", ALL, 9), status(403, "GET|POST", f"{ONE}|{VERSIONS}", 99))
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.kind) == ("unconfirmed", "Taken")


def test_a_taken_id_that_can_be_looked_at_only_in_the_end_is_ours_or_theirs() -> None:
    case = KINDS["create"]()
    case.memory.looks = 6
    unreadable = status(403, "POST", VERSIONS, 4)
    outcome = case.memory.one(case.plan, unreadable, landed("POST", ALL))
    assert (outcome.status.value, outcome.version_after, case.numbers) == ("created", 1, [1])
    case = KINDS["create"]()
    case.memory.looks = 6
    case.memory.deployment.create(assistant_id=OLD.assistant_id, graph_id="agent", name="Theirs")
    outcome = case.memory.one(case.plan, status(403, "POST", VERSIONS, 4))
    assert "somebody else has made an assistant with this id" in conflict(outcome)


def test_a_taken_id_is_looked_at_four_times_at_most() -> None:
    """What has it was there before the answer was given."""
    case = KINDS["create"]()
    case.memory.looks = 6
    case.memory.one(case.plan, status(409, "POST", ALL, 9))
    assert case.memory.asked == [*["POST versions", "GET"] * 4, "POST count", "POST search"]


def test_a_create_whose_answer_is_lost_is_version_1_although_somebody_wrote_since() -> None:
    case = KINDS["create"]()
    theirs = meanwhile("POST", ALL, lambda: case.memory.deployment.patch(OLD.assistant_id, name="T"), carried_out=True)
    (outcome,) = case.memory.apply(case.plan, landed("POST", ALL), theirs).outcomes
    assert (outcome.status.value, outcome.version_after, outcome.outside_versions) == ("created", 1, ())


def test_a_create_is_found_by_its_row_where_no_versions_are_shown() -> None:
    case = KINDS["create"]()
    outcome = case.memory.one(case.plan, landed("POST", ALL), status(404, "POST", VERSIONS, 99))
    assert (outcome.status.value, outcome.version_after) == ("created", 1)
    case = KINDS["create"]()
    case.memory.deployment.create(assistant_id=OLD.assistant_id, graph_id="agent", name="Theirs")
    outcome = case.memory.one(case.plan, status(404, "POST", VERSIONS, 99))
    assert "somebody else has made an assistant with this id" in conflict(outcome)


def test_a_create_that_landed_although_its_second_try_says_that_there_is_no_graph_is_done() -> None:
    case = KINDS["create"]()
    outcome = case.memory.one(case.plan, in_turn("POST", ALL, landed("POST", ALL), status(404, "POST", ALL)))
    assert (outcome.status.value, case.memory.sent) == ("created", ["POST", "POST"])
    case = KINDS["create"]()
    outcome = case.memory.one(case.plan, status(404, "POST", ALL))
    assert outcome.error is not None
    assert (outcome.status.value, outcome.error.kind) == ("not_attempted", "Deferred")
    assert outcome.error.message.startswith("graph 'agent' is not registered on this deployment (yet): http")


def test_an_answer_with_what_was_there_before_is_no_create() -> None:
    """A server may not know ``if_exists: raise`` and answer with whatever has the id."""
    case = KINDS["create"]()
    row = case.memory.deployment.create(assistant_id=OLD.assistant_id, graph_id="agent", name="Theirs")
    case.memory.deployment.patch(OLD.assistant_id, metadata=stamped("theirs"))
    row = case.memory.deployment.get(OLD.assistant_id)
    outcome = case.memory.one(case.plan, answered("POST", ALL, lambda: httpx.Response(200, json=row)))
    assert "has made an assistant with this id since the plan" in conflict(outcome)


def stamped(write: str) -> dict[str, Any]:
    """Metadata with a stamp of ours."""
    return {STAMP_KEY: make_stamp(OLD.key, assistant_id=OLD.assistant_id, write=write).as_json()}
