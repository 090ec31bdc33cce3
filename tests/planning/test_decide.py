from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.change import Action, Activate, Adopt, Create, Op, Update
from assistant_sync.model.frozen import replace
from assistant_sync.model.identity import default_assistant_id
from assistant_sync.model.project import Activation, Limit, Limits
from assistant_sync.model.provenance import Ancestry
from assistant_sync.model.selection import Selection
from assistant_sync.planning.assemble import assemble_plan
from assistant_sync.planning.observations import Observations
from assistant_sync.planning.policy import Allowance
from assistant_sync.planning.triage import commits_to_relate, known_keys, triage
from tests.builders import SHA, make_assistant, make_desired, make_stamp
from tests.planning.plans import actions, plan
from tests.planning.rows import edited, make_policy, stored
from tests.strategies import json_objects

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.values import Path

OTHER_ID = "0" * 8 + "-0000-4000-8000-" + "0" * 12


def test_an_equal_deployment_gives_a_plan_of_keeps_without_writes() -> None:
    desired = [make_desired(key, context={"model": key}, metadata={"team": "cx"}) for key in "abc"]
    made = plan(desired, [stored(one) for one in desired])
    assert actions(made) == {"a": "keep", "b": "keep", "c": "keep"}
    assert (made.writes, made.guards, made.warnings, made.is_refused) == ((), (), (), False)


def test_nothing_to_ask_is_asked_about_an_equal_deployment() -> None:
    desired = [make_desired(key, context={"model": key}) for key in "abc"]
    sorted_out = triage(desired, [stored(one) for one in desired], make_policy(prune=True))
    assert (sorted_out.confirm, sorted_out.versions_of) == ((), ())
    assert dict(sorted_out.graphs) == {"agent": max(one.assistant_id for one in desired)}  # one question for each graph
    assert commits_to_relate(sorted_out, {}, make_policy(prune=True)) == frozenset()


def test_an_absent_id_is_created_with_all_its_fields() -> None:
    (change,) = plan([make_desired(context={"model": "a"})], []).changes
    assert isinstance(change, Create)
    assert change.base_version is None
    assert {field.op for field in change.fields} == {Op.ADDED}
    assert [field.path for field in change.fields] == [("graph_id",), ("name",), ("context", "model")]


def test_an_absent_id_that_the_manifest_names_is_created_with_a_warning() -> None:
    made = plan([make_desired(assistant_id=OTHER_ID)], [])
    assert actions(made) == {"support": "create"}
    assert "assistant_id" in made.warnings[0].message
    assert made.warnings[0].key == "support"


def test_different_content_is_an_update_of_only_what_differs() -> None:
    row = stored(make_desired(context={"model": "a", "tools": ["x"]}), version=3)
    (change,) = plan([make_desired(context={"model": "b", "tools": ["x"]})], [row]).changes
    assert isinstance(change, Update)
    assert [field.path for field in change.fields] == [("context", "model")]
    assert (change.base_version, change.highest_version) == (3, 3)


def test_a_revert_that_runs_cannot_tell_from_the_version_is_an_activation() -> None:
    old, new = make_desired(config={"tags": ["a"]}), make_desired(config={"tags": ["b"]})
    (change,) = plan([old], [stored(new, version=2)], versions=[stored(old, version=1)]).changes
    assert isinstance(change, Activate)
    assert (change.to_version, change.base_version, change.highest_version) == (1, 2, 2)
    assert change.fields


def test_a_revert_of_the_context_is_an_update_under_safe_and_an_activation_under_full() -> None:
    old, new = make_desired(context={"m": "a"}), make_desired(context={"m": "b"})
    rows, versions = [stored(new, version=2)], [stored(old, version=1)]
    assert actions(plan([old], rows, versions=versions)) == {"support": "update"}
    assert actions(plan([old], rows, versions=versions, activation=Activation.FULL)) == {"support": "activate"}


def test_the_highest_version_is_counted_although_an_earlier_one_is_live() -> None:
    one, two = make_desired(context={"m": "a"}), make_desired(context={"m": "b"})
    (change,) = plan([make_desired(context={"m": "c"})], [stored(one)], versions=[stored(two, version=7)]).changes
    assert isinstance(change, Update)
    assert (change.base_version, change.highest_version) == (1, 7)


