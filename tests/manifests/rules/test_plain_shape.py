"""What msgspec accepts as a manifest, pydantic accepts with the same values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from assistant_sync.manifests.pydantic_errors import check_model
from assistant_sync.manifests.rules.models import ConfigFields, Lifecycle, Manifest
from assistant_sync.manifests.rules.schema import (
    ConfigShape,
    LifecycleShape,
    ManifestShape,
    check_manifest,
    plain_manifest,
)
from tests.manifests.plain_shapes import ANYTHING, any_of, attributes, fields_of, objects

CONFIG = objects(
    recursion_limit=any_of(1, 0, 25, 10**9, 25.0),
    tags=any_of(["a"], [], ["a", 1]),
    configurable=any_of({}, {"a": {"b": [1]}}, {1: 2}),
    metadata=any_of({}, {"a": None}),
    own=ANYTHING,
)
LIFECYCLE = objects(
    prevent_delete=any_of(True, False, "true"),
    ignore_changes=any_of([], ["context.a"], [["context", 0]], ["nowhere"], "context"),
    own=ANYTHING,
)
UUID = "62e209ca-9154-432a-b9e9-2d75c7a9219b"
MANIFESTS = objects(
    key=any_of("a", "a.b-c_d", "A", "a\n", "", "a" * 63, "a" * 64, "é"),
    graph_id=any_of("graph", "", "é", " "),
    name=any_of("A", ""),
    description=any_of("text\n", ""),
    context=any_of({}, {"a": {"b": 1.5}}, {"": None}, {None: 1}),
    config=CONFIG | any_of({}),
    metadata=any_of({}, {"a": [1, 2]}, []),
    assistant_id=any_of(UUID, UUID.upper(), UUID.replace("-", ""), UUID + "\n", UUID[:-1], ""),
    lifecycle=LIFECYCLE | any_of({}),
    moved_from=any_of("old", ["old", "older"], ["old", "old"], ["Old"], [], "", [1], ("old",)),
    own=ANYTHING,
)


@given(MANIFESTS)
def test_what_msgspec_accepts_pydantic_accepts_with_the_same_values(value: dict[str, Any]) -> None:
    plain = plain_manifest(value)
    if plain is None:
        return
    manifest, violations = check_model(Manifest, value)
    assert violations == []
    assert attributes(plain) == attributes(manifest)
    assert list(map(type, attributes(plain).values())) == list(map(type, attributes(manifest).values()))


@given(MANIFESTS)
def test_what_is_refused_is_looked_at_closely(value: dict[str, Any]) -> None:
    """In these values, pydantic accepts nothing that msgspec does not: the slow way is for what is wrong."""
    if plain_manifest(value) is None:
        assert check_model(Manifest, value)[0] is None


def test_the_fields_and_their_defaults_are_the_same() -> None:
    for shape, model in ((ConfigShape, ConfigFields), (LifecycleShape, Lifecycle), (ManifestShape, Manifest)):
        assert fields_of(shape) == list(model.model_fields)
    assert attributes(plain_manifest({})) == attributes(check_model(Manifest, {})[0])


@pytest.mark.parametrize("value", [{"graph_id": "g"}, {"graph_id": "g", "context": {"a": 1}, "moved_from": "old"}])
def test_a_manifest_that_fits_is_read_by_msgspec(value: dict[str, Any]) -> None:
    assert isinstance(check_manifest(value)[0], ManifestShape)
