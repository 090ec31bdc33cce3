"""A renamed assistant and a renamed project, planned and applied: what is written, asked and locked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assistant_sync.errors import Locked, UnknownName
from assistant_sync.live.reader import AssistantsReader
from assistant_sync.model.identity import derived_id
from assistant_sync.model.outcome import Attribution
from assistant_sync.model.selection import Selection
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.operations.base import load_base
from assistant_sync.operations.connection import endpoint_of
from assistant_sync.operations.drift import drift
from assistant_sync.operations.forget import ForgetRequest, forget
from assistant_sync.operations.history import HistoryRequest, history
from assistant_sync.operations.owned import owned_assistant, owned_rows
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.operations.rollback import RollbackRequest, rollback
from assistant_sync.operations.undelete import UndeleteRequest, undelete
from assistant_sync.operations.unlock import unlock
from assistant_sync.operations.workspace import choose_target, open_project, open_workspace
from assistant_sync.planning.policy import Allowance
from assistant_sync.transport import ReadConnection
from tests.operations.memory_project import URL
from tests.planning.plans import actions
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    import httpx

    from assistant_sync.model.drift import DriftReport
    from tests.operations.memory_project import MemoryProject
    from tests.servers.recording import Proceed

NEW = "acme-service"


def stamp_of(project: MemoryProject, own: str) -> dict[str, object]:
    found: dict[str, object] = project.deployment.get(own)["metadata"][STAMP_KEY]
    return found


@pytest.fixture
def applied(project: MemoryProject) -> MemoryProject:
    """A project with two assistants that are as their manifests want them."""
    project.manifest("support", name="Support")
    project.manifest("sales", name="Sales")
    project.commit()
    project.settle()
    return project


@pytest.fixture
def renamed(applied: MemoryProject) -> MemoryProject:
    """The same after the project was renamed."""
    applied.configure(URL, project=NEW, former_projects=[PROJECT])
    applied.commit()
    return applied


def move(project: MemoryProject, old: str, new: str, *moved_from: str) -> None:
    """Rename a manifest, as git does, and say so in it."""
    project.git("mv", f"assistants/{old}.yaml", f"assistants/{new}.yaml")
    project.manifest(new, name="Support", moved_from=[*moved_from, old])
    project.commit()


def test_a_renamed_assistant_gets_one_version_and_keeps_its_id(applied: MemoryProject) -> None:
    own = derived_id(PROJECT, "support")
    move(applied, "support", "help")
    result = applied.applied(prune=True).result
    assert result is not None
    assert [(one.key, one.assistant_id, one.status.value) for one in result.outcomes] == [("help", own, "updated")]
    assert (result.converged, applied.numbers(own)) == (True, [1, 2])
    assert (stamp_of(applied, own)["key"], stamp_of(applied, own)["source"]) == ("help", "assistants/help.yaml")
    assert actions(applied.planned(prune=True)) == {"help": "keep", "sales": "keep"}
    assert len(applied.deployment.users()) == 2


def test_a_rename_takes_as_few_requests_as_any_other_update(applied: MemoryProject) -> None:
    move(applied, "support", "help")
    assert actions(applied.planned()) == {"help": "update", "sales": "keep"}
    assert len(applied.transport.requests) == 4


def test_the_key_of_before_is_answered_with_the_one_of_now(applied: MemoryProject) -> None:
    move(applied, "support", "help")
    with pytest.raises(UnknownName) as raised:
        applied.planned(selection=Selection(("support",)))
    assert raised.value.hint == "its manifest has the key 'help' now"


def test_a_rename_that_waits_for_its_apply_is_no_drift(applied: MemoryProject) -> None:
    move(applied, "support", "help")
    found = drift_of(applied)
    assert (found.drifted, found.pending) == ((), ("help",))


def drift_of(project: MemoryProject) -> DriftReport:
    return project.run_at_once(drift(PlanRequest(settings=project.settings())))


def test_a_second_rename_that_forgets_the_first_key_makes_no_second_assistant(applied: MemoryProject) -> None:
    move(applied, "support", "help")
    applied.settle()
    move(applied, "help", "service")
    made = applied.planned()
    assert actions(made) == {"help": "orphan", "sales": "keep", "service": "refuse"}
    assert "put this line into the manifest: moved_from: [support, help]" in made.changes[2].reason
    applied.manifest("service", name="Support", moved_from=["support", "help"])
    applied.settle()
    assert applied.numbers(derived_id(PROJECT, "support")) == [1, 2, 3]
    assert actions(applied.planned()) == {"sales": "keep", "service": "keep"}


def test_a_renamed_project_writes_nothing_and_asks_for_one_listing_more(renamed: MemoryProject) -> None:
    made = renamed.planned(prune=True)
    assert (made.project, actions(made)) == (NEW, {"sales": "keep", "support": "keep"})
    listed = [one.body["metadata"][STAMP_KEY] for one in renamed.transport.exchanges if one.path.endswith("/count")]
    assert listed == [{"project": PROJECT}, {"project": NEW}]
    assert len(renamed.transport.requests) == 5
    renamed.settle()
    assert renamed.sent == []


def test_a_change_after_that_takes_the_name_of_now_and_the_id_stays(renamed: MemoryProject) -> None:
    own = derived_id(PROJECT, "support")
    renamed.manifest("support", name="Support", description="new")
    (change,) = renamed.planned().writes
    assert change.reason.endswith(f"; the project was renamed from {PROJECT}")
    renamed.settle()
    assert (stamp_of(renamed, own)["project"], renamed.numbers(own)) == (NEW, [1, 2])
    assert actions(renamed.planned(prune=True)) == {"sales": "keep", "support": "keep"}


def test_a_manifest_that_comes_later_has_the_id_of_the_first_name_too(renamed: MemoryProject) -> None:
    renamed.manifest("late")
    renamed.settle()
    own = derived_id(PROJECT, "late")
    assert stamp_of(renamed, own)["project"] == NEW
    assert len(renamed.deployment.users()) == 3


def test_if_the_former_name_is_forgotten_what_was_written_since_is_refused(renamed: MemoryProject) -> None:
    renamed.manifest("support", name="Support", description="new")
    renamed.settle()
    renamed.configure(URL, project=NEW)
    made = renamed.planned()
    assert made.is_refused
    (refuse,) = [one for one in made.changes if one.action.value == "refuse"]
    assert f"put this line into the project file: former_projects: [{PROJECT}]" in refuse.reason


def test_a_row_that_an_apply_takes_to_the_new_name_between_two_listings_is_seen(renamed: MemoryProject) -> None:
    own = derived_id(PROJECT, "support")

    async def written_meanwhile(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        answer = await proceed()
        is_first = request.url.path == "/assistants/search" and PROJECT.encode() in request.content
        if is_first and stamp_of(renamed, own)["project"] == PROJECT:
            renamed.deployment.patch(own, metadata={STAMP_KEY: {**stamp_of(renamed, own), "project": NEW}})
        return answer

    assert actions(renamed.planned(written_meanwhile)) == {"sales": "keep", "support": "keep"}
    assert stamp_of(renamed, own)["project"] == NEW


def test_jobs_of_the_old_and_of_the_new_name_exclude_each_other(renamed: MemoryProject) -> None:
    renamed.manifest("support", name="Support", description="new")
    theirs = renamed.leave_lock(project=PROJECT)
    with pytest.raises(Locked):
        renamed.applied(lock_timeout=0)
    assert renamed.sent == []
    removed = renamed.run_at_once(unlock(renamed.settings(), approve=lambda _: True))
    assert [lock.id for lock in removed] == [theirs]


def test_a_job_of_the_old_name_that_was_faster_is_named_as_another_apply(renamed: MemoryProject) -> None:
    renamed.manifest("late")
    own = derived_id(PROJECT, "late")

    async def faster(request: httpx.Request, proceed: Proceed) -> httpx.Response:
        if (request.method, request.url.path) == ("POST", "/assistants"):
            body = json.loads(request.content)
            body["metadata"][STAMP_KEY] |= {"project": PROJECT, "write": "theirs"}
            renamed.deployment.create(**body)
        return await proceed()

    result = renamed.applied(faster).result
    assert result is not None
    (outcome,) = result.outcomes
    assert outcome.error is not None
    assert (outcome.assistant_id, outcome.error.message) == (
        own,
        "another apply has made an assistant with this id since the plan; nothing was written",
    )


def test_the_base_of_a_branch_that_renames_the_project_is_the_same_project(renamed: MemoryProject) -> None:
    base = load_base(open_workspace(renamed.settings()), "HEAD~1")
    assert {one.assistant_id for one in base.desired} == {derived_id(PROJECT, "sales"), derived_id(PROJECT, "support")}
    renamed.configure(URL, project=NEW)
    assert load_base(open_workspace(renamed.settings()), "HEAD~1").desired == ()


def test_the_history_names_the_applies_of_the_former_name(renamed: MemoryProject) -> None:
    renamed.manifest("support", name="Support", description="new")
    renamed.settle()
    found = renamed.run_at_once(history(HistoryRequest(settings=renamed.settings(), key="support")))
    assert [one.attribution for one in found.entries] == [Attribution.APPLY, Attribution.APPLY]


def test_an_edit_of_what_the_former_name_wrote_is_drift(renamed: MemoryProject) -> None:
    renamed.deployment.patch(derived_id(PROJECT, "support"), description="by hand")
    (one,) = drift_of(renamed).drifted
    assert (one.key, [version.version for version in one.versions]) == ("support", [2])


def test_an_assistant_of_the_former_name_is_found_by_its_key(renamed: MemoryProject) -> None:
    async def look() -> tuple[list[str], str]:
        settings = renamed.settings()
        opened, _ = open_project(settings)
        endpoint = endpoint_of(settings, choose_target(opened, settings.target))
        async with ReadConnection(endpoint, transport=settings.transport) as connection:
            reader = AssistantsReader(connection)
            rows = await owned_rows(reader, opened.names)
            owned = await owned_assistant(reader, opened.name, "support", opened.former_projects)
        return [row.assistant_id for row in rows], owned.row.assistant_id

    rows, own = renamed.run_at_once(look())
    assert rows == sorted([derived_id(PROJECT, "sales"), derived_id(PROJECT, "support")])
    assert own == derived_id(PROJECT, "support")


def test_a_version_of_the_former_name_is_rolled_back_to_by_its_commit(renamed: MemoryProject) -> None:
    own, written = derived_id(PROJECT, "support"), renamed.git("rev-parse", "HEAD~1")
    renamed.manifest("support", name="Support", description="new")
    renamed.settle()
    request = RollbackRequest(settings=renamed.settings(), key="support", commit=written[:12])
    renamed.run_at_once(rollback(request, renamed.ui()))
    assert (renamed.deployment.get(own)["description"], renamed.numbers(own)) == ("", [1, 2, 3])
    assert (stamp_of(renamed, own)["commit"], stamp_of(renamed, own)["project"]) == (written, NEW)


def test_an_assistant_that_the_former_name_archived_is_restored(applied: MemoryProject) -> None:
    applied.remove("support")
    applied.settle(prune=True, allowance=Allowance(deletes=1))
    applied.configure(URL, project=NEW, former_projects=[PROJECT])
    applied.run_at_once(undelete(UndeleteRequest(settings=applied.settings(), key="support"), applied.ui()))
    assert stamp_of(applied, derived_id(PROJECT, "support"))["project"] == NEW
    assert "assistant_id" not in (applied.folder / "assistants/support.yaml").read_text(encoding="utf-8")
    assert actions(applied.planned()) == {"sales": "keep", "support": "keep"}


def test_an_assistant_of_the_former_name_is_forgotten(renamed: MemoryProject) -> None:
    renamed.remove("support")
    renamed.commit()
    renamed.run_at_once(forget(ForgetRequest(settings=renamed.settings(), key="support"), renamed.ui()))
    assert renamed.deployment.get(derived_id(PROJECT, "support"))["metadata"].get(STAMP_KEY) is None
