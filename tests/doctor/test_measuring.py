from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.doctor.measuring import FIELDS, measured
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from tests.builders import make_assistant

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant


def version(number: int, *, graph_id: str = "agent", mirrored: bool = True) -> Assistant:
    context = {"probe": number}
    return make_assistant(
        "probe",
        version=number,
        graph_id=graph_id,
        name=f"n{number}",
        description=f"d{number}",
        context=context,
        config={"tags": [str(number)], "configurable": context if mirrored else {}},
        metadata={"probe": number},
    )


ONE, TWO = version(1), version(2, graph_id="other")


def test_a_deployment_that_restores_and_keeps_everything_leaves_nothing() -> None:
    probe = measured(ONE, TWO, ONE, TWO, replace(TWO, name="other"))
    assert probe.restored == FIELDS
    assert (probe.left, probe.unmeasured, probe.dropped) == ((), (), ())
    assert probe.kept == tuple(field for field in FIELDS if field != "name")
    assert probe.restores_all
    assert probe.mirroring is Mirroring.YES


def test_what_set_latest_leaves_is_named() -> None:
    partial = replace(ONE, graph_id=TWO.graph_id, context=TWO.context, description=TWO.description)
    probe = measured(ONE, TWO, partial, TWO, TWO)
    assert probe.left == ("graph_id", "description", "context")
    assert not probe.restores_all


def test_config_and_configurable_are_told_apart() -> None:
    probe = measured(ONE, TWO, replace(ONE, config={**ONE.config, "configurable": {"probe": 2}}), TWO, TWO)
    assert probe.left == ("configurable",)
    probe = measured(ONE, TWO, replace(ONE, config={**TWO.config, "configurable": {"probe": 1}}), TWO, TWO)
    assert probe.left == ("config",)


def test_one_graph_alone_tells_nothing_of_the_graph() -> None:
    probe = measured(ONE, version(2), ONE, TWO, TWO)
    assert probe.unmeasured == ("graph_id",)
    assert probe.restores_all


def test_what_a_patch_empties_is_named() -> None:
    probe = measured(ONE, TWO, ONE, TWO, replace(TWO, name="other", context={}))
    assert probe.dropped == ("context",)
    assert "context" not in probe.kept


def test_a_context_that_is_not_copied_is_told() -> None:
    one, two = version(1, mirrored=False), version(2, mirrored=False)
    probe = measured(one, two, one, two, two)
    assert probe.mirroring is Mirroring.NO
    assert "configurable" in probe.unmeasured


THREE, FOUR = replace(TWO, version=3), replace(TWO, version=4, name="other")
LISTED = replace(FOUR, context={}, config={}, is_whole=False)


def allowed(**rows: Any) -> bool:
    """Whether plans may be made of light listings, if one of the rows is another one."""
    as_they_should_be = {"first": ONE, "second": TWO, "restored": ONE, "whole": THREE, "part": FOUR, "listed": LISTED}
    return measured(**{**as_they_should_be, **rows}).allows_light_listings


def test_light_listings_are_allowed_if_all_is_restored_and_each_write_has_a_higher_number() -> None:
    assert allowed()


@pytest.mark.parametrize("rows", [
    {"listed": None},
    {"listed": FOUR},
    {"listed": replace(LISTED, version=3)},
    {"listed": replace(LISTED, name="stale")},
    {"listed": replace(LISTED, metadata={})},
    {"restored": replace(ONE, context=TWO.context)},
    {"restored": replace(ONE, version=3)},
    {"second": replace(TWO, version=1)},
    {"whole": replace(THREE, version=2)},
    {"part": replace(FOUR, version=3), "listed": replace(LISTED, version=3)},
    {"second": replace(TWO, config={**ONE.config, "configurable": TWO.context})},
    {"first": version(1, mirrored=False), "restored": version(1, mirrored=False)},
])  # fmt: skip
def test_light_listings_are_not_allowed_if_anything_of_that_is_otherwise(rows: dict[str, Any]) -> None:
    assert not allowed(**rows)


def test_a_graph_that_could_not_be_measured_does_not_matter_because_listings_show_it() -> None:
    rows = {"second": replace(TWO, graph_id="agent"), "whole": replace(THREE, graph_id="agent")}
    assert allowed(**rows, part=replace(FOUR, graph_id="agent"), listed=replace(LISTED, graph_id="agent"))
