"""``doctor`` against the real server: it changes nothing, and its scratch assistant never stays."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.doctor.probe import PROBE_KEY
from assistant_sync.model.identity import probe_id
from tests.servers.proxy import RESET, Answer

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Forward, Proxy, Request


def project_of(project: ProjectFixture) -> str:
    return str(project.plan()["project"])


def states(document: Any) -> dict[str, str]:
    return {check["name"]: check["state"] for check in document["checks"]}


def test_it_sends_no_write(project: ProjectFixture, deployment: Deployment, proxy: Proxy) -> None:
    project.manifest("a")
    deployment.create(name="by hand")
    before = deployment.all()
    document = project.run("doctor", "--format", "json").expect(0).json
    assert proxy.writes == []
    assert not any(request.is_lock and not request.path.endswith("/search") for request in proxy.requests)
    assert deployment.all() == before
    assert set(states(document).values()) == {"ok"}


def test_it_tells_what_it_found(project: ProjectFixture, deployment: Deployment) -> None:
    project.manifest("a")
    project.apply()
    deployment.create(name="by hand")
    document = project.run("doctor", "--format", "json").expect(0).json
    assert document["server"]["product"] == "LangGraph API server"
    assert document["graphs"] == ["research_agent", "support_agent"]
    assert document["page_size"] == 1000
    assert abs(document["clock_skew_seconds"]) <= 2
    counted = {name: document["assistants"][name] for name in ("visible", "owned", "unmanaged", "foreign", "system")}
    assert counted == {"visible": 4, "owned": 1, "unmanaged": 1, "foreign": 0, "system": 2}
    assert (document["healthy"], document["probe"], document["activation"]) == (True, None, None)


def test_the_text_has_a_line_for_each_check_and_a_verdict(project: ProjectFixture) -> None:
    project.manifest("a")
    lines = project.run("doctor").expect(0).out.splitlines()
    assert lines[0].startswith("Target local of ")
    assert [line[:4] for line in lines[2:-2]] == ["ok  "] * 10
    assert lines[-1] == "All checks passed."


def test_the_probe_measures_a_server_that_restores_a_part_and_leaves_nothing_behind(
    project: ProjectFixture, deployment: Deployment
) -> None:
    project.manifest("a")
    before = deployment.all()
    document = project.run("doctor", "--probe", "--format", "json").expect(0).json
    assert deployment.all() == before
    assert document["probe"]["set_latest"] == {
        "restores": ["name", "description", "config", "configurable", "metadata"],
        "leaves": ["graph_id", "context"],
        "unmeasured": [],
    }
    assert document["probe"]["patch_omitted"]["empties"] == []
    assert (document["probe"]["mirrors_context"], document["activation"]) == (True, "safe")


def test_a_target_that_claims_more_than_the_server_does_is_warned(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("a")
    project.configure(proxy.url, activation="full")
    out = project.run("doctor", "--probe").expect(0).out
    assert "does not restore everything" in out
    assert "targets.local: activation: safe" in out


@pytest.mark.parametrize("nth", range(1, 6))
@pytest.mark.parametrize("answer", [Answer(500, b"no", "text/plain"), Answer(403, b"{}"), RESET, None])
def test_a_measurement_that_fails_leaves_nothing_behind(
    nth: int, answer: Answer | None, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.manifest("a")
    before = deployment.all()
    seen = 0

    def fail(request: Request, forward: Forward) -> Answer | None:
        nonlocal seen
        if request.is_write and request.method != "DELETE":
            seen += 1
            if seen == nth:
                forward(request)  # carried out, and the answer lost
                return answer
        return forward(request)

    proxy.meddle = fail
    done = project.run("doctor", "--probe", "--format", "json")
    # A create is sent again where its answer is lost, and is then found to be taken.
    assert done.code in (1, 4, 5, 7), done
    assert states(done.json)["probe"] == "failed"
    assert deployment.all() == before


def test_creates_that_come_into_being_behind_their_lost_answers_do_not_stay(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.manifest("a")
    before = deployment.all()
    late: list[threading.Timer] = []

    def lose(request: Request, forward: Forward) -> Answer | None:
        if (request.method, request.path) != ("POST", "/assistants"):
            return forward(request)
        late.append(threading.Timer(0.4 + len(late), forward, [request]))
        late[-1].start()
        return None

    proxy.meddle = lose
    done = project.run("doctor", "--probe")
    for timer in late:
        timer.join()
    assert (done.code, len(late) > 1) == (5, True)
    assert deployment.all() == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("nth", [1, 3])
def test_a_signal_in_the_middle_of_a_write_leaves_nothing_behind(
    number: signal.Signals, code: int, nth: int, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.manifest("a")
    before = deployment.all()
    begun = threading.Event()
    seen = 0

    def slow(request: Request, forward: Forward) -> Answer:
        nonlocal seen
        seen += request.is_write
        if request.is_write and seen == nth:
            begun.set()
            time.sleep(1)
        return forward(request)

    proxy.meddle = slow
    process = project.start("doctor", "--probe")
    assert begun.wait(20)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == code, err
    assert deployment.all() == before


def test_what_a_killed_measurement_left_is_taken_away_by_the_next(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.manifest("a")
    before = deployment.all()
    left = threading.Event()

    def hang(request: Request, forward: Forward) -> Answer:
        answer = forward(request)
        if request.method == "PATCH":
            left.set()
            time.sleep(0.5)
        return answer

    proxy.meddle = hang
    process = project.start("doctor", "--probe")
    assert left.wait(20)
    process.kill()
    process.communicate()
    assert len(deployment.all()) == len(before) + 1
    proxy.reset()
    project.run("doctor", "--probe").expect(0)
    assert deployment.all() == before


def test_somebody_elses_assistant_on_the_scratch_id_is_left_alone(
    project: ProjectFixture, deployment: Deployment
) -> None:
    project.manifest("a")
    own = probe_id(project_of(project))
    deployment.create(assistant_id=own, name="precious", metadata={PROBE_KEY: {"project": "another"}})
    before = deployment.all()
    done = project.run("doctor", "--probe")
    assert done.code == 7
    assert own in done.out
    assert deployment.all() == before


def test_a_scratch_assistant_that_cannot_be_removed_is_told_with_its_id(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.manifest("a")

    def refuse(request: Request, forward: Forward) -> Answer:
        return Answer(403, b"{}") if request.method == "DELETE" else forward(request)

    proxy.meddle = refuse
    done = project.run("doctor", "--probe")
    own = probe_id(project_of(project))
    assert done.code == 1
    assert f"the scratch assistant {own} could not be removed" in done.out
    assert deployment.exists(own)


@pytest.mark.parametrize(("status", "where", "code"), [(401, "authentication", 4), (500, "listing", 5)])
def test_an_examination_ends_where_the_deployment_refuses(
    status: int, where: str, code: int, project: ProjectFixture, proxy: Proxy
) -> None:
    project.manifest("a")

    def refuse(request: Request, forward: Forward) -> Answer:
        return forward(request) if request.path == "/info" else Answer(status, b'{"detail":"no"}')

    proxy.meddle = refuse
    done = project.run("doctor", "--probe", "--format", "json", "--timeout", "2")
    assert done.code == code
    assert list(states(done.json).items())[-1] == (where, "failed")
    assert states(done.json)["connection"] == "ok"
    assert proxy.writes == []


def test_a_deployment_that_is_not_there_is_exit_5(project: ProjectFixture) -> None:
    project.manifest("a")
    done = project.run("doctor", "--url", "http://127.0.0.1:9", "--format", "json", "--timeout", "2")
    assert done.code == 5
    assert states(done.json) == {"manifests": "ok", "connection": "failed"}


def test_manifests_with_problems_do_not_stop_it(project: ProjectFixture) -> None:
    project.write("assistants/bad.yaml", "graph_id: [")
    document = project.run("doctor", "--format", "json").expect(0).json
    assert states(document)["manifests"] == "warning"
    assert states(document)["connection"] == "ok"


def test_two_keys_that_see_different_assistants_are_told_apart(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.manifest("a")
    deployment.create(name="hidden")
    monkeypatch.setenv("PLAN_KEY", "plan")
    monkeypatch.setenv("APPLY_KEY", "apply")

    def filtered(request: Request, forward: Forward) -> Answer:
        if request.headers.get("x-api-key") == "apply" and request.path.startswith("/assistants/"):
            return Answer(200, b"0" if request.path.endswith("/count") else b"[]")
        return forward(request)

    keys = ("--api-key-env", "PLAN_KEY", "--other-key-env", "APPLY_KEY")
    same = project.run("doctor", *keys).expect(0).out
    assert "the key from APPLY_KEY sees the same 3 assistants" in same
    proxy.meddle = filtered
    out = project.run("doctor", *keys).expect(0).out
    assert "3 only with PLAN_KEY (" in out
    assert "0 only with APPLY_KEY" in out


def test_a_key_that_sees_no_default_assistant_is_warned_of(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("a")

    def filtered(request: Request, forward: Forward) -> Answer:
        if request.path.endswith("/count"):
            return Answer(200, b"0")
        if request.path.endswith("/search"):
            return Answer(200, b"[]")
        return forward(request)

    proxy.meddle = filtered
    document = project.run("doctor", "--probe", "--format", "json").expect(0).json
    assert states(document)["view"] == "warning"
    assert states(document)["probe"] == "warning"


def test_a_pasted_key_is_not_repeated(project: ProjectFixture) -> None:
    project.manifest("a")
    secret = "lsv2_pt_0123456789abcdef0123456789abcdef_0123456789"
    done = project.run("doctor", "--other-key-env", secret)
    assert done.code == 64
    assert secret not in done.out + done.err
