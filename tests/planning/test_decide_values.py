"""What a plan and each kind of change in it carry: all that apply, a saved plan and the reader go by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.change import (
    Activate,
    Adopt,
    Create,
    Delete,
    Keep,
    Orphan,
    Refuse,
    Update,
)
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.model.project import Activation
from assistant_sync.model.provenance import Ancestry, Commit
from assistant_sync.model.selection import Selection
from assistant_sync.planning.deferral import deferral
from tests.builders import PROJECT, SHA, TARGET, URL, added, changed, make_assistant, make_desired, removed
from tests.planning.plans import actions, plan
from tests.planning.rows import edited, stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.assistant import Assistant, Desired
    from assistant_sync.model.change import Change

OTHER_ID = "0" * 8 + "-0000-4000-8000-" + "0" * 12
IDS = (OTHER_ID, OTHER_ID.replace("4000", "4001"))
LATER = Commit("9" * 40, dirty=True)


def test_a_plan_carries_where_it_is_for_and_what_it_was_asked() -> None:
    desired = make_desired(context={"m": 1})
    made = plan([desired], [stored(desired)], commit=LATER, selection=Selection(("s*",)), prune=True)
    assert (made.project, made.target, made.url, made.commit) == (PROJECT, TARGET, URL, LATER)
    assert (made.selection, made.prune, made.mirroring) == (Selection(("s*",)), True, Mirroring.YES)
    assert (plan([], []).selection, plan([], []).prune, plan([], []).mirroring) == (
        Selection(),
        False,
        Mirroring.UNKNOWN,
    )


def subject(desired: Desired) -> dict[str, Any]:
    """What a change says of a manifest."""
    return {
        "key": desired.key,
        "assistant_id": desired.assistant_id,
        "graph_id": desired.content.graph_id,
        "name": desired.content.name,
        "source": desired.source,
    }


OLD = make_desired(name="Old", config={"tags": ["a"]}, metadata={"team": "cx"})
NEW = make_desired(name="New", config={"tags": ["b"]}, metadata={"tier": 1})
FIELDS = (
    changed("name", "New", "Old"),
    changed(("config", "tags", 0), "b", "a"),
    added("metadata.team", "cx"),
    removed("metadata.tier", 1),
)


def test_a_create_carries_what_is_to_be_made() -> None:
    (change,) = plan([OLD], []).changes
    fields = (
        added("graph_id", "agent"),
        added("name", "Old"),
        added("config.tags", ["a"]),
        added("metadata.team", "cx"),
    )
    reason = "the deployment does not have it yet"
    assert change == Create(
        **subject(OLD), reason=reason, base_version=None, fields=fields, digest=change.digest, desired=OLD
    )


def test_an_update_carries_both_sides_and_the_keys_that_the_live_stamp_owns() -> None:
    live = stored(NEW, version=4)
    (change,) = plan([OLD], [live], versions=[stored(NEW, version=6)]).changes
    reason = "the live assistant differs from the manifest"
    assert change == Update(
        **subject(OLD), reason=reason, base_version=4, fields=FIELDS, digest=change.digest, desired=OLD, live=live,
        highest_version=6, stamped_keys=("tier",),
    )  # fmt: skip


def test_an_activation_carries_both_sides_and_the_version_to_activate() -> None:
    live = stored(NEW, version=4)
    (change,) = plan([OLD], [live], versions=[stored(OLD, version=2)]).changes
    reason = "version 2 has the manifest's content"
    assert change == Activate(
        **subject(OLD), reason=reason, base_version=4, fields=FIELDS, digest=change.digest, desired=OLD, live=live,
        to_version=2, highest_version=4, stamped_keys=("tier",),
    )  # fmt: skip


def test_an_adoption_carries_both_sides_and_owns_no_keys_yet() -> None:
    desired = make_desired("support", assistant_id=OTHER_ID, metadata={"team": "cx"})
    live = make_assistant("support", assistant_id=OTHER_ID, version=4, metadata={"theirs": 1})
    (change,) = plan([desired], [live], versions=[replace(live, version=7)]).changes
    reason = "the manifest names this unmanaged assistant, which carries no stamp"
    assert change == Adopt(
        **subject(desired), reason=reason, base_version=4, fields=(added("metadata.team", "cx"),),
        digest=change.digest, desired=desired, live=live, highest_version=7,
    )  # fmt: skip


def test_a_keep_carries_the_version_that_is_kept() -> None:
    (change,) = plan([OLD], [stored(OLD, version=5)]).changes
    assert change == Keep(**subject(OLD), reason="equal", base_version=5, digest=change.digest)


def test_a_delete_carries_what_is_lost_and_an_orphan_nothing_but_itself() -> None:
    live = stored(OLD, version=3)
    lost = (removed("graph_id", "agent"), removed("name", "Old"), removed("config.tags", ["a"]),
            removed("metadata.team", "cx"))  # fmt: skip
    (change,) = plan([make_desired("z")], [live], prune=True, selection=Selection(("support",))).changes
    reason = "no manifest has this key any more, and pruning is on"
    assert change == Delete(**subject(OLD), reason=reason, base_version=3, fields=lost, digest=change.digest, live=live)
    (change,) = plan([make_desired("z")], [live], selection=Selection(("support",))).changes
    reason = "no manifest has this key; restore the manifest, or delete the assistant with --prune"
    assert change == Orphan(**subject(OLD), reason=reason, base_version=3, digest=change.digest)


def test_an_orphan_whose_key_a_manifest_has_under_another_id_says_where() -> None:
    orphan = plan([make_desired()], [stored(make_desired(assistant_id=OTHER_ID))]).changes[0]
    assert orphan.reason == "assistants/support.yaml has this key, but with another id; see the entry for that manifest"


@pytest.mark.parametrize("source", ["assistants/a.yaml", None])
def test_what_has_no_manifest_names_the_one_that_its_stamp_names(source: str | None) -> None:
    (change,) = plan([], [stored(OLD, source=source)]).changes
    assert change.source == source


REFUSED: dict[str, tuple[Desired, Assistant, dict[str, Any], str]] = {
    "foreign": (
        OLD, stored(OLD, version=5, project="other"), {}, "the assistant with this id belongs to project 'other'",
    ),
    "a graph's own": (
        OLD, replace(stored(OLD, version=5), metadata={"created_by": "system"}), {},
        "the assistant with this id is the default assistant of its graph, which the server manages",
    ),
    "unmanaged": (
        OLD, make_assistant("support", version=5), {},
        ("the assistant with this id carries no stamp. To adopt it, put this line into the manifest: "
        f"assistant_id: {OLD.assistant_id}"),
    ),
    "with a stamp that cannot be read": (
        OLD, make_assistant("support", version=5, metadata={"assistant_sync": "x"}), {},
        ("the assistant with this id carries a stamp that cannot be read. To adopt it, put this line into the "
        f"manifest: assistant_id: {OLD.assistant_id}"),
    ),
    "another target's": (
        OLD, stored(OLD, version=5, target="staging"), {},
        (f"it was written as target 'staging', and this is target '{TARGET}': is the URL right? "
        "If the target was renamed, add 'formerly: [staging]' to it, or pass --retarget in each run until the "
        "assistant has changed once"),
    ),
    "newer": (
        NEW, stored(OLD, version=5), {"ancestry": {SHA: Ancestry.DESCENDANT}},
        (f"it was last written from commit {SHA[:12]}, which is newer than this checkout. "
        "Check out the newest commit, or use --allow-older to go back to this one"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_carries_its_reason_and_the_version_that_stays(case: str) -> None:
    desired, live, settings, reason = REFUSED[case]
    (change,) = plan([desired], [live], **settings).changes
    assert change == Refuse(**subject(desired), reason=reason, base_version=5, digest=change.digest)


def test_a_refused_assistant_without_a_manifest_carries_the_same() -> None:
    (change,) = plan([], [stored(OLD, version=5, target="staging")]).changes
    assert change == Refuse(**subject(OLD), reason=change.reason, base_version=5, digest=change.digest)
    assert change.reason.startswith("it was written as target 'staging'")


@pytest.mark.parametrize(
    ("desired", "rows"),
    [
        (OLD, []),
        (make_desired("x", assistant_id=OTHER_ID), [make_assistant("x", assistant_id=OTHER_ID)]),
        (OLD, [stored(NEW, version=2)]),
    ],
    ids=["create", "adopt", "update"],
)
def test_only_a_write_whose_graph_is_not_registered_is_deferred(desired: Desired, rows: list[Assistant]) -> None:
    (change,) = plan([desired], rows, unregistered=frozenset({"agent"})).writes
    assert not isinstance(change, Delete)
    assert change.deferred == deferral(desired, frozenset({"agent"}))
    assert change.deferred == "graph 'agent' is not registered on this deployment (yet)"
    (change,) = plan([desired], rows, unregistered=frozenset({"other"})).writes
    assert not isinstance(change, Delete)
    assert change.deferred is None


# Digests


def one_change(kind: str, own_id: str, version: int) -> Change:
    """The one change of a kind, of the same manifest or stamp but for id and version."""
    old = make_desired(assistant_id=own_id, config={"tags": ["a"]})
    new = make_desired(assistant_id=own_id, config={"tags": ["b"]})
    live, first = stored(old, version=version), stored(new, version=1)
    make: dict[str, Callable[[], Any]] = {
        "create": lambda: plan([new], []),
        "update": lambda: plan([new], [live]),
        "activate": lambda: plan([new], [live], versions=[first]),
        "adopt": lambda: plan([new], [replace(live, metadata={})]),
        "keep": lambda: plan([old], [live]),
        "refuse": lambda: plan([old], [replace(live, metadata={"created_by": "system"})]),
        "refuse a stray": lambda: plan([], [stored(old, version=version, target="staging")]),
        "orphan": lambda: plan([], [live]),
        "delete": lambda: plan([], [live], prune=True),
    }
    (change,) = make[kind]().changes
    assert change.action.value == kind.split()[0]
    return change  # type: ignore[no-any-return] # of a plan


@pytest.mark.parametrize(
    "kind", ["create", "update", "activate", "adopt", "keep", "refuse", "refuse a stray", "orphan", "delete"]
)
def test_a_digest_tells_the_assistant_and_the_version_that_the_plan_saw(kind: str) -> None:
    versions = (2,) if kind == "create" else (2, 3)
    digests = [one_change(kind, own_id, version).digest for own_id in IDS for version in versions]
    assert all(digest.startswith("sha256:") for digest in digests)
    assert len(set(digests)) == len(digests)
    assert one_change(kind, OTHER_ID, 2).digest == digests[0]


def test_a_digest_tells_the_key_of_what_is_refused() -> None:
    row = make_assistant("x", assistant_id=OTHER_ID, metadata={"created_by": "system"})
    one, other = (plan([make_desired(key, assistant_id=OTHER_ID)], [row]).changes[0] for key in "ab")
    assert one.digest != other.digest


def test_a_digest_tells_the_version_to_activate() -> None:
    one, other = (plan([OLD], [stored(NEW, version=4)], versions=[stored(OLD, version=n)]).digest for n in (1, 2))
    assert one != other


@pytest.mark.parametrize("activation", [Activation.NEVER, Activation.FULL], ids=["update", "activate"])
def test_a_digest_tells_the_live_metadata_that_a_write_will_remove(activation: Activation) -> None:
    def digest(team: str) -> str:
        live = stored(make_desired(name="x", metadata={"team": team}), version=2)
        return plan([make_desired()], [live], versions=[stored(make_desired())], activation=activation).digest

    assert digest("a") != digest("b")


def test_a_digest_tells_the_target_from_another_of_the_same_url() -> None:
    assert plan([OLD], [], target="one").digest != plan([OLD], [], target="other").digest


# What the deployment is seen to do, in each decision. One row of ours tells that this one mirrors nothing.

TELLING = make_desired("telling", context={"m": "t"})
A, B = make_desired("a", context={"m": 1}), make_desired("a", context={"m": 2})


def without_mirror(*rows: Assistant) -> list[Assistant]:
    return [stored(TELLING, mirrored=False), *rows]


def test_where_nothing_is_mirrored_a_configurable_that_appears_is_an_edit_and_is_removed() -> None:
    live = edited(stored(A), config={"configurable": {"m": 1}})
    made = plan([TELLING, A], without_mirror(live))
    assert made.mirroring is Mirroring.NO
    (change,) = made.writes
    assert change.fields == (removed("config.configurable", {"m": 1}),)
    assert change.reason == "it was edited outside git (version 2 of 2026-11-20 08:00 UTC); this undoes that edit"


def test_where_nothing_is_mirrored_a_version_with_a_configurable_is_not_identical() -> None:
    live, first = stored(B, version=2, mirrored=False), stored(A, version=1, mirrored=True)
    made = plan([TELLING, A], without_mirror(live), versions=[first], activation=Activation.FULL)
    assert actions(made) == {"a": "update", "telling": "keep"}


def test_where_nothing_is_mirrored_a_delete_loses_both() -> None:
    live = edited(stored(A), config={"configurable": {"m": 1}})
    made = plan([TELLING], without_mirror(live), prune=True)
    assert [field.path for field in made.writes[0].fields] == [
        ("graph_id",), ("name",), ("context", "m"), ("config", "configurable", "m")
    ]  # fmt: skip
    made = plan([make_desired("z")], [stored(A)], prune=True, selection=Selection(("a",)))
    assert [field.path for field in made.writes[0].fields] == [("graph_id",), ("name",), ("context", "m")]


# Guards, as a plan meets them


def test_a_plan_without_any_manifest_that_would_delete_trips_the_guard_of_empty_projects() -> None:
    assert [violation.guard for violation in plan([], [stored(OLD)], prune=True).guards] == ["empty"]


def test_only_the_commits_of_what_is_deleted_are_looked_at() -> None:
    gone, stays = make_desired("gone"), make_desired("stays")
    rows = [stored(gone, commit="a" * 40), stored(stays, commit="b" * 40, target="staging")]
    other = make_desired("other")
    for unknown, guards in (("a" * 40, ["unknown-commit"]), ("b" * 40, [])):
        ancestry = {"a" * 40: Ancestry.ANCESTOR, "b" * 40: Ancestry.ANCESTOR, unknown: Ancestry.ABSENT}
        made = plan([other], [stored(other), *rows], prune=True, ancestry=ancestry)
        assert actions(made) == {"gone": "delete", "other": "keep", "stays": "refuse"}
        assert [violation.guard for violation in made.guards] == guards


def test_a_delete_of_a_version_from_a_newer_commit_that_was_activated_by_hand_must_be_allowed() -> None:
    gone, other = make_desired("gone"), make_desired("other")
    live, later = stored(gone, commit="b" * 40), stored(gone, version=2, commit="a" * 40)
    ancestry = {"a" * 40: Ancestry.ANCESTOR, "b" * 40: Ancestry.DESCENDANT, SHA: Ancestry.SAME}
    made = plan([other], [stored(other), live], versions=[later], prune=True, ancestry=ancestry)
    assert (actions(made)["gone"], [violation.guard for violation in made.guards]) == ("delete", ["unknown-commit"])
    made = plan([other], [stored(other), live], versions=[later], prune=True, ancestry=ancestry, allow_older=True)
    assert (actions(made)["gone"], made.guards) == ("delete", ())
