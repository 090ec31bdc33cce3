from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from assistant_sync.manifests.graph_schemas.checker import ContextChecker
from assistant_sync.model.graph_schema import GraphSchema
from assistant_sync.planning.canonical import make_content

if TYPE_CHECKING:
    from collections.abc import Sequence

MODEL: dict[str, Any] = {
    "type": "object",
    "properties": {
        "model": {"type": "string"},
        "temperature": {"type": "number", "x_oap_ui_config": {"type": "slider", "min": 0, "max": 2}},
        "depth": {"enum": ["quick", "deep"], "x_oap_ui_config": {"options": [{"value": "quick"}, {"value": "deep"}]}},
        "system_prompt": {"type": "string"},
    },
    "required": ["model"],
}
OPEN: dict[str, Any] = {"type": "object"}


def content(graph: str = "agent", context: Any = None, configurable: Any = None) -> Any:
    config = {} if configurable is None else {"configurable": configurable}
    return make_content(graph_id=graph, name="", description="", context=context or {}, config=config, metadata={})


def checker(context: Any = None, configurable: Any = None, *, is_mirrored: bool = True) -> ContextChecker:
    schema = GraphSchema("agent", context, configurable, ("messages",))
    return ContextChecker({"agent": schema}, is_mirrored=is_mirrored)


def found(checked: ContextChecker, **members: Any) -> list[tuple[str, bool]]:
    """The paths of what does not fit, each with whether it is an error."""
    return [(".".join(map(str, one.path)), one.is_error) for one in checked.check(content(**members))]


def test_nothing_is_found_if_everything_fits() -> None:
    fits = {"model": "m", "temperature": 1.5, "depth": "deep", "system_prompt": "Read {{messages}} and {{ model }}."}
    assert found(checker(MODEL), context=fits) == []
    assert found(checker(MODEL), configurable=fits) == []


def test_a_graph_without_a_schema_or_one_that_declares_nothing_takes_anything() -> None:
    assert found(checker(MODEL), graph="other", context={"x": 1}) == []
    assert found(checker(), context={"x": 1}) == []
    assert found(checker(OPEN), context={"x": 1}) == []


def test_an_unknown_key_is_an_error_in_the_context_and_a_warning_in_configurable() -> None:
    assert found(checker(MODEL), context={"model": "m", "modell": "x"}) == [("context.modell", True)]
    assert found(checker(MODEL), configurable={"model": "m", "modell": "x"}) == [("config.configurable.modell", False)]
    closed = {**MODEL, "additionalProperties": False}
    assert found(checker(closed), configurable={"model": "m", "modell": "x"}) == [("config.configurable.modell", True)]


def test_configurable_has_a_schema_of_its_own_if_the_graph_declares_one() -> None:
    own = {"type": "object", "properties": {"user": {"type": "integer"}}}
    assert found(checker(MODEL, own), configurable={"user": "x"}) == [("config.configurable.user", True)]


def test_a_deployment_that_copies_nothing_needs_the_context_as_well() -> None:
    values = {"model": "m"}
    assert found(checker(MODEL, is_mirrored=False), configurable=values) == [("context.model", True)]
    assert found(checker(OPEN, is_mirrored=False), configurable=values) == []


def test_a_required_key_with_a_default_may_be_absent() -> None:
    defaulted = {**MODEL, "properties": {"model": {"type": "string", "default": "m"}}}
    assert found(checker(defaulted), context={}) == []
    assert found(checker(MODEL), context={}) == [("context.model", True)]


@pytest.mark.parametrize(
    ("context", "path", "words"),
    [
        ({"temperature": 3}, "context.temperature", "is above 2, the most that the platform's form offers"),
        ({"temperature": -1}, "context.temperature", "is below 0, the least that the platform's form offers"),
        ({"system_prompt": "Dear {{message}},"}, "context.system_prompt", "did you mean 'messages'?"),
    ],
)
def test_what_the_platforms_form_would_not_offer_is_a_warning(context: Any, path: str, words: str) -> None:
    (one,) = checker(MODEL).check(content(context={"model": "m", **context}))
    assert (".".join(map(str, one.path)), one.is_error) == (path, False)
    assert words in one.message


def test_an_option_that_the_form_does_not_offer_is_a_warning_beside_the_error() -> None:
    errors = found(checker(MODEL), context={"model": "m", "depth": "nope"})
    assert errors == [("context.depth", True), ("context.depth", False)]


def test_no_message_holds_a_value_of_the_manifest() -> None:
    secret = "sk-proj-1234567890abcdefghijkl"
    wrong = {"model": [secret], "temperature": secret, "depth": secret, "unknown": secret, "system_prompt": 1}
    messages = [one.message for one in checker(MODEL).check(content(context=wrong))]
    assert len(messages) >= 5
    assert all(secret not in message for message in messages)


def test_a_schema_that_cannot_be_used_is_named_once_and_judges_nothing() -> None:
    checked = checker({"$ref": "https://example.com/x"})
    assert [checked.check(content(context={"x": 1})) for _ in range(2)] == [(), ()]
    assert checked.unusable == {"agent": "it refers to something outside of itself"}


def test_no_more_hints_are_asked_than_it_takes_to_say_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def suggestion(name: str, _: Sequence[str]) -> str:
        asked.append(name)
        return ""

    monkeypatch.setattr("assistant_sync.manifests.graph_schemas.hints.suggestion", suggestion)
    properties: dict[str, Any] = {f"prompt{number}": {} for number in range(100)}
    schema = GraphSchema("agent", {"type": "object", "properties": properties}, None, ("question",))
    context = {key: " ".join(f"{{{{{key}x{number}}}}}" for number in range(5)) for key in properties}
    assert len(ContextChecker({"agent": schema}).check(content(context=context))) == 20
    assert len(asked) == 20


def test_thousands_of_prompts_with_thousands_of_placeholders_take_seconds_at_most() -> None:
    properties: dict[str, Any] = {f"prompt{number}": {} for number in range(3000)}
    schema = GraphSchema("agent", {"type": "object", "properties": properties}, None, ("question",))
    context = {f"prompt{number}": "{{promqt}}" for number in range(300)}
    start = time.perf_counter()
    assert len(ContextChecker({"agent": schema}).check(content(context=context))) == 20
    assert time.perf_counter() - start < 10
