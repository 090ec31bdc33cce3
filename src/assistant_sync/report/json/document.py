"""What all JSON documents have in common: their version, and how they are written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT_VERSION = "1.0"


def dumps(document: Mapping[str, Any]) -> str:
    """Write a document as text, without a trailing line feed.

    Everything but printable ASCII is escaped: a JSON string may hold bidirectional controls and U+009B, the one-byte
    form of ESC [, as they are, and a terminal or a diff viewer would obey them. Lone surrogates, which UTF-8 cannot
    carry, survive too.

    Raises:
        ValueError: The document holds NaN or an infinity; those of this package do not.
    """
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False)
