from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest

from examples import dev_server
from examples.dev_server import PortTaken, ServerFailed, run_graph, running_server

if TYPE_CHECKING:
    from tests.servers.official import Deployment

PROGRAM = [sys.executable, str(Path(dev_server.__file__))]


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ok", trust_env=False).is_success
    except httpx.TransportError:
        return False


def test_a_wiped_deployment_holds_the_default_assistants_alone(deployment: Deployment) -> None:
    assert deployment.users() == []
    assert {row["graph_id"] for row in deployment.all()} == {"support_agent", "research_agent"}
    assert all(row["metadata"] == {"created_by": "system"} for row in deployment.all())


def test_wiping_deletes_assistants_and_brings_default_ones_back(deployment: Deployment) -> None:
    before = [(row["assistant_id"], row["config"], row["version"]) for row in deployment.all()]
    first, second = deployment.defaults
    deployment.create_many({"name": str(n)} for n in range(30))
    deployment.patch(first, config={"recursion_limit": 3})
    deployment.delete(second)
    deployment.wipe()
    assert [(row["assistant_id"], row["config"], row["version"]) for row in deployment.all()] == before
    assert deployment.run("support_agent")["seen"]["recursion_limit"] is None


def test_versions_are_complete_and_none_for_an_unknown_assistant(deployment: Deployment) -> None:
    row = deployment.create()
    for _ in range(12):
        deployment.patch(row["assistant_id"])
    assert [v["version"] for v in deployment.versions(row["assistant_id"])] == list(range(13, 0, -1))
    assert deployment.versions(str(uuid4())) == []


def test_a_run_answers_with_what_its_assistant_configured(deployment: Deployment) -> None:
    context = {"model_name": "gpt", "system_prompt": "\nBe kind.\nAlways.", "tools": ["search"]}
    row = deployment.create(context=context, config={"recursion_limit": 7, "tags": ["cx"]})
    state = deployment.run(row["assistant_id"], "why?", deployment.thread())
    assert state["answer"] == "gpt, prompted “Be kind.”, with search: you asked “why?”."
    assert state["seen"] == {
        "graph": "support_agent",
        "context": context,
        "configurable": context,
        "recursion_limit": 7,
        "tags": ["cx"],
    }


def test_a_failed_run_is_an_error_although_the_server_answers_200(deployment: Deployment) -> None:
    row = deployment.create(graph_id="research_agent", context={"max_sources": "many"})
    with pytest.raises(RuntimeError, match="max_sources"):
        deployment.run(row["assistant_id"])


def test_each_graph_runs_by_its_name_without_any_configuration(server_url: str) -> None:
    assert run_graph(server_url, "support_agent", "hi")["seen"]["context"] == {}
    assert run_graph(server_url, "research_agent", "hi")["seen"]["context"]["max_sources"] == 5


@pytest.mark.server
def test_a_taken_port_is_an_error_and_the_other_server_is_left_alone(server_url: str) -> None:
    port = httpx.URL(server_url).port
    with pytest.raises(PortTaken, match=f":{port}: another program"), running_server(port=port):
        pytest.fail("it served beside another server")
    assert answers(server_url)


@pytest.mark.server
def test_a_server_that_cannot_start_tells_what_it_logged(tmp_path: Path) -> None:
    config = tmp_path / "langgraph.json"
    config.write_text('{"dependencies": ["."], "graphs": {"lost": "./lost.py:graph"}}')
    with pytest.raises(ServerFailed, match=r"ended with code(?s:.*)lost\.py"), running_server(config=config):
        pytest.fail("it served a graph that does not exist")


@pytest.mark.server
def test_an_error_beside_the_server_stops_it() -> None:
    urls = []

    def serve() -> None:
        with running_server() as url:
            urls.append(url)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        serve()
    assert not answers(urls[0])


@pytest.mark.server
def test_the_program_runs_a_command_and_ends_with_its_code() -> None:
    code = "import os, sys; print(os.environ['ASSISTANT_SYNC_URL']); sys.exit(7)"
    done = subprocess.run([*PROGRAM, "--", sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert not answers(done.stdout.strip())


@pytest.mark.server
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_program_stops_the_server(number: signal.Signals) -> None:
    with subprocess.Popen(PROGRAM, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        url = program.stdout.readline().strip()
        assert answers(url)
        program.send_signal(number)
        assert program.wait(20) == 128 + number
    assert not answers(url)
