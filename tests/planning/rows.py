"""Live rows as a server stores what we write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant_sync.model.frozen import replace
from assistant_sync.model.stamp import Stamp
from assistant_sync.planning.canonical import digest, make_content
from assistant_sync.planning.ownership import Owned
from assistant_sync.planning.policy import Policy
from tests.builders import PROJECT, TARGET, URL, make_assistant, make_desired, make_stamp

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Content, Desired
    from assistant_sync.model.values import JsonObject


def stored(desired: Desired, *, version: int = 1, mirrored: bool = True, **stamp: Any) -> Assistant:
    """The row that a write of ours makes, on a server that mirrors or one that does not."""
    content = desired.content
    members: dict[str, Any] = {
        "key": desired.key,
        "assistant_id": desired.assistant_id,
        "digest": digest(content),
        "version": version,
        "write": f"write-{desired.key}-{version}",
        "metadata_keys": desired.metadata_keys,
    }
    configurable = content.configurable or (content.context if mirrored else {})
    context = content.context or (content.configurable if mirrored else {})
    return make_assistant(
        desired.key,
        assistant_id=desired.assistant_id,
        version=version,
        stamp=make_stamp(**{**members, **stamp}),
        graph_id=content.graph_id,
        name=content.name,
        description=content.description,
        context=context,
        config={**content.config, "configurable": configurable},
        metadata=content.metadata,
    )


def edited(row: Assistant, **fields: Any) -> Assistant:
    """The row after a hand edit: another version that keeps our stamp."""
    return replace(row, **{"version": row.version + 1, **fields})


def owned_row(row: Assistant) -> Owned:
    """A row that carries a stamp, as one of ours."""
    stamp = Stamp.read(row.metadata)
    assert stamp is not None
    return Owned(row, stamp=stamp)


def content(**fields: Any) -> Content:
    """Canonical content from what the API calls its fields."""
    base: dict[str, Any] = {
        "graph_id": "agent", "name": "Support", "description": "", "context": {}, "config": {}, "metadata": {}
    }  # fmt: skip
    return make_content(**base | fields)


def desired_with(context: JsonObject) -> Desired:
    """A manifest with this context, made canonical."""
    return replace(make_desired(), content=content(context=context))


def make_policy(**members: Any) -> Policy:
    return Policy(**{"project": PROJECT, "target": TARGET, "url": URL, **members})
