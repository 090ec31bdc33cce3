from __future__ import annotations

import pytest

from assistant_sync.model.selection import Selection
from assistant_sync.report.markdown.selection import selection_paragraphs
from assistant_sync.report.text.selection import selection_text
from assistant_sync.report.view.selection import conditions

MANY = frozenset(f"k{number:02}" for number in range(25))


def test_nothing_is_shown_if_everything_is_selected() -> None:
    assert conditions(Selection()) == ()
    assert selection_text(Selection()).plain == ""
    assert list(selection_paragraphs(Selection())) == []


@pytest.mark.parametrize(
    ("selection", "lines"),
    [
        (Selection(("a", "b*")), ["Only keys that match a, b*"]),
        (Selection(graphs=("g*",)), ["Only graphs that match g*"]),
        (
            Selection(changed=frozenset({"b", "a"}), since="main"),
            ["Only manifests that changed since main", "Changed: a, b"],
        ),
        (
            Selection(changed=frozenset(), since="main"),
            ["Only manifests that changed since main", "No manifest has changed"],
        ),
        (Selection(("a\x1b[31m",)), ["Only keys that match a\\x1b[31m"]),
    ],
)
def test_each_condition_is_a_line_of_inert_text(selection: Selection, lines: list[str]) -> None:
    assert selection_text(selection).plain.splitlines() == lines
    assert len(list(selection_paragraphs(selection))) == len(lines)


def test_of_many_keys_the_first_are_named_and_the_others_counted() -> None:
    selection = Selection(changed=MANY, since="main")
    assert "k19, … 5 more keys" in selection_text(selection).plain
    assert list(selection_paragraphs(selection))[1].endswith("k19` and 5 more")
