"""Questions, runs and checks on servers whose graphs misbehave if they are asked to; nothing of them stays."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.conformance import kinds
from tests.conformance.conformance_project import AnyDeployment
from tests.depth import DEPTH
from tests.project_fixture import ProjectFixture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GRAPHS = kinds.GRAPHS / "checks"
SERVERS = tuple(name for name in DEPTH.servers if name != "fake") or ("python",)

SECONDS = 8
"""Of one run, where some run longer: a busy machine answers the others in time."""

KEYS = 25 if "CONFORMANCE_SERVERS" in os.environ else 5
"""Assistants: with both sides and twenty cases, 1,000 questions where servers are named, and 200 in the full tier."""

GOOD = [f"question {number}" for number in range(15)]
BAD = [
    *(f"fail {number}" for number in range(2)),
    *(f"interrupt {number}" for number in range(2)),
    "slow",
]
"""A tenth fails, a tenth interrupts, and a twentieth takes longer than it may."""
CASES = len(GOOD) + len(BAD)


@pytest.fixture(scope="module", params=SERVERS)
def served(request: pytest.FixtureRequest) -> Iterator[tuple[str, AnyDeployment]]:
    """One server after the other; its kind, and raw requests to it."""
    with ExitStack() as until_the_end:
        try:
            server = until_the_end.enter_context(kinds.running(request.param, GRAPHS))
        except kinds.CannotRun as reason:
            pytest.skip(f"{request.param} was not run: {reason}")
        deployment = AnyDeployment(server.url)
        until_the_end.callback(deployment.close)
        yield request.param, deployment


@pytest.fixture
def deployment(served: tuple[str, AnyDeployment]) -> AnyDeployment:
    return served[1]


@pytest.fixture
def project(deployment: AnyDeployment, tmp_path: Path) -> ProjectFixture:
    """An empty project in front of the server."""
    deployment.wipe()
    return ProjectFixture(tmp_path, deployment.url)


def write_checks(project: ProjectFixture, *cases: dict[str, Any], **about: Any) -> None:
    document = {"assistants": "*", **about, "cases": list(cases)}
    if "graph" in about:
        del document["assistants"]
    project.write("checks/all.yaml", json.dumps(document))


def listings(deployment: AnyDeployment) -> dict[str, Any]:
    """Everything that a check could leave behind."""
    rows = deployment.all()
    ids = sorted(row["assistant_id"] for row in rows)
    return {
        "assistants": sorted(json.dumps(row, sort_keys=True) for row in rows),
        "versions": {own: len(deployment.versions(own)) for own in ids},
        "crons": {own: crons(deployment, own) for own in ids},
        "threads": sorted(row["thread_id"] for row in deployment.threads()),
    }


def crons(deployment: AnyDeployment, own: str) -> Any:
    """The crons of an assistant; the JS server has none, and says so with 500."""
    try:
        return deployment.crons(own)
    except httpx.HTTPStatusError as error:
        return error.response.status_code


def checked(project: ProjectFixture, *arguments: str, code: int) -> Any:
    return project.run("check", "--format", "json", *arguments).expect(code).json


def test_a_check_of_nothing_asks_nothing(project: ProjectFixture, deployment: AnyDeployment) -> None:
    project.manifest("support", graph_id="chat", context={"system_prompt": "Be kind"})
    write_checks(project, {"name": "hi", "ask": "Hi", "expect": [{"contains": "kind"}]})
    project.commit()
    project.apply()
    before = listings(deployment)
    report = checked(project, code=0)
    assert (report["runs"], report["cases"]) == (0, [])
    assert listings(deployment) == before


def test_both_sides_are_asked_inline_and_nothing_is_written(project: ProjectFixture, deployment: AnyDeployment) -> None:
    own = project.manifest("support", graph_id="chat", context={"system_prompt": "Be kind", "style": "short"})
    hello = {"name": "is kind", "ask": "Hello", "expect": [{"contains": "kind"}]}
    tool = {"name": "uses a tool", "ask": "tool", "expect": [{"tool_called": "look_up_order"}]}
    path = "/messages/-1/tool_calls/0/name"
    value = {"name": "which tool", "ask": "tool", "expect": [{"equals": {"path": path, "value": "look_up_order"}}]}
    write_checks(project, hello, tool, value)
    project.commit()
    project.apply()
    before = listings(deployment)
    project.manifest("support", graph_id="chat", context={"system_prompt": "Be rude"})
    project.commit()
    report = checked(project, code=10)
    kind, *tools = report["cases"]
    assert (kind["before"]["verdict"], kind["after"]["verdict"]) == ("passed", "failed")
    assert kind["before"]["samples"][0]["answer"] == "Be kind (short): Hello"
    assert kind["after"]["samples"][0]["answer"] == "Be rude (no style): Hello"  # the live style does not leak
    assert [one["verdict"] for one in tools] == ["passed", "passed"]
    assert report["runs"] == 6
    assert listings(deployment) == before
    assert deployment.get(own)["context"]["system_prompt"] == "Be kind"


def test_a_new_assistant_has_no_side_before_and_what_is_unchanged_is_asked_once(project: ProjectFixture) -> None:
    project.manifest("old", graph_id="question", context={"system_prompt": "Old"})
    write_checks(project, {"name": "hi", "ask": "Hi", "expect": [{"contains": "no style"}]})
    project.commit()
    project.apply()
    project.manifest("new", graph_id="question", context={"system_prompt": "New"})
    project.commit()
    report = checked(project, "--all", code=0)
    assert [(one["key"], one["before"]) for one in report["cases"]] == [("new", None), ("old", None)]
    assert ["New (no style)" in report["cases"][0]["after"]["samples"][0]["answer"], report["runs"]] == [True, 2]


@pytest.mark.parametrize(
    ("ask", "verdict", "reason"),
    [
        ("fail", "failed", "the graph failed"),
        ("interrupt", "undecided", "interrupts its run"),
        ("loop", "failed", "GraphRecursionError"),
        ("nothing", "failed", "gives no answer"),
        ("large", "undecided", "more than 4 MiB"),
        ("slow", "failed", f"no answer within {SECONDS} s"),
    ],
)
def test_what_goes_wrong_is_one_case_with_its_reason(
    ask: str, verdict: str, reason: str, project: ProjectFixture, deployment: AnyDeployment
) -> None:
    project.manifest("support", graph_id="chat", config={"recursion_limit": 5})
    write_checks(project, {"name": "odd", "ask": ask, "expect": [{"max_seconds": 60}]})
    project.commit()
    before = listings(deployment)
    (case,) = checked(project, "--timeout", str(SECONDS), code=10)["cases"]
    assert case["verdict"] == verdict
    assert reason in case["after"]["samples"][0]["reasons"][0]
    assert listings(deployment) == before


def test_an_interrupt_may_be_expected(project: ProjectFixture) -> None:
    project.manifest("support", graph_id="chat")
    write_checks(project, {"name": "asks first", "ask": "interrupt", "expect": "interrupt"})
    project.commit()
    (case,) = checked(project, code=0)["cases"]
    assert "May I?" in case["after"]["samples"][0]["answer"]


def test_an_input_that_a_graph_does_not_have_is_undecided(project: ProjectFixture) -> None:
    project.manifest("support", graph_id="counting")
    right = {"name": "json", "input": {"first": 3}, "expect": [{"equals": {"path": "/second", "value": 4}}]}
    write_checks(project, {"name": "text", "ask": "Hi", "expect": [{"contains": "x"}]}, right)
    project.commit()
    text, json_case = checked(project, code=10)["cases"]
    assert (text["verdict"], json_case["verdict"]) == ("undecided", "passed")
    assert "neither messages nor one text" in text["after"]["samples"][0]["reasons"][0]


@pytest.mark.parametrize(
    ("prompt", "verdict"), [("Be kind", "passed"), ("Be rude", "failed"), ("Be nonsense", "undecided")]
)
@pytest.mark.parametrize("judge", [{"graph": "reviewer"}, {"assistant": "judge"}])
def test_a_judge_decides_or_does_not(prompt: str, verdict: str, judge: dict[str, str], project: ProjectFixture) -> None:
    project.manifest("judge", graph_id="reviewer")
    project.commit()
    project.apply()
    project.manifest("support", graph_id="chat", context={"system_prompt": prompt})
    write_checks(project, {"name": "polite", "ask": "Hi", "expect": [{"judge": {**judge, "rubric": "Polite."}}]})
    project.commit()
    (case,) = checked(project, code=0 if verdict == "passed" else 10)["cases"]
    assert case["verdict"] == verdict


def test_what_the_default_assistant_has_makes_a_case_undecided(
    project: ProjectFixture, served: tuple[str, AnyDeployment]
) -> None:
    kind, deployment = served
    if kind == "aegra":
        pytest.skip("its default assistants cannot be edited")
    (default,) = (row for row in deployment.all() if row["graph_id"] == "chat" and row["name"] == "chat")
    own = default["assistant_id"]
    project.manifest("support", graph_id="chat", context={"system_prompt": "Be kind"})
    write_checks(project, {"name": "hi", "ask": "Hi", "expect": [{"contains": "leaks"}]})
    project.commit()
    try:
        deployment.patch(own, context={"style": "leaks"}, config={}, graph_id="chat")
        (case,) = checked(project, code=10)["cases"]
        assert case["verdict"] == "undecided"
        assert "context.style" in case["after"]["samples"][0]["reasons"][0]
        project.write("assistant-sync.yaml", with_setting(project, "checks: {allow_default_context: true}"))
        project.commit()
        (case,) = checked(project, code=0)["cases"]
        assert case["after"]["samples"][0]["answer"] == "Be kind (leaks): Hi"
    finally:
        deployment.patch(own, context={}, config={}, graph_id="chat")


def with_setting(project: ProjectFixture, line: str) -> str:
    return (project.folder / "assistant-sync.yaml").read_text("utf-8") + line + "\n"


@pytest.fixture
def thousand(project: ProjectFixture) -> ProjectFixture:
    """Changed assistants, and twenty cases for each."""
    for number in range(KEYS):
        project.manifest(f"support-{number}", graph_id="chat", context={"system_prompt": f"Be kind, once {number}"})
    write_checks(project, *({"name": ask, "ask": ask, "expect": [{"contains": "kind"}]} for ask in (*GOOD, *BAD)))
    project.commit()
    project.apply()
    for number in range(KEYS):
        project.manifest(f"support-{number}", graph_id="chat", context={"system_prompt": f"Be kind, {number}"})
    project.commit()
    return project


ALL = ("--timeout", str(SECONDS), "--concurrency", "8", "--max-runs", "1000")


@pytest.mark.full
def test_a_thousand_questions_leave_nothing_behind(thousand: ProjectFixture, deployment: AnyDeployment) -> None:
    before = listings(deployment)
    report = checked(thousand, *ALL, code=10)
    assert report["runs"] == 2 * KEYS * CASES
    assert listings(deployment) == before
    wrong = [one for one in report["cases"] if not is_right(one)]
    assert wrong == []
    late_ones = [one for one in report["cases"] if is_late(one) and one["case"].startswith("interrupt")]
    assert report["summary"]["undecided"] == 2 * KEYS - len(late_ones)


def is_late(one: Any) -> bool:
    (sample,) = one["after"]["samples"]
    return bool(sample["reasons"] == [f"no answer within {SECONDS} s"])


def is_right(one: Any) -> bool:
    """Whether a case has the verdict that its question makes; any may be late on a busy machine."""
    if is_late(one):
        return bool(one["verdict"] == "failed")
    expected = {"fail": "failed", "interrupt": "undecided"}.get(one["case"].split()[0], "passed")
    return bool(one["verdict"] == expected) and "slow" not in one["case"]


@pytest.mark.full
def test_ctrl_c_halfway_leaves_nothing_behind(thousand: ProjectFixture, deployment: AnyDeployment) -> None:
    before = listings(deployment)
    process = thousand.start("check", "--format", "json", *ALL)
    wait_until(lambda: len(deployment.threads()) >= 8)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    report = json.loads(out)
    assert report["interrupted"]
    assert 0 < report["runs"] < 2 * KEYS * CASES
    assert listings(deployment) == before


@pytest.mark.full
def test_what_a_kill_leaves_goes_with_the_next_check(thousand: ProjectFixture, deployment: AnyDeployment) -> None:
    before = listings(deployment)
    process = thousand.start("check", *ALL)
    wait_until(lambda: len(deployment.threads()) >= 8)
    time.sleep(2)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    left = listings(deployment)
    assert left["threads"]
    assert left | {"threads": []} == before
    time.sleep(SECONDS + 12)  # so long they may be in use
    thousand.run("check", "support-1", "--timeout", str(SECONDS)).expect(10)
    assert listings(deployment) == before


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("stream", ["messages", "updates", "values"])
def test_a_run_is_answered_live_as_a_candidate_and_as_a_version(
    stream: str, project: ProjectFixture, deployment: AnyDeployment
) -> None:
    project.manifest("support", graph_id="chat", context={"system_prompt": "One"})
    project.commit()
    project.apply()
    project.manifest("support", graph_id="chat", context={"system_prompt": "Two"})
    project.commit()
    project.apply()
    project.manifest("support", graph_id="chat", context={"system_prompt": "Three"})
    before = listings(deployment)
    for arguments, prompt in (((), "Two"), (("--candidate",), "Three"), (("--version", "1"), "One")):
        run = project.run("run", "support", "--input", "Hi", "--stream", stream, *arguments).expect(0)
        assert f"{prompt} (no style): Hi" in run.out
    assert listings(deployment) == before


def test_a_thread_is_kept_and_gone_on_with(project: ProjectFixture, deployment: AnyDeployment) -> None:
    project.manifest("support", graph_id="chat", context={"system_prompt": "One"})
    project.commit()
    project.apply()
    first = project.run("run", "support", "--input", "Hi", "--keep-thread", "--format", "json").expect(0).json
    kept = first["thread_id"]
    try:
        assert kept in [row["thread_id"] for row in deployment.threads()]
        again = project.run("run", "support", "--input", "More", "--thread", kept, "--format", "json").expect(0).json
        assert [one["content"] for one in again["state"]["messages"]][::2] == ["Hi", "More"]
    finally:
        deployment.delete_thread(kept)


@pytest.mark.parametrize(("question", "code"), [("fail", 1), ("interrupt", 1), ("slow", 5)])
def test_a_run_without_an_answer_ends_with_its_reason(
    question: str, code: int, project: ProjectFixture, deployment: AnyDeployment
) -> None:
    project.manifest("support", graph_id="chat")
    project.commit()
    project.apply()
    before = listings(deployment)
    run = project.run("run", "support", "--input", question, "--timeout", "2").expect(code)
    assert run.err.startswith("Error: ")
    assert listings(deployment) == before


def test_ctrl_c_ends_a_run_on_the_server_as_well(project: ProjectFixture, deployment: AnyDeployment) -> None:
    project.manifest("support", graph_id="chat")
    project.commit()
    project.apply()
    before = listings(deployment)
    process = project.start("run", "support", "--input", "slow")
    wait_until(lambda: bool(deployment.threads()))
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert listings(deployment) == before
