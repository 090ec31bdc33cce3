"""A quick look at a manifest and its live row, which finds most pairs to be equal before anything is built of them.

It may only say "equal" where ``three_way`` would, too; whatever is unusual gets no answer, and so the whole comparison.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from assistant_sync.model.deployment import Mirroring
from assistant_sync.planning.stamp_changes import stamp_differs

if TYPE_CHECKING:
    from assistant_sync.model.assistant import Assistant, Content, Desired
    from assistant_sync.model.values import JsonObject, JsonValue
    from assistant_sync.planning.ownership import Owned

_LIKE_BOOLEANS = (0, 1)

_encode = msgspec.json.Encoder(order="sorted").encode


def surely_equal(desired: Desired, live: Owned, mirroring: Mirroring) -> bool:
    """Whether a manifest and its row are equal, and the stamp fits the manifest; a "no" says nothing.

    Args:
        desired: The manifest.
        live: The row that has its id.
        mirroring: What the deployment does.
    """
    row, content, keys = live.row, desired.content, desired.metadata_keys
    if desired.ignored or content.configurable or live.stamp.metadata_keys != keys or not row.is_whole:
        return False
    return (
        (row.graph_id, row.name, row.description) == (content.graph_id, content.name, content.description)
        and stamp_differs(desired, live.stamp) is None
        and _same_metadata(content, row, keys)
        and _same_values(content, row, mirroring)
    )


def _same_metadata(content: Content, row: Assistant, keys: tuple[str, ...]) -> bool:
    if not keys:
        return not content.metadata
    return _is_same(content.metadata, {key: row.metadata[key] for key in keys if key in row.metadata})


def _same_values(content: Content, row: Assistant, mirroring: Mirroring) -> bool:
    """Whether context and config are the desired ones, with or without a mirror as the deployment makes it."""
    rest = dict(row.config)
    mirror = rest.pop("configurable", None) or {}
    is_mirror = mirroring is not Mirroring.NO and mirror == row.context
    if not (is_mirror or (mirroring is Mirroring.NO and not mirror)):
        return False
    return _is_same(content.config, rest) and _is_same(content.context, row.context, mirror if is_mirror else None)


def _is_same(wanted: JsonObject, live: JsonObject, mirror: JsonValue = None) -> bool:
    """Whether two values are the same JSON; Python alone takes ``True`` for ``1``.

    Args:
        wanted: One of them.
        live: The other one.
        mirror: A third one, which Python finds equal to ``live``; None for none.
    """
    try:
        if wanted != live:
            return False
        if _is_exact(wanted):
            return True  # the mirror as well
        text = _encode(wanted)
        return text == _encode(live) and (mirror is None or text == _encode(mirror))
    except (TypeError, ValueError, OverflowError, RecursionError):
        return False


def _is_exact(value: JsonValue) -> bool:
    """Whether Python finds only the same JSON equal to a value: it has no booleans, and no numbers that equal one."""
    if type(value) is dict:
        for inner in value.values():  # noqa: SIM110 - a generator takes twice as long
            if type(inner) is not str and not _is_exact(inner):
                return False
        return True
    if type(value) is list:
        for inner in value:  # noqa: SIM110 - as above
            if type(inner) is not str and not _is_exact(inner):
                return False
        return True
    if type(value) is int or type(value) is float:
        return value not in _LIKE_BOOLEANS
    return type(value) is str or value is None
