"""What people do: they edit manifests, and they edit the deployment behind the program's back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from hypothesis import strategies as st

from tests.end_to_end.machine_checks import Manifest, id_of
from tests.end_to_end.machine_truth import own_id
from tests.end_to_end.test_laws import CONFIG, KEYS, MANIFESTS, NAMES, OBJECTS, VALUES
from tests.project_fixture import PROJECT
from tests.strategies import TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.end_to_end.machine_world import World

Operation: TypeAlias = tuple[str, int, Any]
"""What is done, to which of those that it can be done to, and further what it needs."""

NUMBERS = st.integers(0, 7)

TOUCHES = st.fixed_dictionaries(
    {}, optional={"name": TEXT.filter(bool), "description": TEXT, "config": CONFIG, "metadata": OBJECTS}
).filter(bool)
"""What an activation can take back."""

BODIES = st.one_of(
    st.fixed_dictionaries({"context": OBJECTS}),
    st.fixed_dictionaries({"config": st.just({"configurable": {}}) | CONFIG}),
    st.fixed_dictionaries({"metadata": st.dictionaries(NAMES, VALUES, max_size=2)}),
    st.fixed_dictionaries({"name": TEXT, "description": TEXT}),
    st.just({"metadata": {"assistant_sync": None}}),
    st.just({}),
)
"""What somebody writes by hand; the last but one takes our stamp away."""

EDITS = st.one_of(
    st.tuples(st.just("set"), NUMBERS, MANIFESTS),
    st.tuples(st.just("touch"), NUMBERS, TOUCHES),
    st.tuples(st.just("touch"), NUMBERS, TOUCHES),
    st.tuples(st.just("back"), NUMBERS, NUMBERS),
    st.tuples(st.just("back"), NUMBERS, NUMBERS),
    st.tuples(st.just("drop"), NUMBERS, st.none()),
    st.tuples(st.just("adopt"), NUMBERS, BODIES),
    st.tuples(st.just("take over"), NUMBERS, NUMBERS),
    st.tuples(st.just("name"), NUMBERS, st.none()),
)
ACTS = st.one_of(
    st.tuples(st.just("patch"), NUMBERS, BODIES),
    st.tuples(st.just("pointer"), NUMBERS, NUMBERS),
    st.tuples(st.just("delete"), NUMBERS, st.none()),
    st.tuples(st.just("create"), NUMBERS, BODIES),
    st.tuples(st.just("copy"), NUMBERS, st.none()),
    st.tuples(st.just("squat"), NUMBERS, BODIES),
)
EDITED = st.lists(EDITS, min_size=1, max_size=3)
DONE = st.lists(EDITS | ACTS, min_size=1, max_size=3)


def edit(
    world: World, states: Sequence[Mapping[str, Manifest]], state: dict[str, Manifest], operation: Operation
) -> bool:
    """Edit manifests.

    Args:
        world: Where.
        states: What was committed so far.
        state: What is edited.
        operation: How.

    Returns:
        Whether the operation was one of this sort.
    """
    kind, nth, what = operation
    key, present = KEYS[nth % len(KEYS)], sorted(state)
    some = present[nth % len(present)] if present else key
    match kind:
        case "set":
            state[key] = what
        case "touch":
            state[some] = state.get(some, {"graph_id": "support_agent"}) | what
        case "back":
            _go_back(states, state, some, what)
        case "drop":
            state.pop(some, None)
        case "adopt":
            absent = [one for one in KEYS if one not in state and not world.deployment.exists(own_id(PROJECT, one))]
            row = world.deployment.create(**{"name": "by hand"} | what)
            key = absent[nth % len(absent)] if absent else key
            state[key] = state.get(key, {"graph_id": "support_agent"}) | {"assistant_id": row["assistant_id"]}
        case "take over":
            named = {id_of(one, manifest) for one, manifest in state.items()}
            rows = sorted(one for one in world.look().rows if one not in named | world.deployment.defaults.keys())
            if rows:
                state[key] = (
                    {"graph_id": "support_agent"} | state.get(key, {}) | {"assistant_id": rows[what % len(rows)]}
                )
        case "name":
            state[some] = {"graph_id": "support_agent"} | state.get(some, {}) | {"assistant_id": own_id(PROJECT, some)}
        case _:
            return False
    return True


def meddle(world: World, operation: Operation) -> None:
    """Edit the deployment."""
    kind, nth, what = operation
    deployment = world.deployment
    mine = sorted(world.look().owned)
    one = mine[nth % len(mine)] if mine else None
    match kind:
        case "patch" if one:
            deployment.patch(one, **what)
        case "pointer" if one:
            numbers = [row["version"] for row in deployment.versions(one)]
            deployment.set_latest(one, numbers[what % len(numbers)])
        case "delete" if one:
            deployment.delete(one)
        case "create":
            deployment.create(**{"name": "by hand"} | what)
        case "copy" if one:
            row = deployment.get(one)
            deployment.create(**{field: row[field] for field in ("graph_id", "name", "context", "metadata")})
        case "squat":
            absent = [own_id(PROJECT, key) for key in KEYS if not deployment.exists(own_id(PROJECT, key))]
            if absent:
                deployment.create(assistant_id=absent[nth % len(absent)], **what)


def _go_back(states: Sequence[Mapping[str, Manifest]], state: dict[str, Manifest], key: str, nth: int) -> None:
    """Take what a manifest once said; before all, what an activation may bring back."""
    past = [one[key] for one in states if key in one and one[key] != state.get(key)]
    now = state.get(key, {})
    near = [one for one in past if all(one.get(name) == now.get(name) for name in ("graph_id", "context"))]
    candidates = near or past
    if candidates:
        state[key] = candidates[nth % len(candidates)]
