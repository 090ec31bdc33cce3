from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import httpx
import pytest

from assistant_sync.errors import (
    AssistantSyncError,
    Denied,
    IncompleteListing,
    InvalidFiles,
    PlanRefused,
    ServerFault,
    UnknownName,
    Unreachable,
)
from assistant_sync.live.listings import LISTINGS
from assistant_sync.model.change import Delete
from assistant_sync.model.identity import derived_id
from assistant_sync.model.progress import Progress, watched_by
from assistant_sync.model.selection import Selection
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.model.thread import ThreadCounts
from assistant_sync.operations.plan import plan
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.planning.policy import Allowance
from assistant_sync.report.json.plan import plan_json
from assistant_sync.report.json.result import result_json
from assistant_sync.report.text.plan import plan_text
from tests.applying.memory_deployment import status, unmirrored
from tests.operations.memory_project import OWNED, URL
from tests.project_fixture import PROJECT
from tests.servers.recording import Exchange, answered

if TYPE_CHECKING:
    from assistant_sync.model.plan import Plan
    from tests.operations.memory_project import MemoryProject
    from tests.servers.fake_deployment import Row
    from tests.servers.recording import Fault, Proceed

SUPPORT = derived_id(PROJECT, "support")

LISTED = ([("POST", "/assistants/count")], [("POST", "/assistants/count"), ("POST", "/assistants/search")])
"""What may have been asked while the files were read."""


@pytest.fixture
def applied(project: MemoryProject) -> MemoryProject:
    """One assistant as its manifest wants it."""
    project.manifest("support")
    project.settle()
    return project


def actions(plan: Plan) -> dict[str, str]:
    return {change.key: change.action.value for change in plan.changes}


def guards(plan: Plan) -> list[str]:
    return [violation.guard for violation in plan.guards]


# What is read


def test_if_nothing_differs_the_listing_is_counted_and_read_and_each_graph_asked_for(applied: MemoryProject) -> None:
    assert actions(applied.planned()) == {"support": "keep"}
    own = derived_id(PROJECT, "support")
    assert applied.transport.requests == [
        ("POST", "/assistants/count"), ("POST", "/assistants/search"), ("GET", f"/assistants/{own}/schemas"),
    ]  # fmt: skip
    assert applied.transport.writes == []


def arrange(project: MemoryProject, kind: str) -> None:
    """Make the plan one change of a kind."""
    if kind == "create":
        project.manifest("new")
    elif kind == "update":
        project.manifest("support", description="new")
    elif kind == "activate":
        project.manifest("support", description="new")
        project.settle()
        project.manifest("support")
    elif kind == "adopt":
        project.manifest("adopted", assistant_id=project.deployment.create(name="by hand")["assistant_id"])
    else:
        project.manifest("kept")
        project.settle()
        project.remove("kept")


@pytest.mark.parametrize(
    ("kind", "requests"), [("create", 4), ("update", 4), ("activate", 4), ("adopt", 5), ("delete", 6)]
)
def test_a_change_takes_as_few_requests_as_are_documented_and_all_are_reads(
    kind: str, requests: int, applied: MemoryProject
) -> None:
    arrange(applied, kind)
    assert kind in actions(applied.planned(prune=True)).values()
    assert (len(applied.transport.exchanges), applied.transport.writes) == (requests, [])


def test_progress_is_reported_while_rows_are_read(applied: MemoryProject) -> None:
    seen: list[Progress] = []
    applied.run_at_once(plan(PlanRequest(settings=applied.settings()), listener=seen.append))
    assert seen == [Progress("reading", 1, 1)]


def test_who_watches_hears_when_the_comparison_begins_and_how_far_it_is(applied: MemoryProject) -> None:
    seen: list[Progress] = []
    with watched_by(seen.append):
        applied.planned()
    assert seen[-3:] == [Progress("comparing", 0, None), Progress("comparing", 0, 1), Progress("comparing", 1, 1)]


