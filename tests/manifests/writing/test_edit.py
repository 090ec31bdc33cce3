"""Edits of YAML text change values and nothing else."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.manifests.limits import MAX_DEPTH
from assistant_sync.manifests.writing.edit import REMOVED, Edit, Edited, EditFailed, edit_text
from assistant_sync.manifests.writing.emit import emit
from assistant_sync.manifests.yaml12.errors import YamlError
from tests.manifests.writing.corpus_files import get, replaced, same, values_of, without
from tests.strategies import json_objects, json_values

if TYPE_CHECKING:
    from collections.abc import Callable

MANIFEST = """\
# head
key: support   # the key
graph_id: 'agent'
context:
  # prompt
  prompt: |  # the text
    One.
    Two.

  # tools
  tools:  # standard
    - a  # first
    - b
    - name: c
      args: {x: 1, y: [1, 2]}
  model: "gpt"  # m
# end
"""


def edited(text: str, *edits: tuple[tuple[str | int, ...], Any], document: int = 0) -> str:
    """A text after edits that reformat nothing."""
    done = edit_text(text, document, [Edit(path, value) for path, value in edits])
    assert done.reformatted == ()
    return done.text


def test_no_edits_change_nothing() -> None:
    assert edit_text(MANIFEST, 0, []) == Edited(MANIFEST, ())


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("key",), "other", "key: support   # the key", "key: other   # the key"),
        (("graph_id",), "it's", "'agent'", "'it''s'"),
        (("context", "model"), 'a "b"', '"gpt"  # m', '"a \\"b\\""  # m'),
        (("context", "model"), 5, '"gpt"  # m', "5  # m"),
        (("context", "model"), "a\nb", '"gpt"  # m\n', "|-  # m\n    a\n    b\n"),
        (("context", "model"), {"a": [1]}, ' "gpt"  # m\n', "  # m\n    a:\n      - 1\n"),
        (("context", "prompt"), "One.\n", "    One.\n    Two.\n", "    One.\n"),
        (("context", "prompt"), "Three.", "|  # the text\n    One.\n    Two.\n", "|-  # the text\n    Three.\n"),
        (("context", "tools", 0), "no: x", "- a  # first", "- 'no: x'  # first"),
        (("context", "tools", 1), REMOVED, "    - b\n", ""),
        (("context", "tools", 1), {"b": 1, "c": 2}, "    - b\n", "    - b: 1\n      c: 2\n"),
        (("context", "tools", 3), "d\ne\n", "y: [1, 2]}\n", "y: [1, 2]}\n    - |\n      d\n      e\n"),
        (("context", "tools", 2, "args", "z"), "a\nb", "y: [1, 2]}", 'y: [1, 2], z: "a\\nb"}'),
        (("context", "tools", 2, "args", "y", 0), REMOVED, "[1, 2]", "[2]"),
        (("context", "new"), None, '"gpt"  # m\n', '"gpt"  # m\n  new: null\n'),
        (("new", "deep"), {"a": []}, "# m\n", "# m\nnew:\n  deep:\n    a: []\n"),
        (("context", "prompt"), REMOVED, "  prompt: |  # the text\n    One.\n    Two.\n", ""),
    ],
)  # fmt: skip
def test_an_edit_replaces_the_characters_of_the_value(
    path: tuple[str | int, ...], value: Any, old: str, new: str
) -> None:
    assert MANIFEST.count(old) == 1
    assert edited(MANIFEST, (path, value)) == MANIFEST.replace(old, new)


def test_edits_apply_in_their_order() -> None:
    text = "a: [1, 2, 3]\n"
    assert edited(text, (("a", 0), REMOVED), (("a", 0), REMOVED)) == "a: [3]\n"
    assert edited(text, (("a",), {}), (("a", "b"), 1), (("a", "c"), 2)) == "a:\n  b: 1\n  c: 2\n"


def test_a_list_is_compared_item_by_item() -> None:
    text = "a:\n  # one\n  - 1 # 1\n  # two\n  - 2 # 2\n  # three\n  - 3 # 3\n"
    assert edited(text, (("a",), [0, 1, 3, 4])) == (
        "a:\n  # one\n  - 0\n  - 1 # 1\n  # two\n  # three\n  - 3 # 3\n  - 4\n"
    )


def test_a_mapping_is_compared_key_by_key() -> None:
    text = "a: {x: 1, y: 2, z: {k: v}} # c\n"
    assert edited(text, (("a",), {"z": {"k": "w"}, "x": 1, "n": 5})) == "a: {x: 1, z: {k: w}, n: 5} # c\n"


@pytest.mark.parametrize("text", ["{}", "# only a comment\n", ""])
def test_an_empty_file_has_no_document_to_edit_but_an_empty_mapping_has(text: str) -> None:
    if text == "{}":
        assert edited(text, (("a",), 1)) == "a: 1"
    else:
        with pytest.raises(EditFailed, match="0 documents"):
            edit_text(text, 0, [Edit(("a",), 1)])


def test_an_empty_document_gets_keys() -> None:
    assert edited("---\n# to do\n---\nb: 1\n", (("a", "b"), 1)) == "---\na:\n  b: 1\n# to do\n---\nb: 1\n"
    assert edited("--- ~\n", (("a",), 1)) == "---\na: 1\n"


def test_other_documents_stay() -> None:
    text = "a: 1\n---\na: 1 # two\n...\n# three\n---\na: 1"
    assert edited(text, (("a",), 2), document=1) == text.replace("1 # two", "2 # two")
    assert edited(text, (("b",), 2), document=2) == text + "\nb: 2"


def test_windows_line_ends_stay() -> None:
    text = MANIFEST.replace("\n", "\r\n")
    done = edited(text, (("context", "prompt"), "x\ny\n"), (("context", "tools"), ["q", "r\ns"]), (("n",), {"a": 1}))
    assert done.count("\n") == done.count("\r\n") > 10
    assert edited("a: b\r\n", (("a",), "c")) == "a: c\r\n"


def test_a_byte_order_mark_stays() -> None:
    assert edited("\ufeffa: 1\n", (("a",), 2)) == "\ufeffa: 2\n"


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\n# end", "\n\n# end\n"])
def test_what_ends_a_file_stays(end: str) -> None:
    assert edited("a: 1" + end, (("b",), 2)) == "a: 1\nb: 2" + end
    assert edited("a: 1\nb: 2" + end, (("b",), 3)) == "a: 1\nb: 3" + end
    assert edited("a: 1\nb: 2" + end, (("b",), REMOVED)) == "a: 1" + end


def test_a_text_at_the_end_of_a_file_keeps_its_value_if_a_key_follows() -> None:
    done = edit_text("p: |\n  x", 0, [Edit(("q",), 1)])
    assert done == Edited("p: |-\n  x\nq: 1", ("p",))


def test_a_text_keeps_its_value_if_the_key_behind_it_is_removed() -> None:
    assert edited("p: |\n  x\nq: 1", (("q",), REMOVED)) == "p: |\n  x\n"
    assert edited("p:\n- |\n  x\n- 1", (("p", 1), REMOVED)) == "p:\n- |\n  x\n"


def test_a_text_that_ends_its_last_line_does_so_at_the_end_of_a_file() -> None:
    assert edited("a: x", (("p",), "a\nb\n")) == "a: x\np: |\n  a\n  b\n"
    assert edited("p: x", (("p",), "a\nb\n")) == "p: |\n  a\n  b\n"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a\n\tb\n", "p: |\n  a\n  \tb\n"),
        ("\ta\nb\n", 'p: "\\ta\\nb\\n"\n'),
        (" a\nb\n", "p: |2\n   a\n  b\n"),
        ("\n  \na\n", "p: |2\n\n    \n  a\n"),
        ("a \nb", "p: |-\n  a \n  b\n"),
        ("a\r\nb\n", 'p: "a\\r\\nb\\n"\n'),
        ("a\nb\n\n", "p: |+\n  a\n  b\n\n"),
        ("\n", 'p: "\\n"\n'),
        ("a\n  ", "p: |-\n  a\n    \n"),
        ("a\n\u2028", 'p: "a\\n\\u2028"\n'),
        ("# a\n--- b\n", "p: |\n  # a\n  --- b\n"),
        ("yes", "p: 'yes'\n"), ("1_000", "p: '1_000'\n"), ("0o17", "p: '0o17'\n"), ("", "p: ''\n"), ("<<", "p: '<<'\n"),
        ("a: b", "p: 'a: b'\n"), ("a #b", "p: 'a #b'\n"), ("- a", "p: '- a'\n"), ("a, b", "p: a, b\n"),
        ("...", "p: '...'\n"), ("9" * 5000, f"p: '{'9' * 5000}'\n"),
        (1e20, "p: 1.0e+20\n"), (-1.5, "p: -1.5\n"), (True, "p: true\n"), ([], "p: []\n"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_a_person_would(value: Any, written: str) -> None:
    assert edited("p: old\n", (("p",), value)) == written


def test_an_include_is_written_in_one_line() -> None:
    include = {"$file": "../prompts/support.md"}
    assert edited("p: |\n  a\nq: 1\n", (("p",), include)) == "p: {$file: ../prompts/support.md}\nq: 1\n"
    assert edited("p: {$file: a.md} # c\n", (("p", "$file"), "b.md")) == "p: {$file: b.md} # c\n"
    assert edited("p: 1\n", (("q", "r"), [include])) == "p: 1\nq:\n  r:\n    - {$file: ../prompts/support.md}\n"


def test_a_text_in_double_quotes_with_several_lines_stays_in_them() -> None:
    assert edited('p: "a\\nb" # c\n', (("p",), "c\nd")) == 'p: "c\\nd" # c\n'


def test_a_text_in_place_of_a_list_takes_all_its_lines() -> None:
    text = "p: # c\n  # in the list\n  - 1\n\n# below\n"
    assert edited(text, (("p",), "a\nb\n")) == "p: | # c\n  a\n  b\n\n# below\n"
    assert edited(text, (("p",), 5)) == "p: 5 # c\n  # in the list\n\n# below\n"


def test_blank_lines_below_a_text_do_not_become_part_of_it() -> None:
    assert edited("p: old\n\n\nq: 1\n", (("p",), "a\n\n")) == 'p: "a\\n\\n"\n\n\nq: 1\n'
    assert edited("p: old\n\n\nq: 1\n", (("p",), "a\n")) == "p: |\n  a\n\n\nq: 1\n".replace(
        "p: |\n  a\n", "p: |\n  a\n"
    )


def test_a_comment_below_a_text_does_not_become_part_of_it() -> None:
    text = "p: old\n      # a comment\nq: 1\n"
    assert edited(text, (("p",), "a\nb\n")) == 'p: "a\\nb\\n"\n      # a comment\nq: 1\n'


def test_a_folded_text_stays_folded_if_it_is_one_paragraph() -> None:
    text = "p: >-\n    some words\n    here\n"
    words = "word " * 20 + "end"
    done = edited(text, (("p",), words))
    assert done.startswith("p: >-\n    word word")
    assert max(map(len, done.splitlines())) <= 60
    assert edited(text, (("p",), "a\nb")) == "p: |-\n    a\n    b\n"


def test_new_members_look_like_those_that_are_there() -> None:
    assert edited('{"a": "b"}', (("c",), "d")) == '{"a": "b", "c": "d"}'
    assert edited("a: ['x']\n", (("a", 1), "y")) == "a: ['x', 'y']\n"
    assert edited('a:\n- "x"\n', (("a", 1), "y")) == 'a:\n- "x"\n- "y"\n'
    assert edited("a:\n    b:\n    - 1\n", (("c",), {"d": [1]})) == "a:\n    b:\n    - 1\nc:\n    d:\n    - 1\n"


MULTILINE = "a: {\n  x: 1, # one\n  # between\n  y: 2 # two\n} # end\n"


def test_members_in_brackets_over_several_lines_have_lines_of_their_own() -> None:
    assert edited(MULTILINE, (("a", "z"), 3)) == MULTILINE.replace("y: 2 # two\n", "y: 2, # two\n  z: 3\n")
    assert edited(MULTILINE, (("a", "x"), REMOVED)) == MULTILINE.replace("  x: 1, # one\n", "")
    assert edited(MULTILINE, (("a", "y"), REMOVED)) == MULTILINE.replace("  y: 2 # two\n", "")
    trailing = MULTILINE.replace("2 #", "2, #")
    assert edited(trailing, (("a", "z"), 3), (("a", "w"), 4)) == trailing.replace("two\n", "two\n  z: 3,\n  w: 4,\n")
    assert edited("a: [\n  1,\n  2]\n", (("a", 2), 3)) == "a: [\n  1,\n  2,\n  3]\n"


def test_what_comes_from_an_alias_is_written_at_its_own_place() -> None:
    text = "a: &x {k: 1}\nb: *x\nc:\n  <<: *x\n  l: 2\n"
    assert edited(text, (("b", "k"), 2)) == text.replace("b: *x", "b:\n  k: 2")
    assert edited(text, (("c", "k"), 2)) == text + "  k: 2\n"


def test_the_first_alias_becomes_the_anchor_if_its_value_changes() -> None:
    text = "a: &x {k: 1}\nb: *x # b\nc:\n  - *x\n"
    done = edit_text(text, 0, [Edit(("a", "k"), 2)])
    assert done == Edited("a: {k: 2}\nb: &x # b\n  k: 1\nc:\n  - *x\n", ("b",))
    done = edit_text(text, 0, [Edit(("a",), REMOVED)])
    assert done == Edited("b: &x # b\n  k: 1\nc:\n  - *x\n", ("b",))
    assert edited("a: &x 1\nb: 2\n", (("a",), 3)) == "a: &x 3\nb: 2\n"


def test_a_key_that_is_merged_goes_with_the_merge_key() -> None:
    text = "x: &x {k: 1, l: 2}\na:\n  <<: *x # c\n  m: 3\nb: 1 # d\n"
    done = edit_text(text, 0, [Edit(("a", "k"), REMOVED)])
    assert done == Edited(text.replace("  <<: *x # c\n  m: 3", "  m: 3\n  l: 2"), ("a",))


def test_what_cannot_be_changed_in_parts_is_written_again_and_nothing_else() -> None:
    text = "a: # a\n  - - 1\n    - 2\n  - 3 # 3\nb: 1 # b\n"
    done = edit_text(text, 0, [Edit(("a",), [[1], 4, 5, 3])])
    assert done == Edited("a: # a\n  - - 1\n  - 4\n  - 5\n  - 3\nb: 1 # b\n", ("a",))


def test_the_document_is_named_if_there_are_several() -> None:
    text = "a: 1\n---\na: &x 1\nb:\n  - *x\n"
    assert edit_text(text, 1, [Edit(("a",), 2)]).reformatted == ("b[0] of document 2",)


def test_removing_the_last_member_leaves_an_empty_mapping_or_list() -> None:
    assert edited("a:\n  # c\n  b: 1\n", (("a", "b"), REMOVED)) == "a: {}\n  # c\n"
    assert edited("a:\n- 1\n", (("a", 0), REMOVED)) == "a: []\n"
    assert edited("a: 1 # c\n", (("a",), REMOVED)) == "{}\n"


def test_a_key_without_a_value_gets_one_and_goes() -> None:
    assert edited("a: # c\nb: 1\n", (("a",), 2)) == "a: 2 # c\nb: 1\n"
    assert edited("a: {b, c: , d: 1}\n", (("a", "b"), 2), (("a", "c"), 3)) == "a: {b: 2, c: 3 , d: 1}\n"
    assert edited("? a # c\n? b\nc: 1\n", (("a",), 2)) == "? a # c\n: 2\n? b\nc: 1\n"
    assert edited("a: 1\n? b\nc: 1\n", (("b",), REMOVED)) == "a: 1\nc: 1\n"
    assert edited("a: {b: , c: 1}\n", (("a", "b"), REMOVED)) == "a: {c: 1}\n"
    assert edited("a:\n-\n- x\n", (("a", 0), "y")) == "a:\n- y\n- x\n"


def test_removing_what_is_not_there_changes_nothing() -> None:
    assert edited(MANIFEST, (("nothing",), REMOVED), (("context", "no", "more"), REMOVED)) == MANIFEST


@pytest.mark.parametrize(
    ("path", "value", "match"),
    [
        ((), REMOVED, "whole document"),
        (("key", "below"), 1, "no keys"),
        (("context", "tools", 4), 1, r"no list has an item context\.tools\[4\]|no list"),
        (("context", "tools", 3), REMOVED, "no list"),
        (("context", 0), 1, "no list"),
        (("key",), "\ud800", "no way"),
    ],
)
def test_an_edit_that_cannot_be_made_is_refused(path: tuple[str | int, ...], value: Any, match: str) -> None:
    with pytest.raises(EditFailed, match=match):
        edit_text(MANIFEST, 0, [Edit(path, value)])


def test_a_value_that_is_nested_too_deeply_is_refused() -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH * 20):
        value = [value]
    with pytest.raises(EditFailed, match="levels deep"):
        edit_text("a: 1\n", 0, [Edit(("a",), value)])


@pytest.mark.parametrize("document", [-1, 1])
def test_a_document_that_is_not_there_is_refused(document: int) -> None:
    with pytest.raises(EditFailed, match="has 1 documents"):
        edit_text(MANIFEST, document, [])


def test_a_text_that_is_no_yaml_is_refused() -> None:
    with pytest.raises(EditFailed, match="not valid YAML"):
        edit_text("- a\nb: 1\n", 0, [])


def test_many_edits_are_made_together() -> None:
    text = "".join(f"k{number}: {number} # {number}\n" for number in range(100))
    edits = [(("k" + str(number),), "x") for number in range(100)]
    assert edited(text, *edits) == "".join(f"k{number}: x # {number}\n" for number in range(100))


def test_what_no_number_is_does_not_hinder_an_edit() -> None:
    assert edited("a: .nan\nb: 1\n", (("b",), 2)) == "a: .nan\nb: 2\n"
    assert edited("a: 1\n", (("a",), float("nan")), (("b",), -math.inf)) == "a: .nan\nb: -.inf\n"


def test_a_key_too_long_for_its_line_is_written_in_the_end() -> None:
    done = edit_text("a: 1\n", 0, [Edit(("k" * 1100,), 2)])
    assert values_of(done.text) == [{"a": 1, "k" * 1100: 2}]
    assert done.reformatted == ("document 1",)


def _as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2)


LAYOUTS: list[Callable[[dict[str, Any]], str]] = [
    emit,
    lambda document: emit(document).removesuffix("\n"),
    lambda document: emit(document).replace("\n", "\r\n"),
    lambda document: "# head\n" + emit(document) + "# end\n",
    _as_json,
    json.dumps,
]


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, int, list[Edit], list[Any]]:
    """A text, edits of one of its documents, and what all documents are after them."""
    layout = draw(st.sampled_from(LAYOUTS))
    values: list[Any] = draw(st.lists(json_objects(), min_size=1, max_size=2))
    number = draw(st.integers(0, len(values) - 1))
    texts = [emit(value) for value in values[:-1]] + [layout(values[-1])]
    text = "---\n".join(texts)
    value = values[number]
    edits = []
    for _ in range(draw(st.integers(1, 3))):
        path: tuple[str | int, ...] = draw(st.sampled_from(sorted(_paths(value), key=repr)))
        inner = get(value, path)
        new: Any = draw(json_values() if path else json_objects())
        if isinstance(inner, dict) and draw(st.booleans()):
            path = (*path, draw(st.sampled_from(["new", "k: v", "#"])))
        elif isinstance(inner, list) and draw(st.booleans()):
            path = (*path, len(inner))
        elif bool(path) and draw(st.booleans()):
            edits.append(Edit(path, REMOVED))
            value = without(value, path)
            continue
        edits.append(Edit(path, new))
        value = replaced(value, path, new)
    return text, number, edits, [*values[:number], value, *values[number + 1 :]]


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for step, item in members for inner in _paths(item, (*path, step)))]


@given(cases())
def test_random_edits_of_random_documents_read_back(case: tuple[str, int, list[Edit], list[Any]]) -> None:
    text, document, edits, expected = case
    try:
        values_of(text)
    except YamlError:
        return  # characters that this layout does not escape
    assert same(values_of(edit_text(text, document, edits).text), expected)
