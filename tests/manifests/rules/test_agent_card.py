"""Values of ``metadata.a2a`` for which the official server makes no agent card, or which it ignores.

The cards were asked for on the dev server of langgraph-api 0.16.7, once for each value below (docs/servers.md).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.manifests.rules.agent_card import agent_card_violations
from tests.manifests.manifest_project import OVERLAID

if TYPE_CHECKING:
    from tests.manifests.manifest_project import ManifestProject

BROKEN_MODES: list[Any] = [
    [], [""], [" "], ["\t"], ["\u00a0"], ["\x1f"], [1], [None], ["text/plain", ""], "text/plain", {}, {"a": 1}, True,
]  # fmt: skip
GOOD_MODES: list[Any] = [None, ["text/plain"], ["a", "a"], ["not a mime"], ["\u200b"], [" text/plain "]]
FIELDS = pytest.mark.parametrize("field", ["input_modes", "output_modes"])


def places(a2a: Any) -> list[tuple[str | int, ...]]:
    return [one.path for one in agent_card_violations({"a2a": a2a})]


@pytest.mark.parametrize("a2a", [None, {}, {"other": [1]}, {"a2ui": True}, {"a2ui": False}, {"a2ui": None},
                                 {"a2ui_active": "x"}, {"name": "y", "skills": [1]}])  # fmt: skip
def test_what_the_server_takes_or_does_not_read_is_no_warning(a2a: object) -> None:
    assert places(a2a) == []


@pytest.mark.parametrize("a2a", [[], "x", True, False, 1, 0, ""])
def test_what_is_no_mapping_breaks_the_card(a2a: object) -> None:
    assert places(a2a) == [("metadata", "a2a")]


@FIELDS
@pytest.mark.parametrize("modes", BROKEN_MODES, ids=repr)
def test_each_list_of_modes_that_breaks_the_card_is_one_warning(field: str, modes: object) -> None:
    ((*top, found, _),) = [(*path, None) if len(path) == 3 else path for path in places({field: modes})]
    assert (*top, found) == ("metadata", "a2a", field)


@FIELDS
@pytest.mark.parametrize("modes", GOOD_MODES, ids=repr)
def test_modes_that_the_server_takes_are_no_warning(field: str, modes: object) -> None:
    assert places({field: modes}) == []


def test_the_first_wrong_item_of_a_list_is_named_and_no_other() -> None:
    assert places({"input_modes": ["a", "", 1]}) == [("metadata", "a2a", "input_modes", 1)]


@pytest.mark.parametrize("value", ["true", 1, 0, [], {}])
def test_a_switch_that_is_no_boolean_is_a_warning_because_the_server_ignores_it(value: object) -> None:
    assert places({"a2ui": value}) == [("metadata", "a2a", "a2ui")]


@pytest.mark.parametrize("metadata", [None, "x", [], {}, {"team": "cx"}])
def test_a_manifest_without_settings_of_a2a_has_no_warning(metadata: Any) -> None:
    assert list(agent_card_violations(metadata)) == []


CARD = "with this value the server answers 400 for the assistant's A2A agent card, which clients read first"
WAY_OUT = "(docs/servers.md). Correct it, or remove it"


def test_each_warning_stands_at_its_own_line_and_the_manifest_stays_valid(project: ManifestProject) -> None:
    a2a = "  a2a:\n    input_modes: []\n    output_modes:\n      - text/plain\n      - ''\n    a2ui: 'yes'\n"
    project.write_all(a=f"graph_id: g\nmetadata:\n{a2a}")
    loaded = project.load()
    must = "must be a list of media types such as text/plain, none of them blank"
    assert [str(problem) for problem in loaded.problems] == [
        f"assistants/a.yaml:4:18: warning: metadata.a2a.input_modes {must}: {CARD} {WAY_OUT}",
        f"assistants/a.yaml:7:9: warning: metadata.a2a.output_modes {must}: {CARD} {WAY_OUT}",
        (
            "assistants/a.yaml:8:11: warning: metadata.a2a.a2ui must be true or false: the server ignores any other "
            f"value {WAY_OUT}"
        ),
    ]
    assert json.dumps(loaded.desired[0].content.metadata) == json.dumps(
        {"a2a": {"input_modes": [], "output_modes": ["text/plain", ""], "a2ui": "yes"}}
    )


def test_an_included_text_in_place_of_the_settings_is_found(project: ManifestProject) -> None:
    project.write("card.json", '{"input_modes": ["text/plain"]}')
    project.write_all(a="graph_id: g\nmetadata: {a2a: {$file: ../card.json}}\n")
    assert project.problems() == [
        f"assistants/a.yaml:2:17: warning: metadata.a2a must be a mapping: {CARD} {WAY_OUT} (in card.json)"
    ]


def test_an_overlay_is_warned_of_where_it_is_written(project: ManifestProject) -> None:
    project.write("assistant-sync.yaml", OVERLAID)
    project.write("overlays/staging/a.yaml", "metadata: {a2a: {input_modes: null}}\n")
    project.write("overlays/production/a.yaml", "metadata:\n  a2a: text/plain\n")
    project.write_all(a="graph_id: g\nmetadata: {a2a: {input_modes: [text/plain]}}\n")
    assert project.problems("staging") == []
    assert project.problems("production") == [
        f"overlays/production/a.yaml:2:8: warning: metadata.a2a must be a mapping: {CARD} {WAY_OUT}"
    ]
