from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.model.cause import Cause
from assistant_sync.report.markdown.change import causes_text, details, list_item, table_row
from assistant_sync.report.markdown.count import PageBudget
from assistant_sync.report.markdown.escape import size
from assistant_sync.report.markdown.fields import Fields
from assistant_sync.report.view.plan import change_view
from tests.builders import (
    added,
    changed,
    make_activate,
    make_create,
    make_delete,
    make_orphan,
    make_update,
    masked,
    removed,
)
from tests.report.rendered import rendered

_TICKS = "".join(f"line {number} {'`' * 60}\n" for number in range(200))


def test_a_change_without_fields_has_a_section_with_its_reason() -> None:
    made = details(change_view(make_orphan("a")), 10_000, Fields(PageBudget()))

    assert made is not None
    assert made.is_whole
    assert rendered(made.text).tags == ["details", "summary", "code", "code", "p", "code", "br", "code"]


@pytest.mark.parametrize(
    ("change", "row"),
    [
        (make_orphan("a"), "| `?` orphan | `a` | `agent` |  |  |\n"),
        (make_update("a", changed("x", 1, 2)), "| `~` update | `a` | `agent` | 1 | +1 -1 |\n"),
        (make_create("a", masked("x"), deferred="no"), "| `+` create (deferred) | `a` | `agent` | 1 (1 masked) |  |\n"),
        (make_delete("a|b", removed("x", "1\n2")), "| `-` delete | `a\\|b` | `agent` | 1 | +0 -2 |\n"),
    ],
)
def test_a_row_shows_what_kind_and_how_much(change: Any, row: str) -> None:
    assert table_row(change_view(change), PageBudget(), has_causes=False) == row


def test_what_was_not_compared_to_the_end_is_at_most_so_much() -> None:
    budget = PageBudget()
    budget.lines.steps = 0
    before, after = ("".join(f"{number * sign}\n" for number in range(2_000)) for sign in (1, -1))
    view = change_view(make_update("a", changed("x", before, after)))

    assert "| ≤ +1,999 -1,999 |" in table_row(view, budget, has_causes=False)


def test_causes_are_shown_in_words() -> None:
    assert causes_text(()) == ""
    assert causes_text((Cause.BRANCH, Cause.OUTSIDE)) == "introduced by this branch; changed outside git"
    pending, behind = change_view(make_update("a"), (Cause.PENDING,)), change_view(make_delete("a"), (Cause.BEHIND,))
    assert table_row(pending, PageBudget(), has_causes=True).endswith("| merged earlier, not applied yet |\n")
    assert "version 3, `assistants/a.yaml`, **this branch is behind" in list_item(behind)


def test_versions_are_shown_in_words() -> None:
    changes: list[tuple[Any, str]] = [
        (make_update("a"), "from version 3"),
        (make_delete("a"), "at version 3"),
        (make_activate("a", base_version=9, to_version=7), "version 7 is identical, active is 9"),
    ]
    for change, words in changes:
        made = details(change_view(change), 10_000, Fields(PageBudget()))
        assert made is not None
        assert f"`assistants/a.yaml`, {words}" in made.text


@pytest.mark.parametrize(
    "field",
    [
        changed("x", _TICKS, _TICKS.replace("line", "row")),
        added("x", _TICKS),
        added("x", {f"key{number}": "`" * 30 for number in range(99)}),
        added("x", "y"),
    ],
)
def test_a_section_keeps_to_its_room_and_counts_what_is_cut(field: Any) -> None:
    fields = Fields(PageBudget())
    change = change_view(make_update("a", field, added("z", 1)))
    whole = details(change, 1_000_000, fields)
    assert whole is not None
    assert whole.is_whole
    for room in range(100, size(whole.text) + 300, 37):
        made = details(change, room, fields)
        if made is not None:
            assert size(made.text) <= room
            assert made.is_whole == (made.text == whole.text)
            assert made.is_whole != ("not fully shown (size limit)" in made.text)
            assert rendered(made.text).oddities == []
