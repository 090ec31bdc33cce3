"""Manifests that would be one assistant because of a key that one of them had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.identity import derived_id

if TYPE_CHECKING:
    from tests.manifests.manifest_project import ManifestProject

ID = "62e209ca-9154-432a-b9e9-2d75c7a9219b"
GOOD = "graph_id: g\n"


def test_manifests_that_were_not_moved_have_nothing_in_common(project: ManifestProject) -> None:
    project.write_all(a=GOOD, b=GOOD)
    assert project.problems() == []


def test_a_key_that_was_given_up_cannot_be_used_again(project: ManifestProject) -> None:
    project.write_all(helpdesk="key: helpdesk\n" + GOOD, support=GOOD + "moved_from: helpdesk\n")
    assert project.problems() == [
        (
            "assistants/helpdesk.yaml:1:6: the key 'helpdesk' is the one that 'support', at assistants/support.yaml:2, "
            "was moved from: both would be one assistant. Choose another key, or remove the manifest if its assistant "
            "was renamed"
        ),
        (
            "assistants/support.yaml:2:13: moved_from names 'helpdesk', and a manifest has this key, at "
            "assistants/helpdesk.yaml:1: both would be one assistant. Remove that manifest if its assistant was "
            "renamed, or else remove moved_from"
        ),
    ]


def test_it_can_if_one_of_the_two_names_another_id(project: ManifestProject) -> None:
    project.write_all(helpdesk=f"{GOOD}assistant_id: {ID}\n", support=GOOD + "moved_from: helpdesk\n")
    assert project.problems() == []


def test_two_manifests_were_not_moved_from_one_key(project: ManifestProject) -> None:
    project.write_all(a=GOOD + "moved_from: helpdesk\n", b=GOOD + "moved_from: [helpdesk, service]\n")
    problems = project.problems()
    assert [one.split(": ")[0] for one in problems] == ["assistants/a.yaml:2:13", "assistants/b.yaml:2:13"]
    assert problems[0].endswith(
        "moved_from names 'helpdesk', and so does 'b', at assistants/b.yaml:2: both would be one assistant. Keep "
        "moved_from in the one that goes on with it"
    )


def test_a_named_id_that_a_former_key_derives_is_reported_at_both_places(project: ManifestProject) -> None:
    own = derived_id("acme", "helpdesk")
    project.write_all(a=GOOD + "moved_from: helpdesk\n", b=f"{GOOD}assistant_id: {own}\n")
    derived = f"the assistant_id {own}, derived from project and key 'helpdesk', is also used by 'b'"
    assert set(project.problems()) == {
        f"assistants/a.yaml:2:13: {derived}, at assistants/b.yaml:2; ids must be unique",
        (
            f"assistants/b.yaml:2:15: the assistant_id {own} is also used by 'a', at assistants/a.yaml:2; "
            "ids must be unique"
        ),
    }


def test_two_assistants_may_swap_their_keys(project: ManifestProject) -> None:
    project.write_all(a=GOOD + "moved_from: b\n", b=GOOD + "moved_from: a\n")
    loaded = project.load()
    assert loaded.problems == ()
    assert {one.key: one.assistant_id for one in loaded.desired} == {
        "a": derived_id("acme", "b"),
        "b": derived_id("acme", "a"),
    }