def not_listed(project: MemoryProject, times: int) -> Fault:
    """The first listings of owned rows show none."""

    async def fault(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        one = Exchange.of(request)
        is_owned = (one.body or {}).get("metadata") == OWNED["metadata"]
        if not is_owned or project.timeline.count("list") > times:
            return await proceed()
        return httpx.Response(200, json=0 if one.path.endswith("/count") else [])

    return fault


def test_an_assistant_that_is_there_and_was_not_listed_is_listed_again(applied: MemoryProject) -> None:
    assert actions(applied.planned(not_listed(applied, LISTINGS - 1))) == {"support": "keep"}
    assert applied.timeline == ["list"] * LISTINGS


def test_an_assistant_that_no_listing_shows_ends_the_plan(applied: MemoryProject) -> None:
    with pytest.raises(IncompleteListing, match=f"does not list {SUPPORT}, which is there") as caught:
        applied.planned(not_listed(applied, LISTINGS))
    assert applied.timeline == ["list"] * LISTINGS
    assert caught.value.hint is not None


def test_the_timeout_bounds_one_request(applied: MemoryProject) -> None:
    async def hang(_: httpx.Request, proceed: Proceed) -> httpx.Response:
        await asyncio.sleep(6)
        return await proceed()

    with pytest.raises(Unreachable):
        applied.planned(settings=applied.settings(hang, timeout=5))
    applied.planned(settings=applied.settings(hang, timeout=7))


# What stops it before any request


def test_a_problem_of_a_manifest_ends_a_plan_whatever_the_deployment_answers(applied: MemoryProject) -> None:
    applied.write("assistants/bad.yaml", "graph_id: 1\n")
    with pytest.raises(InvalidFiles) as caught:
        applied.planned()
    assert [problem.file for problem in caught.value.problems if problem.is_error] == ["assistants/bad.yaml"]
    assert applied.transport.requests in ([], *LISTED)


def test_a_problem_of_a_manifest_is_reported_before_one_of_the_deployment(applied: MemoryProject) -> None:
    applied.write("assistants/bad.yaml", "graph_id: 1\n")
    with pytest.raises(InvalidFiles):
        applied.planned(answered(".*", ".*", lambda: httpx.Response(403), times=99))


def test_a_problem_of_a_manifest_is_reported_before_one_of_the_connection(applied: MemoryProject) -> None:
    applied.configure("https://127.0.0.1:9", ca_file="nowhere.pem")
    with pytest.raises(AssistantSyncError, match=r"nowhere\.pem"):
        applied.planned(settings=applied.settings(transport=None))
    applied.write("assistants/bad.yaml", "graph_id: 1\n")
    with pytest.raises(InvalidFiles):
        applied.planned(settings=applied.settings(transport=None))


def test_a_problem_that_stops_nothing_comes_with_the_plan(applied: MemoryProject) -> None:
    made = applied.run_at_once(plan(PlanRequest(settings=applied.settings())))
    assert [(problem.file, problem.is_error) for problem in made.problems] == [("assistants/support.yaml", False)]
    applied.commit()
    assert applied.run_at_once(plan(PlanRequest(settings=applied.settings()))).problems == ()


def test_a_key_that_is_named_and_not_set_causes_no_request(applied: MemoryProject) -> None:
    applied.configure(URL, api_key_env="ACME_KEY")
    with pytest.raises(Denied, match="ACME_KEY"):
        applied.planned()
    assert applied.transport.requests == []


def test_a_connection_that_is_not_the_trusted_commits_causes_no_request(applied: MemoryProject) -> None:
    applied.commit()
    applied.configure(f"{URL}/elsewhere")
    with pytest.raises(PlanRefused, match=r"\(url\)"):
        applied.planned(trusted_ref="main")
    assert applied.transport.requests == []


def test_the_trusted_connection_is_planned_with(applied: MemoryProject) -> None:
    applied.commit()
    assert actions(applied.planned(trusted_ref="main")) == {"support": "keep"}


def test_the_projects_own_choice_of_a_target_has_to_be_the_trusted_one_and_a_named_target_has_not(
    applied: MemoryProject,
) -> None:
    targets = f"targets: {{local: {{url: '{URL}'}}, other: {{url: '{URL}/other'}}}}\n"
    applied.write("assistant-sync.yaml", f"version: 1\nproject: {PROJECT}\ndefault_target: other\n{targets}")
    applied.commit()
    applied.write("assistant-sync.yaml", f"version: 1\nproject: {PROJECT}\ndefault_target: local\n{targets}")
    with pytest.raises(PlanRefused, match=r"\(default_target\)"):
        applied.planned(trusted_ref="main")
    named = applied.settings(target="local")
    assert actions(applied.planned(settings=named, trusted_ref="main")) == {"support": "keep"}


# The selection


def test_a_selection_narrows_the_plan(applied: MemoryProject) -> None:
    applied.manifest("other")
    made = applied.planned(selection=Selection(("sup*",)))
    assert (actions(made), made.selection) == ({"support": "keep"}, Selection(("sup*",)))


@pytest.fixture
def branched(applied: MemoryProject) -> MemoryProject:
    """Two applied assistants of two graphs, at the tag ``began``."""
    applied.manifest("research", graph_id="research_agent")
    applied.commit()
    applied.settle()
    applied.git("tag", "began")
    return applied


def test_if_nothing_has_changed_since_a_commit_the_plan_is_empty(branched: MemoryProject) -> None:
    branched.deployment.patch(SUPPORT, name="By hand")
    made = branched.planned(changed_since="began", prune=True)
    assert (made.changes, made.is_refused) == ((), False)
    assert made.selection == Selection(changed=frozenset(), since="began")
    text = plan_text(made).plain
    assert "Only manifests that changed since began" in text
    assert "No manifest has changed" in text
    assert text.endswith("No changes. No manifest is selected.")


def test_what_has_changed_since_a_commit_is_planned_and_pruned_and_nothing_else(branched: MemoryProject) -> None:
    branched.manifest("left")
    branched.settle()
    branched.remove("left")  # an orphan that was never at the tag
    branched.manifest("research", graph_id="research_agent", description="new")
    branched.remove("support")
    branched.manifest("added")
    made = branched.planned(changed_since="began", prune=True)
    assert actions(made) == {"added": "create", "research": "update", "support": "delete"}


def test_a_graph_narrows_the_plan_and_its_pruning(branched: MemoryProject) -> None:
    branched.manifest("support", description="new")
    branched.remove("research")
    assert actions(branched.planned(selection=Selection(graphs=("res*",)), prune=True)) == {"research": "delete"}
    assert actions(branched.planned(selection=Selection(("support",), ("res*",)), prune=True)) == {}


def test_a_graph_that_matches_nothing_names_the_nearest_one(branched: MemoryProject) -> None:
    with pytest.raises(UnknownName, match="no manifest or owned assistant has a graph that matches") as caught:
        branched.planned(selection=Selection(graphs=("research_agnet",)))
    assert caught.value.hint == "did you mean 'research_agent'?"


def test_an_invalid_manifest_stops_a_plan_that_does_not_select_it(branched: MemoryProject) -> None:
    branched.write("assistants/bad.yaml", "graph: x\n")
    with pytest.raises(InvalidFiles):
        branched.planned(selection=Selection(("support",)))


@pytest.mark.parametrize("ref", ["nowhere", "-x", ""])
def test_a_commit_that_does_not_exist_is_an_error_whatever_is_live(ref: str, branched: MemoryProject) -> None:
    with pytest.raises(UnknownName, match="this repository has no commit"):
        branched.planned(changed_since=ref)
    assert branched.transport.requests in ([], *LISTED)


@pytest.mark.parametrize(("glob", "hint"), [("suport", "did you mean 'support'?"), ("billing", None)])
def test_a_selection_that_matches_nothing_names_the_nearest_key(
    glob: str, hint: str | None, applied: MemoryProject
) -> None:
    with pytest.raises(UnknownName) as caught:
        applied.planned(selection=Selection(("support", glob)))
    assert caught.value.message == f"no manifest or owned assistant matches '{glob}'"
    assert caught.value.hint == hint


def test_a_selection_may_match_an_assistant_whose_manifest_is_gone(applied: MemoryProject) -> None:
    applied.manifest("other")
    applied.remove("support")
    assert actions(applied.planned(selection=Selection(("support",)))) == {"support": "orphan"}


# The rules that the target and the command line set


@pytest.mark.parametrize(
    ("target", "asked", "action"),
    [
        (False, None, "orphan"),
        (True, None, "delete"),
        (False, True, "delete"),
        (True, False, "orphan"),
    ],
)
def test_the_target_decides_about_pruning_unless_the_command_line_does(
    target: bool, asked: bool | None, action: str, applied: MemoryProject
) -> None:
    applied.configure(URL, prune=target)
    applied.manifest("other")
    applied.remove("support")
    made = applied.planned(prune=asked)
    assert (actions(made)["support"], made.prune) == (action, action == "delete")


def test_deletes_beyond_the_targets_limit_are_allowed_by_number(applied: MemoryProject) -> None:
    applied.configure(URL, limits={"deletes": 0})
    applied.manifest("other")
    applied.remove("support")
    assert guards(applied.planned(prune=True)) == ["deletes"]
    assert guards(applied.planned(prune=True, allowance=Allowance(deletes=1))) == []


def test_a_delete_in_a_public_repository_must_be_allowed(applied: MemoryProject) -> None:
    applied.configure(URL, archive="kept")
    applied.manifest("other")
    applied.settle()
    applied.remove("support")
    applied.commit()
    applied.environ["CI"] = "true"
    assert guards(applied.planned(prune=True, in_public=True)) == ["public-archive"]
    assert guards(applied.planned(prune=False, in_public=True)) == []
    assert guards(applied.planned(prune=True, in_public=True, allow_public_archive=True)) == []
    assert applied.applied(prune=True, in_public=True).result is None
    assert applied.deployment.exists(SUPPORT)
    result = applied.applied(prune=True, in_public=True, allow_public_archive=True).result
    assert result is not None
    assert [one.status.value for one in result.outcomes] == ["deleted"]


@pytest.mark.parametrize(
    ("ci", "archive", "expected"), [("true", None, ["archive"]), ("true", "kept", []), ("", None, [])]
)
def test_a_delete_in_ci_needs_an_archive_that_is_named(
    ci: str, archive: str | None, expected: list[str], applied: MemoryProject
) -> None:
    applied.configure(URL, **({} if archive is None else {"archive": archive}))
    applied.manifest("other")
    applied.remove("support")
    applied.commit()
    applied.environ["CI"] = ci
    assert guards(applied.planned(prune=True)) == expected


def test_an_assistant_written_as_another_target_is_taken_over_only_if_asked(applied: MemoryProject) -> None:
    applied.configure(URL, name="renamed")
    applied.manifest("support", description="new")
    assert actions(applied.planned()) == {"support": "refuse"}
    assert actions(applied.planned(retarget=True)) == {"support": "update"}


def test_a_newer_commits_write_is_overwritten_only_if_asked(project: MemoryProject) -> None:
    project.manifest("support")
    project.commit()
    project.manifest("support", description="newer")
    project.commit()
    project.settle()
    project.git("reset", "-q", "--hard", "HEAD~1")
    assert actions(project.planned()) == {"support": "refuse"}
    assert actions(project.planned(allow_older=True)) == {"support": "update"}


@pytest.mark.parametrize(("activation", "action"), [("safe", "activate"), ("never", "update")])
def test_the_target_decides_whether_an_earlier_version_is_activated(
    activation: str, action: str, applied: MemoryProject
) -> None:
    applied.configure(URL, activation=activation)
    arrange(applied, "activate")
    assert actions(applied.planned()) == {"support": action}


# The base


def test_without_a_base_nothing_is_known_of_causes(applied: MemoryProject) -> None:
    applied.commit()
    made = applied.planned()
    assert (made.base, made.causes, made.warnings) == (None, {}, ())


def test_a_base_separates_the_branchs_changes_from_others(applied: MemoryProject) -> None:
    sha = applied.commit()
    applied.manifest("support", description="new")
    applied.commit()
    made = applied.planned(base=sha)
    assert (made.base, [cause.value for cause in made.causes[SUPPORT]]) == (sha, ["branch"])


def test_a_base_that_is_named_and_missing_is_an_error_whatever_is_live(applied: MemoryProject) -> None:
    applied.commit()
    with pytest.raises(UnknownName, match="no commit 'nowhere'"):
        applied.planned(base="nowhere")
    assert applied.transport.requests in ([], *LISTED)


def test_a_base_that_ci_names_and_that_is_missing_is_a_warning(applied: MemoryProject) -> None:
    applied.commit()
    applied.environ["GITHUB_BASE_REF"] = "main"
    made = applied.planned()
    assert (made.base, actions(made)) == (None, {"support": "keep"})
    (warning,) = made.warnings
    assert warning.message.startswith("where changes come from is unknown: ")


def test_a_delete_whose_manifest_the_commit_has_elsewhere_trips_a_guard(applied: MemoryProject) -> None:
    """As if a folder had been copied to begin a second project, and its name was forgotten."""
    applied.git("add", "--all")
    applied.git("commit", "-qm", "one")
    text = (applied.folder / "assistant-sync.yaml").read_text("utf-8")
    applied.write("assistant-sync.yaml", f"manifests: others\n{text}")
    applied.write("others/other.yaml", "graph_id: support_agent\n")
    assert guards(applied.planned(prune=True)) == ["source-unread"]
    assert guards(applied.planned(prune=True, allowance=Allowance(deletes=1))) == []
    assert guards(applied.planned(prune=False)) == []
    (applied.folder / "assistants" / "support.yaml").unlink()
    assert guards(applied.planned(prune=True)) == []


@pytest.mark.parametrize(
    "source", ["../support.yaml", "/etc/passwd", ".", "", "a\\b.yaml", ":(top)x", "-x", "a\nb", None]
)
def test_a_source_that_is_no_path_of_the_repository_never_reaches_git(
    source: str | None, applied: MemoryProject
) -> None:
    applied.git("add", "--all")
    applied.git("commit", "-qm", "one")
    (row,) = applied.deployment.users()
    stamp = {**row["metadata"][STAMP_KEY], "source": source}
    applied.deployment.patch(SUPPORT, metadata={STAMP_KEY: stamp})
    applied.write("assistants/other.yaml", "graph_id: support_agent\n")
    (applied.folder / "assistants" / "support.yaml").unlink()
    assert guards(applied.planned(prune=True)) == []


# What no row shows


def test_a_mirror_that_an_update_of_the_config_alone_took_away_is_put_back(applied: MemoryProject) -> None:
    """In a project of one assistant no other row shows that the deployment mirrors; the versions do."""
    applied.manifest("support", context={"model": "a"})
    applied.settle()
    applied.deployment.patch(SUPPORT, config={"recursion_limit": 50})
    assert applied.deployment.get(SUPPORT)["config"] == {"recursion_limit": 50}
    applied.manifest("support", context={"model": "a"}, config={"recursion_limit": 50})
    assert actions(applied.planned()) == {"support": "update"}
    applied.settle()
    assert applied.deployment.get(SUPPORT)["config"]["configurable"] == {"model": "a"}
    assert actions(applied.planned()) == {"support": "keep"}


def test_where_nothing_is_mirrored_the_same_edit_is_none(applied: MemoryProject) -> None:
    applied.deployment.quirk = unmirrored
    applied.manifest("support", context={"model": "a"})
    applied.settle()
    applied.deployment.patch(SUPPORT, config={"recursion_limit": 50})
    applied.manifest("support", context={"model": "a"}, config={"recursion_limit": 50})
    assert actions(applied.planned()) == {"support": "keep"}


@pytest.mark.parametrize("most", [5])
def test_the_versions_of_a_few_rows_are_asked_however_many_show_nothing(most: int, applied: MemoryProject) -> None:
    keys = [f"k{number}" for number in range(most + 2)]
    for key in keys:
        applied.manifest(key, context={"model": "a"})
    applied.settle()
    for key in keys:
        row = applied.deployment.get(derived_id(PROJECT, key))
        stamp = {**row["metadata"][STAMP_KEY], "write": f"by hand {key}"}
        applied.deployment.patch(row["assistant_id"], config={"recursion_limit": 50}, metadata={STAMP_KEY: stamp})
    assert set(actions(applied.planned()).values()) == {"keep", "update"}
    asked = [path for _, path in applied.transport.requests if path.endswith("/versions")]
    assert len(asked) == most + len(keys)  # and once for each that differs


def test_metadata_that_the_server_normalises_is_written_once_and_then_kept(project: MemoryProject) -> None:
    def lower(row: Row) -> None:
        if "team" in row["metadata"]:
            row["metadata"]["team"] = row["metadata"]["team"].lower()

    project.deployment.quirk = lower
    own = project.manifest("support", metadata={"team": "CX"})
    result = project.applied().result
    assert result is not None
    assert (result.converged, result.outcomes[0].notes) == (True, ("the server did not take over: metadata.team",))
    for _ in range(2):
        made = project.planned()
        assert (actions(made), [one.key for one in made.warnings]) == ({"support": "keep"}, ["support"])
        assert project.applied().result is not None
    assert project.numbers(own) == [1]
    project.manifest("support", metadata={"team": "cx"})
    assert actions(project.planned()) == {"support": "keep"}
    assert project.planned().warnings == ()


# What a delete takes along


@pytest.fixture
def scheduled(applied: MemoryProject) -> MemoryProject:
    """An assistant with two crons, whose manifest was removed; another one keeps its own."""
    applied.manifest("other")
    applied.settle()
    for schedule in ("0 3 * * *", "0 4 * * 1"):
        applied.deployment.create_cron(SUPPORT, schedule)
    applied.deployment.create_cron(derived_id(PROJECT, "other"), "5 5 * * *")
    applied.remove("support")
    return applied


def test_the_crons_that_go_with_an_assistant_are_counted_in_the_plan(scheduled: MemoryProject) -> None:
    made = scheduled.planned(prune=True)
    (change,) = made.writes
    assert isinstance(change, Delete)
    assert [cron.schedule for cron in sorted(change.crons, key=lambda one: one.schedule)] == ["0 3 * * *", "0 4 * * 1"]
    assert change.reason.endswith("; 2 crons will be deleted with it (0 3 * * *, 0 4 * * 1)")
    assert plan_json(made, created_at="", tool_version="")["changes"][1]["crons"] == 2


def test_nobody_asks_for_the_crons_of_what_is_not_deleted(scheduled: MemoryProject) -> None:
    scheduled.planned()
    assert [path for _, path in scheduled.transport.requests if "crons" in path] == []


def test_the_result_lists_them_and_the_archive_keeps_them_whole(scheduled: MemoryProject) -> None:
    before = scheduled.deployment.crons(SUPPORT)
    result = scheduled.applied(prune=True).result
    assert result is not None
    (outcome,) = result.outcomes
    place, crons = outcome.notes
    assert crons == "2 crons went with it, kept there too: 0 3 * * *, 0 4 * * 1"
    listed = result_json(result)["outcomes"][0]["crons"]
    assert sorted(one["cron_id"] for one in listed) == sorted(row["cron_id"] for row in before)
    archived = json.loads((scheduled.folder / place.removeprefix("kept in ")).read_text("utf-8"))
    assert sorted(archived["crons"], key=lambda row: row["schedule"]) == sorted(before, key=lambda row: row["schedule"])
    assert scheduled.deployment.crons(SUPPORT) == []
    assert len(scheduled.deployment.crons(derived_id(PROJECT, "other"))) == 1


def test_a_saved_plan_is_stale_once_other_crons_would_go(scheduled: MemoryProject) -> None:
    before = scheduled.planned(prune=True)
    assert scheduled.planned(prune=True).digest == before.digest
    scheduled.deployment.create_cron(SUPPORT, "1 1 * * *")
    assert scheduled.planned(prune=True).digest != before.digest


def test_crons_that_the_key_may_not_read_are_warned_of_and_missing_in_the_archive(scheduled: MemoryProject) -> None:
    denied = status(403, "POST", "/runs/crons/search", times=99)
    made = scheduled.planned(denied, prune=True)
    assert [(one.key, one.message.split(",")[0]) for one in made.warnings] == [
        ("support", "its crons will be deleted with it")
    ]
    result = scheduled.applied(denied, prune=True).result
    assert result is not None
    place, crons = result.outcomes[0].notes
    assert crons == "its crons were deleted with it and are not in the archive: this key may not read them"
    archived = json.loads((scheduled.folder / place.removeprefix("kept in ")).read_text("utf-8"))
    assert archived["crons"] is None


def test_crons_that_cannot_be_read_for_another_reason_end_the_plan(scheduled: MemoryProject) -> None:
    with pytest.raises(ServerFault):
        scheduled.planned(status(503, "POST", "/runs/crons/search", times=99), prune=True)


def test_a_server_without_crons_deletes_as_before(scheduled: MemoryProject) -> None:
    result = scheduled.applied(status(405, "POST", "/runs/crons/search", times=99), prune=True).result
    assert result is not None
    assert [note.split(" ")[0] for note in result.outcomes[0].notes] == ["kept"]


# Threads of what is deleted


def test_threads_and_the_runs_on_them_are_counted_for_a_delete_alone(scheduled: MemoryProject) -> None:
    for is_over in (True, True, True, False, False):
        scheduled.deployment.run_on_thread(SUPPORT, is_over=is_over)
    scheduled.deployment.run_on_thread(derived_id(PROJECT, "other"))
    made = scheduled.planned(prune=True)
    (change,) = [one for one in made.changes if isinstance(one, Delete)]
    assert change.threads == ThreadCounts(5, 2)
    assert change.reason.endswith(
        "; 5 threads stay, but cannot be continued with it, and what runs on 2 of them now will be interrupted"
    )
    assert scheduled.transport.writes == []
    asked = [one.body for one in scheduled.transport.exchanges if one.path == "/threads/count"]
    of_it = {"metadata": {"assistant_id": SUPPORT}}
    assert asked == [of_it, {**of_it, "status": "busy"}]
    scheduled.planned()
    assert all(one.path != "/threads/count" for one in scheduled.transport.exchanges)


def test_a_saved_plan_stays_valid_while_threads_come_and_go(scheduled: MemoryProject) -> None:
    saved = scheduled.saved(prune=True)
    scheduled.deployment.run_on_thread(SUPPORT, is_over=False)
    assert scheduled.planned(prune=True).digest == saved.digest
    result = scheduled.applied(saved=saved).result
    assert result is not None
    assert [one.status.value for one in result.outcomes] == ["deleted"]


def test_what_is_protected_or_claimed_is_not_counted(project: MemoryProject) -> None:
    project.manifest("support", lifecycle={"prevent_delete": True})
    project.manifest("kept")
    project.settle()
    project.remove("support")
    made = project.planned(prune=True)
    assert actions(made) == {"support": "refuse", "kept": "keep"}
    assert all(one.path != "/threads/count" for one in project.transport.exchanges)


@pytest.mark.parametrize("code", [403, 404, 405, 422, 500, 503])
def test_a_server_that_does_not_count_leaves_the_numbers_out(code: int, scheduled: MemoryProject) -> None:
    scheduled.deployment.run_on_thread(SUPPORT)
    refused = status(code, "POST", "/threads/count", times=99)
    (change,) = [one for one in scheduled.planned(refused, prune=True).changes if isinstance(one, Delete)]
    assert (change.threads, "thread" in change.reason) == (None, False)
    assert len({one.path for one in scheduled.transport.exchanges if one.path == "/threads/count"}) == 1
    result = scheduled.applied(status(code, "POST", "/threads/count", times=99), prune=True).result
    assert result is not None
    assert [one.status.value for one in result.outcomes] == ["deleted"]


# Graphs that are gone


def test_an_unchanged_assistant_whose_graph_is_gone_is_warned_of_and_not_written(applied: MemoryProject) -> None:
    applied.deployment.graphs.remove("support_agent")
    made = applied.planned()
    assert actions(made) == {"support": "keep"}
    (warning,) = made.warnings
    assert warning.message.startswith(
        "graph 'support_agent' is not registered on this deployment; each run of 'support' fails. Deploy the graph, or"
    )
    result = applied.applied().result
    assert result is not None
    assert (result.outcomes, applied.transport.writes) == ((), [])


def test_the_assistants_of_a_graph_that_is_gone_can_be_deleted_under_the_lock(applied: MemoryProject) -> None:
    applied.manifest("other", graph_id="research_agent")
    applied.settle()
    applied.deployment.graphs.remove("support_agent")
    applied.remove("support")
    result = applied.applied(prune=True).result
    assert result is not None
    assert ([one.status.value for one in result.outcomes], result.warnings) == (["deleted"], ())
    assert applied.lock_rows == []
