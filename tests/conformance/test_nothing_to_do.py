"""Where nothing differs, nothing is written: no version, and no row of the lock either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject

FULL: dict[str, Any] = {
    "name": "Support",
    "description": "Answers customers",
    "context": {"model": "a", "system_prompt": "Be kind.\n", "temperature": 0.5, "tools": ["search", "refund"]},
    "config": {"recursion_limit": 50, "tags": ["cx", "prod"]},
    "metadata": {"team": "cx", "tier": 1, "nested": {"a": [1, None, {}]}},
}
SPARSE: dict[str, Any] = {"context": {"model": "b"}}
CONFIGURABLE: dict[str, Any] = {"config": {"configurable": {"model": "c"}, "tags": ["c"]}}


@pytest.mark.parametrize("activation", ["safe", "full", "never"])
def test_an_equal_deployment_is_not_written_to(activation: str, project: ConformanceProject) -> None:
    project.repository.configure(project.wire.url, activation=activation)
    manifests = {"full": FULL, "sparse": SPARSE, "configurable": CONFIGURABLE}
    ids = {key: project.repository.manifest(key, **fields) for key, fields in manifests.items()}
    project.repository.commit()
    assert set(project.repository.statuses().values()) == {"created"}
    before = project.deployment.all()
    project.wire.reset()
    for _ in range(3):
        result = project.repository.apply()
        assert (result["outcomes"], result["converged"]) == ([], True)
        assert result["summary"]["unchanged"] == len(manifests)
    project.repository.run("plan", "--detailed-exitcode").expect(0)
    assert [request for request in project.wire.requests if request.is_write or request.is_lock] == []
    assert project.deployment.all() == before
    for key, own in ids.items():
        assert project.deployment.numbers(own) == [1]
        assert project.deployment.content(own) == project.wanted(key, **manifests[key])
