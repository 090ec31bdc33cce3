from __future__ import annotations

import pytest

from assistant_sync.report.text.pulled import pulled_text
from tests.report import examples
from tests.report.golden import assert_golden, printed


def test_nothing_to_pull_is_one_line() -> None:
    assert printed(pulled_text(examples.nothing_pulled())) == "Nothing to pull.\n"


@pytest.mark.parametrize("name", ["pulled", "pulled_dry_run", "pulled_on_branch", "hostile_pull"])
def test_a_pull_looks_as_agreed(name: str) -> None:
    assert_golden(f"{name}.txt", printed(pulled_text(getattr(examples, name)())))
