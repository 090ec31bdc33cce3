"""Whether a deployment mirrors ``context`` into ``config.configurable``, and what that makes of a comparison.

The official Python server and PostgreSQL runtimes copy the one into the other on each write, the JS server keeps
them apart (docs/servers.md). Runs read both, so both are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant_sync.model.assistant import Content
from assistant_sync.model.deployment import Mirroring
from assistant_sync.model.frozen import replace
from assistant_sync.model.stamp import Stamp
from assistant_sync.planning.canonical import digest, live_content
from assistant_sync.planning.equality import same_content, same_json
from assistant_sync.planning.own_version import own_version, own_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assistant_sync.model.assistant import Assistant
    from assistant_sync.model.values import JsonObject
    from assistant_sync.planning.ownership import Owned


def detect_mirroring(owned: Iterable[Owned]) -> Mirroring:
    """Read it off the owned rows whose last write is ours and that have a context or a configurable.

    A write of ours never sends both, so a row that has both equal was mirrored by the server. A row that has one of
    them only proves less: a server that restores a part of a version makes such rows, too. It counts if no row was
    mirrored.

    Args:
        owned: In stable order.
    """
    found = Mirroring.UNKNOWN
    for one in owned:
        # A row at another number than the stamp expected was moved by somebody else: it proves nothing.
        if one.stamp.version == one.row.version:
            shown = _shown_by(one.row, one.stamp)
            if shown is Mirroring.YES:
                return shown
            found = found if shown is Mirroring.UNKNOWN else shown
    return found


def rows_to_ask(owned: Iterable[Owned]) -> tuple[str, ...]:
    """The ids of rows whose versions show what the rows do not: they have one of the two fields only.

    Either the server does not mirror, or somebody took the mirror away, as an update of ``config`` alone does.

    Args:
        owned: In stable order.
    """
    return tuple(
        one.row.assistant_id
        for one in owned
        if one.stamp.write is not None and bool(one.row.context) != bool(one.row.config.get("configurable"))
    )


def shown_by_versions(owned: Owned, versions: Sequence[Assistant]) -> Mirroring:
    """Read it off the version that our last write made, before anybody wrote over it."""
    write = owned.stamp.write
    own = None if write is None else own_version(versions, write)
    return Mirroring.UNKNOWN if own is None else _shown_by(own, Stamp.read(own.metadata))


def mirroring_of(owned: Owned) -> Mirroring:
    """What a deployment does, so far as one assistant and the versions that writes of ours made show, the last first.

    Args:
        owned: With its versions.
    """
    found = detect_mirroring([owned])
    if found is not Mirroring.UNKNOWN:
        return found
    ours = own_versions(owned.versions)
    for row in sorted(ours.values(), key=lambda row: row.version, reverse=True):
        shown = _shown_by(row, Stamp.read(row.metadata))
        if shown is not Mirroring.UNKNOWN:
            return shown
    return Mirroring.UNKNOWN


def _shown_by(row: Assistant, stamp: Stamp | None) -> Mirroring:
    """What a row shows whose last write is the stamp's."""
    if stamp is None or stamp.digest is None:
        return Mirroring.UNKNOWN
    content = live_content(row, stamp.metadata_keys)
    if not (content.context or content.configurable):
        return Mirroring.UNKNOWN
    forms = one_sided(content)
    if stamp.digest not in map(digest, forms):
        return Mirroring.UNKNOWN
    return Mirroring.NO if content in forms else Mirroring.YES


def align(desired: Content, live: Content, mirroring: Mirroring) -> tuple[Content, Content]:
    """Make a desired content and a live one comparable.

    Args:
        desired: As the manifest has it: at most one of ``context`` and ``configurable`` is filled.
        live: Both as they stand.
        mirroring: What the deployment does.

    Returns:
        The two contents, desired first, equal if and only if no write is needed; a mirror that equals its
        original is left out of both, so that a change is shown once.
    """
    in_configurable = bool(desired.configurable)
    wanted = desired.configurable if in_configurable else desired.context
    original, mirror = (live.configurable, live.context) if in_configurable else (live.context, live.configurable)
    if mirroring is not Mirroring.NO and same_json(original, mirror):
        live = _with_fields(live, original if not in_configurable else {}, original if in_configurable else {})
    elif mirroring is Mirroring.YES or (mirroring is Mirroring.UNKNOWN and mirror):
        desired = _with_fields(desired, wanted, wanted)
    return desired, live


def _with_fields(content: Content, context: JsonObject, configurable: JsonObject) -> Content:
    """A content with other values of the two fields; for each assistant: ``replace`` takes thrice as long."""
    name, description, config, metadata = content.name, content.description, content.config, content.metadata
    return Content(content.graph_id, name, description, context, config, configurable, metadata)


def is_equal(desired: Content, live: Content, mirroring: Mirroring) -> bool:
    """Whether the live content is the desired one."""
    return same_content(*align(desired, live, mirroring))


def without_mirror(live: Content, mirroring: Mirroring) -> Content:
    """The content as a manifest would have it, if the server made ``configurable`` itself."""
    mirrored = mirroring is not Mirroring.NO and same_json(live.context, live.configurable)
    return replace(live, configurable={}) if mirrored else live


def one_sided(content: Content) -> list[Content]:
    """The contents with one of the two fields empty that a server may have made this one from."""
    if content.context and content.configurable:
        if not same_json(content.context, content.configurable):
            return []
        return [replace(content, configurable={}), replace(content, context={})]
    return [content]
