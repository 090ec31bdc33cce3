from __future__ import annotations

from assistant_sync.model.frozen import replace
from assistant_sync.model.schema_files import FileState
from assistant_sync.report.json.document import dumps
from assistant_sync.report.json.schema_files import schema_files_json
from assistant_sync.report.text.schema_files import schema_files_text
from tests.report import examples
from tests.report.golden import assert_golden, printed


def test_text() -> None:
    assert_golden("schema_files.txt", printed(schema_files_text(examples.schema_files())))


def test_text_of_a_check() -> None:
    found = examples.schema_files(*[FileState.CHANGED] * 3, is_written=False)
    lines = schema_files_text(replace(found, unusable={})).plain.splitlines()
    assert lines[-1] == "Nothing was written: 3 files would change. Without --check, the command writes them."


def test_json() -> None:
    assert_golden("schema_files.json", dumps(schema_files_json(examples.schema_files())) + "\n")
