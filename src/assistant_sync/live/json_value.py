"""Any JSON value that a deployment answers."""

from __future__ import annotations

from typing import Any

import msgspec


def read_json(data: bytes) -> Any:  # noqa: ANN401 - each caller looks for what it needs
    """Parse JSON; a number beyond doubles, which somebody may have stored, is an infinite one.

    Args:
        data: The JSON, in UTF-8.

    Raises:
        ValueError: It is no JSON, or nested too deep.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        from pydantic_core import from_json  # takes 0.03 s, and most answers need none of it

        return from_json(data, allow_inf_nan=False)
