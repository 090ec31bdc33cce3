"""Crons go with their assistant: counted before, listed and archived after; a server without crons deletes as ever."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject

SCHEDULE = "0 3 * * *"


def test_what_a_delete_takes_along_is_shown_listed_and_kept(project: ConformanceProject) -> None:
    project.repository.configure(project.wire.url, archive="archive")
    own = project.repository.manifest("nightly", context={"model": "a"})
    project.repository.manifest("other", context={"model": "b"})
    project.repository.apply()
    has_crons = project.deployment.try_cron(own, SCHEDULE).is_success and bool(project.deployment.crons(own))
    before = project.deployment.crons(own) if has_crons else []
    project.repository.remove("nightly")
    plan = project.repository.plan("--prune")
    (change,) = [one for one in plan["changes"] if one["key"] == "nightly"]
    assert (change["action"], change["crons"], plan["warnings"]) == ("delete", len(before), [])
    result = project.repository.apply("--prune")
    (outcome,) = result["outcomes"]
    assert outcome["status"] == "deleted"
    assert [one["schedule"] for one in outcome["crons"]] == [SCHEDULE] * len(before)
    (archive,) = (project.repository.folder / "archive").rglob("*.json")
    archived = json.loads(archive.read_text("utf-8"))["crons"]
    assert [one["cron_id"] for one in archived] == [one["cron_id"] for one in before]
    assert all(one["payload"]["input"] == {"question": "nightly"} for one in archived)
    if has_crons:
        assert project.deployment.crons(own) == []
