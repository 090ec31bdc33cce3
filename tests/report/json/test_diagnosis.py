from __future__ import annotations

from assistant_sync.model.deployment import Mirroring, Server
from assistant_sync.model.diagnosis import Check, Diagnosis, Inventory, Probe, State
from assistant_sync.report.json.diagnosis import diagnosis_json

FINE = Check("connection", State.OK, "it answers")
ODD = Check("graphs", State.WARNING, "one is missing", "deploy it")
BAD = Check("listing", State.FAILED, "it fails\nbadly", "wait", 5)


def test_what_was_not_found_out_is_null() -> None:
    document = diagnosis_json(Diagnosis("acme", "production", "https://acme.example", (BAD,)), tool_version="1.2.3")
    assert document == {
        "format_version": "1.0", "tool_version": "1.2.3", "project": "acme",
        "target": {"name": "production", "url": "https://acme.example"}, "healthy": False,
        "checks": [
            {"name": "listing", "state": "failed", "message": "it fails\nbadly", "hint": "wait", "exit_code": 5}
        ],
        "server": None, "page_size": None, "graphs": None, "assistants": None, "clock_skew_seconds": None,
        "probe": None, "activation": None, "measured_version": None,
    }  # fmt: skip


def test_all_that_was_found_out_is_in_the_document() -> None:
    diagnosis = Diagnosis(
        "acme", "production", "https://acme.example", (FINE, ODD), Server("Aegra", "1", None), 100, ("a", "b"),
        Inventory(5, 1, 0, 2, 1, 1, "sha256:0"), 3,
        Probe(("name",), ("context",), (), ("config",), (), Mirroring.NO, lists_lightly=True), "safe", "0.8.1",
    )  # fmt: skip
    document = diagnosis_json(diagnosis, tool_version="1.2.3")
    assert document["healthy"] is True
    assert document["server"] == {"product": "Aegra", "version": "1", "runtime": None}
    assert (document["page_size"], document["graphs"], document["clock_skew_seconds"]) == (100, ["a", "b"], 3)
    assert document["assistants"]["unmanaged"] == 2
    assert document["probe"] == {
        "set_latest": {"restores": ["name"], "leaves": ["context"], "unmeasured": []},
        "patch_omitted": {"keeps": ["config"], "empties": []},
        "mirrors_context": False,
        "lists_lightly": True,
    }
    assert (document["activation"], document["measured_version"]) == ("safe", "0.8.1")
