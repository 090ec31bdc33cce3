from __future__ import annotations

from assistant_sync.doctor.inventory import count_by_owner
from assistant_sync.model.diagnosis import Inventory
from assistant_sync.model.frozen import replace
from assistant_sync.model.identity import default_assistant_id
from tests.builders import PROJECT, TARGET, make_assistant, make_id, make_stamp

OTHER_ID = "0" * 8 + "-0000-4000-8000-" + "0" * 12


def test_an_empty_deployment_has_nobody() -> None:
    inventory = count_by_owner([], PROJECT, [TARGET])
    assert inventory == Inventory(0, 0, 0, 0, 0, 0, inventory.view)


def test_every_row_is_counted_as_whose_it_is() -> None:
    rows = [
        make_assistant("a", stamp=make_stamp("a")),
        make_assistant("b", stamp=make_stamp("b", target="another")),
        make_assistant("by-hand"),
        make_assistant("copy", assistant_id=OTHER_ID, stamp=make_stamp("a")),
        make_assistant("theirs", stamp=make_stamp("theirs", project="other")),
        make_assistant("agent", assistant_id=default_assistant_id("agent")),
    ]
    found = count_by_owner(rows, PROJECT, [TARGET])
    counts = (found.visible, found.owned, found.elsewhere, found.unmanaged, found.foreign, found.system)
    assert counts == (6, 2, 1, 2, 1, 1)


def test_unmanaged_assistants_are_listed_by_graph_and_name() -> None:
    rows = [make_assistant("b"), make_assistant("a"), make_assistant("c", stamp=make_stamp("c"))]
    found = count_by_owner(rows, PROJECT, [TARGET])
    assert [(one.graph_id, one.name) for one in found.unmanaged_assistants] == sorted(
        (row.graph_id, row.name) for row in rows[:2]
    )


def test_the_view_depends_on_the_ids_alone() -> None:
    rows = [make_assistant(key) for key in "abc"]
    view = count_by_owner(rows, PROJECT, [TARGET]).view
    changed = [replace(row, name="other", version=9) for row in reversed(rows)]
    assert count_by_owner(changed, PROJECT, [TARGET]).view == view
    assert count_by_owner(rows[:2], PROJECT, [TARGET]).view != view
    assert make_id("a") not in view


def test_a_view_is_the_start_of_the_digest_of_the_ids_each_on_a_line() -> None:
    rows = [make_assistant("b", assistant_id="2"), make_assistant("a", assistant_id="1")]
    assert count_by_owner(rows, PROJECT, [TARGET]).view == "sha256:b598b3a62a3f7ced"


def test_a_former_name_of_the_target_is_not_elsewhere() -> None:
    rows = [make_assistant("a", stamp=make_stamp("a", target="live"))]
    assert count_by_owner(rows, PROJECT, [TARGET]).elsewhere == 1
    assert count_by_owner(rows, PROJECT, [TARGET, "live"]).elsewhere == 0


def test_what_a_former_name_wrote_is_owned() -> None:
    rows = [make_assistant("a", stamp=make_stamp("a", project="old"))]
    assert count_by_owner(rows, PROJECT, [TARGET]).owned == 0
    assert count_by_owner(rows, PROJECT, [TARGET], ["old"]).owned == 1
