from __future__ import annotations

import time

import pytest

from assistant_sync.manifests.checks.patterns import LinearPattern, UnusablePattern


def test_a_pattern_is_found_anywhere_in_a_text() -> None:
    assert LinearPattern("number").is_in("the order number, please")
    assert not LinearPattern("number").is_in("the order")
    assert not LinearPattern("^number$").is_in("the order number")


def test_a_flag_holds_where_it_is_written() -> None:
    assert LinearPattern(r"(?i)order\s+number").is_in("ORDER \n number")
    assert LinearPattern("(?s)a.b").is_in("a\nb")
    assert not LinearPattern("a.b").is_in("a\nb")


def test_a_text_with_an_unpaired_surrogate_is_searched_as_well() -> None:
    assert LinearPattern("order").is_in("\ud800 order")


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("a(?=b)", "look-around"),
        ("(?<!a)b", "look-around"),
        (r"(a)\1", "backreferences are not supported"),
        ("*a", "Rust's engine: repetition operator missing expression"),
        (r"\Z", "Rust's engine: unrecognized escape sequence"),
        ("a{3000}", "more than 2,000 states"),
        (r"\w{1990}", "too large once it is compiled"),
    ],
)
def test_a_pattern_that_the_engine_does_not_read_is_refused_with_the_reason(pattern: str, words: str) -> None:
    with pytest.raises(UnusablePattern) as raised:
        LinearPattern(pattern)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_pattern_that_is_slow_elsewhere_takes_linear_time() -> None:
    begin = time.perf_counter()
    assert not LinearPattern("(a+)+$").is_in("a" * 100_000 + "b")
    assert time.perf_counter() - begin < 5