def test_an_unmanaged_assistant_is_adopted_only_where_the_manifest_names_it() -> None:
    row = make_assistant("by-hand", assistant_id=OTHER_ID, name="By hand", version=4)
    (change,) = plan([make_desired(assistant_id=OTHER_ID)], [row]).changes
    assert isinstance(change, Adopt)
    assert (change.base_version, [field.path for field in change.fields]) == (4, [("name",)])
    assert actions(plan([make_desired()], [row])) == {"support": "create"}


def test_an_adoption_of_equal_content_is_planned_for_its_stamp() -> None:
    row = make_assistant("support", assistant_id=OTHER_ID)
    (change,) = plan([make_desired(assistant_id=OTHER_ID)], [row]).changes
    assert (change.action, change.fields) == (Action.ADOPT, ())


def test_an_unstamped_assistant_on_an_id_of_ours_is_refused_with_the_line_that_adopts_it() -> None:
    desired = make_desired()
    (change,) = plan([desired], [make_assistant("support")]).changes
    assert change.action is Action.REFUSE
    assert f"assistant_id: {desired.assistant_id}" in change.reason


def test_a_copy_may_be_adopted_by_name_and_is_refused_otherwise() -> None:
    copy = make_assistant("support", assistant_id=OTHER_ID, stamp=make_stamp())
    made = plan([make_desired(), make_desired("copy", assistant_id=OTHER_ID)], [copy, stored(make_desired())])
    assert actions(made) == {"support": "keep", "copy": "adopt"}


@pytest.mark.parametrize(
    "row",
    [
        make_assistant("support", metadata={"created_by": "system"}),
        make_assistant("support", stamp=make_stamp(project="other")),
    ],
    ids=["system", "another project"],
)
def test_the_foreign_is_refused_even_where_the_manifest_names_it(row: Assistant) -> None:
    desired = make_desired(assistant_id=row.assistant_id)
    (change,) = plan([desired], [row]).changes
    assert change.action is Action.REFUSE


def test_the_default_assistant_of_a_graph_is_refused() -> None:
    own = default_assistant_id("agent")
    (change,) = plan([make_desired(assistant_id=own)], [make_assistant("x", assistant_id=own)]).changes
    assert change.action is Action.REFUSE


def test_a_key_that_lives_under_another_id_is_refused_with_the_line_to_put_back() -> None:
    moved = stored(make_desired(assistant_id=OTHER_ID))
    made = plan([make_desired()], [moved], prune=True)
    refuse, orphan = sorted(made.changes, key=lambda change: change.action.value, reverse=True)
    assert (refuse.action, orphan.action) == (Action.REFUSE, Action.ORPHAN)
    assert f"assistant_id: {OTHER_ID}" in refuse.reason


def test_a_row_whose_key_was_renamed_but_whose_id_is_named_stays_ours_and_gets_the_key() -> None:
    row = stored(make_desired("old", assistant_id=OTHER_ID, name="Support"))
    made = plan([make_desired("new", assistant_id=OTHER_ID, name="Support")], [row], prune=True)
    assert actions(made) == {"new": "update"}


def test_a_key_that_was_renamed_away_may_be_used_again_and_both_live_on() -> None:
    moved = stored(make_desired("a", assistant_id=OTHER_ID, name="A"))
    fresh = stored(make_desired("a"))
    desired = [make_desired("b", assistant_id=OTHER_ID, name="A"), make_desired("a")]
    assert actions(plan(desired, [moved, fresh])) == {"a": "keep", "b": "update"}
    made = plan([make_desired("a")], [moved, fresh], prune=True)
    assert sorted(change.action.value for change in made.changes) == ["delete", "keep"]


def test_a_copy_is_shown_as_unmanaged() -> None:
    copy = make_assistant("support", assistant_id=OTHER_ID, stamp=make_stamp())
    made = plan([make_desired()], [copy, stored(make_desired())])
    assert actions(made) == {"support": "keep"}
    assert OTHER_ID in made.warnings[0].message


def test_credentials_in_what_the_deployment_says_are_masked_everywhere() -> None:
    secret = "ghp_" + "a1B2" * 9
    stamp = make_stamp(secret, assistant_id=OTHER_ID, source=secret, target=secret)
    row = make_assistant("x", assistant_id=OTHER_ID, stamp=stamp, graph_id=secret, name=secret)
    policies: list[dict[str, Any]] = [{}, {"retarget": True}, {"retarget": True, "prune": True}]
    for policy in policies:
        made = plan([make_desired("z", graph_id=secret)], [row], unregistered=frozenset({secret}), **policy)
        fields = ("key", "graph_id", "name", "source", "reason", "deferred", "fields")
        shown = [repr(getattr(change, field, None)) for change in made.changes for field in fields]
        assert len(made.changes) == 2
        assert secret not in " ".join([*shown, *(notice.message for notice in made.warnings)])


