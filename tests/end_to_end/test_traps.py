"""The traps that make a toy of a reconciler for assistants: each once, on the real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.servers.proxy import Answer

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Forward, Proxy, Request

FULL: dict[str, Any] = {
    "name": "Support",
    "description": "Answers customers",
    "context": {"model_name": "a", "system_prompt": "Be kind.", "tools": ["search", "refund"]},
    "config": {"recursion_limit": 50, "tags": ["cx", "prod"]},
    "metadata": {"team": "cx", "tier": 1},
}


def test_an_equal_deployment_is_not_written_to(project: ProjectFixture, deployment: Deployment, proxy: Proxy) -> None:
    own = project.manifest("support", **FULL)
    project.commit()
    assert project.statuses() == {"support": "created"}
    before = deployment.get(own)
    proxy.reset()
    for _ in range(3):
        result = project.apply()
        assert (result["outcomes"], result["converged"]) == ([], True)
        assert result["summary"]["unchanged"] == 1
    assert proxy.writes == []
    assert deployment.get(own) == before
    assert [row["version"] for row in deployment.versions(own)] == [1]


def test_more_than_the_first_ten_assistants_are_seen(project: ProjectFixture, deployment: Deployment) -> None:
    for number in range(25):
        project.manifest(f"a{number:02}", context={"model_name": str(number)})
    project.commit()
    assert set(project.statuses().values()) == {"created"}
    assert set(project.actions().values()) == {"keep"}
    project.remove("a24")
    assert project.actions("--prune")["a24"] == "delete"
    assert len(deployment.users()) == 25


def test_a_second_run_makes_no_duplicate_even_without_a_trace_of_the_first(
    project: ProjectFixture, deployment: Deployment
) -> None:
    project.manifest("support", **FULL)
    project.commit()
    project.apply()
    project.git("update-ref", "-d", "HEAD")
    project.apply()
    assert len(deployment.users()) == 1


@pytest.mark.parametrize("field", ["name", "description", "context", "config", "metadata"])
def test_a_change_of_one_field_leaves_all_others_as_they_are(
    field: str, project: ProjectFixture, deployment: Deployment
) -> None:
    changed = {
        "name": "Helpdesk",
        "description": "Helps",
        "context": {**FULL["context"], "model_name": "b"},
        "config": {**FULL["config"], "recursion_limit": 60},
        "metadata": {**FULL["metadata"], "team": "ux"},
    }
    own = project.manifest("support", **FULL)
    project.apply()
    before = deployment.get(own)
    project.manifest("support", **{**FULL, field: changed[field]})
    result = project.apply()
    assert [(one["status"], one["version_after"]) for one in result["outcomes"]] == [("updated", 2)]
    row = deployment.get(own)
    seen = deployment.run(own)["seen"]
    wanted = {**FULL, field: changed[field]}
    assert (row["name"], row["description"]) == (wanted["name"], wanted["description"])
    assert row["context"] == seen["context"] == seen["configurable"] == wanted["context"]
    assert {k: v for k, v in row["config"].items() if k != "configurable"} == wanted["config"]
    assert (seen["recursion_limit"], seen["tags"]) == (
        wanted["config"]["recursion_limit"],
        wanted["config"]["tags"],
    )
    assert {k: v for k, v in row["metadata"].items() if k != "assistant_sync"} == wanted["metadata"]
    assert before["created_at"] == row["created_at"]


def test_a_stale_configurable_is_seen_and_put_right(project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support", **FULL)
    other = project.manifest("other", **FULL)
    project.apply()
    deployment.patch(own, config={"configurable": {}})
    deployment.patch(other, context={})
    assert deployment.run(own)["seen"]["configurable"] == {}
    assert project.actions() == {"support": "update", "other": "update"}
    project.apply()
    for one in (own, other):
        seen = deployment.run(one)["seen"]
        assert seen["context"] == seen["configurable"] == FULL["context"]
    assert set(project.actions().values()) == {"keep"}


@pytest.mark.parametrize("field", ["description", "context", "config", "metadata"])
def test_each_field_can_be_cleared_and_stays_so(field: str, project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support", **FULL)
    project.apply()
    project.manifest("support", **{k: v for k, v in FULL.items() if k != field})
    assert project.statuses() == {"support": "updated"}
    row = deployment.get(own)
    seen = deployment.run(own)["seen"]
    empty = {
        "description": row["description"] in ("", None),
        "context": row["context"] == seen["context"] == seen["configurable"] == {},
        "config": set(row["config"]) <= {"configurable"} and "cx" not in (seen["tags"] or []),
        "metadata": {k for k, v in row["metadata"].items() if v is not None} == {"assistant_sync"},
    }
    assert [name for name, is_empty in empty.items() if is_empty] == [field]
    assert project.actions() == {"support": "keep"}


def test_a_removed_metadata_key_goes_converges_and_takes_no_others_along(
    project: ProjectFixture, deployment: Deployment
) -> None:
    own = project.manifest("support", metadata={"team": "cx", "tier": 1})
    project.apply()
    deployment.patch(own, metadata={"reviewed_by": "ann"})
    assert project.actions() == {"support": "keep"}
    project.manifest("support", metadata={"tier": 1})
    project.apply()
    metadata = deployment.get(own)["metadata"]
    assert (metadata["team"], metadata["tier"], metadata["reviewed_by"]) == (None, 1, "ann")
    assert project.actions() == {"support": "keep"}
    project.manifest("support", metadata={"tier": 1, "team": "back"})
    project.apply()
    assert deployment.get(own)["metadata"]["team"] == "back"


def test_system_and_unmanaged_assistants_are_neither_changed_nor_deleted(
    project: ProjectFixture, deployment: Deployment
) -> None:
    unmanaged = deployment.create(name="By hand", context={"model_name": "x"})
    foreign = deployment.create(name="Theirs")
    stamp = {"project": "other", "key": "theirs", "id": foreign["assistant_id"]}
    foreign = deployment.patch(foreign["assistant_id"], metadata={"assistant_sync": stamp})
    copied = {"project": "acme-support", "key": "copy", "id": unmanaged["assistant_id"]}
    copy = deployment.create(name="Copy", metadata={"assistant_sync": copied})
    before = deployment.all()
    own = project.manifest("support", **FULL)
    project.apply()
    project.remove("support")
    project.manifest("next", **FULL)
    assert project.statuses("--prune", "--allow-deletes", "9") == {"next": "created", "support": "deleted"}
    assert [row for row in deployment.all() if row in before] == before
    assert not deployment.exists(own)
    assert copy in before


def test_default_assistants_are_refused_even_by_name(project: ProjectFixture, deployment: Deployment) -> None:
    default = next(iter(deployment.defaults))
    project.manifest("mine", assistant_id=default, graph_id=deployment.defaults[default]["graph_id"])
    run = project.run("apply")
    assert run.code in (3, 6)
    assert deployment.get(default) == deployment.defaults[default]


def test_no_rollback_says_version_1_while_runs_get_version_2(project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support", **FULL)
    project.commit()
    project.apply()
    project.manifest("support", **{**FULL, "context": {"model_name": "b"}})
    project.commit()
    project.apply()
    deployment.set_latest(own, 1)
    assert deployment.get(own)["version"] == 1
    assert deployment.run(own)["seen"]["context"] == {"model_name": "b"}
    project.revert()
    assert project.actions() == {"support": "update"}
    project.apply()
    assert deployment.run(own)["seen"]["context"] == FULL["context"]
    assert deployment.get(own)["version"] == 3


def test_the_404_of_an_empty_versions_page_is_not_read_as_gone(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support", context={"model_name": "0"})
    project.apply()
    for number in range(1, 1001):
        deployment.patch(own, context={"model_name": str(number)}, config={})
    proxy.reset()
    assert project.actions() == {"support": "update"}
    pages = [request for request in proxy.requests if request.path.endswith("/versions")]
    assert len(pages) >= 2
    assert project.statuses() == {"support": "updated"}
    assert deployment.get(own)["version"] == 1002


def test_numbers_and_empties_that_mean_the_same_are_no_eternal_drift(
    project: ProjectFixture, deployment: Deployment
) -> None:
    project.allow_any_context()
    own = project.manifest(
        "support",
        description="",
        context={"temperature": 1.0, "top": 1, "zero": -0.0, "big": 1e15},
        config={"tags": [], "recursion_limit": 25, "run_name": "", "max_concurrency": None},
        metadata={"gone": None, "ratio": 2.0},
    )
    project.apply()
    assert project.actions() == {"support": "keep"}
    deployment.patch(own, description="", context={"temperature": 1, "top": 1.0, "zero": 0, "big": 10**15},
                     config={"recursion_limit": 25})  # fmt: skip
    assert project.actions() == {"support": "keep"}


@pytest.mark.parametrize("state", ["missing", "empty", "unreadable"])
def test_a_folder_without_manifests_is_never_a_mass_deletion(
    state: str, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    for key in "abc":
        project.manifest(key)
    project.apply()
    for key in "abc":
        project.remove(key)
    proxy.reset()
    if state == "missing":
        (project.folder / "assistants").rmdir()
        expected = 3
    elif state == "unreadable":
        (project.folder / "assistants").rmdir()
        project.write("assistants", "not a folder")
        expected = 3
    else:
        expected = 6
    run = project.run("apply", "--prune").expect(expected)
    assert "assistants" in run.out + run.err
    assert "Traceback" not in run.err
    assert proxy.writes == []
    assert len(deployment.users()) == 3


def test_a_usage_error_does_not_look_like_changes(project: ProjectFixture) -> None:
    for arguments in (
        ["plan", "--bogus"],
        ["plann"],
        ["plan", "--target", "nowhere"],
        ["plan", "nokey"],
        ["apply", "a", "b"],
    ):
        assert project.run(*arguments).code == 64, arguments


def test_1200_unmanaged_assistants_beside_30_owned_ones_change_nothing(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    for number in range(30):
        project.manifest(f"owned-{number}", context={"model_name": str(number)})
    project.commit()
    project.apply()
    deployment.create_many({"name": f"user {number}", "context": {"model_name": "u"}} for number in range(1200))
    before = deployment.all()
    assert len(before) == 1232
    proxy.reset()
    assert set(project.actions().values()) == {"keep"}
    assert len(proxy.requests) <= 4
    assert project.apply("--prune")["outcomes"] == []
    assert proxy.writes == []
    project.manifest("owned-0", context={"model_name": "new"})
    project.remove("owned-1")
    project.manifest("fresh")
    project.commit()
    assert project.statuses("--prune", "--allow-deletes", "1") == {
        "owned-0": "updated", "owned-1": "deleted", "fresh": "created"
    }  # fmt: skip
    now = {row["assistant_id"]: row for row in deployment.all()}
    assert [row for row in before if row["name"].startswith("user ")] == [
        now[row["assistant_id"]] for row in before if row["name"].startswith("user ")
    ]


def test_assistants_that_others_make_between_two_pages_do_not_end_a_plan(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    for key in "abc":  # three ids that are absent, which the complete listing confirms
        project.manifest(key)
    made: list[str] = []

    def meddle(request: Request, forward: Forward) -> Answer:
        if request.path.endswith("/search") and b'"metadata"' not in request.body:
            made.append(f"00000000-0000-4000-8000-{len(made):012}")
            deployment.create(assistant_id=made[-1], name="Another project's")
        return forward(request)

    proxy.meddle = meddle
    assert project.actions() == {"a": "create", "b": "create", "c": "create"}


def test_a_create_that_lands_between_the_listing_and_the_look_at_its_id_is_seen_as_ours(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support", context={"temperature": 1})
    project.apply()
    row = deployment.get(own)
    deployment.delete(own)
    landed: list[Request] = []

    def meddle(request: Request, forward: Forward) -> Answer:
        if request.path.endswith(own) and not landed:
            landed.append(request)
            deployment.create(**{field: row[field] for field in ("assistant_id", "name", "context", "metadata")})
        return forward(request)

    proxy.meddle = meddle
    assert project.actions() == {"support": "keep"}
    assert landed


def test_an_owned_assistant_that_no_listing_shows_stops_the_plan(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    project.apply()

    def hide(request: Request, forward: Forward) -> Answer:
        if request.path.endswith(("/search", "/count")):
            return Answer(200, b"0" if request.path.endswith("/count") else b"[]")
        return forward(request)

    proxy.reset()
    proxy.meddle = hide
    run = project.run("apply").expect(5)
    assert f"does not list {own}" in run.err
    assert proxy.writes == []
