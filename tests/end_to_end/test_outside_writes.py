"""Somebody else writes during an apply: named, shown with what it changed, never overwritten unseen, nothing lost."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.project_fixture import PROJECT, ProjectFixture
from tests.servers.proxy import Answer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.official import Deployment
    from tests.servers.proxy import Forward, Meddle, Proxy, Request

SECRET = "lsv2_pt_" + "0a1b" * 8


def before(is_due: Callable[[Request], bool], act: Callable[[], object]) -> Meddle:
    """Act once, just before the first request that is due goes on."""
    acted: list[object] = []

    def meddle(request: Request, forward: Forward) -> Answer:
        if is_due(request) and not acted:
            acted.append(request)
            act()
        return forward(request)

    return meddle


def after(is_due: Callable[[Request], bool], act: Callable[[], object], *, is_lost: bool = False) -> Meddle:
    """Act once, just after the first request that is due was carried out; its answer may be lost."""
    acted: list[object] = []

    def meddle(request: Request, forward: Forward) -> Answer | None:
        answer = forward(request)
        if is_due(request) and not acted:
            acted.append(request)
            act()
            return None if is_lost else answer
        return answer

    return meddle


def is_write(request: Request) -> bool:
    return request.is_write


def re_read_of(own: str, *, after_plans: int = 0) -> Callable[[Request], bool]:
    """The read of an assistant just before its write; the plans before it may have read it, too."""
    reads: list[Request] = []

    def is_due(request: Request) -> bool:
        if request.method == "GET" and request.path.endswith(own):
            reads.append(request)
        return len(reads) == after_plans + 1

    return is_due


def shown(fields: list[dict[str, Any]]) -> dict[str, tuple[Any, Any]]:
    return {".".join(map(str, one["path"])): (one["before"], one["after"]) for one in fields}


def updating(project: ProjectFixture) -> str:
    """A project whose next apply is an update of version 1."""
    own = project.manifest("support", context={"model_name": "a", "system_prompt": "x"})
    project.apply()
    project.manifest("support", context={"model_name": "b", "system_prompt": "x"})
    return own


def reverting(project: ProjectFixture) -> str:
    """A project whose next apply is an activation of version 1 of 2."""
    own = project.manifest("support", config={"tags": ["a"]})
    project.apply()
    project.manifest("support", config={"tags": ["b"]})
    project.apply()
    project.manifest("support", config={"tags": ["a"]})
    return own


# Between our read and our write


def test_a_version_between_base_and_update_is_shown_with_what_it_changed(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    edit = {"context": {"model_name": "a", "system_prompt": "by hand", "api_key": SECRET}, "metadata": {"ui": 1}}
    proxy.meddle = before(is_write, lambda: deployment.patch(own, **edit))
    result = project.apply(code=7)
    (outcome,) = result["outcomes"]
    assert (outcome["status"], outcome["version_after"], outcome["outside_versions"]) == ("updated", 3, [2])
    (outside,) = outcome["outside"]
    kept = deployment.versions(own)[1]
    assert (outside["version"], outside["created_at"]) == (2, kept["created_at"])
    assert (outside["attribution"], outside["commit"]) == ("outside", None)
    assert shown(outside["fields"]) == {
        "context.api_key": (None, None), "context.system_prompt": ("x", "by hand"), "metadata.ui": (None, 1)
    }  # fmt: skip
    assert SECRET not in json.dumps(result)
    assert (kept["context"]["system_prompt"], deployment.get(own)["metadata"]["ui"]) == ("by hand", 1)
    assert (result["converged"], result["differences"]) == (True, [])


def test_the_text_shows_it_and_says_how_to_bring_it_back(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    proxy.meddle = before(
        is_write, lambda: deployment.patch(own, context={"model_name": "a", "system_prompt": "by hand"})
    )
    out = project.run("apply").expect(7).out
    assert "    Version 2 was written by somebody else in the meantime, 20" in out
    assert '        ~ context.system_prompt: "x" -> "by hand"' in out
    restore = "the server keeps it. To restore these values, write them into assistants/support.yaml and apply again."
    assert f"Version 2 is no longer active; {restore}" in out


def test_a_version_between_base_and_activation_is_shown(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting(project)
    proxy.meddle = before(is_write, lambda: deployment.patch(own, name="By hand"))
    result = project.apply(code=7)
    (outcome,) = result["outcomes"]
    assert (outcome["status"], outcome["version_after"], outcome["outside_versions"]) == ("activated", 1, [3])
    assert shown(outcome["outside"][0]["fields"]) == {"name": ("support", "By hand")}
    assert result["converged"]


def test_each_of_several_versions_is_shown_with_its_own_change(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)

    def twice() -> None:
        deployment.patch(own, name="One")
        deployment.patch(own, name="Two")

    proxy.meddle = before(is_write, twice)
    (outcome,) = project.apply(code=7)["outcomes"]
    assert outcome["outside_versions"] == [2, 3]
    assert [shown(one["fields"]) for one in outcome["outside"]] == [
        {"name": ("support", "One")}, {"name": ("One", "Two")}
    ]  # fmt: skip


def test_another_apply_in_between_is_named_as_one_with_its_commit(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy, tmp_path: Path
) -> None:
    project.configure(proxy.url, lock="off")
    own = updating(project)
    (tmp_path / "theirs").mkdir()
    theirs = ProjectFixture(tmp_path / "theirs", deployment.url, lock="off")
    theirs.manifest("support", context={"model_name": "c", "system_prompt": "x"})
    commit = theirs.commit()

    def apply() -> None:
        command = [sys.executable, "-m", "assistant_sync", "apply"]
        subprocess.run(command, cwd=theirs.folder, stdin=subprocess.DEVNULL, capture_output=True, check=True)

    proxy.meddle = before(is_write, apply)
    (outcome,) = project.apply(code=7)["outcomes"]
    (outside,) = outcome["outside"]
    assert (outside["version"], outside["attribution"], outside["commit"]) == (2, "apply", commit)
    assert shown(outside["fields"]) == {"context.model_name": ("a", "c")}
    assert deployment.get(own)["context"]["model_name"] == "b"


def test_metadata_that_the_version_in_between_changed_is_not_said_to_be_lost_by_us(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    deployment.patch(own, metadata={"ui": 1, "kept": 1})
    proxy.meddle = before(is_write, lambda: deployment.patch(own, metadata={"ui": 2}))
    result = project.apply(code=7)
    assert (result["outcomes"][0]["notes"], result["differences"]) == ([], [])
    assert deployment.get(own)["metadata"]["ui"] == 2


def test_metadata_that_is_as_in_no_version_before_is_said_to_be_lost(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    deployment.patch(own, metadata={"ui": 1, "kept": 1})
    in_between = before(is_write, lambda: deployment.patch(own, metadata={"ui": 2}))

    def losing(request: Request, forward: Forward) -> Answer | None:
        answer = in_between(request, forward)
        if answer is not None and request.method == "PATCH":
            row = json.loads(answer.body)
            del row["metadata"]["kept"], row["metadata"]["ui"]
            return Answer(200, json.dumps(row).encode())
        return answer

    def and_so_do_the_versions(request: Request, forward: Forward) -> Answer | None:
        if request.path.endswith("/versions"):
            rows = json.loads(forward(request).body)
            for row in rows:
                if row["version"] == 4:
                    del row["metadata"]["kept"], row["metadata"]["ui"]
            return Answer(200, json.dumps(rows).encode())
        return losing(request, forward)

    proxy.meddle = and_so_do_the_versions
    result = project.apply(code=9)
    assert [one["paths"] for one in result["differences"]] == [["metadata.kept", "metadata.ui"]]


# Between the plan and our write


@pytest.mark.parametrize("action", ["update", "adopt", "activate", "delete"])
def test_a_conflict_shows_what_was_changed_since_the_plan(
    action: str, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    if action == "adopt":
        own = deployment.create(name="support")["assistant_id"]
        project.manifest("support", assistant_id=own, context={"model_name": "b"})
    else:
        own = (reverting if action == "activate" else updating)(project)
    if action == "delete":
        project.manifest("other")
        project.apply()
        project.remove("support")
    base = deployment.get(own)["version"]
    # Two plans confirm the id of what is to be adopted by reading it; the archive of a delete reads it once.
    reads = {"adopt": 2, "delete": 1}.get(action, 0)
    proxy.meddle = before(re_read_of(own, after_plans=reads), lambda: deployment.patch(own, name="By hand"))
    result = project.apply("--prune", code=7)
    (outcome,) = result["outcomes"]
    assert (outcome["action"], outcome["status"], outcome["error"]["kind"]) == (action, "failed", "Conflict")
    (outside,) = outcome["outside"]
    assert (outside["version"], shown(outside["fields"])) == (base + 1, {"name": ("support", "By hand")})
    # Which versions are new, a plan of a delete does not know.
    is_known = action != "delete"
    assert (outside["attribution"], outcome["outside_versions"]) == (
        ("outside", [base + 1]) if is_known else ("activated", [])
    )
    assert deployment.get(own)["version"] == base + 1


def test_a_conflict_with_a_pointer_that_was_moved_makes_no_version_of_it(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting(project)
    project.manifest("support", config={"tags": ["c"]})
    proxy.meddle = before(re_read_of(own), lambda: deployment.set_latest(own, 1))
    (outcome,) = project.apply(code=7)["outcomes"]
    (outside,) = outcome["outside"]
    assert (outside["version"], outside["attribution"], outcome["outside_versions"]) == (1, "activated", [])
    assert shown(outside["fields"]) == {"config.tags.0": ("b", "a")}
    text = project.run("apply").expect(0).out
    assert "in the meantime" not in text


def test_a_conflict_does_not_take_older_versions_above_the_active_one_for_new(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting(project)
    project.apply()
    project.manifest("support", config={"tags": ["c"]})
    proxy.meddle = before(re_read_of(own), lambda: deployment.patch(own, name="By hand"))
    (outcome,) = project.apply(code=7)["outcomes"]
    assert (outcome["version_before"], outcome["outside_versions"]) == (1, [3])
    assert [shown(one["fields"]) for one in outcome["outside"]] == [{"name": ("support", "By hand")}]


def test_a_conflict_says_how_to_keep_what_was_changed(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    proxy.meddle = before(re_read_of(own), lambda: deployment.patch(own, name="By hand"))
    out = project.run("apply").expect(7).out
    assert "version 1 was active when the plan was made, now version 2 is. Plan again; nothing was written" in out
    assert '        ~ name: "support" -> "By hand"' in out
    assert "To keep it, write these values into assistants/support.yaml; otherwise the next apply undoes it." in out


def test_an_assistant_that_somebody_made_under_our_id_is_shown(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    proxy.meddle = before(is_write, lambda: deployment.create(assistant_id=own, name="Squatter"))
    (outcome,) = project.apply(code=7)["outcomes"]
    assert "somebody else has made an assistant with this id" in outcome["error"]["message"]
    assert "nothing was written" in outcome["error"]["message"]
    (outside,) = outcome["outside"]
    assert (outside["version"], outside["attribution"]) == (1, "outside")
    assert shown(outside["fields"])["name"] == (None, "Squatter")


def test_an_assistant_that_another_apply_made_first_is_named_so(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    project.apply()
    row = deployment.get(own)
    deployment.delete(own)
    body = {key: row[key] for key in ("assistant_id", "graph_id", "name", "config", "metadata")}
    proxy.meddle = before(is_write, lambda: deployment.create(**body))
    (outcome,) = project.apply(code=7)["outcomes"]
    assert "another apply has made an assistant with this id" in outcome["error"]["message"]
    assert outcome["outside"][0]["attribution"] == "apply"
    proxy.reset()
    assert project.actions() == {"support": "keep"}


# After our write


def test_a_difference_that_somebody_wrote_after_us_names_their_version(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    proxy.meddle = after(is_write, lambda: deployment.patch(own, context={"model_name": "c", "system_prompt": "x"}))
    result = project.apply(code=7)
    assert (result["outcomes"][0]["status"], result["outcomes"][0]["version_after"]) == ("updated", 2)
    (difference,) = result["differences"]
    assert (difference["paths"], difference["version_after"], difference["version_now"]) == (
        ["context.model_name"], 2, 3
    )  # fmt: skip
    (outside,) = difference["outside"]
    assert (outside["version"], outside["attribution"]) == (3, "outside")
    assert shown(outside["fields"]) == {"context.model_name": ("b", "c")}
    assert not result["converged"]


def test_the_text_says_that_it_is_in_effect_and_how_to_keep_it(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    proxy.meddle = after(is_write, lambda: deployment.patch(own, name="By hand"))
    out = project.run("apply").expect(7).out
    assert "    Version 3 was written by somebody else after version 2 of this apply, 20" in out
    assert "This is active now. To keep it, write these values into assistants/support.yaml" in out


def test_a_pointer_that_somebody_moved_after_us_is_named(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    proxy.meddle = after(is_write, lambda: deployment.set_latest(own, 1))
    (difference,) = project.apply(code=7)["differences"]
    (outside,) = difference["outside"]
    assert (outside["version"], outside["attribution"], difference["version_now"]) == (1, "activated", 1)


@pytest.mark.parametrize("is_seen_at_once", [True, False])
def test_a_version_after_our_activation_is_told_once_and_the_older_ones_are_not(
    is_seen_at_once: bool, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting(project)
    activated: list[Request] = []

    def is_due(request: Request) -> bool:
        """Once the activation was read back: before the versions are asked for, or before the final read."""
        activated.extend([request] if request.path.endswith("/latest") or (activated and own in request.path) else [])
        return len(activated) == (3 if is_seen_at_once else 4)

    proxy.meddle = before(is_due, lambda: deployment.patch(own, name="By hand"))
    result = project.apply(code=7)
    (outcome,) = result["outcomes"]
    assert (outcome["status"], outcome["version_after"], outcome["outside"]) == ("activated", 1, [])
    assert outcome["outside_versions"] == []
    (difference,) = result["differences"]
    (outside,) = difference["outside"]
    assert (outside["version"], outside["attribution"], difference["version_now"]) == (3, "outside", 3)
    assert shown(outside["fields"]) == {"name": ("support", "By hand")}


def test_a_version_right_behind_our_activation_that_leaves_what_git_owns_is_a_note(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting(project)
    activated: list[Request] = []

    def is_due(request: Request) -> bool:
        activated.extend([request] if request.path.endswith("/latest") else [])
        return bool(activated) and request.path.endswith("/versions")

    proxy.meddle = before(is_due, lambda: deployment.patch(own, metadata={"ui": 1}))
    (outcome,) = project.apply()["outcomes"]
    assert (outcome["status"], outcome["outside_versions"]) == ("activated", [])
    assert outcome["notes"] == ["version 3 is active by now, with the content of the manifest"]


@pytest.mark.parametrize("is_moved", [False, True])
def test_what_came_before_and_after_our_activation_is_told_apart(
    is_moved: bool, project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = reverting(project)
    earlier = before(is_write, lambda: deployment.patch(own, name="Before"))
    later = before(
        lambda request: request.path.endswith("/versions"),
        lambda: deployment.set_latest(own, 2) if is_moved else deployment.patch(own, name="After"),
    )
    activated: list[Request] = []

    def both(request: Request, forward: Forward) -> Answer | None:
        activated.extend([request] if request.path.endswith("/latest") else [])
        return later(request, forward) if activated and not request.is_write else earlier(request, forward)

    proxy.meddle = both
    result = project.apply(code=7)
    assert result["outcomes"][0]["outside_versions"] == [3]
    assert [(one["version"], one["attribution"]) for one in result["differences"][0]["outside"]] == [
        (2, "activated") if is_moved else (4, "outside")
    ]


def test_a_version_after_ours_that_leaves_what_git_owns_is_a_note_and_no_failure(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    proxy.meddle = after(is_write, lambda: deployment.patch(own, metadata={"ui": 1}))
    result = project.apply()
    assert result["converged"]
    assert result["outcomes"][0]["notes"] == ["version 3 is active by now, with the content of the manifest"]


def test_what_the_deployment_did_not_keep_is_not_blamed_on_who_wrote_after_us(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    edit = after(is_write, lambda: deployment.patch(own, name="By hand"))

    def forgetful(request: Request, forward: Forward) -> Answer | None:
        def without_description(passed: Request) -> Answer:
            body = json.loads(passed.body)
            body["context"] = {"model_name": "b"}
            return forward(type(passed)(passed.method, passed.path, json.dumps(body).encode(), passed.headers))

        return edit(request, without_description if request.is_write else forward)

    proxy.meddle = forgetful
    (difference,) = project.apply(code=9)["differences"]
    assert difference["paths"] == ["name", "context.system_prompt"]
    assert [one["version"] for one in difference["outside"]] == [3]


def test_metadata_that_our_write_lost_is_not_blamed_on_who_wrote_after_us(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    deployment.patch(own, metadata={"ui": 1})
    edit = after(is_write, lambda: deployment.patch(own, name="By hand"))

    def losing(request: Request, forward: Forward) -> Answer | None:
        answer = edit(request, forward)
        if answer is None or not request.is_write:
            return answer
        row = json.loads(answer.body)
        del row["metadata"]["ui"]
        return Answer(200, json.dumps(row).encode())

    proxy.meddle = losing
    (difference,) = project.apply(code=9)["differences"]
    assert difference["paths"] == ["name", "metadata.ui"]
    assert [one["version"] for one in difference["outside"]] == [4]


def test_an_assistant_that_somebody_makes_anew_after_our_delete_is_named(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = updating(project)
    project.manifest("other")
    project.apply()
    project.remove("support")
    proxy.meddle = after(is_write, lambda: deployment.create(assistant_id=own, name="Again", metadata=stamp_of(own)))
    result = project.apply("--prune", code=7)
    assert result["outcomes"][0]["status"] == "deleted"
    (difference,) = result["differences"]
    assert (difference["paths"], difference["version_after"], difference["version_now"]) == (["still there"], None, 1)
    assert shown(difference["outside"][0]["fields"])["name"] == (None, "Again")


def stamp_of(own: str) -> dict[str, Any]:
    """A stamp of this project, by which a listing finds the row."""
    return {"assistant_sync": {"project": PROJECT, "key": "support", "id": own}}


def test_a_lost_stamp_among_many_is_named_and_its_assistant_is_not_called_missing(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    ids = [project.manifest(f"a{number}") for number in range(5)]

    def unstamp(request: Request, forward: Forward) -> Answer:
        answer = forward(request)
        if request.is_write and ids[3].encode() in request.body:
            deployment.patch(ids[3], metadata={"assistant_sync": None})
        return answer

    proxy.meddle = unstamp
    (difference,) = project.apply(code=7)["differences"]
    assert (difference["key"], difference["paths"]) == ("a3", ["metadata.assistant_sync"])
    assert [(one["version"], one["fields"]) for one in difference["outside"]] == [(2, [])]


# A create whose answer is lost


def test_a_lost_create_is_version_1_although_somebody_has_patched_it_since(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    proxy.meddle = after(is_write, lambda: deployment.patch(own, name="By hand"), is_lost=True)
    result = project.apply(code=7)
    (outcome,) = result["outcomes"]
    assert (outcome["status"], outcome["version_after"], outcome["notes"]) == ("created", 1, [])
    (difference,) = result["differences"]
    assert [(one["version"], one["attribution"]) for one in difference["outside"]] == [(2, "outside")]
    assert shown(difference["outside"][0]["fields"]) == {"name": ("support", "By hand")}


def test_a_mirror_that_an_update_of_the_config_alone_took_away_is_put_back(
    project: ProjectFixture, deployment: Deployment
) -> None:
    """In a project of one assistant no other row shows that the server mirrors; its versions do."""
    context = {"system_prompt": "Be kind", "model_name": "m1"}
    own = project.manifest("support", config={"recursion_limit": 25}, context=context)
    project.apply()
    deployment.patch(own, config={"recursion_limit": 50})
    assert deployment.run(own)["seen"]["configurable"] == {}
    project.manifest("support", config={"recursion_limit": 50}, context=context)
    (change,) = project.plan()["changes"]
    assert (change["action"], [field["path"][:2] for field in change["fields"]]) == (
        "update",
        [["config", "configurable"]] * len(change["fields"]),
    )
    assert project.statuses() == {"support": "updated"}
    assert deployment.run(own)["seen"]["configurable"] == context
    assert project.actions() == {"support": "keep"}
