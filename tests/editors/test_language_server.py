"""What editors show, as the real YAML language server answers; it is installed by npm, once, by its exact version."""

from __future__ import annotations

import html
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conformance.installing import CannotRun
from tests.editors import picture
from tests.editors.editor_project import (
    CHECK,
    CHECK_LINE,
    LINE,
    MANIFEST,
    OVERLAY,
    OVERLAY_LINE,
    PROJECT,
    PROJECT_LINE,
    WRONG,
    make_project,
)
from tests.editors.language_server import PINS, Diagnostic, LanguageServer
from tests.manifests.json_schema.graphs import SUPPORT
from tests.test_ci_page import seen

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.full

TOP = Path(__file__).parents[2]
IN_CI = bool(os.environ.get("CI"))
"""Each test has an environment of its own."""

PAGE = (TOP / "docs/editors.md").read_text("utf-8")
REFERENCE = (TOP / "docs/manifests.md").read_text("utf-8")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    """The language server in a project with kept schemas."""
    folder = tmp_path_factory.mktemp("project").resolve()
    make_project(folder)
    try:
        started = LanguageServer(folder)
    except CannotRun as reason:
        if IN_CI:
            raise
        pytest.skip(f"the YAML language server does not run here: {reason}")
    with started as running:
        yield running


def test_what_is_wrong_is_reported_at_its_line(server: LanguageServer) -> None:
    assert server.diagnostics(MANIFEST, WRONG) == [
        Diagnostic(5, 'Incorrect type. Expected "number".'),
        Diagnostic(6, 'Value is not accepted. Valid values: "deep", "quick".'),
        Diagnostic(7, "Property modelname is not allowed."),
        Diagnostic(9, "Value is below the minimum of 1."),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("graph_id: agent\ncontext: {depth: deep}\n", ['Missing property "system_prompt".']),
        ("grph_id: agent\n", ['Missing property "graph_id".', "Property grph_id is not allowed."]),
        (
            "graph_id: x\ncontext: {a: 1}\nconfig: {configurable: {a: 1}}\n",
            ["context and config.configurable must not both be given."],
        ),
    ],
)
def test_a_field_that_is_missing_unknown_or_one_too_many_is_reported(
    server: LanguageServer, text: str, expected: list[str]
) -> None:
    assert [one.message for one in server.diagnostics(MANIFEST, LINE + text)] == expected


@pytest.mark.parametrize("start", ["", "t", "system_prompt: a\n  "])
def test_the_keys_of_the_context_are_offered(server: LanguageServer, start: str) -> None:
    offered = server.labels(MANIFEST, f"{LINE}graph_id: agent\ncontext:\n  {start}|\n")
    wanted = {*SUPPORT["properties"]} - ({"system_prompt"} if ":" in start else set())
    assert wanted <= {*offered}


def test_the_keys_of_another_graph_are_offered_with_that_graph(server: LanguageServer) -> None:
    offered = server.labels(MANIFEST, f"{LINE}graph_id: mail agent/2\ncontext:\n  |\n")
    assert {"mode", "limits", "reply"} <= {*offered}
    assert "temperature" not in offered


def test_the_options_of_a_value_are_offered(server: LanguageServer) -> None:
    before = f"{LINE}graph_id: agent\ncontext:\n  system_prompt: a\n"
    assert server.labels(MANIFEST, f"{before}  depth: |\n") == ["deep", "quick"]
    assert {"openai/gpt-4.1", "anthropic/opus"} <= {*server.labels(MANIFEST, f"{before}  model_name: |\n")}


def test_a_text_from_a_file_is_offered_for_a_text(server: LanguageServer) -> None:
    assert "$file" in server.labels(MANIFEST, f"{LINE}graph_id: agent\ncontext:\n  system_prompt:\n    |\n")


def test_the_graphs_are_offered_and_another_is_no_error(server: LanguageServer) -> None:
    assert server.labels(MANIFEST, f"{LINE}graph_id: |\n") == ["agent", "mail agent/2", "untyped"]
    assert server.diagnostics(MANIFEST, f"{LINE}graph_id: another\ncontext: {{a: 1}}\n") == []


def test_the_fields_of_a_manifest_are_offered(server: LanguageServer) -> None:
    offered = server.labels(MANIFEST, f"{LINE}graph_id: agent\n|\n")
    assert {"name", "description", "context", "config", "metadata", "lifecycle", "moved_from"} <= {*offered}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("graph_id: agent\ncontext:\n  |depth: deep\n", "How far it goes."),
        ("graph_id: agent\ncontext:\n  |system_prompt: a\n", "keeps it in a file of its own"),
        ("graph_id: agent\ncontext:\n  |temperature: 1\n", "The platform's form offers 0 to 2."),
        ("|graph_id: agent\n", "A graph that the deployment serves"),
        ("graph_id: agent\nconfig:\n  |recursion_limit: 5\n", "an integer from 1 to 2147483647"),
    ],
)
def test_what_a_field_means_is_shown_over_it(server: LanguageServer, text: str, expected: str) -> None:
    shown = server.hover(MANIFEST, LINE + text).replace("\\", "").replace("&nbsp;", " ")
    assert expected in shown


def test_an_overlay_is_completed_and_never_reported_for_what_its_manifest_has(server: LanguageServer) -> None:
    assert {"depth", "mode"} <= {*server.labels(OVERLAY, f"{OVERLAY_LINE}context:\n  |\n")}
    assert (
        server.diagnostics(OVERLAY, f"{OVERLAY_LINE}context: {{depth: null, mode: 5}}\nmetadata: {{team: null}}\n")
        == []
    )
    assert server.diagnostics(OVERLAY, f"{OVERLAY_LINE}moved_from: a\n") != []


