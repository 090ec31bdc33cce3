"""A revert commit is the rollback, and a run of the graph is its proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy

OLD: dict[str, Any] = {
    "graph_id": "support_agent",
    "name": "Old",
    "description": "old",
    "context": {"model_name": "old", "system_prompt": "Be kind.\nBe brief.\n", "tools": ["a"]},
    "config": {"recursion_limit": 11, "tags": ["old"]},
    "metadata": {"team": "old", "only_old": True},
}
NEW: dict[str, Any] = {
    "graph_id": "research_agent",
    "name": "New",
    "description": "new",
    "context": {"model_name": "new", "depth": "deep"},
    "config": {"recursion_limit": 22, "tags": ["new"]},
    "metadata": {"team": "new", "only_new": [1]},
}
FIELDS = list(OLD)


def behaviour(deployment: Deployment, own: str) -> dict[str, Any]:
    """All six fields as the server tells them, and what a run really receives."""
    row = deployment.get(own)
    metadata = {k: v for k, v in row["metadata"].items() if k != "assistant_sync" and v is not None}
    fields = {name: row[name] for name in ("graph_id", "name", "description", "context", "config")}
    return {**fields, "metadata": metadata, "run": deployment.run(own)["seen"]}


@pytest.mark.parametrize("changed", [FIELDS, *([field] for field in FIELDS)], ids=lambda fields: "+".join(fields))
def test_a_revert_restores_every_field_with_at_most_one_new_version(
    changed: list[str], project: ProjectFixture, deployment: Deployment
) -> None:
    project.allow_any_context()  # each field changes alone, whether or not the other graph takes the same context
    second = OLD | {field: NEW[field] for field in changed}
    own = project.manifest("support", **OLD)
    project.commit("old")
    project.apply()
    before = behaviour(deployment, own)
    project.manifest("support", **second)
    project.commit("new")
    project.apply()
    assert behaviour(deployment, own) != before
    project.revert()
    result = project.apply()
    assert result["converged"]
    assert behaviour(deployment, own) == before
    minted = len(deployment.versions(own)) - 2
    activated = not {"graph_id", "context"} & set(changed)
    assert [one["status"] for one in result["outcomes"]] == ["activated" if activated else "updated"]
    assert minted == (0 if activated else 1)
    assert project.actions() == {"support": "keep"}


def test_a_revert_of_a_revert_goes_forth_again(project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support", context={"model_name": "old"})
    project.commit()
    project.apply()
    project.manifest("support", context={"model_name": "new"})
    project.commit()
    for expected in ("new", "old", "new", "old"):
        project.apply()
        assert deployment.run(own)["seen"]["context"] == {"model_name": expected}
        project.revert()


def test_a_re_run_from_an_older_commit_is_refused_unless_older_is_allowed(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support", context={"model_name": "old"})
    older = project.commit()
    project.apply()
    project.manifest("support", context={"model_name": "new"})
    newer = project.commit()
    project.apply()
    project.git("checkout", "-q", older)
    proxy.reset()
    run = project.run("apply").expect(6)
    assert newer[:12] in run.out
    assert "--allow-older" in run.out
    assert proxy.writes == []
    assert deployment.run(own)["seen"]["context"] == {"model_name": "new"}
    assert project.statuses("--allow-older") == {"support": "updated"}


def test_a_shallow_clone_cannot_tell_and_says_so(
    project: ProjectFixture, deployment: Deployment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project.manifest("support", context={"model_name": "old"})
    project.commit()
    project.apply()
    project.manifest("support", context={"model_name": "new"})
    project.commit()
    clone = tmp_path_factory.mktemp("clone")
    project.git("clone", "-q", "--depth", "1", f"file://{project.folder}", str(clone / "shallow"))
    project.folder = clone / "shallow"
    plan = project.plan()
    assert [change["action"] for change in plan["changes"]] == ["update"]
    assert "fetch-depth: 0" in plan["warnings"][0]["message"]
