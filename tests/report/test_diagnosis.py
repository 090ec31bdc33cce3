from __future__ import annotations

from assistant_sync.model.diagnosis import Check, Diagnosis, Inventory, Probe, Server, State
from assistant_sync.model.mirroring import Mirroring
from assistant_sync.report.diagnosis import diagnosis_json, diagnosis_text

FINE = Check("connection", State.OK, "it answers")
ODD = Check("graphs", State.WARNING, "one is missing", "deploy it")
BAD = Check("listing", State.FAILED, "it fails\nbadly", "wait", 5)


def make_diagnosis(*checks: Check) -> Diagnosis:
    return Diagnosis("acme", "production", "https://acme.example", checks)


def test_a_sound_target_is_a_line_for_each_check_and_a_verdict() -> None:
    assert diagnosis_text(make_diagnosis(FINE)).plain.splitlines() == [
        "Target production of acme",
        "",
        "ok    connection     it answers",
        "",
        "All is well.",
    ]


def test_the_way_out_stands_below_what_is_wrong() -> None:
    assert diagnosis_text(make_diagnosis(FINE, ODD)).plain.splitlines()[3:] == [
        "warn  graphs         one is missing",
        "                     deploy it",
        "",
        "It works, with 1 warning.",
    ]


def test_a_failure_is_the_verdict_and_further_lines_cannot_pass_for_checks() -> None:
    lines = diagnosis_text(make_diagnosis(ODD, BAD)).plain.splitlines()
    assert lines[4:] == [
        "FAIL  listing        it fails",
        "                     | badly",
        "                     wait",
        "",
        "Failed: listing.",
    ]


def test_control_characters_are_spelled_out() -> None:
    text = diagnosis_text(make_diagnosis(Check("server", State.OK, "\x1b[31mred\u202e"))).plain
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_json_says_null_of_what_was_not_found_out() -> None:
    document = diagnosis_json(make_diagnosis(BAD), tool_version="1.2.3")
    assert document == {
        "format_version": "1.0", "tool_version": "1.2.3", "project": "acme",
        "target": {"name": "production", "url": "https://acme.example"}, "healthy": False,
        "checks": [
            {"name": "listing", "state": "failed", "message": "it fails\nbadly", "hint": "wait", "exit_code": 5}
        ],
        "server": None, "page_size": None, "graphs": None, "assistants": None, "clock_skew_seconds": None,
        "probe": None, "activation": None,
    }  # fmt: skip


def test_json_holds_all_that_was_found_out() -> None:
    diagnosis = Diagnosis(
        "acme", "production", "https://acme.example", (FINE, ODD), Server("Aegra", "1", None), 100, ("a", "b"),
        Inventory(5, 1, 0, 2, 1, 1, "sha256:0"), 3, Probe(("name",), ("context",), (), ("config",), (), Mirroring.NO),
        "safe",
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
    }
    assert document["activation"] == "safe"
