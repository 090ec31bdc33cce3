"""The names that an assistant had: from which project and key its id was derived, as far as its versions show it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from assistant_sync.model.identity import derived_id
from assistant_sync.model.stamp import Stamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant_sync.model.assistant import Desired
    from assistant_sync.planning.ownership import Owned
    from assistant_sync.planning.policy import Policy

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
"""The shape of keys and of projects; a stamp that somebody edited may hold any text."""

_PLAIN = re.compile(r"[a-z][a-z0-9._-]*")
_NOT_TEXT = frozenset({"true", "false", "null"})


class Lineage(NamedTuple):
    """Where an id comes from.

    Attributes:
        project: The name of the project that it was derived from.
        keys: The key that it was derived from, and those that the assistant has had since, the oldest first.
    """

    project: str
    keys: tuple[str, ...]


def lineage(owned: Owned, projects: Iterable[str] = ()) -> Lineage | None:
    """Find where the id of an owned assistant comes from.

    Args:
        owned: The assistant, with its versions if they are known.
        projects: Names that the project has, or had, beside those in the stamps.

    Returns:
        None if it was not derived from any name that its stamps show: a manifest named it.
    """
    own = owned.row.assistant_id
    rows = sorted([*owned.versions, owned.row], key=lambda row: row.version)
    stamps = [stamp for row in rows if (stamp := Stamp.read(row.metadata)) is not None and stamp.id == own]
    keys = [key for key in dict.fromkeys(stamp.key for stamp in stamps) if _NAME.fullmatch(key)]
    names = dict.fromkeys(stamp.project for stamp in stamps if _NAME.fullmatch(stamp.project))
    for number, key in enumerate(keys):
        for project in (*names, *projects):
            if derived_id(project, key) == own:
                return Lineage(project, tuple(keys[number:]))
    return None


def manifest_line(owned: Owned, key: str, policy: Policy) -> str:
    """The line that makes a manifest the one of an owned assistant.

    Args:
        owned: The assistant, with its versions if they are known.
        key: The manifest's key, which may be another one than the assistant's.
        policy: Has the names of the project.
    """
    found = lineage(owned, policy.projects)
    former = () if found is None else tuple(one for one in found.keys if one != key)
    if found is None or not former or found.project != policy.first_project or found.keys[0] == key:
        return f"assistant_id: {owned.row.assistant_id}"
    return f"moved_from: {_yaml(former)}"


def how_to_keep(desired: Desired, holder: Owned, policy: Policy) -> str:
    """What makes a manifest the one of another owned assistant, as an imperative.

    Args:
        desired: The manifest, from which another id follows.
        holder: The assistant, with its versions.
        policy: Has the names of the project.
    """
    found = lineage(holder, policy.projects)
    if found is not None and not desired.id_is_named:
        if found.project != policy.first_project and not policy.former_projects:
            return f"put this line into the project file: former_projects: {_yaml((found.project,), is_list=True)}"
        if found.project == policy.first_project and found.keys[0] == desired.key:
            return "remove moved_from from the manifest"
    return f"put this line into the manifest: {manifest_line(holder, desired.key, policy)}"


def _yaml(names: tuple[str, ...], *, is_list: bool = False) -> str:
    """Names as YAML: one alone, or a list."""
    quoted = [name if _PLAIN.fullmatch(name) and name not in _NOT_TEXT else f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 and not is_list else f"[{', '.join(quoted)}]"
