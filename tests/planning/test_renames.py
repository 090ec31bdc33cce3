"""A renamed manifest is seen, edited in the same commit or not."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.model.frozen import replace
from tests.builders import make_desired, make_id
from tests.planning.plans import plan
from tests.planning.rows import stored

PROMPT = "You are the FAQ agent.\nAnswer in short.\nQuote the help center.\nNever guess.\n"


def renames(new: dict[str, dict[str, Any]], old: dict[str, dict[str, Any]], **policy: Any) -> dict[str, str]:
    """What a plan says was renamed: the old key by the new one."""
    made = plan(
        [make_desired(key, **fields) for key, fields in new.items()],
        [stored(make_desired(key, **fields)) for key, fields in old.items()],
        **policy,
    )
    return {
        str(one.key): one.message.split("'")[1]
        for one in made.warnings
        if one.message.startswith("looks like a rename")
    }


def test_nothing_is_renamed_where_every_key_is_still_there() -> None:
    assert renames({"faq": {}}, {"faq": {"context": {"p": PROMPT}}}) == {}


def test_an_equal_content_is_a_rename() -> None:
    fields: dict[str, Any] = {"context": {"p": PROMPT}}
    assert renames({"questions": fields}, {"faq": fields}) == {"questions": "faq"}


def test_a_rename_with_an_edit_is_one_too_pruned_or_not() -> None:
    new = {"questions": {"context": {"p": PROMPT.replace("short", "detail"), "m": 2}}}
    old = {"faq": {"context": {"p": PROMPT, "m": 1}}}
    assert renames(new, old) == {"questions": "faq"}
    assert renames(new, old, prune=True) == {"questions": "faq"}


def test_the_same_graph_and_display_name_are_enough() -> None:
    assert renames({"b": {"name": "Help", "context": {"a": 1}}}, {"a": {"name": "Help", "context": {"z": 9}}}) == {
        "b": "a"
    }


def test_another_graph_or_another_content_is_another_assistant() -> None:
    old = {"faq": {"context": {"p": PROMPT}}}
    assert renames({"b": {"graph_id": "other", "context": {"p": PROMPT}}}, old) == {}
    assert renames({"b": {"context": {"p": "You sell shoes.\nBe loud.\n"}}}, old) == {}
    assert renames({"b": {}}, old) == {}


def test_each_has_one_partner_the_nearest() -> None:
    one, two = {"context": {"p": PROMPT + "One.\n"}}, {"context": {"p": PROMPT + "Two.\n"}}
    found = renames({"x": {**one, "description": "d"}, "y": {**two, "description": "d"}}, {"a": one, "b": two})
    assert found == {"x": "a", "y": "b"}


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=4), st.lists(st.sampled_from("efgh"), max_size=4))
def test_no_assistant_is_the_partner_of_two(new: list[str], old: list[str]) -> None:
    fields: dict[str, Any] = {"context": {"p": PROMPT}}
    found = renames(dict.fromkeys(new, fields), dict.fromkeys(old, fields))
    assert len(set(found.values())) == len(found) <= min(len(set(new)), len(set(old)))


def test_a_manifest_that_says_what_it_was_moved_from_is_not_asked_again() -> None:
    fields: dict[str, Any] = {"name": "FAQ", "context": {"p": PROMPT}}
    new = replace(make_desired("questions", **fields), assistant_id=make_id("first"), moved_from=("first",))
    assert plan([new], [stored(make_desired("faq", **fields))]).warnings == ()


def test_an_assistant_whose_id_no_key_gives_is_kept_by_its_id() -> None:
    own = "0" * 8 + "-0000-4000-8000-" + "0" * 12
    old = make_desired("faq", assistant_id=own, context={"p": PROMPT})
    (warning,) = plan([make_desired("questions", context={"p": PROMPT})], [stored(old)]).warnings
    assert warning.message.endswith(f"put 'assistant_id: {own}' into assistants/questions.yaml")


def test_an_assistant_that_was_renamed_before_is_kept_with_all_its_keys() -> None:
    row = stored(make_desired("b", assistant_id=make_id("a"), context={"p": PROMPT}), version=2)
    before = stored(make_desired("a", context={"p": PROMPT}))
    (warning,) = plan([make_desired("c", context={"p": PROMPT})], [row], versions=[before], prune=True).warnings
    assert "put 'moved_from: [a, b]' into assistants/c.yaml, or" in warning.message
