"""``run`` through the command line, against a deployment in memory."""

from __future__ import annotations

import io
import json
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.identity import default_assistant_id
from assistant_sync.model.run import CHECK_KEY
from tests.cli.asked_project import WAITS, AskedProject, asked_project
from tests.forge.test_runner_commands import is_command
from tests.servers.run_server import replied

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.run_server import Events

SECRET = "lsv2_pt_0123456789abcdef0123456789abcdef_0123456789"
HI = ("run", "support", "--input", "Hi")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[AskedProject]:
    """A project whose assistant is live."""
    for project in asked_project(tmp_path):
        project.apply()
        yield project


def asked(project: AskedProject) -> Any:
    """The input of the one run that was asked."""
    (body,) = project.runs.bodies
    return body["input"]


def text_of(value: Any) -> str:
    """The text of an input that is one message."""
    (message,) = value["messages"]
    return str(message["content"])


# What is asked


@pytest.mark.parametrize("given", ["", "   ", "\n"])
@pytest.mark.parametrize("by", ["option", "stdin", "nothing"])
def test_nothing_to_ask_is_a_usage_error(
    given: str, by: str, project: AskedProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    arguments = {"option": ("--input", given), "stdin": ("--input", "-"), "nothing": ()}[by]
    run = project.run("run", "support", *arguments).expect(64)
    assert "nothing is asked: give --input TEXT, --input @FILE, or --input - " in run.err
    assert project.runs.requests == []


@pytest.mark.parametrize("arguments", [(), ("--input", "-")])
def test_standard_input_is_asked(
    arguments: tuple[str, ...], project: AskedProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Where is\nmy order?\n"))
    project.run("run", "support", *arguments).expect(0)
    assert text_of(asked(project)) == "Where is\nmy order?\n"


def test_a_program_without_standard_input_has_nothing_to_ask(
    project: AskedProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    project.run("run", "support").expect(64)


def test_a_file_is_asked(project: AskedProject) -> None:
    project.write("questions/one.txt", "Où est-il ? äöü")
    project.run("run", "support", "--input", "@questions/one.txt").expect(0)
    assert text_of(asked(project)) == "Où est-il ? äöü"


@pytest.mark.parametrize("path", ["missing.txt", "assistants"])
def test_a_file_that_cannot_be_read_is_an_error(path: str, project: AskedProject) -> None:
    run = project.run("run", "support", "--input", f"@{path}").expect(1)
    assert run.err.startswith("Error: ")
    assert "Traceback" not in run.err
    assert project.runs.requests == []


def test_an_at_sign_alone_names_no_file(project: AskedProject) -> None:
    assert "names no file" in project.run("run", "support", "--input", "@").expect(64).err


def test_a_file_that_is_no_text_is_an_error(project: AskedProject) -> None:
    (project.folder / "one.bin").write_bytes(b"\xff\xfe\x00")
    run = project.run("run", "support", "--input", "@one.bin").expect(1)
    assert "one.bin" in run.err
    assert "Traceback" not in run.err


def test_a_json_object_is_the_input_as_it_stands(project: AskedProject) -> None:
    project.run("run", "support", "--input", '{"question": "Hi", "n": [1, null]}').expect(0)
    assert asked(project) == {"question": "Hi", "n": [1, None]}


@pytest.mark.parametrize("text", ["7", '["a"]', '"Hi"', "null", "{", "{'a': 1}", "[" * 100_000])
def test_any_other_json_is_a_text(text: str, project: AskedProject) -> None:
    project.run("run", "support", "--input", text).expect(0)
    assert text_of(asked(project)) == text


# Who is asked


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--candidate", "--version", "1"), "--candidate and --version exclude each other."),
        (("--thread", "t", "--candidate"), "--thread goes with live assistants only"),
        (("--thread", "t", "--version", "1"), "--thread goes with live assistants only"),
        (("--version", "0"), "0 is not in the range"),
        (("--stream", "debug"), "'debug' is not one of"),
    ],
)
def test_options_that_exclude_each_other_are_a_usage_error(
    arguments: tuple[str, ...], message: str, project: AskedProject
) -> None:
    assert message in project.run(*HI, *arguments).expect(64).err
    assert project.runs.requests == []


def test_live_candidate_and_version_are_asked_and_nothing_is_written(project: AskedProject) -> None:
    project.prompt("be brief")
    project.apply()
    project.prompt("be rude")
    before = project.server.assistants.users()
    assert project.run(*HI).expect(0).out == "be brief\n"
    assert project.run(*HI, "--candidate").expect(0).out == "be rude\n"
    assert project.run(*HI, "--version", "1").expect(0).out == "be kind\n"
    live, *inline = project.runs.bodies
    assert (live["assistant_id"], "context" in live) == (project.id, False)
    assert [one["assistant_id"] for one in inline] == ["support_agent"] * 2
    assert live["metadata"] == {CHECK_KEY: "acme-support/support: run"}
    assert project.server.assistants.users() == before
    assert project.runs.threads == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "suport", "--input", "Hi"), "'suport'"),
        (("run", "suport", "--input", "Hi", "--candidate"), "no manifest has the key 'suport'"),
        ((*HI, "--version", "7"), "7"),
        ((*HI, "--target", "nowhere"), "'nowhere'"),
    ],
)
def test_whom_nobody_knows_is_not_asked(arguments: tuple[str, ...], message: str, project: AskedProject) -> None:
    run = project.run(*arguments).expect(64)
    assert message in run.err
    assert project.runs.requests == []


