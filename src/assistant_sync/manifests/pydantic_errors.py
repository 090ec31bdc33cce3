"""Pydantic's errors as plain sentences.

The ``description`` of a model's field is what the value must be ("an integer from 1 to 10"), so that a sentence about
it never shows the value itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from assistant_sync.manifests.diagnostics import Violation
from assistant_sync.manifests.limits import MAX_ERRORS_OF_ONE_VALUE
from assistant_sync.manifests.wording import dotted, shown, suggestion

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from assistant_sync.model.values import JsonValue, Path

_Model = TypeVar("_Model", bound=BaseModel)

_NEARLY_THE_SAME = 0.9
"""As difflib's ratio: a letter more or less in a name of this level."""

_BY_TYPE = {
    "string_type": "text",
    "int_type": "an integer",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
}


def check_model(model: type[_Model], value: JsonValue) -> tuple[_Model | None, list[Violation]]:
    """Check a value against a strict model.

    Args:
        model: A field for which null means absent is optional.
        value: The value as it was read.

    Returns:
        The model, or None and what is wrong.
    """
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        return None, [
            _violation(model, details) for details in error.errors(include_url=False)[:MAX_ERRORS_OF_ONE_VALUE]
        ]


def _violation(model: type[BaseModel], details: ErrorDetails) -> Violation:
    path: Path = tuple(details["loc"])
    kind = details["type"]
    if kind == "missing":
        return Violation(path[:-1], f"{dotted(path)} is required")
    # Pydantic marks an error of a mapping's key so; a field may have that name too.
    at_key = path[-1:] == ("[key]",) and kind != "extra_forbidden"
    path = path[:-1] if at_key else path
    if kind == "value_error":
        return Violation(path, f"{dotted(path)}: {details['ctx']['error']}", at_key)
    field, parent = _field(model, path)
    if kind == "extra_forbidden":
        name = str(path[-1])
        place = f" in {dotted(path[:-1])}" if path[:-1] else ""
        way_out = _way_out(name, parent)
        return Violation(path, f"unknown field {shown(name)}{place}{way_out}", at_key=True)
    wanted = (field.description if field else None) or _BY_TYPE.get(kind) or "another value"
    not_this = f", not {_kind(details['input'])}" if kind in _BY_TYPE or kind.startswith("int_") else ""
    return Violation(path, f"{dotted(path) or 'the document'} must be {wanted}{not_this}")


def _way_out(name: str, parent: type[BaseModel] | None) -> str:
    """The end of a sentence about an unknown field: where it belongs, the nearest known one, or nothing."""
    fields = _fields_of(parent)
    if near := suggestion(name, fields, cutoff=_NEARLY_THE_SAME):  # 'target' is 'targets', not 'checks.target'
        return near
    for inner, field in fields.items():
        model = None if _is_collection(field) else _inner_model(field.annotation)
        if model is not None and name in _fields_of(model):
            return f"; did you mean {shown(f'{inner}.{name}')}?"
    return suggestion(name, fields)


def _field(model: type[BaseModel], path: Path) -> tuple[FieldInfo | None, type[BaseModel] | None]:
    """The field at a path, and the model that has or would have it."""
    current: type[BaseModel] | None = model
    parent: type[BaseModel] | None = model
    field: FieldInfo | None = None
    for step in path:
        parent = current
        known = {} if field and _is_collection(field) else _fields_of(parent)
        field = known.get(str(step))
        if field is not None:
            current = _inner_model(field.annotation)
    return field, parent


def _fields_of(model: type[BaseModel] | None) -> dict[str, FieldInfo]:
    """The fields of a model by the names that files have for them."""
    return {one.alias or name: one for name, one in (model.model_fields if model else {}).items()}


def _is_collection(field: FieldInfo) -> bool:
    return any(part in (dict, list) for part in _parts(field.annotation))


def _inner_model(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - an annotation may be anything
    return next((part for part in _parts(annotation) if isinstance(part, type) and issubclass(part, BaseModel)), None)


def _parts(annotation: Any) -> list[Any]:  # noqa: ANN401 - an annotation may be anything
    origin = getattr(annotation, "__origin__", None)
    return [annotation, origin, *(part for inner in get_args(annotation) for part in _parts(inner))]


def _kind(value: object) -> str:
    """The kind of a value, for a sentence that must not show the value itself."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "a number"
        case float():
            return "a decimal number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"
