from __future__ import annotations

import pytest

from assistant_sync.report.text.drift import drift_text
from tests.report import examples
from tests.report.golden import assert_golden, printed


def test_no_drift_is_one_line_below_the_header() -> None:
    assert printed(drift_text(examples.no_drift())).splitlines()[2:] == ["No drift: 12 owned assistants checked."]


@pytest.mark.parametrize("name", ["drift", "hostile_drift"])
def test_drift_looks_as_agreed(name: str) -> None:
    assert_golden(f"{name}.txt", printed(drift_text(getattr(examples, name)())))
