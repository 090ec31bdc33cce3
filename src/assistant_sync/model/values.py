"""JSON values as Python holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

JsonValue: TypeAlias = "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
JsonObject: TypeAlias = Mapping[str, JsonValue]

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list indices from the top of an assistant, such as ``("context", "tools", 0)``."""
