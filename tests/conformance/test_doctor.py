"""``doctor`` on every server: it tells those that restore versions whole from the others, and leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conformance.site import Site


def test_it_changes_nothing(site: Site) -> None:
    site.workshop.manifest("support", context={"model": "a"})
    before = site.deployment.all()
    document = site.workshop.run("doctor", "--format", "json").expect(0).json
    assert site.wire.writes == []
    assert site.deployment.all() == before
    assert {check["state"] for check in document["checks"]} <= {"ok", "warning"}
    assert document["page_size"] == site.can.page


def test_the_probe_tells_what_the_server_restores_and_leaves_nothing_behind(site: Site) -> None:
    site.workshop.manifest("support", context={"model": "a"})
    before = site.deployment.all()
    document = site.workshop.run("doctor", "--probe", "--format", "json").expect(0).json
    assert site.deployment.all() == before
    told = document["probe"]["set_latest"]
    assert set(told["restores"]) == site.can.restored - set(told["unmeasured"])
    assert document["probe"]["mirrors_context"] == site.can.mirrors
    assert document["activation"] == ("full" if site.can.restores_all else "safe")
