"""Pydantic's errors in plain sentences.

A model's field says in its ``description`` what the value must be ("an integer from 1 to 10"), so that a sentence
about it never shows the value itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from assistant_sync.manifests.flaws import Flaw, dotted, shown, suggestion

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from assistant_sync.model.values import JsonValue, Path

_Model = TypeVar("_Model", bound=BaseModel)

_MOST = 1000
"""How many errors of one value are put in words; a long list of wrong items would take its time."""

_BY_TYPE = {
    "string_type": "text",
    "int_type": "an integer",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
}


def checked(model: type[_Model], value: JsonValue) -> tuple[_Model | None, list[Flaw]]:
    """Check a value against a strict model.

    Args:
        model: Its fields are optional where null stands for absent.
        value: As it was read.

    Returns:
        The model, or None and what is wrong.
    """
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        return None, [_flaw(model, details) for details in error.errors(include_url=False)[:_MOST]]


def _flaw(model: type[BaseModel], details: ErrorDetails) -> Flaw:
    path: Path = tuple(details["loc"])
    kind = details["type"]
    if kind == "missing":
        return Flaw(path[:-1], f"{dotted(path)} is required")
    # So pydantic marks an error of a mapping's key; a field may bear that name too.
    at_key = path[-1:] == ("[key]",) and kind != "extra_forbidden"
    path = path[:-1] if at_key else path
    if kind == "value_error":
        return Flaw(path, f"{dotted(path)}: {details['ctx']['error']}", at_key)
    field, parent = _field(model, path)
    if kind == "extra_forbidden":
        name = str(path[-1])
        known = parent.model_fields if parent else ()
        place = f" in {dotted(path[:-1])}" if path[:-1] else ""
        return Flaw(path, f"unknown field {shown(name)}{place}{suggestion(name, known)}", at_key=True)
    wanted = (field.description if field else None) or _BY_TYPE.get(kind) or "something else"
    not_this = f", not {_kind(details['input'])}" if kind in _BY_TYPE or kind.startswith("int_") else ""
    return Flaw(path, f"{dotted(path) or 'the document'} must be {wanted}{not_this}")


def _field(model: type[BaseModel], path: Path) -> tuple[FieldInfo | None, type[BaseModel] | None]:
    """The field at a path, and the model that has or would have it."""
    current: type[BaseModel] | None = model
    parent: type[BaseModel] | None = model
    field: FieldInfo | None = None
    for step in path:
        parent = current
        known = parent.model_fields if parent and not (field and _is_collection(field)) else {}
        field = known.get(str(step))
        if field is not None:
            current = _inner_model(field.annotation)
    return field, parent


def _is_collection(field: FieldInfo) -> bool:
    return any(part in (dict, list) for part in _parts(field.annotation))


def _inner_model(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - an annotation may be anything
    return next((part for part in _parts(annotation) if isinstance(part, type) and issubclass(part, BaseModel)), None)


def _parts(annotation: Any) -> list[Any]:  # noqa: ANN401 - an annotation may be anything
    origin = getattr(annotation, "__origin__", None)
    return [annotation, origin, *(part for inner in get_args(annotation) for part in _parts(inner))]


def _kind(value: object) -> str:
    """What a value is, without telling it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number" if isinstance(value, int) else "a decimal number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "a mapping"
