from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.report.markdown.fit import SEPARATOR, Item, first_names, fitted, short_size


def _items(sizes: list[tuple[int, int]]) -> list[Item]:
    return [Item("s" * short, lambda full=full: "f" * full) for short, full in sizes]  # type: ignore[misc]  # a default


def test_nothing_needs_no_room() -> None:
    assert fitted([], 0) == ([], [], 0)


def test_all_is_shown_in_full_if_there_is_room() -> None:
    assert fitted(_items([(1, 5), (2, 6)]), 11) == (["f" * 5, "f" * 6], [], 0)


def test_what_has_no_room_in_full_is_named() -> None:
    assert fitted(_items([(1, 5), (2, 6)]), 10) == (["f" * 5], ["ss"], 0)


def test_names_have_room_before_anything_is_shown_in_full() -> None:
    assert fitted(_items([(1, 9), (1, 9)]), 8) == ([], ["s", "s"], 0)


def test_what_has_no_room_even_for_its_name_is_counted() -> None:
    assert fitted(_items([(1, 1)] * 10), 7) == ([], ["s", "s"], 8)
    assert first_names(["a", "b"], 3) == (["a"], 1)


def test_what_is_named_elsewhere_takes_no_room_here() -> None:
    assert fitted(_items([(0, 9)] * 3 + [(1, 9)]), 3) == ([], ["", "", "", "s"], 0)


def test_nothing_is_made_that_has_no_room() -> None:
    made = []

    def make() -> str:
        made.append(1)
        return "f" * 10

    fitted([Item("s", make)] * 1_000, 3_050)

    assert len(made) <= 10


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 40))), st.integers(0, 400))
def test_the_room_is_kept_and_every_item_accounted_for(sizes: list[tuple[int, int]], room: int) -> None:
    items = _items(sizes)
    fit = fitted(items, room)

    assert sum(map(len, fit.full)) + sum(len(name) + len(SEPARATOR) for name in fit.named) <= room
    assert len(fit.full) + len(fit.named) + fit.left_out == len(items)
    assert (fit.left_out == 0) == (short_size(items) <= room)
