from __future__ import annotations

import pytest

from assistant_sync.model.plan import PlanWarning
from assistant_sync.model.provenance import Ancestry
from tests.builders import make_assistant, make_desired, make_stamp
from tests.planning.plans import actions, plan
from tests.planning.rows import stored

OTHER_ID = "0" * 8 + "-0000-4000-8000-" + "0" * 12


def test_a_plan_without_anything_unusual_warns_of_nothing() -> None:
    assert plan([make_desired()], [make_assistant("by hand")]).warnings == ()


GRAPHS = {
    "": ". Deploy the graph first, or correct graph_id",
    "agent-two zoo": ". Deploy the graph first, or correct graph_id: did you mean 'agent-two'?",
    "agent_two agent-two": ". Deploy the graph first, or correct graph_id: did you mean 'agent-two'?",
    "zoo": ". Deploy the graph first, or correct graph_id. It serves: zoo",
    "v w x y z": ". Deploy the graph first, or correct graph_id. It serves: v, w, x, y, z",
    "u v w x y z": ". Deploy the graph first, or correct graph_id. It serves: u, v, w, x, y, ...",
}


@pytest.mark.parametrize("served", GRAPHS)
def test_a_graph_that_is_not_registered_is_named_with_what_there_is_instead(served: str) -> None:
    lost = frozenset({"agent-twe"})
    made = plan([make_desired(graph_id="agent-twe")], [], unregistered=lost, served=frozenset(served.split()))
    (notice,) = made.warnings
    start = "graph 'agent-twe' is not registered on this deployment; apply will not send the changes that need it"
    assert notice == PlanWarning(start + GRAPHS[served])


def test_a_named_id_that_is_absent_is_told_with_its_key() -> None:
    made = plan([make_desired("a"), make_desired("b", assistant_id=OTHER_ID)], [])
    assert made.warnings == (
        PlanWarning(
            "the manifest names an assistant_id that this deployment does not have; it will be created with that id",
            key="b",
        ),
    )


def test_a_renamed_file_is_told_with_the_line_that_keeps_the_assistant() -> None:
    made = plan([make_desired("new", context={"m": 1})], [stored(make_desired("old", context={"m": 1}))])
    assert made.warnings == (
        PlanWarning(
            "looks like a rename of 'old', which no longer has a manifest. To keep that assistant, its id and its "
            "versions, put 'moved_from: old' into assistants/new.yaml, or 'key: old' to keep the key, too",
            key="new",
        ),
    )


def test_a_copy_is_told_by_its_id() -> None:
    made = plan([], [make_assistant("a", assistant_id=OTHER_ID, stamp=make_stamp("a"))])
    assert made.warnings == (
        PlanWarning(
            f"assistant {OTHER_ID} is a copy of an assistant of this project, stamp included; "
            "it is unmanaged and left alone"
        ),
    )


def test_commits_that_cannot_be_related_are_counted_and_told_once_with_the_reason() -> None:
    relations = [Ancestry.UNKNOWN, Ancestry.UNKNOWN, Ancestry.ABSENT, Ancestry.SAME, Ancestry.DIVERGED]
    assert plan([], [], ancestry=dict(zip("abcde", relations, strict=True))).warnings == (
        PlanWarning(
            "2 of the commits that live assistants were written from cannot be related to HEAD "
            "(a shallow clone, or no git), so a re-run of an old commit would not be noticed; "
            "in CI, check out with 'fetch-depth: 0'"
        ),
        PlanWarning(
            "1 of the commits that live assistants were written from are not in this repository "
            "(its history was rewritten, or they are another repository's), so a re-run of an old commit would not be "
            "noticed; the next apply of each assistant names a commit of today"
        ),
    )


@pytest.mark.parametrize(
    ("keys", "named"),
    [("a", "'a'"), ("abcde", "'a', 'b', 'c', 'd', 'e'"), ("abcdefg", "'a', 'b', 'c', 'd', 'e' and 2 more")],
)
def test_a_changed_configurable_is_told_once_because_threads_keep_the_old_one(keys: str, named: str) -> None:
    rows = [stored(make_desired(key, configurable={"m": 1})) for key in keys]
    made = plan([make_desired(key, configurable={"m": 2}) for key in keys], rows)
    (notice,) = made.warnings
    assert notice.key is None
    assert notice.message.startswith(f"config.configurable of {named} changes: threads")


def test_neither_a_new_configurable_nor_another_field_nor_a_context_is_told_of() -> None:
    rows = [stored(make_desired("b", configurable={"m": 1})), stored(make_desired("c", context={"m": 1}))]
    desired = [
        make_desired("a", configurable={"m": 1}),
        make_desired("b", configurable={"m": 1}, description="other"),
        make_desired("c", context={"m": 2}),
    ]
    assert plan(desired, rows).warnings == ()


# Graphs that are gone, or cannot be seen


def test_an_unchanged_assistant_whose_graph_is_gone_is_warned_of() -> None:
    kept = [make_desired(key) for key in "abcdefg"]
    made = plan(kept, [stored(one) for one in kept], unregistered=frozenset({"agent"}), served=frozenset({"agents"}))
    assert actions(made) == dict.fromkeys("abcdefg", "keep")
    (warning,) = made.warnings
    assert warning.message == (
        "graph 'agent' is not registered on this deployment; each run of 'a', 'b', 'c', 'd', 'e' and 2 more fails. "
        "Deploy the graph, or correct graph_id: did you mean 'agents'?"
    )


def test_a_gone_graph_with_changed_and_unchanged_assistants_is_one_warning() -> None:
    kept = make_desired("kept")
    made = plan([kept, make_desired("new")], [stored(kept)], unregistered=frozenset({"agent"}))
    (warning,) = made.warnings
    assert warning.message == (
        "graph 'agent' is not registered on this deployment; each run of 'kept' fails, and apply will not send the "
        "changes that need it. Deploy the graph, or correct graph_id"
    )


def test_a_graph_that_cannot_be_seen_defers_nothing_and_is_warned_of_if_a_change_needs_it() -> None:
    made = plan([make_desired("new")], [], unknown=frozenset({"agent"}), served=frozenset({"agents"}))
    assert [change.deferred for change in made.changes] == [None]
    (warning,) = made.warnings
    assert warning.message == (
        "whether this deployment has graph 'agent' cannot be seen: no assistant of it is visible. apply sends the "
        "changes that need it: did you mean 'agents'?"
    )
    kept = make_desired("kept")
    assert plan([kept], [stored(kept)], unknown=frozenset({"agent"})).warnings == ()
