"""Where nothing differs, nothing is written: no version, and no row of the lock either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.site import Site

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
def test_an_equal_deployment_is_not_written_to(activation: str, site: Site) -> None:
    site.workshop.configure(site.wire.url, activation=activation)
    manifests = {"full": FULL, "sparse": SPARSE, "configurable": CONFIGURABLE}
    ids = {key: site.workshop.manifest(key, **fields) for key, fields in manifests.items()}
    site.workshop.commit()
    assert set(site.workshop.statuses().values()) == {"created"}
    before = site.deployment.all()
    site.wire.reset()
    for _ in range(3):
        result = site.workshop.apply()
        assert (result["outcomes"], result["converged"]) == ([], True)
        assert result["summary"]["unchanged"] == len(manifests)
    site.workshop.run("plan", "--detailed-exitcode").expect(0)
    assert [request for request in site.wire.requests if request.is_write or request.is_lock] == []
    assert site.deployment.all() == before
    for key, own in ids.items():
        assert site.deployment.numbers(own) == [1]
        assert site.deployment.content(own) == site.wanted(key, **manifests[key])
