from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.errors import ForgeError
from assistant_sync.forge.github.actions import SUMMARY_LIMIT, ActionsRun, output_lines

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "ghs_token0of0the0tests"


def environment(folder: Path, event: object = None, **more: str) -> dict[str, str]:
    file = folder / "event.json"
    file.write_text(json.dumps({"pull_request": {"number": 7}} if event is None else event))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_REPOSITORY": "acme/support",
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_API_URL": "https://git.example/api/v3",
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "GITHUB_OUTPUT": str(folder / "output"),
        **more,
    }


def read_outputs(text: str) -> dict[str, str]:
    """As the runner reads them."""
    lines, found = iter(text.split("\n")), {}
    for line in lines:
        if line:
            name, delimiter = line.split("<<", 1)
            value = []
            while (inner := next(lines)) != delimiter:
                value.append(inner)
            found[name] = "\n".join(value)
    return found


def test_no_variables_are_no_run() -> None:
    run = ActionsRun.from_environ({})
    assert run == ActionsRun()
    assert not run.is_actions
    assert run.api_url == "https://api.github.com"
    assert run.comment_target is None
    run.append_summary("x")
    run.write_outputs({"a": "b"})


@pytest.mark.parametrize(
    ("event", "is_public"),
    [
        ({"repository": {"private": False, "visibility": "public"}}, True),
        ({"repository": {"private": False}}, True),
        ({"repository": {"visibility": "public"}, "pull_request": {"number": 7}}, True),
        ({"repository": {"private": True, "visibility": "internal"}}, False),
        ({"repository": {"private": True, "visibility": "private"}}, False),
        ({"repository": {"private": 0}}, False),
        ({"repository": {"private": "false"}}, False),
        ({"repository": "public"}, False),
        ({}, False),
        ([], False),
        ("x", False),
    ],
)
def test_a_public_repository_is_seen_by_the_event(tmp_path: Path, event: object, is_public: bool) -> None:
    assert ActionsRun.from_environ(environment(tmp_path, event)).is_public is is_public


def test_an_event_that_cannot_be_read_shows_no_public_repository(tmp_path: Path) -> None:
    for text in ("", "{", "[" * 100_000):
        (tmp_path / "damaged.json").write_text(text)
        damaged = {"GITHUB_EVENT_PATH": str(tmp_path / "damaged.json")}
        assert not ActionsRun.from_environ(environment(tmp_path, **damaged)).is_public


def test_a_pull_request_can_be_commented(tmp_path: Path) -> None:
    run = ActionsRun.from_environ(environment(tmp_path))
    assert run.is_actions
    assert run.comment_target == ("acme/support", 7, TOKEN)
    assert run.no_comment_reason is None
    assert run.api_url == "https://git.example/api/v3"
    assert TOKEN not in repr(run)


@pytest.mark.parametrize(
    ("event", "variables", "reason"),
    [
        ({"merge_group": {"head_ref": "x/pr-7-ab"}}, {"GITHUB_EVENT_NAME": "merge_group"}, "merge_group has none"),
        ({"schedule": "0 4 * * *"}, {"GITHUB_EVENT_NAME": "schedule"}, "schedule has none"),
        ({}, {"GITHUB_EVENT_NAME": ""}, "GITHUB_EVENT_NAME is not set"),
        ([], {}, "the event pull_request has none"),
        ({"pull_request": {"number": "7/../../x"}}, {}, "the event pull_request has none"),
        ({"pull_request": {"number": True}}, {}, "the event pull_request has none"),
        ({"pull_request": None}, {}, "the event pull_request has none"),
        (None, {"GITHUB_TOKEN": " "}, "GITHUB_TOKEN is not set"),
        (None, {"GITHUB_REPOSITORY": "acme/../x?y"}, "GITHUB_REPOSITORY is not set"),
        (None, {"GITHUB_EVENT_PATH": "nowhere.json"}, "the event pull_request has none"),
    ],
)
def test_if_nothing_can_be_commented_on_the_reason_is_given(
    event: object, variables: dict[str, str], reason: str, tmp_path: Path
) -> None:
    run = ActionsRun.from_environ(environment(tmp_path, event, **variables))
    assert run.comment_target is None
    assert reason in (run.no_comment_reason or "")


HEAD, MERGE = "a1" * 20, "b2" * 20


