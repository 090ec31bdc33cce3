"""Plain (unquoted) scalars of YAML 1.2: which are constants or numbers, and which are text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from assistant_sync.manifests.limits import MAX_DIGITS

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONSTANTS: Mapping[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + text: float(sign + "inf") for sign in ("", "+", "-") for text in (".inf", ".Inf", ".INF")},
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
LONGEST_CONSTANT = max(map(len, _CONSTANTS))
LONGEST_SHORT = 32
NUMBER_START = frozenset("+-.0123456789")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def resolve_plain(text: str) -> bool | int | float | str | None:
    """Resolve a plain (unquoted) scalar by the core schema.

    Args:
        text: The scalar.

    Returns:
        The constant, number or text.

    Raises:
        ValueError: It is a number with thousands of digits.
    """
    if len(text) <= LONGEST_CONSTANT and text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in NUMBER_START:
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > MAX_DIGITS:
            raise ValueError("a number with thousands of digits")
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    return int(text[2:], 16) if _HEXADECIMAL.fullmatch(text) else text


resolve_short = lru_cache(maxsize=4096)(resolve_plain)
"""The same, for texts of at most ``LONGEST_SHORT`` characters, of which manifests repeat few."""
