"""Each fault does what its name says, seen by a plain client and counted on the real server."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.servers.faults import CARRIED_OUT_LATE, FAULTS, REFUSING, Scene
from tests.servers.official import LOCK

if TYPE_CHECKING:
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy

BY_NAME = {fault.name: fault for fault in FAULTS}
OURS, THEIRS = "ours", "theirs"


@dataclass
class FaultyProject:
    """A fault at work, a client that meets it, and one assistant."""

    scene: Scene
    client: httpx.Client
    deployment: Deployment
    own: str
    signals: list[signal.Signals]

    def write(self) -> Any:
        """Write a version; what the client gets: a status, or the kind of the error."""
        try:
            answer = self.client.patch(f"/assistants/{self.own}", json={"name": OURS})
        except httpx.TransportError as error:
            return type(error)
        return answer.status_code

    def names(self) -> list[str]:
        """The names in the versions beyond the first, oldest first."""
        return [row["name"] for row in reversed(self.deployment.versions(self.own))][1:]


Begin = Callable[..., FaultyProject]


@pytest.fixture
def begin(deployment: Deployment, proxy: Proxy) -> Iterator[Begin]:
    """Puts a fault to work."""
    with httpx.Client(base_url=proxy.url, timeout=10, trust_env=False) as client:
        projects: list[FaultyProject] = []

        def made(name: str, *, timeout: float = 10, **scene: Any) -> FaultyProject:
            own = deployment.create(name="first", metadata={"assistant_sync": {"project": "p"}})["assistant_id"]
            signals: list[signal.Signals] = []

            def write() -> None:
                deployment.patch(own, name=THEIRS)

            scenery = Scene(proxy, outside=write, signal=signals.append, **scene)
            client.timeout = httpx.Timeout(timeout)
            proxy.meddle = BY_NAME[name].meddle(scenery)
            projects.append(FaultyProject(scenery, client, deployment, own, signals))
            return projects[-1]

        yield made
        for project in projects:
            project.scene.release()


LOST: dict[str, tuple[bool, Any]] = {
    "none": (True, 200),
    "closed-before": (False, httpx.RemoteProtocolError),
    "reset-before": (False, httpx.ReadError),
    "500-before": (False, 500),
    "502-before": (False, 502),
    "503-before": (False, 503),
    "504-before": (False, 504),
    "html-before": (False, 200),
    "429-once": (False, 429),
    "closed-after": (True, httpx.RemoteProtocolError),
    "reset-after": (True, httpx.ReadError),
    "500-after": (True, 500),
    "502-after": (True, 502),
    "503-after": (True, 503),
    "504-after": (True, 504),
    "html-after": (True, 200),
    "cut-off": (True, httpx.RemoteProtocolError),
    "halved": (True, 200),
    "empty": (True, 200),
    "another": (True, 200),
    "killed-before": (False, httpx.ReadError),
    "killed-after": (True, httpx.ReadError),
    "ctrl-c": (True, 200),
    "sigterm": (True, 200),
}
"""Whether the server carries the write out, and what the client gets."""

STORMS = {"429-storm", "429-endless"}
HANGS = {"timeout-before", "timeout-after"}
LATE = {"late", "given-up", "next-apply"}
LISTINGS = [
    ("empty-listing", [], [], 2),
    ("lost-rows", [1], [], 2),
    ("repeated-page", [0], [0], 2),
    ("wrong-count", [0, 1], [1], 3),
    ("nothing-there", [], [], 0),
]
"""What two pages hold, the one from the first row on and the one from the second, and the count."""

OUTSIDE = {"squatter", "between", "behind"}
BEFORE_THE_WRITE = {"refused", "moved-base"}
READS = {"reads-once", "reads-endless"}


def test_every_fault_is_looked_at_here() -> None:
    looked_at = {*LOST, *STORMS, *HANGS, *LATE, *(name for name, *_ in LISTINGS), *OUTSIDE, *BEFORE_THE_WRITE, *READS}
    assert looked_at == set(BY_NAME)
    assert len(FAULTS) == len(BY_NAME)


@pytest.mark.parametrize("name", sorted(LOST))
def test_the_first_write_is_lost_and_the_next_one_passes(name: str, begin: Begin) -> None:
    project = begin(name)
    is_carried_out, seen = LOST[name]
    assert not project.scene.struck.is_set() or name == "none"
    assert project.write() == seen
    assert project.scene.struck.is_set()
    assert project.names() == [OURS] * is_carried_out
    assert project.write() == 200
    assert project.names() == [OURS] * (is_carried_out + 1)


def test_answers_are_spoilt_as_they_say(begin: Begin) -> None:
    answers = {}
    for name in ("html-after", "502-before", "halved", "empty", "another", "429-once"):
        project = begin(name)
        answers[name] = project.client.patch(f"/assistants/{project.own}", json={})
        if name == "another":
            assert answers[name].json()["assistant_id"] != project.own
    assert all(answers[name].text.startswith(("<html", "<!doctype")) for name in ("html-after", "502-before"))
    assert answers["halved"].text.startswith('{"assistant_id"')
    with pytest.raises(json.JSONDecodeError):
        answers["halved"].json()
    assert answers["empty"].content == b""
    assert answers["429-once"].headers["retry-after"] == "1"


@pytest.mark.parametrize("name", sorted(STORMS))
def test_a_storm_ends_after_four_times_or_never(name: str, begin: Begin) -> None:
    project = begin(name)
    assert [project.write() for _ in range(6)] == [429] * 4 + ([200] * 2 if name == "429-storm" else [429] * 2)
    assert project.names() == [OURS] * (2 if name == "429-storm" else 0)


@pytest.mark.parametrize("name", sorted(HANGS))
def test_a_hang_lasts_until_it_is_released(name: str, begin: Begin) -> None:
    project = begin(name, timeout=0.5)
    assert project.write() is httpx.ReadTimeout
    assert project.names() == [OURS] * (name == "timeout-after")
    project.scene.release()
    assert project.write() == 200


@pytest.mark.parametrize("name", sorted(LATE))
def test_a_late_write_is_carried_out_after_its_connection_has_ended(name: str, begin: Begin) -> None:
    project = begin(name)
    assert project.write() is httpx.ReadError
    assert project.names() == []
    time.sleep(CARRIED_OUT_LATE + 0.5)
    assert project.names() == [OURS] * (name == "late")
    project.scene.release()
    assert project.names() == [OURS]


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_somebody_else_writes_before_or_behind(name: str, begin: Begin) -> None:
    project = begin(name)
    assert project.write() == 200
    assert project.names() == ([OURS, THEIRS] if name == "behind" else [THEIRS, OURS])


def test_somebody_else_writes_before_the_last_look(begin: Begin) -> None:
    project = begin("moved-base", requests_before=2)
    assert [project.client.get(f"/assistants/{project.own}").json()["name"] for _ in range(3)] == [
        "first",
        THEIRS,
        THEIRS,
    ]


def test_nobody_listens_for_a_moment(begin: Begin) -> None:
    project = begin("refused", requests_before=2)
    for _ in range(2):
        assert project.client.get(f"/assistants/{project.own}").headers["connection"] == "close"
    assert project.write() is httpx.ConnectError
    time.sleep(REFUSING + 0.3)
    assert project.write() == 200


@pytest.mark.parametrize("name", sorted(READS))
def test_reads_behind_the_write_fail_once_or_always(name: str, begin: Begin) -> None:
    project = begin(name)

    def read() -> list[int]:
        answers = (project.client.get(f"/assistants/{project.own}"), project.client.post("/assistants/count", json={}))
        return [answer.status_code for answer in answers]

    assert read() == [200, 200]
    assert project.write() == 200
    assert read() == [503, 503]
    assert read() == ([200, 200] if name == "reads-once" else [503, 503])


@pytest.mark.parametrize(("name", "first", "second", "count"), LISTINGS)
def test_listings_lie(name: str, first: list[int], second: list[int], count: int, begin: Begin) -> None:
    project = begin(name)
    row = {"metadata": {"assistant_sync": {"project": "p"}}}
    rows = sorted([project.own, project.deployment.create(**row)["assistant_id"]])

    def ask(what: str, **body: Any) -> Any:
        return project.client.post(f"/assistants/{what}", json=body).json()

    pages = [ask("search", **row, sort_by="assistant_id", sort_order="asc", offset=offset) for offset in (0, 1)]
    assert [[rows.index(one["assistant_id"]) for one in page] for page in pages] == [first, second]
    assert ask("count", **row) == count
    assert ask("count", metadata={"created_by": "system"}) == len(project.deployment.defaults)


def test_signals_are_sent_to_the_client(begin: Begin) -> None:
    for name in ("killed-before", "killed-after", "ctrl-c", "sigterm"):
        project = begin(name)
        project.write()
        expected = {"ctrl-c": signal.SIGINT, "sigterm": signal.SIGTERM}.get(name, signal.SIGKILL)
        assert project.signals == [expected]


def test_lock_traffic_is_left_alone(begin: Begin) -> None:
    project = begin("500-before")
    assert project.client.post("/threads", json={"metadata": {LOCK: {"project": "p"}}}).status_code == 200
    assert not project.scene.struck.is_set()
    assert project.write() == 500


def test_a_proxy_knows_the_lock_by_its_path(deployment: Deployment, proxy: Proxy) -> None:
    with httpx.Client(base_url=proxy.url, trust_env=False) as client:
        own = client.post("/threads", json={"metadata": {LOCK: {"project": "p"}}}).json()["thread_id"]
        client.post("/threads/search", json={})
        client.delete(f"/threads/{own}")
        client.delete(f"/assistants/{deployment.create()['assistant_id']}")
    assert [request.is_lock for request in proxy.requests] == [True, True, True, False]
    assert len(proxy.writes) == 1


def test_what_a_client_has_not_sent_whole_does_not_arrive(proxy: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", httpx.URL(proxy.url).port or 0)) as client:
        client.sendall(b"POST /assistants HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100) == b""
    assert proxy.requests == []
