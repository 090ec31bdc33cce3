from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from assistant_sync.manifests.limits import MAX_DEPTH
from assistant_sync.manifests.yaml12.errors import YamlError
from assistant_sync.manifests.yaml12.locate import YamlLocator
from assistant_sync.manifests.yaml12.parser import parse_documents
from assistant_sync.manifests.yaml12.scalars import resolve_plain
from tests.strategies import MAX_INTEGER

BMP = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | BMP
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(BMP, inner, max_size=4), max_leaves=12
)
MARKS = st.text(st.sampled_from("a1 -:?[]{},#&*!|>'\"%@`~<=\n\t\\.0xX_\r\ufeffé\u2028"), max_size=40)


@pytest.fixture(params=["libyaml", "pure Python"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", request.param == "libyaml")


def value(text: str) -> Any:
    (document,) = parse_documents(text)
    return document.value


def fails(text: str) -> tuple[int, int, str]:
    with pytest.raises(YamlError) as raised:
        parse_documents(text)
    return raised.value.line, raised.value.column, raised.value.message


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n"])
def test_a_text_without_content_has_no_documents(text: str) -> None:
    assert parse_documents(text) == []


@pytest.mark.usefixtures("_parser")
class TestScalars:
    @pytest.mark.parametrize("text", ["no", "No", "on", "off", "y", "yes", "n"])
    def test_words_that_yaml_1_1_took_for_booleans_are_text(self, text: str) -> None:
        assert value(f"a: {text}") == {"a": text}

    @pytest.mark.parametrize(
        "text",
        ["12:30", "2026-11-22", "2026-11-22T10:00:00Z", "1_000", "0b11", "0o18", "0xg", "+0x1", "-0o7", "1e", "e5", ".",
         "+", "-.", "1.2.3", "nUll", "tRue", ".Nan", "+.nan", "inf", "nan", "1,5", "١٢", "0x", "--1", "1 2", "<<",
         "=", "a#b", "0.5.", "1e5x"],
    )  # fmt: skip
    def test_what_the_core_schema_does_not_know_is_text(self, text: str) -> None:
        assert value(f"a: {text}") == {"a": text}
        assert isinstance(value(f"a: {text}")["a"], str)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None),
            ("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False),
            ("0", 0), ("-1", -1), ("+7", 7), ("007", 7), ("0o17", 15), ("0xfF", 255),
            ("9007199254740993", 9007199254740993), ("1e5", 1e5),
            ("1.5", 1.5), (".5", 0.5), ("-1.", -1.0), ("+1.5E-3", 0.0015), ("0.0", 0.0),
            ("1e400", math.inf), (".inf", math.inf), ("-.Inf", -math.inf), ("+.INF", math.inf),
        ],
    )  # fmt: skip
    def test_constants_and_numbers_are_what_they_look_like(self, text: str, expected: object) -> None:
        found = value(f"a: {text}")["a"]
        assert (found, type(found)) == (expected, type(expected))

    @pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
    def test_not_a_number_is_read(self, text: str) -> None:
        assert math.isnan(value(text))

    @pytest.mark.parametrize("text", ["'1'", '"true"', "'null'", '""', "|\n  1\n", ">-\n  1e5\n"])
    def test_quoted_and_block_scalars_are_text(self, text: str) -> None:
        assert isinstance(value(f"a: {text}")["a"], str)

    def test_a_number_of_thousands_of_digits_is_refused(self) -> None:
        assert fails("a: " + "9" * 5000) == (1, 4, "a number with thousands of digits; quote it if it is text")
        assert value("a: '" + "9" * 5000 + "'") == {"a": "9" * 5000}

    def test_a_block_keeps_its_line_ends_and_loses_its_carriage_returns(self) -> None:
        assert value("a: |\r\n  x\r\n  y\r\n") == {"a": "x\ny\n"}


@pytest.mark.usefixtures("_parser")
class TestMappings:
    def test_a_key_that_is_given_twice_is_an_error_at_the_second(self) -> None:
        assert fails("a:\n  b: 1\n  c: 2\n  b: 3\n") == (4, 3, "the key 'b' is given twice")

    def test_the_same_key_in_two_mappings_is_fine(self) -> None:
        assert value("a: {b: 1}\nc: {b: 1}") == {"a": {"b": 1}, "c": {"b": 1}}

    @pytest.mark.parametrize("key", ["1", "true", "null", "1.5", "~"])
    def test_a_key_that_is_no_text_must_be_quoted(self, key: str) -> None:
        assert fails(f"a:\n  {key}: x") == (2, 3, f"a key must be text: quote it, as in '{key}': ...")
        assert value(f"'{key}': x") == {key: "x"}

    @pytest.mark.parametrize("text", ["? [a]\n: 1", "? {a: 1}\n: 1", "[a]: 1"])
    def test_a_list_or_mapping_is_no_key(self, text: str) -> None:
        assert fails(text)[2].startswith("a key must be text, not a list or mapping")

    def test_a_missing_key_is_reported(self) -> None:
        assert fails("? \n: 1")[2] == "a key is missing before ':'"

    def test_an_alias_to_text_is_a_key(self) -> None:
        assert value("a: &k key\n*k : 1") == {"a": "key", "key": 1}


