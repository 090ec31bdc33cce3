from __future__ import annotations

import json

from assistant_sync.report.json.document import dumps
from assistant_sync.report.json.drift import drift_json
from tests.report import examples
from tests.report.golden import assert_golden


def test_no_drift_counts_nothing() -> None:
    document = drift_json(examples.no_drift())
    assert document["drifted"] == []
    assert set(document["summary"].values()) == {0}


def test_drift_looks_as_agreed() -> None:
    assert_golden("drift.json", dumps(drift_json(examples.drift())) + "\n")


def test_the_document_holds_what_the_report_says() -> None:
    document = json.loads(dumps(drift_json(examples.drift())))
    assert [one["kind"] for one in document["drifted"]].count("edited") == 2
    assert document["pending"] == ["greeter"]
