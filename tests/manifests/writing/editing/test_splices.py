"""Replacements of parts of a text."""

from __future__ import annotations

import pytest

from assistant_sync.manifests.writing.editing.splices import Conflict, Spans, Splices


def test_without_replacements_a_text_stays() -> None:
    assert Splices("abc").result() == "abc"


def test_replacements_are_made_in_the_order_of_the_text() -> None:
    splices = Splices("abcdef")
    splices.replace(4, 5, "E")
    splices.insert(1, "1")
    splices.insert(1, "2")
    splices.delete(2, 3)
    assert splices.result() == "a12bdEf"


def test_characters_may_be_deleted_twice() -> None:
    splices = Splices("abcdef")
    splices.delete(1, 3)
    splices.delete(2, 5)
    assert splices.result() == "af"


def test_characters_cannot_be_replaced_twice_nor_replaced_and_deleted() -> None:
    for new in ("x", ""):
        splices = Splices("abcdef")
        splices.replace(1, 3, "x")
        splices.replace(2, 5, new)
        with pytest.raises(Conflict):
            splices.result()


def test_spans_cover_what_lies_in_one_of_them() -> None:
    spans = Spans([(5, 9), (1, 3), (6, 7)])
    covered = [(start, end) for start in range(11) for end in range(start, 11) if spans.cover(start, end)]
    assert covered == [
        (a, b) for low, high in ((1, 3), (5, 9)) for a in range(low, high + 1) for b in range(a, high + 1)
    ]
    assert not Spans([]).cover(0, 0)
