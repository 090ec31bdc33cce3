"""Edits of manifests as people write them: nothing but the edited value changes, in 230 files of many styles."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from assistant_sync.manifests.writing.edit import REMOVED, Edit, edit_text
from assistant_sync.planning.equality import same_json
from tests.depth import DEPTH
from tests.manifests.writing.corpus_files import (
    BYTE_ORDER_MARK,
    FILES,
    Spot,
    get,
    read,
    replaced,
    same,
    spots_of,
    values_of,
    without,
)

VALUES: dict[str, Any] = {
    "text": "Some other text",
    "lines": "First line.\n\nThird line: #3\n",
    "number": 4711,
    "boolean": True,
    "null": None,
    "list": ["one", {"two": 2}],
    "mapping": {"one": 1, "two": ["x"]},
}

MOST_REFORMATTED = {"set": 0, "add": 0.04, "append": 0, "remove": 0.015}
"""The share of edits that may reformat something, of those of values without anchors.

A key after a text whose last line has no line end changes ``|`` to ``|-``; a key that hides a merged one cannot go
without the merge key.
"""

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@dataclass(frozen=True)
class Try:
    """One edit, what the document is after it, and where it happens."""

    kind: str
    spot: Spot
    path: tuple[str | int, ...]
    value: Any
    expected: Any


@dataclass
class Tally:
    """The figures of all edits, and what was wrong."""

    edits: Counter[str] = field(default_factory=Counter)
    reformatted: Counter[str] = field(default_factory=Counter)
    reformatted_by_anchors: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def figures(self) -> str:
        lines = [f"{len(FILES)} files, {self.edits.total()} edits"]
        for kind, count in sorted(self.edits.items()):
            lines.append(
                f"{kind}: {count} edits, {self.reformatted[kind]} reformatted something without anchors, "
                f"{self.reformatted_by_anchors[kind]} moved anchors or the like"
            )
        return "\n".join([*lines, *self.wrong[:20]])


def tries(text: str) -> list[Try]:
    """All edits of a file."""
    values = values_of(text)
    found = []
    for spot in spots_of(text.removeprefix(BYTE_ORDER_MARK)):
        value = values[spot.document]
        old = get(value, spot.path)
        if spot.path:
            others = [new for new in VALUES.values() if not same_json(old, new)]
            found += [Try("set", spot, spot.path, new, replaced(value, spot.path, new)) for new in others]
            found.append(Try("remove", spot, spot.path, REMOVED, without(value, spot.path)))
        if spot.kind == "mapping":
            for new in ("value: new", "a\nb\n"):
                path = (*spot.path, "new_key")
                found.append(Try("add", spot, path, new, replaced(value, path, new)))
        if spot.kind == "list":
            path = (*spot.path, len(old))
            found.append(Try("append", spot, path, "item: new", replaced(value, path, "item: new")))
    return found


def unchanged(one: Try, old: str, new: str, parent: Any) -> bool:
    """Whether nothing but the edited value changed, byte by byte; both texts without a byte order mark."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    gone, come = old[start : len(old) - end], new[start : len(new) - end]
    spot = one.spot
    is_only = len(parent) <= (one.kind == "remove")
    if one.kind == "remove" and not is_only:
        return not come.strip() and _is_within(spot, old, start, len(old) - end)
    if one.kind in ("add", "append") and parent:
        return gone.strip(" ,") in come
    if is_only:
        return True  # what it is removed from, or added to, becomes another value as a whole
    before = old[: spot.after_key] if isinstance(spot.path[-1], str) else old[: spot.after_key].rstrip()
    return new.startswith(before) and new.endswith(old[_line_end(old, spot.end) :])


def _is_within(spot: Spot, old: str, start: int, end: int) -> bool:
    """Whether what is gone is the lines of a key or item, or the part of one line."""
    first = old.rfind("\n", 0, spot.key) + 1
    before = old[:first].rstrip("\r\n")
    # Equal characters on both sides leave open which of them went.
    slack = end - start
    return start >= len(before) - slack and end <= _line_end(old, spot.end) + 2 + slack


def _line_end(text: str, index: int) -> int:
    found = text.find("\n", index)
    if found < 0:
        return len(text)
    return found - (text[found - 1 : found] == "\r" and found > index)


def _common(one: str, other: str) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low


def comments(text: str) -> Counter[str]:
    """The comments of a text that stand in lines of their own."""
    return Counter(line.strip() for line in text.splitlines() if line.lstrip().startswith("#"))


def check(path_name: str, text: str, one: Try, tally: Tally) -> None:
    """Make one edit, count it, and note what is wrong."""
    spot = one.spot
    tally.edits[one.kind] += 1
    what = f"{path_name}, document {spot.document + 1}: {one.kind} {one.path} {one.value!r}"
    done = edit_text(text, spot.document, [Edit(one.path, one.value)])
    values = values_of(text)
    values[spot.document] = one.expected
    if not same(values_of(done.text), values):
        tally.wrong.append(f"{what}: other values")
    if done.text.startswith(BYTE_ORDER_MARK) != text.startswith(BYTE_ORDER_MARK):
        tally.wrong.append(f"{what}: byte order mark")
    old, new = text.removeprefix(BYTE_ORDER_MARK), done.text.removeprefix(BYTE_ORDER_MARK)
    lost = comments(old[: spot.key] + old[_line_end(old, spot.end) :]) - comments(new)
    if lost:
        tally.wrong.append(f"{what}: lost {lost}")
    if done.reformatted:
        (tally.reformatted_by_anchors if spot.is_anchored else tally.reformatted)[one.kind] += 1
    elif not unchanged(one, old, new, get(values_of(text)[spot.document], one.path[:-1])):
        tally.wrong.append(f"{what}: other bytes")
    again = one.kind in ("set", "add") or (one.kind == "remove" and isinstance(one.path[-1], str))
    if again and edit_text(done.text, spot.document, [Edit(one.path, one.value)]).text != done.text:
        tally.wrong.append(f"{what}: changes more the second time")


@each_file
def test_no_edits_leave_a_file_as_it_is(path: Any) -> None:
    text = read(path)
    done = edit_text(text, 0, [])
    assert (done.text, done.reformatted) == (text, ())


@each_file
def test_a_value_that_is_there_already_leaves_a_file_as_it_is(path: Any) -> None:
    text = read(path)
    values = values_of(text)
    for spot in spots_of(text.removeprefix(BYTE_ORDER_MARK)):
        edit = Edit(spot.path, get(values[spot.document], spot.path))
        assert edit_text(text, spot.document, [edit]).text == text


def test_the_corpus_is_large_and_no_file_repeats_another() -> None:
    texts = [read(path) for path in FILES]
    assert len(set(texts)) == len(texts) >= 200
    assert sum("\r\n" in text for text in texts) >= 10
    assert sum(text.startswith(BYTE_ORDER_MARK) for text in texts) >= 5
    assert sum(len(values_of(text)) > 1 for text in texts) >= 8
    assert sum(not text.endswith("\n") for text in texts) >= 8


def test_an_edit_changes_the_value_and_not_a_byte_more() -> None:
    tally = Tally()
    for path in FILES:
        text = read(path)
        found = tries(text)
        chosen = random.Random(path.stem).sample(found, min(DEPTH.examples, len(found)))  # noqa: S311 - a choice of edits
        for one in chosen:
            check(path.stem, text, one, tally)
    assert tally.wrong == [], tally.figures()
    for kind, most in MOST_REFORMATTED.items():
        assert tally.reformatted[kind] <= most * tally.edits[kind], tally.figures()
