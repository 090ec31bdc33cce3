"""``doctor`` on every server: it tells those that restore versions whole from the others, and leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject


def test_it_changes_nothing(project: ConformanceProject) -> None:
    project.repository.manifest("support", context={"model": "a"})
    before = project.deployment.all()
    document = project.repository.run("doctor", "--format", "json").expect(0).json
    assert project.wire.writes == []
    assert project.deployment.all() == before
    assert {check["state"] for check in document["checks"]} <= {"ok", "warning"}
    assert document["page_size"] == project.can.page


def test_the_probe_tells_what_the_server_restores_and_leaves_nothing_behind(project: ConformanceProject) -> None:
    project.repository.manifest("support", context={"model": "a"})
    before = project.deployment.all()
    document = project.repository.run("doctor", "--probe", "--format", "json").expect(0).json
    assert project.deployment.all() == before
    told = document["probe"]["set_latest"]
    assert set(told["restores"]) == project.can.restored - set(told["unmeasured"])
    assert document["probe"]["mirrors_context"] == project.can.mirrors
    assert document["activation"] == ("full" if project.can.restores_all else "safe")
    is_sound = project.can.restores_all and project.can.mirrors and document["probe"]["lists_lightly"]
    assert document["measured_version"] == (document["server"]["version"] if is_sound else None)
