"""Each kind of change, planned and carried out on the real server; versions are counted there."""

from __future__ import annotations

import json
import signal
import stat
from typing import TYPE_CHECKING

from assistant_sync.model.identity import derived_id
from tests.workshop import PROJECT

if TYPE_CHECKING:
    import pytest

    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy
    from tests.workshop import Workshop


def numbers(deployment: Deployment, assistant_id: str) -> list[int]:
    return [row["version"] for row in deployment.versions(assistant_id)]


def test_an_apply_leaves_the_programs_signal_handlers_as_they_were(workshop: Workshop) -> None:
    workshop.manifest("support")
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    workshop.apply()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_keep_sends_nothing(workshop: Workshop, proxy: Proxy) -> None:
    workshop.manifest("support", context={"model_name": "a"})
    workshop.apply()
    proxy.reset()
    assert workshop.actions() == {"support": "keep"}
    assert workshop.run("plan", "--detailed-exitcode").code == 0
    assert proxy.writes == []


def test_create_makes_one_version_with_the_derived_id_and_the_stamp(workshop: Workshop, deployment: Deployment) -> None:
    own = workshop.manifest("support", context={"model_name": "a"}, metadata={"team": "cx"})
    sha = workshop.commit()
    (outcome,) = workshop.apply()["outcomes"]
    assert (outcome["status"], outcome["version_before"], outcome["version_after"]) == ("created", None, 1)
    stamp = deployment.get(own)["metadata"]["assistant_sync"]
    assert len(stamp.pop("write")) == 32
    assert stamp.pop("digest").startswith("c1:")
    assert stamp == {
        "project": PROJECT, "target": "local", "key": "support", "id": own, "version": 1, "commit": sha,
        "source": "assistants/support.yaml", "metadata_keys": ["team"],
    }  # fmt: skip
    assert deployment.run(own)["seen"]["context"] == {"model_name": "a"}


def test_update_makes_one_version_whatever_differs(workshop: Workshop, deployment: Deployment) -> None:
    own = workshop.manifest("support", context={"model_name": "a"})
    workshop.apply()
    workshop.manifest(
        "support",
        graph_id="research_agent",
        name="Research",
        description="d",
        context={"depth": "deep"},
        config={"tags": ["t"]},
        metadata={"team": "r"},
    )
    plan = workshop.plan()
    (change,) = plan["changes"]
    assert (change["action"], change["base_version"]) == ("update", 1)
    (outcome,) = workshop.apply()["outcomes"]
    assert (outcome["status"], outcome["version_before"], outcome["version_after"]) == ("updated", 1, 2)
    assert numbers(deployment, own) == [2, 1]
    seen = deployment.run(own)["seen"]
    assert (seen["graph"], seen["context"]["depth"], seen["tags"]) == ("research_agent", "deep", ["t"])


def test_activate_moves_the_pointer_and_mints_nothing(workshop: Workshop, deployment: Deployment) -> None:
    own = workshop.manifest("support", context={"model_name": "a"}, config={"recursion_limit": 10}, description="one")
    workshop.commit()
    workshop.apply()
    workshop.manifest("support", context={"model_name": "a"}, config={"recursion_limit": 20}, description="two")
    workshop.commit()
    workshop.apply()
    workshop.revert()
    (change,) = workshop.plan()["changes"]
    assert (change["action"], change["base_version"], change["to_version"]) == ("activate", 2, 1)
    (outcome,) = workshop.apply()["outcomes"]
    assert (outcome["status"], outcome["version_after"], outcome["healed_from"]) == ("activated", 1, None)
    assert numbers(deployment, own) == [2, 1]
    assert deployment.get(own)["description"] == "one"
    assert deployment.run(own)["seen"]["recursion_limit"] == 10
    assert workshop.actions() == {"support": "keep"}


def test_an_activation_that_restores_a_part_is_healed_at_once_by_one_version(
    workshop: Workshop, deployment: Deployment, proxy: Proxy
) -> None:
    workshop.configure(proxy.url, activation="full")
    own = workshop.manifest("support", context={"model_name": "a"})
    workshop.commit()
    workshop.apply()
    workshop.manifest("support", context={"model_name": "b"})
    workshop.commit()
    workshop.apply()
    workshop.revert()
    assert workshop.actions() == {"support": "activate"}
    result = workshop.apply()
    (outcome,) = result["outcomes"]
    assert (outcome["status"], outcome["version_after"], outcome["healed_from"]) == ("updated", 3, 1)
    assert "activation" in outcome["notes"][0]
    assert result["converged"]
    assert numbers(deployment, own) == [3, 2, 1]
    assert deployment.run(own)["seen"]["context"] == {"model_name": "a"}


