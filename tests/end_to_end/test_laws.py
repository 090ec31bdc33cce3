"""Laws over generated states, on the real server: what it has, what the manifests want, and what somebody edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from assistant_sync.model.identity import derived_id
from tests.depth import DEPTH
from tests.project_fixture import PROJECT
from tests.strategies import MAX_INTEGER, TEXT

if TYPE_CHECKING:
    from tests.project_fixture import ProjectFixture
    from tests.servers.official import Deployment
    from tests.servers.proxy import Proxy

KEYS = ("a", "b", "c")

_plain = settings(
    max_examples=DEPTH.laws,
    deadline=None,  # a real server answers
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    # The fixtures hold no state of their own: each example begins with a wipe.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# What manifests may say: no reserved names, and text that the server stores as it is.
NAMES = st.text(alphabet="abcxyz._- é🚀", min_size=1, max_size=6)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-MAX_INTEGER, MAX_INTEGER),
    st.sampled_from([0, 1, 1.0, -0.0, 0.5, 1e18, "", "no", "1", "12:30", "null", "a\nb\n", "  x"]),
    st.floats(-(2.0**62), 2.0**62),
    TEXT,
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=3)
CONFIG = st.fixed_dictionaries(
    {}, optional={"recursion_limit": st.integers(1, 2**31 - 1), "tags": st.lists(TEXT, max_size=3), "run_name": TEXT}
)
MANIFESTS = st.fixed_dictionaries(
    {"graph_id": st.sampled_from(["support_agent", "research_agent"])},
    optional={
        "name": TEXT.filter(bool),
        "description": TEXT,
        "context": OBJECTS,
        "config": CONFIG,
        "metadata": OBJECTS,
    },
)
STATES = st.dictionaries(st.sampled_from(KEYS), MANIFESTS, max_size=len(KEYS))
EDITS = st.lists(
    st.tuples(
        st.sampled_from(KEYS),
        st.one_of(
            st.fixed_dictionaries({"context": OBJECTS}),
            st.fixed_dictionaries({"config": st.just({"configurable": {}}) | CONFIG}),
            st.fixed_dictionaries({"metadata": st.dictionaries(NAMES, VALUES, max_size=2)}),
            st.fixed_dictionaries({"name": TEXT, "description": TEXT}),
            st.integers(1, 3),
        ),
    ),
    max_size=4,
)


def write(project: ProjectFixture, state: dict[str, dict[str, Any]]) -> None:
    project.allow_any_context()
    for key in KEYS:
        if key in state:
            project.manifest(key, **state[key])
        elif (project.folder / f"assistants/{key}.yaml").exists():
            project.remove(key)


def versions(deployment: Deployment) -> dict[str, int]:
    """How many versions each assistant of ours has."""
    ids = {key: derived_id(PROJECT, key) for key in KEYS}
    return {key: len(deployment.versions(own)) for key, own in ids.items()}


@_plain
@given(first=STATES, edits=EDITS, second=STATES)
def test_apply_then_plan_again_is_empty_and_each_change_is_one_version(
    first: dict[str, Any], edits: list[tuple[str, Any]], second: dict[str, Any],
    project: ProjectFixture, deployment: Deployment, proxy: Proxy,
) -> None:  # fmt: skip
    deployment.wipe()
    write(project, first)
    project.apply("--prune", "--allow-deletes", "9")
    by_hand = deployment.create(name="by hand", context={"a": 1})
    for key, edit in edits:
        own = derived_id(PROJECT, key)
        if not deployment.exists(own):
            continue
        if not isinstance(edit, int):
            deployment.patch(own, **edit)
        elif edit <= len(deployment.versions(own)):
            deployment.set_latest(own, edit)
    write(project, second)
    before = versions(deployment)
    plan = project.plan("--prune", "--allow-deletes", "9")
    proxy.reset()
    result = project.apply("--prune", "--allow-deletes", "9")
    assert result["converged"], result
    after = versions(deployment)
    planned = {change["key"]: change["action"] for change in plan["changes"] if change["action"] != "keep"}
    assert {one["key"]: one["action"] for one in result["outcomes"]} == planned
    assert len(proxy.writes) == len(planned)
    for key in KEYS:
        minted = {None: 0, "create": 1, "update": 1, "activate": 0, "delete": -before[key]}[planned.get(key)]
        assert after[key] - before[key] == minted, (key, planned)
    assert set(project.actions("--prune").values()) <= {"keep"}
    assert deployment.get(by_hand["assistant_id"]) == by_hand
    proxy.reset()
    assert project.apply("--prune")["outcomes"] == []
    assert proxy.writes == []


@_plain
@given(first=MANIFESTS, second=MANIFESTS)
def test_a_revert_restores_every_field_with_at_most_one_new_version(
    first: dict[str, Any], second: dict[str, Any], project: ProjectFixture, deployment: Deployment
) -> None:
    assume(yaml.safe_dump(first) != yaml.safe_dump(second))  # git reverts no empty commit
    deployment.wipe()
    fields = ("graph_id", "name", "description", "context", "metadata")

    def state() -> dict[str, Any]:
        row = deployment.get(derived_id(PROJECT, "a"))
        metadata = {k: v for k, v in row["metadata"].items() if k != "assistant_sync" and v is not None}
        config = {k: v for k, v in row["config"].items() if v}
        return {f: row[f] for f in fields} | {
            "metadata": metadata,
            "config": config,
            "description": row["description"] or "",
        }

    project.allow_any_context()
    project.manifest("a", **first)
    project.commit()
    project.apply()
    before = state()
    project.manifest("a", **second)
    project.commit()
    project.apply()
    minted = versions(deployment)["a"]
    project.revert()
    assert project.apply()["converged"]
    assert state() == before
    assert versions(deployment)["a"] - minted <= 1
