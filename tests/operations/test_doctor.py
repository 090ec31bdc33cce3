from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.doctor.probe import PROBE_KEY
from assistant_sync.errors import Denied, ExitCode, UnknownName
from assistant_sync.model.diagnosis import State
from assistant_sync.model.identity import probe_id
from assistant_sync.model.lock import LOCK_KEY, Lock
from assistant_sync.operations.doctor import DoctorRequest, run_doctor
from tests.applying.memory_deployment import (
    ALL,
    LATEST,
    ONE,
    THREAD,
    THREADS,
    landed,
    landed_as,
    late,
    lost,
    refused,
    status,
)
from tests.operations.memory_project import URL
from tests.project_fixture import PROJECT
from tests.servers.fake_deployment import FakeDeployment, meanwhile
from tests.servers.recording import Exchange, answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.model.diagnosis import Diagnosis
    from tests.operations.memory_project import MemoryProject
    from tests.servers.recording import Fault, Proceed

MANY = 99


def info(**headers: str) -> Fault:
    """The deployment reports what it is, which the one in memory does not."""
    document = {"version": "0.4.0", "langgraph_py_version": "1.0.0"}
    return answered("GET", "/info", lambda: httpx.Response(200, json=document, headers=headers), MANY)


def examined(project: MemoryProject, *faults: Fault, **request: Any) -> Diagnosis:
    asked = DoctorRequest(settings=project.settings(*faults, info()), **request)
    return project.run_at_once(run_doctor(asked))


def not_fine(found: Diagnosis) -> list[tuple[str, State]]:
    """The checks that did not end well."""
    return [(check.name, check.state) for check in found.checks if check.state is not State.OK]


def message(found: Diagnosis, name: str) -> str:
    """The message of the last check of this name."""
    return [check.message for check in found.checks if check.name == name][-1]


@pytest.fixture
def healthy(project: MemoryProject) -> MemoryProject:
    """One assistant as its manifest wants it."""
    project.manifest("support")
    project.settle()
    return project


def test_a_healthy_target_passes_all_checks_and_nothing_is_written(healthy: MemoryProject) -> None:
    before = healthy.deployment.users()
    found = examined(healthy)
    assert (not_fine(found), found.exit_code) == ([], ExitCode.OK)
    assert (healthy.transport.writes, healthy.deployment.users()) == ([], before)


def test_what_was_found_is_reported(healthy: MemoryProject) -> None:
    found = examined(healthy)
    assert found.server is not None
    assert found.inventory is not None
    assert (found.project, found.target, found.url, found.page_size) == (PROJECT, "local", URL, 1000)
    assert (found.server.version, found.graphs) == ("0.4.0", ("research_agent", "support_agent"))
    assert (found.inventory.visible, found.inventory.owned, found.inventory.system) == (3, 1, 2)
    assert (found.clock_skew, found.probe, found.activation) == (None, None, None)


def test_manifests_with_problems_are_a_warning_and_the_rest_is_examined(healthy: MemoryProject) -> None:
    healthy.write("assistants/bad.yaml", "graph_id: [")
    assert not_fine(examined(healthy)) == [("manifests", State.WARNING)]


def test_a_graph_that_manifests_need_and_the_deployment_does_not_have_is_a_warning(healthy: MemoryProject) -> None:
    healthy.manifest("other", graph_id="later")
    found = examined(healthy)
    assert not_fine(found) == [("graphs", State.WARNING)]
    assert "later" in message(found, "graphs")


def test_a_lock_that_is_held_is_named(healthy: MemoryProject) -> None:
    healthy.leave_lock()
    assert "bob@build" in message(examined(healthy), "lock")


def test_a_clock_that_is_ahead_is_a_warning(healthy: MemoryProject) -> None:
    ahead = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    found = examined(healthy, info(date=ahead))
    assert not_fine(found) == [("clock", State.WARNING)]
    assert found.clock_skew == pytest.approx(100, abs=5)


