from __future__ import annotations

from dataclasses import replace

from assistant_sync.model.editor_schemas import FileState
from assistant_sync.report.json.document import dumps
from assistant_sync.report.json.editor_schemas import editor_schemas_json
from assistant_sync.report.text.editor_schemas import editor_schemas_text
from tests.report import examples
from tests.report.golden import assert_golden, printed


def test_text() -> None:
    assert_golden("editor_schemas.txt", printed(editor_schemas_text(examples.editor_schemas())))


def test_text_of_a_check() -> None:
    found = examples.editor_schemas(*[FileState.CHANGED] * 3, is_written=False)
    lines = editor_schemas_text(replace(found, unusable={})).plain.splitlines()
    assert lines[-1] == "Nothing was written: 3 files would change. 'assistant-sync schema' writes them."


def test_json() -> None:
    assert_golden("editor_schemas.json", dumps(editor_schemas_json(examples.editor_schemas())) + "\n")
