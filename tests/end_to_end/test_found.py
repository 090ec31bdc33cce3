"""What the machine, the kills and the concurrent applies have found: each once more, by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.end_to_end.machine_truth import own_id
from tests.fast_time import fast_time
from tests.servers.proxy import RESET
from tests.workshop import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.official import Deployment
    from tests.servers.proxy import Answer, Forward, Meddle, Proxy, Request
    from tests.workshop import Workshop


def before(method: str, path: str, act: Callable[[], object]) -> Meddle:
    """Do something just before the first request of this kind is passed on."""
    left = [act]

    def meddle(request: Request, forward: Forward) -> Answer | None:
        if left and (request.method, request.path) == (method, path) and not request.is_lock:
            left.pop()()
        return forward(request)

    return meddle


def stamp(assistant_id: str, key: str) -> dict[str, Any]:
    """The metadata of an assistant that an apply of this project has made."""
    own = {"project": PROJECT, "target": "local", "key": key, "id": assistant_id, "write": key, "metadata_keys": []}
    return {"assistant_sync": own | {"digest": None, "version": 1, "commit": None, "source": None}}


def test_our_own_create_that_lands_while_a_plan_is_made_is_no_stranger(
    workshop: Workshop, deployment: Deployment, proxy: Proxy
) -> None:
    own = workshop.manifest("a")
    held: list[Callable[[], object]] = []

    def hold(request: Request, forward: Forward) -> Answer | None:
        if request.is_write:
            held.append(lambda: forward(request))
            return RESET
        return forward(request)

    proxy.meddle = hold
    with fast_time(50):
        assert workshop.statuses("--timeout", "600", code=5) == {"a": "unconfirmed"}
    # Killed, or given up on, the request is still on its way; the next plan has listed already and asks for the id.
    proxy.meddle = before("GET", f"/assistants/{own}", lambda: held[0]())
    assert workshop.actions() == {"a": "keep"}
    assert len(deployment.versions(own)) == 1


def test_assistants_that_others_make_while_a_listing_is_read_do_not_look_like_a_server_that_ignores_offsets(
    workshop: Workshop, deployment: Deployment, proxy: Proxy
) -> None:
    last, first = "ffffffff-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000000"

    def make(assistant_id: str) -> None:
        deployment.create(assistant_id=assistant_id, metadata=stamp(assistant_id, assistant_id[0]))

    workshop.manifest("a")
    workshop.apply()
    searches = 0

    def meddle(request: Request, forward: Forward) -> Answer | None:
        nonlocal searches
        answer = forward(request)
        if request.path.endswith("/count"):
            make(last) if not searches else None
        elif request.path.endswith("/search"):
            searches += 1
            if searches == 1:
                make(first)
        return answer

    proxy.meddle = meddle
    assert workshop.actions()["a"] == "keep"
    assert searches > 1
    assert deployment.exists(own_id(PROJECT, "a"))
