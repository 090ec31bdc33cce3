from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from assistant_sync.manifests.overlays import has_path, merge_patch
from tests.manifests.manifest_project import OVERLAID
from tests.strategies import json_objects

if TYPE_CHECKING:
    from tests.manifests.manifest_project import ManifestProject

BASE = "graph_id: agent\nname: Support\ncontext: {m: openai, n: {a: 1, b: 2}, l: [1, 2]}\nmetadata: {team: cx}\n"


@pytest.fixture
def overlaid(project: ManifestProject) -> ManifestProject:
    project.write("assistant-sync.yaml", OVERLAID)
    project.write("overlays/staging/.gitkeep", "")
    project.write("overlays/production/.gitkeep", "")
    project.write_all(support=BASE)
    return project


class TestMergePatch:
    def test_an_empty_patch_changes_nothing(self) -> None:
        assert merge_patch({"a": 1}, {}) == {"a": 1}

    # The test cases of RFC 7396, appendix A, that have objects on both sides.
    @pytest.mark.parametrize(
        ("base", "patch", "merged"),
        [
            ({"a": "b"}, {"a": "c"}, {"a": "c"}),
            ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
            ({"a": "b"}, {"a": None}, {}),
            ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
            ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
            ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
            ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
            ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
            ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
            ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
            ({"a": 1}, {"a": {"b": None, "c": 2}}, {"a": {"c": 2}}),
        ],
    )
    def test_it_merges_as_in_the_rfc(self, base: Any, patch: Any, merged: Any) -> None:
        assert merge_patch(base, patch) == merged

    @given(json_objects(), json_objects())
    def test_it_is_idempotent_and_changes_neither_side(self, base: dict[str, Any], patch: dict[str, Any]) -> None:
        before = repr((base, patch))
        once = merge_patch(base, patch)
        assert merge_patch(once, patch) == once
        assert repr((base, patch)) == before


def test_a_document_has_a_path_if_every_step_exists() -> None:
    fields: dict[str, Any] = {"a": [1, {"b": None}]}
    assert has_path(fields, ("a", 1, "b"))
    assert not has_path(fields, ("a", 2))
    assert not has_path(fields, ("a", 0, "b"))
    assert not has_path(fields, ("b",))


def test_an_empty_overlay_changes_nothing(overlaid: ManifestProject) -> None:
    assert overlaid.one("production") == overlaid.one("local")


@pytest.mark.parametrize(
    ("manifest", "overlay", "expected"),
    [
        ("", "lifecycle: {prevent_delete: true}\n", True),
        ("lifecycle: {prevent_delete: true}\n", "name: x\n", True),
        ("lifecycle: {prevent_delete: true}\n", "lifecycle: {prevent_delete: false}\n", False),
        ("lifecycle: {prevent_delete: true}\n", "lifecycle: null\n", False),
    ],
    ids=["set", "left", "unset", "removed"],
)
def test_an_overlay_may_protect_on_one_target_alone(
    overlaid: ManifestProject, manifest: str, overlay: str, expected: bool
) -> None:
    overlaid.write_all(support=BASE + manifest)
    overlaid.write("overlays/production/support.yaml", overlay)
    assert overlaid.one("production").prevent_delete is expected
    assert overlaid.one("local").prevent_delete is bool(manifest)


def test_a_wrong_lifecycle_of_an_overlay_is_reported_there(overlaid: ManifestProject) -> None:
    overlaid.write("overlays/production/support.yaml", "name: x\nlifecycle:\n  prevent_deletion: true\n")
    (problem,) = overlaid.problems("production")
    assert problem == (
        "overlays/production/support.yaml:3:3: "
        "unknown field 'prevent_deletion' in lifecycle; did you mean 'prevent_delete'?"
    )


def test_an_overlay_merges_into_the_manifest_of_its_key(overlaid: ManifestProject) -> None:
    overlaid.write(
        "overlays/production/deep/support.yaml",
        "name: Support (production)\ncontext: {m: anthropic, n: {a: null, c: 3}, l: [9]}\nmetadata: {team: null}\n",
    )
    desired = overlaid.one("production")
    assert desired.content.name == "Support (production)"
    assert desired.content.context == {"m": "anthropic", "n": {"b": 2, "c": 3}, "l": [9]}
    assert desired.metadata_keys == ()
    assert desired.source == "assistants/support.yaml"
    assert overlaid.one("local").content.name == "Support"


def test_an_overlay_may_set_the_id_and_name_its_key(overlaid: ManifestProject) -> None:
    overlaid.write("overlays/production/all.yaml", "key: support\nassistant_id: 62E209CA9154432AB9E92D75C7A9219B\n")
    desired = overlaid.one("production")
    assert (desired.assistant_id, desired.id_is_named) == ("62e209ca-9154-432a-b9e9-2d75c7a9219b", True)


