"""Failures on the way: a clear error that names what and where, its own exit code, and nothing half-done unreported."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from assistant_sync.live.pages import PAGE_SIZES
from assistant_sync.live.writer import AssistantsWriter
from assistant_sync.model.frozen import replace
from assistant_sync.transport.retries import MAX_ATTEMPTS
from tests.servers.proxy import Answer

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture, Run
    from tests.servers.official import Deployment
    from tests.servers.proxy import Forward, Meddle, Proxy, Request

SECRET = "lsv2_pt_" + "0a1b" * 8


def always(answer: Answer) -> object:
    return lambda _request, _forward: answer


def clear(run: Run, code: int, *words: str) -> None:
    """An error of this code that says these words, and no traceback."""
    run.expect(code)
    assert "Traceback" not in run.err
    for word in words:
        assert word in run.err, run.err


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_an_unreachable_server_is_named(project: ProjectFixture) -> None:
    project.manifest("support")
    url = f"http://127.0.0.1:{free_port()}"
    clear(project.run("plan", "--url", url), 5, url)


def test_a_slow_server_is_given_up_on(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("support")
    released = threading.Event()

    def slow(request: Request, forward: Forward) -> Answer | None:
        released.wait(20)
        return forward(request)

    proxy.meddle = slow
    try:
        clear(project.run("plan", "--timeout", "0.2"), 5, proxy.url)
    finally:
        released.set()


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_accepted_is_named_by_its_variable_and_never_printed(
    status: int, project: ProjectFixture, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.manifest("support")
    monkeypatch.setenv("LANGSMITH_API_KEY", SECRET)
    proxy.meddle = lambda _request, _forward: Answer(status, json.dumps({"detail": f"bad key {SECRET}"}).encode())
    run = project.run("plan")
    clear(run, 4, "LANGSMITH_API_KEY")
    assert proxy.requests[0].headers["x-api-key"] == SECRET
    assert SECRET not in run.out + run.err


def test_a_named_key_variable_that_is_not_set_is_an_error_and_no_request_is_made(
    project: ProjectFixture, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_API_KEY", SECRET)
    project.configure(proxy.url, api_key_env="PROD_KEY")
    project.manifest("support")
    clear(project.run("plan"), 4, "PROD_KEY")
    assert proxy.requests == []


def test_html_instead_of_json_is_not_a_langgraph_server(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("support")
    proxy.meddle = lambda _request, _forward: Answer(200, b"<html><body>Welcome</body></html>", "text/html")
    clear(project.run("plan"), 5, "LangGraph", proxy.url)


def test_a_500_is_tried_again_and_then_named(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("support")
    answers = iter([Answer(500, b"Internal Server Error", "text/plain")])
    proxy.meddle = lambda request, forward: next(answers, None) or forward(request)
    assert project.actions() == {"support": "create"}
    assert len(proxy.requests) >= 2


def test_a_listing_that_loses_rows_is_never_concluded_from(project: ProjectFixture, proxy: Proxy) -> None:
    for key in "abc":
        project.manifest(key)
    project.apply()

    def forgetful(request: Request, forward: Forward) -> Answer:
        answer = forward(request)
        if request.path.endswith("/search"):
            return Answer(200, json.dumps(json.loads(answer.body)[1:]).encode())
        return answer

    proxy.reset()
    proxy.meddle = forgetful
    run = project.run("apply", "--prune")
    clear(run, 5, "counts 3 assistants but lists 2")
    assert proxy.writes == []


def test_a_bad_file_among_a_hundred_good_ones_is_named_at_its_place_and_nothing_is_sent(
    project: ProjectFixture, proxy: Proxy
) -> None:
    for number in range(100):
        project.manifest(f"a{number}")
    project.write("assistants/bad.yaml", "graph_id: agent\ncontxt: {}\nconfig: {recursion_limit: 0}\n")
    run = project.run("apply")
    clear(run, 3, "assistants/bad.yaml:2:1", "did you mean", "assistants/bad.yaml:3:27")
    assert proxy.requests == []


def test_errors_have_a_json_form(project: ProjectFixture) -> None:
    project.write("assistants/bad.yaml", "graph_id: [")
    run = project.run("plan", "--format", "json").expect(3)
    error = run.json["error"]
    assert error["exit_code"] == 3
    assert error["problems"][0]["file"] == "assistants/bad.yaml"


def test_one_failure_does_not_stop_the_others_and_all_are_reported(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    ids = {key: project.manifest(key) for key in ("a", "b", "c")}

    def refuse_b(request: Request, forward: Forward) -> Answer:
        if request.method == "POST" and request.path == "/assistants" and ids["b"].encode() in request.body:
            return Answer(422, b'{"detail": "no thanks"}')
        return forward(request)

    proxy.meddle = refuse_b
    result = project.apply(code=8)
    assert {one["key"]: one["status"] for one in result["outcomes"]} == {"a": "created", "b": "failed", "c": "created"}
    assert "no thanks" in result["outcomes"][1]["error"]["message"]
    assert not result["converged"]
    proxy.reset()
    assert project.statuses() == {"b": "created"}


def test_where_nothing_succeeds_the_first_failure_gives_the_code(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("a")
    proxy.meddle = lambda request, forward: (
        Answer(403, b'{"detail": "read only"}') if request.is_write else forward(request)
    )
    assert project.statuses(code=4) == {"a": "failed"}


LOST: dict[str, Answer | None] = {
    "no answer": None,
    "500": Answer(500, b"Internal Server Error", "text/plain"),
    "502": Answer(502, b"<html>Bad gateway</html>", "text/html"),
    "503": Answer(503, b'{"detail": "Service Unavailable"}'),
    "504": Answer(504, b"", "text/plain"),
    "html": Answer(200, b"<html>", "text/html"),
    "truncated": Answer(200, b'{"assistant_id": "62'),
    "another row": Answer(200, b'{"assistant_id": "x", "graph_id": "y", "version": 9}'),
    "empty": Answer(200, b""),
}
"""Answers from which nothing can be concluded but, for a delete, the empty one and those that are JSON."""


def losing(how: str) -> object:
    """Let one write land and lose its answer."""
    lost: list[Request] = []

    def meddle(request: Request, forward: Forward) -> Answer | None:
        answer = forward(request)
        if request.is_write and not lost:
            lost.append(request)
            return LOST[how]
        return answer

    return meddle


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("action", ["create", "update", "adopt", "activate", "delete"])
def test_a_write_whose_answer_is_lost_is_found_and_not_repeated(
    action: str, how: str, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support", config={"tags": ["a"]})
    if action == "adopt":
        own = deployment.create(name="By hand")["assistant_id"]
        project.manifest("support", assistant_id=own)
    elif action != "create":
        project.apply()
        project.manifest("support", config={"tags": ["b"]})
    if action == "activate":
        project.apply()
        project.manifest("support", config={"tags": ["a"]})
    if action == "delete":
        project.manifest("other")
        project.apply()
        project.remove("support")
    before = len(deployment.versions(own))
    proxy.reset()
    proxy.meddle = losing(how)  # type: ignore[assignment] # a callable
    result = project.apply("--prune")
    assert [one["action"] for one in result["outcomes"]] == [action]
    assert result["converged"]
    expected = {"create": 1, "activate": before, "delete": 0}.get(action, before + 1)
    assert len(deployment.versions(own)) == expected
    assert project.apply("--prune")["outcomes"] == []


def test_a_write_that_never_lands_is_unconfirmed_and_the_next_run_makes_it(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support", context={"model_name": "a"})
    project.apply()
    project.manifest("support", context={"model_name": "b"})
    proxy.reset()
    proxy.meddle = lambda request, forward: None if request.method == "PATCH" else forward(request)
    result = project.apply(code=5)
    (outcome,) = result["outcomes"]
    assert outcome["status"] == "unconfirmed"
    assert "still may" in outcome["error"]["message"]
    assert len([request for request in proxy.requests if request.method == "PATCH"]) == 1
    proxy.reset()
    assert project.statuses() == {"support": "updated"}
    assert len(deployment.versions(own)) == 2


def test_a_base_that_moves_between_plan_and_write_is_a_conflict_and_not_overwritten(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support", context={"model_name": "a"})
    project.apply()
    project.manifest("support", context={"model_name": "b"})
    moved: list[object] = []

    def move(request: Request, forward: Forward) -> Answer:
        if request.method == "GET" and request.path.endswith(own) and not moved:
            moved.append(deployment.patch(own, name="By hand"))
        return forward(request)

    proxy.meddle = move
    result = project.apply(code=7)
    (outcome,) = result["outcomes"]
    assert (outcome["status"], outcome["error"]["kind"]) == ("failed", "Conflict")
    assert [row["name"] for row in deployment.versions(own)] == ["By hand", "support"]


@pytest.mark.parametrize("action", ["update", "activate"])
def test_an_outside_version_between_base_and_write_is_named(
    action: str, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support", config={"tags": ["a"]})
    project.apply()
    project.manifest("support", config={"tags": ["b"]})
    if action == "activate":
        project.apply()
        project.manifest("support", config={"tags": ["a"]})
    base = len(deployment.versions(own))
    moved: list[object] = []

    def move(request: Request, forward: Forward) -> Answer:
        if request.is_write and not moved:
            moved.append(deployment.patch(own, name="By hand"))
        return forward(request)

    proxy.meddle = move
    result = project.apply(code=7)
    (outcome,) = result["outcomes"]
    assert (outcome["action"], outcome["outside_versions"]) == (action, [base + 1])
    assert "By hand" in [row["name"] for row in deployment.versions(own)]


def test_an_id_that_somebody_takes_between_plan_and_create_is_a_conflict(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")

    def squat(request: Request, forward: Forward) -> Answer:
        if request.is_write and not deployment.exists(own):
            deployment.create(assistant_id=own, name="Squatter")
        return forward(request)

    proxy.meddle = squat
    assert project.statuses(code=7) == {"support": "failed"}
    assert [row["name"] for row in deployment.versions(own)] == ["Squatter"]


def after_write(status: int, *, paths: tuple[str, ...]) -> Meddle:
    """Let writes land, and then fail the reads of these paths, once each."""
    written: list[Request] = []
    failed: list[str] = []

    def meddle(request: Request, forward: Forward) -> Answer:
        if request.is_write:
            written.append(request)
        elif written and (hit := next((p for p in paths if request.path.endswith(p)), None)):
            # A page that fails is asked for again in smaller ones.
            tries = MAX_ATTEMPTS * (len(PAGE_SIZES) if hit == "/versions" else 1)
            if failed.count(hit) < tries:
                failed.append(hit)
                return Answer(status, b"later", "text/plain")
        return forward(request)

    return meddle


def test_a_read_that_fails_after_an_activation_landed_does_not_call_it_failed(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support", config={"tags": ["a"]})
    project.apply()
    for tag in "ba":
        project.manifest("support", config={"tags": [tag]})
        if tag == "b":
            project.apply()
    proxy.meddle = after_write(503, paths=(own, "/versions"))
    result = project.apply()
    (outcome,) = result["outcomes"]
    assert (outcome["status"], outcome["version_after"]) == ("activated", 1)
    assert deployment.get(own)["version"] == 1


def reverting(project: ProjectFixture) -> str:
    """A project whose next apply is an activation of version 1."""
    own = project.manifest("support", config={"tags": ["a"]})
    project.apply()
    project.manifest("support", config={"tags": ["b"]})
    project.apply()
    project.manifest("support", config={"tags": ["a"]})
    return own


def pruning(project: ProjectFixture) -> str:
    """A project whose next apply with pruning is one delete."""
    own = project.manifest("support")
    project.manifest("other")
    project.apply()
    project.remove("support")
    return own


def test_a_create_that_landed_is_found_although_its_repetition_and_the_first_look_fail(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    answered: list[str] = []

    def meddle(request: Request, forward: Forward) -> Answer | None:
        answer = forward(request)
        if request.is_write and not answered:
            answered.append("lost")
            return None
        if request.path.endswith("/versions") and answered and answered.count("later") < 4:
            answered.append("later")
            return Answer(503, b"later", "text/plain")
        return answer

    proxy.meddle = meddle
    assert project.statuses() == {"support": "created"}
    assert answered.count("later") == 4
    assert [row["version"] for row in deployment.versions(own)] == [1]


def test_a_base_that_moves_before_an_activation_or_a_delete_is_a_conflict(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting(project)
    moved: list[object] = []

    def move(request: Request, forward: Forward) -> Answer:
        if request.method == "GET" and request.path.endswith(own) and not moved:
            moved.append(deployment.patch(own, name="By hand"))
        return forward(request)

    proxy.meddle = move
    assert project.statuses(code=7) == {"support": "failed"}
    assert deployment.get(own)["version"] == 3
    proxy.reset()
    project.manifest("other")
    project.apply()
    project.remove("support")
    reads: list[Request] = []

    def move_second(request: Request, forward: Forward) -> Answer:
        if request.method == "GET" and request.path.endswith(own):
            reads.append(request)
            if len(reads) == 2:  # the first is the archive's
                deployment.patch(own, name="Again")
        return forward(request)

    proxy.meddle = move_second
    (outcome,) = project.apply("--prune", code=7)["outcomes"]
    assert (outcome["status"], outcome["notes"]) == ("failed", [])
    assert deployment.exists(own)


@pytest.mark.parametrize("action", ["activate", "delete"])
def test_an_activation_or_a_delete_that_never_lands_is_unconfirmed(
    action: str, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = (reverting if action == "activate" else pruning)(project)
    before = deployment.get(own)
    proxy.reset()
    proxy.meddle = lambda request, forward: None if request.is_write else forward(request)
    result = project.apply("--prune", code=5)
    assert [(one["action"], one["status"]) for one in result["outcomes"]] == [(action, "unconfirmed")]
    assert deployment.get(own) == before
    # A pointer move is never sent again once bytes were sent; a delete may be.
    assert len(proxy.writes) == (1 if action == "activate" else 4)


def test_a_pointer_that_moves_on_right_after_an_activation_is_a_conflict(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting(project)

    def overtake(request: Request, forward: Forward) -> Answer:
        answer = forward(request)
        if request.path.endswith("/latest"):
            deployment.patch(own, name="By hand")
        return answer

    proxy.meddle = overtake
    (outcome,) = project.apply(code=7)["outcomes"]
    assert (outcome["status"], outcome["outside_versions"]) == ("failed", [3])
    assert "somebody else has written since" in outcome["error"]["message"]


def test_an_assistant_that_is_gone_before_its_delete_is_deleted(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = pruning(project)
    reads: list[Request] = []

    def vanish(request: Request, forward: Forward) -> Answer:
        if request.method == "GET" and request.path.endswith(own):
            reads.append(request)
            if len(reads) == 2:  # the first is the archive's
                deployment.delete(own)
        return forward(request)

    proxy.reset()
    proxy.meddle = vanish
    assert project.statuses("--prune") == {"support": "deleted"}
    assert proxy.writes == []


def test_a_final_read_that_cannot_be_made_is_said_and_is_no_convergence(project: ProjectFixture, proxy: Proxy) -> None:
    own = project.manifest("support")
    proxy.meddle = after_write(503, paths=(own,))
    result = project.apply(code=5)
    assert [one["status"] for one in result["outcomes"]] == ["created"]
    assert (result["converged"], result["unread"] is not None) == (False, True)


def test_an_assistant_that_is_gone_at_the_final_read_is_a_difference(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")

    def vanish(request: Request, forward: Forward) -> Answer:
        answer = forward(request)
        if request.is_write:
            deployment.delete(own)
        return answer

    proxy.meddle = vanish
    (difference,) = project.apply(code=9)["differences"]
    assert difference == {
        "key": "support", "paths": ["missing"], "version_after": 1, "version_now": None, "outside": []
    }  # fmt: skip


@pytest.mark.parametrize(("count", "gets"), [(1, 1), (2, 2), (5, 0)])
def test_what_is_absent_and_what_was_written_is_read_by_get_or_by_listing_whichever_is_fewer_requests(
    count: int, gets: int, project: ProjectFixture, proxy: Proxy
) -> None:
    for number in range(count):
        project.manifest(f"a{number}")
    project.plan()
    rows = [request for request in proxy.requests if request.method == "GET" and not request.path.endswith("/schemas")]
    assert len(rows) == gets
    proxy.reset()
    assert project.apply()["converged"]
    last_write = max(index for index, request in enumerate(proxy.requests) if request.is_write)
    final = proxy.requests[last_write + 1 :]
    final = [request for request in final if not request.is_lock]
    assert len([request for request in final if request.method == "GET"]) == gets
    assert any(request.path.endswith("/search") for request in final) == (gets == 0)


def test_an_update_behind_an_outside_version_stays_done_although_the_versions_cannot_be_read(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support", config={"tags": ["a"]})
    project.apply()
    project.manifest("support", config={"tags": ["b"]})
    reading = after_write(503, paths=("/versions",))

    def overtaken(request: Request, forward: Forward) -> Answer | None:
        if request.method == "PATCH":
            deployment.patch(own, name="By hand", metadata={"note": "not ours to lose"})
        return reading(request, forward)

    proxy.meddle = overtaken
    (outcome,) = project.apply()["outcomes"]
    assert (outcome["status"], outcome["version_after"]) == ("updated", 3)
    (note,) = outcome["notes"]
    assert "could not be read" in note


def test_a_heal_that_fails_says_that_a_mixture_is_live(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.configure(proxy.url, activation="full")
    own = project.manifest("support", context={"model_name": "a"})
    project.apply()
    project.manifest("support", context={"model_name": "b"})
    project.apply()
    project.manifest("support", context={"model_name": "a"})
    proxy.meddle = lambda request, forward: (
        Answer(401, b'{"detail": "no"}') if request.method == "PATCH" else forward(request)
    )
    (outcome,) = project.apply(code=4)["outcomes"]
    assert (outcome["status"], outcome["healed_from"], outcome["version_after"]) == ("failed", 1, 1)
    assert "a mix of two versions" in outcome["notes"][0]
    proxy.reset()
    assert project.statuses() == {"support": "updated"}
    assert deployment.run(own)["seen"]["context"] == {"model_name": "a"}


def test_a_delete_without_its_versions_to_archive_is_not_made(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    project.manifest("other")
    project.apply()
    project.remove("support")
    proxy.meddle = lambda request, forward: (
        Answer(404, b'{"detail": "none"}') if request.path.endswith("/versions") else forward(request)
    )
    (outcome,) = project.apply("--prune", code=1)["outcomes"]
    assert outcome["status"] == "failed"
    assert "archived" in outcome["error"]["message"]
    assert deployment.exists(own)
    assert not (project.folder / "archive").exists()


def test_a_stamp_that_the_deployment_drops_is_no_convergence(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("support")

    def unstamped(request: Request, forward: Forward) -> Answer:
        if request.is_write:
            body = json.loads(request.body)
            body["metadata"].pop("assistant_sync")
            request = replace(request, body=json.dumps(body).encode())
        return forward(request)

    proxy.meddle = unstamped
    result = project.apply(code=9)
    assert [one["paths"] for one in result["differences"]] == [["metadata.assistant_sync"]]
    assert result["outcomes"][0]["notes"] == ["the server did not take over: metadata.assistant_sync"]


def test_metadata_that_git_does_not_own_and_that_a_write_lost_is_a_difference(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    project.apply()
    deployment.patch(own, metadata={"ui": 1})
    project.manifest("support", description="new")

    def losing_metadata(request: Request, forward: Forward) -> Answer:
        answer = forward(request)
        if request.method == "PATCH":
            row = json.loads(answer.body)
            del row["metadata"]["ui"]
            return Answer(200, json.dumps(row).encode())
        return answer

    proxy.meddle = losing_metadata
    result = project.apply(code=9)
    assert [one["paths"] for one in result["differences"]] == [["metadata.ui"]]


def test_an_assistant_deleted_between_re_read_and_write_is_a_conflict(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    project.apply()
    project.manifest("support", description="new")

    def vanish(request: Request, forward: Forward) -> Answer:
        if request.method == "PATCH" and deployment.exists(own):
            deployment.delete(own)
        return forward(request)

    proxy.meddle = vanish
    assert project.statuses(code=7) == {"support": "failed"}


def test_deletes_come_after_all_other_writes(project: ProjectFixture, proxy: Proxy) -> None:
    for number in range(12):
        project.manifest(f"old{number}")
    project.apply()
    for number in range(12):
        project.remove(f"old{number}")
        project.manifest(f"new{number}", description="x")
    proxy.reset()
    project.apply("--prune", "--allow-deletes", "12")
    methods = [request.method for request in proxy.writes]
    assert methods == ["POST"] * 12 + ["DELETE"] * 12


def test_a_bug_met_by_one_change_does_not_hide_what_became_of_the_others(
    project: ProjectFixture, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [project.manifest(key) for key in "abc"]
    create = AssistantsWriter.create

    async def faulty(self: AssistantsWriter, body: dict[str, object]) -> object:
        if body["assistant_id"] == ids[1]:
            raise ValueError("sk-secret")
        return await create(self, body)  # type: ignore[arg-type] # JSON

    monkeypatch.setattr(AssistantsWriter, "create", faulty)
    result = project.apply(code=70)
    assert [one["status"] for one in result["outcomes"]] == ["created", "unconfirmed", "created"]
    assert result["outcomes"][1]["error"]["kind"] == "Bug"
    assert "ValueError at test_failures.py:" in result["outcomes"][1]["error"]["message"]
    assert "sk-secret" not in json.dumps(result)


def test_a_pointer_that_somebody_moved_does_not_make_the_whole_fleet_an_update(
    project: ProjectFixture, deployment: Deployment
) -> None:
    first = project.manifest("a", config={"configurable": {"temperature": 1}})
    ids = {key: project.manifest(key, context={"model_name": key}) for key in "bcdef"}
    project.apply()
    project.manifest("a")
    project.apply()
    deployment.set_latest(first, 1)
    assert set(ids) <= {key for key, action in project.actions().items() if action == "keep"}
    project.apply()
    assert set(project.actions().values()) == {"keep"}
    assert deployment.run(first)["seen"]["configurable"] == {}


def unregistered(*ids: str) -> Meddle:
    """Answer as the official server does where the graph of an assistant has gone: GET alone says 404."""

    def meddle(request: Request, forward: Forward) -> Answer:
        if request.method == "GET" and request.path.rsplit("/", 1)[-1] in ids:
            return Answer(404, b'{"detail": "assistant not found"}')
        return forward(request)

    return meddle


def test_an_assistant_whose_graph_has_gone_is_deleted_and_not_taken_for_gone(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    project.manifest("other")
    project.apply()
    project.remove("support")
    proxy.meddle = unregistered(own)
    assert project.actions("--prune")["support"] == "delete"
    assert project.statuses("--prune") == {"support": "deleted"}
    assert not deployment.exists(own)


def test_an_assistant_whose_graph_has_gone_is_moved_to_another_graph(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    project.apply()
    project.manifest("support", graph_id="research_agent")
    proxy.meddle = unregistered(own)
    assert project.statuses() == {"support": "updated"}
    assert deployment.get(own)["graph_id"] == "research_agent"


def test_an_archive_that_cannot_be_written_prevents_its_delete(project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support")
    project.manifest("other")
    project.apply()
    project.remove("support")
    project.write("archive", "a file where the folder should be")
    result = project.apply("--prune", code=1)
    assert [one["status"] for one in result["outcomes"]] == ["failed"]
    assert "archive" in result["outcomes"][0]["error"]["message"]
    assert deployment.exists(own)


def test_ctrl_c_lets_writes_in_flight_settle_and_reports_the_rest(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    ids = [project.manifest(f"a{number:02}") for number in range(40)]
    begun = threading.Event()

    def slow(request: Request, forward: Forward) -> Answer:
        if request.is_write:
            begun.set()
            time.sleep(0.3)
        return forward(request)

    proxy.meddle = slow
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant_sync", "apply", "--format", "json", "--concurrency", "4"],
        cwd=project.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert begun.wait(20)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    result = json.loads(out)
    created = [one["assistant_id"] for one in result["outcomes"] if one["status"] == "created"]
    left = [one for one in result["outcomes"] if one["status"] == "not_attempted"]
    assert len(result["outcomes"]) == 40
    assert 1 <= len(created) < 40
    assert len(created) + len(left) == 40
    assert [one for one in ids if deployment.exists(one)] == sorted(created, key=ids.index)
    proxy.reset()
    assert set(project.statuses().values()) == {"created"}


def test_a_second_ctrl_c_does_not_claim_that_nothing_was_written(project: ProjectFixture, proxy: Proxy) -> None:
    for number in range(3):
        project.manifest(f"a{number}")
    begun = threading.Event()

    def slow(request: Request, forward: Forward) -> Answer:
        answer = forward(request)
        if request.is_write:
            begun.set()
            time.sleep(3)
        return answer

    proxy.meddle = slow
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant_sync", "apply", "--concurrency", "1"],
        cwd=project.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert begun.wait(20)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "nothing was written" not in err
    assert "may have been written" in err


def test_ctrl_c_while_planning_ends_at_once_without_a_traceback(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("support")
    begun = threading.Event()

    def slow(request: Request, forward: Forward) -> Answer:
        begun.set()
        time.sleep(2)
        return forward(request)

    proxy.meddle = slow
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant_sync", "plan"],
        cwd=project.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert begun.wait(20)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in err
