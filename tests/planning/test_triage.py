from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.selection import Selection
from assistant_sync.planning.triage import (
    commits_to_relate,
    known_graphs,
    known_keys,
    sources_to_find,
    triage,
    unlisted,
)
from tests.builders import make_assistant, make_desired
from tests.planning.rows import edited, make_policy, stored

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Desired

OTHER_ID = "0" * 8 + "-0000-4000-8000-" + "0" * 12
CHANGED = stored(make_desired("changed"), commit="c" * 40)
STRAY = stored(make_desired("stray"), commit="d" * 40)


def asked(rows: list[Assistant], versions: dict[str, list[Assistant]] | None = None, **policy: Any) -> set[str]:
    """The first letters of the commits that are asked about."""
    rules = make_policy(**policy)
    triaged = triage([make_desired("changed", description="x")], rows, rules)
    return {commit[0] for commit in commits_to_relate(triaged, versions or {}, rules)}


def test_nothing_is_known_of_an_empty_deployment() -> None:
    desired = make_desired()
    triaged = triage([desired], [], make_policy())
    assert (dict(triaged.owned), triaged.mirroring, triaged.copies) == ({}, Mirroring.UNKNOWN, ())
    assert (triaged.confirm, dict(triaged.graphs)) == ((desired.assistant_id,), {"agent": None})


def test_the_commit_that_wrote_what_is_to_be_changed_is_asked_about() -> None:
    assert asked([CHANGED]) == {"c"}
    assert asked([stored(make_desired("changed"), commit=None)]) == set()


def test_the_highest_version_of_what_is_to_be_changed_tells_its_last_commit() -> None:
    later = stored(make_desired("changed"), version=2, commit="e" * 40)
    assert asked([CHANGED], {CHANGED.assistant_id: [later]}) == {"e"}


def test_only_pruning_asks_for_the_commits_of_what_has_no_manifest() -> None:
    assert asked([CHANGED, STRAY]) == {"c"}
    assert asked([CHANGED, STRAY], prune=True) == {"c", "d"}


def test_of_what_is_to_be_deleted_the_live_stamps_commit_is_asked_about_beside_the_last_one() -> None:
    later = stored(make_desired("stray"), version=2, commit="e" * 40)
    assert asked([STRAY], {STRAY.assistant_id: [later]}, prune=True) == {"d", "e"}


def test_copies_of_ours_are_named_and_other_unmanaged_rows_are_not() -> None:
    copy = make_assistant("copy", assistant_id=OTHER_ID, metadata=CHANGED.metadata)
    theirs = stored(make_desired("theirs"), project="other", id=OTHER_ID)
    rows = [copy, make_assistant("by hand"), make_assistant("odd", metadata={"assistant_sync": 5}), theirs]
    assert triage([], rows, make_policy()).copies == (OTHER_ID,)


def test_only_rows_of_ours_should_have_been_listed() -> None:
    assert unlisted([None], make_policy()) == ()
    theirs = stored(make_desired("theirs"), project="other")
    assert unlisted([None, STRAY, theirs, make_assistant("by hand")], make_policy()) == (STRAY.assistant_id,)


def test_what_the_deployment_is_seen_to_do_decides_what_is_equal() -> None:
    one, other = make_desired("one", context={"m": 1}), make_desired("other", context={"m": 1})
    doubtful = edited(stored(other, mirrored=False))
    for mirrored, mirroring, equal in ((True, Mirroring.YES, [one]), (False, Mirroring.NO, [one, other])):
        triaged = triage([one, other], [stored(one, mirrored=mirrored), doubtful], make_policy())
        assert triaged.mirroring is mirroring
        assert [one.desired for one in triaged.assistants if one.is_equal] == equal


def test_only_pruning_asks_where_the_manifests_of_deletes_are() -> None:
    found = {}
    for prune in (False, True):
        rules = make_policy(prune=prune)
        nameless = stored(make_desired("nameless"), source=None)
        found[prune] = sources_to_find(triage([make_desired("changed")], [CHANGED, STRAY, nameless], rules), rules)
    assert found == {False: frozenset(), True: frozenset({"assistants/stray.yaml"})}


# The selection


def keys(desired: list[Desired], rows: list[Assistant], selection: Selection) -> list[str]:
    return [one.key for one in triage(desired, rows, make_policy(selection=selection)).assistants]


def test_without_a_selection_all_manifests_and_orphans_are_looked_at() -> None:
    desired = [make_desired("a", graph_id="one"), make_desired("b", graph_id="two")]
    assert keys(desired, [stored(make_desired("gone"))], Selection()) == ["a", "b", "gone"]


def test_a_manifest_is_selected_by_the_graph_that_it_wants_and_by_the_live_one() -> None:
    desired = [make_desired("a", graph_id="new"), make_desired("b", graph_id="other")]
    rows = [stored(make_desired("a", graph_id="old"))]
    assert keys(desired, rows, Selection(graphs=("new",))) == ["a"]
    assert keys(desired, rows, Selection(graphs=("old",))) == ["a"]
    assert keys(desired, rows, Selection(graphs=("n*", "other"))) == ["a", "b"]


def test_an_orphan_is_selected_by_the_key_of_its_stamp_and_the_graph_of_its_row() -> None:
    rows = [stored(make_desired("gone", graph_id="one")), stored(make_desired("left", graph_id="two"))]
    assert keys([], rows, Selection(("g*",))) == ["gone"]
    assert keys([], rows, Selection(graphs=("two",))) == ["left"]
    assert keys([], rows, Selection(changed=frozenset({"left"}))) == ["left"]


def test_keys_and_graphs_are_known_of_the_whole_project_whatever_is_selected() -> None:
    desired = [make_desired("a", graph_id="new")]
    rows = [stored(make_desired("a", graph_id="old")), stored(make_desired("gone", graph_id="one"))]
    triaged = triage(desired, rows, make_policy(selection=Selection(changed=frozenset())))
    assert triaged.assistants == ()
    assert known_keys(desired, triaged) == {"a", "gone"}
    assert known_graphs(desired, triaged) == {"new", "old", "one"}
