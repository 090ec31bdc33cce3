from __future__ import annotations

import pytest

from assistant_sync.manifests.graph_schemas.patterns import states_of


@pytest.mark.parametrize(
    ("pattern", "states"),
    [
        ("", 1),
        ("abc", 3),
        ("^a|b$", 2),
        (r"\d{4}-\d{2}", 7),
        ("[a-z]{3,10}", 10),
        (r"[\]{9}]x", 2),
        ("[^]]{3}", 3),
        ("(ab){5}c", 11),
        ("((a{10}){10}){10}", 1000),
        ("a{5}{5}", 25),
        ("a{3,}", 3),
        ("(", 1),
        (")", 1),
        ("(((a{999999999}){999999999}){9})", 10**9),
    ],
)
def test_repetitions_are_written_out(pattern: str, states: int) -> None:
    assert states_of(pattern) == states
