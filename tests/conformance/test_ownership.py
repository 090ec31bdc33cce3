"""What git does not own stays as it is, whole rows compared; what it takes over is named by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.identity import derived_id
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject
    from tests.servers.official import Row


def neighbours(project: ConformanceProject) -> list[Row]:
    """What others made: without a stamp, with another project's, and a copy of one of ours."""
    deployment = project.deployment
    plain = deployment.create(name="By hand", context={"model": "hand"}, metadata={"team": "cx"})
    foreign = deployment.create(name="Theirs", context={"model": "theirs"})["assistant_id"]
    stamp = {"project": "other", "key": "theirs", "id": foreign}
    deployment.patch(foreign, context={"model": "theirs"}, metadata={"assistant_sync": stamp})
    copied = {"project": PROJECT, "key": "support", "id": derived_id(PROJECT, "support")}
    deployment.create(name="Copy", context={"model": "copy"}, metadata={"assistant_sync": copied})
    deployment.create(graph_id="research_agent", name="Other graph", context={"model": "hand"})
    assert plain in deployment.users()
    return deployment.all()


def test_neighbours_and_default_assistants_stay_as_they_are_whatever_is_applied(project: ConformanceProject) -> None:
    before = neighbours(project)
    numbers = {row["assistant_id"]: project.deployment.numbers(row["assistant_id"]) for row in before}
    repository = project.repository
    for round_ in range(2):
        repository.manifest("support", context={"model": f"support {round_}"})
        repository.manifest("gone", context={"model": f"gone {round_}"})
        repository.commit()
        repository.apply()
    repository.revert()
    repository.apply()
    repository.remove("gone")
    repository.manifest("next", context={"model": "next"})
    repository.commit()
    assert repository.statuses("--prune", "--allow-deletes", "9") == {"next": "created", "gone": "deleted"}
    now = project.deployment.all()
    assert [row for row in now if row["assistant_id"] in numbers] == before
    assert {own: project.deployment.numbers(own) for own in numbers} == numbers
    ours = {derived_id(PROJECT, key) for key in ("support", "next")}
    assert {row["assistant_id"] for row in now} == set(numbers) | ours


def test_no_manifest_at_all_and_pruning_deletes_nothing_of_others(project: ConformanceProject) -> None:
    before = neighbours(project)
    repository = project.repository
    repository.manifest("a", context={"model": "a"})
    repository.apply()
    repository.remove("a")
    repository.write("assistants/.gitkeep", "")
    assert repository.run("apply", "--prune").code == 6
    assert repository.statuses("--prune", "--allow-deletes", "1") == {"a": "deleted"}
    assert project.deployment.all() == before


def test_an_adopted_assistant_is_changed_alone_and_its_history_is_kept(project: ConformanceProject) -> None:
    before = {row["assistant_id"]: row for row in neighbours(project)}
    own = next(own for own, row in before.items() if row["name"] == "By hand")
    fields = {"name": "Ours", "context": {"model": "ours"}, "metadata": {"team": "ux"}}
    project.repository.manifest("support", assistant_id=own, **fields)
    assert project.repository.actions() == {"support": "adopt"}
    assert project.repository.statuses() == {"support": "adopted"}
    assert project.deployment.numbers(own) == [2, 1]
    assert project.deployment.versions(own)[1]["name"] == "By hand"
    assert project.state(own) == project.reached("support", **fields)
    del before[own]
    assert {row["assistant_id"]: row for row in project.deployment.all() if row["assistant_id"] != own} == before
    project.repository.manifest("support", assistant_id=own, **{**fields, "context": {"model": "again"}})
    assert project.repository.statuses() == {"support": "updated"}
    assert project.deployment.numbers(own) == [3, 2, 1]


def test_an_assistant_of_another_target_is_refused(project: ConformanceProject) -> None:
    own = project.repository.manifest("support", context={"model": "a"})
    project.repository.apply()
    project.repository.configure(project.wire.url, name="production")
    project.repository.manifest("support", context={"model": "b"})
    before = project.deployment.get(own)
    assert "--retarget" in project.repository.run("apply").expect(6).out
    assert project.deployment.get(own) == before
    assert project.repository.statuses("--retarget") == {"support": "updated"}
