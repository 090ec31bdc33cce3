from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import ForgeError
from assistant_sync.forge.github import reviewed_plan as module
from assistant_sync.forge.github.actions import ActionsRun
from assistant_sync.forge.github.api import GitHub
from assistant_sync.forge.github.reviewed_plan import ReviewedPlan, find_reviewed_plan
from tests.servers.fake_actions import FakeActions, fake_actions
from tests.servers.fake_github import REPOSITORY, TOKEN, answers
from tests.servers.loopback import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD, COMMIT = "a" * 40, "b" * 40
NAME = f"assistant-sync-plan-acme-production-{HEAD}"


@pytest.fixture
def github() -> Iterator[FakeActions]:
    """A merged pull request."""
    with fake_actions() as fake:
        fake.pull(7, HEAD, COMMIT)
        yield fake


def found(github: FakeActions, *, ref: str = "refs/heads/main") -> ReviewedPlan | None:
    """What is found for the commit."""

    async def find() -> ReviewedPlan | None:
        run = ActionsRun(repository=REPOSITORY, sha=COMMIT, ref=ref)
        async with GitHub(github.url, TOKEN) as api:
            return await find_reviewed_plan(api, run, "acme", "production")

    return asyncio.run(find())


def test_without_a_pull_request_there_is_no_plan(github: FakeActions) -> None:
    github.pulls_of.clear()
    assert found(github) is None


def test_a_pull_request_without_an_artifact_has_no_plan(github: FakeActions) -> None:
    assert found(github) is None


def test_the_newest_plan_of_the_last_commit_is_taken(github: FakeActions) -> None:
    github.artifact(NAME, HEAD, {"plan.json": "old"})
    github.artifact(NAME, HEAD, {"plan.json": "new"})
    github.artifact(NAME, HEAD, {"other.json": "x"})
    assert found(github) == ReviewedPlan(7, HEAD, b"new")


def test_a_merge_queue_names_its_pull_request_in_the_branch(github: FakeActions) -> None:
    github.pulls[7]["merged_at"] = None
    github.artifact(NAME, HEAD, {"plan.json": "{}"})
    assert found(github) is None
    assert found(github, ref=f"refs/heads/gh-readonly-queue/main/pr-7-{COMMIT}") == ReviewedPlan(7, HEAD, b"{}")


@pytest.mark.parametrize(
    "fields", [{"run": {"head_repository_id": 2}}, {"run": {"head_sha": "0" * 40}}, {"expired": True}, {"id": "x"}]
)
def test_an_artifact_that_may_be_a_forks_or_of_another_commit_is_not_taken(
    github: FakeActions, fields: dict[str, Any]
) -> None:
    github.artifact(NAME, HEAD, {"plan.json": "{}"}, **fields)
    assert found(github) is None


@pytest.mark.parametrize("fields", [{"merged_at": None}, {"base": {"ref": "other"}}, {"head": None}, {"number": "7"}])
def test_a_pull_request_that_was_not_merged_here_is_not_meant(github: FakeActions, fields: dict[str, Any]) -> None:
    github.artifact(NAME, HEAD, {"plan.json": "{}"})
    github.pulls[7] |= fields
    assert found(github) is None


@pytest.mark.parametrize("answer", [{"artifacts": [{}]}, {"artifacts": [{"id": 1}, 2]}])
def test_artifacts_of_another_shape_are_none_of_ours(github: FakeActions, answer: object) -> None:
    github.fails("/actions/artifacts", lambda _, __: Reply(200, json.dumps(answer).encode()))
    assert found(github) is None


@pytest.mark.parametrize(
    ("path", "answer"),
    [("/actions/artifacts", []), ("/actions/artifacts", {}), ("/actions/artifacts", {"artifacts": {}}),
     ("/pulls", None), ("/pulls", {})],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_is_an_error_not_the_absence_of_a_plan(
    github: FakeActions, path: str, answer: object
) -> None:
    github.fails(path, lambda _, __: Reply(200, json.dumps(answer).encode()))
    with pytest.raises(ForgeError, match="cannot be read"):
        found(github)


def test_pull_requests_of_another_shape_are_not_meant(github: FakeActions) -> None:
    github.fails("/pulls", lambda _, __: Reply(200, b"[null, 1]"))
    assert found(github) is None


def test_the_token_does_not_reach_the_store(github: FakeActions) -> None:
    """The store of the fake refuses a download that carries one."""
    github.artifact(NAME, HEAD, {"plan.json": "{}"})
    assert found(github) is not None


def test_a_store_that_fails_is_an_error_that_holds_no_signed_url(github: FakeActions) -> None:
    number = github.artifact(NAME, HEAD, {"plan.json": "{}"})
    del github.zips[number]
    with pytest.raises(ForgeError) as caught:
        found(github)
    assert github.store not in caught.value.message


def test_a_redirect_to_nowhere_is_an_error(github: FakeActions) -> None:
    github.artifact(NAME, HEAD, {"plan.json": "{}"})
    github.store = "ftp://store.example"
    with pytest.raises(ForgeError, match="no place to download"):
        found(github)


def test_an_artifact_that_is_no_zip_file_is_an_error(github: FakeActions) -> None:
    number = github.artifact(NAME, HEAD, {"plan.json": "{}"})
    github.zips[number] = b"PK no"
    with pytest.raises(ForgeError, match="not a ZIP file"):
        found(github)


@pytest.mark.parametrize(
    ("limit", "message"), [(40, "the download has more than"), (1000, "the reviewed plan has more")]
)
def test_what_is_larger_than_any_plan_is_not_read(
    github: FakeActions, limit: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.artifact(NAME, HEAD, {"plan.json": " " * 100_000})
    monkeypatch.setattr(module, "MAX_PLAN", limit)
    with pytest.raises(ForgeError, match=message):
        found(github)


def test_where_github_refuses_there_is_no_answer_to_go_on_with(github: FakeActions) -> None:
    github.fails("/pulls", answers(401))
    with pytest.raises(ForgeError, match="401"):
        found(github)
