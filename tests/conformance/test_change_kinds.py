"""Every kind of change: one version for each assistant that changes, none for a moved pointer, no touch for others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conformance.site import Site


def test_create_makes_one_version_that_says_exactly_the_manifest(site: Site) -> None:
    fields = {"description": "d", "context": {"model": "a"}, "config": {"tags": ["t"]}, "metadata": {"team": "cx"}}
    own = site.workshop.manifest("support", **fields)
    sha = site.workshop.commit()
    (outcome,) = site.workshop.apply()["outcomes"]
    assert (outcome["status"], outcome["version_before"], outcome["version_after"]) == ("created", None, 1)
    assert site.deployment.numbers(own) == [1]
    assert site.deployment.get(own)["metadata"]["assistant_sync"]["commit"] == sha
    assert site.state(own) == site.reached("support", **fields)


def test_update_makes_one_version_whatever_differs(site: Site) -> None:
    own = site.workshop.manifest("support", context={"model": "a"}, config={"recursion_limit": 9})
    site.workshop.apply()
    fields = {
        "graph_id": "research_agent", "name": "Research", "description": "d", "context": {"system_prompt": "b"},
        "config": {"tags": ["t"]}, "metadata": {"team": "r"},
    }  # fmt: skip
    site.workshop.manifest("support", **fields)
    (outcome,) = site.workshop.apply()["outcomes"]
    assert (outcome["status"], outcome["version_before"], outcome["version_after"]) == ("updated", 1, 2)
    assert site.deployment.numbers(own) == [2, 1]
    assert site.state(own) == site.reached("support", **fields)
    if seen := site.seen(own):
        assert (seen["graph"], seen["context"], seen["tags"]) == ("research_agent", {"system_prompt": "b"}, ["t"])


def test_a_pointer_moves_back_without_a_version_where_nothing_is_lost_by_it(site: Site) -> None:
    """Tags come back on every server that is known; that is why this may happen without being asked for."""
    own = site.workshop.manifest("support", context={"model": "a"}, config={"tags": ["one"]})
    site.workshop.commit()
    site.workshop.apply()
    site.workshop.manifest("support", context={"model": "a"}, config={"tags": ["two"]})
    site.workshop.commit()
    site.workshop.apply()
    site.workshop.revert()
    assert site.workshop.actions() == {"support": "activate"}
    assert site.workshop.statuses() == {"support": "activated"}
    assert site.deployment.numbers(own) == [2, 1]
    assert site.deployment.get(own)["version"] == 1
    assert site.state(own) == site.reached("support", context={"model": "a"}, config={"tags": ["one"]})


def test_safe_updates_where_a_moved_pointer_might_mix_two_versions(site: Site) -> None:
    own = site.workshop.manifest("support", context={"model": "a"})
    site.workshop.commit()
    site.workshop.apply()
    site.workshop.manifest("support", context={"model": "b"})
    site.workshop.commit()
    site.workshop.apply()
    site.workshop.revert()
    assert site.workshop.actions() == {"support": "update"}
    assert site.workshop.statuses() == {"support": "updated"}
    assert site.deployment.numbers(own) == [3, 2, 1]
    assert site.state(own) == site.reached("support", context={"model": "a"})


def test_adopt_takes_over_by_id_in_one_version_and_keeps_what_it_does_not_own(site: Site) -> None:
    by_hand = {"name": "By hand", "context": {"model": "x"}, "config": {"tags": ["hand"]}}
    there = site.deployment.create(**by_hand, metadata={"team": "cx", "note": "ann's"})
    own = there["assistant_id"]
    site.workshop.manifest("support", assistant_id=own, **by_hand, metadata={"team": "cx"})
    (change,) = site.workshop.plan()["changes"]
    assert (change["action"], change["fields"]) == ("adopt", [])
    assert site.workshop.statuses() == {"support": "adopted"}
    assert site.deployment.numbers(own) == [2, 1]
    assert site.state(own) == site.reached("support", **by_hand, metadata={"team": "cx", "note": "ann's"})


def test_all_kinds_in_one_apply(site: Site) -> None:
    workshop, deployment = site.workshop, site.deployment
    hand = deployment.create(name="By hand", context={"model": "hand"})["assistant_id"]
    ids = {key: workshop.manifest(key, context={"model": key}) for key in ("changed", "kept", "gone", "moved")}
    workshop.commit()
    workshop.apply()
    workshop.manifest("moved", context={"model": "moved"}, config={"tags": ["t"]})
    workshop.commit()
    workshop.apply()
    workshop.git("rm", "-q", "assistants/gone.yaml")
    workshop.manifest("changed", context={"model": "changed again"})
    workshop.manifest("moved", context={"model": "moved"})
    ids["new"] = workshop.manifest("new", context={"model": "new"})
    workshop.manifest("adopted", assistant_id=hand, name="Ours", context={"model": "hand"})
    workshop.commit()
    kept = deployment.get(ids["kept"])
    site.wire.reset()
    assert workshop.statuses("--prune", "--allow-deletes", "1") == {
        "adopted": "adopted", "changed": "updated", "gone": "deleted", "moved": "activated", "new": "created"
    }  # fmt: skip
    assert len(site.wire.writes) == 5
    numbers = {key: deployment.numbers(own) for key, own in (ids | {"adopted": hand}).items()}
    assert numbers == {
        "changed": [2, 1], "kept": [1], "gone": [], "moved": [2, 1], "new": [1], "adopted": [2, 1]
    }  # fmt: skip
    assert deployment.get(ids["kept"]) == kept
    assert deployment.get(ids["moved"])["version"] == 1
    assert deployment.locks() == []
    assert set(workshop.actions("--prune").values()) == {"keep"}


def test_orphans_are_shown_and_left_alone(site: Site) -> None:
    own = site.workshop.manifest("support", context={"model": "a"})
    site.workshop.manifest("other", context={"model": "b"})
    site.workshop.apply()
    site.workshop.remove("support")
    before = site.deployment.all()
    site.wire.reset()
    assert site.workshop.actions() == {"support": "orphan", "other": "keep"}
    assert site.workshop.apply()["outcomes"] == []
    assert site.wire.writes == []
    assert site.deployment.all() == before
    assert site.deployment.exists(own)


def test_delete_keeps_all_versions_in_the_archive(site: Site) -> None:
    own = site.workshop.manifest("support", context={"model": "a"})
    site.workshop.manifest("other", context={"model": "other"})
    site.workshop.apply()
    site.workshop.manifest("support", context={"model": "b"})
    site.workshop.apply()
    site.workshop.remove("support")
    assert site.workshop.statuses("--prune") == {"support": "deleted"}
    assert not site.deployment.exists(own)
    (file,) = (site.workshop.folder / "archive" / "local").iterdir()
    versions = json.loads(file.read_text())["versions"]
    assert [(row["version"], row["context"]) for row in versions] == [(2, {"model": "b"}), (1, {"model": "a"})]
    assert site.workshop.actions() == {"other": "keep"}


def test_a_default_assistant_is_refused_and_nothing_else_is_written(site: Site) -> None:
    default = next(iter(site.deployment.defaults.values()))
    site.workshop.manifest("mine", assistant_id=default["assistant_id"], graph_id=default["graph_id"])
    site.workshop.manifest("other", context={"model": "a"})
    before = site.deployment.all()
    site.wire.reset()
    assert site.workshop.run("apply").code in (3, 6)
    assert site.wire.writes == []
    assert site.deployment.all() == before
