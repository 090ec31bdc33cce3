from __future__ import annotations

import pytest

from assistant_sync.suggest import did_you_mean, plural


def test_a_known_name_that_is_near_is_asked_about() -> None:
    assert did_you_mean("suport", ["billing", "support"]) == "did you mean 'support'?"


def test_a_name_that_is_near_to_none_gets_no_question() -> None:
    assert did_you_mean("weather", ["billing", "support"]) == ""


def test_how_near_a_name_must_be_is_the_callers_choice() -> None:
    assert did_you_mean("suport", ["support"], cutoff=0.99) == ""


def test_the_caller_quotes() -> None:
    assert did_you_mean("suport", ["support"], quote="`{}`".format) == "did you mean `support`?"


@pytest.mark.parametrize(("count", "text"), [(0, "0 lines"), (1, "1 line"), (2, "2 lines"), (1200, "1,200 lines")])
def test_things_are_counted(count: int, text: str) -> None:
    assert plural(count, "line") == text


def test_among_very_many_names_the_near_one_is_still_found() -> None:
    known = [f"worker-{number:05}" for number in range(5000)]
    assert did_you_mean("worker-4711", known) == "did you mean 'worker-04711'?"
    assert did_you_mean("worker04711", known) == "did you mean 'worker-04711'?"


def test_a_name_is_held_closely_against_a_few_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    def noting(_: str, known: list[str], **__: object) -> list[str]:
        compared.append(len(known))
        return []

    monkeypatch.setattr("difflib.get_close_matches", noting)
    for count in (0, 50, 51, 10_000):
        did_you_mean("x", [f"name-{number}" for number in range(count)])
    assert compared == [0, 50, 50, 50]


def test_what_is_too_long_for_a_name_is_compared_with_nothing() -> None:
    assert did_you_mean("a" * 101, ["a" * 100]) == ""
    assert did_you_mean("a" * 100, ["a" * 101]) == ""
    assert did_you_mean("a" * 100, ["a" * 99 + "b"]) != ""
