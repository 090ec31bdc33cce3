"""An assistant that is renamed, and a project that is: id, versions and runs on the real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.model.identity import derived_id
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy

FIELDS: dict[str, Any] = {"name": "Support", "context": {"model_name": "a"}}


def numbers(deployment: Deployment, own: str) -> list[int]:
    return [row["version"] for row in deployment.versions(own)]


def stamp_of(deployment: Deployment, own: str) -> dict[str, Any]:
    found: dict[str, Any] = deployment.get(own)["metadata"]["assistant_sync"]
    return found


def begin(project: ProjectFixture) -> str:
    """One assistant that is as its manifest wants it; its id."""
    own = project.manifest("helpdesk", **FIELDS)
    project.commit()
    project.apply()
    return own


def move(project: ProjectFixture, old: str, new: str, moved_from: str | list[str]) -> None:
    project.git("mv", f"assistants/{old}.yaml", f"assistants/{new}.yaml")
    project.manifest(new, **FIELDS, moved_from=moved_from)
    project.commit()


def test_a_rename_is_exactly_one_version_with_the_same_id_and_it_still_runs(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = begin(project)
    move(project, "helpdesk", "support", "helpdesk")
    (change,) = project.plan("--prune")["changes"]
    assert (change["action"], change["key"], change["assistant_id"]) == ("update", "support", own)
    assert (change["reason"], change["renamed_from"], change["fields"]) == ("renamed from helpdesk", "helpdesk", [])
    assert "renamed from helpdesk" in project.run("plan").out
    proxy.reset()
    result = project.apply("--prune")
    assert result["converged"]
    assert [(one["key"], one["status"], one["version_after"]) for one in result["outcomes"]] == [
        ("support", "updated", 2)
    ]
    assert [row["assistant_id"] for row in deployment.users()] == [own]
    assert numbers(deployment, own) == [2, 1]
    assert stamp_of(deployment, own)["key"] == "support"
    assert deployment.run(own)["seen"]["context"] == {"model_name": "a"}
    assert project.actions("--prune") == {"support": "keep"}
    assert project.run("plan", "--detailed-exitcode").code == 0


def test_a_second_rename_needs_both_keys_and_is_one_version_more(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = begin(project)
    move(project, "helpdesk", "support", "helpdesk")
    project.apply()
    move(project, "support", "service", "support")
    proxy.reset()
    refused = project.run("apply", "--prune").expect(6)
    assert "put this line into the manifest: moved_from: [helpdesk, support]" in refused.out
    assert proxy.writes == []
    project.manifest("service", **FIELDS, moved_from=["helpdesk", "support"])
    project.commit()
    assert project.statuses("--prune") == {"service": "updated"}
    assert numbers(deployment, own) == [3, 2, 1]
    assert project.actions("--prune") == {"service": "keep"}


def test_a_revert_of_a_rename_brings_the_key_back_without_a_new_version(
    project: ProjectFixture, deployment: Deployment
) -> None:
    own = begin(project)
    move(project, "helpdesk", "support", "helpdesk")
    project.apply()
    for key in ("helpdesk", "support"):
        project.revert()
        result = project.apply("--prune")
        assert result["converged"]
        assert [(one["key"], one["status"]) for one in result["outcomes"]] == [(key, "activated")]
        assert (stamp_of(deployment, own)["key"], numbers(deployment, own)) == (key, [2, 1])
        assert project.actions("--prune") == {key: "keep"}


def test_on_a_deployment_that_never_had_it_it_is_made_with_the_same_id(
    project: ProjectFixture, deployment: Deployment
) -> None:
    project.manifest("service", **FIELDS, moved_from=["helpdesk", "support"])
    assert project.statuses() == {"service": "created"}
    (row,) = deployment.users()
    assert row["assistant_id"] == derived_id(PROJECT, "helpdesk")
    assert deployment.run(row["assistant_id"])["seen"]["context"] == {"model_name": "a"}


def test_a_renamed_project_keeps_its_assistants_and_writes_only_what_changes(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own, other = begin(project), project.manifest("sales", name="Sales")
    project.apply()
    project.configure(proxy.url, project="acme-service", former_projects=[PROJECT])
    project.commit()
    proxy.reset()
    assert project.statuses("--prune") == {}
    assert proxy.writes == []
    project.manifest("helpdesk", **{**FIELDS, "description": "new"})
    project.manifest("late", name="Late")
    assert project.statuses("--prune") == {"helpdesk": "updated", "late": "created"}
    assert (numbers(deployment, own), numbers(deployment, other)) == ([2, 1], [1])
    projects = {row["assistant_id"]: row["metadata"]["assistant_sync"]["project"] for row in deployment.users()}
    assert projects == {own: "acme-service", other: PROJECT, derived_id(PROJECT, "late"): "acme-service"}
    assert set(project.actions("--prune").values()) == {"keep"}
    history = project.run("history", "helpdesk", "--format", "json").expect(0).json
    assert [one["version"] for one in history["versions"]] == [2, 1]


def test_without_the_former_name_nothing_is_written_over_or_made_twice(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = begin(project)
    project.configure(proxy.url, project="acme-service", former_projects=[PROJECT])
    project.manifest("helpdesk", **{**FIELDS, "description": "new"})
    project.apply()
    project.configure(proxy.url, project="acme-service")
    refused = project.run("apply", "--prune").expect(6)
    assert f"put this line into the project file: former_projects: [{PROJECT}]" in refused.out
    assert [row["assistant_id"] for row in deployment.users()] == [own]
