from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.change import Op
from assistant_sync.report.text.fields import field_lines
from assistant_sync.report.text.lines import joined
from tests.builders import added, changed, masked, removed

if TYPE_CHECKING:
    from assistant_sync.model.change import FieldChange
    from assistant_sync.model.values import JsonObject


def test_no_fields_are_no_lines() -> None:
    assert _plain() == []


def test_short_values_stand_beside_their_aligned_paths() -> None:
    assert _plain(
        changed("name", "Support", "Support agent"),
        changed("config.recursion_limit", 25, 50),
        added("metadata.team", "cx"),
        removed("config.tags", ["a", "b"]),
    ) == [
        '~ name:                   "Support" -> "Support agent"',
        "~ config.recursion_limit: 25 -> 50",
        '+ metadata.team:          "cx"',
        '- config.tags:            ["a", "b"]',
    ]


def test_a_very_long_path_moves_no_other_value() -> None:
    path = ("context", "a" * 40)

    assert _plain(changed("name", "a", "b"), changed(path, 1, 2)) == [
        '~ name: "a" -> "b"',
        f"~ context.{'a' * 40}: 1 -> 2",
    ]


def test_values_are_json_so_that_no_two_look_the_same() -> None:
    assert _plain(changed("context.x", None, "null"))[0] == '~ context.x: null -> "null"'
    assert _plain(changed("context.x", True, 1))[0] == "~ context.x: true -> 1"
    assert _plain(changed("context.x", "a", "a\n"))[0] == r'~ context.x: "a" -> "a\n"'
    assert _plain(changed("context.x", [], {}))[0] == "~ context.x: [] -> {}"


@pytest.mark.parametrize("op", list(Op))
@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("is_whole", [False, True])
def test_of_a_sensitive_value_only_the_kind_of_change_is_shown(op: Op, verbose: bool, is_whole: bool) -> None:
    (line,) = _plain(masked("context.api_token", op), verbose=verbose, is_whole=is_whole)

    assert line.endswith(f"context.api_token: (sensitive value {op.value})")


def test_texts_of_several_lines_are_compared_line_by_line() -> None:
    assert _plain(changed("context.prompt", "a\nb\n", "a\nc\n")) == [
        "~ context.prompt: +1 -1 lines of 2 @@ -1,2 +1,2 @@",
        "      a",
        "    - b",
        "    + c",
    ]


def test_a_long_line_is_counted_in_characters() -> None:
    assert _plain(changed("description", "x" * 99, "x" * 100)) == [
        "~ description: 99 -> 100 characters",
        f"    - {'x' * 99}",
        f"    + {'x' * 100}",
    ]


def test_changed_line_endings_are_counted_and_not_shown() -> None:
    assert _plain(changed("context.prompt", "a\r\nb\r\n", "a\nb\n")) == [
        (
            "~ context.prompt: only line endings differ (2 -> 0 lines end in CR LF); "
            "'* text eol=lf' in .gitattributes prevents that"
        ),
    ]


def test_a_changed_unicode_form_is_named() -> None:
    composed, split = "caf\u00e9 " * 30, "cafe\u0301 " * 30

    note = "~ context.prompt: only the Unicode form differs"
    assert _plain(changed("context.prompt", split, composed)) == [f"{note} (NFD -> NFC)"]
    assert _plain(changed("context.prompt", split + "\n" + composed, composed + "\n" + composed)) == [note]


def test_short_values_that_look_the_same_are_escaped() -> None:
    assert _plain(changed("name", "cafe\u0301", "caf\u00e9"), changed("context.x", ["\u212a"], ["K"])) == [
        r'~ name:      "cafe\u0301" -> "caf\u00e9" (only the Unicode form differs)',
        r'~ context.x: ["\u212a"] -> ["K"] (only the Unicode form differs)',
    ]


def test_paths_that_look_the_same_are_escaped() -> None:
    one, other, third = ("context", "cafe\u0301"), ("context", "caf\u00e9"), ("context", "\u00e9")

    assert _plain(removed(one, 1), added(other, 1), added(third, 1)) == [
        r'- context["cafe\u0301"]: 1',
        r'+ context["caf\u00e9"]:  1',
        '+ context["\u00e9"]:          1',
    ]


def test_long_lists_are_compared_as_indented_json() -> None:
    before = [{"name": f"tool{number}"} for number in range(20)]
    after = [*before[:10], {"name": "new\u202e"}, *before[10:]]

    lines = _plain(changed("context.tools", before, after))

    assert lines[0] == "~ context.tools: +3 -0 lines as JSON of 62 @@ -30,6 +30,9 @@"
    assert r'    +     "name": "new\u202e"' in lines
    assert len(lines) == 10


