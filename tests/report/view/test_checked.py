from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assistant_sync.model.checked import Side, Verdict
from assistant_sync.report.view.checked import Answers, case_view, check_view, held, seconds_text
from tests.report import check_examples as examples
from tests.report.check_examples import case, failed, passed, report, sample, undecided

if TYPE_CHECKING:
    from assistant_sync.model.checked import CheckReport


def test_without_cases_nothing_was_asked() -> None:
    view = check_view(report())
    assert (view.status, view.runs, view.troubles, view.passed, view.notes) == ("No case was asked.", "", (), (), ())


def test_a_plan_without_changes_is_nothing_to_check() -> None:
    assert check_view(report(unchanged=True)).status == "Nothing to check: the plan changes nothing."


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        (examples.quiet(), "2 cases: 2 passed."),
        (report(case("a", None, failed())), "1 case: 1 failed."),
        (examples.mixed(), "8 cases: 3 passed, 3 failed, 2 undecided."),
        (report(case("a", None, passed()), is_interrupted=True), "Interrupted. 1 case: 1 passed."),
        (report(is_interrupted=True), "Interrupted. No case was asked."),
    ],
)
def test_the_status_counts_what_there_is(shown: CheckReport, status: str) -> None:
    assert check_view(shown).status == status


@pytest.mark.parametrize(
    ("before", "after", "past", "has_regressed"),
    [
        (passed(), passed(), "", False),
        (None, failed(), "", False),
        (passed(), failed(), "passed before", True),
        (passed(), undecided(), "passed before", True),
        (failed(), failed(), "failed before, too", False),
        (failed(), undecided(), "failed before", False),
        (failed(), passed(), "failed before", False),
        (undecided(), undecided(), "undecided before, too", False),
        (undecided(), passed(), "undecided before", False),
    ],
)
def test_the_past_is_named_unless_it_passed_then_and_now(
    before: Side | None, after: Side, past: str, has_regressed: bool
) -> None:
    view = case_view(case("a", before, after))
    assert (view.past, view.has_regressed) == (past, has_regressed)


@pytest.mark.parametrize(
    ("before", "after", "answers"),
    [
        (passed("a"), passed("a"), Answers.SAME),
        (None, passed("a"), Answers.ALONE),
        (passed("a"), passed("b"), Answers.CHANGED),
        (None, undecided(), Answers.NONE),
        (undecided(), undecided(), Answers.NONE),
        (undecided(), passed("a"), Answers.NEW),
        (passed("a"), undecided(), Answers.GONE),
    ],
)
def test_answers_are_compared(before: Side | None, after: Side, answers: Answers) -> None:
    assert case_view(case("a", before, after)).answers is answers


def test_details_are_of_what_did_not_pass_or_has_changed() -> None:
    assert not case_view(case("a", passed("a"), passed("a"))).has_details
    assert not case_view(case("a", None, passed("a"))).has_details
    assert not case_view(case("a", failed("a"), passed("a"))).has_details
    assert case_view(case("a", passed("a"), passed("b"))).has_details
    assert case_view(case("a", passed("a"), failed("a"))).has_details
    assert case_view(case("a", None, undecided())).has_details


def test_answers_that_hold_are_counted_if_there_are_several() -> None:
    one, other = sample(), sample(verdict=Verdict.FAILED)
    assert held(passed()) == ""
    assert held(Side(Verdict.PASSED, (one, other, one))) == "2 of 3 answers hold"
    assert held(Side(Verdict.FAILED, (one, other, other))) == "1 of 3 answers holds"


def test_how_many_must_hold_is_named_if_they_do_not() -> None:
    one, other = sample(), sample(verdict=Verdict.FAILED)
    samples = (one, other, one)
    assert case_view(case("a", None, Side(Verdict.PASSED, samples), must_pass=2)).tally == "2 of 3 answers hold"
    assert case_view(case("a", None, Side(Verdict.FAILED, samples), must_pass=3)).tally == "2 of 3 answers hold, 3 must"


def test_what_did_not_pass_stands_apart() -> None:
    view = check_view(examples.mixed())
    assert [one.case.case for one in view.troubles] == ["returns", "steady", "shipping", "errs", "never ran"]
    assert [one.case.case for one in view.passed] == ["greets", "mended", "new"]


def test_notes_name_regressions_and_what_no_check_is_about() -> None:
    assert check_view(examples.mixed()).notes == (
        "the answers before come from version 3",
        "3 cases that passed before do not pass now",
        "no check is about 2 changed assistants: billing, sales",
    )


def test_of_many_unchecked_keys_the_first_are_named() -> None:
    (note,) = check_view(report(unchecked=tuple(f"k{number}" for number in range(1_025)))).notes
    assert note.startswith("no check is about 1,025 changed assistants: k0, k1, ")
    assert note.endswith("k19 and 1,005 more")


def test_a_run_that_was_not_started_took_no_time() -> None:
    assert [seconds_text(one) for one in (None, 0.0, 1.25, 1_234.5)] == ["", "0.0 s", "1.2 s", "1,234.5 s"]
