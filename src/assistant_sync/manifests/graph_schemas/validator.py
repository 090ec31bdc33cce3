"""Compile a JSON Schema with jsonschema-rs, which matches patterns in linear time and follows no reference outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from assistant_sync.manifests.graph_schemas.unusable import UnusableSchema
from assistant_sync.manifests.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn

    from jsonschema_rs import ValidationError

    from assistant_sync.model.values import JsonObject

_PATTERN_BYTES = 2**20


class Validator(Protocol):
    """What jsonschema-rs compiles; its drafts have classes of their own."""

    def is_valid(self, instance: Any) -> bool:  # noqa: ANN401 - its signature
        """Whether a value fits."""

    def iter_errors(self, instance: Any) -> Iterator[ValidationError]:  # noqa: ANN401 - its signature
        """All that does not fit."""


def compile_schema(schema: JsonObject) -> Validator:
    """Compile a schema; nothing outside of it is looked up, and its patterns match in linear time.

    Args:
        schema: Within the bounds (``SchemaBounds``).

    Raises:
        UnusableSchema: It does not compile.
    """
    import jsonschema_rs

    options = jsonschema_rs.RegexOptions(size_limit=_PATTERN_BYTES, dfa_size_limit=_PATTERN_BYTES)
    try:
        return jsonschema_rs.validator_for(
            dict(schema), pattern_options=options, retriever=_refuse, validate_formats=False
        )
    except ValueError as error:
        raise UnusableSchema(_reason(error)) from error


def _refuse(uri: str) -> NoReturn:
    message = f"{uri} is outside of it"
    raise ValueError(message)


def _reason(error: Exception) -> str:
    """Why a schema does not compile, without the lines that quote it."""
    first = str(error).partition("\n")[0]
    return f"it does not compile: {shown(first)}"
