from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.forge.runner_commands import inert, inert_json
from assistant_sync.report.json.document import dumps

NAMES = ("error", "warning", "notice", "add-mask", "set-output")


def is_command(line: str) -> bool:
    """Whether a runner would obey a line.

    GitHub's cuts names off at a blank (ActionCommand.cs); those of Azure and TeamCity find theirs anywhere.
    """
    if re.search(r"##(vso|teamcity)\[", line):
        return True
    stripped = line.lstrip()
    if stripped.startswith("::") and "::" in stripped[2:]:
        return stripped[2:].split("::")[0].split(" ")[0] in NAMES
    _, found, rest = line.partition("##[")
    return bool(found) and "]" in rest and rest.split("]")[0].split(" ")[0] in NAMES


def test_text_without_a_command_stays_as_it_is() -> None:
    for text in ("", "a::b", "namespace::error::x", "+ ::error::x", "- ::x", "#: ::x", "# [x]", "two\nlines: x"):
        assert inert(text) == text


@pytest.mark.parametrize(
    "line",
    [
        "::error::x",
        "  ::add-mask::x",
        "\t\u3000::set-output name=a::b",
        "a\n\n::error::x",
        "a\r::error::x",
        "say ##[error]x",
        "::error file=a::x ##[add-mask]y",
        "\u200b::error::x",
        "a ##vso[task.setvariable variable=x]y",
        "##teamcity[buildStatus status='SUCCESS']",
    ],
)
def test_what_would_be_a_command_is_no_longer_one(line: str) -> None:
    assert not any(map(is_command, inert(line).replace("\u200b", "").replace("\r", "\n").split("\n")))
    assert inert(line).replace("| ", "").replace("## ", "##") == line


@given(st.lists(st.text(alphabet=" :#[]errorx\n", max_size=20) | st.sampled_from(["::error::", "##[error]"])))
def test_no_line_of_a_made_up_text_is_a_command(parts: list[str]) -> None:
    assert not any(map(is_command, inert("".join(parts)).split("\n")))


@given(st.text(alphabet='#[]\\"er: \n') | st.just("##[error]x"))
def test_json_says_the_same_and_is_no_command(text: str) -> None:
    written = inert_json(dumps({"a": [text], text: {}}))
    assert json.loads(written) == {"a": [text], text: {}}
    assert not any(map(is_command, written.split("\n")))
    assert "##[" not in written
