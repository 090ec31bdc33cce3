"""Two assistants of one graph with equal config: a deployment that keeps only one of them refuses the second write.

Aegra does, for each user, and a refused update leaves a version behind (docs/servers.md). So the clash is found before
anything is written. That a deployment is of this kind is read off its rows: they name their owners, and no two of one
owner agree in graph and config.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from assistant_sync.model.change import Activate, Adopt, Create, Delete, Update
from assistant_sync.model.deployment import Mirroring
from assistant_sync.planning.canonical import json_of_doubles
from assistant_sync.planning.ownership import is_system

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from assistant_sync.model.assistant import Assistant, Content, Desired
    from assistant_sync.model.change import Change, DesiredWrite
    from assistant_sync.model.values import JsonObject

_RULE = "this deployment keeps only one assistant of a graph with the same context and config"
_WAY_OUT = "make them differ, as by 'config: {tags: [...]}' with a tag of its own"


def uniqueness_violations(
    changes: Sequence[Change], rows: Sequence[Assistant], mirroring: Mirroring
) -> Mapping[str, str]:
    """The writes that such a deployment would refuse: by assistant, the reason.

    Args:
        changes: The whole plan.
        rows: Every assistant that the key may see, if the deployment names their owners; else none.
        mirroring: What the deployment was seen to do.
    """
    # The default assistants are the server's own user's, and do not count for others.
    own = [row for row in rows if not is_system(row)]
    if not any(row.user_id is not None for row in rows) or _has_equals(own):
        return {}
    writes = [change for change in changes if isinstance(change, Create | Update | Activate | Adopt)]
    moving = {change.assistant_id for change in changes if isinstance(change, Delete)}
    moving |= {change.assistant_id for change in writes}
    held = {_place(row.graph_id, row.config): row for row in own}
    wanted: dict[_Place, list[DesiredWrite]] = {}
    for change in writes:
        wanted.setdefault(_stored(change.desired.content, mirroring), []).append(change)
    found = {}
    for place, rivals in wanted.items():
        for change in rivals:
            row = held.get(place)
            other = next((one for one in rivals if one is not change), None)
            if row is not None and row.assistant_id != change.assistant_id:
                found[change.assistant_id] = _taken(row, is_moving=row.assistant_id in moving)
            elif other is not None:
                found[change.assistant_id] = f"{_RULE}, and '{other.key}' would get the same; {_WAY_OUT}"
    return found


def existing_holder(desired: Desired, rows: Iterable[Assistant], mirroring: Mirroring) -> Assistant | None:
    """Another assistant with the graph and the config that a write would have; None if there is none."""
    place = _stored(desired.content, mirroring)
    others = (row for row in rows if row.assistant_id != desired.assistant_id and not is_system(row))
    return next((row for row in others if _place(row.graph_id, row.config) == place), None)


_Place: TypeAlias = tuple[str, bytes | None]
"""A graph, and a config as canonical JSON; None if it has none."""


def _place(graph_id: str, config: JsonObject) -> _Place:
    return graph_id, json_of_doubles(config)


def _stored(content: Content, mirroring: Mirroring) -> _Place:
    """The graph and the config that the deployment makes of a body of ours."""
    copied = {} if mirroring is Mirroring.NO else content.context
    return _place(content.graph_id, {**content.config, "configurable": content.configurable or copied})


def _has_equals(rows: Sequence[Assistant]) -> bool:
    """Whether two rows of one user agree in graph and config."""
    places = [(row.user_id, *_place(row.graph_id, row.config)) for row in rows]
    return len(set(places)) < len(places)


def _taken(row: Assistant, *, is_moving: bool) -> str:
    other = f"{_RULE}, and assistant {row.assistant_id} ('{row.name}') has these"
    if is_moving:
        return f"{other}. It gives them up in this plan, but maybe too late: apply that alone first, with --only"
    return f"{other}; {_WAY_OUT}"
