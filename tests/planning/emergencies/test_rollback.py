"""The plan of a rollback: one update with an earlier version's content, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.cause import Cause
from assistant_sync.model.change import Action, Activate, Update
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.model.project import Activation
from assistant_sync.model.stamp import STAMP_KEY, Stamp
from assistant_sync.planning.causes import Base
from assistant_sync.planning.emergencies.rollback import commits_of, content_of, plan_rollback, version_of
from assistant_sync.planning.mirroring import mirroring_of
from assistant_sync.planning.observations import Observations
from assistant_sync.planning.unreviewed import never_reviewed, unreviewed_changes
from tests.builders import SHA, make_desired, make_keep
from tests.planning.plans import plan
from tests.planning.rows import edited, make_policy, owned_row, stored

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.plan import Plan
    from assistant_sync.planning.ownership import Owned

OLD = make_desired(context={"model": "old"}, metadata={"team": "cx"})
NEW = make_desired(context={"model": "new"}, metadata={"area": "eu"})


def owned_with(*versions: Assistant) -> Owned:
    """The assistant whose last version is live."""
    return replace(owned_row(versions[-1]), versions=versions)


def two(**stamp: Any) -> Owned:
    return owned_with(stored(OLD, **stamp), stored(NEW, version=2))


def rolled_back(owned: Owned, to: int, seen: Observations | None = None, **policy: Any) -> Plan:
    version = version_of(owned, to)
    assert version is not None
    return plan_rollback(owned, version, make_policy(**policy), mirroring_of(owned), seen or Observations())


def test_what_has_the_content_already_is_kept() -> None:
    plan = rolled_back(two(), 2)
    (change,) = plan.changes
    assert (change.action, change.reason) == (Action.KEEP, "the live content is that of version 2 already")
    assert plan.writes == ()


def test_an_earlier_content_is_one_update_with_the_keys_and_the_commit_of_its_version() -> None:
    made = rolled_back(two(commit=f"{SHA}-dirty"), 1)
    (change,) = made.writes
    assert isinstance(change, Update)
    assert (change.rollback_to, change.base_version, change.stamped_keys) == (1, 2, ("area",))
    assert (change.desired.content, change.desired.metadata_keys) == (OLD.content, ("team",))
    assert str(made.commit) == f"{SHA}-dirty"
    assert {field.path for field in change.fields} == {("context", "model"), ("metadata", "team"), ("metadata", "area")}


def test_a_version_that_was_made_by_hand_has_no_commit() -> None:
    first = stored(OLD)
    made = rolled_back(owned_with(first, edited(first, description="by hand"), stored(NEW, version=3)), 2)
    (change,) = made.writes
    assert made.commit is None
    assert "not applied from a commit" in change.reason


def test_a_version_that_only_touched_what_git_does_not_own_keeps_its_commit() -> None:
    first = stored(OLD)
    touched = edited(first, metadata={**first.metadata, "unowned": 1})
    assert str(rolled_back(owned_with(first, touched, stored(NEW, version=3)), 2).commit) == SHA


def test_a_mixture_is_refused_with_another_version_to_take() -> None:
    mixed = edited(stored(OLD), config={"configurable": {"model": "other"}})
    (change,) = rolled_back(owned_with(stored(OLD), mixed, stored(NEW, version=3)), 2).changes
    assert change.action is Action.REFUSE
    assert change.reason.startswith("version 2 has a context and a config.configurable that differ")
    assert change.reason.endswith("Take another version, such as 1")


def test_an_only_version_that_is_a_mixture_names_no_other() -> None:
    mixed = replace(stored(OLD), config={"configurable": {"model": "other"}})
    (change,) = rolled_back(owned_with(mixed), 1).changes
    assert change.reason.endswith("no manifest can express.")


@pytest.mark.parametrize("desired", [OLD, make_desired(configurable={"model": "old"})], ids=["context", "configurable"])
def test_a_mirrored_content_is_that_side_which_was_written(desired: Desired) -> None:
    found = content_of(stored(desired), owned_with(stored(desired)))
    assert found is not None
    assert found.content == desired.content


def test_what_was_written_as_another_target_is_refused_unless_it_is_taken_over() -> None:
    owned = owned_with(stored(OLD), stored(NEW, version=2, target="staging"))
    (change,) = rolled_back(owned, 1).changes
    assert change.action is Action.REFUSE
    assert "it was written as target 'staging'" in change.reason
    assert rolled_back(owned, 1, retarget=True).writes


def test_a_content_that_another_assistant_has_is_refused_where_no_two_may_be_equal() -> None:
    rows = [replace(row, user_id="ann") for row in (stored(make_desired("b", context={"model": "old"})), stored(NEW))]
    (change,) = rolled_back(two(), 1, Observations(everything=rows)).changes
    assert change.action is Action.REFUSE
    assert "keeps only one assistant of a graph with the same context and config" in change.reason


def test_a_version_of_a_graph_that_is_gone_is_not_sent() -> None:
    plan = rolled_back(two(), 1, Observations(unregistered_graphs=frozenset({"agent"})))
    assert [change.deferred is not None for change in plan.writes] == [True]


def test_the_digest_distinguishes_two_versions_of_equal_content() -> None:
    owned = owned_with(stored(OLD), stored(OLD, version=2), stored(NEW, version=3))
    assert rolled_back(owned, 1).digest != rolled_back(owned, 2).digest


def test_a_stamp_that_claims_to_own_the_stamp_does_not() -> None:
    row = stored(OLD, metadata_keys=("assistant_sync", "team"))
    found = content_of(row, owned_with(row))
    assert found is not None
    assert found.metadata_keys == ("team",)


def test_commits_are_those_of_our_own_versions_the_highest_first() -> None:
    first = stored(OLD, commit="aaa")
    owned = owned_with(first, edited(first, name="x"), stored(NEW, version=3, commit="bbb"))
    assert list(commits_of(owned, Mirroring.YES)) == [(3, "bbb"), (1, "aaa")]


# The stamp


def test_a_stamp_says_that_it_is_of_a_rollback_only_if_it_is() -> None:
    stamp = owned_row(stored(OLD)).stamp
    assert "rollback" not in stamp.as_json()
    marked = replace(stamp, rollback=3)
    assert marked.as_json()["rollback"] == {"to": 3}
    assert Stamp.read({STAMP_KEY: marked.as_json()}) == marked


@pytest.mark.parametrize("value", [None, 3, {}, {"to": "3"}, {"to": True}, [3]])
def test_what_is_no_rollback_in_a_stamp_is_none(value: Any) -> None:
    stamp = Stamp.read({STAMP_KEY: {**owned_row(stored(OLD)).stamp.as_json(), "rollback": value}})
    assert stamp is not None
    assert stamp.rollback is None


# What the next plan makes of it

BACK = stored(OLD, version=3, rollback=1)
HISTORY = [stored(OLD), stored(NEW, version=2)]


def next_plan(live: Assistant = BACK, *versions: Assistant, **request: Any) -> Plan:
    return plan([NEW], [live], versions=versions or HISTORY, **request)


def test_the_next_plan_says_that_it_undoes_a_rollback_made_on_purpose() -> None:
    made = next_plan()
    (change,) = made.changes
    assert isinstance(change, Update)
    assert change.reason == (
        "it was rolled back to version 1 on purpose (version 3 of 2026-11-20 08:00 UTC); this undoes that rollback"
    )
    assert made.edited == made.rolled_back == {change.assistant_id}


def test_an_activation_says_so_too() -> None:
    (change,) = next_plan(activation=Activation.FULL).changes
    assert isinstance(change, Activate)
    assert change.reason.endswith("this undoes that rollback: version 2 has the manifest's content")


def test_a_manifest_that_agrees_undoes_nothing() -> None:
    made = plan([OLD], [BACK], versions=HISTORY)
    assert ([one.action for one in made.changes], made.edited) == ([Action.KEEP], frozenset())


def test_an_edit_after_the_rollback_is_an_edit() -> None:
    made = next_plan(edited(BACK, description="by hand"), *HISTORY, BACK)
    assert (len(made.edited), made.rolled_back) == (1, frozenset())
    assert "edited outside git" in made.changes[0].reason


def test_if_git_has_agreed_since_a_new_change_undoes_no_rollback() -> None:
    made = next_plan(base=Base(SHA, (OLD,)))
    assert (made.edited, made.rolled_back) == (frozenset(), frozenset())
    assert len(next_plan(base=Base(SHA, (NEW,))).rolled_back) == 1


def test_its_cause_is_outside_of_git() -> None:
    made = next_plan(base=Base(SHA, (NEW,)))
    assert list(made.causes.values()) == [(Cause.OUTSIDE,)]


def test_a_version_that_a_rollback_made_is_never_activated_again() -> None:

    live = stored(NEW, version=4)
    (change,) = plan([OLD], [live], versions=[*HISTORY, BACK], activation=Activation.FULL).changes
    assert isinstance(change, Activate)
    assert change.to_version == 1


def test_without_a_review_it_is_stopped() -> None:
    (violation,) = never_reviewed(next_plan())
    assert violation.message.startswith(
        "'support' was rolled back on purpose, and no reviewed plan shows that this update undoes it"
    )


def test_a_rollback_since_the_review_is_not_undone_unseen() -> None:
    made = next_plan()
    ((violation,), _) = unreviewed_changes(made, [make_keep("support", base_version=2)])
    assert violation.message.startswith("'support' was rolled back on purpose since the review")
    assert unreviewed_changes(made, made.changes)[0] == ()