@pytest.mark.usefixtures("_parser")
class TestAliases:
    def test_an_alias_stands_for_its_anchor(self) -> None:
        assert value("a: &x [1, {b: 2}]\nc: *x") == {"a": [1, {"b": 2}], "c": [1, {"b": 2}]}

    def test_an_anchor_may_be_set_again(self) -> None:
        assert value("a: &x 1\nb: *x\nc: &x 2\nd: *x") == {"a": 1, "b": 1, "c": 2, "d": 2}

    def test_an_alias_without_anchor_is_an_error(self) -> None:
        assert fails("a: 1\nb: *x") == (2, 4, "the alias *x has no anchor &x before it")

    def test_anchors_end_with_their_document(self) -> None:
        assert fails("a: &x 1\n---\nb: *x")[:2] == (3, 4)

    @pytest.mark.parametrize("text", ["&a [*a]", "&a {b: *a}", "a: &a\n  b: {c: [*a]}", "&a {<<: *a}"])
    def test_a_value_must_not_contain_itself(self, text: str) -> None:
        assert fails(text)[2] == "the alias *a refers to a value that contains the alias itself"

    def test_a_merge_key_adds_what_is_not_there(self) -> None:
        text = "a: &x {m: 1, n: 2}\nb:\n  n: 3\n  <<: *x\n  o: 4"
        assert value(text)["b"] == {"m": 1, "n": 3, "o": 4}

    def test_of_several_merged_mappings_the_first_wins(self) -> None:
        assert value("- &x {m: 1}\n- &y {m: 2, n: 2}\n- <<: [*x, *y]")[2] == {"m": 1, "n": 2}

    def test_a_quoted_merge_key_is_a_key(self) -> None:
        assert value('a: &x {m: 1}\nb: {"<<": *x}')["b"] == {"<<": {"m": 1}}

    def test_a_merge_does_not_change_what_it_merges(self) -> None:
        assert value("a: &x {m: 1}\nb: {<<: *x, n: 2}")["a"] == {"m": 1}

    @pytest.mark.parametrize("merged", ["1", "text", "[1]", "[{a: 1}, x]", "null"])
    def test_only_mappings_can_be_merged(self, merged: str) -> None:
        assert fails(f"a:\n  <<: {merged}") == (2, 7, "'<<' merges a mapping, or a list of mappings")

    def test_two_merge_keys_are_an_error(self) -> None:
        assert fails("<<: {a: 1}\n<<: {b: 1}") == (2, 1, "'<<' is given twice: give one list of mappings")

    @pytest.mark.parametrize(
        "text",
        [
            "a: &a0 [x]\n" + "".join(f"b{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)),
            "a: &a0 {x: 1}\n" + "".join(f"b{n}: &a{n} {{<<: *a{n - 1}, k{n}: 1}}\n" for n in range(1, 1500)),
            "a: &a " + "x" * 100_000 + "\nb: [" + "*a, " * 1000 + "]",
        ],
        ids=["nested lists", "chain of merges", "long text"],
    )
    def test_an_alias_bomb_is_refused_before_it_goes_off(self, text: str) -> None:
        assert fails(text)[2] == "the aliases of this file expand to more than 10 MiB"

    def test_ordinary_aliases_are_far_from_the_bound(self) -> None:
        text = "a: &a " + "x" * 1000 + "\nb: [" + "*a, " * 1000 + "]"
        assert len(value(text)["b"]) == 1000


@pytest.mark.usefixtures("_parser")
class TestBounds:
    @pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}"), ("- ", "")])
    def test_the_deepest_nesting_is_read_and_one_more_is_not(self, opening: str, closing: str) -> None:
        assert value(opening * MAX_DEPTH + "1" + closing * MAX_DEPTH)
        text = opening * (MAX_DEPTH + 1) + "1" + closing * (MAX_DEPTH + 1)
        assert fails(text)[2] == "nested more than 100 levels deep"

    def test_aliases_do_not_nest_deeper(self) -> None:
        deep = "[" * 60 + "]" * 60
        assert value(f"a: &a {deep}\nb: {'[' * 39}*a{']' * 39}")
        assert fails(f"a: &a {deep}\nb: {'[' * 40}*a{']' * 40}") == (2, 44, "nested more than 100 levels deep")

    @pytest.mark.parametrize("tag", ["!!str", "!!int", "!x", "!", "!<tag:x>", "!!python/object/apply:os.system"])
    @pytest.mark.parametrize("tagged", ["x", "[x]", "{x: 1}", "'x'"])
    def test_every_tag_is_refused(self, tag: str, tagged: str) -> None:
        assert fails(f"a: {tag} {tagged}")[1:] == (
            4,
            "tags are not supported: remove the tag, or quote a text that starts with '!'",
        )