@pytest.mark.parametrize("value", ["9007199254740993", ".inf", '"a\\0b"'])
def test_a_value_of_an_overlay_that_no_server_keeps_is_reported_there(value: str, overlaid: ManifestProject) -> None:
    overlaid.write("overlays/production/support.yaml", f"context: {{k: {value}}}\n")
    (problem,) = overlaid.problems("production")
    assert problem.startswith("overlays/production/support.yaml:1:14: context.k ")


def test_several_overlays_may_share_a_file(overlaid: ManifestProject) -> None:
    overlaid.write_all(other="graph_id: g\n")
    overlaid.write("overlays/production/all.yml", "key: support\nname: A\n---\nkey: other\nname: B\n")
    assert [desired.content.name for desired in overlaid.load("production").desired] == ["B", "A"]


def test_an_included_text_replaces_and_is_relative_to_the_overlay(overlaid: ManifestProject) -> None:
    overlaid.write("overlays/production/p.md", "text")
    overlaid.write("overlays/production/support.yaml", "context: {n: {$file: p.md}}\n")
    assert overlaid.one("production").content.context["n"] == "text"
    loaded = overlaid.load("production")
    assert {"overlays/production/p.md", "overlays/production/support.yaml"} <= set(loaded.files)


def test_what_only_the_overlay_completes_is_checked_with_it(overlaid: ManifestProject) -> None:
    overlaid.write_all(support="name: Support\n")
    overlaid.write("overlays/production/support.yaml", "graph_id: agent\n")
    assert overlaid.one("production").content.graph_id == "agent"
    assert overlaid.problems("local") == ["assistants/support.yaml:1:1: graph_id is required"]


def test_a_problem_is_placed_at_the_file_that_gives_its_value(overlaid: ManifestProject) -> None:
    overlaid.write_all(support="graph_id: agent\nnam: x\nconfig: {recursion_limit: 0, tags: 1}\n")
    overlaid.write("overlays/production/support.yaml", "config: {recursion_limit: -1}\ncontxt: {}\n")
    assert [problem.partition(": ")[0] for problem in overlaid.problems("production")] == [
        "assistants/support.yaml:2:1",
        "assistants/support.yaml:3:36",
        "overlays/production/support.yaml:1:27",
        "overlays/production/support.yaml:2:1",
    ]


def test_what_neither_gives_is_missing_in_the_manifest(overlaid: ManifestProject) -> None:
    overlaid.write_all(support="name: Support\n")
    overlaid.write("overlays/production/support.yaml", "# c\nname: P\n")
    assert overlaid.problems("production") == ["assistants/support.yaml:1:1: graph_id is required"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "key: suport\nname: x\n",
            ":1:6: no manifest has the key 'suport', which this overlay changes; did you mean 'support'?",
        ),
        ("key: 3\nname: x\n", ":1:6: key must be 1 to 63 characters of a-z"),
        ("key: {$file: x}\n", ":1:7: key cannot be read from a file"),
        ("- x\n", ":1:1: each overlay must be a mapping"),
        ("a: [\n", ":2:1: not valid YAML"),
        ("", ": warning: this file contains no overlay"),
        (
            "context: {p: {$file: nowhere}}\nkey: support",
            ":1:22: context.p: overlays/production/nowhere does not exist",
        ),
    ],
)
def test_a_problem_of_an_overlay_is_reported_in_it(overlaid: ManifestProject, text: str, problem: str) -> None:
    overlaid.write("overlays/production/other.yaml", text)
    (found,) = overlaid.problems("production")
    assert found.startswith("overlays/production/other.yaml" + problem)


def test_two_overlays_of_one_key_are_reported_at_both_places(overlaid: ManifestProject) -> None:
    overlaid.write("overlays/production/a.yaml", "name: x\nkey: support\n")
    overlaid.write("overlays/production/support.yaml", "name: y\n")
    assert overlaid.problems("production") == [
        (
            "overlays/production/a.yaml:2:6: the key 'support' has another overlay, "
            "at overlays/production/support.yaml:1; keep one overlay for each key"
        ),
        (
            "overlays/production/support.yaml:1:1: the key 'support' has another overlay, "
            "at overlays/production/a.yaml:2; keep one overlay for each key"
        ),
    ]