def test_the_project_file_is_completed_and_checked(server: LanguageServer) -> None:
    text = f"{PROJECT_LINE}version: 1\nproject: acme\ntargets:\n  local:\n    url: http://127.0.0.1:2024\n    "
    assert {"limits", "lock", "activation"} <= {*server.labels(PROJECT, f"{text}|\n")}
    assert {"safe", "full", "never"} <= {*server.labels(PROJECT, f"{text}activation: |\n")}
    found = server.diagnostics(PROJECT, f"{text}limits: {{deletes: '5'}}\n    schema: maybe\n")
    assert [one.line for one in found] == [7, 8]


def valid() -> Iterator[tuple[str, str, str]]:
    """Every valid file of this repository: its name, the path to open it as, and its text with the line."""
    for path in sorted(TOP.glob("assistants/**/*.yaml")):
        yield path.name, MANIFEST, LINE + path.read_text("utf-8").replace("---\n", f"---\n{LINE}")
    yield PROJECT, PROJECT, PROJECT_LINE + (TOP / PROJECT).read_text("utf-8")
    for path, text in re.findall(r"^```yaml file=(\S+)\n(.*?)^```$", REFERENCE, re.DOTALL | re.MULTILINE):
        # The graph of the reference has keys of its own.
        other = text.replace("graph_id: agent\n", "graph_id: another\n")
        kinds = {"overlays": (OVERLAY, OVERLAY_LINE), "assistants": (MANIFEST, LINE), "checks": (CHECK, CHECK_LINE)}
        place, line = kinds.get(path.partition("/")[0], (PROJECT, PROJECT_LINE))
        yield path, place, line + other.replace("---\n", f"---\n{line}")


VALID = list(valid())


@pytest.mark.parametrize(("name", "place", "text"), VALID, ids=[name for name, *_ in VALID])
def test_a_valid_example_has_no_diagnostic(server: LanguageServer, name: str, place: str, text: str) -> None:
    assert server.diagnostics(place, text) == [], name


QUESTION = f"{CHECK_LINE}graph: a\ncases:\n  - name: a\n    ask: b\n    expect:\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{QUESTION}      - contain: a\n", ["Property contain is not allowed."]),
        (f"{QUESTION}      - contains: 5\n", ['Incorrect type. Expected "string".']),
        (f"{QUESTION}      - contains: a\n        max_words: 5\n", ["Object has more properties than limit of 1."]),
        (f"{QUESTION}      - contains: a\n    input: {{}}\n", ["ask and input must not both be given."]),
    ],
)
def test_what_is_wrong_in_a_check_is_reported(server: LanguageServer, text: str, expected: list[str]) -> None:
    assert [one.message for one in server.diagnostics(CHECK, text)] == expected


def test_the_expectations_and_the_graphs_that_are_kept_are_offered(server: LanguageServer) -> None:
    assert {"contains", "json_schema", "judge"} <= {*server.labels(CHECK, f"{QUESTION}      - |\n")}
    assert "mail agent/2" in server.labels(CHECK, f"{CHECK_LINE}graph: |\n")


def test_the_line_holds_for_the_document_that_it_stands_in(server: LanguageServer) -> None:
    first = f"{LINE}key: a\ngraph_id: agent\ncontext: {{system_prompt: a}}\n---\n"
    second = "key: b\ngraph_id: agent\ncontext: {a: 1}\n"
    assert server.diagnostics(MANIFEST, first + second) == []
    assert {one.line for one in server.diagnostics(MANIFEST, first + LINE + second)} == {9}


def test_the_patterns_of_the_page_do_without_the_line(server: LanguageServer) -> None:
    ((_, block),) = re.findall(r"^```json settings(\n)(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    with server.with_settings(json.loads(block)):
        assert len(server.diagnostics(MANIFEST, WRONG.removeprefix(LINE))) == 4
        assert len(server.diagnostics(OVERLAY, "moved_from: a\n")) == 1
        assert len(server.diagnostics(CHECK, "graph: a\ncases: []\n")) == 1
        assert server.diagnostics("elsewhere/support.yaml", "moved_from: a\nunknown: 1\n") == []


def test_the_page_names_the_version_that_was_tested() -> None:
    (pin,) = PINS
    assert "`{}` {}".format(*pin.split("@")) in PAGE


def test_nothing_is_fetched(server: LanguageServer) -> None:
    """The server reads files alone; it asks its client for other schemes, and nothing is there to fetch from."""
    assert server.connections() == 0
    assert {method for method, _ in server.asked} <= {
        "workspace/configuration",
        "client/registerCapability",
        "window/logMessage",
        "yaml/schema/store/initialized",
    }


def test_the_picture_shows_what_the_server_answers(server: LanguageServer) -> None:
    lines = [" ".join(line.plain.split()) for line in picture.shown(server) if line.plain.strip()]
    assert [" ".join(line.split()) for line in seen(picture.PICTURE.read_text("utf-8"))] == lines


def test_the_picture_asks_nobody_for_anything() -> None:
    drawn = html.unescape(picture.PICTURE.read_text("utf-8"))
    assert set(re.findall(r"\bhttps?://[^\s\"<]+", drawn)) <= {
        "http://www.w3.org/2000/svg",
        "https://www.textualize.io",
    }
    assert not re.search(r"127\.0\.0\.1|/tmp|/home|/root|@font-face", drawn)
