"""What git does not own stays as it is, whole rows compared; what it takes over is named by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.identity import derived_id
from tests.workshop import PROJECT

if TYPE_CHECKING:
    from tests.conformance.site import Site
    from tests.servers.official import Row


def neighbours(site: Site) -> list[Row]:
    """What others made: without a stamp, with another project's, and a copy of one of ours."""
    deployment = site.deployment
    plain = deployment.create(name="By hand", context={"model": "hand"}, metadata={"team": "cx"})
    foreign = deployment.create(name="Theirs", context={"model": "theirs"})["assistant_id"]
    stamp = {"project": "other", "key": "theirs", "id": foreign}
    deployment.patch(foreign, context={"model": "theirs"}, metadata={"assistant_sync": stamp})
    copied = {"project": PROJECT, "key": "support", "id": derived_id(PROJECT, "support")}
    deployment.create(name="Copy", context={"model": "copy"}, metadata={"assistant_sync": copied})
    deployment.create(graph_id="research_agent", name="Other graph", context={"model": "hand"})
    assert plain in deployment.users()
    return deployment.all()


def test_neighbours_and_default_assistants_stay_as_they_are_whatever_is_applied(site: Site) -> None:
    before = neighbours(site)
    numbers = {row["assistant_id"]: site.deployment.numbers(row["assistant_id"]) for row in before}
    workshop = site.workshop
    for round_ in range(2):
        workshop.manifest("support", context={"model": f"support {round_}"})
        workshop.manifest("gone", context={"model": f"gone {round_}"})
        workshop.commit()
        workshop.apply()
    workshop.revert()
    workshop.apply()
    workshop.remove("gone")
    workshop.manifest("next", context={"model": "next"})
    workshop.commit()
    assert workshop.statuses("--prune", "--allow-deletes", "9") == {"next": "created", "gone": "deleted"}
    now = site.deployment.all()
    assert [row for row in now if row["assistant_id"] in numbers] == before
    assert {own: site.deployment.numbers(own) for own in numbers} == numbers
    ours = {derived_id(PROJECT, key) for key in ("support", "next")}
    assert {row["assistant_id"] for row in now} == set(numbers) | ours


def test_no_manifest_at_all_and_pruning_deletes_nothing_of_others(site: Site) -> None:
    before = neighbours(site)
    workshop = site.workshop
    workshop.manifest("a", context={"model": "a"})
    workshop.apply()
    workshop.remove("a")
    workshop.write("assistants/.gitkeep", "")
    assert workshop.run("apply", "--prune").code == 6
    assert workshop.statuses("--prune", "--allow-deletes", "1") == {"a": "deleted"}
    assert site.deployment.all() == before


def test_an_adopted_assistant_is_changed_alone_and_its_history_is_kept(site: Site) -> None:
    before = {row["assistant_id"]: row for row in neighbours(site)}
    own = next(own for own, row in before.items() if row["name"] == "By hand")
    fields = {"name": "Ours", "context": {"model": "ours"}, "metadata": {"team": "ux"}}
    site.workshop.manifest("support", assistant_id=own, **fields)
    assert site.workshop.actions() == {"support": "adopt"}
    assert site.workshop.statuses() == {"support": "adopted"}
    assert site.deployment.numbers(own) == [2, 1]
    assert site.deployment.versions(own)[1]["name"] == "By hand"
    assert site.state(own) == site.reached("support", **fields)
    del before[own]
    assert {row["assistant_id"]: row for row in site.deployment.all() if row["assistant_id"] != own} == before
    site.workshop.manifest("support", assistant_id=own, **{**fields, "context": {"model": "again"}})
    assert site.workshop.statuses() == {"support": "updated"}
    assert site.deployment.numbers(own) == [3, 2, 1]


def test_an_assistant_of_another_target_is_refused(site: Site) -> None:
    own = site.workshop.manifest("support", context={"model": "a"})
    site.workshop.apply()
    site.workshop.configure(site.wire.url, name="production")
    site.workshop.manifest("support", context={"model": "b"})
    before = site.deployment.get(own)
    assert "--retarget" in site.workshop.run("apply").expect(6).out
    assert site.deployment.get(own) == before
    assert site.workshop.statuses("--retarget") == {"support": "updated"}
