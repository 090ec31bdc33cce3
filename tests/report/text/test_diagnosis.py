from __future__ import annotations

from assistant_sync.model.diagnosis import Check, Diagnosis, State
from assistant_sync.report.text.diagnosis import diagnosis_text

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
        "All checks passed.",
    ]


def test_the_way_out_stands_below_what_is_wrong() -> None:
    assert diagnosis_text(make_diagnosis(FINE, ODD)).plain.splitlines()[3:] == [
        "warn  graphs         one is missing",
        "                     deploy it",
        "",
        "All checks passed, with 1 warning.",
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


def test_control_characters_are_escaped() -> None:
    text = diagnosis_text(make_diagnosis(Check("server", State.OK, "\x1b[31mred\u202e"))).plain
    assert "\x1b" not in text
    assert "\u202e" not in text