def test_an_activation_that_needs_an_unregistered_graph_is_deferred_too() -> None:
    old, new = make_desired(config={"tags": ["a"]}), make_desired(config={"tags": ["b"]})
    made = plan([old], [stored(new, version=2)], versions=[stored(old)], unregistered=frozenset({"agent"}))
    (change,) = made.changes
    assert isinstance(change, Activate)
    assert change.deferred is not None


def test_without_a_manifest_an_owned_assistant_is_an_orphan_and_with_pruning_a_delete() -> None:
    row = stored(make_desired("gone", context={"m": 1}))
    kept = make_desired("kept")
    assert actions(plan([kept], [row, stored(kept)])) == {"gone": "orphan", "kept": "keep"}
    made = plan([kept], [row, stored(kept)], prune=True)
    assert actions(made) == {"gone": "delete", "kept": "keep"}
    (delete,) = made.writes
    assert {field.op for field in delete.fields} == {Op.REMOVED}
    assert [field.path for field in delete.fields] == [("graph_id",), ("name",), ("context", "m")]


def test_nothing_unmanaged_or_foreign_is_ever_deleted_or_even_listed() -> None:
    rows = [
        make_assistant("a"),
        make_assistant("b", metadata={"created_by": "system"}),
        make_assistant("c", stamp=make_stamp("c", project="other")),
        make_assistant("d", assistant_id=OTHER_ID, stamp=make_stamp("d")),
    ]
    made = plan([make_desired("z")], rows, prune=True, allowance=Allowance(deletes=100))
    assert actions(made) == {"z": "create"}


def test_another_targets_assistant_is_refused_unless_retargeted_equal_or_not() -> None:
    same, gone = make_desired("same"), make_desired("gone")
    rows = [stored(one, target="staging") for one in (same, make_desired("changed"), gone)]
    desired = [same, make_desired("changed", description="new")]
    assert actions(plan(desired, rows, prune=True)) == {"same": "refuse", "changed": "refuse", "gone": "refuse"}
    assert actions(plan(desired, rows, prune=True, retarget=True)) == {
        "same": "keep", "changed": "update", "gone": "delete"
    }  # fmt: skip


def test_an_assistant_that_was_written_under_a_former_name_of_the_target_is_its_own() -> None:
    same = make_desired("same")
    rows = [stored(one, target="staging") for one in (same, make_desired("changed"), make_desired("gone"))]
    desired = [same, make_desired("changed", description="new")]
    assert actions(plan(desired, rows, prune=True, formerly=("live", "staging"))) == {
        "same": "keep", "changed": "update", "gone": "delete"
    }  # fmt: skip


def test_what_a_newer_commit_wrote_is_refused_unless_older_is_allowed() -> None:
    rows = [stored(make_desired("a")), stored(make_desired("gone")), stored(make_desired("same"))]
    desired = [make_desired("a", description="old"), make_desired("same")]
    newer = {SHA: Ancestry.DESCENDANT}
    assert actions(plan(desired, rows, ancestry=newer, prune=True)) == {
        "a": "refuse", "gone": "refuse", "same": "keep"
    }  # fmt: skip
    assert actions(plan(desired, rows, ancestry=newer)) == {"a": "refuse", "gone": "orphan", "same": "keep"}
    allowed = plan(desired, rows, ancestry=newer, prune=True, allow_older=True, allowance=Allowance(deletes=1))
    assert actions(allowed) == {"a": "update", "gone": "delete", "same": "keep"}


def test_the_commit_that_wrote_last_counts_although_an_earlier_version_was_activated() -> None:
    live = stored(make_desired(config={"tags": ["a"]}), commit="a" * 40)
    later = stored(make_desired(config={"tags": ["b"]}), version=2, commit="b" * 40)
    ancestry = {"a" * 40: Ancestry.ANCESTOR, "b" * 40: Ancestry.DESCENDANT}
    made = plan([make_desired(description="x")], [live], versions=[later], ancestry=ancestry)
    assert actions(made) == {"support": "refuse"}


