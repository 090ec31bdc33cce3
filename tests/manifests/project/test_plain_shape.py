"""What msgspec accepts as a project file, pydantic accepts with the same values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant_sync.manifests.project.models import (
    ChecksFields,
    LimitFields,
    LiteralFields,
    ProjectFields,
    TargetFields,
)
from assistant_sync.manifests.project.schema import (
    ChecksShape,
    LimitShape,
    LiteralShape,
    ProjectShape,
    TargetShape,
    check_project,
    plain_project,
)
from assistant_sync.manifests.pydantic_errors import check_model
from tests.manifests.plain_shapes import ANYTHING, any_of, attributes, fields_of, objects

if TYPE_CHECKING:
    from assistant_sync.model.values import JsonObject

LIMIT = any_of(0, 5, "10%", "10 %", "101%", -1, "5", True)
PATH = any_of("a", "a/../b", "./a", "", "/a", "a\\b", "a\0", "..")
FILE = any_of("a", "/a", "", "a\0")
NAMES = any_of(["a"], ["a-1"], ["A"], [], ["a\n"], ["é"], [1])
TARGET = objects(
    allow_http=any_of(True, False),
    auth=any_of("key", "none", "None"),
    api_key_env=any_of("KEY", "lsv2_pt_0123456789abcdef0123456789abcdef_0123456789", "a b", ""),
    headers=any_of({}, {"X-A": "b"}, {"x-api-key": "b"}, {"Host": "b"}, {"a b": "b"}, {"X-A": " b"}, {"X-A": 1}),
    headers_env=any_of({}, {"X-Api-Key": "KEY"}, {"Host": "KEY"}, {"X-A": "a b"}),
    ca_file=FILE,
    cert_file=FILE,
    key_file=FILE,
    overlay=PATH,
    formerly=NAMES,
    limits=objects(deletes=LIMIT, updates=LIMIT, own=ANYTHING) | any_of({}),
    activation=any_of("safe", "full", "never", "Safe"),
    measured_version=any_of("1.0", "", "-1", "1\n"),
    prune=any_of(True, "true"),
    schema=any_of("error", "warn", "off", False),
    schema_mode=any_of("off"),
    lock=any_of("on", "off", True, False, 0, 30, 60, 60.5, 10**6),
)
URL = any_of(
    "https://a.example", "HTTPS://A.example:443/", "http://a.example", "http://localhost:1", "ftp://a", "a", ""
)
TARGETS = st.dictionaries(
    st.sampled_from(["local", "A.b", "a b", "", "é"]),
    st.builds(lambda url, target: {"url": url, **target}, URL, TARGET) | TARGET | ANYTHING,
    max_size=2,
)
OPTIONAL = objects(
    former_projects=NAMES,
    manifests=PATH,
    archive=PATH,
    allow_literals=any_of(
        [], [{"path": "context.a", "reason": "r"}], [{"path": "a", "reason": "r"}], [{"path": "name"}]
    ),
    default_target=any_of("local"),
    checks=objects(target=any_of("a"), gate=any_of(True), max_runs=any_of(1, 0), allow_default_context=any_of(True)),
    own=ANYTHING,
)
VERSIONS, PROJECTS = any_of(1, 1, 1, 1.0, True, 2), any_of("a", "a", "a-1", "A", "a\n", "")
PROJECT_FILES = st.builds(
    lambda version, project, targets, more: {"version": version, "project": project, "targets": targets, **more},
    VERSIONS,
    PROJECTS,
    TARGETS | st.none(),
    OPTIONAL,
)
WITH_ONE_TARGET = st.builds(
    lambda target, more: {
        "version": 1,
        "project": "a",
        "targets": {"a": {"url": "https://a.example"} | target},
        **more,
    },
    TARGET,
    OPTIONAL,
)


@given(PROJECT_FILES | WITH_ONE_TARGET)
def test_what_msgspec_accepts_pydantic_accepts_with_the_same_values(value: dict[str, Any]) -> None:
    plain = plain_project(value)
    if plain is None:
        return
    project, violations = check_model(ProjectFields, value)
    assert violations == []
    assert repr(attributes(plain)) == repr(ordered_as(attributes(project), attributes(plain)))


@given(PROJECT_FILES | WITH_ONE_TARGET)
def test_what_is_refused_is_looked_at_closely(value: dict[str, Any]) -> None:
    """In these values, pydantic accepts nothing that msgspec does not: the slow way is for what is wrong."""
    if plain_project(value) is None:
        assert check_model(ProjectFields, value)[0] is None


def ordered_as(value: Any, other: Any) -> Any:
    """A value with the members of dictionaries in the order that they have in another one, to compare texts of both."""
    if isinstance(value, dict) and isinstance(other, dict) and value.keys() == other.keys():
        return {key: ordered_as(value[key], one) for key, one in other.items()}
    return value


@pytest.mark.parametrize(
    ("shape", "model"),
    [
        (ProjectShape, ProjectFields),
        (TargetShape, TargetFields),
        (LimitShape, LimitFields),
        (LiteralShape, LiteralFields),
        (ChecksShape, ChecksFields),
    ],
)
def test_the_fields_are_the_same(shape: Any, model: Any) -> None:
    assert sorted(fields_of(shape)) == sorted(model.model_fields)


def test_a_project_file_that_fits_is_read_by_msgspec() -> None:
    value: JsonObject = {"version": 1, "project": "a", "targets": {"a": {"url": "https://a.example"}}}
    assert isinstance(check_project(value)[0], ProjectShape)