@pytest.mark.usefixtures("_parser")
class TestDocuments:
    def test_each_has_the_line_of_its_content(self) -> None:
        text = "# c\na: 1\n---\n# c\n\nb: 2\n---\n---\nc: 3\n"
        found = [(document.value, document.line) for document in parse_documents(text)]
        assert [one for one in found if one[0]] == [({"a": 1}, 2), ({"b": 2}, 6), ({"c": 3}, 9)]
        assert len(found) == 4

    def test_another_yaml_version_is_refused(self) -> None:
        assert fails("%YAML 1.1\n---\na: yes")[2] == "files are read as YAML 1.2: remove the %YAML line"
        assert value("%YAML 1.2\n---\na: yes") == {"a": "yes"}


def test_characters_beyond_the_first_plane_are_fine() -> None:
    assert value("ä: 🚀") == {"ä": "🚀"}


@given(JSON)
@example({"\0": ["\x7f", "\x85", "\u2028", "\ufeff", "\ufffe"]})
def test_json_means_the_same(expected: Any) -> None:
    found = value(json.dumps(expected))
    assert found == expected
    assert json.dumps(found) == json.dumps(expected), "types are the same too"


@given(st.text(max_size=60))
def test_a_dumped_text_comes_back(text: str) -> None:
    with suppress(ValueError):
        if text and resolve_plain(text) != text:
            return  # YAML 1.1 would read it as text, and so its dumper does not quote it
    assert value(yaml.safe_dump({"a": text, "b": [text]})) == {"a": text, "b": [text]}


@given(st.text(max_size=80) | MARKS)
@example("? ? x")
@example('"\\UFFFFFFFF"')
@example("\ufeff\ufeffa")
@pytest.mark.parametrize("with_libyaml", [True, False])
def test_any_text_is_read_or_has_a_mistake(with_libyaml: bool, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "__with_libyaml__", with_libyaml)
        with suppress(YamlError):
            parse_documents(text)


class TestTabs:
    @pytest.mark.parametrize(
        "text", ["a: |\n  \tx\n  y\nb: 1\n", "a: >-\n\n  \tx\nb: 1\n", "a: | # said\n  \tx\nb: 1\n", "- |+\n  \tx\n"]
    )
    def test_a_block_may_begin_with_a_tab_which_is_content(self, text: str) -> None:
        (document,) = parse_documents(text)
        assert "\\tx" in repr(document.value)
        assert YamlLocator(text).place(0, ("b",)) == ((1, 1) if text[0] == "-" else (text.count("\n"), 4))

    def test_a_tab_that_indents_is_an_error_all_the_same(self) -> None:
        assert "indent with spaces" in fails("a:\n\tb: 1")[2]


class TestPlaceholders:
    @pytest.mark.parametrize(
        "text", ["a: '{topic}'", "a: see {topic}", "a: {topic: 1}", "a: {}", "a: {b, c}", "a:\n  b:\n"]
    )
    def test_what_is_written_as_it_is_meant_is_none(self, text: str) -> None:
        assert parse_documents(text)[0].placeholders == ()

    def test_a_name_in_braces_without_quotes_is_one(self) -> None:
        (document,) = parse_documents("a:\n  b: { user name }\nc: [{topic}]\n")
        assert document.placeholders == ((2, 6, "user name"), (3, 5, "topic"))
        assert document.value == {"a": {"b": {"user name": None}}, "c": [{"topic": None}]}

    def test_two_braces_without_quotes_are_a_key_that_is_no_text_and_the_way_out_is_quotes(self) -> None:
        assert fails("a: {{ base }}/x")[2].endswith("; if '{{ ... }}' is a placeholder, quote the whole text")

    def test_many_of_them_are_not_all_listed(self) -> None:
        (document,) = parse_documents("\n".join(["a:", *("  - {x}",) * 100_000]))
        assert len(document.placeholders) == 20
