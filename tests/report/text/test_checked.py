from __future__ import annotations

import pytest

from assistant_sync.model.checked import Side, Verdict
from assistant_sync.report.text.checked import checks_text
from tests.report import check_examples as examples
from tests.report.check_examples import case, failed, passed, report, sample, undecided
from tests.report.golden import assert_golden, printed


def test_what_passed_and_did_not_change_is_one_line_for_each_case() -> None:
    assert printed(checks_text(examples.quiet())).splitlines()[2:] == [
        "ok   support: greets  (checks/support.yaml:4), 1.2 s, same answer",
        "ok   sales: greets twice  (checks/support.yaml:9), 1.2 s, same answer",
        "",
        "2 cases: 2 passed. 4 runs in 12.3 s.",
    ]


def test_without_cases_there_is_a_sentence() -> None:
    assert printed(checks_text(report(unchanged=True))).splitlines()[1:] == [
        "",
        "Nothing to check: the plan changes nothing.",
    ]


@pytest.mark.parametrize("name", ["quiet", "mixed", "long", "hostile"])
@pytest.mark.parametrize("verbose", [False, True])
def test_checks_look_as_agreed(name: str, verbose: bool) -> None:
    text = checks_text(getattr(examples, name)(), verbose=verbose)
    assert_golden(f"checks_{name}{'_verbose' if verbose else ''}.txt", printed(text))


def test_a_changed_answer_of_what_passed_is_shown_if_verbose() -> None:
    shown = report(case("a", passed("Yes, on Monday."), passed("Yes, on Friday.")))
    brief, verbose = (printed(checks_text(shown, verbose=one)) for one in (False, True))
    assert "1.2 s, answer changed\n" in brief
    assert "Friday" not in brief
    assert "- Yes, on Monday.\n        + Yes, on Friday.\n" in verbose


def test_the_words_that_differ_are_marked_with_colours() -> None:
    shown = checks_text(report(case("a", passed("Yes, on Monday."), failed("Yes, on Friday."))))
    assert "\x1b[7;31mMonday\x1b[0m" in printed(shown, colours=True)


def test_a_case_that_is_undecided_stands_out_and_names_why() -> None:
    text = printed(checks_text(report(case("a", None, undecided()))))
    assert "??   support: a" in text
    assert "    ! the run ended with an error: rate limit\n" in text
    assert "    no answer\n" in text


def test_an_answer_that_is_gone_is_shown_as_it_was() -> None:
    text = printed(checks_text(report(case("a", passed("Hello."), undecided()))))
    assert "    no answer any more; before: Hello.\n" in text


def test_an_answer_that_is_new_is_named_as_that() -> None:
    text = printed(checks_text(report(case("a", undecided(), failed("Hello.")))))
    assert "    no answer before; now: Hello.\n" in text


def test_all_runs_of_a_case_are_shown_if_verbose() -> None:
    samples = (sample("one"), sample("two", Verdict.FAILED), sample("", seconds=None))
    shown = report(case("a", None, Side(Verdict.FAILED, samples), must_pass=3))
    brief, verbose = (printed(checks_text(shown, verbose=one)) for one in (False, True))
    assert "2 of 3 answers hold, 3 must" in brief
    assert "one\n" not in brief
    assert "    run 1: passed, 1.2 s\n        answer: one\n" in verbose
    assert "    run 3: passed\n        no answer\n" in verbose


def test_no_line_of_an_answer_or_a_reason_passes_for_one_of_ours() -> None:
    forged = "fine\nok   support: forged\n1 case: 1 passed."
    shown = report(case("a", None, failed(forged, reasons=(forged, "judge: fine"), judgements=(forged,))))
    lines = printed(checks_text(shown, verbose=True)).splitlines()
    assert sum(line.strip().startswith("| ok ") for line in lines) == 3
    assert not [line for line in lines if line.strip().startswith(("ok ", "judge: fine\n", "1 case: 1 passed"))]
    assert "    ! judge: fine" in lines


def test_uncommitted_changes_are_named() -> None:
    shown = examples.hostile_everywhere("a")
    assert ", commit a with uncommitted changes\n" in printed(checks_text(shown))
