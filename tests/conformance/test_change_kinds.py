"""Every kind of change: one version for each assistant that changes, none for a moved pointer, no touch for others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject


def test_create_makes_one_version_that_says_exactly_the_manifest(project: ConformanceProject) -> None:
    fields = {"description": "d", "context": {"model": "a"}, "config": {"tags": ["t"]}, "metadata": {"team": "cx"}}
    own = project.repository.manifest("support", **fields)
    sha = project.repository.commit()
    (outcome,) = project.repository.apply()["outcomes"]
    assert (outcome["status"], outcome["version_before"], outcome["version_after"]) == ("created", None, 1)
    assert project.deployment.numbers(own) == [1]
    assert project.deployment.get(own)["metadata"]["assistant_sync"]["commit"] == sha
    assert project.state(own) == project.reached("support", **fields)


def test_update_makes_one_version_whatever_differs(project: ConformanceProject) -> None:
    own = project.repository.manifest("support", context={"model": "a"}, config={"recursion_limit": 9})
    project.repository.apply()
    fields = {
        "graph_id": "research_agent", "name": "Research", "description": "d", "context": {"system_prompt": "b"},
        "config": {"tags": ["t"]}, "metadata": {"team": "r"},
    }  # fmt: skip
    project.repository.manifest("support", **fields)
    (outcome,) = project.repository.apply()["outcomes"]
    assert (outcome["status"], outcome["version_before"], outcome["version_after"]) == ("updated", 1, 2)
    assert project.deployment.numbers(own) == [2, 1]
    assert project.state(own) == project.reached("support", **fields)
    if seen := project.seen(own):
        assert (seen["graph"], seen["context"], seen["tags"]) == ("research_agent", {"system_prompt": "b"}, ["t"])


def test_a_pointer_moves_back_without_a_version_where_nothing_is_lost_by_it(project: ConformanceProject) -> None:
    """Tags come back on every server that is known; that is why this may happen without being asked for."""
    own = project.repository.manifest("support", context={"model": "a"}, config={"tags": ["one"]})
    project.repository.commit()
    project.repository.apply()
    project.repository.manifest("support", context={"model": "a"}, config={"tags": ["two"]})
    project.repository.commit()
    project.repository.apply()
    project.repository.revert()
    assert project.repository.actions() == {"support": "activate"}
    assert project.repository.statuses() == {"support": "activated"}
    assert project.deployment.numbers(own) == [2, 1]
    assert project.deployment.get(own)["version"] == 1
    assert project.state(own) == project.reached("support", context={"model": "a"}, config={"tags": ["one"]})


def test_safe_updates_where_a_moved_pointer_might_mix_two_versions(project: ConformanceProject) -> None:
    own = project.repository.manifest("support", context={"model": "a"})
    project.repository.commit()
    project.repository.apply()
    project.repository.manifest("support", context={"model": "b"})
    project.repository.commit()
    project.repository.apply()
    project.repository.revert()
    assert project.repository.actions() == {"support": "update"}
    assert project.repository.statuses() == {"support": "updated"}
    assert project.deployment.numbers(own) == [3, 2, 1]
    assert project.state(own) == project.reached("support", context={"model": "a"})


def test_adopt_takes_over_by_id_in_one_version_and_keeps_what_it_does_not_own(project: ConformanceProject) -> None:
    by_hand = {"name": "By hand", "context": {"model": "x"}, "config": {"tags": ["hand"]}}
    there = project.deployment.create(**by_hand, metadata={"team": "cx", "note": "ann's"})
    own = there["assistant_id"]
    project.repository.manifest("support", assistant_id=own, **by_hand, metadata={"team": "cx"})
    (change,) = project.repository.plan()["changes"]
    assert (change["action"], change["fields"]) == ("adopt", [])
    assert project.repository.statuses() == {"support": "adopted"}
    assert project.deployment.numbers(own) == [2, 1]
    assert project.state(own) == project.reached("support", **by_hand, metadata={"team": "cx", "note": "ann's"})


def test_all_kinds_in_one_apply(project: ConformanceProject) -> None:
    repository, deployment = project.repository, project.deployment
    hand = deployment.create(name="By hand", context={"model": "hand"})["assistant_id"]
    ids = {key: repository.manifest(key, context={"model": key}) for key in ("changed", "kept", "gone", "moved")}
    repository.commit()
    repository.apply()
    repository.manifest("moved", context={"model": "moved"}, config={"tags": ["t"]})
    repository.commit()
    repository.apply()
    repository.git("rm", "-q", "assistants/gone.yaml")
    repository.manifest("changed", context={"model": "changed again"})
    repository.manifest("moved", context={"model": "moved"})
    ids["new"] = repository.manifest("new", context={"model": "new"})
    repository.manifest("adopted", assistant_id=hand, name="Ours", context={"model": "hand"})
    repository.commit()
    kept = deployment.get(ids["kept"])
    project.wire.reset()
    assert repository.statuses("--prune", "--allow-deletes", "1") == {
        "adopted": "adopted", "changed": "updated", "gone": "deleted", "moved": "activated", "new": "created"
    }  # fmt: skip
    assert len(project.wire.writes) == 5
    numbers = {key: deployment.numbers(own) for key, own in (ids | {"adopted": hand}).items()}
    assert numbers == {
        "changed": [2, 1], "kept": [1], "gone": [], "moved": [2, 1], "new": [1], "adopted": [2, 1]
    }  # fmt: skip
    assert deployment.get(ids["kept"]) == kept
    assert deployment.get(ids["moved"])["version"] == 1
    assert deployment.locks() == []
    assert set(repository.actions("--prune").values()) == {"keep"}


def test_orphans_are_shown_and_left_alone(project: ConformanceProject) -> None:
    own = project.repository.manifest("support", context={"model": "a"})
    project.repository.manifest("other", context={"model": "b"})
    project.repository.apply()
    project.repository.remove("support")
    before = project.deployment.all()
    project.wire.reset()
    assert project.repository.actions() == {"support": "orphan", "other": "keep"}
    assert project.repository.apply()["outcomes"] == []
    assert project.wire.writes == []
    assert project.deployment.all() == before
    assert project.deployment.exists(own)


def test_delete_keeps_all_versions_in_the_archive(project: ConformanceProject) -> None:
    own = project.repository.manifest("support", context={"model": "a"})
    project.repository.manifest("other", context={"model": "other"})
    project.repository.apply()
    project.repository.manifest("support", context={"model": "b"})
    project.repository.apply()
    project.repository.remove("support")
    assert project.repository.statuses("--prune") == {"support": "deleted"}
    assert not project.deployment.exists(own)
    (file,) = (project.repository.folder / "archive" / "local").iterdir()
    versions = json.loads(file.read_text())["versions"]
    assert [(row["version"], row["context"]) for row in versions] == [(2, {"model": "b"}), (1, {"model": "a"})]
    assert project.repository.actions() == {"other": "keep"}


def test_a_default_assistant_is_refused_and_nothing_else_is_written(project: ConformanceProject) -> None:
    default = next(iter(project.deployment.defaults.values()))
    project.repository.manifest("mine", assistant_id=default["assistant_id"], graph_id=default["graph_id"])
    project.repository.manifest("other", context={"model": "a"})
    before = project.deployment.all()
    project.wire.reset()
    assert project.repository.run("apply").code in (3, 6)
    assert project.wire.writes == []
    assert project.deployment.all() == before
