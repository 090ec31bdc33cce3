from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.forge.github.workflow_commands import (
    annotation,
    inert,
    inert_json,
    may_hold_command,
    select_annotations,
    stop_and_resume,
)
from assistant_sync.problem import Problem, Severity
from assistant_sync.report.json.document import dumps

NAMES = ("error", "warning", "notice", "add-mask", "set-output")


def unescaped(text: str, *, in_property: bool = False) -> str:
    """As the runner does it (ActionCommand.cs)."""
    pairs = [("%0D", "\r"), ("%0A", "\n"), *([("%3A", ":"), ("%2C", ",")] if in_property else []), ("%25", "%")]
    for replacement, token in pairs:
        text = text.replace(replacement, token)
    return text


def is_command(line: str) -> bool:
    """Whether the runner would obey a line (ActionCommand.cs): names are cut off at a blank."""
    stripped = line.lstrip()
    if stripped.startswith("::") and "::" in stripped[2:]:
        return stripped[2:].split("::")[0].split(" ")[0] in NAMES
    _, found, rest = line.partition("##[")
    return bool(found) and "]" in rest and rest.split("]")[0].split(" ")[0] in NAMES


def test_a_problem_is_shown_at_its_place() -> None:
    problem = Problem("a.yaml", 3, 5, "unknown field 'grahp'")
    assert annotation(problem, "sub/a.yaml") == (
        "::error file=sub/a.yaml,line=3,col=5,title=assistant-sync::unknown field 'grahp'"
    )


def test_a_warning_about_a_whole_file_has_no_line() -> None:
    problem = Problem("a.yaml", 0, 0, "is empty", Severity.WARNING)
    assert annotation(problem, "a.yaml") == "::warning file=a.yaml,title=assistant-sync::is empty"


def test_a_whole_line_has_no_column() -> None:
    assert ",line=2,title" in annotation(Problem("a.yaml", 2, 0, "wrong"), "a.yaml")


@given(st.text(alphabet="%0ADC:,;\r\n=a]", max_size=30), st.text(alphabet="%0ADC:,\r\n=a", min_size=1, max_size=30))
def test_the_runner_reads_what_was_meant_and_one_command_only(message: str, file: str) -> None:
    command = annotation(Problem("x", 1, 2, message), file)
    assert "\n" not in command
    assert "\r" not in command
    head, data = command.removeprefix("::").split("::", 1)
    assert unescaped(data) == message
    name, properties = head.split(" ", 1)
    listed = dict(one.split("=", 1) for one in properties.split(","))
    assert name == "error"
    assert unescaped(listed["file"], in_property=True) == file
    assert (listed["line"], listed["col"]) == ("1", "2")


def test_no_more_are_shown_than_github_shows() -> None:
    assert select_annotations([]) == ([], 0)
    errors = [Problem("a", line, 1, "e") for line in range(1, 13)]
    warnings = [Problem("b", line, 1, "w", Severity.WARNING) for line in range(1, 15)]
    chosen, rest = select_annotations([*warnings, *errors])
    assert (chosen, rest) == (errors[:10] + warnings[:10], 6)


def test_each_stop_has_a_token_of_its_own() -> None:
    stop, resume = stop_and_resume()
    token = stop.removeprefix("::stop-commands::")
    assert len(token) == 32
    assert resume == f"::{token}::"
    assert stop_and_resume() != (stop, resume)


def test_text_without_a_command_stays_as_it_is() -> None:
    for text in ("", "a::b", "namespace::error::x", "# [x]", "two\nlines: x"):
        assert inert(text) == text
        assert not may_hold_command(text)


@pytest.mark.parametrize(
    "line",
    [
        "::error::x",
        "  ::add-mask::x",
        "\t\u3000::set-output name=a::b",
        "a\n\n--\n::error::x",
        "a\r::error::x",
        "say ##[error]x",
        "::error file=a::x ##[add-mask]y",
        "\u200b::error::x",
    ],
)
def test_what_would_be_a_command_is_no_longer_one(line: str) -> None:
    assert may_hold_command(line)
    assert not any(map(is_command, inert(line).replace("\u200b", "").replace("\r", "\n").split("\n")))
    assert inert(line).replace("| ", "").replace("## [", "##[") == line


@given(st.lists(st.text(alphabet=" :#[]errorx\n", max_size=20) | st.sampled_from(["::error::", "##[error]"])))
def test_no_line_of_a_made_up_text_is_a_command(parts: list[str]) -> None:
    assert not any(map(is_command, inert("".join(parts)).split("\n")))


@given(st.text(alphabet='#[]\\"er: \n') | st.just("##[error]x"))
def test_json_says_the_same_and_is_no_command(text: str) -> None:
    written = inert_json(dumps({"a": [text], text: {}}))
    assert json.loads(written) == {"a": [text], text: {}}
    assert not any(map(is_command, written.split("\n")))
    assert "##[" not in written