def test_a_graph_without_its_default_assistant_answers_as_live_only(project: AskedProject) -> None:
    project.server.assistants.delete(default_assistant_id("support_agent"))
    assert "default assistant of graph 'support_agent' is absent" in project.run(*HI, "--candidate").expect(6).err
    project.run(*HI).expect(0)


@pytest.mark.parametrize(("arguments", "is_shown"), [((), True), (("--quiet",), False)])
def test_what_lies_beneath_a_candidate_is_a_warning(
    arguments: tuple[str, ...], is_shown: bool, project: AskedProject
) -> None:
    project.server.assistants.patch(default_assistant_id("support_agent"), context={"style": "short"})
    run = project.run(*HI, "--candidate", *arguments).expect(0)
    assert ("Warning: the default assistant" in run.err) == is_shown
    assert "context.style" in project.run(*HI, "--candidate", "--format", "json").expect(0).json["notes"][0]
    assert "Warning" not in project.run(*HI).expect(0).err


# Threads


def test_a_kept_thread_is_named_and_gone_on_with(project: AskedProject) -> None:
    run = project.run(*HI, "--keep-thread").expect(0)
    (kept,) = project.runs.threads
    assert run.err == f"Thread {kept} is kept; --thread {kept} goes on with it.\n"
    assert project.run(*HI, "--thread", kept, "--format", "json").expect(0).json["thread_id"] == kept
    assert project.run(*HI, "--thread", kept, "--quiet").expect(0).err == ""
    assert list(project.runs.threads) == [kept]


def test_a_thread_of_another_assistant_is_not_gone_on_with(project: AskedProject) -> None:
    project.runs.add_thread("theirs", seconds_ago=5, assistant_id="another")
    run = project.run(*HI, "--thread", "theirs").expect(6)
    assert "thread theirs is of another assistant, another, not of 'support'" in run.err
    assert project.runs.bodies == []
    assert "there is no thread gone" in project.run(*HI, "--thread", "gone").expect(64).err


# What is printed


def test_the_document_has_the_whole_state(project: AskedProject) -> None:
    document = project.run(*HI, "--format", "json").expect(0).json
    assert isinstance(document.pop("seconds"), float)
    url = document["target"].pop("url")
    assert url.startswith("http://127.0.0.1:")
    assert document == {
        "format_version": "1.0",
        "key": "support",
        "target": {"name": "local"},
        "graph_id": "support_agent",
        "assistant_id": project.id,
        "version": 1,
        "status": "success",
        "answer": "be kind",
        "error": None,
        "interrupts": [],
        "state": {"messages": [{"type": "human", "content": "?"}, {"type": "ai", "content": "be kind"}]},
        "thread_id": None,
        "run_id": "run-1",
        "notes": [],
    }
    candidate = project.run(*HI, "--candidate", "--format", "json").expect(0).json
    assert (candidate["assistant_id"], candidate["version"]) == (None, None)
    version = project.run(*HI, "--version", "1", "--format", "json").expect(0).json
    assert (version["assistant_id"], version["version"]) == (None, 1)


def test_a_state_without_messages_is_printed_as_json(project: AskedProject) -> None:
    project.answers([("values", {"second": 4})])
    assert json.loads(project.run(*HI).expect(0).out) == {"second": 4}


