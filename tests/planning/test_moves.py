"""Plans of assistants whose key, or whose project, was renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.change import Action, Activate, Orphan, Refuse, Update
from assistant_sync.model.frozen import replace
from assistant_sync.model.project import Limit, Limits
from assistant_sync.model.provenance import Ancestry
from assistant_sync.model.selection import Selection
from assistant_sync.planning.causes import Base
from assistant_sync.planning.triage import known_keys, triage
from tests.builders import PROJECT, SHA, make_desired, make_id
from tests.planning.plans import actions, plan
from tests.planning.rows import edited, make_policy, stored

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Desired

NAMED: dict[str, Any] = {"name": "Support", "context": {"m": 1}}
OTHER_ID = "0" * 8 + "-0000-4000-8000-" + "0" * 12


def moved(key: str, *moved_from: str, **content: Any) -> Desired:
    """A manifest that was moved from other keys, the oldest first."""
    first = (*moved_from, key)[0]
    desired = replace(make_desired(key, **{**NAMED, **content}), moved_from=moved_from)
    return replace(desired, assistant_id=make_id(first))


def only(made: Any) -> Any:
    (change,) = made.changes
    return change


def test_an_assistant_that_has_its_key_is_kept_whatever_it_was_moved_from() -> None:
    desired = moved("support", "helpdesk")
    assert actions(plan([desired], [stored(desired)])) == {"support": "keep"}


@pytest.mark.parametrize("prune", [False, True])
def test_a_rename_alone_is_one_update_without_a_field_and_nothing_is_an_orphan(prune: bool) -> None:
    change = only(plan([moved("support", "helpdesk")], [stored(moved("helpdesk"))], prune=prune))
    assert isinstance(change, Update)
    assert (change.key, change.assistant_id, change.fields) == ("support", make_id("helpdesk"), ())
    assert (change.reason, change.renamed_from) == ("renamed from helpdesk", "helpdesk")


def test_a_rename_with_an_edit_says_both() -> None:
    change = only(plan([moved("support", "helpdesk", context={"m": 2})], [stored(moved("helpdesk"))]))
    assert isinstance(change, Update)
    assert change.reason == "the manifest has changed since it was last applied; renamed from helpdesk"
    assert [field.path for field in change.fields] == [("context", "m")]


def test_a_second_rename_keeps_the_id_of_the_first_key() -> None:
    live = stored(moved("b", "a"), version=2)
    change = only(plan([moved("c", "a", "b")], [live], versions=[stored(moved("a"))]))
    assert (change.action, change.assistant_id, change.reason) == (Action.UPDATE, make_id("a"), "renamed from b")


def test_the_id_decides_although_a_key_in_between_was_left_out() -> None:
    live = stored(moved("b", "a"), version=2)
    assert only(plan([moved("c", "a")], [live])).reason == "renamed from b"


def test_a_revert_of_a_rename_activates_the_version_that_had_the_key() -> None:
    live = stored(moved("support", "helpdesk"), version=2)
    change = only(plan([moved("helpdesk")], [live], versions=[stored(moved("helpdesk"))]))
    assert isinstance(change, Activate)
    assert (change.to_version, change.renamed_from) == (1, "support")
    assert change.reason == "version 1 has the manifest's content; renamed from support"
    assert only(plan([moved("helpdesk")], [live], activation=make_policy().activation.NEVER)).action is Action.UPDATE


def test_no_version_with_the_old_key_is_activated_for_the_new_one() -> None:
    rows = [stored(moved("helpdesk", context={"m": 2}), version=2), stored(moved("helpdesk"))]
    assert only(plan([moved("support", "helpdesk")], rows[:1], versions=rows[1:])).action is Action.UPDATE


def test_where_it_does_not_exist_yet_it_is_made_with_the_id_of_the_first_key() -> None:
    change = only(plan([moved("c", "a", "b")], []))
    assert (change.action, change.key, change.assistant_id) == (Action.CREATE, "c", make_id("a"))


def test_a_rename_counts_as_an_update_for_the_limits_and_is_none_of_the_deletes() -> None:
    made = plan(
        [moved("support", "helpdesk")],
        [stored(moved("helpdesk"))],
        prune=True,
        limits=Limits(deletes=Limit(0, is_percentage=False), updates=Limit(0, is_percentage=False)),
    )
    assert [one.guard for one in made.guards] == ["updates"]


def test_a_rename_from_an_older_commit_is_refused() -> None:
    made = plan([moved("support", "helpdesk")], [stored(moved("helpdesk"))], ancestry={SHA: Ancestry.DESCENDANT})
    assert only(made).action is Action.REFUSE


def test_a_rename_alone_undoes_no_edit_that_the_manifest_has_taken_over() -> None:
    ours = stored(moved("helpdesk"))
    live = edited(ours, context={"m": 2}, config={"configurable": {"m": 2}})
    for versions in ([ours], []):
        made = plan([moved("support", "helpdesk", context={"m": 2})], [live], versions=versions)
        assert (only(made).reason, made.edited) == ("renamed from helpdesk", frozenset())


def test_a_rename_that_undoes_an_edit_says_so() -> None:
    ours = stored(moved("helpdesk"))
    live = edited(ours, context={"m": 2}, config={"configurable": {"m": 2}})
    made = plan([moved("support", "helpdesk")], [live], versions=[ours])
    assert only(made).reason.startswith("it was edited outside git (version 2")
    assert only(made).reason.endswith("this undoes that edit; renamed from helpdesk")
    assert made.edited == {make_id("helpdesk")}


def test_a_rename_alone_undoes_no_rollback_that_the_manifest_agrees_with() -> None:
    live = stored(moved("helpdesk"), version=3, rollback=1)
    made = plan([moved("support", "helpdesk")], [live], versions=[live])
    assert (only(made).reason, made.rolled_back) == ("renamed from helpdesk", frozenset())
    made = plan([moved("support", "helpdesk", context={"m": 2})], [live], versions=[live])
    assert made.rolled_back == {make_id("helpdesk")}


def test_metadata_that_the_server_changed_does_not_hold_up_a_rename() -> None:
    written = moved("helpdesk", metadata={"team": "cx"})
    live = replace(stored(written), metadata={**stored(written).metadata, "team": "CX"})
    assert only(plan([written], [live])).action is Action.KEEP
    change = only(plan([moved("support", "helpdesk", metadata={"team": "cx"})], [live]))
    assert (change.action, change.renamed_from) == (Action.UPDATE, "helpdesk")


def test_the_branch_is_the_cause_of_a_rename() -> None:
    base = Base("b" * 40, (moved("helpdesk"),))
    made = plan([moved("support", "helpdesk")], [stored(moved("helpdesk"))], base=base)
    assert [cause.value for cause in made.causes[make_id("helpdesk")]] == ["branch"]


def test_two_renames_of_one_assistant_are_two_changes() -> None:
    digests = {only(plan([moved(key, "a")], [stored(moved("a"))])).digest for key in ("b", "c")}
    assert len(digests) == 2


def test_a_second_rename_that_names_the_last_key_alone_is_refused_with_the_line_to_write() -> None:
    live = stored(moved("b", "a"), version=2)
    made = plan([moved("c", "b")], [live], versions=[stored(moved("a"))], prune=True)
    orphan, refuse = made.changes
    assert isinstance(orphan, Orphan)
    assert isinstance(refuse, Refuse)
    assert refuse.reason == (
        "this project already has an assistant with the key 'b' that this one had before, with another id than "
        f"{make_id('b')}. To keep that one, put this line into the manifest: moved_from: [a, b]"
    )
    assert orphan.reason == "assistants/c.yaml has this key, but with another id; see the entry for that manifest"


def test_it_is_refused_also_if_the_selection_leaves_the_other_one_out() -> None:
    live = stored(moved("b", "a"), version=2)
    made = plan([moved("c", "b")], [live], versions=[stored(moved("a"))], selection=Selection(("c",)))
    assert actions(made) == {"c": "refuse"}


def test_an_adopted_assistant_that_was_renamed_is_kept_by_its_id() -> None:
    live = stored(make_desired("helpdesk", assistant_id=OTHER_ID, **NAMED))
    made = plan([moved("support", "helpdesk")], [live])
    assert f"put this line into the manifest: assistant_id: {OTHER_ID}" in made.changes[1].reason
    named = replace(moved("support", "helpdesk"), assistant_id=OTHER_ID, id_is_named=True)
    assert only(plan([named], [live])).reason == "renamed from helpdesk"


def test_the_manifest_that_has_a_key_now_goes_before_one_that_had_it() -> None:
    live = stored(make_desired("b", assistant_id=OTHER_ID, **NAMED))
    made = plan([moved("b"), moved("c", "a", "b", context={"m": 3})], [live])
    assert {one.source: one.action.value for one in made.changes if one.assistant_id != OTHER_ID} == {
        "assistants/b.yaml": "refuse",
        "assistants/c.yaml": "create",
    }


def test_of_two_that_have_a_former_key_the_one_with_the_latest_is_named() -> None:
    third = OTHER_ID.replace("8000", "8001")
    live = [stored(make_desired(key, assistant_id=own, **NAMED)) for key, own in (("a", third), ("b", OTHER_ID))]
    made = plan([moved("c", "x", "a", "b")], live, prune=True)
    (refuse,) = [one for one in made.changes if isinstance(one, Refuse)]
    assert refuse.reason.endswith(f"assistant_id: {OTHER_ID}")
    assert [one.action for one in made.changes if one is not refuse] == [Action.ORPHAN, Action.ORPHAN]


def test_assistants_that_swap_their_keys_are_two_updates() -> None:
    desired = [moved("a", "b", context={"m": 2}), moved("b", "a")]
    made = plan(desired, [stored(moved("a")), stored(moved("b", context={"m": 2}))])
    assert {(one.key, one.assistant_id, one.reason) for one in made.changes} == {
        ("a", make_id("b"), "renamed from b"),
        ("b", make_id("a"), "renamed from a"),
    }


def test_the_old_key_selects_nothing_any_more() -> None:
    desired, policy = [moved("support", "helpdesk")], make_policy(selection=Selection(("helpdesk",)))
    assert known_keys(desired, triage(desired, [stored(moved("helpdesk"))], policy)) == {"support"}
    assert actions(plan(desired, [stored(moved("helpdesk"))], selection=Selection(("support",)))) == {
        "support": "update"
    }


def test_a_key_that_somebody_wrote_into_a_stamp_is_masked() -> None:
    secret = "ghp_" + "a1B2" * 9
    change = only(plan([moved("support", "helpdesk")], [stored(moved("helpdesk"), key=secret)]))
    assert secret not in repr((change.reason, change.renamed_from))
    assert change.renamed_from is not None


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=5, unique=True), st.booleans())
def test_however_often_it_was_renamed_one_version_makes_it_kept(keys: list[str], prune: bool) -> None:
    before, after = moved(keys[-1], *keys[:-1]), moved("z", *keys)
    change = only(plan([after], [stored(before)], prune=prune))
    assert (change.action, change.assistant_id) == (Action.UPDATE, make_id(keys[0]))
    assert actions(plan([after], [stored(after, version=2)], prune=prune)) == {"z": "keep"}


def test_what_a_former_project_wrote_is_ours_and_nothing_is_written_for_it() -> None:
    live = stored(moved("support"), project="old")
    assert only(plan([moved("support")], [live])).action is Action.REFUSE
    assert actions(plan([moved("support")], [live], former_projects=("old",))) == {"support": "keep"}


def test_an_update_of_what_a_former_project_wrote_says_so() -> None:
    live = stored(moved("support"), project="old")
    change = only(plan([moved("support", context={"m": 2})], [live], former_projects=("older", "old")))
    assert change.reason == ("the manifest has changed since it was last applied; the project was renamed from old")


def test_what_a_former_project_wrote_is_pruned_like_all_that_is_ours() -> None:
    live = stored(moved("support"), project="old")
    assert plan([], [live]).changes == ()
    assert actions(plan([], [live], former_projects=("old",))) == {"support": "orphan"}
    assert actions(plan([], [live], former_projects=("old",), prune=True)) == {"support": "delete"}


def test_a_copy_of_what_a_former_project_wrote_is_named() -> None:
    copy = stored(moved("support"), project="old", id=OTHER_ID)
    assert triage([], [copy], make_policy()).copies == ()
    assert triage([], [copy], make_policy(former_projects=("old",))).copies == (copy.assistant_id,)


def test_a_version_that_a_former_project_wrote_is_activated() -> None:
    old = stored(moved("support", config={"tags": ["a"]}), project="old")
    live = stored(moved("support", config={"tags": ["b"]}), version=2)
    desired = [moved("support", config={"tags": ["a"]})]
    assert only(plan(desired, [live], versions=[old])).action is Action.UPDATE
    assert only(plan(desired, [live], versions=[old], former_projects=("old",))).action is Action.ACTIVATE


def test_without_the_former_name_the_plan_is_refused_with_the_line_to_put_back() -> None:
    own = make_id("support")
    first = stored(moved("support", context={"m": 0}), project=PROJECT)
    live = stored(replace(moved("support")), version=2, project="new")
    desired = replace(moved("support"), assistant_id=OTHER_ID)
    made = plan([desired], [live], versions=[first], project="new")
    assert {one.assistant_id: one.action.value for one in made.changes} == {OTHER_ID: "refuse", own: "orphan"}
    (refuse,) = [one for one in made.changes if isinstance(one, Refuse)]
    assert f"put this line into the project file: former_projects: [{PROJECT}]" in refuse.reason
