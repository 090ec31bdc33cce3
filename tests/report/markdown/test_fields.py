from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.change import Op
from assistant_sync.report.markdown.count import PageBudget
from assistant_sync.report.markdown.fields import Fields
from tests.builders import added, changed, masked, removed

if TYPE_CHECKING:
    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.values import JsonValue


def _heads(field: FieldChange, *, is_whole: bool = False) -> list[str]:
    return [row.head for row in Fields(PageBudget()).rows(field, is_whole=is_whole)]


def _row(before: JsonValue, after: JsonValue) -> tuple[str, tuple[str, ...]]:
    (row,) = Fields(PageBudget()).rows(changed("context.x", before, after), is_whole=False)
    return row.head.removeprefix("`~ context.x`: "), row.below


def test_an_empty_mapping_that_comes_is_shown() -> None:
    assert _heads(added("context.x", {})) == ["`+ context.x`: `{}`"]


@pytest.mark.parametrize(
    ("before", "after", "head"),
    [
        (1, 2, "`1` → `2`"),
        ("a", None, '`"a"` → `null`'),
        ("", "a`b", '`""` → ``"a`b"``'),
        ("a\n", "b\n", '`"a\\n"` → `"b\\n"`'),
        ([1], [1, 2], "`[1]` → `[1, 2]`"),
        ("caf\u00e9", "cafe\u0301", '`"caf\\u00e9"` → `"cafe\\u0301"` (only the Unicode form differs)'),
        (
            "a\r\nb\r\n",
            "a\nb\n",
            "only line endings differ (2 → 0 lines end in CR LF); '* text eol=lf' in .gitattributes prevents that",
        ),
        ("caf\u00e9\nx\n", "cafe\u0301\nx\n", "only the Unicode form differs (NFC → NFD)"),
        ("caf\u00e9\ncafe\u0301\n", "cafe\u0301\ncafe\u0301\n", "only the Unicode form differs"),
    ],
)
def test_short_values_and_what_only_looks_different_stand_beside_the_path(
    before: JsonValue, after: JsonValue, head: str
) -> None:
    assert _row(before, after) == (head, ())


def test_texts_are_compared_below_the_path_with_lines_and_characters_counted() -> None:
    assert _row("a\nb\n", "a\nc\n") == ("+1 -1 lines of 2, 4 → 4 characters", ("@@ -1,2 +1,2 @@", "  a", "- b", "+ c"))
    assert _row("x" * 101, "y")[0] == "101 → 1 character"


def test_lists_are_compared_as_json_so_that_what_is_added_is_an_addition() -> None:
    tools: list[JsonValue] = [{"name": f"tool{number}"} for number in range(9)]
    head, below = _row(tools, [*tools, {"name": "new"}])

    assert head == "+3 -0 lines as JSON"
    assert [line for line in below if line[0] in "+-"] == ["+   },", "+   {", '+     "name": "new"']


def test_values_of_other_kinds_stand_one_after_the_other() -> None:
    head, below = _row("a\nb\nc", ["x" * 100])

    assert head == "string → list"
    assert below == ("- a", "- b", "- c", "+ [", f'+   "{"x" * 100}"', "+ ]")


def test_values_too_large_to_compare_are_counted() -> None:
    assert _row(list(range(60_000)), list(range(60_001))) == (
        "+60,003 -60,002 lines as JSON, too large to compare here",
        (),
    )


def test_mappings_that_come_or_go_are_shown_value_by_value() -> None:
    value: JsonValue = {"b": {"c": 1, "d": [2]}, "a": "x\ny"}

    assert _heads(added("context.x", value)) == [
        "`+ context.x.a`: 2 lines, 3 characters",
        "`+ context.x.b.c`: `1`",
        "`+ context.x.b.d`: `[2]`",
    ]
    assert _heads(removed("context.x", {"a": 1}), is_whole=True) == ["`context.x.a`: `1`"]


def test_many_values_long_values_and_long_paths_are_cut_and_counted() -> None:
    many = _heads(added("context", {f"k{number:03}": number for number in range(150)}))

    assert (len(many), many[-1]) == (101, "`+ context`: … 50 more values")
    assert _heads(added("x", "y" * 300)) == [f'`+ x`: `"{"y" * 200}"` … 100 more characters']
    assert _heads(added("x", ["y" * 300]))[0].endswith("… 104 more characters")
    assert _heads(added("x" * 300, 1)) == [f"`+ {'x' * 200}` … 100 more characters: `1`"]


def test_paths_that_look_the_same_are_distinct() -> None:
    assert _heads(added(("caf\u00e9",), 1)) == ['`+ ["caf\u00e9"]`: `1`']
    assert _heads(added(("cafe\u0301",), 1)) == ['`+ ["cafe\\u0301"]`: `1`']


@pytest.mark.parametrize("op", Op)
def test_masked_values_are_shown_as_masked(op: Op) -> None:
    assert _heads(masked("x", op), is_whole=True) == [f"`x`: sensitive value {op.value}, not shown"]


def test_a_field_is_rendered_once() -> None:
    fields = Fields(PageBudget())
    field = changed("context.x", "a\nb\n", "a\nc\n")
    first = fields.rows(field, is_whole=False)
    fields.budget.words = 0

    assert fields.rows(field, is_whole=False) is first