def test_control_characters_of_an_answer_are_shown_not_obeyed(project: AskedProject) -> None:
    project.answers(replied("a\x1b[31mred\x1b]8;;http://x\x07 \u202e\nsecond line"))
    for arguments in ((), ("--stream", "values"), ("--format", "json")):
        run = project.run(*HI, *arguments).expect(0)
        assert all(line.isprintable() for line in run.out.split("\n"))
    assert project.run(*HI).out.split("\n")[1] == "second line"


@pytest.mark.parametrize("arguments", [(), ("--stream", "values"), ("--format", "json")])
def test_no_line_of_an_answer_is_a_command_of_the_runner(
    arguments: tuple[str, ...], project: AskedProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    project.answers(replied("fine\n::error::gotcha\n  ::set-output name=a::b\n##[error]x ##vso[task.x]y"))
    run = project.run(*HI, *arguments).expect(0)
    assert "gotcha" in run.out
    assert [line for line in run.out.split("\n") if is_command(line)] == []


@pytest.mark.parametrize("arguments", [(), ("--stream", "values"), ("--stream", "updates"), ("--format", "json")])
def test_credentials_in_an_answer_are_masked(arguments: tuple[str, ...], project: AskedProject) -> None:
    message = {"type": "ai", "content": f"well,\nit is {SECRET}, see"}
    state = {"messages": [{"type": "human", "content": "?"}, message], "api_key": "hunter2"}
    project.answers([("updates", {"node": state}), ("values", state)])
    run = project.run(*HI, *arguments).expect(0)
    assert SECRET not in run.out + run.err
    assert "hunter2" not in run.out
    assert "well," in run.out


@pytest.mark.parametrize("arguments", [(), ("--format", "json")])
def test_what_a_state_names_as_a_credential_is_masked_in_the_answer_too(
    arguments: tuple[str, ...], project: AskedProject
) -> None:
    project.answers([("values", {"user": "ann", "password": "hunter2"})])
    run = project.run(*HI, *arguments).expect(0)
    assert ("hunter2" in run.out, "ann" in run.out) == (False, True)


def test_the_key_that_was_sent_is_masked(project: AskedProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_API_KEY", "plain-key-of-ours-48")
    project.answers(replied("your key is plain-key-of-ours-48"))
    for arguments in ((), ("--format", "json"), ("--stream", "values")):
        assert "plain-key-of-ours-48" not in project.run(*HI, *arguments).expect(0).out


def test_each_event_of_the_stream_is_a_line_of_json(project: AskedProject) -> None:
    events: Events = [
        ("metadata", {"run_id": "run-1"}),
        ("updates", {"first": {"a": 1}}),
        ("updates|sub", {"second": None}),
        ("values", {"a": 1}),
    ]
    project.answers(events)
    lines = project.run(*HI, "--stream", "updates").expect(0).out.splitlines()
    assert list(map(json.loads, lines)) == [{"first": {"a": 1}}, {"second": None}]
    assert project.run(*HI, "--stream", "values").expect(0).out == '{"a": 1}\n'
    assert [body["stream_mode"] for body in project.runs.bodies] == [["updates", "values"], ["values"]]


# How it ends


@pytest.mark.parametrize(
    ("events", "code", "status", "message"),
    [
        ([("error", {"error": "ValueError", "message": f"no\x1b[0m {SECRET}"})], 1, "error", "the graph failed: Val"),
        ([("values", {"a": 1, "__interrupt__": [{"value": "May I?"}]})], 1, "interrupted", "interrupts its run"),
        (WAITS, 5, "timeout", "no answer within 1 s"),
    ],
)
def test_a_run_without_an_answer_ends_with_its_reason(
    events: Events, code: int, status: str, message: str, project: AskedProject
) -> None:
    project.answers(events)
    run = project.run(*HI, "--timeout", "1").expect(code)
    assert run.err.startswith("Error: ")
    assert message in run.err
    assert (SECRET in run.err, "\x1b" in run.err) == (False, False)
    document = project.run(*HI, "--timeout", "1", "--format", "json").expect(code).json
    assert document["status"] == status
    assert message in document["error"]
    assert project.runs.threads == {}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_an_interruption_ends_the_run_on_the_server_as_well(number: int, code: int, project: AskedProject) -> None:
    project.answers(WAITS)
    returned, out, err = project.interrupted(number, *HI, when=lambda: bool(project.runs.bodies))
    assert (returned, out) == (code, ""), err
    assert "Traceback" not in err
    assert project.runs.cancelled == ["run-1"]
    assert project.runs.threads == {}
