"""Two identities whose threads an authorisation handler keeps apart, on the official server with such a handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from assistant_sync.model.lock import LOCK_KEY, Lock
from examples.dev_server import running_server
from tests.conformance.kinds import GRAPHS
from tests.project_fixture import PROJECT, ProjectFixture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IDENTITIES = ("ann", "bob", "reader")
"""Each is its own key; the last one may not use threads."""


@pytest.fixture
def guarded(server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a server with the handler of ``graphs/auth.py``."""
    kind = request.node.callspec.params["server"]
    if kind != "python":
        pytest.skip("an authorisation handler is tried on the official dev server alone")
    assert server
    with running_server(config=GRAPHS / "langgraph.auth.json") as url:
        yield url


@pytest.fixture
def project(guarded: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProjectFixture:
    """A project whose applies name their identity with ``--api-key-env``."""
    for identity in IDENTITIES:
        monkeypatch.setenv(identity.upper(), identity)
    folder = tmp_path / "repository"
    folder.mkdir()
    return ProjectFixture(folder, guarded)


def as_user(identity: str, *arguments: str) -> tuple[str, ...]:
    return (*arguments, "--format", "json", "--api-key-env", identity.upper())


def states(project: ProjectFixture, *arguments: str) -> list[tuple[str, str, str]]:
    """The checks of doctor that are about the lock."""
    checks: list[dict[str, Any]] = project.run("doctor", *arguments).expect(0).json["checks"]
    return [(one["name"], one["state"], one["message"]) for one in checks if one["name"] == "lock"]


def test_the_lock_holds_among_applies_of_one_identity_and_each_says_so(guarded: str, project: ProjectFixture) -> None:
    project.manifest("support", context={"model": "a"})
    project.commit()
    lock = Lock(project=PROJECT, generation=1, holder="x", lease=600, by="ann's job", commit=None)
    with httpx.Client(base_url=guarded, headers={"x-api-key": "ann"}, trust_env=False) as ann:
        body = {"thread_id": lock.id, "metadata": {LOCK_KEY: lock.as_json()}}
        assert ann.post("/threads", json=body).json()["metadata"]["owner"] == "ann"
        waits = project.run("apply", "--lock-timeout", "0", *as_user("ann")).expect(7)
        assert "ann's job" in waits.err
        run = project.run("apply", "--lock-timeout", "0", *as_user("bob")).expect(0)
        assert [one["status"] for one in run.json["outcomes"]] == ["created"]
        (warning,) = run.json["warnings"]
        assert "keeps threads apart by user (it added 'owner' to the lock)" in warning
        assert f"Warning: {warning}" in run.err
        assert [row["thread_id"] for row in ann.post("/threads/search", json={}).json()] == [lock.id]
        # Both see the same assistants.
        for identity in ("ann", "bob"):
            plan = project.run("plan", *as_user(identity)).expect(0).json
            assert [one["action"] for one in plan["changes"]] == ["keep"]
        apart = "the deployment keeps threads apart by user (it adds owner): "
        held = ("lock", "ok", "ann's job holds the lock of this project")
        assert [one[:2] for one in states(project, *as_user("ann"))] == [("lock", "warning"), ("lock", "ok")]
        assert states(project, *as_user("ann"))[1] == held
        assert states(project, *as_user("bob")) == [("lock", "ok", "free")]
        (measured, free) = states(project, "--probe", *as_user("bob"))
        assert (measured[1], measured[2].startswith(apart), free) == ("warning", True, ("lock", "ok", "free"))
    with httpx.Client(base_url=guarded, headers={"x-api-key": "bob"}, trust_env=False) as bob:
        assert bob.post("/threads/search", json={}).json() == []


def test_a_key_that_may_not_use_threads_applies_with_a_warning(project: ProjectFixture) -> None:
    project.manifest("support", context={"model": "a"})
    project.commit()
    run = project.run("apply", *as_user("reader")).expect(0)
    assert [one["status"] for one in run.json["outcomes"]] == ["created"]
    (warning,) = run.json["warnings"]
    assert warning.startswith("there is no lock against another apply at the same time: ")
    ((_, state, message),) = states(project, *as_user("reader"))
    assert (state, message.split(":")[0]) == ("warning", "threads, which the lock is kept in, cannot be read")
    project.run("unlock", *as_user("reader")).expect(4)


def test_metadata_that_the_handler_normalises_is_written_once_and_blames_nobody(project: ProjectFixture) -> None:
    project.manifest("support", context={"model": "a"}, metadata={"team": "CX"})
    project.commit()
    first = project.run("apply", *as_user("ann")).expect(0).json
    assert first["converged"]
    assert [one["status"] for one in first["outcomes"]] == ["created"]
    for _ in range(2):
        plan = project.run("plan", "--detailed-exitcode", *as_user("ann")).expect(0).json
        assert [one["action"] for one in plan["changes"]] == ["keep"]
        (warning,) = plan["warnings"]
        assert "the server changed metadata.team" in warning["message"]
        assert project.run("apply", *as_user("ann")).expect(0).json["outcomes"] == []
    project.manifest("support", context={"model": "b"}, metadata={"team": "CX"})
    project.commit()
    (change,) = project.run("plan", *as_user("ann")).expect(0).json["changes"]
    assert (change["action"], change["reason"]) == ("update", "the manifest has changed since it was last applied")
    (outcome,) = project.run("apply", *as_user("ann")).expect(0).json["outcomes"]
    assert (outcome["status"], outcome["version_after"]) == ("updated", 2)
