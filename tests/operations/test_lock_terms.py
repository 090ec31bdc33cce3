from __future__ import annotations

import getpass
import os
import platform
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import UnknownName
from assistant_sync.model.project import Target
from assistant_sync.model.provenance import Commit
from assistant_sync.operations.lock_terms import check_rate, lock_terms, who
from assistant_sync.transport import Pacer
from tests.builders import (
    PROJECT,
    TARGET,
    URL,
    make_create,
    make_keep,
    make_plan,
    make_refuse,
    make_violation,
)

if TYPE_CHECKING:
    from assistant_sync.locking.rows import LockTerms
    from assistant_sync.model.plan import Plan


def terms(plan: Plan, *, lease: float | None = 60.0, environ: dict[str, str] | None = None) -> LockTerms | None:
    return lock_terms(plan, Target(TARGET, URL, lease=lease), environ or {}, timeout=7.0)


def needed(*arguments: Any, **named: Any) -> LockTerms:
    found = terms(*arguments, **named)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "plan",
    [
        make_plan(),
        make_plan(make_keep("a")),
        make_plan(make_create("a", deferred="the graph is not registered")),
        make_plan(make_create("a"), make_refuse("b")),
        make_plan(make_create("a"), guards=(make_violation(),)),
    ],
    ids=["nothing", "nothing to write", "nothing to send", "refused", "stopped by a guard"],
)
def test_a_plan_that_sends_nothing_needs_no_lock(plan: Plan) -> None:
    assert terms(plan) is None


def test_a_target_without_a_lease_takes_no_lock() -> None:
    assert terms(make_plan(make_create("a")), lease=None) is None


def test_a_plan_that_sends_something_needs_the_lock_of_its_project() -> None:
    plan = make_plan(make_create("a"), commit=Commit("c0ffee", dirty=True))
    found = needed(plan, lease=30.0, environ={"CI_JOB_URL": "https://ci.example/7"})
    lock = found.lock
    assert (lock.project, lock.lease, lock.by, lock.commit) == (PROJECT, 30.0, "https://ci.example/7", "c0ffee-dirty")
    assert (lock.generation, found.timeout) == (0, 7.0)


def test_without_a_commit_the_lock_names_none() -> None:
    assert needed(make_plan(make_create("a"), commit=None)).lock.commit is None


def test_each_apply_is_another_holder() -> None:
    plan = make_plan(make_create("a"))
    assert needed(plan).lock.holder != needed(plan).lock.holder


# Who holds it


def test_a_job_of_github_is_named_by_its_run() -> None:
    environ = {"GITHUB_RUN_ID": "12", "GITHUB_REPOSITORY": "acme/agents", "CI_JOB_URL": "https://elsewhere"}
    assert who(environ) == "https://github.com/acme/agents/actions/runs/12"
    enterprise = {**environ, "GITHUB_SERVER_URL": "https://git.acme.example"}
    assert who(enterprise) == "https://git.acme.example/acme/agents/actions/runs/12"


def test_a_job_of_gitlab_is_named_by_its_url() -> None:
    assert who({"CI_JOB_URL": "https://gitlab.example/jobs/7"}) == "https://gitlab.example/jobs/7"


def test_elsewhere_user_machine_and_process_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ann")
    assert who({}) == f"ann@{platform.node()}, process {os.getpid()}"


@pytest.mark.parametrize("error", [KeyError, OSError])
def test_a_user_without_a_name_is_somebody(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", fail)
    assert who({}).startswith("somebody@")


def test_a_long_name_is_cut() -> None:
    assert who({"CI_JOB_URL": "x" * 300}) == "x" * 200


@pytest.mark.parametrize(
    ("lease", "rate"), [(60.0, None), (60.0, 0.6), (60.0, 1000.0), (2.0, 18.0), (3600.0, 0.01), (None, 0.001)]
)
def test_a_budget_with_which_the_lock_can_be_kept_is_taken(lease: float | None, rate: float | None) -> None:
    check_rate(Target(TARGET, URL, lease=lease), None if rate is None else Pacer(rate))


@pytest.mark.parametrize(("lease", "rate", "least"), [(60.0, 0.59, "0.6"), (2.0, 17.9, "18")])
def test_a_budget_with_which_the_lock_would_expire_is_refused_and_the_least_is_named(
    lease: float, rate: float, least: str
) -> None:
    with pytest.raises(UnknownName, match=f"--max-rps {rate:g} is too low") as caught:
        check_rate(Target(TARGET, URL, lease=lease), Pacer(rate))
    assert (caught.value.hint or "").startswith(f"use {least} or more")
