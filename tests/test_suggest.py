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