def test_a_missing_overlay_folder_is_reported_at_the_field_that_names_it(overlaid: ManifestProject) -> None:
    (overlaid.folder / "overlays/staging/.gitkeep").unlink()
    (overlaid.folder / "overlays/staging").rmdir()
    assert overlaid.problems("local") == []
    assert overlaid.problems("staging") == [
        (
            "assistant-sync.yaml:7:58: the overlay folder overlays/staging does not exist; "
            "create it (keep an empty one in git with a .gitkeep file), or remove 'overlay'"
        )
    ]


def test_an_untracked_overlay_is_reported(overlaid: ManifestProject) -> None:
    overlaid.load()
    overlaid.write("overlays/production/support.yaml", "name: x\n")
    assert "not tracked" in overlaid.problems("production", add=False)[0]


class TestWithoutTarget:
    def test_every_overlay_is_checked_and_the_default_target_s_assistants_returned(
        self, overlaid: ManifestProject
    ) -> None:
        overlaid.write("overlays/production/support.yaml", "name: P\nconfig: {recursion_limit: 0}\n")
        overlaid.write("overlays/staging/support.yaml", "name: S\ncontxt: {}\n")
        loaded = overlaid.load(None)
        assert [problem.file for problem in loaded.problems] == [
            "overlays/production/support.yaml",
            "overlays/staging/support.yaml",
        ]
        assert [desired.content.name for desired in loaded.desired] == ["Support"]

    def test_a_problem_of_the_manifest_is_reported_once(self, overlaid: ManifestProject) -> None:
        overlaid.write_all(support="graph_id: agent\nnam: x\n")
        overlaid.write("overlays/production/support.yaml", "name: P\n")
        assert len(overlaid.problems(None)) == 1

    def test_without_targets_the_manifests_alone_are_checked(self, project: ManifestProject) -> None:
        project.write("assistant-sync.yaml", "version: 1\nproject: acme\n")
        project.write_all(a="graph_id: g\n")
        assert project.one(None).key == "a"

    def test_ids_that_collide_on_one_target_only_are_reported(self, overlaid: ManifestProject) -> None:
        overlaid.write_all(other="graph_id: g\nassistant_id: 62e209ca-9154-432a-b9e9-2d75c7a9219b\n")
        overlaid.write("overlays/staging/support.yaml", "assistant_id: 62e209ca-9154-432a-b9e9-2d75c7a9219b\n")
        assert overlaid.problems("production") == []
        assert overlaid.problems(None) == overlaid.problems("staging")
        first, second = overlaid.problems(None)
        assert first.startswith("assistants/other.yaml:2:15: the assistant_id")
        assert second.startswith("overlays/staging/support.yaml:1:15: the assistant_id")


def test_an_overlay_of_a_manifest_that_cannot_be_read_is_not_reported_as_without_manifest(
    overlaid: ManifestProject,
) -> None:
    overlaid.write("overlays/production/support.yaml", "context: {m: anthropic}\n")
    overlaid.write_all(support=BASE + "name: Twice\n")
    (problem,) = overlaid.problems(target="production")
    assert "'name' is given twice" in problem


def test_of_included_texts_those_count_that_are_in_force(overlaid: ManifestProject) -> None:
    for name in ("a", "b", "c"):
        overlaid.write(f"prompts/{name}.md", name)
    texts = "{p: {$file: ../prompts/a.md}, q: {$file: ../prompts/b.md}}"
    overlaid.write_all(support=f"graph_id: agent\ncontext: {texts}\n")
    overlaid.write("overlays/production/support.yaml", "context: {p: {$file: ../../prompts/c.md}}\n")
    assert overlaid.one("local").included == {("context", "p"): "prompts/a.md", ("context", "q"): "prompts/b.md"}
    assert overlaid.one("production").included == {("context", "p"): "prompts/c.md", ("context", "q"): "prompts/b.md"}


def test_of_hundreds_of_unknown_keys_not_each_is_compared_with_all_keys(overlaid: ManifestProject) -> None:
    for number in range(300):
        overlaid.write(f"overlays/production/suport-{number}.yaml", f"key: suport{number % 10}{number // 10}\n")
    problems = overlaid.problems("production")
    assert len(problems) == 300
    assert 0 < sum("did you mean" in one for one in problems) <= 200


def test_an_overlay_of_a_renamed_manifest_is_an_error_with_its_key_of_now(overlaid: ManifestProject) -> None:
    overlaid.write_all(support=BASE + "moved_from: [old, helpdesk]\n")
    overlaid.write("overlays/production/helpdesk.yaml", "name: S\n")
    assert overlaid.problems("production") == [
        (
            "overlays/production/helpdesk.yaml:1:1: the manifest with the key 'helpdesk' has the key 'support' now; "
            "give this overlay the key 'support', too"
        )
    ]
