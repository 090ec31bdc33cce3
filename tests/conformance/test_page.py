"""docs/servers.md says what was measured, of the versions that are run, and of every fact."""

from __future__ import annotations

import pytest

from assistant_sync.model.frozen import replace
from tests.conformance import page
from tests.conformance.__main__ import news
from tests.conformance.facts import FACTS, NOT_MEASURED
from tests.conformance.kinds import KINDS
from tests.conformance.page import Measured

MEASURED = page.load()
ONE = Measured("a 1 (b)", "May 2026", ["a==1"], 7, {"no runs": 2}, {"create": "200", "deleted": "`a|b`"})


def test_the_tables_are_what_was_measured() -> None:
    text = page.DOCUMENT.read_text("utf-8")
    assert page.rendered(text, MEASURED) == text


def test_every_server_was_measured_in_its_present_versions() -> None:
    assert {kind: one.pins for kind, one in MEASURED.items()} == {name: list(kind.pins) for name, kind in KINDS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_fact_was_measured(kind: str) -> None:
    assert list(MEASURED[kind].cells) == [fact.name for fact in FACTS]
    assert not [cell for cell in MEASURED[kind].cells.values() if cell.startswith(NOT_MEASURED)]
    assert MEASURED[kind].passed > 0


def test_the_names_of_facts_are_their_own() -> None:
    assert len({fact.name for fact in FACTS}) == len(FACTS)


def test_a_server_that_did_not_run_is_not_told_as_passed() -> None:
    table = page.servers({"js": ONE}).splitlines()
    assert "| JavaScript | a 1 (b) | May 2026 | 7 | 2: no runs |" in table
    assert "| Python | not run | | | |" in table
    assert page.facts({"js": ONE}).count("| 200 |") == 1


def test_cells_cannot_break_the_table() -> None:
    assert "| `a\\|b` |" in page.facts({"js": ONE})


def test_a_document_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match=r"servers\.md lacks <!-- servers -->"):
        page.rendered("# Servers\n", {})


def test_cells_that_changed_are_told() -> None:
    assert news({"js": ONE}, {"js": ONE}) == []
    assert news({}, {"js": ONE}) == []
    other = replace(ONE, cells=ONE.cells | {"create": "201"})
    assert news({"js": ONE}, {"js": other}) == ["js: create was 200, and is 201"]
