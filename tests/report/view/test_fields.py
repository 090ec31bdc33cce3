from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.model.change import Op
from assistant_sync.report.linediff.hunks import LineDiff, diff_texts
from assistant_sync.report.view.fields import (
    Block,
    Inline,
    JsonDiff,
    KindChange,
    Leaf,
    Leaves,
    Limits,
    LineEndings,
    Masked,
    OneLine,
    TextDiff,
    UnicodeForm,
    field_view,
    texts_of,
)
from tests.builders import added, changed, masked, removed

if TYPE_CHECKING:
    from assistant_sync.model.change import FieldChange
    from assistant_sync.report.view.fields import FieldView

TOO_LARGE = LineDiff((), 2, 3, 3, 2, is_exact=False)


@dataclass
class Comparer:
    """Compares everything, or affords nothing; remembers what it was asked."""

    affordable: bool = True
    compared: list[FieldChange] = field(default_factory=list)

    def affords(self, _change: FieldChange, /) -> bool:
        return self.affordable

    def diff(self, change: FieldChange, /) -> LineDiff:
        self.compared.append(change)
        return diff_texts(*texts_of(change)) if self.affordable else TOO_LARGE


def view_of(change: FieldChange, comparer: Comparer | None = None, **limits: Any) -> FieldView:
    return field_view(change, comparer or Comparer(), Limits(**limits))


@pytest.mark.parametrize("op", Op)
def test_masked_values_are_masked_whatever_happens_to_them(op: Op) -> None:
    assert view_of(masked("x", op)) == Masked()


@pytest.mark.parametrize(
    ("before", "after", "view"),
    [
        (1, 2, Inline("1", "2", is_form_only=False)),
        ("a", None, Inline('"a"', "null", is_form_only=False)),
        ("a\n", "b\n", Inline('"a\\n"', '"b\\n"', is_form_only=False)),
        ([1], {"a": 1}, Inline("[1]", '{"a": 1}', is_form_only=False)),
        ("caf\u00e9", "cafe\u0301", Inline('"caf\\u00e9"', '"cafe\\u0301"', is_form_only=True)),
        ("a\r\nb\r\n", "a\nb\n", LineEndings(2, 0)),
        ("caf\u00e9\nx\n", "cafe\u0301\nx\n", UnicodeForm(("NFC", "NFD"))),
        ("caf\u00e9\ncafe\u0301\n", "cafe\u0301\ncafe\u0301\n", UnicodeForm(None)),
    ],
)
def test_short_values_and_what_only_looks_different_are_not_compared(before: Any, after: Any, view: FieldView) -> None:
    comparer = Comparer()

    assert view_of(changed("x", before, after), comparer) == view
    assert comparer.compared == []


def test_long_texts_are_compared_line_by_line() -> None:
    one_line = view_of(changed("x", "a" * 101, "b"))
    lines = view_of(changed("x", "a\nb\n", "a\nc\n"))

    assert isinstance(one_line, TextDiff)
    assert (one_line.sizes, one_line.has_lines) == ((101, 1), False)
    assert isinstance(lines, TextDiff)
    assert (lines.sizes, lines.has_lines, lines.diff) == ((4, 4), True, diff_texts("a\nb\n", "a\nc\n"))


def test_long_lists_and_mappings_are_compared_as_json() -> None:
    view = view_of(changed("x", list(range(50)), {"a": 1}))

    assert isinstance(view, JsonDiff)
    assert (view.diff.added, view.diff.removed) == (3, 52)


def test_what_is_too_large_to_compare_is_not_made_into_json() -> None:
    class Unreadable(list[Any]):
        def __iter__(self) -> Any:
            pytest.fail("read")

    change = changed("x", Unreadable([1]), [2])

    assert view_of(change, Comparer(affordable=False)) == JsonDiff(TOO_LARGE)


def test_values_of_another_kind_stand_one_after_the_other() -> None:
    assert view_of(changed("x", "one\ntwo", {"a": 1})) == KindChange(
        ("string", "object"),
        Block(["one", "two"], 0, 7, is_inert=False),
        Block(["{", '  "a": 1', "}"], 0, 12, is_inert=True),
    )


def test_a_mapping_that_is_added_is_shown_value_by_value() -> None:
    assert view_of(added("x", {"b": {"c": [1]}, "a": "one\ntwo\n"})) == Leaves(
        (
            Leaf(("x", "a"), Block(["one", "two"], 0, 8, is_inert=False)),
            Leaf(("x", "b", "c"), OneLine("[1]", 0)),
        ),
        0,
    )


def test_the_limits_cut_values_lines_and_characters() -> None:
    change = removed("x", {"a": "l\n" * 5, "b": "c" * 9, "c": [1, 2, 3], "d": 1})

    assert view_of(change, values=3, lines=2, width=5) == Leaves(
        (
            Leaf(("x", "a"), Block(["l", "l"], 3, 10, is_inert=False)),
            Leaf(("x", "b"), OneLine('"ccccc"', 4)),
            Leaf(("x", "c"), OneLine("[1, 2", 4)),
        ),
        1,
    )
    whole = view_of(change, values=None, lines=None, width=None)
    assert isinstance(whole, Leaves)
    assert (len(whole.shown), whole.rest) == (4, 0)
    assert all(leaf.value.rest == 0 for leaf in whole.shown)


def test_a_larger_limit_shows_longer_values_beside_the_path() -> None:
    change = changed("x", list(range(50)), [])

    assert isinstance(view_of(change), JsonDiff)
    assert isinstance(view_of(change, inline=1_000), Inline)
