"""What a schema says of a value beside its shape: options and ranges of the platform's UI, and prompts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, TypeAlias

from assistant_sync.manifests.graph_schemas.messages import one_of
from assistant_sync.manifests.wording import shown, suggestion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from assistant_sync.model.values import JsonObject, JsonValue, Path

Hint: TypeAlias = "Callable[[JsonObject], Sequence[tuple[Path, str]]]"
"""From a context to the paths in it that deserve a warning, each with its message's end."""

_UI = "x_oap_ui_config"
_PLACEHOLDER = re.compile(r"\{\{[ \t]{0,8}([A-Za-z_][A-Za-z0-9_.]{0,80})[ \t]{0,8}\}\}")
_MOST_PLACEHOLDERS = 5
_MOST_OPTIONS = 1000
"""Options, and choices of one value, that are compared with each other."""


def hints_of(properties: Mapping[str, JsonObject], variables: Collection[str]) -> tuple[Hint, ...]:
    """The checks that a schema's keys ask for.

    Args:
        properties: The schema of each key.
        variables: The fields of the graph's input and state; empty if they are not known.
    """
    found: list[Hint] = []
    known = frozenset((*variables, *properties))
    for key, schema in properties.items():
        ui = schema.get(_UI)
        if isinstance(ui, Mapping):
            found += _of_ui(key, ui)
        if variables and is_prompt(key, schema):
            found.append(partial(_left_over, key, known))
    return tuple(found)


def is_prompt(key: str, schema: JsonObject) -> bool:
    """Whether a key holds a prompt: the graph says so, or its name does."""
    return schema.get("langgraph_type") == "prompt" or "prompt" in key.lower()


def _of_ui(key: str, ui: JsonObject) -> Iterator[Hint]:
    options = ui.get("options")
    if isinstance(options, list) and 0 < len(options) <= _MOST_OPTIONS:
        values = [one.get("value") if isinstance(one, Mapping) else one for one in options]
        yield partial(_options, key, values)
    low, high = _number(ui.get("min")), _number(ui.get("max"))
    if low is not None or high is not None:
        yield partial(_range, key, low, high)


def _number(value: JsonValue) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _options(key: str, values: list[JsonValue], context: JsonObject) -> Sequence[tuple[Path, str]]:
    chosen = context.get(key)
    if chosen is None:
        return ()
    if any(one not in values for one in (chosen[:_MOST_OPTIONS] if isinstance(chosen, list) else [chosen])):
        return [((key,), f"is none of the options that the platform's form offers: {one_of(values)} ({_UI})")]
    return ()


def _range(key: str, low: float | None, high: float | None, context: JsonObject) -> Sequence[tuple[Path, str]]:
    value = _number(context.get(key))
    if value is None:
        return ()
    if low is not None and value < low:
        return [((key,), f"is below {low}, the least that the platform's form offers ({_UI})")]
    if high is not None and value > high:
        return [((key,), f"is above {high}, the most that the platform's form offers ({_UI})")]
    return ()


def _left_over(key: str, known: frozenset[str], context: JsonObject) -> Sequence[tuple[Path, str]]:
    text = context.get(key)
    if not (isinstance(text, str) and "{" in text and "{{" in text):
        return ()
    unknown = [name for name in _placeholders(text) if name.partition(".")[0] not in known]
    return [((key,), _unknown_placeholder(name, known)) for name in unknown]


def _unknown_placeholder(name: str, known: frozenset[str]) -> str:
    place = f"the graph's input, state or context{suggestion(name, sorted(known))}"
    return f"has the placeholder {shown('{{' + name + '}}')}, which is no field of {place}"


@lru_cache(maxsize=1024)
def _placeholders(text: str) -> tuple[str, ...]:
    names: Iterable[str] = (found[1] for found in _PLACEHOLDER.finditer(text))
    return tuple(dict.fromkeys(names))[:_MOST_PLACEHOLDERS]
