from __future__ import annotations

from typing import Any

import pytest

from assistant_sync.model.change import Action
from assistant_sync.model.outcome import Difference, Status
from assistant_sync.report.text import result_text
from tests.builders import make_failure, make_outcome, make_result
from tests.report import examples
from tests.report.golden import assert_golden, printed


def test_nothing_to_do_is_said() -> None:
    assert printed(result_text(make_result())) == "Applied: nothing was to be done.\n"


@pytest.mark.parametrize("name", ["success", "partial"])
def test_results_look_as_agreed(name: str) -> None:
    assert_golden(f"result_{name}.txt", printed(result_text(getattr(examples, name)())))


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (
            make_result(make_outcome("a", Action.CREATE), make_outcome("b")),
            "Applied: 1 created, 1 updated, 0 activated, 0 deleted. Read back: converged.",
        ),
        (
            make_result(make_outcome(), differences=(Difference("support", ("name",)), Difference("b", ("name",)))),
            "Applied: 0 created, 1 updated, 0 activated, 0 deleted. Read back: 2 assistants differ from the plan.",
        ),
        (
            make_result(make_outcome(), unread="no answer"),
            "Applied: 0 created, 1 updated, 0 activated, 0 deleted. Read back: not made.",
        ),
        (
            make_result(make_outcome(), make_outcome("b", status=Status.FAILED)),
            (
                "Applied: 0 created, 1 updated, 0 activated, 0 deleted; 1 failed. "
                "Read back: the rest is as planned, 1 not done."
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
                "Read back: nothing is known to be done."
            ),
        ),
    ],
)
def test_the_last_line_counts_and_says_whether_it_converged(result: Any, line: str) -> None:
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


def test_a_failed_final_read_is_said_with_its_cause() -> None:
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
    result = make_result(
        make_outcome(bad, status=Status.FAILED, error=make_failure(bad), notes=(bad,)),
        differences=(Difference(bad, (bad,)),),
        unread=bad,
    )

    assert_golden("result_hostile.txt", printed(result_text(result)))


def test_a_terminal_gets_colours() -> None:
    coloured = printed(result_text(examples.partial()), colours=True)

    assert "\x1b[1;31m! \x1b[0m\x1b[1mrouter\x1b[0m\x1b[1;31m update failed\x1b[0m" in coloured
    assert "\x1b[1;32mRead back: converged.\x1b[0m" in printed(result_text(examples.success()), colours=True)
