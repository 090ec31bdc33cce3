from __future__ import annotations

import pytest

from assistant_sync.report.json.document import dumps
from assistant_sync.report.json.pulled import pulled_json
from tests.report import examples
from tests.report.golden import assert_golden


def test_nothing_to_pull_counts_nothing() -> None:
    assert set(pulled_json(examples.nothing_pulled())["summary"].values()) == {0}


@pytest.mark.parametrize("name", ["pulled_dry_run"])
def test_a_pull_looks_as_agreed(name: str) -> None:
    assert_golden(f"{name}.json", dumps(pulled_json(getattr(examples, name)())) + "\n")


def test_only_a_dry_run_has_the_differences_of_files() -> None:
    assert [one["diff"] for one in pulled_json(examples.pulled())["files"]] == [None, None]
    assert all(one["diff"] for one in pulled_json(examples.pulled_dry_run())["files"])
