"""One scratch assistant: what is sent for it, and that it goes away."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.doctor.probe import PROBE_KEY, Scratch, ScratchLeft
from assistant_sync.errors import BadAnswer, Taken, Unreachable
from assistant_sync.live.settling import PollSchedule
from assistant_sync.model.identity import probe_id
from tests.applying.memory_deployment import ALL, LATEST, ONE, MemoryDeployment, at_once, lost, status
from tests.builders import PROJECT
from tests.servers.fake_deployment import URL, meanwhile
from tests.servers.recording import answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.diagnosis import Probe
    from tests.servers.recording import Fault, Proceed

ID = probe_id(PROJECT)
REFUSAL = f"{URL} asks for an API key and none was sent (403): made by the test"


@pytest.fixture
def memory() -> MemoryDeployment:
    return MemoryDeployment()


def measure(memory: MemoryDeployment, *faults: Fault, graphs: tuple[str, ...] = ("agent", "research")) -> Probe:
    async def measured() -> Probe:
        async with memory.writer(*faults) as writer:
            return await Scratch(PROJECT, graphs, writer, PollSchedule(waits=(0.0,) * 2, pause=at_once)).measure()

    return asyncio.run(measured())


def bodies(memory: MemoryDeployment) -> list[Any]:
    """What was sent by writes that have a body, without the nonce."""
    sent = [exchange.body for exchange in memory.transport.writes if exchange.body is not None]
    nonce, number = sent[0]["context"]["probe"].split("-")
    assert (len(nonce), number) == (32, "1")
    without: list[Any] = json.loads(json.dumps(sent).replace(nonce, "NONCE"))
    return without


def body(number: int, graph: str) -> dict[str, Any]:
    return {
        "graph_id": graph,
        "name": f"assistant-sync probe {number}",
        "description": f"A scratch assistant of project {PROJECT}, version {number}; it goes away by itself.",
        "context": {"probe": f"NONCE-{number}"},
        "config": {"tags": [f"NONCE-{number}"], "recursion_limit": 10 + number, "configurable": {}},
        "metadata": {PROBE_KEY: {"project": PROJECT}, "probe": number},
    }


@pytest.mark.parametrize(("graphs", "second"), [(("agent", "research"), "research"), (("agent",), "agent")])
def test_two_contents_that_differ_in_every_field_are_written_and_then_the_name_alone(
    graphs: tuple[str, ...], second: str, memory: MemoryDeployment
) -> None:
    measure(memory, graphs=graphs)
    one, two = body(1, "agent"), body(2, second)
    assert bodies(memory) == [
        {"assistant_id": ID, "if_exists": "raise", **one},
        two,
        {"version": 1},
        two,
        {"name": "assistant-sync probe, renamed"},
    ]
    assert memory.sent == ["POST", "PATCH", "POST latest", "PATCH", "PATCH", "DELETE"]
    assert not memory.deployment.exists(ID)


def test_each_measurement_has_a_nonce_of_its_own(memory: MemoryDeployment) -> None:
    nonces = set()
    for _ in range(2):
        measure(memory)
        nonces.add(memory.transport.writes[0].body["context"]["probe"])
    assert len(nonces) == 2


def test_somebody_elses_assistant_under_the_id_is_an_error_before_anything_is_written(
    memory: MemoryDeployment,
) -> None:
    memory.deployment.create(assistant_id=ID, graph_id="agent", metadata={PROBE_KEY: {"project": "another"}})
    with pytest.raises(Taken) as caught:
        measure(memory)
    error = caught.value
    assert error.message == f"the scratch assistant's id {ID} belongs to an assistant that is none"
    assert (error.hint, error.sent, memory.sent) == ("nothing was written", False, [])


def test_somebody_elses_assistant_that_takes_the_id_meanwhile_stays(memory: MemoryDeployment) -> None:
    theirs = meanwhile("POST", ALL, lambda: memory.deployment.create(assistant_id=ID, graph_id="agent", name="Theirs"))
    with pytest.raises(Taken):
        measure(memory, theirs)
    assert memory.sent == ["POST"]
    assert memory.deployment.get(ID)["name"] == "Theirs"


def test_an_assistant_that_somebody_else_removes_meanwhile_ends_the_measurement(memory: MemoryDeployment) -> None:
    gone = meanwhile("POST", LATEST, lambda: memory.deployment.delete(ID), carried_out=True)
    with pytest.raises(BadAnswer) as caught:
        measure(memory, gone)
    assert caught.value.message == f"the scratch assistant {ID} went away while it was measured"
    assert caught.value.hint == "somebody else may be measuring at this moment; try again"


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (lambda: status(403, "DELETE", ONE, 9), f": {REFUSAL}"),
        (lambda: answered("DELETE", ONE, lambda: httpx.Response(204), 9), ""),
    ],
    ids=["refused", "answered and not carried out"],
)
def test_an_assistant_that_cannot_be_removed_is_an_error_that_names_it(
    fault: Callable[[], Fault], why: str, memory: MemoryDeployment
) -> None:
    with pytest.raises(ScratchLeft) as caught:
        measure(memory, fault())
    assert caught.value.message == f"the scratch assistant {ID} could not be removed{why}"
    assert caught.value.hint == "the next 'doctor --probe' tries again"
    assert memory.sent.count("DELETE") == 3


def test_a_create_whose_answer_is_lost_is_waited_for_although_the_deletes_fail(memory: MemoryDeployment) -> None:
    with pytest.raises(Unreachable):
        measure(memory, lost("POST", ALL, 9), status(403, "DELETE", ONE, 2))
    assert memory.sent.count("DELETE") == 3


def test_a_measurement_that_is_interrupted_removes_its_assistant(memory: MemoryDeployment) -> None:
    async def interrupted() -> None:
        task: asyncio.Task[Probe] | None = None

        async def interrupt(request: httpx.Request, proceed: Proceed) -> httpx.Response:
            response = await proceed()
            if request.method == "PATCH" and task is not None:
                task.cancel()
                await asyncio.sleep(0)
            return response

        async with memory.writer(interrupt) as writer:
            scratch = Scratch(PROJECT, ("agent",), writer, PollSchedule(waits=(0.0,), pause=at_once))
            task = asyncio.create_task(scratch.measure())
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(interrupted())
    assert memory.sent == ["POST", "PATCH", "DELETE"]
    assert not memory.deployment.exists(ID)


@pytest.mark.parametrize(("select", "is_light"), [("obeyed", True), ("ignored", False), ("refused", False)])
def test_a_light_listing_is_measured(memory: MemoryDeployment, select: str, is_light: bool) -> None:
    memory.deployment.select = select
    probe = measure(memory)
    assert (probe.lists_lightly, probe.allows_light_listings) == (is_light, False)
    memory.deployment.restores_all = True
    assert measure(memory).allows_light_listings is is_light
