"""Whether a deployment copies ``context`` into ``config.configurable`` and the other way round."""

from __future__ import annotations

from enum import Enum


class Mirroring(Enum):
    """What the deployment is seen to do (docs/servers.md)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
