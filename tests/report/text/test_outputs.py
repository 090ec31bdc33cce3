from __future__ import annotations

from assistant_sync.model.frozen import replace
from assistant_sync.report.json.document import dumps
from assistant_sync.report.json.outputs import outputs_json
from assistant_sync.report.text.outputs import outputs_text
from tests.report import examples
from tests.report.golden import assert_golden, printed


def test_without_assistants_only_headings_and_addresses_are_left() -> None:
    lines = outputs_text(replace(examples.outputs(), assistants=())).plain.splitlines()
    assert lines[:2] == ["KEY  ASSISTANT_ID  GRAPH", ""]


def test_text() -> None:
    assert_golden("outputs.txt", printed(outputs_text(examples.outputs())))


def test_json() -> None:
    assert_golden("outputs.json", dumps(outputs_json(examples.outputs())) + "\n")
