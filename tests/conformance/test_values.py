"""Values at the edge of what servers keep: each comes back as it was sent, and a second plan is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.conformance_project import normal

if TYPE_CHECKING:
    from tests.conformance.conformance_project import ConformanceProject

LARGEST = 2**53 - 1


def nested(depth: int) -> Any:
    """So many mappings and lists, one in the other."""
    value: Any = "deep"
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


VALUES: dict[str, Any] = {
    "numbers": [0, 1.0, 1e3, -0.0, 0.1 + 0.2, 1e-7, 5e-324, 123456789.123456789],
    "large numbers": [9007199254740994.0, 1e18, -1e18, 1234567890123456789.0, -8.123456789012345e18],
    "largest integers": [LARGEST, -LARGEST],
    "truth beside one": [True, 1, False, 0, "true", "1", None, "null"],
    "texts": ["", " ", "no", "12:30", "2026-11-22", "2026-11-22T10:15:00Z", "1e5", "0o17", "~", "---"],
    "line ends": ["a\r\nb\r\n", "a\n\n\n", "\n", "\ta\t", "\u2028\u2029\u0085", "trailing  "],
    "all languages": [
        "ü", "u\u0308", "\u0130I\u0131i", "ß", "🚀👩\u200d👩\u200d👧", "مرحبا", "\U0010ffff", "\ufeff", "\ufffd",
        "\x01\x7f",
    ],
    "escapes": ["\\", "\\\\n", '"', "'", "</script>", "%s %(a)s {0}", "${HOME}", "{{x}}", "\\u00e9", "a\\x00"],
    "keys": {"": 1, "$": 2, "a.b": 3, "a": {"b": {"": {"$ref": "#/x"}}}, " ": 4, "é": 5, "🚀": 6, "__proto": 7},
    "key order": {"b": 1, "a": 2, "10": 3, "9": 4, "-1": 5},
    "nulls and empties": {"n": None, "l": [None, [], {}, ""], "d": {"n": None, "l": [], "d": {}, "s": ""}},
    "deep": nested(97),
    "wide": list(range(3000)),
    "long": "Be kind. 🚀\n" * 16_000,
}  # fmt: skip


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_comes_back_as_it_was_sent(kind: str, project: ConformanceProject) -> None:
    value = VALUES[kind]
    fields: dict[str, Any] = {"context": {"model": "a", "value": value}, "metadata": {"value": value}}
    own = project.manifest("support", **fields)
    assert project.repository.statuses() == {"support": "created"}
    assert project.deployment.numbers(own) == [1]
    assert project.state(own) == project.reached("support", **fields)
    fields["context"] = {"model": "b", "value": value}
    project.manifest("support", **fields)
    assert project.repository.statuses() == {"support": "updated"}
    assert project.deployment.numbers(own) == [2, 1]
    assert normal(project.deployment.get(own)["context"]["value"]) == normal(value)
    assert project.state(own) == project.reached("support", **fields)


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_in_configurable_and_in_the_rest_of_config_comes_back(kind: str, project: ConformanceProject) -> None:
    value = VALUES[kind]
    fields = {"config": {"configurable": {"value": value}, "own": {"value": value}}}
    own = project.manifest("support", **fields)
    assert project.repository.statuses() == {"support": "created"}
    assert project.state(own) == project.reached("support", **fields)
    fields["config"]["configurable"]["model"] = "b"
    project.manifest("support", **fields)
    assert project.repository.statuses() == {"support": "updated"}
    assert project.state(own) == project.reached("support", **fields)


@pytest.mark.parametrize("number", [2.0**64, 1e20, -1e19, 1e300, -1.7976931348623157e308])
def test_a_number_that_would_make_a_server_unreadable_is_refused_before_anything_is_sent(
    number: float, project: ConformanceProject
) -> None:
    """PostgreSQL makes an integer of it, which the official HTTP layer can put in no answer, listings included."""
    project.manifest("support", context={"model": "a", "value": [number]})
    assert "2^63" in project.repository.run("validate").expect(3).out
    assert project.wire.requests == []


def test_top_level_keys_may_be_odd(project: ConformanceProject) -> None:
    odd = {"": 1, "$": {"": None}, "a.b": [1], "é": True, " ": "", "constructor": "x", "__class__": 1}
    fields = {"context": odd, "metadata": {**odd, "constructor": 1}}
    own = project.manifest("support", **fields)
    project.repository.apply()
    assert project.state(own) == project.reached("support", **fields)


def test_names_and_descriptions_may_be_long_and_odd(project: ConformanceProject) -> None:
    fields = {
        "name": "Ünï 🚀 “quoted” \u0130 <b>bold</b> " + "x" * 400,
        "description": "line\r\nline\n\n" + "é" * 20_000,
        "context": {"model": "a"},
    }
    own = project.manifest("support", **fields)
    project.repository.apply()
    assert project.state(own) == project.reached("support", **fields)


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (0, False), ("1", 1), ("", None), ([], {}), ([1, 2], [2, 1]), ("é", "e\u0301")],
)
def test_values_that_differ_are_told_apart(one: Any, other: Any, project: ConformanceProject) -> None:
    project.manifest("support", context={"model": "a", "in": [one]})
    project.repository.apply()
    project.manifest("support", context={"model": "a", "in": [other]})
    assert project.repository.actions() == {"support": "update"}
    is_lost = isinstance(other, bool) and not project.can.tells_true_from_one
    result = project.repository.apply(code=9 if is_lost else 0)
    # What the server does not take over is told at its path, for as long as it differs.
    assert [difference["paths"] for difference in result["differences"]] == ([["context.in.0"]] if is_lost else [])
    assert project.repository.actions() == {"support": "update" if is_lost else "keep"}


def test_numbers_and_empties_that_mean_the_same_are_no_drift(project: ConformanceProject) -> None:
    project.manifest(
        "support",
        description="",
        context={"temperature": 1.0, "top": 1, "zero": -0.0, "big": 1e15},
        config={"tags": [], "recursion_limit": 25, "run_name": "", "max_concurrency": None},
        metadata={"gone": None, "ratio": 2.0},
    )
    project.repository.apply()
    assert project.repository.actions() == {"support": "keep"}
    project.manifest(
        "support",
        context={"temperature": 1, "top": 1.0, "zero": 0, "big": 10**15},
        config={"recursion_limit": 25},
        metadata={"ratio": 2},
    )
    assert project.repository.actions() == {"support": "keep"}