def test_a_long_value_of_another_kind_is_shown_before_and_after() -> None:
    assert _plain(changed("context.x", "one\ntwo", {"a": 1})) == [
        "~ context.x: string -> object",
        "    - one",
        "    - two",
        "    + {",
        '    +   "a": 1',
        "    + }",
    ]


@pytest.mark.parametrize(
    ("value", "kind"),
    [(None, "null"), (False, "boolean"), (1.5, "number"), ({}, "object"), ([], "list")],
)
def test_kinds_have_the_names_that_json_gives_them(value: object, kind: str) -> None:
    lines = _plain(changed("context.x", value, "x" * 200))  # type: ignore[arg-type]  # objects of all JSON types

    assert lines[0] == f"~ context.x: {kind} -> string"


def test_the_fields_of_a_whole_assistant_have_no_signs() -> None:
    assert _plain(added("graph_id", "agent"), added("context.prompt", "a\nb"), is_whole=True) == [
        'graph_id: "agent"',
        "context.prompt: 2 lines, 3 characters",
        "    a",
        "    b",
    ]


def test_a_long_text_that_comes_or_goes_is_cut_after_ten_lines() -> None:
    text = "".join(f"line {number}\n" for number in range(1, 301))

    lines = _plain(added("context.prompt", text), is_whole=True)

    assert lines[0] == "context.prompt: 300 lines, 2,592 characters"
    assert lines[10:] == ["    line 10", "    … 290 more lines (-v shows all)"]
    assert len(_plain(added("context.prompt", text), is_whole=True, verbose=True)) == 301


def test_a_text_that_goes_from_an_assistant_that_stays_has_signs() -> None:
    assert _plain(removed("context.prompt", "a\nb ")) == [
        "- context.prompt: 2 lines, 4 characters",
        "    - a",
        "    - b·",
    ]


def test_a_text_is_not_cut_for_two_lines() -> None:
    assert len(_plain(added("context.prompt", "\n".join("a" * 12)))) == 13


def test_a_mapping_that_comes_or_goes_is_shown_value_by_value() -> None:
    value: JsonObject = {"b": {"y": [1, {"z": 2}], "x": {}}, "a": "t"}

    assert _plain(added("context.nested", value)) == [
        '+ context.nested.a:   "t"',
        "+ context.nested.b.x: {}",
        '+ context.nested.b.y: [1, {"z": 2}]',
    ]


def test_a_mapping_of_very_many_values_is_cut_and_counted() -> None:
    value = {f"k{number:04}": number for number in range(1000)}

    lines = _plain(removed("context.table", value))

    assert len(lines) == 101
    assert lines[-1].split(":")[1].strip() == "… 900 more values (-v shows all)"
    assert len(_plain(removed("context.table", value), verbose=True)) == 1000


def test_a_long_value_beside_its_path_is_cut_and_counted() -> None:
    assert _plain(added("description", "x" * 1234)) == [
        f'+ description: "{"x" * 200}" … 1,034 more characters (-v shows all)'
    ]
    numbers = list(range(200))
    text = json.dumps(numbers)
    rest = f"… {len(text) - 200} more characters (-v shows all)"
    assert _plain(added("context.n", numbers)) == [f"+ context.n: {text[:200]} {rest}"]
    assert _plain(added("context.n", numbers), verbose=True) == [f"+ context.n: {text}"]


def test_a_very_long_path_is_cut_and_counted() -> None:
    path = ("context", "k" * 1000)

    assert _plain(changed(path, 1, 2)) == [f"~ context.{'k' * 192} … 808 more characters (-v shows all): 1 -> 2"]
    assert _plain(changed(path, 1, 2), verbose=True) == [f"~ context.{'k' * 1000}: 1 -> 2"]


def test_a_value_that_is_nested_deeply_is_shown() -> None:
    value: object = 1
    for _ in range(5000):
        value = {"a": value}

    (line,) = _plain(added("context.deep", value), verbose=True)  # type: ignore[arg-type]  # object is JSON here

    assert line == f"+ context.deep{'.a' * 5000}: 1"


@pytest.mark.parametrize("unit", ["x", "\x1b[2J", "⚠\ufe0f", "\\", "x\n", "\n", "\u0301\u0323", "caf\u00e9 "])
def test_a_megabyte_is_a_page_at_most(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    other = text[: len(text) // 2] + "!" + text[len(text) // 2 :]

    for field in (changed("context.p", text, other), changed("context.p", "", text), added("context.p", text)):
        assert len("\n".join(_plain(field))) < 10_000
    for before, after in (([text], [other]), ({"a": text}, "b"), (text, None)):
        assert len("\n".join(_plain(changed("context.p", before, after)))) < 10_000


def _plain(*fields: FieldChange, is_whole: bool = False, verbose: bool = False) -> list[str]:
    return [joined([line]).plain for line in field_lines(fields, is_whole=is_whole, verbose=verbose)]
