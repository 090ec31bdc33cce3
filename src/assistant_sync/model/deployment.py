"""What a deployment is and does: its server, whether it mirrors, and how long it may take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

VERSION_PATTERN = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,79}")
"""A server's version that a project file may record."""


class Mirroring(Enum):
    """Whether ``context`` and ``config.configurable`` are copied into each other (docs/servers.md)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Server:
    """What a deployment reports of itself.

    Attributes:
        product: What it is, for people.
        version: Its version; None if it names none.
        runtime: What runs the graphs, such as ``langgraph 1.2.22``; None if it does not report it.
    """

    product: str
    version: str | None
    runtime: str | None = None