def test_never_rolls_forward(workshop: Workshop, deployment: Deployment, proxy: Proxy) -> None:
    workshop.configure(proxy.url, activation="never")
    own = workshop.manifest("support", config={"tags": ["a"]})
    workshop.apply()
    workshop.manifest("support", config={"tags": ["b"]})
    workshop.apply()
    workshop.manifest("support", config={"tags": ["a"]})
    assert workshop.statuses() == {"support": "updated"}
    assert numbers(deployment, own) == [3, 2, 1]


def test_adopt_takes_over_by_id_in_one_version_and_keeps_what_it_does_not_own(
    workshop: Workshop, deployment: Deployment
) -> None:
    there = deployment.create(name="By hand", context={"model_name": "x"}, metadata={"team": "cx", "note": "ann's"})
    own = there["assistant_id"]
    workshop.manifest(
        "support", assistant_id=own.upper(), name="By hand", context={"model_name": "x"}, metadata={"team": "cx"}
    )
    (change,) = workshop.plan()["changes"]
    assert (change["action"], change["fields"], change["assistant_id"]) == ("adopt", [], own)
    assert workshop.statuses() == {"support": "adopted"}
    assert numbers(deployment, own) == [2, 1]
    assert deployment.get(own)["metadata"]["note"] == "ann's"
    assert workshop.actions() == {"support": "keep"}


def test_an_unstamped_assistant_on_our_id_is_refused_with_the_line_that_adopts_it(
    workshop: Workshop, deployment: Deployment, proxy: Proxy
) -> None:
    own = workshop.manifest("support")
    workshop.manifest("other")
    deployment.create(assistant_id=own, name="Squatter")
    proxy.reset()
    run = workshop.run("apply").expect(6)
    assert f"assistant_id: {own}" in run.out
    assert proxy.writes == []
    workshop.manifest("support", assistant_id=own)
    assert workshop.statuses() == {"support": "adopted", "other": "created"}


def test_a_moved_id_is_refused_with_the_line_to_put_back(workshop: Workshop, deployment: Deployment) -> None:
    there = deployment.create(name="x")["assistant_id"]
    workshop.manifest("support", assistant_id=there)
    workshop.apply()
    workshop.manifest("support")
    run = workshop.run("plan").expect(6)
    assert f"assistant_id: {there}" in run.out


def test_orphans_are_shown_counted_and_left_alone(workshop: Workshop, deployment: Deployment, proxy: Proxy) -> None:
    own = workshop.manifest("support")
    workshop.manifest("other")
    workshop.apply()
    workshop.remove("support")
    proxy.reset()
    assert workshop.actions() == {"support": "orphan", "other": "keep"}
    assert workshop.plan()["summary"]["orphan"] == 1
    assert "--prune" in workshop.run("plan").out
    assert workshop.run("plan", "--detailed-exitcode").code == 0
    assert workshop.apply()["outcomes"] == []
    assert proxy.writes == []
    assert deployment.exists(own)


