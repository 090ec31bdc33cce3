"""The options that plan and apply share, as far as they read what surrounds a job."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
import pytest

from assistant_sync.cli.options import common_options
from assistant_sync.cli.planning_options import plan_request, planning_options
from assistant_sync.model.selection import Selection

if TYPE_CHECKING:
    from pathlib import Path

    from assistant_sync.operations.plan_request import PlanRequest


def requested(*arguments: str) -> PlanRequest:
    """The request that a command line makes."""
    made: list[PlanRequest] = []

    @click.command()
    @planning_options
    @common_options()
    @click.pass_context
    def command(ctx: click.Context, /, **options: Any) -> None:
        made.append(plan_request(ctx, (), options))

    command.main(list(arguments), standalone_mode=False, obj={})
    return made[0]


@pytest.fixture
def public(tmp_path: Path) -> dict[str, str]:
    """The environment of a job of a public repository on GitHub."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"repository": {"private": False}}))
    return {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(event)}


def test_outside_of_continuous_integration_nothing_is_public() -> None:
    request = requested()
    assert (request.in_public, request.allow_public_archive) == (False, False)


def test_a_public_repository_is_seen_in_its_jobs_alone(public: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in public.items():
        monkeypatch.setenv(name, value)
    assert requested().in_public
    assert requested("--allow-public-archive").allow_public_archive
    for name, value in (("CI", "false"), ("GITHUB_ACTIONS", "false")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            assert not requested().in_public


def test_a_public_project_of_gitlab_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_PROJECT_VISIBILITY", "public")
    assert not requested().in_public
    monkeypatch.setenv("CI", "true")
    assert requested().in_public


def test_each_selecting_option_reaches_the_request() -> None:
    request = requested("--only", "a*", "--only", "b", "--graph", "x", "--graph", "y*", "--changed-since", "main")
    assert request.selection == Selection(("a*", "b"), ("x", "y*"))
    assert request.changed_since == "main"