@pytest.mark.parametrize(
    ("event", "sha", "head"),
    [
        ({"pull_request": {"number": 7, "head": {"sha": HEAD}}}, MERGE, HEAD),
        ({"pull_request": {"number": 7, "head": {"sha": "../x"}}}, MERGE, MERGE),
        ({"pull_request": {"number": 7, "head": {"sha": f"{HEAD}\n"}}}, MERGE, MERGE),
        ({"pull_request": {"number": 7, "head": {"sha": 7}}}, MERGE, MERGE),
        ({"pull_request": {"number": 7, "head": None}}, MERGE, MERGE),
        ({"merge_group": {}}, MERGE, MERGE),
        ({}, "", None),
        ({}, MERGE[:39], None),
        ({}, "Z" * 40, None),
    ],
)
def test_statuses_belong_to_the_pull_requests_head(event: object, sha: str, head: str | None, tmp_path: Path) -> None:
    assert ActionsRun.from_environ(environment(tmp_path, event, GITHUB_SHA=sha)).head_sha == head


PAGE = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_RUN_ID": "1"}


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        (PAGE, "https://github.com/acme/support/actions/runs/1"),
        (PAGE | {"GITHUB_SERVER_URL": "https://git.example:8443/"}, "https://git.example:8443/acme/support/actions/runs/1"),
        (PAGE | {"GITHUB_SERVER_URL": ""}, None),
        (PAGE | {"GITHUB_SERVER_URL": "javascript:alert(1)"}, None),
        (PAGE | {"GITHUB_RUN_ID": ""}, None),
        (PAGE | {"GITHUB_RUN_ID": "1/../2"}, None),
        (PAGE | {"GITHUB_REPOSITORY": "acme"}, None),
    ],
)  # fmt: skip
def test_a_run_has_a_page_if_all_parts_of_its_address_are_valid(
    variables: dict[str, str], url: str | None, tmp_path: Path
) -> None:
    assert ActionsRun.from_environ(environment(tmp_path, **variables)).run_url == url


def test_text_is_appended_to_the_summary(tmp_path: Path) -> None:
    run = ActionsRun.from_environ(environment(tmp_path))
    run.append_summary("# One\n")
    run.append_summary("# Two")
    assert (tmp_path / "summary").read_text() == "# One\n\n# Two\n\n"


@pytest.mark.parametrize("before", [0, 500, SUMMARY_LIMIT - 10, SUMMARY_LIMIT, SUMMARY_LIMIT + 10])
def test_a_summary_that_does_not_fit_is_truncated_with_a_note(before: int, tmp_path: Path) -> None:
    run = ActionsRun.from_environ(environment(tmp_path))
    (tmp_path / "summary").write_bytes(b"x" * before)
    assert run.summary_bytes_left == max(0, SUMMARY_LIMIT - before)
    run.append_summary("eight €\n" * 200_000)
    data = (tmp_path / "summary").read_bytes()
    assert len(data) <= max(SUMMARY_LIMIT, before)
    if before <= 500:
        assert len(data) > SUMMARY_LIMIT - 100
        assert data.decode().rstrip().endswith("GitHub limits the size of a step's summary._")
        assert data.decode().partition("\n\n…")[0].endswith("\neight €\n")


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), st.text(alphabet="ab<\n=:€", max_size=20)))
def test_outputs_hold_any_text(outputs: dict[str, str]) -> None:
    assert read_outputs("".join(output_lines(name, value) for name, value in outputs.items())) == outputs


def test_a_delimiter_that_the_value_holds_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = iter(["aa", "bb"])
    monkeypatch.setattr("secrets.token_hex", lambda _: next(tokens))
    assert output_lines("name", "x\nend_aa\ny") == "name<<end_bb\nx\nend_aa\ny\nend_bb\n"


def test_outputs_are_appended(tmp_path: Path) -> None:
    run = ActionsRun.from_environ(environment(tmp_path))
    run.write_outputs({"digest": "sha256:ab"})
    run.write_outputs({"exit_code": "0"})
    assert read_outputs((tmp_path / "output").read_text()) == {"digest": "sha256:ab", "exit_code": "0"}


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    run = ActionsRun.from_environ(environment(tmp_path, GITHUB_STEP_SUMMARY=str(tmp_path)))
    with pytest.raises(ForgeError, match=tmp_path.name):
        run.append_summary("x")
