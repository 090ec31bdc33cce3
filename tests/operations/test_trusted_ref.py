from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.errors import PlanRefused, RepositoryError, UnknownName
from assistant_sync.model.project import Target
from assistant_sync.operations.trusted_ref import check_trusted
from assistant_sync.operations.workspace import Settings, choose_target, open_project
from tests.operations.memory_project import URL
from tests.project_fixture import PROJECT, ProjectFixture

if TYPE_CHECKING:
    from pathlib import Path

HTTPS = "https://acme.example"

CONNECTION: dict[str, Any] = {
    "url": HTTPS,
    "allow_http": False,
    "api_key_env": "KEY",
    "headers": {"X-Tenant": "acme"},
    "headers_env": {"X-Token": "TOKEN"},
    "ca_file": "ca.pem",
    "cert_file": "cert.pem",
    "key_file": "key.pem",
}
"""A target with all that decides where credentials go."""

OTHER: dict[str, Any] = {
    "url": "https://elsewhere.example",
    "allow_http": True,
    "api_key_env": "ANOTHER_KEY",
    "headers": {"X-Tenant": "other"},
    "headers_env": {"X-Token": "ANOTHER_TOKEN"},
    "ca_file": "other.pem",
    "cert_file": "other.pem",
    "key_file": "other.pem",
}
"""Another value for each of them."""

FILES = ("ca_file", "cert_file", "key_file")


@pytest.fixture
def project(tmp_path: Path) -> ProjectFixture:
    """A project on main, whose connection is trusted."""
    folder = tmp_path / "repository"
    folder.mkdir()
    project = ProjectFixture(folder, URL)
    project.configure(**CONNECTION)
    for name in ("ca.pem", "cert.pem", "key.pem", "other.pem"):
        project.write(name, f"{name}\n")
    project.commit()
    return project


def check(project: ProjectFixture, ref: str = "main", *, target: str | None = None) -> None:
    opened, tree = open_project(Settings(environ={}, folder=project.folder))
    check_trusted(opened, choose_target(opened, target), tree, ref, is_named=target is not None)


def differing(project: ProjectFixture, ref: str = "main", *, target: str | None = None) -> list[str]:
    """The names of what differs from the trusted commit."""
    with pytest.raises(PlanRefused) as caught:
        check(project, ref, target=target)
    assert caught.value.hint == "the new connection takes effect after the merge"
    message = caught.value.message
    assert message.startswith(f"refused to contact target '{target or 'local'}': its connection settings differ from ")
    assert project.git("rev-parse", ref)[:12] in message
    return message[message.rindex("(") + 1 : -1].split(", ")


def test_the_same_connection_is_trusted(project: ProjectFixture) -> None:
    check(project)


def test_what_does_not_belong_to_the_connection_may_differ(project: ProjectFixture) -> None:
    project.configure(**CONNECTION, prune=True, lock="off", activation="never", limits={"deletes": 3}, archive="kept")
    project.manifest("support")
    check(project)


def test_of_each_field_of_a_target_it_is_decided_whether_it_belongs_to_the_connection() -> None:
    others = {"name", "overlay", "schema", "formerly", "limits", "activation", "measured_version", "prune", "lease"}
    assert {*Target.__struct_fields__} == CONNECTION.keys() | {"auth"} | others
    assert OTHER.keys() == CONNECTION.keys()


@pytest.mark.parametrize("field", CONNECTION)
def test_a_field_that_differs_is_named(field: str, project: ProjectFixture) -> None:
    project.configure(**{**CONNECTION, field: OTHER[field]})
    assert differing(project) == [field]


@pytest.mark.parametrize("field", [field for field in CONNECTION if field not in ("url", "cert_file", "allow_http")])
def test_a_field_that_is_gone_is_named(field: str, project: ProjectFixture) -> None:
    project.configure(**{name: value for name, value in CONNECTION.items() if name != field})
    assert differing(project) == [field]


