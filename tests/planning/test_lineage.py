"""From which project and key an id was derived, and the line that keeps an assistant under another key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.frozen import replace
from assistant_sync.model.identity import derived_id
from assistant_sync.planning.lineage import Lineage, how_to_keep, lineage, manifest_line
from tests.builders import PROJECT, make_desired, make_id
from tests.planning.rows import make_policy, owned_row, stored

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Desired
    from assistant_sync.planning.ownership import Owned

OTHER_ID = "0" * 8 + "-0000-4000-8000-" + "0" * 12


def moved(key: str, *moved_from: str) -> Desired:
    """A manifest that was moved from other keys, the oldest first."""
    first = (*moved_from, key)[0]
    return replace(make_desired(key), assistant_id=make_id(first), moved_from=moved_from)


def history(*keys: str, own: str | None = None, project: str = PROJECT) -> Owned:
    """An assistant that had these keys, one in each version."""
    own = own or derived_id(project, keys[0])
    rows = [
        stored(make_desired(key, assistant_id=own), version=number, project=project)
        for number, key in enumerate(keys, start=1)
    ]
    return replace(owned_row(rows[-1]), versions=tuple(reversed(rows)))


def test_an_assistant_that_was_never_renamed_comes_from_its_key() -> None:
    assert lineage(history("support")) == Lineage(PROJECT, ("support",))


def test_an_id_that_a_manifest_named_comes_from_nowhere() -> None:
    assert lineage(history("support", own=OTHER_ID), [PROJECT]) is None


def test_the_keys_are_found_in_the_versions_the_oldest_first() -> None:
    assert lineage(history("a", "b", "a", "c")) == Lineage(PROJECT, ("a", "b", "c"))
    assert lineage(replace(history("a", "b"), versions=())) is None


def test_an_adopted_assistant_that_takes_a_key_later_comes_from_that() -> None:
    assert lineage(history("x", "a", "b", own=make_id("a"))) == Lineage(PROJECT, ("a", "b"))


def test_the_project_of_the_first_version_counts() -> None:
    old = stored(make_desired("a", assistant_id=derived_id("old", "a")), project="old")
    new = stored(make_desired("a", assistant_id=derived_id("old", "a")), version=2)
    assert lineage(replace(owned_row(new), versions=(new, old))) == Lineage("old", ("a",))
    assert lineage(owned_row(new)) is None
    assert lineage(owned_row(new), ["old"]) == Lineage("old", ("a",))


def test_the_stamp_of_another_assistant_that_came_along_counts_for_nothing() -> None:
    copied = stored(make_desired("a", assistant_id=make_id("b")), id=OTHER_ID)
    row = stored(make_desired("b"), version=2)
    assert lineage(replace(owned_row(row), versions=(row, copied))) == Lineage(PROJECT, ("b",))


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("a",), "moved_from: a"),
        (("a", "b"), "moved_from: [a, b]"),
        (("a", "new", "b"), "moved_from: [a, b]"),
        (("1.0", "true"), "moved_from: ['1.0', 'true']"),
        (("2fa",), "moved_from: '2fa'"),
    ],
)
def test_the_line_names_all_keys_and_quotes_what_yaml_would_take_for_another_value(
    keys: tuple[str, ...], line: str
) -> None:
    assert manifest_line(history(*keys), "new", make_policy()) == line


def test_if_no_key_gives_the_id_the_line_names_the_id() -> None:
    assert manifest_line(history("a", own=OTHER_ID), "new", make_policy()) == f"assistant_id: {OTHER_ID}"
    assert manifest_line(history("new", "b"), "new", make_policy()) == f"assistant_id: {make_id('new')}"
    hostile = history("a: [b\n", own=OTHER_ID)
    assert manifest_line(hostile, "new", make_policy()) == f"assistant_id: {OTHER_ID}"
    of_former = history("a", project="old")
    assert manifest_line(of_former, "new", make_policy()) == f"assistant_id: {derived_id('old', 'a')}"
    assert manifest_line(of_former, "new", make_policy(former_projects=("old",))) == "moved_from: a"


def test_a_second_rename_is_kept_with_both_keys() -> None:
    way = how_to_keep(moved("c", "b"), history("a", "b"), make_policy())
    assert way == "put this line into the manifest: moved_from: [a, b]"


def test_a_key_that_gives_the_id_itself_needs_no_other_one() -> None:
    assert how_to_keep(moved("b", "a"), history("b"), make_policy()) == "remove moved_from from the manifest"


def test_an_assistant_of_a_former_project_is_kept_in_the_project_file() -> None:
    way = how_to_keep(make_desired("a"), history("a", project="old"), make_policy())
    assert way == "put this line into the project file: former_projects: [old]"
    later = make_policy(former_projects=("older",))
    way = how_to_keep(make_desired("a"), history("a", project="old"), later)
    assert way == f"put this line into the manifest: assistant_id: {derived_id('old', 'a')}"


def test_a_manifest_that_names_its_id_names_the_other_one_instead() -> None:
    named = make_desired("a", assistant_id=OTHER_ID)
    way = how_to_keep(named, history("a"), make_policy())
    assert way == f"put this line into the manifest: assistant_id: {make_id('a')}"