def test_a_deployment_that_does_not_name_itself_is_examined_all_the_same(healthy: MemoryProject) -> None:
    assert not_fine(examined(healthy, status(404, "GET", "/info"))) == [("server", State.WARNING)]


def test_a_lock_that_an_earlier_build_left_is_shown_with_the_request_that_removes_it(healthy: MemoryProject) -> None:
    lock = Lock(project="other", generation=3, holder="x", lease=60, by="bob", commit=None)
    healthy.deployment.create(assistant_id=lock.id, metadata={LOCK_KEY: lock.as_json()})
    found = examined(healthy)
    assert not_fine(found) == [("lock", State.WARNING)]
    (check,) = [one for one in found.checks if one.state is State.WARNING]
    assert check.message == (
        f"assistant {lock.id} of graph support_agent is a lock that an earlier build of assistant-sync made "
        "for project other"
    )
    assert check.hint == f"remove it if no such apply is running: curl -X DELETE {URL}/assistants/{lock.id}"


def test_what_the_former_name_of_the_project_wrote_and_locked_is_this_projects(healthy: MemoryProject) -> None:
    before = examined(healthy).inventory
    healthy.configure(URL, project="acme-service", former_projects=[PROJECT])
    healthy.leave_lock()
    found = examined(healthy)
    assert (found.inventory, "bob@build" in message(found, "lock")) == (before, True)


# What ends the examination

STEPS: dict[str, Callable[[Exchange], bool]] = {
    "connection": lambda one: one.path == "/info",
    "listing": lambda one: one.path == "/assistants/count" and "metadata" not in one.body,
    "lock": lambda one: one.path == "/threads/search",
}
"""The first request of each step."""


def failing(step: str, code: int) -> Fault:
    """The requests of a step are answered with an error."""

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        return httpx.Response(code, json={}) if STEPS[step](Exchange.of(request)) else await proceed()

    return fault


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("code", "exit_code"), [(500, ExitCode.UNREACHABLE), (403, ExitCode.DENIED)])
def test_a_step_that_fails_is_the_last_one(step: str, code: int, exit_code: ExitCode, healthy: MemoryProject) -> None:
    healthy.environ["OTHER"] = "key"
    found = examined(healthy, failing(step, code), probe=True, other_key_env="OTHER")
    if (step, code) == ("lock", httpx.codes.FORBIDDEN):
        assert not_fine(found) == [("lock", State.WARNING)]  # an apply goes on without a lock, too
        return
    named = "authentication" if exit_code is ExitCode.DENIED else step
    assert (not_fine(found), found.exit_code) == ([(named, State.FAILED)], exit_code)
    assert STEPS[step](healthy.transport.exchanges[-1])
    assert healthy.transport.writes == []


@pytest.mark.parametrize("code", [500, 429])
def test_a_graph_that_cannot_be_asked_about_ends_the_examination(code: int, healthy: MemoryProject) -> None:
    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        return httpx.Response(code, json={}) if b"graph_id" in request.content else await proceed()

    healthy.manifest("new", graph_id="later")
    found = examined(healthy, fault)
    assert (not_fine(found), found.exit_code) == ([("graphs", State.FAILED)], ExitCode.UNREACHABLE)


def test_a_deployment_that_is_not_there_fails_the_connection(healthy: MemoryProject) -> None:
    found = examined(healthy, refused("GET", "/info", MANY))
    assert [(check.name, check.state) for check in found.checks] == [
        ("manifests", State.OK),
        ("connection", State.FAILED),
    ]
    assert found.exit_code == ExitCode.UNREACHABLE


@pytest.mark.parametrize(("named", "other"), [({"api_key_env": "NOT_SET"}, None), ({}, "NOT_SET")])
def test_a_key_that_is_named_and_not_set_causes_no_request(
    named: dict[str, str], other: str | None, healthy: MemoryProject
) -> None:
    settings = healthy.settings(**named)
    with pytest.raises(Denied, match="NOT_SET"):
        healthy.run_at_once(run_doctor(DoctorRequest(settings=settings, other_key_env=other)))
    assert healthy.transport.requests == []


