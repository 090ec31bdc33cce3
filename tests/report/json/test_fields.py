from __future__ import annotations

import json
import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from assistant_sync.report.json.document import dumps
from assistant_sync.report.json.fields import field_json
from tests.builders import changed
from tests.strategies import json_values

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject, JsonValue


def test_numbers_that_json_has_no_form_of_become_strings() -> None:
    values: list[JsonValue] = [math.nan, math.inf, -math.inf, {"x": math.nan}]

    text = dumps(field_json(changed("context.x", values, 1)))

    strict = json.loads(text, parse_constant=pytest.fail)
    assert strict["before"] == ["NaN", "Infinity", "-Infinity", {"x": "NaN"}]


def test_mappings_of_any_kind_become_objects() -> None:
    empty: JsonObject = MappingProxyType({})
    value: JsonObject = MappingProxyType({"a": (1, empty)})

    assert field_json(changed("context.x", value, 1))["before"] == {"a": [1, {}]}


@given(json_values(), json_values())
def test_values_survive(before: Any, after: Any) -> None:
    field = json.loads(dumps(field_json(changed("context.x", before, after))))

    assert (field["before"], field["after"]) == (before, after)
