"""Two applies at once: one does the work, the other waits and finds it done; no lock is left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conformance.site import Site
    from tests.servers.proxy import Answer, Forward, Request
    from tests.servers.warm import Running, Warm

SPEED = 5
"""How much faster the clocks of the applies run, so that they look at the lock more often."""

COMMAND = ("apply", "--format", "json", "--timeout", "300", "--lock-timeout", "3000")


@pytest.mark.parametrize("change", ["create", "update"])
def test_each_change_is_made_once(change: str, site: Site, warm: Warm) -> None:
    keys = [f"a{number}" for number in range(6)]
    if change == "update":
        for key in keys:
            site.workshop.manifest(key, context={"model": key, "round": 0})
        site.workshop.commit()
        site.workshop.apply()
    ids = {key: site.workshop.manifest(key, context={"model": key, "round": 1}) for key in keys}
    site.workshop.commit()
    pair = [warm.start(site.workshop.folder, *COMMAND, speed=SPEED) for _ in range(2)]
    told = [one.wait().expect(0).json for one in pair]
    done = sorted(one["key"] for result in told for one in result["outcomes"])
    assert done == keys
    numbers = {key: site.deployment.numbers(own) for key, own in ids.items()}
    assert numbers == dict.fromkeys(keys, [2, 1] if change == "update" else [1])
    assert site.deployment.locks() == []
    assert site.workshop.actions() == dict.fromkeys(keys, "keep")


def test_one_that_begins_while_the_other_writes_waits_for_it(site: Site, warm: Warm) -> None:
    own = site.workshop.manifest("support", context={"model": "a"})
    site.workshop.apply()
    site.workshop.manifest("support", context={"model": "b"})
    site.workshop.commit()
    held: list[int] = []
    beside: list[Running] = []

    def meddle(request: Request, forward: Forward) -> Answer:
        if request.is_write and not beside:
            held.append(len(site.deployment.locks()))
            beside.append(warm.start(site.workshop.folder, *COMMAND, "--url", site.deployment.url, speed=SPEED))
        return forward(request)

    site.wire.meddle = meddle
    assert site.workshop.statuses() == {"support": "updated"}
    assert held == [1]
    assert beside[0].wait().expect(0).json["outcomes"] == []
    assert site.deployment.numbers(own) == [2, 1]
    assert site.deployment.locks() == []


def test_an_apply_that_fails_leaves_no_lock(site: Site) -> None:
    own = site.workshop.manifest("support", context={"model": "a"})
    site.workshop.apply()
    site.workshop.manifest("support", context={"model": "b"})

    def meddle(request: Request, forward: Forward) -> Answer:
        if request.method == "PATCH" and site.deployment.exists(own):
            site.deployment.delete(own)
        return forward(request)

    site.wire.meddle = meddle
    assert site.workshop.run("apply").code != 0
    assert site.deployment.locks() == []
