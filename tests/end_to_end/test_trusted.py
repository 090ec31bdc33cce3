"""``--trusted-ref``: a pull request that changes where secrets go is not planned with them, with no request at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.proxy import Proxy

COMMANDS = (("plan",), ("apply", "--yes"))


@pytest.fixture
def branch(project: ProjectFixture) -> ProjectFixture:
    """A project on main, and a branch of it."""
    project.manifest("a")
    project.commit("begin")
    project.git("switch", "-q", "-c", "branch")
    return project


def test_the_same_connection_is_planned_with(branch: ProjectFixture) -> None:
    branch.manifest("a", description="new")
    branch.commit("branch")
    branch.run("plan", "--trusted-ref", "main").expect(0)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"url": "http://127.0.0.1:9/elsewhere"}, "url"),
        ({"api_key_env": "OTHER_SECRET"}, "api_key_env"),
        ({"headers": {"X-Tenant": "me"}}, "headers"),
        ({"headers_env": {"X-Token": "OTHER_SECRET"}}, "headers_env"),
        ({"ca_file": "ca.pem"}, "ca_file"),
    ],
)
def test_another_connection_causes_no_request(
    command: tuple[str, ...], changed: dict[str, Any], named: str, branch: ProjectFixture, proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("OTHER_SECRET", "a-secret-of-somebody")
    branch.write("ca.pem", "no certificate\n")
    branch.configure(**{"url": proxy.url, **changed})
    branch.commit("branch")
    proxy.reset()
    done = branch.run(*command, "--trusted-ref", "main").expect(6)
    assert proxy.requests == []
    assert named in done.err
    assert "takes effect after the merge" in done.err
    assert "a-secret-of-somebody" not in done.out + done.err


def test_what_does_not_belong_to_the_connection_may_change(branch: ProjectFixture, proxy: Proxy) -> None:
    branch.configure(proxy.url, activation="never", limits={"deletes": 3}, prune=True)
    branch.commit("branch")
    branch.run("plan", "--trusted-ref", "main").expect(0)


def test_a_certificate_of_the_repository_that_is_changed_counts(branch: ProjectFixture, proxy: Proxy) -> None:
    branch.write("ca.pem", "one\n")
    branch.configure(proxy.url, ca_file="ca.pem")
    trusted = branch.commit("with a certificate")
    branch.write("ca.pem", "other\n")
    branch.commit("another certificate")
    proxy.reset()
    assert "the content of ca_file" in branch.run("plan", "--trusted-ref", trusted).expect(6).err
    assert proxy.requests == []


def test_a_new_target_is_not_trusted(branch: ProjectFixture, proxy: Proxy) -> None:
    branch.configure(proxy.url, name="another")
    branch.commit("branch")
    proxy.reset()
    assert "the target is new" in branch.run("plan", "--trusted-ref", "main").expect(6).err
    assert proxy.requests == []


@pytest.mark.parametrize("ref", ["nowhere", "", "--all"])
def test_a_commit_that_is_not_here_is_trusted_with_nothing(ref: str, branch: ProjectFixture, proxy: Proxy) -> None:
    proxy.reset()
    assert branch.run("plan", f"--trusted-ref={ref}").code in (6, 64)
    assert proxy.requests == []


def test_another_default_target_is_another_connection(branch: ProjectFixture, proxy: Proxy) -> None:
    two = {"local": {"url": proxy.url}, "other": {"url": f"{proxy.url}/other"}}
    trusted = ""
    for default in ("local", "other"):
        trusted = branch.git("rev-parse", "HEAD")
        document = {"version": 1, "project": "acme-support", "default_target": default, "targets": two}
        branch.write("assistant-sync.yaml", yaml.safe_dump(document))
        branch.commit(default)
    proxy.reset()
    assert "default_target" in branch.run("plan", "--trusted-ref", trusted).expect(6).err
    assert proxy.requests == []
    branch.run("plan", "--trusted-ref", trusted, "--target", "local").expect(0)


def test_a_tag_with_the_name_of_the_trusted_branch_is_not_trusted(branch: ProjectFixture, proxy: Proxy) -> None:
    branch.git("update-ref", "refs/remotes/origin/main", "main")
    branch.configure("http://127.0.0.1:9")
    branch.commit("evil")
    branch.git("tag", "origin/main")
    proxy.reset()
    assert "names a tag and a branch" in branch.run("plan", "--trusted-ref", "origin/main").expect(64).err
    branch.run("plan", "--trusted-ref", "refs/remotes/origin/main").expect(6)
    assert proxy.requests == []
