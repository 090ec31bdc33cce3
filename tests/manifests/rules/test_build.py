"""The id of a manifest: of its key, of the key that it had first, or of its own naming."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.identity import derived_id
from tests.manifests.manifest_project import OVERLAID

if TYPE_CHECKING:
    from tests.manifests.manifest_project import ManifestProject

ID = "62e209ca-9154-432a-b9e9-2d75c7a9219b"


def test_a_manifest_that_was_never_moved_has_the_id_of_its_key(project: ManifestProject) -> None:
    project.write_all(support="graph_id: g\n")
    desired = project.one()
    assert (desired.assistant_id, desired.moved_from) == (derived_id("acme", "support"), ())


@pytest.mark.parametrize(
    ("written", "keys"), [("helpdesk", ("helpdesk",)), ("[helpdesk, service]", ("helpdesk", "service"))]
)
def test_the_oldest_key_gives_the_id(project: ManifestProject, written: str, keys: tuple[str, ...]) -> None:
    project.write_all(support=f"graph_id: g\nmoved_from: {written}\n")
    desired = project.one()
    assert (desired.key, desired.content.name) == ("support", "support")
    assert (desired.assistant_id, desired.id_is_named) == (derived_id("acme", "helpdesk"), False)
    assert desired.moved_from == keys


def test_an_id_that_is_named_goes_before_the_one_that_is_derived(project: ManifestProject) -> None:
    project.write_all(support=f"graph_id: g\nmoved_from: helpdesk\nassistant_id: {ID}\n")
    desired = project.one()
    assert (desired.assistant_id, desired.id_is_named, desired.moved_from) == (ID, True, ("helpdesk",))


@pytest.mark.parametrize(
    ("written", "way_out"),
    [
        ("support", "remove moved_from"),
        ("[support, helpdesk]", "remove moved_from"),
        ("[helpdesk, support]", "remove that key from the list"),
    ],
)
def test_a_manifest_was_not_moved_from_its_own_key(project: ManifestProject, written: str, way_out: str) -> None:
    project.write_all(support=f"graph_id: g\nmoved_from: {written}\n")
    assert project.problems() == [
        "assistants/support.yaml:2:13: moved_from names 'support', the key that this manifest has now; " + way_out
    ]


def test_an_overlay_cannot_say_what_was_moved(project: ManifestProject) -> None:
    project.write("assistant-sync.yaml", OVERLAID)
    project.write("overlays/staging/.gitkeep", "")
    project.write_all(support="graph_id: g\nmoved_from: helpdesk\n")
    project.write("overlays/production/support.yaml", "name: S\nmoved_from: service\n")
    assert project.problems("production") == [
        (
            "overlays/production/support.yaml:2:1: moved_from is the same on every target: put it into the manifest, "
            "not into an overlay"
        )
    ]


def test_the_first_name_of_the_project_gives_the_ids(project: ManifestProject) -> None:
    text = "version: 1\nproject: acme\nformer_projects: [first, second]\n"
    project.write("assistant-sync.yaml", text)
    project.write_all(support="graph_id: g\nmoved_from: helpdesk\n", sales="graph_id: g\n")
    found = {one.key: one.assistant_id for one in project.load(None).desired}
    assert found == {"sales": derived_id("first", "sales"), "support": derived_id("first", "helpdesk")}