def test_a_key_that_is_sent_from_now_on_or_no_longer_is_named(project: ProjectFixture) -> None:
    without = {name: value for name, value in CONNECTION.items() if name != "api_key_env"}
    project.configure(**without, auth="none")
    project.commit()
    project.configure(**without)
    assert differing(project) == ["auth"]


def test_all_fields_that_differ_are_named(project: ProjectFixture) -> None:
    project.configure(**OTHER)
    assert differing(project) == list(CONNECTION)


def test_an_edit_that_is_not_committed_counts(project: ProjectFixture) -> None:
    project.configure(**{**CONNECTION, "url": OTHER["url"]})
    assert differing(project, "HEAD") == ["url"]
    project.commit()
    check(project, "HEAD")


# The files of certificates


@pytest.mark.parametrize("field", FILES)
def test_a_file_with_another_content_is_named(field: str, project: ProjectFixture) -> None:
    project.write(CONNECTION[field], "another\n")
    assert differing(project) == [f"the content of {field}"]


def test_a_file_that_the_trusted_commit_does_not_have_is_named(project: ProjectFixture) -> None:
    project.git("rm", "-q", "--cached", "ca.pem")
    project.git("commit", "-q", "-m", "without")
    assert differing(project) == ["the content of ca_file"]


def test_a_file_that_is_gone_is_named(project: ProjectFixture) -> None:
    (project.folder / "ca.pem").unlink()
    assert differing(project) == ["the content of ca_file"]


def test_a_file_outside_of_the_repository_is_not_the_branchs_to_change(project: ProjectFixture, tmp_path: Path) -> None:
    outside = tmp_path / "ca.pem"
    outside.write_text("one\n")
    project.configure(**{**CONNECTION, "ca_file": str(outside)})
    project.commit()
    outside.write_text("two\n")
    check(project)


def test_a_file_behind_a_link_that_leads_into_the_repository_counts(project: ProjectFixture, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(project.folder)
    project.configure(**{**CONNECTION, "ca_file": str(tmp_path / "link" / "ca.pem")})
    project.commit()
    check(project)
    project.write("ca.pem", "another\n")
    assert differing(project) == ["the content of ca_file"]


# The target


def test_a_target_that_the_trusted_commit_does_not_have_is_new(project: ProjectFixture) -> None:
    project.configure(**CONNECTION, name="other")
    assert differing(project, target="other") == ["the target is new"]


@pytest.mark.parametrize("text", [None, "version: [\n"], ids=["no project file", "one with problems"])
def test_without_a_trusted_project_file_every_target_is_new(text: str | None, project: ProjectFixture) -> None:
    if text is None:
        project.git("rm", "-q", "--cached", "assistant-sync.yaml")
    else:
        project.write("assistant-sync.yaml", text)
        project.git("add", "assistant-sync.yaml")
    project.git("commit", "-q", "-m", "without")
    project.configure(**CONNECTION)
    assert differing(project) == ["the target is new"]


def test_another_default_target_counts_unless_the_target_is_named(project: ProjectFixture) -> None:
    targets = f"targets: {{local: {{url: '{HTTPS}'}}, other: {{url: '{URL}'}}}}\n"
    for default in ("other", "local"):
        project.write("assistant-sync.yaml", f"version: 1\nproject: {PROJECT}\ndefault_target: {default}\n{targets}")
        project.commit()
    assert differing(project, "HEAD~1") == ["default_target"]
    check(project, "HEAD~1", target="local")


# The commit


def test_a_commit_that_does_not_exist_is_an_error(project: ProjectFixture) -> None:
    with pytest.raises(UnknownName, match="no commit 'nowhere'"):
        check(project, "nowhere")


def test_without_git_there_is_nothing_to_trust(project: ProjectFixture) -> None:
    (project.folder / ".git").rename(project.folder / "no-git")
    with pytest.raises(RepositoryError, match="is not a git repository"):
        check(project)