def test_without_its_versions_the_live_stamp_tells_the_last_commit_of_what_has_no_manifest() -> None:
    policy = make_policy(prune=True)
    triaged = triage([], [stored(make_desired("gone"))], policy)
    (change,) = assemble_plan(triaged, Observations(ancestry={SHA: Ancestry.DESCENDANT}), policy).changes
    assert change.action is Action.REFUSE


def test_an_assistant_of_ours_that_only_the_second_look_finds_is_not_written_over_unless_it_is_named() -> None:
    """Another apply may make it between the listing and the reading of single ids."""
    row = stored(make_desired())
    for desired, action in (
        (make_desired(), Action.REFUSE),
        (make_desired(assistant_id=row.assistant_id), Action.ADOPT),
    ):
        seen = Observations({row.assistant_id: row}, {row.assistant_id: [row]})
        (change,) = assemble_plan(triage([desired], [], make_policy()), seen, make_policy()).changes
        assert change.action is action
        assert "carries this project's stamp" in change.reason


def test_unknown_ancestry_is_said_once_and_never_guessed() -> None:
    rows = [stored(make_desired("a")), stored(make_desired("b"))]
    desired = [make_desired("a", description="x"), make_desired("b", description="x")]
    made = plan(desired, rows, ancestry={SHA: Ancestry.UNKNOWN})
    assert actions(made) == {"a": "update", "b": "update"}
    assert len(made.warnings) == 1
    assert "fetch-depth: 0" in made.warnings[0].message


def test_a_change_whose_graph_is_not_registered_is_planned_deferred_and_warned_of() -> None:
    made = plan([make_desired(graph_id="coming")], [], unregistered=frozenset({"coming"}))
    (change,) = made.changes
    assert isinstance(change, Create)
    assert change.deferred is not None
    assert "coming" in made.warnings[0].message
    assert not made.is_refused
    made = plan(
        [make_desired(graph_id="coming")], [], unregistered=frozenset({"coming"}), served=frozenset({"comming"})
    )
    assert made.warnings[0].message.endswith("did you mean 'comming'?")
    made = plan([make_desired(graph_id="x")], [], unregistered=frozenset({"x"}), served=frozenset("abcdefg"))
    assert made.warnings[0].message.endswith("It serves: a, b, c, d, e, ...")


EDIT = "it was edited outside git (version 2 of 2026-11-20 08:00 UTC)"
REASONS = {
    "the manifest has changed": (1, 1, 2, "the manifest has changed since it was last applied"),
    "somebody edited it": (1, 9, 1, f"{EDIT}; this undoes that edit"),
    "both": (1, 9, 2, f"{EDIT}, and the manifest has changed since it was last applied; this undoes that edit"),
}


@pytest.mark.parametrize("case", REASONS)
def test_an_update_says_whether_git_or_somebody_else_changed_it(case: str) -> None:
    written, there, wanted, reason = REASONS[case]
    row = stored(make_desired(context={"m": written}))
    if there != written:
        row = edited(row, context={"m": there}, config={"configurable": {"m": there}})
    (change,) = plan([make_desired(context={"m": wanted})], [row]).changes
    assert change.reason == reason


@pytest.mark.parametrize(("time", "when"), [(None, ""), ("yesterday", ""), ("2026-11-20T08:00\x1b[31m", "")])
def test_a_time_that_is_none_is_not_shown(time: str | None, when: str) -> None:
    row = replace(edited(stored(make_desired(context={"m": 1})), context={"m": 9}), updated_at=time)
    (change,) = plan([make_desired(context={"m": 1})], [row]).changes
    assert change.reason.startswith(f"it was edited outside git (version 2{when})")


def test_an_activation_that_undoes_an_edit_says_so() -> None:
    first = stored(make_desired(name="one"))
    by_hand = edited(first, name="two")
    (change,) = plan([make_desired(name="one")], [by_hand], versions=[first]).changes
    assert change.action is Action.ACTIVATE
    assert change.reason == f"{EDIT}; this undoes that edit: version 1 has the manifest's content"


INCLUDED: dict[Path, str] = {("context", "p"): "prompts/a.md", ("description",): "prompts/b.md"}


