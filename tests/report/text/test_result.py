from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.model.change import Action
from assistant_sync.model.outcome import Attribution, Difference, OutsideVersion, Status
from assistant_sync.report.text.result import result_text
from tests.builders import changed, make_failure, make_outcome, make_result
from tests.report import examples
from tests.report.golden import assert_golden, printed


def test_nothing_to_do_is_reported() -> None:
    assert printed(result_text(make_result())) == "Apply complete: nothing to do.\n"


@pytest.mark.parametrize("name", ["success", "partial", "raced"])
def test_results_look_as_agreed(name: str) -> None:
    assert_golden(f"result_{name}.txt", printed(result_text(getattr(examples, name)())))


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (
            make_result(make_outcome("a", Action.CREATE), make_outcome("b")),
            "Applied: 1 created, 1 updated, 0 activated, 0 deleted. Verified: the deployment matches.",
        ),
        (
            make_result(make_outcome(), differences=(Difference("support", ("name",)), Difference("b", ("name",)))),
            (
                "Applied: 0 created, 1 updated, 0 activated, 0 deleted. "
                "Verification failed: 2 assistants differ from the plan."
            ),
        ),
        (
            make_result(make_outcome(), unread="no answer"),
            "Applied: 0 created, 1 updated, 0 activated, 0 deleted. Not verified: the final read failed.",
        ),
        (
            make_result(make_outcome(), make_outcome("b", status=Status.FAILED)),
            (
                "Applied: 0 created, 1 updated, 0 activated, 0 deleted; 1 failed. "
                "Incomplete: 1 change not done; the rest matches the plan."
            ),
        ),
        (
            make_result(
                make_outcome(status=Status.NOT_ATTEMPTED),
                make_outcome("b", Action.CREATE, Status.NOT_ATTEMPTED, error=None),
            ),
            "Applied: 0 created, 0 updated, 0 activated, 0 deleted; 2 not attempted. Nothing was sent.",
        ),
        (
            make_result(make_outcome(status=Status.FAILED), make_outcome("b", status=Status.NOT_ATTEMPTED)),
            (
                "Applied: 0 created, 0 updated, 0 activated, 0 deleted; 1 failed; 1 not attempted. "
                "Incomplete: no change is known to be done."
            ),
        ),
    ],
)
def test_the_last_line_counts_and_reports_whether_it_converged(result: Any, line: str) -> None:
    assert printed(result_text(result)).splitlines()[-1] == line


def test_what_needs_attention_stands_below_what_is_done() -> None:
    result = make_result(
        make_outcome("a", status=Status.FAILED),
        make_outcome("b"),
        make_outcome("c", status=Status.NOT_ATTEMPTED, error=None),
        make_outcome("d", status=Status.UNCONFIRMED),
        make_outcome("e"),
    )

    heads = [line for line in result_text(result).plain.split("\n") if line[:2] in ("~ ", "! ")]

    assert [head.split()[1] for head in heads] == ["b", "e", "c", "d", "a"]


def test_a_failed_final_read_is_reported_with_its_cause() -> None:
    lines = result_text(make_result(make_outcome(), unread="the deployment does not answer\nat all")).plain.split("\n")

    assert lines[1:3] == ["! the final read failed: the deployment does not answer", "    | at all"]


def test_very_many_differing_fields_are_counted() -> None:
    difference = Difference("support", tuple(f"context.f{number}" for number in range(25)))

    assert (
        "context.f19, … 5 more fields (-f json shows all)"
        in result_text(make_result(make_outcome(), differences=(difference,))).plain
    )


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_named(status: Status) -> None:
    assert f" {status.value.replace('_', ' ')}" in result_text(make_result(make_outcome(status=status))).plain


def test_versions_that_are_not_known_are_left_out() -> None:
    outcomes = [
        make_outcome("a", version_after=None),
        make_outcome("b", Action.DELETE, version_before=None),
        make_outcome("c", Action.CREATE, Status.FAILED),
    ]

    assert [line for line in result_text(make_result(*outcomes)).plain.split("\n") if line[:1] in "~-!"][:3] == [
        "~ a updated",
        "- b deleted",
        "! c create failed",
    ]


def test_untrusted_text_is_inert() -> None:
    bad = examples.HOSTILE
    outside = (OutsideVersion(4, bad, (changed(("context", bad), bad, "x"),), Attribution.APPLY, bad),)
    result = make_result(
        make_outcome(bad, status=Status.FAILED, error=make_failure(bad), notes=(bad,)),
        make_outcome(bad, outside=outside, outside_versions=(4,), source=bad),
        differences=(Difference(bad, (bad,), outside=outside, source=bad),),
        unread=bad,
        warnings=(bad,),
    )

    assert_golden("result_hostile.txt", printed(result_text(result)))


def test_warnings_stand_above_the_last_line() -> None:
    lines = result_text(make_result(warnings=("no lock\nat all", "slow"))).plain.split("\n")

    assert lines[:3] == ["Warning: no lock", "    | at all", "Warning: slow"]
    assert lines[-1].startswith("Apply complete")


def test_what_others_wrote_is_cut_unless_all_is_asked_for() -> None:
    fields = tuple(changed(f"context.f{number:02}", 1, 2) for number in range(23))
    outside = tuple(OutsideVersion(number, None, fields) for number in range(4, 12))
    result = make_result(make_outcome(outside=outside, outside_versions=tuple(range(4, 40)), version_after=40))

    cut = result_text(result).plain.split("\n")
    assert cut[1:3] == [
        "    … 3 more versions (-v shows all)",
        "    Version 7 was written by somebody else in the meantime:",
    ]
    assert cut[22:24] == ["        ~ context.f19: 1 -> 2", "        … 3 more fields (-v shows all)"]
    assert cut[-3].endswith(
        "22, 23, … 16 more numbers (-f json shows all) are no longer active; the server keeps them."
    )
    assert len(cut) == 1 + 1 + 5 * 22 + 3

    whole = result_text(result, verbose=True).plain.split("\n")
    assert len(whole) == 1 + 8 * 24 + 3
    assert "        ~ context.f22: 1 -> 2" in whole


def test_versions_whose_changes_are_not_known_are_named_all_the_same() -> None:
    line = result_text(make_result(make_outcome(outside_versions=(4, 5)))).plain.split("\n")[1]

    assert line == "    Somebody else wrote versions 4, 5 in the meantime; the server keeps them."


def test_a_terminal_gets_colours() -> None:
    coloured = printed(result_text(examples.partial()), colours=True)

    assert "\x1b[1;31m! \x1b[0m\x1b[1mrouter\x1b[0m\x1b[1;31m update failed\x1b[0m" in coloured
    assert "\x1b[1;32mVerified: the deployment matches.\x1b[0m" in printed(
        result_text(examples.success()), colours=True
    )
