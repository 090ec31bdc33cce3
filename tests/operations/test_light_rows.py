"""A plan made of a light listing is the plan made of whole rows, on a deployment that was measured."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant_sync.errors import InvalidFiles
from assistant_sync.live.listings import LIGHT_COLUMNS
from assistant_sync.model.frozen import replace
from assistant_sync.model.identity import derived_id
from assistant_sync.model.project import Activation, Target
from assistant_sync.model.stamp import STAMP_KEY
from assistant_sync.operations.drift import drift, plan_and_drift
from assistant_sync.operations.light_rows import may_list_lightly
from assistant_sync.operations.plan import plan
from assistant_sync.operations.plan_request import PlanRequest
from assistant_sync.planning.light_rows import MOST_SAMPLES
from assistant_sync.report.json.plan import plan_json
from assistant_sync.transport import Endpoint, ReadConnection
from tests.applying.memory_deployment import unmirrored
from tests.operations.memory_project import URL
from tests.operations.test_pull_laws import without_git
from tests.project_fixture import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant_sync.operations.plan import PlanResult
    from tests.locking.clock import Clock
    from tests.operations.memory_project import MemoryProject
    from tests.servers.fake_deployment import FakeDeployment, Row

MEASURED = "0.8.1"
KEYS = tuple(f"a{number}" for number in range(6))
A1 = derived_id(PROJECT, "a1")


def arrange(project: MemoryProject, **target: Any) -> None:
    """A deployment that restores everything and a target that has recorded that."""
    project.configure(URL, **{"activation": "full", "measured_version": MEASURED, **target})
    project.deployment.version = MEASURED
    project.deployment.restores_all = True


def write(project: MemoryProject, key: str, model: str = "one", **fields: Any) -> None:
    project.manifest(
        key, **{"context": {"model": model}, "config": {"tags": ["t"]}, "metadata": {"team": "cx"}, **fields}
    )


@pytest.fixture
def measured(project: MemoryProject) -> MemoryProject:
    """Assistants that are live as their manifests want them; a1 has two versions of ours."""
    arrange(project)
    for key in KEYS:
        write(project, key)
    project.settle()
    write(project, "a1", "two")
    project.settle()
    return project


def planned(project: MemoryProject, **request: Any) -> PlanResult:
    return project.run_at_once(plan(PlanRequest(settings=project.settings(), **request)))


def documents(project: MemoryProject, **request: Any) -> Any:
    """The plan, whole and as JSON, with what is known of the manifests."""
    made = planned(project, **request)
    return made, plan_json(made.plan, created_at="2026-11-22T10:00:00+00:00", tool_version="1")


def searches(project: MemoryProject) -> list[bool]:
    """The searches of the last operation: whether each was a light one."""
    sent = [one.body for one in project.transport.exchanges if one.path == "/assistants/search"]
    return [body.get("select") == list(LIGHT_COLUMNS) for body in sent if body.get("metadata")]


def read(project: MemoryProject) -> list[str]:
    """The ids that the last operation read one by one."""
    paths = [path.removeprefix("/assistants/") for method, path in project.transport.requests if method == "GET"]
    return sorted(path for path in paths if path != "/info" and not path.endswith("/schemas"))


def whole(project: MemoryProject, **request: Any) -> Any:
    """The documents of a plan made of whole rows, because the deployment reports another version."""
    project.deployment.version = "0.8.2"
    try:
        made = documents(project, **request)
    finally:
        project.deployment.version = MEASURED
    assert searches(project) == [False] * len(searches(project))
    return made


def check_same(project: MemoryProject, **request: Any) -> Any:
    """Plan both ways; the document."""
    made = documents(project, **request)
    assert searches(project)[0] is True
    assert made == whole(project, **request)
    return made[1]


def actions(document: Any) -> dict[str, str]:
    return {change["key"]: change["action"] for change in document["changes"] if change["action"] != "keep"}


# What is read


def test_if_nothing_differs_one_light_page_and_the_samples_are_read(measured: MemoryProject) -> None:
    assert actions(check_same(measured)) == {}
    planned(measured)
    newest, oldest = (
        A1,
        derived_id(PROJECT, min(KEYS, key=lambda key: measured.deployment.get(derived_id(PROJECT, key))["updated_at"])),
    )
    assert measured.transport.requests[:3] == [
        ("GET", "/info"), ("POST", "/assistants/count"), ("POST", "/assistants/search"),
    ]  # fmt: skip
    assert searches(measured) == [True]
    assert read(measured) == [oldest]
    assert newest != oldest


def test_samples_have_each_name_in_context_and_config_the_newest_first(measured: MemoryProject) -> None:
    oldest = read_of(measured)
    write(measured, "a2", config={"recursion_limit": 9})
    write(measured, "a3", context={"model": "one", "prompt": "p"})
    measured.settle()
    assert read_of(measured) == sorted([*oldest, derived_id(PROJECT, "a2"), derived_id(PROJECT, "a3")])


def read_of(project: MemoryProject) -> list[str]:
    planned(project)
    return read(project)


def test_rows_with_names_that_no_sample_has_are_read_whole(project: MemoryProject) -> None:
    arrange(project)
    own = [project.manifest(f"b{number}", context={f"n{number}": "x"}) for number in range(MOST_SAMPLES + 4)]
    project.settle()
    check_same(project)
    assert read_of(project) == sorted(own)
    assert searches(project) == [True]


def test_only_what_differs_is_read_whole(measured: MemoryProject) -> None:
    samples = read_of(measured)
    measured.deployment.patch(A1, context={"model": "by hand"})
    assert actions(check_same(measured)) == {"a1": "activate"}
    assert searches(measured) == [False]
    assert read_of(measured) == sorted({*samples, A1})


def test_if_much_differs_all_rows_are_listed_whole(project: MemoryProject) -> None:
    arrange(project)
    for number in range(12):
        write(project, f"b{number:02}")
    project.settle()
    for number in range(11):
        write(project, f"b{number:02}", "two")
    check_same(project)
    planned(project)
    assert searches(project) == [True, False]
    assert read(project) == []


def test_if_all_differs_nothing_is_read_twice(measured: MemoryProject) -> None:
    for key in KEYS:
        write(measured, key, "three")
    check_same(measured)
    planned(measured)
    assert searches(measured) == [True, False]
    assert read(measured) == []


@pytest.mark.parametrize("activation", [Activation.SAFE, Activation.NEVER])
def test_a_target_that_is_not_stated_to_restore_everything_is_never_asked(
    measured: MemoryProject, activation: Activation
) -> None:
    async def asked(target: Target) -> bool:
        settings = measured.settings()
        async with ReadConnection(Endpoint(URL, {}), transport=settings.transport) as connection:
            return await may_list_lightly(connection, target, settings)

    target = Target("local", URL, activation=Activation.FULL, measured_version=MEASURED)
    assert measured.run_at_once(asked(target))
    assert not measured.run_at_once(asked(replace(target, activation=activation)))


def test_nothing_is_read_lightly_unless_it_was_measured(measured: MemoryProject) -> None:
    assert light(measured)
    measured.configure(URL, activation="full")
    assert not light(measured)
    assert ("GET", "/info") not in measured.transport.requests


@pytest.mark.parametrize("version", ["0.8.2", "0.8.10", "", "0.8"])
def test_another_version_of_the_server_is_read_whole(measured: MemoryProject, version: str) -> None:
    measured.deployment.version = version
    assert not light(measured)


def test_another_url_than_the_targets_is_read_whole(measured: MemoryProject) -> None:
    measured.planned(settings=measured.settings(url=URL))
    assert searches(measured) == [False]


def light(project: MemoryProject) -> bool:
    planned(project)
    return searches(project)[0]


@pytest.mark.parametrize("operation", [drift, plan_and_drift])
def test_drift_reads_whole_rows(measured: MemoryProject, operation: Callable[..., Any]) -> None:
    measured.run_at_once(operation(PlanRequest(settings=measured.settings())))
    assert searches(measured) == [False]


def test_apply_reads_whole_rows(measured: MemoryProject) -> None:
    write(measured, "a1", "three")
    measured.applied()
    assert searches(measured)
    assert not any(searches(measured))


# What servers make of the columns


def test_a_server_that_ignores_select_is_read_once(measured: MemoryProject) -> None:
    measured.deployment.select = "ignored"
    measured.deployment.patch(A1, context={"model": "by hand"})
    assert actions(check_same(measured)) == {"a1": "activate"}
    planned(measured)
    assert searches(measured) == [True]
    assert read(measured) == []


def test_a_server_that_refuses_select_is_listed_whole(measured: MemoryProject) -> None:
    measured.deployment.select = "refused"
    check_same(measured)
    planned(measured)
    assert searches(measured) == [True, False]


def test_a_deployment_that_does_not_mirror_is_listed_whole(project: MemoryProject) -> None:
    arrange(project)
    project.deployment.quirk = unmirrored
    write(project, "a1")
    project.settle()
    check_same(project)
    planned(project)
    assert searches(project) == [True, False]


def test_a_row_that_get_does_not_find_makes_the_listing_whole(measured: MemoryProject) -> None:
    measured.deployment.patch(A1, graph_id="research_agent")
    measured.deployment.graphs.remove("research_agent")
    check_same(measured)
    planned(measured)
    assert searches(measured) == [True, False]


def test_rows_that_name_users_make_the_listing_whole(measured: MemoryProject) -> None:
    for key in KEYS:
        measured.deployment.rewrite(derived_id(PROJECT, key), user_id="ann")
    planned(measured)
    assert searches(measured) == [True, False]


# What it must not miss


def stamp(project: MemoryProject, own: str = A1) -> Row:
    found: Row = project.deployment.get(own)["metadata"][STAMP_KEY]
    return found


def case_metadata_merge(project: MemoryProject) -> None:
    project.deployment.patch(A1, metadata={"team": "other"})


def case_unowned_metadata_merge(project: MemoryProject) -> None:
    project.deployment.patch(A1, metadata={"note": "mine"})


def case_context_edit(project: MemoryProject) -> None:
    project.deployment.patch(A1, context={"model": "by hand"})


def case_mirror_taken_away(project: MemoryProject) -> None:
    project.deployment.patch(A1, config={"tags": ["t"]})


def case_restart(project: MemoryProject) -> None:
    project.deployment.reset(A1, context={"model": "default"}, config={})


def case_restart_of_the_name(project: MemoryProject) -> None:
    own = derived_id(PROJECT, "a2")
    project.deployment.reset(own, name="as langgraph.json has it")


def case_restart_of_name_and_context(project: MemoryProject) -> None:
    own = derived_id(PROJECT, "a2")
    project.deployment.reset(own, name="as langgraph.json has it", context={"model": "default"}, config={})


def case_reserved_metadata_stripped(project: MemoryProject) -> None:
    project.deployment.quirk = lambda row: row["metadata"].pop("team", None)
    write(project, "a1", "three")
    project.applied()


def case_reserved_context_stripped(project: MemoryProject) -> None:
    def strip(row: Row) -> None:
        row["context"].pop("reserved", None)
        row["config"].get("configurable", {}).pop("reserved", None)

    project.deployment.quirk = strip
    write(project, "a1", context={"model": "two", "reserved": "x"})
    project.applied()


def case_pointer_to_our_earlier_version(project: MemoryProject) -> None:
    project.deployment.set_latest(A1, 1)


def case_pointer_to_a_version_by_hand(project: MemoryProject) -> None:
    project.deployment.patch(A1, context={"model": "by hand"})
    project.deployment.patch(A1, context={"model": "by hand, again"})
    project.deployment.set_latest(A1, 3)


def case_pointer_moved_and_edited(project: MemoryProject) -> None:
    project.deployment.set_latest(A1, 1)
    project.deployment.patch(A1, context={"model": "by hand"})


def case_copy_of_the_stamp(project: MemoryProject) -> None:
    row = project.deployment.get(A1)
    project.deployment.delete(A1)
    other = project.deployment.get(derived_id(PROJECT, "a2"))
    project.deployment.create(assistant_id=A1, context={"model": "two"}, metadata=other["metadata"], name=row["name"])


def case_copy_with_the_stamp_on_another_id(project: MemoryProject) -> None:
    project.deployment.create(metadata=project.deployment.get(A1)["metadata"], context={"model": "copied"})


def case_made_again_with_the_stamp_of_a_later_version(project: MemoryProject) -> None:
    row = project.deployment.get(A1)
    project.deployment.delete(A1)
    project.deployment.create(assistant_id=A1, metadata=row["metadata"], name=row["name"], context={"model": "lost"})


def case_key_of_another(project: MemoryProject) -> None:
    project.deployment.rewrite(A1, metadata={"team": "cx", STAMP_KEY: {**stamp(project), "key": "renamed"}})


def case_another_target(project: MemoryProject) -> None:
    project.deployment.rewrite(A1, metadata={"team": "cx", STAMP_KEY: {**stamp(project), "target": "staging"}})


def case_another_digest_form(project: MemoryProject) -> None:
    old = {**stamp(project), "digest": "c0:" + "0" * 64}
    project.deployment.rewrite(A1, metadata={"team": "cx", STAMP_KEY: old}, context={"model": "x"}, config={})


def case_metadata_key_given_up(project: MemoryProject) -> None:
    write(project, "a1", "two", metadata={})


def case_protected_now(project: MemoryProject) -> None:
    write(project, "a1", "two", lifecycle={"prevent_delete": True})


def case_ignored_field(project: MemoryProject) -> None:
    write(project, "a1", "two", lifecycle={"ignore_changes": ["context.model"]})
    project.settle()
    project.deployment.patch(A1, context={"model": "by hand"})
    write(project, "a1", "two")


def case_rollback(project: MemoryProject) -> None:
    rolled = {**stamp(project), "rollback": {"to": 1}}
    project.deployment.rewrite(A1, metadata={"team": "cx", STAMP_KEY: rolled}, context={"model": "one"})


def case_manifest_gone(project: MemoryProject) -> None:
    project.remove("a1")


def case_deleted(project: MemoryProject) -> None:
    project.deployment.delete(A1)


CASES = {name.removeprefix("case_"): made for name, made in globals().items() if name.startswith("case_")}


@pytest.mark.parametrize("case", CASES)
def test_the_plan_is_the_one_that_whole_rows_give(measured: MemoryProject, case: str) -> None:
    CASES[case](measured)
    check_same(measured)
    check_same(measured, prune=True)


# What it cannot see (docs/decisions/0013-light-listings.md)


def missed(project: MemoryProject) -> bool:
    """Whether a plan shows nothing of a change that whole rows show."""
    seen, there = documents(project)[1], whole(project)[1]
    return (actions(seen), actions(there)) == ({}, {"a1": "update"})


def test_an_edit_that_mints_no_number_is_not_seen_and_apply_sees_it(measured: MemoryProject) -> None:
    measured.deployment.rewrite(A1, context={"model": "in the database"}, config={})
    assert missed(measured)
    measured.settle()
    assert measured.deployment.get(A1)["context"] == {"model": "two"}


def test_an_assistant_made_again_with_the_stamp_of_its_first_version_is_not_seen(measured: MemoryProject) -> None:
    measured.deployment.delete(A1)
    measured.settle()
    row = measured.deployment.get(A1)
    measured.deployment.delete(A1)
    measured.deployment.create(assistant_id=A1, metadata=row["metadata"], name=row["name"], context={"model": "lost"})
    assert missed(measured)


def test_what_is_not_seen_is_seen_if_it_is_a_sample(measured: MemoryProject) -> None:
    (oldest,) = read_of(measured)
    measured.deployment.rewrite(oldest, context={"model": "in the database"}, config={})
    check_same(measured)
    planned(measured)
    assert searches(measured) == [True, False]


# Whatever happens

KEY = st.sampled_from(KEYS)
MODEL = st.sampled_from(["one", "two", "three"])


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str, Any]:
    kind = draw(st.sampled_from([
        "patch", "patch", "latest", "delete", "reset", "write", "write", "remove", "settle", "copy", "graph"
    ]))  # fmt: skip
    return kind, draw(KEY), draw({
        "patch": st.fixed_dictionaries({}, optional={
            "context": MODEL.map(lambda model: {"model": model}) | st.just({}),
            "config": st.sampled_from([{}, {"tags": ["t"]}, {"configurable": {}}, {"recursion_limit": 4}]),
            "metadata": st.sampled_from([{"team": "cx"}, {"team": None}, {"other": 1}, {STAMP_KEY: None}]),
            "name": st.sampled_from(["a1", "x"]),
        }),
        "latest": st.integers(1, 4),
        "write": st.fixed_dictionaries({}, optional={
            "model": MODEL,
            "metadata": st.sampled_from([{}, {"team": "cx"}, {"other": 1}]),
            "lifecycle": st.sampled_from([{"prevent_delete": True}, {"ignore_changes": ["context.model"]}]),
            "description": st.just("d"),
            "config": st.sampled_from([{}, {"recursion_limit": 4}]),
        }),
        "reset": st.fixed_dictionaries({}, optional={"context": st.just({"model": "reset"}), "name": st.just("x")}),
    }.get(kind, st.none()))  # fmt: skip


def act(project: MemoryProject, kind: str, key: str, value: Any) -> None:
    if kind == "write":
        write(project, key, **value)
    elif kind == "remove":
        (project.folder / f"assistants/{key}.yaml").unlink(missing_ok=True)
    elif kind == "settle":
        project.applied()
    elif project.deployment.exists(derived_id(PROJECT, key)):
        act_by_hand(project.deployment, kind, derived_id(PROJECT, key), value)


def act_by_hand(deployment: FakeDeployment, kind: str, own: str, value: Any) -> None:
    row = deployment.get(own)
    match kind:
        case "patch":
            deployment.patch(own, **value)
        case "graph":
            deployment.patch(own, graph_id="research_agent")
        case "copy":
            deployment.create(metadata=row["metadata"], context={"model": "copy"})
        case "delete":
            deployment.delete(own)
        case "latest" if value in [version["version"] for version in deployment.versions(own)]:
            deployment.set_latest(own, value)
        # One that goes back to the number that its stamp names is what nobody sees.
        case "reset" if (row["metadata"].get(STAMP_KEY) or {"version": 1})["version"] > 1:
            deployment.reset(own, **value)


@given(history=st.lists(edits(), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
def test_after_any_history_the_plan_is_the_one_that_whole_rows_give(history: list[Any], clock: Clock) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = without_git(folder, clock)
        arrange(project)
        for key in KEYS:
            write(project, key)
        project.settle()
        for edit in history:
            act(project, *edit)
        check_same(project)
        check_same(project, prune=True)


def test_what_is_wrong_with_a_manifest_is_not_kept_waiting_by_the_question_for_the_version(
    measured: MemoryProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off, released = [], threading.Event()

    async def slowly(*_: object) -> bool:
        try:
            await asyncio.to_thread(released.wait, 30)
        except asyncio.CancelledError:
            cut_off.append(True)
            raise
        finally:
            released.set()
        return False

    monkeypatch.setattr("assistant_sync.operations.reading.may_list_lightly", slowly)
    measured.write("assistants/a1.yaml", "graph: agent\n")
    with pytest.raises(InvalidFiles):
        asyncio.run(plan(PlanRequest(settings=measured.settings())))
    assert cut_off == [True]
