"""Plans of light listings on the official dev server, beside those that the same server's whole rows give.

That server restores a part of a version only, so ``activation: full`` is a false statement about it; what that costs is
a test of its own. All else holds there as well.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.live.listings import LIGHT_COLUMNS
from assistant_sync.model.stamp import STAMP_KEY
from tests.servers.proxy import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Forward, Proxy, Request

CONTEXT = {"model_name": "openai", "system_prompt": "Be kind.\n" * 200}


@pytest.fixture
def measured(project: ProjectFixture, proxy: Proxy) -> ProjectFixture:
    """Twenty assistants that are live as their manifests want them; a1 has two versions of ours."""
    proxy.meddle = as_measured
    project.configure(proxy.url, activation="full", measured_version="1.0")
    for number in range(20):
        write(project, f"a{number}")
    project.commit()
    project.apply()
    write(project, "a1", model_name="anthropic")
    project.commit()
    project.apply()
    return project


def write(project: ProjectFixture, key: str, **context: Any) -> str:
    return project.manifest(key, context={**CONTEXT, **context}, config={"tags": ["t"]}, metadata={"team": "cx"})


def as_measured(request: Request, forward: Forward) -> Answer | None:
    """The server reports the version that the target records."""
    return reporting("1.0", request, forward)


def as_another(request: Request, forward: Forward) -> Answer | None:
    """It reports another one."""
    return reporting("1.1", request, forward)


def reporting(version: str, request: Request, forward: Forward) -> Answer | None:
    answer = forward(request)
    if request.path != "/info":
        return answer
    return Answer(200, json.dumps({**json.loads(answer.body), "version": version}).encode())


def planned(project: ProjectFixture, proxy: Proxy, meddle: Any) -> Any:
    """The plan as JSON, without its time."""
    proxy.reset()
    proxy.meddle = meddle
    document = project.run("plan", "--prune", "--allow-deletes", "9", "--format", "json").json
    del document["created_at"]
    return document


def actions(document: Any) -> dict[str, str]:
    return {change["key"]: change["action"] for change in document["changes"] if change["action"] != "keep"}


def searches(proxy: Proxy) -> list[Any]:
    """The columns of each search for assistants of ours."""
    bodies = [json.loads(one.body) for one in proxy.requests if one.path == "/assistants/search"]
    return [body.get("select") for body in bodies if body.get("metadata")]


def case_nothing(project: ProjectFixture, deployment: Deployment, own: str) -> None:
    pass


def case_context(project: ProjectFixture, deployment: Deployment, own: str) -> None:
    deployment.patch(own, context={"model_name": "by hand"})


def case_tags(project: ProjectFixture, deployment: Deployment, own: str) -> None:
    deployment.patch(own, config={"tags": ["by hand"]})


def case_metadata(project: ProjectFixture, deployment: Deployment, own: str) -> None:
    deployment.patch(own, metadata={"team": "other"})


def case_metadata_of_others(project: ProjectFixture, deployment: Deployment, own: str) -> None:
    deployment.patch(own, metadata={"note": "theirs"})


def case_name(project: ProjectFixture, deployment: Deployment, own: str) -> None:
    deployment.patch(own, name="by hand")


def case_pointer(project: ProjectFixture, deployment: Deployment, own: str) -> None:
    deployment.set_latest(own, 1)


def case_pointer_and_edit(project: ProjectFixture, deployment: Deployment, own: str) -> None:
    deployment.set_latest(own, 1)
    deployment.patch(own, context={"model_name": "by hand"})


def case_delete(project: ProjectFixture, deployment: Deployment, own: str) -> None:
    deployment.delete(own)


def case_copy(project: ProjectFixture, deployment: Deployment, own: str) -> None:
    row = deployment.get(own)
    deployment.create(graph_id=row["graph_id"], metadata=row["metadata"], context={"model_name": "copy"})


def case_no_stamp(project: ProjectFixture, deployment: Deployment, own: str) -> None:
    deployment.patch(own, metadata={STAMP_KEY: None})


def case_manifest(project: ProjectFixture, deployment: Deployment, own: str) -> None:
    write(project, "a1", model_name="third")
    write(project, "new")
    project.remove("a2")


CASES: dict[str, Callable[..., None]] = {
    name.removeprefix("case_"): case for name, case in globals().items() if name.startswith("case_")
}


@pytest.mark.parametrize("case", CASES)
def test_the_plan_is_the_one_that_whole_rows_give(
    measured: ProjectFixture, deployment: Deployment, proxy: Proxy, case: str
) -> None:
    own = write(measured, "a1", model_name="anthropic")
    CASES[case](measured, deployment, own)
    light = planned(measured, proxy, as_measured)
    assert searches(proxy) == [list(LIGHT_COLUMNS)]
    whole = planned(measured, proxy, as_another)
    assert searches(proxy) == [None]
    assert light == whole


def test_a_plan_of_unchanged_assistants_takes_one_light_page_and_a_sample(
    measured: ProjectFixture, proxy: Proxy
) -> None:
    assert actions(planned(measured, proxy, as_measured)) == {}
    paths = [one.path for one in proxy.requests]
    assert paths[:3] == ["/info", "/assistants/count", "/assistants/search"]
    assert len(paths) == 5
    assert searches(proxy) == [list(LIGHT_COLUMNS)]


def test_the_probe_does_not_allow_light_listings_on_a_server_that_restores_a_part(
    measured: ProjectFixture, proxy: Proxy
) -> None:
    document = measured.run("doctor", "--probe", "--format", "json").expect(0).json
    assert document["probe"]["lists_lightly"] is True
    assert (document["activation"], document["measured_version"]) == ("safe", None)
    (check,) = [one for one in document["checks"] if one["name"] == "light listings"]
    assert check["state"] == "warning"


def test_a_target_that_falsely_states_full_may_miss_a_pointer_that_was_moved(
    measured: ProjectFixture, deployment: Deployment, proxy: Proxy
) -> None:
    own = write(measured, "a1")
    deployment.set_latest(own, 1)
    assert deployment.get(own)["context"]["model_name"] == "anthropic"
    assert actions(planned(measured, proxy, as_measured)) == {}
    assert actions(planned(measured, proxy, as_another)) == {"a1": "update"}
