"""JSON values as Python holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

JsonValue: TypeAlias = "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
JsonObject: TypeAlias = Mapping[str, JsonValue]

MAX_EXACT_INTEGER = 2**53 - 1
"""Integers up to this, plus or minus, are the same as doubles, which JSON numbers are to many programs."""

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list indices from the top of an assistant, such as ``("context", "tools", 0)``."""