def test_a_target_that_does_not_exist_causes_no_request(healthy: MemoryProject) -> None:
    with pytest.raises(UnknownName):
        healthy.run_at_once(run_doctor(DoctorRequest(settings=healthy.settings(target="nowhere"))))
    assert healthy.transport.requests == []


# A second key


@pytest.fixture
def keyed(healthy: MemoryProject) -> MemoryProject:
    """A target with a key, and a second key."""
    healthy.configure(URL, api_key_env="ONE")
    healthy.environ |= {"ONE": "first", "OTHER": "second"}
    return healthy


def with_the_other_key(answer: Callable[[Exchange], httpx.Response]) -> Fault:
    """Requests with the second key are answered so."""

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        return answer(Exchange.of(request)) if request.headers["x-api-key"] == "second" else await proceed()

    return fault


def test_two_keys_that_see_the_same_are_fine(keyed: MemoryProject) -> None:
    found = examined(keyed, other_key_env="OTHER")
    assert (not_fine(found), message(found, "view")) == ([], "the key from OTHER sees the same 3 assistants")


def test_two_keys_that_see_different_assistants_are_a_warning(keyed: MemoryProject) -> None:
    def nothing(one: Exchange) -> httpx.Response:
        return httpx.Response(200, json=0 if one.path.endswith("/count") else [])

    found = examined(keyed, with_the_other_key(nothing), other_key_env="OTHER")
    assert not_fine(found) == [("view", State.WARNING)]
    assert "3 only with ONE (" in message(found, "view")
    assert "0 only with OTHER" in message(found, "view")


def test_a_second_key_that_is_refused_fails_the_view_and_nothing_is_measured(keyed: MemoryProject) -> None:
    refuse = with_the_other_key(lambda _: httpx.Response(401, json={}))
    found = examined(keyed, refuse, other_key_env="OTHER", probe=True)
    assert (not_fine(found), found.exit_code) == ([("view", State.FAILED)], ExitCode.DENIED)
    assert keyed.transport.writes == []


# The scratch assistant


def test_a_measurement_shows_what_the_deployment_does_and_leaves_nothing_behind(healthy: MemoryProject) -> None:
    before = healthy.deployment.users()
    found = examined(healthy, probe=True)
    assert found.probe is not None
    assert (not_fine(found), found.activation) == ([], "safe")
    assert (found.probe.left, found.probe.dropped) == (("graph_id", "context"), ())
    assert healthy.deployment.users() == before


def test_a_measurement_sees_that_threads_are_kept_apart_by_user(healthy: MemoryProject) -> None:
    healthy.deployment.thread_quirk = lambda row: row["metadata"].update(owner="ann", thread_name="")
    found = examined(healthy, probe=True)
    assert not_fine(found) == [("lock", State.WARNING)]
    assert "threads apart by user (it adds owner)" in next(one.message for one in found.checks if one.name == "lock")
    assert healthy.deployment.threads() == []


def test_the_thread_of_a_measurement_says_whose_it_is_and_goes_by_itself_if_it_must(healthy: MemoryProject) -> None:
    assert not_fine(examined(healthy, status(403, "DELETE", THREAD, times=9), probe=True)) == []
    (made,) = [one.body for one in healthy.transport.writes if one.path == "/threads"]
    (row,) = healthy.deployment.threads()
    assert made == {
        "thread_id": row["thread_id"],
        "if_exists": "raise",
        "metadata": {PROBE_KEY: {"project": PROJECT}},
        "ttl": {"strategy": "delete", "ttl": 10},
    }


@pytest.mark.parametrize("code", [403, 404, 422])
def test_a_deployment_without_threads_is_measured_all_the_same(code: int, healthy: MemoryProject) -> None:
    found = examined(healthy, status(code, "POST", THREADS), probe=True)
    assert (not_fine(found), found.activation) == ([], "safe")