def test_delete_archives_all_versions_first(workshop: Workshop, deployment: Deployment) -> None:
    own = workshop.manifest("support", context={"model_name": "a"})
    workshop.apply()
    workshop.manifest("support", context={"model_name": "b"})
    workshop.manifest("other")
    workshop.apply()
    workshop.remove("support")
    assert workshop.actions("--prune") == {"support": "delete", "other": "keep"}
    (outcome,) = workshop.apply("--prune")["outcomes"]
    assert outcome["status"] == "deleted"
    assert not deployment.exists(own)
    (file,) = (workshop.folder / "archive" / "local").iterdir()
    assert outcome["notes"] == [f"kept in archive/local/{file.name}"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    archive = json.loads(file.read_text())
    assert (archive["format_version"], archive["key"], archive["project"]) == ("1.0", "support", PROJECT)
    assert [row["version"] for row in archive["versions"]] == [2, 1]
    assert [row["context"] for row in archive["versions"]] == [{"model_name": "b"}, {"model_name": "a"}]
    assert archive["assistant"]["assistant_id"] == own
    assert workshop.actions() == {"other": "keep"}


def test_a_delete_after_an_activation_is_of_a_commit_that_is_known(workshop: Workshop) -> None:
    workshop.manifest("other")
    for tag in ("a", "b", "a"):
        workshop.manifest("support", config={"tags": [tag]})
        workshop.commit()
        workshop.apply()
    workshop.remove("support")
    workshop.commit()
    plan = workshop.plan("--prune")
    assert (plan["guards"], plan["warnings"]) == ([], [])
    assert workshop.statuses("--prune") == {"support": "deleted"}


def test_prune_may_be_the_targets_own_setting(workshop: Workshop, deployment: Deployment, proxy: Proxy) -> None:
    workshop.manifest("support")
    workshop.manifest("other")
    workshop.apply()
    workshop.remove("support")
    workshop.configure(proxy.url, prune=True)
    assert workshop.actions("--no-prune")["support"] == "orphan"
    assert workshop.actions()["support"] == "delete"


def test_deletes_are_refused_in_ci_without_an_archive(
    workshop: Workshop, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.manifest("support")
    workshop.manifest("other")
    workshop.commit()
    workshop.apply()
    workshop.remove("support")
    workshop.commit()
    monkeypatch.setenv("CI", "true")
    proxy.reset()
    assert "archive" in workshop.run("apply", "--prune").expect(6).out
    assert proxy.writes == []
    workshop.configure(proxy.url, archive="kept")
    workshop.commit()
    assert workshop.statuses("--prune") == {"support": "deleted"}
    assert len(list((workshop.folder / "kept" / "local").iterdir())) == 1


def test_the_guard_of_deletes_stops_everything_and_names_the_way_on(
    workshop: Workshop, deployment: Deployment, proxy: Proxy
) -> None:
    for key in "abc":
        workshop.manifest(key)
    workshop.commit()
    workshop.apply()
    workshop.remove("a")
    workshop.remove("b")
    workshop.manifest("c", description="new")
    workshop.commit()
    proxy.reset()
    run = workshop.run("apply", "--prune").expect(6)
    assert "--allow-deletes 2" in run.out
    assert proxy.writes == []
    assert workshop.run("plan", "--prune", "--detailed-exitcode").code == 6
    assert workshop.statuses("--prune", "--allow-deletes", "2") == {"a": "deleted", "b": "deleted", "c": "updated"}
    assert [row["assistant_id"] for row in deployment.users()] == [derived_id(PROJECT, "c")]


def test_the_guard_of_updates_counts_updates(workshop: Workshop, proxy: Proxy) -> None:
    workshop.configure(proxy.url, limits={"updates": "50%"})
    for key in "abcd":
        workshop.manifest(key)
    workshop.apply()
    for key in "abc":
        workshop.manifest(key, description="new")
    assert "--allow-updates 3" in workshop.run("plan").expect(6).out
    assert set(workshop.statuses("--allow-updates", "3").values()) == {"updated"}


def test_another_target_is_refused_unless_retargeted(workshop: Workshop, proxy: Proxy) -> None:
    workshop.manifest("support")
    workshop.apply()
    workshop.configure(proxy.url, name="production")
    workshop.manifest("support", description="new")
    assert "--retarget" in workshop.run("apply").expect(6).out
    assert workshop.statuses("--retarget") == {"support": "updated"}
    assert workshop.actions() == {"support": "keep"}


def test_a_selection_leaves_the_others_alone(workshop: Workshop, deployment: Deployment) -> None:
    own = {key: workshop.manifest(key) for key in ("bot-a", "bot-b", "support")}
    assert workshop.statuses("--only", "bot-*") == {"bot-a": "created", "bot-b": "created"}
    assert not deployment.exists(own["support"])
    assert workshop.actions("bot-a", "support") == {"bot-a": "keep", "support": "create"}


def test_a_graph_that_is_not_registered_is_a_warning_and_its_change_is_not_sent(
    workshop: Workshop, proxy: Proxy
) -> None:
    workshop.manifest("coming", graph_id="tomorrow")
    workshop.manifest("support")
    plan = workshop.plan()
    assert "tomorrow" in plan["warnings"][0]["message"]
    assert {change["key"]: change["action"] for change in plan["changes"]} == {"coming": "create", "support": "create"}
    proxy.reset()
    assert workshop.statuses(code=8) == {"coming": "not_attempted", "support": "created"}
    assert len(proxy.writes) == 1


def test_a_manifest_for_configurable_reads_back_equal(workshop: Workshop, deployment: Deployment) -> None:
    own = workshop.manifest("support", config={"configurable": {"model_name": "a"}, "tags": ["x"]})
    workshop.apply()
    assert deployment.run(own)["seen"]["configurable"] == {"model_name": "a"}
    assert workshop.actions() == {"support": "keep"}
    workshop.manifest("support", context={"model_name": "a"}, config={"tags": ["x"]})
    assert workshop.actions() == {"support": "keep"}


def test_a_saved_plan_goes_through_while_it_is_true_and_is_refused_afterwards(
    workshop: Workshop, deployment: Deployment, proxy: Proxy
) -> None:
    own = workshop.manifest("support", context={"model_name": "a"})
    workshop.manifest("other")
    workshop.run("plan", "--out", "plan.json").expect(0)
    assert workshop.statuses("plan.json") == {"support": "created", "other": "created"}
    run = workshop.run("apply", "plan.json").expect(7)
    assert "support: was create, now keep" in run.err
    workshop.manifest("support", context={"model_name": "b"})
    workshop.run("plan", "--out", "plan.json").expect(0)
    deployment.patch(own, name="By hand")
    proxy.reset()
    run = workshop.run("apply", "plan.json").expect(7)
    assert "from version 2 instead of 1" in run.err
    assert proxy.writes == []


def test_a_saved_plan_remembers_pruning_and_selection_and_not_allowances(workshop: Workshop) -> None:
    for key in ("a", "b", "bot"):
        workshop.manifest(key)
    workshop.apply()
    workshop.remove("a")
    workshop.remove("b")
    workshop.manifest("bot", description="new")
    workshop.run("plan", "--prune", "--only", "?", "--allow-deletes", "2", "--out", "plan.json").expect(0)
    workshop.run("apply", "plan.json").expect(6)
    assert workshop.statuses("plan.json", "--allow-deletes", "2") == {"a": "deleted", "b": "deleted"}


def test_a_saved_plan_is_for_its_own_target_and_the_command_line_may_say_otherwise_about_pruning(
    workshop: Workshop, proxy: Proxy
) -> None:
    workshop.manifest("a")
    workshop.manifest("b")
    targets = {"first": {"url": "http://127.0.0.1:9"}, "second": {"url": proxy.url}}
    document = {"version": 1, "project": PROJECT, "default_target": "first", "targets": targets}
    workshop.write("assistant-sync.yaml", json.dumps(document))
    workshop.run("plan", "--target", "second", "--out", "plan.json").expect(0)
    assert set(workshop.statuses("plan.json").values()) == {"created"}
    assert workshop.run("apply", "plan.json", "--target", "first").code == 64
    workshop.remove("a")
    workshop.run("plan", "--target", "second", "--prune", "--out", "plan.json").expect(0)
    assert "was delete, now orphan" in workshop.run("apply", "plan.json", "--no-prune").expect(7).err


def test_a_plan_file_of_another_project_is_refused(workshop: Workshop, proxy: Proxy) -> None:
    workshop.manifest("a")
    workshop.apply()
    workshop.run("plan", "--out", "plan.json").expect(0)
    workshop.configure(proxy.url, project="other")
    workshop.remove("a")
    workshop.write("assistants/.gitkeep", "")
    assert "project: was 'acme-support', now 'other'" in workshop.run("apply", "plan.json").expect(7).err


def test_a_saved_plan_of_what_is_not_there_any_more_is_stale(workshop: Workshop, proxy: Proxy) -> None:
    workshop.manifest("bot")
    workshop.manifest("other")
    workshop.run("plan", "--only", "bot", "--out", "plan.json").expect(0)
    workshop.remove("bot")
    assert "'bot'" in workshop.run("apply", "plan.json").expect(7).err
    workshop.manifest("bot")
    workshop.configure(proxy.url, name="renamed")
    assert "'local'" in workshop.run("apply", "plan.json").expect(7).err
    assert proxy.writes == []
