"""The fields of a new manifest for content that exists, in the order in which people write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Content
    from assistant_sync.model.values import JsonObject, JsonValue


def manifest_fields(
    content: Content,
    *,
    key: str,
    stem: str | None = None,
    assistant_id: str | None = None,
    prevent_delete: bool = False,
    has_name: bool = False,
) -> JsonObject:
    """Make the fields of a manifest that wants a content.

    Args:
        content: At most one of its ``context`` and ``configurable`` is filled; the metadata is all that it will own.
        key: The assistant's key.
        stem: The name of the file without its suffix, which gives the key if the file has one document; None to
            write the key in any case.
        assistant_id: The id to name; None if it follows from the key.
        prevent_delete: Whether the assistant is protected from deletes.
        has_name: Whether to write the name even if it is the key, so that another key does not change it.

    Returns:
        Without what the defaults give.
    """
    config: dict[str, JsonValue] = dict(content.config)
    if content.configurable:
        config["configurable"] = content.configurable
    fields: dict[str, JsonValue] = {
        "key": None if stem == key else key,
        "graph_id": content.graph_id,
        "name": None if content.name == key and not has_name else content.name,
        "description": content.description or None,
        "context": content.context or None,
        "config": config or None,
        "metadata": content.metadata or None,
        "lifecycle": {"prevent_delete": True} if prevent_delete else None,
        "assistant_id": assistant_id,
    }
    return {name: value for name, value in fields.items() if value is not None}
