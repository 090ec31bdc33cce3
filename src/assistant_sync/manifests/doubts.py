"""What may stand in a manifest, but is most likely a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant_sync.manifests.flaws import Flaw, shown, suggestion
from assistant_sync.manifests.schema import CONFIG_KEYS
from assistant_sync.redaction import credential_paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant_sync.manifests.includes import Includes
    from assistant_sync.manifests.sources import Source
    from assistant_sync.model.values import JsonValue

_NEAR = 0.8
"""Unknown keys are allowed, so only one that is nearer than this to a known one, as difflib's ratio, is doubted."""
_LONGEST_NAME = 512
_CREDENTIAL = (
    "this looks like a credential; whoever can read the repository can read it. "
    "Let the graph read it from its environment"
)


def doubts(written: Source, resolved: Source, includes: Includes) -> list[Flaw]:
    """What to warn of in a manifest or overlay.

    Args:
        written: It as it was read.
        resolved: It with the included texts in place.
        includes: Has read them.

    Returns:
        One flaw for each value or key; none tells what may be a credential.
    """
    paths = dict.fromkeys(credential_paths(written.fields))
    # A text that many manifests include is searched once.
    paths.update(dict.fromkeys(path for path, file in resolved.included.items() if includes.holds_credential(file)))
    return [
        *(Flaw(path, _CREDENTIAL) for path in paths),
        *_too_long(written.fields.get("name")),
        *_misspelt(written.fields.get("config")),
    ]


def _too_long(name: JsonValue) -> Iterator[Flaw]:
    if isinstance(name, str) and len(name) > _LONGEST_NAME:
        message = f"name has {len(name)} characters; servers on PostgreSQL take {_LONGEST_NAME} (docs/servers.md)"
        yield Flaw(("name",), message)


def _misspelt(config: JsonValue) -> Iterator[Flaw]:
    for key in config if isinstance(config, Mapping) else ():
        if near := _nearest(key):
            message = f"unknown key {shown(key)} in config goes to the server as it is{near}"
            yield Flaw(("config", key), message, at_key=True)


@lru_cache(maxsize=4096)
def _nearest(key: str) -> str:
    return "" if key in CONFIG_KEYS else suggestion(key.lower(), CONFIG_KEYS, cutoff=_NEAR)
