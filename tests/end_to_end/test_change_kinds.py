"""Each kind of change, planned and carried out on the real server; versions are counted there."""

from __future__ import annotations

import json
import signal
import stat
from typing import TYPE_CHECKING

from assistant_sync.model.identity import derived_id
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    import pytest

    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy


def numbers(deployment: Deployment, assistant_id: str) -> list[int]:
    return [row["version"] for row in deployment.versions(assistant_id)]


def test_an_apply_leaves_the_programs_signal_handlers_as_they_were(project: ProjectFixture) -> None:
    project.manifest("support")
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    project.apply()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_keep_sends_nothing(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("support", context={"model_name": "a"})
    project.apply()
    proxy.reset()
    assert project.actions() == {"support": "keep"}
    assert project.run("plan", "--detailed-exitcode").code == 0
    assert proxy.writes == []


def test_create_makes_one_version_with_the_derived_id_and_the_stamp(
    project: ProjectFixture, deployment: Deployment
) -> None:
    own = project.manifest("support", context={"model_name": "a"}, metadata={"team": "cx"})
    sha = project.commit()
    (outcome,) = project.apply()["outcomes"]
    assert (outcome["status"], outcome["version_before"], outcome["version_after"]) == ("created", None, 1)
    stamp = deployment.get(own)["metadata"]["assistant_sync"]
    assert len(stamp.pop("write")) == 32
    assert stamp.pop("digest").startswith("c1:")
    assert stamp == {
        "project": PROJECT, "target": "local", "key": "support", "id": own, "version": 1, "commit": sha,
        "source": "assistants/support.yaml", "metadata_keys": ["team"],
    }  # fmt: skip
    assert deployment.run(own)["seen"]["context"] == {"model_name": "a"}


def test_update_makes_one_version_whatever_differs(project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support", context={"model_name": "a"})
    project.apply()
    project.manifest(
        "support",
        graph_id="research_agent",
        name="Research",
        description="d",
        context={"depth": "deep"},
        config={"tags": ["t"]},
        metadata={"team": "r"},
    )
    plan = project.plan()
    (change,) = plan["changes"]
    assert (change["action"], change["base_version"]) == ("update", 1)
    (outcome,) = project.apply()["outcomes"]
    assert (outcome["status"], outcome["version_before"], outcome["version_after"]) == ("updated", 1, 2)
    assert numbers(deployment, own) == [2, 1]
    seen = deployment.run(own)["seen"]
    assert (seen["graph"], seen["context"]["depth"], seen["tags"]) == ("research_agent", "deep", ["t"])


def test_activate_moves_the_pointer_and_mints_nothing(project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support", context={"model_name": "a"}, config={"recursion_limit": 10}, description="one")
    project.commit()
    project.apply()
    project.manifest("support", context={"model_name": "a"}, config={"recursion_limit": 20}, description="two")
    project.commit()
    project.apply()
    project.revert()
    (change,) = project.plan()["changes"]
    assert (change["action"], change["base_version"], change["to_version"]) == ("activate", 2, 1)
    (outcome,) = project.apply()["outcomes"]
    assert (outcome["status"], outcome["version_after"], outcome["healed_from"]) == ("activated", 1, None)
    assert numbers(deployment, own) == [2, 1]
    assert deployment.get(own)["description"] == "one"
    assert deployment.run(own)["seen"]["recursion_limit"] == 10
    assert project.actions() == {"support": "keep"}


def test_an_activation_that_restores_a_part_is_healed_at_once_by_one_version(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    project.configure(proxy.url, activation="full")
    own = project.manifest("support", context={"model_name": "a"})
    project.commit()
    project.apply()
    project.manifest("support", context={"model_name": "b"})
    project.commit()
    project.apply()
    project.revert()
    assert project.actions() == {"support": "activate"}
    result = project.apply()
    (outcome,) = result["outcomes"]
    assert (outcome["status"], outcome["version_after"], outcome["healed_from"]) == ("updated", 3, 1)
    assert "activation" in outcome["notes"][0]
    assert result["converged"]
    assert numbers(deployment, own) == [3, 2, 1]
    assert deployment.run(own)["seen"]["context"] == {"model_name": "a"}


def test_never_rolls_forward(project: ProjectFixture, deployment: Deployment, proxy: Proxy) -> None:
    project.configure(proxy.url, activation="never")
    own = project.manifest("support", config={"tags": ["a"]})
    project.apply()
    project.manifest("support", config={"tags": ["b"]})
    project.apply()
    project.manifest("support", config={"tags": ["a"]})
    assert project.statuses() == {"support": "updated"}
    assert numbers(deployment, own) == [3, 2, 1]


def test_adopt_takes_over_by_id_in_one_version_and_keeps_what_it_does_not_own(
    project: ProjectFixture, deployment: Deployment
) -> None:
    there = deployment.create(name="By hand", context={"model_name": "x"}, metadata={"team": "cx", "note": "ann's"})
    own = there["assistant_id"]
    project.manifest(
        "support", assistant_id=own.upper(), name="By hand", context={"model_name": "x"}, metadata={"team": "cx"}
    )
    (change,) = project.plan()["changes"]
    assert (change["action"], change["fields"], change["assistant_id"]) == ("adopt", [], own)
    assert project.statuses() == {"support": "adopted"}
    assert numbers(deployment, own) == [2, 1]
    assert deployment.get(own)["metadata"]["note"] == "ann's"
    assert project.actions() == {"support": "keep"}


def test_an_unstamped_assistant_on_our_id_is_refused_with_the_line_that_adopts_it(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    project.manifest("other")
    deployment.create(assistant_id=own, name="Squatter")
    proxy.reset()
    run = project.run("apply").expect(6)
    assert f"assistant_id: {own}" in run.out
    assert proxy.writes == []
    project.manifest("support", assistant_id=own)
    assert project.statuses() == {"support": "adopted", "other": "created"}


def test_a_moved_id_is_refused_with_the_line_to_put_back(project: ProjectFixture, deployment: Deployment) -> None:
    there = deployment.create(name="x")["assistant_id"]
    project.manifest("support", assistant_id=there)
    project.apply()
    project.manifest("support")
    run = project.run("plan").expect(6)
    assert f"assistant_id: {there}" in run.out


def test_orphans_are_shown_counted_and_left_alone(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support")
    project.manifest("other")
    project.apply()
    project.remove("support")
    proxy.reset()
    assert project.actions() == {"support": "orphan", "other": "keep"}
    assert project.plan()["summary"]["orphan"] == 1
    assert "--prune" in project.run("plan").out
    assert project.run("plan", "--detailed-exitcode").code == 0
    assert project.apply()["outcomes"] == []
    assert proxy.writes == []
    assert deployment.exists(own)


def test_delete_archives_all_versions_first(project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support", context={"model_name": "a"})
    project.apply()
    project.manifest("support", context={"model_name": "b"})
    project.manifest("other")
    project.apply()
    project.remove("support")
    assert project.actions("--prune") == {"support": "delete", "other": "keep"}
    (outcome,) = project.apply("--prune")["outcomes"]
    assert outcome["status"] == "deleted"
    assert not deployment.exists(own)
    (file,) = (project.folder / "archive" / "local").iterdir()
    assert outcome["notes"] == [f"kept in archive/local/{file.name}"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    archive = json.loads(file.read_text())
    assert (archive["format_version"], archive["key"], archive["project"]) == ("1.0", "support", PROJECT)
    assert [row["version"] for row in archive["versions"]] == [2, 1]
    assert [row["context"] for row in archive["versions"]] == [{"model_name": "b"}, {"model_name": "a"}]
    assert archive["assistant"]["assistant_id"] == own
    assert project.actions() == {"other": "keep"}


def test_a_delete_after_an_activation_is_of_a_commit_that_is_known(project: ProjectFixture) -> None:
    project.manifest("other")
    for tag in ("a", "b", "a"):
        project.manifest("support", config={"tags": [tag]})
        project.commit()
        project.apply()
    project.remove("support")
    project.commit()
    plan = project.plan("--prune")
    assert (plan["guards"], plan["warnings"]) == ([], [])
    assert project.statuses("--prune") == {"support": "deleted"}


def test_prune_may_be_the_targets_own_setting(project: ProjectFixture, deployment: Deployment, proxy: Proxy) -> None:
    project.manifest("support")
    project.manifest("other")
    project.apply()
    project.remove("support")
    project.configure(proxy.url, prune=True)
    assert project.actions("--no-prune")["support"] == "orphan"
    assert project.actions()["support"] == "delete"


def test_deletes_are_refused_in_ci_without_an_archive(
    project: ProjectFixture, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.manifest("support")
    project.manifest("other")
    project.commit()
    project.apply()
    project.remove("support")
    project.commit()
    monkeypatch.setenv("CI", "true")
    proxy.reset()
    assert "archive" in project.run("apply", "--prune").expect(6).out
    assert proxy.writes == []
    project.configure(proxy.url, archive="kept")
    project.commit()
    assert project.statuses("--prune") == {"support": "deleted"}
    assert len(list((project.folder / "kept" / "local").iterdir())) == 1


def test_the_guard_of_deletes_stops_everything_and_names_the_way_on(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    for key in "abc":
        project.manifest(key)
    project.commit()
    project.apply()
    project.remove("a")
    project.remove("b")
    project.manifest("c", description="new")
    project.commit()
    proxy.reset()
    run = project.run("apply", "--prune").expect(6)
    assert "--allow-deletes 2" in run.out
    assert proxy.writes == []
    assert project.run("plan", "--prune", "--detailed-exitcode").code == 6
    assert project.statuses("--prune", "--allow-deletes", "2") == {"a": "deleted", "b": "deleted", "c": "updated"}
    assert [row["assistant_id"] for row in deployment.users()] == [derived_id(PROJECT, "c")]


def test_the_guard_of_updates_counts_updates(project: ProjectFixture, proxy: Proxy) -> None:
    project.configure(proxy.url, limits={"updates": "50%"})
    for key in "abcd":
        project.manifest(key)
    project.apply()
    for key in "abc":
        project.manifest(key, description="new")
    assert "--allow-updates 3" in project.run("plan").expect(6).out
    assert set(project.statuses("--allow-updates", "3").values()) == {"updated"}


def test_another_target_is_refused_unless_retargeted(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("support")
    project.apply()
    project.configure(proxy.url, name="production")
    project.manifest("support", description="new")
    assert "--retarget" in project.run("apply").expect(6).out
    assert project.statuses("--retarget") == {"support": "updated"}
    assert project.actions() == {"support": "keep"}


def test_a_selection_leaves_the_others_alone(project: ProjectFixture, deployment: Deployment) -> None:
    own = {key: project.manifest(key) for key in ("bot-a", "bot-b", "support")}
    assert project.statuses("--only", "bot-*") == {"bot-a": "created", "bot-b": "created"}
    assert not deployment.exists(own["support"])
    assert project.actions("bot-a", "support") == {"bot-a": "keep", "support": "create"}


def test_a_graph_that_is_not_registered_is_a_warning_and_its_change_is_not_sent(
    project: ProjectFixture, proxy: Proxy
) -> None:
    project.manifest("coming", graph_id="tomorrow")
    project.manifest("support")
    plan = project.plan()
    assert "tomorrow" in plan["warnings"][0]["message"]
    assert {change["key"]: change["action"] for change in plan["changes"]} == {"coming": "create", "support": "create"}
    proxy.reset()
    assert project.statuses(code=8) == {"coming": "not_attempted", "support": "created"}
    assert len(proxy.writes) == 1


def test_a_manifest_for_configurable_reads_back_equal(project: ProjectFixture, deployment: Deployment) -> None:
    own = project.manifest("support", config={"configurable": {"model_name": "a"}, "tags": ["x"]})
    project.apply()
    assert deployment.run(own)["seen"]["configurable"] == {"model_name": "a"}
    assert project.actions() == {"support": "keep"}
    project.manifest("support", context={"model_name": "a"}, config={"tags": ["x"]})
    assert project.actions() == {"support": "keep"}


def test_a_saved_plan_goes_through_while_it_is_true_and_is_refused_afterwards(
    project: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = project.manifest("support", context={"model_name": "a"})
    project.manifest("other")
    project.run("plan", "--out", "plan.json").expect(0)
    assert project.statuses("plan.json") == {"support": "created", "other": "created"}
    run = project.run("apply", "plan.json").expect(7)
    assert "support: was create, now keep" in run.err
    project.manifest("support", context={"model_name": "b"})
    project.run("plan", "--out", "plan.json").expect(0)
    deployment.patch(own, name="By hand")
    proxy.reset()
    run = project.run("apply", "plan.json").expect(7)
    assert "from version 2 instead of 1" in run.err
    assert proxy.writes == []


def test_a_saved_plan_remembers_pruning_and_selection_and_not_allowances(project: ProjectFixture) -> None:
    for key in ("a", "b", "bot"):
        project.manifest(key)
    project.apply()
    project.remove("a")
    project.remove("b")
    project.manifest("bot", description="new")
    project.run("plan", "--prune", "--only", "?", "--allow-deletes", "2", "--out", "plan.json").expect(0)
    project.run("apply", "plan.json").expect(6)
    assert project.statuses("plan.json", "--allow-deletes", "2") == {"a": "deleted", "b": "deleted"}


def test_a_saved_plan_is_for_its_own_target_and_the_command_line_may_say_otherwise_about_pruning(
    project: ProjectFixture, proxy: Proxy
) -> None:
    project.manifest("a")
    project.manifest("b")
    targets = {"first": {"url": "http://127.0.0.1:9"}, "second": {"url": proxy.url}}
    document = {"version": 1, "project": PROJECT, "default_target": "first", "targets": targets}
    project.write("assistant-sync.yaml", json.dumps(document))
    project.run("plan", "--target", "second", "--out", "plan.json").expect(0)
    assert set(project.statuses("plan.json").values()) == {"created"}
    assert project.run("apply", "plan.json", "--target", "first").code == 64
    project.remove("a")
    project.run("plan", "--target", "second", "--prune", "--out", "plan.json").expect(0)
    assert "was delete, now orphan" in project.run("apply", "plan.json", "--no-prune").expect(7).err


def test_a_plan_file_of_another_project_is_refused(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("a")
    project.apply()
    project.run("plan", "--out", "plan.json").expect(0)
    project.configure(proxy.url, project="other")
    project.remove("a")
    project.write("assistants/.gitkeep", "")
    assert "project: was 'acme-support', now 'other'" in project.run("apply", "plan.json").expect(7).err


def test_a_saved_plan_of_what_is_not_there_any_more_is_stale(project: ProjectFixture, proxy: Proxy) -> None:
    project.manifest("bot")
    project.manifest("other")
    project.run("plan", "--only", "bot", "--out", "plan.json").expect(0)
    project.remove("bot")
    assert "'bot'" in project.run("apply", "plan.json").expect(7).err
    project.manifest("bot")
    project.configure(proxy.url, name="renamed")
    assert "'local'" in project.run("apply", "plan.json").expect(7).err
    assert proxy.writes == []
