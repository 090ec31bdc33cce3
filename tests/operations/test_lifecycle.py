"""``lifecycle.prevent_delete`` from manifest to refusal, on a deployment in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.change import Refuse, Update
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.planning.policy import Allowance
from tests.applying.memory_deployment import statuses

if TYPE_CHECKING:
    from tests.operations.memory_project import MemoryProject

PROTECTED = {"prevent_delete": True}


def test_a_protected_manifest_that_is_applied_needs_no_further_write(project: MemoryProject) -> None:
    own = project.manifest("support", lifecycle=PROTECTED)
    project.settle()
    assert project.deployment.get(own)["metadata"][STAMP_KEY]["prevent_delete"] is True
    project.settle()
    assert (project.sent, project.numbers(own)) == ([], [1])


def test_fifty_manifests_that_are_protected_later_get_one_version_each_and_no_more(project: MemoryProject) -> None:
    keys = [f"k{number:02}" for number in range(50)]
    owns = [project.manifest(key) for key in keys]
    project.settle()
    for key in keys:
        project.manifest(key, lifecycle=PROTECTED)
    made = project.planned()
    assert all(isinstance(change, Update) and not change.fields for change in made.changes)
    project.settle()
    assert {tuple(project.numbers(own)) for own in owns} == {(1, 2)}
    assert all(project.deployment.get(own)["metadata"][STAMP_KEY]["prevent_delete"] is True for own in owns)
    project.settle()
    assert project.sent == []


def test_removing_the_line_activates_the_version_without_it_or_writes_one(project: MemoryProject) -> None:
    project.manifest("old")
    project.settle()
    old = project.manifest("old", lifecycle=PROTECTED)
    new = project.manifest("new", lifecycle=PROTECTED)
    project.settle()
    project.manifest("old")
    project.manifest("new")
    project.settle()
    assert (project.deployment.get(old)["version"], project.numbers(old)) == (1, [1, 2])
    assert (project.deployment.get(new)["version"], project.numbers(new)) == (2, [1, 2])
    stamps = [project.deployment.get(own)["metadata"][STAMP_KEY] for own in (old, new)]
    assert all("prevent_delete" not in stamp for stamp in stamps)
    project.settle()
    assert project.sent == []


def test_a_server_that_keeps_the_stamp_when_it_activates_is_healed(project: MemoryProject) -> None:
    project.manifest("support")
    project.settle()
    own = project.manifest("support", lifecycle=PROTECTED)
    project.settle()
    project.manifest("support")
    kept = project.deployment.get(own)["metadata"]

    def forget(row: dict[str, object]) -> None:
        row["metadata"] = kept

    project.deployment.latest_quirk = forget
    (outcome,) = project.applied().result.outcomes  # type: ignore[union-attr] # it is not refused
    assert (outcome.status.value, outcome.healed_from, outcome.version_after) == ("updated", 1, 3)
    assert "prevent_delete" not in project.deployment.get(own)["metadata"][STAMP_KEY]


def test_one_whose_manifest_is_gone_stops_the_apply_and_stays(project: MemoryProject) -> None:
    own = project.manifest("support", lifecycle=PROTECTED)
    project.manifest("faq")
    other = project.manifest("legacy")
    project.settle()
    project.remove("support")
    project.remove("legacy")
    run = project.applied(prune=True, allowance=Allowance(deletes=5))
    assert run.result is None
    assert [change.key for change in run.planned.plan.changes if isinstance(change, Refuse)] == ["support"]
    assert project.deployment.exists(own)
    assert project.deployment.exists(other)


def test_the_way_out_of_the_refusal_leads_out(project: MemoryProject) -> None:
    own = project.manifest("support", lifecycle=PROTECTED)
    project.manifest("faq")
    project.settle()
    project.manifest("support")
    project.settle()
    project.remove("support")
    result = project.applied(prune=True, allowance=Allowance(deletes=1)).result
    assert result is not None
    assert statuses(result) == {"support": "deleted"}
    assert not project.deployment.exists(own)
