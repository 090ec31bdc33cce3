"""What the server reads of ``metadata.a2a``: values that break an assistant's A2A agent card, or that it ignores.

langgraph-api 0.16.7 (api/a2a.py) makes the card when it is asked for and stores any value, so that the mistake shows
only at the first client. Measured on its dev server: the card, and the extended one, are an error; a message to an
assistant whose card is broken is still answered. ``a2ui_active`` is of runs alone: what an assistant has is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant_sync.manifests.diagnostics import Violation
from assistant_sync.manifests.wording import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.model.values import JsonValue, Path

_PATH: Path = ("metadata", "a2a")
_MODES = ("input_modes", "output_modes")
_BROKEN = (
    "{path} must be {what}: with this value the server answers 400 for the assistant's A2A agent card, which clients "
    "read first (docs/servers.md). Correct it, or remove it"
)
_IGNORED = (
    "{path} must be true or false: the server ignores any other value (docs/servers.md). Correct it, or remove it"
)


def agent_card_violations(metadata: JsonValue) -> Iterator[Violation]:
    """Find what is wrong with ``metadata.a2a``.

    Args:
        metadata: The field of a manifest or an overlay; of any type, since nothing else is checked here.

    Yields:
        One violation for ``a2a`` itself or for each of its keys, at the value or the item that is wrong.
    """
    settings = metadata.get("a2a") if isinstance(metadata, Mapping) else None
    if settings is None:
        return
    if not isinstance(settings, Mapping):
        yield _broken(_PATH, "a mapping", _PATH)
        return
    for key in _MODES:
        yield from _invalid_modes(settings.get(key), (*_PATH, key))
    if not isinstance(settings.get("a2ui"), bool | None):
        path = (*_PATH, "a2ui")
        yield Violation(path, _IGNORED.format(path=dotted(path)))


def _invalid_modes(modes: JsonValue, path: Path) -> Iterator[Violation]:
    if modes is None:
        return
    what = "a list of media types such as text/plain, none of them blank"
    if not isinstance(modes, list) or not modes:
        yield _broken(path, what, path)
        return
    invalid = (index for index, mode in enumerate(modes) if not isinstance(mode, str) or not mode.strip())
    # One wrong item is enough for the server: all of them are one mistake.
    for index in list(invalid)[:1]:
        yield _broken(path, what, (*path, index))


def _broken(path: Path, what: str, place: Path) -> Violation:
    return Violation(place, _BROKEN.format(path=dotted(path), what=what))
