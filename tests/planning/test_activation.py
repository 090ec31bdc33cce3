from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.model.project import Activation
from assistant_sync.planning.activation import find_version
from tests.builders import make_desired
from tests.planning.rows import make_policy, owned_row, stored

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Desired

OLD = make_desired(context={"model": "a"}, config={"tags": ["old"]}, metadata={"team": "cx"})
NEW = make_desired(context={"model": "a"}, config={"tags": ["new"]}, metadata={"team": "cx"})
OTHER_CONTEXT = make_desired(context={"model": "b"}, metadata={"team": "cx"})


def found(
    desired: Desired, live: Assistant, versions: list[Assistant], activation: Activation = Activation.SAFE
) -> int | None:
    owned = replace(owned_row(live), versions=tuple(versions))
    return find_version(desired, owned, make_policy(activation=activation), Mirroring.YES)


def test_no_version_is_found_where_none_is_identical() -> None:
    live = stored(NEW, version=2)
    assert found(make_desired(context={"model": "c"}), live, [live, stored(OLD)]) is None


def test_an_identical_version_that_agrees_in_what_runs_see_may_be_activated() -> None:
    live = stored(NEW, version=2)
    assert found(OLD, live, [live, stored(OLD)]) == 1


def test_the_highest_of_several_identical_versions_is_taken() -> None:
    live = stored(NEW, version=9)
    assert found(OLD, live, [stored(OLD, version=3), stored(OLD, version=7), live]) == 7


def test_never_means_never() -> None:
    live = stored(NEW, version=2)
    assert found(OLD, live, [live, stored(OLD)], Activation.NEVER) is None


@pytest.mark.parametrize(
    "live",
    [
        stored(OTHER_CONTEXT, version=2),
        replace(stored(NEW, version=2), graph_id="research"),
        replace(stored(NEW, version=2), config={"configurable": {"model": "z"}}),
    ],
    ids=["context", "graph", "configurable"],
)
def test_safe_passes_over_what_servers_may_not_restore_and_full_does_not(live: Assistant) -> None:
    versions = [live, stored(OLD)]
    assert found(OLD, live, versions) is None
    assert found(OLD, live, versions, Activation.FULL) == 1


@pytest.mark.parametrize("member", ["project", "key", "id"])
def test_a_version_must_carry_this_project_key_and_id(member: str) -> None:
    live = stored(NEW, version=2)
    stamp: dict[str, Any] = {member: "another"}
    assert found(OLD, live, [live, stored(OLD, **stamp)], Activation.FULL) is None


def test_a_version_must_protect_as_the_manifest_does() -> None:
    live = stored(NEW, version=3, prevent_delete=True)
    unprotected, protected = stored(OLD), stored(OLD, version=2, prevent_delete=True)
    assert found(OLD, live, [live, protected, unprotected]) == 1
    assert found(replace(OLD, prevent_delete=True), live, [live, protected, unprotected]) == 2
    assert found(replace(OLD, prevent_delete=True), live, [live, unprotected], Activation.FULL) is None


def test_a_version_made_by_hand_without_a_stamp_is_no_candidate() -> None:
    live = stored(NEW, version=2)
    by_hand = replace(stored(OLD), metadata={"team": "cx"})
    assert found(OLD, live, [live, by_hand], Activation.FULL) is None


def test_unowned_metadata_must_not_be_taken_back_by_an_activation() -> None:
    live = stored(NEW, version=2)
    noted = replace(live, metadata={**live.metadata, "reviewed_by": "ann"})
    assert found(OLD, noted, [noted, stored(OLD)], Activation.FULL) is None


def test_metadata_that_only_the_old_or_only_the_live_stamp_owns_is_no_obstacle() -> None:
    plain = make_desired(context={"model": "a"})
    live = stored(NEW, version=2)
    assert found(plain, live, [live, stored(plain)]) == 1
    live = replace(stored(plain, version=2), metadata={**stored(plain, version=2).metadata, "team": None})
    assert found(OLD, live, [live, stored(OLD)]) == 1


def test_a_version_is_compared_as_the_deployment_keeps_it() -> None:
    live = stored(NEW, version=2)
    mirrored, one_sided = stored(OLD), stored(OLD, mirrored=False)
    for mirroring, version, expected in [
        (Mirroring.YES, mirrored, 1), (Mirroring.YES, one_sided, None),
        (Mirroring.NO, mirrored, None), (Mirroring.NO, one_sided, 1),
        (Mirroring.UNKNOWN, mirrored, 1), (Mirroring.UNKNOWN, one_sided, 1),
    ]:  # fmt: skip
        owned = replace(owned_row(live), versions=(version,))
        number = find_version(OLD, owned, make_policy(activation=Activation.FULL), mirroring)
        assert number == expected


def test_the_active_version_itself_is_no_candidate_although_it_was_restored_only_in_part() -> None:
    hybrid = replace(stored(OLD), context={"model": "left over"})
    assert found(OLD, hybrid, [stored(OLD)], Activation.FULL) is None
