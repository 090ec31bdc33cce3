"""The ids as source code, which the languages themselves read."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from assistant_sync.errors import AssistantSyncError
from assistant_sync.model.frozen import replace
from assistant_sync.report.languages import LANGUAGES, as_dotenv, as_json, as_python, as_typescript
from tests.builders import make_id
from tests.report import examples
from tests.report.golden import assert_golden, printed

HOSTILE = 'x"\n"""; import os\u2028*/ \u202e'


def executed(text: str) -> dict[str, Any]:
    """The names that a Python module has."""
    names: dict[str, Any] = {}
    exec(compile(text, "assistants.py", "exec"), names)  # noqa: S102 - our own output, in a test
    return names


def test_without_assistants_each_language_is_well_formed() -> None:
    nothing = replace(examples.outputs(), assistants=())
    assert as_json(nothing) == {}
    assert len(as_dotenv(nothing).plain.splitlines()) == 1
    assert executed(as_python(nothing).plain)["ASSISTANTS"] == {}
    assert "export const assistants = {\n} as const;" in as_typescript(nothing).plain


@pytest.mark.parametrize("language", ["dotenv", "python", "typescript"])
def test_source_code(language: str) -> None:
    text = LANGUAGES[language](examples.outputs())
    assert not isinstance(text, dict)
    assert_golden(f"outputs.{language}", printed(text))


def test_python_reads_what_is_written() -> None:
    names = executed(as_python(examples.outputs("a", "b.c-d_e", "9x")).plain)
    assert names["ASSISTANTS"] == {key: make_id(key) for key in ("a", "b.c-d_e", "9x")}
    assert names["B_C_D_E_ASSISTANT_ID"] == make_id("b.c-d_e")
    assert names["_9X_ASSISTANT_ID"] == make_id("9x")


def test_a_target_of_any_name_stays_in_its_comment() -> None:
    written = examples.outputs(target=HOSTILE)
    module = ast.parse(as_python(written).plain)
    assert {type(node) for node in module.body} == {ast.ImportFrom, ast.Assign, ast.AnnAssign}
    for render in (as_dotenv, as_python, as_typescript):
        first, second = render(written).plain.split("\n")[:2]
        assert first.isascii()
        assert first.startswith(("# Made", "// Made"))
        assert "import" not in second


@pytest.mark.parametrize("render", [as_dotenv, as_python])
def test_keys_that_become_one_name_are_refused_and_both_named(render: Any) -> None:
    with pytest.raises(AssistantSyncError, match=r"'a-b' and 'a\.b' would both become the variable A_B_ASSISTANT_ID"):
        render(examples.outputs("a-b", "a.b"))
    assert set(as_json(examples.outputs("a-b", "a.b"))) == {"a-b", "a.b"}
