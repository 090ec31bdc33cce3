"""A revert commit is the rollback, and a run of the graph is its proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy
    from tests.workshop import Workshop

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
    changed: list[str], workshop: Workshop, deployment: Deployment
) -> None:
    second = OLD | {field: NEW[field] for field in changed}
    own = workshop.manifest("support", **OLD)
    workshop.commit("old")
    workshop.apply()
    before = behaviour(deployment, own)
    workshop.manifest("support", **second)
    workshop.commit("new")
    workshop.apply()
    assert behaviour(deployment, own) != before
    workshop.revert()
    result = workshop.apply()
    assert result["converged"]
    assert behaviour(deployment, own) == before
    minted = len(deployment.versions(own)) - 2
    activated = not {"graph_id", "context"} & set(changed)
    assert [one["status"] for one in result["outcomes"]] == ["activated" if activated else "updated"]
    assert minted == (0 if activated else 1)
    assert workshop.actions() == {"support": "keep"}


def test_a_revert_of_a_revert_goes_forth_again(workshop: Workshop, deployment: Deployment) -> None:
    own = workshop.manifest("support", context={"model_name": "old"})
    workshop.commit()
    workshop.apply()
    workshop.manifest("support", context={"model_name": "new"})
    workshop.commit()
    for expected in ("new", "old", "new", "old"):
        workshop.apply()
        assert deployment.run(own)["seen"]["context"] == {"model_name": expected}
        workshop.revert()


def test_a_re_run_from_an_older_commit_is_refused_unless_older_is_allowed(
    workshop: Workshop, deployment: Deployment, proxy: Proxy
) -> None:
    own = workshop.manifest("support", context={"model_name": "old"})
    older = workshop.commit()
    workshop.apply()
    workshop.manifest("support", context={"model_name": "new"})
    newer = workshop.commit()
    workshop.apply()
    workshop.git("checkout", "-q", older)
    proxy.reset()
    run = workshop.run("apply").expect(6)
    assert newer[:12] in run.out
    assert "--allow-older" in run.out
    assert proxy.writes == []
    assert deployment.run(own)["seen"]["context"] == {"model_name": "new"}
    assert workshop.statuses("--allow-older") == {"support": "updated"}


def test_a_shallow_clone_cannot_tell_and_says_so(
    workshop: Workshop, deployment: Deployment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    workshop.manifest("support", context={"model_name": "old"})
    workshop.commit()
    workshop.apply()
    workshop.manifest("support", context={"model_name": "new"})
    workshop.commit()
    clone = tmp_path_factory.mktemp("clone")
    workshop.git("clone", "-q", "--depth", "1", f"file://{workshop.folder}", str(clone / "shallow"))
    workshop.folder = clone / "shallow"
    plan = workshop.plan()
    assert [change["action"] for change in plan["changes"]] == ["update"]
    assert "fetch-depth: 0" in plan["warnings"][0]["message"]
