"""``apply --reviewed``: what nobody reviewed is stopped where it destroys something, and told where it does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment, Row
    from tests.servers.proxy import Proxy

REVIEWED = ("apply", "--yes", "--reviewed", "reviewed.json")


def row_of(deployment: Deployment, name: str) -> Row:
    return next(row for row in deployment.users() if row["name"] == name)


@pytest.fixture
def applied(project: ProjectFixture, proxy: Proxy) -> ProjectFixture:
    """Three assistants, applied; deletes have an archive."""
    project.configure(proxy.url, archive="archive", limits={"deletes": 9})
    for key in "abc":
        project.manifest(key, context={"model_name": "1"})
    project.commit("begin")
    project.apply()
    return project


def review(project: ProjectFixture, *arguments: str) -> None:
    project.run("plan", "--out", "reviewed.json", *arguments).expect(0)


def test_what_was_reviewed_is_applied(applied: ProjectFixture, deployment: Deployment) -> None:
    applied.manifest("a", context={"model_name": "2"})
    (applied.folder / "assistants" / "b.yaml").unlink()
    applied.commit("reviewed")
    review(applied, "--prune")
    done = applied.run(*REVIEWED, "--prune").expect(0)
    assert "not in the reviewed plan" not in done.out
    assert [row["name"] for row in deployment.users()] == ["a", "c"] or len(deployment.users()) == 2


def test_two_merges_in_one_apply_go_through_and_the_other_is_listed(applied: ProjectFixture) -> None:
    applied.manifest("a", context={"model_name": "2"})
    applied.commit("reviewed")
    review(applied)
    applied.manifest("b", context={"model_name": "2"})
    applied.manifest("d", context={"model_name": "2"})
    applied.commit("somebody else's merge")
    done = applied.run(*REVIEWED, "--format", "json").expect(0)
    assert {one["key"]: one["status"] for one in done.json["outcomes"]} == {
        "a": "updated", "b": "updated", "d": "created",
    }  # fmt: skip
    told = applied.run("plan").expect(0)
    assert "No changes" in told.out


def test_what_goes_beyond_the_review_is_named(applied: ProjectFixture) -> None:
    review(applied)
    applied.manifest("b", context={"model_name": "2"})
    applied.commit("not reviewed")
    out = applied.run(*REVIEWED).expect(0).out
    assert "not in the reviewed plan, from other merged commits or with another base: update 'b'" in out


def test_a_delete_that_nobody_reviewed_is_not_made(
    applied: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    applied.manifest("a", context={"model_name": "2"})
    applied.commit("reviewed")
    review(applied, "--prune")
    (applied.folder / "assistants" / "b.yaml").unlink()
    applied.commit("not reviewed")
    before = deployment.users()
    proxy.reset()
    done = applied.run(*REVIEWED, "--prune").expect(6)
    assert "the delete of 'b' was not reviewed" in done.out + done.err
    assert proxy.writes == []
    assert deployment.users() == before
    applied.run("apply", "--yes", "--prune").expect(0)


def test_an_edit_made_outside_git_since_the_review_is_not_overwritten(
    applied: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    applied.manifest("a", context={"model_name": "2"})
    applied.commit("reviewed")
    review(applied)
    deployment.patch(row_of(deployment, "a")["assistant_id"], description="by hand")
    before = deployment.users()
    proxy.reset()
    done = applied.run(*REVIEWED).expect(6)
    assert "'a' was changed outside git since the review" in done.out + done.err
    assert proxy.writes == []
    assert deployment.users() == before


def test_an_edit_made_outside_git_before_the_review_was_reviewed(
    applied: ProjectFixture, deployment: Deployment
) -> None:
    deployment.patch(row_of(deployment, "a")["assistant_id"], description="by hand")
    review(applied)
    assert applied.run(*REVIEWED, "--format", "json").expect(0).json["summary"]["activated"] == 1


def test_the_plan_of_another_target_is_no_review(applied: ProjectFixture, proxy: Proxy) -> None:
    review(applied)
    applied.configure(proxy.url, name="another")
    applied.commit("another target")
    assert "not of this project and target" in applied.run(*REVIEWED, "--retarget").expect(64).err


def test_a_missing_or_edited_review_stops_the_apply(applied: ProjectFixture, proxy: Proxy) -> None:
    proxy.reset()
    applied.run(*REVIEWED).expect(3)
    applied.manifest("a", context={"model_name": "2"})
    applied.commit("reviewed")
    review(applied)
    file = applied.folder / "reviewed.json"
    plan = json.loads(file.read_text("utf-8"))
    plan["changes"] = [change for change in plan["changes"] if change["action"] != "update"]
    file.write_text(json.dumps(plan), "utf-8")
    assert "the file was edited" in applied.run(*REVIEWED).expect(3).err
    assert proxy.writes == []


def test_a_plan_is_checked_by_its_digest(applied: ProjectFixture) -> None:
    applied.manifest("a", context={"model_name": "2"})
    applied.commit("queued")
    digest = applied.plan()["digest"]
    applied.run("plan", "--check", digest).expect(0)
    applied.run("plan", "--check", digest.removeprefix("sha256:")).expect(0)
    applied.manifest("a", context={"model_name": "3"})
    applied.commit("another one")
    assert digest in applied.run("plan", "--check", digest).expect(7).err


def test_a_pointer_that_was_moved_back_since_the_review_is_not_moved_again(
    applied: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    """Somebody has rolled back in an emergency."""
    applied.manifest("a", context={"model_name": "2"})
    applied.commit("two")
    applied.apply()
    applied.manifest("a", context={"model_name": "2"}, description="three")
    applied.commit("three")
    review(applied)
    deployment.set_latest(row_of(deployment, "a")["assistant_id"], 1)
    proxy.reset()
    done = applied.run(*REVIEWED).expect(6)
    assert "since the review" in done.out + done.err
    assert proxy.writes == []


def test_an_assistant_to_adopt_that_was_edited_since_the_review_is_not_overwritten(
    applied: ProjectFixture, deployment: Deployment
) -> None:
    own = deployment.create(name="by hand")["assistant_id"]
    applied.manifest("d", assistant_id=own)
    applied.commit("adopt")
    review(applied)
    deployment.patch(own, description="edited")
    applied.run(*REVIEWED).expect(6)
    review(applied)
    assert applied.run(*REVIEWED, "--format", "json").expect(0).json["summary"]["adopted"] == 1


def test_a_delete_that_was_reviewed_for_another_deployment_was_not_reviewed(
    applied: ProjectFixture, server_url: str, deployment: Deployment
) -> None:
    (applied.folder / "assistants" / "b.yaml").unlink()
    applied.commit("reviewed")
    review(applied, "--prune")
    before = deployment.users()
    applied.run(*REVIEWED, "--prune", "--url", server_url).expect(6)
    assert deployment.users() == before