@pytest.mark.parametrize(
    ("wanted", "subject"),
    [
        ({"context": {"p": "new", "m": 1}}, "the included text prompts/a.md has"),
        ({"context": {"p": "new", "m": 1}, "description": "new"}, "the included texts prompts/a.md, prompts/b.md have"),
        ({"context": {"p": "new", "m": 2}}, "the manifest has"),
        ({"context": {"p": "old", "m": 2}}, "the manifest has"),
    ],
)
def test_an_included_text_that_changed_is_named_as_that(wanted: dict[str, Any], subject: str) -> None:
    row = stored(make_desired(context={"p": "old", "m": 1}, description="old"))
    desired = replace(make_desired(**{"description": "old", **wanted}), included=INCLUDED)
    (change,) = plan([desired], [row]).changes
    assert change.reason == f"{subject} changed since it was last applied"


def test_an_update_from_an_unreadable_digest_or_an_earlier_version_claims_nothing() -> None:
    rows = [
        (stored(make_desired(context={"m": 1}), digest="c9:new"), ()),
        (stored(make_desired(context={"m": 1})), [stored(make_desired(context={"m": 2}), version=2)]),
    ]
    for row, versions in rows:
        (change,) = plan([make_desired(context={"m": 3})], [row], versions=versions).changes
        assert change.reason == "the live assistant differs from the manifest"


@pytest.mark.parametrize("prune", [True, False])
def test_a_renamed_file_is_recognised_and_the_way_to_keep_the_assistant_is_named(prune: bool) -> None:
    row = stored(make_desired("support", context={"m": 1}))
    made = plan([make_desired("helpdesk", context={"m": 1}), make_desired("other")], [row], prune=prune)
    (notice,) = made.warnings
    assert notice.key == "helpdesk"
    assert "key: support" in notice.message


def test_a_selection_narrows_manifests_and_pruning_and_not_what_is_known_of_the_others() -> None:
    rows = [stored(make_desired("a-gone")), stored(make_desired("b-gone"))]
    desired = [make_desired("a"), make_desired("b")]
    assert actions(plan(desired, rows, prune=True, selection=Selection(("a*",)))) == {"a": "create", "a-gone": "delete"}
    triaged = triage(desired, rows, make_policy(selection=Selection(("a*",))))
    assert known_keys(desired, triaged) == {"a", "b", "a-gone", "b-gone"}


def test_guards_count_the_whole_project_although_a_selection_narrows_the_plan() -> None:
    rows = [stored(make_desired(f"a{number}")) for number in range(30)]
    desired = [make_desired(f"a{number}") for number in range(3, 30)]
    made = plan(desired, rows, prune=True, selection=Selection(("a0", "a1", "a2")))
    assert (actions(made), made.guards) == ({"a0": "delete", "a1": "delete", "a2": "delete"}, ())


@pytest.mark.parametrize(
    "selection", [Selection(("a0", "a1")), Selection(graphs=("one",)), Selection(changed=frozenset({"a0", "a1"}))]
)
def test_a_percentage_is_of_all_owned_assistants_whatever_selects(selection: Selection) -> None:
    graphs = ["one", "one", "two", "two"]
    rows = [stored(make_desired(f"a{number}", graph_id=graph)) for number, graph in enumerate(graphs)]
    desired = [make_desired(f"a{number}", graph_id=graph, description="x") for number, graph in enumerate(graphs)]
    half = Limits(updates=Limit(50, is_percentage=True))
    made = plan(desired, rows, limits=half, selection=selection)
    assert (actions(made), made.guards) == ({"a0": "update", "a1": "update"}, ())
    assert [one.guard for one in plan(desired, rows, limits=half).guards] == ["updates"]


def test_a_plan_moves_with_what_only_the_stamp_will_say_and_a_delete_with_what_is_deleted() -> None:
    row = stored(make_desired(context={"m": 1}))
    one, other = make_desired(context={"m": 2}), make_desired(context={"m": 2})
    other = replace(other, metadata_keys=("gone",))
    assert plan([one], [row]).digest != plan([other], [row]).digest
    gone = [stored(make_desired("gone", context={"m": m})) for m in (1, 2)]
    digests = {plan([make_desired("x")], [row], prune=True).digest for row in gone}
    assert len(digests) == 2


def test_going_back_behind_a_newer_commit_that_is_allowed_does_not_trip_a_guard_of_unknown_ones() -> None:
    rows, newer = [stored(make_desired("gone")), stored(make_desired("kept"))], {SHA: Ancestry.DESCENDANT}
    made = plan([make_desired("kept")], rows, ancestry=newer, prune=True, allow_older=True)
    assert (actions(made)["gone"], made.guards) == ("delete", ())


