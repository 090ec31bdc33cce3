from __future__ import annotations

import pytest

from assistant_sync.errors import AssistantSyncError, InvalidFiles, StalePlan, Unreachable
from assistant_sync.problem import Problem, Severity
from assistant_sync.report.text.problems import error_text, plan_difference_text, problems_text
from tests.report import examples
from tests.report.golden import assert_golden, printed


def test_no_problems_are_an_empty_text() -> None:
    assert printed(problems_text([], 12)) == "Valid (12 manifests)\n"
    assert problems_text([]).plain == ""


def test_problems_look_as_agreed() -> None:
    assert_golden("problems.txt", printed(problems_text(examples.problems(), 12)))


def test_a_place_has_file_line_and_column_as_far_as_they_are_known() -> None:
    lines = problems_text(examples.problems()).plain.split("\n")

    assert [line.split(": ")[0] for line in lines[:3]] == [
        "assistant-sync.yaml",
        "assistants/support.yaml:3:9",
        "assistants/support.yaml:7:1",
    ]


@pytest.mark.parametrize(
    ("chosen", "verdict"),
    [
        (slice(2, 3), "Valid (1 manifest: 1 warning)"),
        (slice(0, 1), "Invalid (1 manifest: 1 error)"),
        (slice(0, 3), "Invalid (1 manifest: 2 errors, 1 warning)"),
    ],
)
def test_only_errors_make_files_invalid(chosen: slice, verdict: str) -> None:
    assert problems_text(examples.problems()[chosen], 1).plain.split("\n")[-1] == verdict


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("error_plain", AssistantSyncError("cancelled; nothing was written")),
        (
            "error_hint",
            Unreachable("https://acme.us.langgraph.app: no connection", hint="Check the URL and the network"),
        ),
        ("error_files", InvalidFiles(examples.problems())),
        (
            "error_stale",
            StalePlan(
                "the saved plan is stale", differences=["support: was update, now keep"], hint="Plan again\nand review"
            ),
        ),
        ("error_hostile", StalePlan(examples.HOSTILE, differences=[examples.HOSTILE], hint=examples.HOSTILE)),
    ],
)
def test_errors_look_as_agreed(name: str, error: AssistantSyncError) -> None:
    assert_golden(f"{name}.txt", printed(error_text(error)))


def test_a_verdict_on_files_that_hold_no_manifest_counts_none() -> None:
    assert problems_text(examples.problems()[:1], 0).plain.split("\n")[-1] == "Invalid (1 error)"
    assert problems_text([], 0).plain == "Valid (0 manifests)"


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ("check the target's url", "Check the target's url"),
        ("set A_KEY", "Set A_KEY"),
        ("again, later", "Again, later"),
        ("Did you mean 'a'?", "Did you mean 'a'?"),
        ("git fetch --unshallow", "git fetch --unshallow"),
        ("assistant-sync plan", "assistant-sync plan"),
        ("--prune deletes it", "--prune deletes it"),
        ("assistants/a.yaml has it", "assistants/a.yaml has it"),
        ("https://example.org", "https://example.org"),
        ("api_key_env names it", "api_key_env names it"),
        ("", ""),
    ],
)
def test_a_hint_begins_as_a_sentence_unless_it_begins_with_code(hint: str, shown: str) -> None:
    assert error_text(AssistantSyncError("a", hint=hint)).plain == f"Error: a\nHint: {shown}".rstrip()


def test_differences_between_plans_are_listed() -> None:
    assert plan_difference_text([]).plain == ""
    assert plan_difference_text(["a: gone", "b: new"]).plain == "  a: gone\n  b: new"


def test_more_than_a_few_equal_warnings_are_one_with_their_places() -> None:
    few = [Problem(f"{name}.yaml", 0, 0, "not tracked", Severity.WARNING) for name in "abc"]
    assert problems_text(few).plain.splitlines() == [f"{name}.yaml: warning: not tracked" for name in "abc"]
    many = [*few, Problem("d.yaml", 2, 3, "wrong"), Problem("e.yaml", 4, 5, "not tracked", Severity.WARNING)]
    assert problems_text(many).plain.splitlines() == [
        "warning: not tracked (4 places)", "    a.yaml", "    b.yaml", "    c.yaml", "    e.yaml:4:5",
        "d.yaml:2:3: wrong",
    ]  # fmt: skip
    more = [Problem(f"{number}.yaml", 0, 0, "not tracked", Severity.WARNING) for number in range(500)]
    lines = problems_text(more).plain.splitlines()
    assert lines[0] == "warning: not tracked (500 places)"
    assert lines[-1] == "    ... 480 more: see --format json"
    errors = [Problem(f"{number}.yaml", 0, 0, "wrong") for number in range(9)]
    assert len(problems_text(errors).plain.splitlines()) == 9, "each error has its line"