@pytest.mark.parametrize("fault", [lost, landed])
def test_a_thread_whose_answer_is_lost_does_not_stay(fault: Any, healthy: MemoryProject) -> None:
    examined(healthy, fault("POST", THREADS, MANY), probe=True)
    assert healthy.deployment.threads() == []


def test_what_an_earlier_measurement_left_is_removed(healthy: MemoryProject) -> None:
    before = healthy.deployment.users()
    healthy.deployment.create(assistant_id=probe_id(PROJECT), metadata={PROBE_KEY: {"project": PROJECT}})
    assert not_fine(examined(healthy, probe=True)) == []
    assert healthy.deployment.users() == before


def test_somebody_elses_assistant_under_the_scratch_id_stays(healthy: MemoryProject) -> None:
    healthy.deployment.create(assistant_id=probe_id(PROJECT), name="precious")
    found = examined(healthy, probe=True)
    assert (not_fine(found), found.exit_code) == ([("probe", State.FAILED)], ExitCode.STALE)
    assert healthy.transport.writes == []


FAULTS: dict[str, Callable[[str, str], Fault]] = {
    "lost": lost,
    "landed": landed,
    "late": lambda method, path: late(method, path, after_reads=1),
    "500": lambda method, path: status(500, method, path),
    "403": lambda method, path: status(403, method, path),
    "landed as 502": lambda method, path: landed_as(lambda: httpx.Response(502), method, path),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("method", "path"), [("POST", ALL), ("PATCH", ONE), ("POST", LATEST), ("DELETE", ONE)])
def test_a_measurement_that_meets_a_fault_leaves_nothing_behind(
    method: str, path: str, fault: str, project: MemoryProject
) -> None:
    project.manifest("support")
    before = project.deployment.users()
    found = examined(project, FAULTS[fault](method, path), probe=True)
    assert project.deployment.users() == before
    assert not_fine(found) == ([] if found.probe is not None else [("probe", State.FAILED)])


def test_creates_that_land_long_after_their_answers_were_lost_do_not_stay(project: MemoryProject) -> None:
    project.manifest("support")
    before = project.deployment.users()
    on_their_way: list[tuple[float, Exchange]] = []

    async def lose(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if (request.method, request.url.path) != ("POST", ALL):
            return await proceed()
        on_their_way.append((project.clock.passed + 5, Exchange.of(request)))
        raise httpx.ReadTimeout("made by the test", request=request)

    def land(_: float) -> None:
        while on_their_way and on_their_way[0][0] <= project.clock.passed:
            _, one = on_their_way.pop(0)
            project.deployment.answer(one.method, one.path, one.body)

    project.clock.listeners.append(land)
    assert examined(project, lose, probe=True).exit_code == ExitCode.UNREACHABLE
    assert (project.deployment.users(), on_their_way) == (before, [])


def test_a_scratch_assistant_whose_graph_goes_away_meanwhile_is_removed(project: MemoryProject) -> None:
    project.manifest("support")
    before = project.deployment.users()
    found = examined(project, meanwhile("PATCH", ONE, project.deployment.graphs.clear, carried_out=True), probe=True)
    assert (not_fine(found), project.deployment.users()) == ([("probe", State.FAILED)], before)


def test_a_scratch_assistant_that_cannot_be_removed_is_named(healthy: MemoryProject) -> None:
    found = examined(healthy, status(403, "DELETE", ONE, MANY), probe=True)
    assert probe_id(PROJECT) in message(found, "probe")
    assert (found.probe, found.exit_code) == (None, ExitCode.FAILURE)


def test_without_a_graph_nothing_is_measured_and_nothing_is_written(project: MemoryProject) -> None:
    project.deployment = FakeDeployment([])
    project.manifest("support")
    found = examined(project, probe=True)
    assert ("probe", State.WARNING) in not_fine(found)
    assert project.transport.writes == []