def test_a_commit_that_cannot_be_found_anywhere_is_warned_of() -> None:
    made = plan([make_desired(description="x")], [stored(make_desired())], ancestry={SHA: Ancestry.ABSENT})
    assert "are not in this repository" in made.warnings[0].message


def test_only_an_assistants_own_newest_stamp_tells_the_commit_that_wrote_last() -> None:
    live = stored(make_desired(config={"tags": ["a"]}), commit="a" * 40)
    copied = stored(make_desired(), version=2, commit="b" * 40, id=OTHER_ID)
    without_git = stored(make_desired(), version=3, commit=None)
    ancestry = {"a" * 40: Ancestry.DESCENDANT, "b" * 40: Ancestry.DESCENDANT}
    changed_to = [make_desired(description="x")]
    assert actions(plan(changed_to, [live], versions=[copied], ancestry=ancestry)) == {"support": "refuse"}
    assert actions(plan(changed_to, [live], versions=[without_git], ancestry=ancestry)) == {"support": "update"}
    older = {"a" * 40: Ancestry.ANCESTOR, "b" * 40: Ancestry.DESCENDANT}
    assert actions(plan(changed_to, [live], versions=[copied], ancestry=older)) == {"support": "update"}


def test_removed_owned_metadata_is_a_change_and_unowned_is_none() -> None:
    row = stored(make_desired(metadata={"team": "cx"}))
    row = replace(row, metadata={**row.metadata, "reviewed_by": "ann"})
    (change,) = plan([make_desired()], [row]).changes
    assert [(field.path, field.op) for field in change.fields] == [(("metadata", "team"), Op.REMOVED)]
    (change,) = plan([make_desired(metadata={"team": "cx"})], [row]).changes
    assert change.action is Action.KEEP


def test_equal_content_under_a_new_number_is_no_change() -> None:
    desired = make_desired(context={"m": 1})
    assert actions(plan([desired], [edited(stored(desired))])) == {"support": "keep"}


def test_every_desired_and_every_owned_live_assistant_is_in_the_plan_in_stable_order() -> None:
    rows = [stored(make_desired(key)) for key in ("d", "b", "e")]
    desired = [make_desired(key) for key in ("c", "b", "a")]
    made = plan(desired, rows)
    assert [change.key for change in made.changes] == ["a", "b", "c", "d", "e"]
    assert plan(desired[::-1], rows[::-1]) == made


def test_credentials_are_masked_in_the_plan_and_kept_for_the_write() -> None:
    secret = "sk-" + "a1B2" * 8
    (change,) = plan([make_desired(context={"prompt": secret})], []).changes
    assert isinstance(change, Create)
    assert secret not in repr(change)
    assert change.desired.content.context == {"prompt": secret}


def test_the_digest_speaks_of_target_and_changes_and_not_of_keeps_or_provenance() -> None:
    row = stored(make_desired(context={"m": 1}))
    update = [make_desired(context={"m": 2})]
    base = plan(update, [row])
    assert plan(update, [row, stored(make_desired("k"))]).digest != base.digest
    with_keep = plan([*update, make_desired("k")], [row, stored(make_desired("k"))])
    assert with_keep.digest == base.digest
    assert plan(update, [row], url="https://elsewhere").digest != base.digest
    assert plan(update, [replace(row, version=2)]).digest != base.digest
    assert plan(update, [replace(row, description="drift")]).digest != base.digest
    assert plan([make_desired(context={"m": 3})], [row]).digest != base.digest
    assert plan(update, [row], ancestry={SHA: Ancestry.SAME}).digest == base.digest


def test_two_credentials_that_are_both_masked_are_two_changes() -> None:
    one, other = (plan([make_desired(context={"api_key": key})], []) for key in ("a1a1", "b2b2"))
    assert one.changes[0].fields == other.changes[0].fields
    assert one.digest != other.digest


@given(json_objects(), json_objects(), st.booleans())
def test_a_plan_is_empty_exactly_where_the_content_is_what_the_manifest_wants(
    wanted: dict[str, Any], there: dict[str, Any], mirrored: bool
) -> None:
    desired, row = make_desired(context=wanted), stored(make_desired(context=there), mirrored=mirrored)
    (change,) = plan([desired], [row]).changes
    assert (change.action is Action.KEEP) == (change.fields == ())
    assert plan([desired], [stored(desired, mirrored=mirrored)]).writes == ()
